//! Postgres connection strings as in libpq: those of the driver, and the settings that the driver does not support
//! (`sslmode=verify-ca` and `verify-full`, and `sslrootcert`).
//!
//! | `sslmode` | encrypted | verification of the server |
//! |---|---|---|
//! | `disable` | no | none |
//! | `prefer` (default) | if the server supports it | none |
//! | `require` | yes | none; with `sslrootcert` the same as verify-ca, as in libpq |
//! | `verify-ca` | yes | certificate of a trusted authority |
//! | `verify-full` | yes | the same, for the host name |
//!
//! `sslrootcert` selects the trusted authorities: path of a PEM file, `rds` (Amazon's, included in the binary) or `system`
//! (those of the operating system; requires verify-full, because a public authority certifies any server). The default is the
//! authority passed to [`Connection::parse`], or else `system`. An `sslrootcert` without `sslmode` means verify-full.
//!
//! [`mod@split`] extracts the two settings, [`tls`] implements them. [`sqlstate`] classifies the errors of Postgres, [`Secret`]
//! holds confidential settings. The functions and the engine use this crate.

mod secret;
mod split;
pub mod sqlstate;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;

use tokio_postgres::config::{SslMode as DriverSslMode, SslNegotiation};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use self::secret::{EmptySecret, Secret};
use self::split::{Split, split};
use self::tls::{Authorities, Verification};

/// Address and TLS settings of a database.
#[derive(Clone)]
pub struct Connection {
    /// Settings of the driver.
    pub driver: tokio_postgres::Config,
    /// TLS connector, used if `driver` enables TLS.
    pub tls: MakeRustlsConnect,
}

/// Does not show the password.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("driver", &self.driver)
            .finish_non_exhaustive()
    }
}

/// Invalid connection string. Does not show the password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a connection string, or one without a host.
    #[error("{0}")]
    Unreadable(String),
    /// Invalid TLS settings.
    #[error("{0}")]
    Tls(String),
    /// Invalid certificate authority passed to [`Connection::parse`].
    #[error("{0}")]
    Authority(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SslMode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    fn parse(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(Error::Tls(
                    "sslmode must be disable, prefer, require, verify-ca or verify-full".to_owned(),
                ));
            }
        })
    }
}

impl Connection {
    /// Parses a connection string. `authority` is a certificate authority in PEM, used if the string has no `sslrootcert`.
    pub fn parse(text: &str, authority: Option<&str>) -> Result<Self, Error> {
        let Split {
            rest,
            sslmode,
            sslrootcert,
        } = split(text)?;
        let mut driver: tokio_postgres::Config =
            rest.parse().map_err(|error| Error::Unreadable(chain(&error)))?;
        if driver.get_hosts().is_empty() && driver.get_hostaddrs().is_empty() {
            return Err(Error::Unreadable("no host is given".to_owned()));
        }
        let mode = match &sslmode {
            Some(mode) => SslMode::parse(mode)?,
            None if sslrootcert.is_some() => SslMode::VerifyFull,
            None => SslMode::Prefer,
        };
        driver.ssl_mode(match mode {
            SslMode::Disable => DriverSslMode::Disable,
            SslMode::Prefer => DriverSslMode::Prefer,
            _ => DriverSslMode::Require,
        });
        let direct = driver.get_ssl_negotiation() == SslNegotiation::Direct;
        let verification = verification(mode, sslrootcert.as_deref(), authority)?;
        let config = tls::client_config(verification, direct).map_err(Error::Tls)?;
        Ok(Self {
            driver,
            tls: MakeRustlsConnect::new(config),
        })
    }
}

fn verification(mode: SslMode, root: Option<&str>, authority: Option<&str>) -> Result<Verification, Error> {
    let authorities = || match (root, authority) {
        (Some(name), _) => Authorities::named(name).map_err(Error::Tls),
        (None, Some(pem)) => Authorities::from_pem(pem).map_err(Error::Authority),
        (None, None) => Authorities::system().map_err(Error::Tls),
    };
    let refuse = |what: &str| Err(Error::Tls(what.to_owned()));
    match mode {
        SslMode::Disable | SslMode::Prefer if root.is_some() => {
            refuse("sslrootcert requires sslmode=verify-full (or verify-ca, or require)")
        }
        SslMode::Require | SslMode::VerifyCa if root == Some("system") => {
            refuse("sslrootcert=system requires sslmode=verify-full")
        }
        SslMode::VerifyCa if root.is_none() && authority.is_none() => {
            refuse("sslmode=verify-ca requires sslrootcert")
        }
        SslMode::Disable | SslMode::Prefer => Ok(Verification::None),
        SslMode::Require if root.is_none() => Ok(Verification::None),
        SslMode::Require | SslMode::VerifyCa => Ok(Verification::Authority(authorities()?)),
        SslMode::VerifyFull => Ok(Verification::AuthorityAndName(authorities()?)),
    }
}

/// Formats an error and its causes on one line: the driver reports only "db error" without them. Its errors about a connection
/// string name the invalid part, not its value.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}
