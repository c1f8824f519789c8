//! Connection strings, as libpq reads them, with what the driver does not know: `sslmode=verify-ca` and `verify-full`, and
//! `sslrootcert`.
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
//! (the machine's; needs verify-full, because anybody can have a certificate for some name). Without it they come from
//! `POSTGRES_CA_CERTIFICATE`, and without that from the machine. An `sslrootcert` alone means verify-full.

use std::{sync::Arc, time::Duration};

use tokio_postgres::config::SslMode as DriverSslMode;

use super::{ConfigError, chain};
use crate::database::tls::{self, Authorities, Verification};

/// How long a function takes to find that it cannot connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Where a database is, and how it is reached.
#[derive(Debug, Clone)]
pub struct Connection {
    /// What the driver is told; with a connect timeout and an application name.
    pub driver: tokio_postgres::Config,
    /// TLS, unless it is disabled.
    pub tls: Option<Arc<rustls::ClientConfig>>,
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
    fn parse(text: &str) -> Result<Self, ConfigError> {
        Ok(match text {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(ConfigError::Tls(
                    "sslmode must be disable, prefer, require, verify-ca or verify-full".to_owned(),
                ));
            }
        })
    }
}

impl Connection {
    /// Reads a connection string; the certificate authority is the one to use where the string names none.
    pub fn parse(text: &str, ca_certificate: Option<&str>) -> Result<Self, ConfigError> {
        let Split {
            rest,
            sslmode,
            sslrootcert,
        } = split(text)?;
        let mut driver: tokio_postgres::Config = rest
            .parse()
            .map_err(|error| ConfigError::ConnectionString(chain(&error)))?;
        if driver.get_hosts().is_empty() && driver.get_hostaddrs().is_empty() {
            return Err(ConfigError::ConnectionString("it names no host".to_owned()));
        }
        if driver.get_connect_timeout().is_none() {
            driver.connect_timeout(CONNECT_TIMEOUT);
        }
        // One name for all functions: where two differ, pgBouncer sends a SET, and waits for it, each time a connection
        // changes hands. Which function it is says the name of the statement's function (`database::statement`).
        if driver.get_application_name().is_none() {
            driver.application_name("3factor-functions");
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
        let authorities = || match (&sslrootcert, ca_certificate) {
            (Some(name), _) => Authorities::named(name).map_err(ConfigError::Tls),
            (None, Some(pem)) => Authorities::from_pem(pem).map_err(ConfigError::CaCertificate),
            (None, None) => Authorities::system().map_err(ConfigError::Tls),
        };
        let verification = match mode {
            SslMode::Disable | SslMode::Prefer if sslrootcert.is_some() => {
                return Err(ConfigError::Tls(
                    "sslrootcert needs sslmode=verify-full (or verify-ca, or require)".to_owned(),
                ));
            }
            SslMode::Require | SslMode::VerifyCa if sslrootcert.as_deref() == Some("system") => {
                return Err(ConfigError::Tls(
                    "sslrootcert=system needs sslmode=verify-full".to_owned(),
                ));
            }
            SslMode::VerifyCa if sslrootcert.is_none() && ca_certificate.is_none() => {
                return Err(ConfigError::Tls(
                    "sslmode=verify-ca needs sslrootcert, or POSTGRES_CA_CERTIFICATE".to_owned(),
                ));
            }
            SslMode::Disable => None,
            SslMode::Prefer => Some(Verification::None),
            SslMode::Require if sslrootcert.is_none() => Some(Verification::None),
            SslMode::Require | SslMode::VerifyCa => Some(Verification::Authority(authorities()?)),
            SslMode::VerifyFull => Some(Verification::AuthorityAndName(authorities()?)),
        };
        let direct = driver.get_ssl_negotiation() == tokio_postgres::config::SslNegotiation::Direct;
        let tls = match verification {
            None => None,
            Some(verification) => Some(Arc::new(
                tls::client_config(verification, direct).map_err(ConfigError::Tls)?,
            )),
        };
        Ok(Self { driver, tls })
    }
}

/// A connection string without the two settings that the driver refuses, and these.
#[derive(Debug, Default, PartialEq, Eq)]
struct Split {
    rest: String,
    sslmode: Option<String>,
    sslrootcert: Option<String>,
}

impl Split {
    /// Whether it took the setting.
    fn take(
        &mut self,
        key: &str,
        value: impl FnOnce() -> Result<String, ConfigError>,
    ) -> Result<bool, ConfigError> {
        let (slot, name) = match key {
            "sslmode" => (&mut self.sslmode, "sslmode"),
            "sslrootcert" => (&mut self.sslrootcert, "sslrootcert"),
            _ => return Ok(false),
        };
        // libpq takes the last; which one somebody meant who wrote two is not for us to guess.
        if slot.is_some() {
            return Err(ConfigError::Tls(format!("{name} is given twice")));
        }
        let value = value()?;
        if value.is_empty() {
            return Err(ConfigError::Tls(format!("{name} is empty")));
        }
        *slot = Some(value);
        Ok(true)
    }
}

/// Takes the two settings out, reading exactly as the driver reads, so that both see the same settings.
fn split(text: &str) -> Result<Split, ConfigError> {
    let url = ["postgres://", "postgresql://"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    if url { split_url(text) } else { split_pairs(text) }
}

fn split_url(text: &str) -> Result<Split, ConfigError> {
    // The driver looks for the first @ before anything else, so a password may hold a question mark.
    let after_scheme = text.find("://").map_or(0, |at| at + 3);
    let host = text[after_scheme..]
        .find('@')
        .map_or(after_scheme, |at| after_scheme + at + 1);
    let mut split = Split::default();
    let Some(question) = text[host..].find('?').map(|at| host + at) else {
        text.clone_into(&mut split.rest);
        return Ok(split);
    };
    text[..question].clone_into(&mut split.rest);
    let mut separator = '?';
    for parameter in text[question + 1..].split('&') {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if !split.take(&decode(key)?, || decode(value))? {
            split.rest.push(separator);
            split.rest.push_str(parameter);
            separator = '&';
        }
    }
    Ok(split)
}

/// Percent-encoding undone.
fn decode(text: &str) -> Result<String, ConfigError> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded
        .map(String::from)
        .map_err(|error| ConfigError::ConnectionString(error.to_string()))
}

/// `key = value` with spaces around, the value perhaps in quotes; a backslash takes the next character as it is.
fn split_pairs(text: &str) -> Result<Split, ConfigError> {
    let mut split = Split::default();
    let mut left = text.trim_start();
    while !left.is_empty() {
        let key_end = left
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(left.len());
        let (key, after) = left.split_at(key_end);
        let Some(raw) = after.trim_start().strip_prefix('=').map(str::trim_start) else {
            // Not a pair: the driver says what is wrong.
            split.rest.push_str(left);
            break;
        };
        let Some((value, end)) = pair_value(raw) else {
            split.rest.push_str(left);
            break;
        };
        if !split.take(key, || Ok(value))? {
            let length = left.len() - raw.len() + end;
            split.rest.push_str(&left[..length]);
            split.rest.push(' ');
        }
        left = raw[end..].trim_start();
    }
    Ok(split)
}

/// The value that begins here, and where it ends; `None` for one whose quote is never closed.
fn pair_value(raw: &str) -> Option<(String, usize)> {
    let quoted = raw.starts_with('\'');
    let mut value = String::new();
    let mut characters = raw.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            '\'' if quoted => return Some((value, at + 1)),
            c if !quoted && c.is_whitespace() => return Some((value, at)),
            c => value.push(c),
        }
    }
    (!quoted).then_some((value, raw.len()))
}

#[cfg(test)]
mod tests;
