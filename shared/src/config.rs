//! The environment of a function, read once at its start.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `POSTGRES_CONNECTION_STRING` | `postgres://postgres:password@localhost:6432/postgres` | the pool (pgBouncer's port), as a URL or as `key=value` pairs |
//! | `WEBHOOK_SECRET` | unset | when set, event triggers must send it as `x-webhook-secret` |
//! | `AWS_LAMBDA_MAX_CONCURRENCY` | 1 | how many requests the process handles at once, and so how many connections it may open; set by Lambda Managed Instances |
//! | `AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL` | text, `INFO` | read by the Lambda runtime; `JSON` for one object a line |

use std::{env, fmt, time::Duration};

use subtle::ConstantTimeEq;

/// The default of `POSTGRES_CONNECTION_STRING`, the original's.
pub const DEFAULT_CONNECTION_STRING: &str = "postgres://postgres:password@localhost:6432/postgres";

/// How long a function takes to find that it cannot connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// A function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database is; with a connect timeout and an application name.
    pub postgres: tokio_postgres::Config,
    /// What event triggers have to know.
    pub webhook_secret: Option<Secret>,
    /// How many requests the process handles at once.
    pub max_concurrency: usize,
}

/// Why a process cannot start: which variable, what is wrong with it, how to put it right. Never shows the value, which
/// may hold a password.
#[derive(thiserror::Error)]
pub enum ConfigError {
    /// It is not a connection string.
    #[error(
        "POSTGRES_CONNECTION_STRING is not a connection string ({0}); \
         it should look like postgres://user:password@host:6432/database"
    )]
    ConnectionString(String),
    /// It is there, and empty: nobody means that.
    #[error("WEBHOOK_SECRET is set but empty; give it a value, or unset it to accept events from anybody")]
    EmptyWebhookSecret,
    /// It is not a number.
    #[error("AWS_LAMBDA_MAX_CONCURRENCY must be a whole number from 1 to 1000")]
    MaxConcurrency,
    /// It is not text.
    #[error("{0} is not valid UTF-8")]
    NotUnicode(&'static str),
    /// The process was started by hand.
    #[error(
        "AWS_LAMBDA_RUNTIME_API is not set: this program is a Lambda function and asks the Lambda runtime for its work; \
         start it with `cargo xtask dev` or `cargo lambda watch`"
    )]
    NotInLambda,
}

/// `main` prints an error by its `Debug` form, so that form is the sentence.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Config {
    /// Reads the environment of a Lambda function.
    pub fn from_env() -> Result<Self, ConfigError> {
        variable("AWS_LAMBDA_RUNTIME_API")?.ok_or(ConfigError::NotInLambda)?;
        Self::from_values(
            variable("POSTGRES_CONNECTION_STRING")?.as_deref(),
            variable("WEBHOOK_SECRET")?,
            variable("AWS_LAMBDA_MAX_CONCURRENCY")?.as_deref(),
        )
    }

    /// The configuration that these values of the variables make; `None` where one is not set.
    pub fn from_values(
        connection_string: Option<&str>,
        webhook_secret: Option<String>,
        max_concurrency: Option<&str>,
    ) -> Result<Self, ConfigError> {
        let mut postgres: tokio_postgres::Config = connection_string
            .unwrap_or(DEFAULT_CONNECTION_STRING)
            .parse()
            .map_err(|error| ConfigError::ConnectionString(chain(&error)))?;
        if postgres.get_connect_timeout().is_none() {
            postgres.connect_timeout(CONNECT_TIMEOUT);
        }
        if postgres.get_application_name().is_none() {
            let name = env::var("AWS_LAMBDA_FUNCTION_NAME");
            postgres.application_name(name.as_deref().unwrap_or("3factor-function"));
        }
        let max_concurrency = match max_concurrency {
            None | Some("") => 1,
            Some(number) => match number.parse() {
                Ok(number @ 1..=1000) => number,
                _ => return Err(ConfigError::MaxConcurrency),
            },
        };
        let webhook_secret = match webhook_secret {
            Some(secret) if secret.is_empty() => return Err(ConfigError::EmptyWebhookSecret),
            other => other.map(Secret),
        };
        Ok(Self {
            postgres,
            webhook_secret,
            max_concurrency,
        })
    }
}

/// A variable's value, or `None` where it is not set.
fn variable(name: &'static str) -> Result<Option<String>, ConfigError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(ConfigError::NotUnicode(name)),
    }
}

/// An error with its causes on one line. A connection string's parse errors name the part, not its value.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
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

/// A secret: compared in constant time, never shown.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Whether this is what somebody sent. Takes equally long for each wrong value of the same length.
    pub fn matches(&self, sent: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(sent).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_means_the_defaults() {
        let config = Config::from_values(None, None, None).unwrap();
        assert_eq!(config.postgres.get_ports(), [6432]);
        assert_eq!(config.postgres.get_dbname(), Some("postgres"));
        assert_eq!(
            config.postgres.get_connect_timeout(),
            Some(&Duration::from_secs(2))
        );
        assert_eq!(config.max_concurrency, 1);
        assert!(config.webhook_secret.is_none());
    }

    #[test]
    fn each_error_names_its_variable_and_shows_no_value() {
        let bad_url = Config::from_values(Some("postgres://u:hunter2@h:port/db"), None, None).unwrap_err();
        assert!(
            bad_url.to_string().starts_with("POSTGRES_CONNECTION_STRING"),
            "{bad_url}"
        );
        assert!(!bad_url.to_string().contains("hunter2"), "{bad_url}");

        let empty = Config::from_values(None, Some(String::new()), None).unwrap_err();
        assert!(empty.to_string().starts_with("WEBHOOK_SECRET"), "{empty}");

        for number in ["0", "-1", "many", "1001"] {
            let error = Config::from_values(None, None, Some(number)).unwrap_err();
            assert!(
                error.to_string().starts_with("AWS_LAMBDA_MAX_CONCURRENCY"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_secret_matches_itself_only() {
        let secret = Secret("s3cret".to_owned());
        assert!(secret.matches(b"s3cret"));
        for wrong in [&b""[..], b"s3cre", b"s3cret ", b"S3cret"] {
            assert!(!secret.matches(wrong));
        }
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
