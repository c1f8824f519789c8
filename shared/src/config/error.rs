//! Errors of the configuration.

use std::fmt;

/// Invalid configuration: the variable, the error, and how to fix it. Never shows the value, which may contain a password.
#[derive(thiserror::Error)]
pub enum ConfigError {
    /// Not a connection string.
    #[error(
        "POSTGRES_CONNECTION_STRING is not a valid connection string ({0}); \
         expected for example postgres://user:password@host:6432/database"
    )]
    ConnectionString(String),
    /// Invalid TLS settings.
    #[error("POSTGRES_CONNECTION_STRING: {0}")]
    Tls(String),
    /// Not a certificate in PEM.
    #[error("POSTGRES_CA_CERTIFICATE: {0}")]
    CaCertificate(String),
    /// Set to the empty text.
    #[error("{0} is set but empty; set a value or unset it")]
    Empty(&'static str),
    /// Set to the empty text.
    #[error("WEBHOOK_SECRET is set but empty; set a value, or `none` to accept unauthenticated events")]
    EmptyWebhookSecret,
    /// A function on AWS that would accept every event.
    #[error(
        "neither WEBHOOK_SECRET nor WEBHOOK_SECRET_ARN is set; set one of them, or WEBHOOK_SECRET=none to accept \
         unauthenticated events"
    )]
    MissingWebhookSecret,
    /// Both mutually exclusive variables are set.
    #[error("WEBHOOK_SECRET and WEBHOOK_SECRET_ARN are both set; unset one of them")]
    TwoWebhookSecrets,
    /// Credentials without an address.
    #[error(
        "POSTGRES_SECRET_ARN is set but POSTGRES_CONNECTION_STRING is not; set it too, without the password"
    )]
    SecretWithoutConnectionString,
    /// Roles to check without an address.
    #[error(
        "CHECKED_ARNS is set but POSTGRES_CONNECTION_STRING is not; set it too, without user and password"
    )]
    CheckWithoutConnectionString,
    /// The binary was built without support for secrets, which this function rotates.
    #[error(
        "rotate-secret was built without the cargo feature `aws`; build it with `cargo lambda build --release --features aws`"
    )]
    RotationWithoutAws,
    /// The binary was built without support for secrets.
    #[error(
        "{0} is set, but this binary was built without the cargo feature `aws`; build it with \
         `cargo lambda build --release --features aws`, or unset {0}"
    )]
    WithoutAws(&'static str),
    /// The compatibility with the apps of the Node.js example, although callers are authenticated.
    #[error(
        "REFERENCE_APP_COMPATIBILITY=true lets any caller pay any order with any amount of the Node.js example; unset it, or {0}"
    )]
    CompatibilityWithAccessControl(&'static str),
    /// Not a number in the range.
    #[error("AWS_LAMBDA_MAX_CONCURRENCY must be a whole number from 1 to 1000")]
    MaxConcurrency,
    /// Not one of the permitted values.
    #[error("{0} must be {1}")]
    Choice(&'static str, &'static str),
    /// No issuer of tokens.
    #[error(
        "JWT_ISSUER is not set; set it to the URL of the issuer of tokens (for demos of payment without identity, set \
         PAYMENT_ACCESS=open instead)"
    )]
    MissingIssuer,
    /// No or several sources of the signing keys.
    #[error(
        "set either LOGIN_SIGNING_KEYS, to private RSA keys in PEM, or LOGIN_SIGNING_KEYS_ARN, to a secret that holds them"
    )]
    NoSigningKeys,
    /// Invalid signing keys.
    #[error("LOGIN_SIGNING_KEYS: {0}")]
    SigningKeys(String),
    /// Invalid settings of the export of spans.
    #[error(transparent)]
    Spans(#[from] telemetry::SettingsError),
    /// Not UTF-8.
    #[error("{0} is not valid UTF-8")]
    NotUnicode(&'static str),
    /// The process was not started by a Lambda runtime.
    #[error(
        "AWS_LAMBDA_RUNTIME_API is not set: this program is a Lambda function and needs a Lambda runtime; \
         start it with `cargo xtask dev` or `cargo lambda watch`"
    )]
    NotInLambda,
}

impl From<connection::Error> for ConfigError {
    fn from(error: connection::Error) -> Self {
        match error {
            connection::Error::Unreadable(what) => Self::ConnectionString(what),
            connection::Error::Tls(what) => Self::Tls(what),
            connection::Error::Authority(what) => Self::CaCertificate(what),
        }
    }
}

/// `main` prints an error with `Debug`, so that form is the message.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
