//! TLS to Postgres: trusted authorities, and verification of the server.

use std::{fmt, fs, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

/// Amazon's certificate authorities for RDS and Aurora; the file names its source.
const RDS_CA: &str = include_str!("rds-ca.pem");

/// Certificate authorities.
#[derive(Clone)]
pub(crate) struct Authorities(RootCertStore);

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

/// Verification of the server's certificate.
#[derive(Debug, Clone)]
pub(crate) enum Verification {
    /// None: encrypted, but not authenticated.
    None,
    /// Issued by one of these authorities, for any name.
    Authority(Authorities),
    /// Issued by one of these authorities for the host name.
    AuthorityAndName(Authorities),
}

impl Authorities {
    /// Value of `sslrootcert`: `rds`, `system`, or the path of a PEM file.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "rds" => Self::from_pem(RDS_CA),
            "system" => Self::system(),
            path => {
                let pem = fs::read_to_string(path)
                    .map_err(|error| format!("sslrootcert: cannot read {path}: {error}"))?;
                Self::from_pem(&pem).map_err(|error| format!("sslrootcert: {path}: {error}"))
            }
        }
    }

    /// Authorities of the operating system. Returns an error if there are none.
    pub(crate) fn system() -> Result<Self, String> {
        let mut store = RootCertStore::empty();
        let (added, _) = store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if added == 0 {
            return Err(
                "no certificate authorities are installed; install the package ca-certificates, or set sslrootcert"
                    .to_owned(),
            );
        }
        Ok(Self(store))
    }

    /// Authorities of a PEM text. Its line breaks may be any white space, or the two characters `\n`, which is often the result
    /// of passing it through an environment variable or a form.
    pub(crate) fn from_pem(pem: &str) -> Result<Self, String> {
        let mut store = RootCertStore::empty();
        for (index, der) in certificates(pem)?.into_iter().enumerate() {
            store
                .add(CertificateDer::from(der))
                .map_err(|error| format!("certificate {} is invalid: {error}", index + 1))?;
        }
        if store.is_empty() {
            return Err(
                "no certificate found; expected a text that starts with -----BEGIN CERTIFICATE-----"
                    .to_owned(),
            );
        }
        Ok(Self(store))
    }
}

/// Returns the certificates of a PEM text in DER.
fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, String> {
    let blocks = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    blocks
        .enumerate()
        .map(|(index, block)| {
            let body = block
                .split_once("-----END CERTIFICATE-----")
                .ok_or_else(|| format!("certificate {} has no END line", index + 1))?
                .0;
            let body: String = body.replace("\\n", "").split_whitespace().collect();
            BASE64_STANDARD
                .decode(body)
                .map_err(|_| format!("certificate {} is not valid base64", index + 1))
        })
        .collect()
}

/// Creates the TLS configuration. `direct` is `sslnegotiation=direct`, which requires the ALPN protocol. The errors of rustls do
/// not occur with the built-in cryptography.
pub(crate) fn client_config(verification: Verification, direct: bool) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let verifier: Arc<dyn ServerCertVerifier> = match verification {
        Verification::AuthorityAndName(Authorities(store)) => {
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
                .build()
                .map_err(|error| error.to_string())?
        }
        Verification::Authority(Authorities(store)) => Arc::new(AnyName {
            store: Some(store),
            provider,
        }),
        Verification::None => Arc::new(AnyName {
            store: None,
            provider,
        }),
    };
    let mut config = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    if direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

/// Verifies the issuer of the certificate, or nothing, and never the host name. The signatures are always verified, so the
/// server has the key of its certificate.
#[derive(Debug)]
struct AnyName {
    store: Option<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(store) = &self.store {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, store, intermediates, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use x509_cert::{Certificate, der::Decode};

    use super::*;

    /// Fails a year before the first of them expires, so that the file is updated in time.
    #[test]
    fn rds_authorities_are_complete_and_valid_for_another_year() {
        let Authorities(store) = Authorities::named("rds").unwrap();
        assert_eq!(store.len(), 81, "three for each of 27 regions");

        let in_a_year = SystemTime::now() + Duration::from_hours(365 * 24);
        for der in certificates(RDS_CA).unwrap() {
            let certificate = Certificate::from_der(&der).unwrap().tbs_certificate;
            let name = certificate.subject.to_string();
            assert!(
                name.contains("CN=Amazon RDS ") && name.contains("Root CA"),
                "{name}"
            );
            assert_eq!(certificate.subject, certificate.issuer, "a root is self-signed");
            let validity = certificate.validity;
            assert!(validity.not_before.to_system_time() < SystemTime::now(), "{name}");
            assert!(validity.not_after.to_system_time() > in_a_year, "{name}");
        }
    }

    #[test]
    fn system_authorities_are_found() {
        // A system without authorities reports an error; others have more than one.
        match Authorities::named("system") {
            Ok(Authorities(store)) => assert!(store.len() > 1),
            Err(error) => assert!(error.contains("ca-certificates"), "{error}"),
        }
    }
}
