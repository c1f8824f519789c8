//! Validity of certificates.

use std::time::SystemTime;

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_cert::{Certificate, der::Decode as _};

/// End of the validity of the last certificate that expires; `None` if one cannot be read, or there is none. During a renewal, the text
/// contains the present and the next certificate authority.
pub fn end_of_validity(pem: &str) -> Option<SystemTime> {
    let ends = CertificateDer::pem_slice_iter(pem.as_bytes()).map(|der| {
        let certificate = Certificate::from_der(&der.ok()?).ok()?;
        Some(certificate.tbs_certificate.validity.not_after.to_system_time())
    });
    ends.collect::<Option<Vec<_>>>()?.into_iter().max()
}
