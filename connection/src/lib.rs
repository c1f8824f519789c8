//! Connection strings of Postgres as libpq reads them: the driver's, with what the driver does not know (`sslmode=verify-ca`
//! and `verify-full`, and `sslrootcert`).
//!
//! | `sslmode` | encrypted | the server is |
//! |---|---|---|
//! | `disable` | no | anybody |
//! | `prefer` (default) | if the server can | anybody |
//! | `require` | yes | anybody; with `sslrootcert` as verify-ca, as in libpq |
//! | `verify-ca` | yes | certified by an authority that we trust |
//! | `verify-full` | yes | the same, and certified for the host's name |
//!
//! `sslrootcert` names these authorities: a path to a file in PEM, `rds` (Amazon's, shipped with the binary) or `system`
//! (the machine's; needs verify-full, because anybody can have a certificate for some name). Without it they are those that
//! [`Connection::parse`] is given, and else the machine's. An `sslrootcert` alone means verify-full.
//!
//! [`mod@split`] takes the two settings out of the text, [`tls`] does what they say. The functions and the engine both use it.

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

/// Where a database is, and how it is reached.
#[derive(Clone)]
pub struct Connection {
    /// What the driver is told.
    pub driver: tokio_postgres::Config,
    /// TLS, where `driver` says that it is to be used.
    pub tls: MakeRustlsConnect,
}

/// Never shows the password.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("driver", &self.driver)
            .finish_non_exhaustive()
    }
}

/// What is wrong with a connection string; never shows its password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is none, or names no host.
    #[error("{0}")]
    Unreadable(String),
    /// What it says about TLS cannot be followed.
    #[error("{0}")]
    Tls(String),
    /// The authority given beside it is none.
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
    /// Reads a connection string; the certificate authority, in PEM, is the one to use where the string names none.
    ///
    /// # Errors
    /// Says what is wrong with either.
    pub fn parse(text: &str, authority: Option<&str>) -> Result<Self, Error> {
        let Split {
            rest,
            sslmode,
            sslrootcert,
        } = split(text)?;
        let mut driver: tokio_postgres::Config =
            rest.parse().map_err(|error| Error::Unreadable(chain(&error)))?;
        if driver.get_hosts().is_empty() && driver.get_hostaddrs().is_empty() {
            return Err(Error::Unreadable("it names no host".to_owned()));
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
            refuse("sslrootcert needs sslmode=verify-full (or verify-ca, or require)")
        }
        SslMode::Require | SslMode::VerifyCa if root == Some("system") => {
            refuse("sslrootcert=system needs sslmode=verify-full")
        }
        SslMode::VerifyCa if root.is_none() && authority.is_none() => {
            refuse("sslmode=verify-ca needs sslrootcert")
        }
        SslMode::Disable | SslMode::Prefer => Ok(Verification::None),
        SslMode::Require if root.is_none() => Ok(Verification::None),
        SslMode::Require | SslMode::VerifyCa => Ok(Verification::Authority(authorities()?)),
        SslMode::VerifyFull => Ok(Verification::AuthorityAndName(authorities()?)),
    }
}

/// An error with its causes on one line: the driver's say little without. Its errors about a connection string name the
/// part that is wrong, not its value.
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
