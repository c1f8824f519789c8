//! Environment variables of a function, read once at startup.
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `POSTGRES_CONNECTION_STRING` | `postgres://postgres:password@localhost:6432/postgres` | the pool (port of pgBouncer), as a URL or as `key=value` pairs; see the crate [`connection`] for `sslmode` and `sslrootcert` |
//! | `POSTGRES_CA_CERTIFICATE` | unset | certificate authority of the pool in PEM, for environments without files |
//! | `POSTGRES_SECRET_ARN` | unset | the secret with `{"username", "password"}`, or the password alone; takes precedence over the connection string |
//! | `POSTGRES_PREPARED_STATEMENTS` | `auto` | `auto`: prepared where the connection keeps them (see the module `database::probe`); `off`: never, for a pooler that refuses them |
//! | `WEBHOOK_SECRET` | unset | event triggers must send it as `x-webhook-secret`; `none`: unauthenticated events are accepted, as without the variable outside of Lambda |
//! | `WEBHOOK_SECRET_ARN` | unset | the secret that holds it, as text or as `{"secret"}` |
//! | `WATCHED_ARNS` | unset | secrets whose age the watchman reports, separated by commas |
//! | `REFERENCE_APP_COMPATIBILITY` | `false` | `true`: payment, validate-order and expire-orders accept what the apps of the Node.js example send, see docs/differences-from-nodejs.md; for demos without access control only |
//! | `METRICS_STAGE` | unset | writes metrics to stdout in `CloudWatch`'s embedded metric format, with this value of the dimension `Stage`; unset: none, see the module `metrics` |
//! | `OTEL_EXPORTER_OTLP_ENDPOINT` | unset | base URL of a collector that receives the spans of requests; for this and other `OTEL_…` variables see the crate [`telemetry`] |
//! | `XRAY_PERCENT` | 0 | share of the orders whose spans are sent to AWS X-Ray, through the daemon of Lambda |
//! | `AWS_LAMBDA_MAX_CONCURRENCY` | 1 | maximum number of concurrent requests of the process, and of its connections; set by Lambda Managed Instances |
//! | `AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL` | text, `INFO` | read by the Lambda runtime; `JSON` for one object per line |
//!
//! Functions that issue or verify tokens have further variables, see the module `identity`; those of rotate-secret are in the module
//! `rotation`.
//!
//! The `…_ARN` need the cargo feature `aws`. A function starts even if a secret cannot be read; requests are answered
//! with 503 until it can be.

mod error;
mod identity;
mod rotation;
mod variables;

use std::time::Duration;

use connection::Connection;
use tracing::warn;

use crate::{
    metrics::Metrics,
    secrets::{Credentials, RefreshableSecret, Secret, SecretAges, WebhookSecret},
};

pub use error::ConfigError;
pub use identity::{IdentityVariables, LoginConfig};
pub use variables::Variables;

use variables::variable;

/// Default of `POSTGRES_CONNECTION_STRING`, as in the Node.js example.
pub const DEFAULT_CONNECTION_STRING: &str = "postgres://postgres:password@localhost:6432/postgres";

/// Maximum duration of one attempt to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// One name for all functions: if they differ, pgBouncer sends a SET and waits for it whenever a server connection changes
/// its client. The role identifies the function.
const APPLICATION_NAME: &str = "3factor-functions";

/// Variable of the compatibility with the apps of the Node.js example.
const COMPATIBILITY: &str = "REFERENCE_APP_COMPATIBILITY";

/// Value of `WEBHOOK_SECRET` with which unauthenticated events are accepted.
const UNAUTHENTICATED: &str = "none";

/// Configuration of a function.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address and TLS settings of the database.
    pub postgres: Connection,
    /// User and password, if a secret holds them.
    pub credentials: Option<RefreshableSecret<Credentials>>,
    /// Whether statements are prepared where the connection keeps them.
    pub prepares_statements: bool,
    /// Secret that event triggers must send; `None` accepts all.
    pub webhook_secret: Option<WebhookSecret>,
    /// Whether this is a Lambda function whose settings do not say which events it accepts.
    lacks_webhook_secret: bool,
    /// Whether what the apps of the Node.js example send is accepted.
    pub nodejs_example_apps: bool,
    /// Maximum number of concurrent requests of the process.
    pub max_concurrency: usize,
    /// Destination of metrics; `None` writes none.
    pub metrics: Option<Metrics>,
    /// Destination of spans; `None` exports none.
    pub spans: Option<telemetry::Settings>,
    /// Destination of segments of X-Ray; `None` sends none.
    pub xray: Option<telemetry::XraySettings>,
    /// Certificate authority of the pool in PEM, where a variable contains it.
    pub postgres_ca_certificate: Option<String>,
    /// Ages of the secrets of the installation; `None` if they are not reported.
    pub secret_ages: Option<SecretAges>,
}

impl Config {
    /// Reads the environment of a Lambda function, and the secrets that it refers to. A secret that cannot be read is read
    /// again on use.
    pub async fn from_env() -> Result<Self, ConfigError> {
        variable("AWS_LAMBDA_RUNTIME_API")?.ok_or(ConfigError::NotInLambda)?;
        let variables = Variables::read()?;
        let program = variables.aws_lambda_function_name.clone();
        let spans = telemetry::Settings::of_environment(program.as_deref().unwrap_or("functions"))?;
        let config = Self {
            spans,
            xray: telemetry::XraySettings::of_environment()?,
            ..Self::from_variables(variables)?
        };
        config.read_secrets().await;
        Ok(config)
    }

    /// Reads both secrets concurrently, unless already read. Errors are logged, and the secret is read again on use.
    pub async fn read_secrets(&self) {
        let credentials = async {
            match &self.credentials {
                Some(credentials) => credentials.get().await.map(drop),
                None => Ok(()),
            }
        };
        let webhook_secret = async {
            match &self.webhook_secret {
                Some(secret) => secret.prepare().await,
                None => Ok(()),
            }
        };
        let (credentials, webhook_secret) = tokio::join!(credentials, webhook_secret);
        for error in [credentials.err(), webhook_secret.err()].into_iter().flatten() {
            warn!(%error, "cannot read a secret; requests are answered with 503");
        }
    }

    /// Configuration from values of the most common variables.
    pub fn from_values(
        connection_string: Option<&str>,
        webhook_secret: Option<String>,
        max_concurrency: Option<&str>,
    ) -> Result<Self, ConfigError> {
        Self::from_variables(Variables {
            postgres_connection_string: connection_string.map(str::to_owned),
            webhook_secret,
            aws_lambda_max_concurrency: max_concurrency.map(str::to_owned),
            ..Variables::default()
        })
    }

    /// Configuration from values of all variables. Does not read the secrets.
    pub fn from_variables(variables: Variables) -> Result<Self, ConfigError> {
        if variables.postgres_secret_arn.is_some() && variables.postgres_connection_string.is_none() {
            return Err(ConfigError::SecretWithoutConnectionString);
        }
        if variables.webhook_secret.is_some() && variables.webhook_secret_arn.is_some() {
            return Err(ConfigError::TwoWebhookSecrets);
        }
        for (name, value) in [
            ("POSTGRES_SECRET_ARN", &variables.postgres_secret_arn),
            ("WEBHOOK_SECRET_ARN", &variables.webhook_secret_arn),
            ("POSTGRES_CA_CERTIFICATE", &variables.postgres_ca_certificate),
            ("METRICS_STAGE", &variables.metrics_stage),
            ("WATCHED_ARNS", &variables.watched_arns),
        ] {
            if value.as_deref().is_some_and(|value| value.trim().is_empty()) {
                return Err(ConfigError::Empty(name));
            }
        }
        let connection_string = variables.postgres_connection_string.as_deref();
        let mut postgres = Connection::parse(
            connection_string.unwrap_or(DEFAULT_CONNECTION_STRING),
            variables.postgres_ca_certificate.as_deref(),
        )?;
        if postgres.driver.get_connect_timeout().is_none() {
            postgres.driver.connect_timeout(CONNECT_TIMEOUT);
        }
        if postgres.driver.get_application_name().is_none() {
            postgres.driver.application_name(APPLICATION_NAME);
        }
        let (credentials, secret_in_manager, secret_ages) = in_secrets_manager(
            variables.postgres_secret_arn.as_deref(),
            variables.webhook_secret_arn.as_deref(),
            variables.watched_arns.as_deref(),
        )?;
        let lacks_webhook_secret = variables.aws_lambda_function_name.is_some()
            && variables.webhook_secret.is_none()
            && variables.webhook_secret_arn.is_none();
        let webhook_secret = match variables.webhook_secret {
            Some(secret) if secret == UNAUTHENTICATED => None,
            Some(secret) => {
                let secret = Secret::new(secret).map_err(|_| ConfigError::EmptyWebhookSecret)?;
                Some(WebhookSecret::fixed(secret))
            }
            None => secret_in_manager,
        };
        let nodejs_example_apps = flag(COMPATIBILITY, variables.reference_app_compatibility.as_deref())?;
        if nodejs_example_apps && (webhook_secret.is_some() || lacks_webhook_secret) {
            return Err(ConfigError::CompatibilityWithAccessControl(
                "set WEBHOOK_SECRET=none",
            ));
        }
        let prepares_statements = match variables.postgres_prepared_statements.as_deref() {
            None | Some("" | "auto") => true,
            Some("off") => false,
            Some(_) => return Err(ConfigError::Choice("POSTGRES_PREPARED_STATEMENTS", "auto or off")),
        };
        let max_concurrency = match variables.aws_lambda_max_concurrency.as_deref() {
            None | Some("") => 1,
            Some(number) => match number.parse() {
                Ok(number @ 1..=1000) => number,
                _ => return Err(ConfigError::MaxConcurrency),
            },
        };
        Ok(Self {
            postgres,
            credentials,
            prepares_statements,
            webhook_secret,
            lacks_webhook_secret,
            nodejs_example_apps,
            max_concurrency,
            metrics: variables.metrics_stage.as_deref().map(Metrics::on_stdout),
            spans: None,
            xray: None,
            postgres_ca_certificate: variables.postgres_ca_certificate,
            secret_ages,
        })
    }

    /// Checks the configuration of a function that event triggers call. Returns an error if it runs in Lambda and would accept
    /// every event although no setting permits it.
    pub fn for_event_triggers(self) -> Result<Self, ConfigError> {
        if self.lacks_webhook_secret {
            return Err(ConfigError::MissingWebhookSecret);
        }
        Ok(self)
    }
}

type StoredSecrets = (
    Option<RefreshableSecret<Credentials>>,
    Option<WebhookSecret>,
    Option<SecretAges>,
);

#[cfg(feature = "aws")]
#[expect(clippy::unnecessary_wraps, reason = "fails without the feature")]
fn in_secrets_manager(
    postgres: Option<&str>,
    webhook: Option<&str>,
    watched: Option<&str>,
) -> Result<StoredSecrets, ConfigError> {
    use crate::secrets::{credentials, manager::SecretsManager, webhook};
    let manager = SecretsManager::default();
    let credentials = postgres.map(|id| {
        manager.refreshable(
            "POSTGRES_SECRET_ARN",
            id,
            credentials::MIN_REFRESH_INTERVAL,
            Credentials::parse,
        )
    });
    let secret = webhook.map(|id| {
        let variable = "WEBHOOK_SECRET_ARN";
        let interval = webhook::MIN_REFRESH_INTERVAL;
        let current = manager.refreshable(variable, id, interval, WebhookSecret::parse);
        let previous = manager.previous(variable, id, interval, WebhookSecret::parse);
        WebhookSecret::refreshable(current).with_previous(previous)
    });
    Ok((credentials, secret, watched.map(|ids| manager.ages(ids))))
}

#[cfg(not(feature = "aws"))]
fn in_secrets_manager(
    postgres: Option<&str>,
    webhook: Option<&str>,
    watched: Option<&str>,
) -> Result<StoredSecrets, ConfigError> {
    for (name, value) in [
        ("POSTGRES_SECRET_ARN", postgres),
        ("WEBHOOK_SECRET_ARN", webhook),
        ("WATCHED_ARNS", watched),
    ] {
        if value.is_some() {
            return Err(ConfigError::WithoutAws(name));
        }
    }
    Ok((None, None, None))
}

/// Parses a flag, which is off by default.
fn flag(name: &'static str, value: Option<&str>) -> Result<bool, ConfigError> {
    match value {
        None | Some("" | "false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ConfigError::Choice(name, "true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut Variables)) -> Result<Config, ConfigError> {
        let mut variables = Variables::default();
        change(&mut variables);
        Config::from_variables(variables)
    }

    #[test]
    fn unset_variables_have_defaults() {
        let config = Config::from_variables(Variables::default()).unwrap();
        assert_eq!(config.postgres.driver.get_ports(), [6432]);
        assert_eq!(config.postgres.driver.get_dbname(), Some("postgres"));
        assert_eq!(
            config.postgres.driver.get_connect_timeout(),
            Some(&Duration::from_secs(2))
        );
        assert_eq!(
            config.postgres.driver.get_application_name(),
            Some(APPLICATION_NAME)
        );
        assert_eq!(config.max_concurrency, 1);
        assert!(config.webhook_secret.is_none());
        assert!(config.credentials.is_none());
        assert!(config.metrics.is_none());
    }

    #[test]
    fn errors_name_the_variable_and_hide_the_value() {
        let bad_url = Config::from_values(Some("postgres://u:hunter2@h:port/db"), None, None).unwrap_err();
        assert!(
            bad_url.to_string().starts_with("POSTGRES_CONNECTION_STRING"),
            "{bad_url}"
        );
        assert!(!bad_url.to_string().contains("hunter2"), "{bad_url}");

        let no_tls =
            Config::from_values(Some("postgres://u:hunter2@h/d?sslmode=on"), None, None).unwrap_err();
        assert!(
            no_tls
                .to_string()
                .starts_with("POSTGRES_CONNECTION_STRING: sslmode must be"),
            "{no_tls}"
        );
        let authority = with(|v| {
            v.postgres_connection_string = Some("postgres://h/d?sslmode=verify-full".to_owned());
            v.postgres_ca_certificate = Some("rubbish".to_owned());
        });
        let authority = authority.unwrap_err().to_string();
        assert!(
            authority.starts_with("POSTGRES_CA_CERTIFICATE: no certificate found"),
            "{authority}"
        );

        let empty = Config::from_values(None, Some(String::new()), None).unwrap_err();
        assert!(empty.to_string().starts_with("WEBHOOK_SECRET"), "{empty}");

        let empty = with(|v| v.metrics_stage = Some(String::new())).unwrap_err();
        assert!(empty.to_string().starts_with("METRICS_STAGE"), "{empty}");

        for number in ["0", "-1", "many", "1001"] {
            let error = Config::from_values(None, None, Some(number)).unwrap_err();
            assert!(
                error.to_string().starts_with("AWS_LAMBDA_MAX_CONCURRENCY"),
                "{error}"
            );
        }
        let empty = with(|v| v.postgres_ca_certificate = Some(" ".to_owned())).unwrap_err();
        assert!(
            empty.to_string().starts_with("POSTGRES_CA_CERTIFICATE"),
            "{empty}"
        );
        let two = with(|v| {
            v.webhook_secret = Some("hunter2".to_owned());
            v.webhook_secret_arn = Some("arn".to_owned());
        });
        let two = two.unwrap_err().to_string();
        assert!(
            two.contains("WEBHOOK_SECRET and WEBHOOK_SECRET_ARN") && !two.contains("hunter2"),
            "{two}"
        );
        let alone = with(|v| v.postgres_secret_arn = Some("arn".to_owned())).unwrap_err();
        assert!(
            alone.to_string().contains("POSTGRES_CONNECTION_STRING"),
            "{alone}"
        );
    }

    #[test]
    fn statements_are_prepared_unless_that_is_off() {
        let of = |value: Option<&str>| with(|v| v.postgres_prepared_statements = value.map(str::to_owned));
        for value in [None, Some(""), Some("auto")] {
            assert!(of(value).unwrap().prepares_statements, "{value:?}");
        }
        assert!(!of(Some("off")).unwrap().prepares_statements);
        let error = of(Some("on")).unwrap_err().to_string();
        assert_eq!(error, "POSTGRES_PREPARED_STATEMENTS must be auto or off");
    }

    #[test]
    fn compatibility_excludes_access_control() {
        let of = |value: Option<&str>, secret: Option<&str>| {
            with(|v| {
                v.reference_app_compatibility = value.map(str::to_owned);
                v.webhook_secret = secret.map(str::to_owned);
            })
        };
        for (value, expected) in [(None, false), (Some("false"), false), (Some("true"), true)] {
            assert_eq!(of(value, Some("none")).unwrap().nodejs_example_apps, expected);
            assert_eq!(of(value, None).unwrap().nodejs_example_apps, expected);
        }
        let error = of(Some("yes"), None).unwrap_err().to_string();
        assert_eq!(error, "REFERENCE_APP_COMPATIBILITY must be true or false");
        let error = of(Some("true"), Some("s3cret")).unwrap_err().to_string();
        assert!(
            error.contains("WEBHOOK_SECRET=none") && !error.contains("s3cret"),
            "{error}"
        );
        assert!(!of(None, Some("s3cret")).unwrap().nodejs_example_apps);
        let in_lambda = with(|v| {
            v.reference_app_compatibility = Some("true".to_owned());
            v.aws_lambda_function_name = Some("validate-order".to_owned());
        });
        assert!(in_lambda.is_err());
    }

    #[test]
    fn function_without_webhook_secret_does_not_start() {
        let in_lambda = |secret: Option<&str>| {
            let config = with(|v| {
                v.aws_lambda_function_name = Some("validate-order".to_owned());
                v.webhook_secret = secret.map(str::to_owned);
            });
            config.and_then(Config::for_event_triggers)
        };
        let error = in_lambda(None).unwrap_err().to_string();
        assert!(error.contains("WEBHOOK_SECRET=none"), "{error}");
        assert!(in_lambda(Some("none")).unwrap().webhook_secret.is_none());
        assert!(in_lambda(Some("s3cret")).unwrap().webhook_secret.is_some());
        assert!(with(|_| ()).and_then(Config::for_event_triggers).is_ok());
    }

    #[cfg(not(feature = "aws"))]
    #[test]
    fn binary_without_aws_reports_how_to_build_one_with_it() {
        let postgres = with(|v| {
            v.postgres_connection_string = Some("postgres://h/d".to_owned());
            v.postgres_secret_arn = Some("arn".to_owned());
        });
        let webhook = with(|v| v.webhook_secret_arn = Some("arn".to_owned()));
        for (config, name) in [(postgres, "POSTGRES_SECRET_ARN"), (webhook, "WEBHOOK_SECRET_ARN")] {
            let error = config.unwrap_err().to_string();
            assert!(
                error.starts_with(name) && error.contains("--features aws"),
                "{error}"
            );
        }
    }
}
