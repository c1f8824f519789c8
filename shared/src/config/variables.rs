//! Values of the environment variables, before they are interpreted.

use std::env;

use super::{COMPATIBILITY, ConfigError};

/// Values of the environment variables of the same names; `None` if a variable is not set.
#[derive(Default, Clone)]
#[expect(
    missing_docs,
    reason = "the table of the module `config` says what each variable means"
)]
pub struct Variables {
    pub postgres_connection_string: Option<String>,
    pub postgres_ca_certificate: Option<String>,
    pub postgres_secret_arn: Option<String>,
    pub postgres_prepared_statements: Option<String>,
    pub webhook_secret: Option<String>,
    pub webhook_secret_arn: Option<String>,
    pub watched_arns: Option<String>,
    pub reference_app_compatibility: Option<String>,
    pub metrics_stage: Option<String>,
    pub aws_lambda_max_concurrency: Option<String>,
    pub aws_lambda_function_name: Option<String>,
}

impl Variables {
    pub(super) fn read() -> Result<Self, ConfigError> {
        Ok(Self {
            postgres_connection_string: variable("POSTGRES_CONNECTION_STRING")?,
            postgres_ca_certificate: variable("POSTGRES_CA_CERTIFICATE")?,
            postgres_secret_arn: variable("POSTGRES_SECRET_ARN")?,
            postgres_prepared_statements: variable("POSTGRES_PREPARED_STATEMENTS")?,
            webhook_secret: variable("WEBHOOK_SECRET")?,
            webhook_secret_arn: variable("WEBHOOK_SECRET_ARN")?,
            watched_arns: variable("WATCHED_ARNS")?,
            reference_app_compatibility: variable(COMPATIBILITY)?,
            metrics_stage: variable("METRICS_STAGE")?,
            aws_lambda_max_concurrency: variable("AWS_LAMBDA_MAX_CONCURRENCY")?,
            aws_lambda_function_name: variable("AWS_LAMBDA_FUNCTION_NAME")?,
        })
    }
}

/// Returns the value of a variable, or `None` if it is not set.
pub(super) fn variable(name: &'static str) -> Result<Option<String>, ConfigError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(ConfigError::NotUnicode(name)),
    }
}
