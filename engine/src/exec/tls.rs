//! Where the database is, and TLS on the way there: `sslmode` and `sslrootcert` as libpq has them, of which the driver
//! knows half.
//!
//! | `sslmode` | encrypted | the server is |
//! |---|---|---|
//! | `disable` | no | anybody |
//! | `prefer` (default) | if the server can | anybody |
//! | `require` | yes | anybody; with `sslrootcert` as verify-ca |
//! | `verify-ca` | yes | certified by an authority that we trust |
//! | `verify-full` | yes | the same, and certified for the host's name |
//!
//! `sslrootcert` is a file of authorities in PEM, or `system` (the default): the machine's.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How to connect.
#[derive(Clone)]
pub struct Connector {
    /// What the driver is told.
    pub postgres: tokio_postgres::Config,
    /// TLS, where `postgres` says that it is to be used.
    pub tls: MakeRustlsConnect,
}

impl Connector {
    /// Reads a connection string.
    ///
    /// # Errors
    /// Says what is wrong with it, without its password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let settings = Settings::take_out(text);
        let mut postgres: tokio_postgres::Config = settings
            .rest
            .parse()
            .map_err(|e| format!("cannot be read: {e}"))?;
        let root = settings.sslrootcert.as_deref();
        let mode = match (settings.sslmode.as_deref(), root) {
            (None, None) => "prefer",
            (None, Some(_)) => "verify-full",
            (Some(mode), _) => mode,
        };
        let (mode, verification) = match (mode, root) {
            ("disable" | "prefer", Some(_)) => {
                return Err("sslrootcert needs sslmode=verify-full (or verify-ca, or require)".to_owned());
            }
            ("disable", None) => (SslMode::Disable, Verification::None),
            ("prefer", None) => (SslMode::Prefer, Verification::None),
            ("require", None) => (SslMode::Require, Verification::None),
            ("require", Some(_)) | ("verify-ca", _) => {
                (SslMode::Require, Verification::Authority(authorities(root)?))
            }
            ("verify-full", _) => (
                SslMode::Require,
                Verification::AuthorityAndName(authorities(root)?),
            ),
            (other, _) => {
                return Err(format!(
                    "sslmode must be disable, prefer, require, verify-ca or verify-full, not `{other}`"
                ));
            }
        };
        postgres.ssl_mode(mode);
        let direct = postgres.get_ssl_negotiation() == SslNegotiation::Direct;
        let tls = client_config(verification, direct)?;
        Ok(Self {
            postgres,
            tls: MakeRustlsConnect::new(tls),
        })
    }
}

/// A connection string without the settings that the driver does not know in full, and these.
#[derive(Debug, Default, PartialEq, Eq)]
struct Settings {
    rest: String,
    sslmode: Option<String>,
    sslrootcert: Option<String>,
}

impl Settings {
    fn take_out(text: &str) -> Self {
        let mut settings = Self::default();
        let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
        // As the driver does: a password, up to the first @, may hold a question mark.
        let options = is_url.then(|| {
            let host = text.find('@').unwrap_or(0);
            text[host..].find('?').map_or(text.len(), |at| host + at + 1)
        });
        let (separator, begin) = options.map_or((' ', 0), |at| ('&', at));
        let (before, list) = text.split_at(begin);
        let kept: Vec<&str> = list
            .split(separator)
            .filter(|setting| match setting.split_once('=') {
                Some(("sslmode", value)) => {
                    settings.sslmode = Some(plain(value, is_url));
                    false
                }
                Some(("sslrootcert", value)) => {
                    settings.sslrootcert = Some(plain(value, is_url));
                    false
                }
                _ => true,
            })
            .collect();
        let kept = kept.join(&separator.to_string());
        settings.rest = if kept.is_empty() {
            before.trim_end_matches('?').to_owned()
        } else {
            format!("{before}{kept}")
        };
        settings
    }
}

/// A setting's value: percent-encoded in a URL, perhaps in quotes elsewhere.
fn plain(value: &str, is_url: bool) -> String {
    if is_url {
        percent_encoding::percent_decode_str(value)
            .decode_utf8_lossy()
            .into_owned()
    } else {
        value.trim_matches('\'').to_owned()
    }
}

enum Verification {
    None,
    Authority(RootCertStore),
    AuthorityAndName(RootCertStore),
}

fn authorities(root: Option<&str>) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    let Some(path) = root.filter(|root| *root != "system") else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            return Err(
                "needs certificate authorities and this machine has none: install its package ca-certificates, or \
                 name a file of them with sslrootcert"
                    .to_owned(),
            );
        }
        return Ok(store);
    };
    let trouble = |what: String| format!("names the sslrootcert {path}, which cannot be used: {what}");
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| trouble(e.to_string()))? {
        let certificate = certificate.map_err(|e| trouble(e.to_string()))?;
        store.add(certificate).map_err(|e| trouble(e.to_string()))?;
    }
    if store.is_empty() {
        return Err(trouble("there is no certificate in it".to_owned()));
    }
    Ok(store)
}

fn client_config(verification: Verification, direct: bool) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let any_name = |store| AnyName {
        store,
        provider: Arc::clone(&provider),
    };
    let verifier: Arc<dyn ServerCertVerifier> = match verification {
        Verification::None => Arc::new(any_name(None)),
        Verification::Authority(store) => Arc::new(any_name(Some(store))),
        Verification::AuthorityAndName(store) => {
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider))
                .build()
                .map_err(|e| e.to_string())?
        }
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    if direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

/// Checks who has certified the server, or nothing, but never its name. That the server holds the key of the certificate
/// which it shows is always checked.
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
        _: &ServerName<'_>,
        _: &[u8],
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
    use super::*;

    fn settings(text: &str) -> (String, Option<String>, Option<String>) {
        let settings = Settings::take_out(text);
        (settings.rest, settings.sslmode, settings.sslrootcert)
    }

    #[test]
    fn the_two_settings_are_taken_out_of_either_form() {
        let some = |text: &str| Some(text.to_owned());
        for (text, rest, mode, root) in [
            ("postgres://u:p@h:1/d", "postgres://u:p@h:1/d", None, None),
            (
                "postgres://h/d?sslmode=require",
                "postgres://h/d",
                some("require"),
                None,
            ),
            (
                "postgresql://u:p?sslmode=x@h/d?connect_timeout=3&sslrootcert=/a%20b&sslmode=verify-ca",
                "postgresql://u:p?sslmode=x@h/d?connect_timeout=3",
                some("verify-ca"),
                some("/a b"),
            ),
            (
                "host=h sslmode='disable' user=u",
                "host=h user=u",
                some("disable"),
                None,
            ),
        ] {
            assert_eq!(settings(text), (rest.to_owned(), mode, root), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_is_said_without_the_password() {
        for (text, expected) in [
            ("postgres://u:hunter2@h/d?sslmode=on", "sslmode must be"),
            (
                "postgres://u:hunter2@h/d?sslmode=prefer&sslrootcert=/x",
                "needs sslmode",
            ),
            (
                "postgres://u:hunter2@h/d?sslrootcert=/no/such/file",
                "/no/such/file",
            ),
            ("postgres://u:hunter2@h/d?nonsense=1", "cannot be read"),
        ] {
            let error = Connector::parse(text).err().unwrap();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{error}");
        }
    }
}
