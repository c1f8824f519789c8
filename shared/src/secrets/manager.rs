//! AWS Secrets Manager. Region, role and endpoint come from the standard environment variables of AWS: Lambda sets them, and
//! `AWS_ENDPOINT_URL` (or `AWS_ENDPOINT_URL_SECRETS_MANAGER`) selects an emulator or a VPC endpoint.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{
    Client,
    operation::{get_secret_value::GetSecretValueError, put_secret_value::PutSecretValueError},
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use super::{
    RefreshableSecret, Secret, SecretAges, SecretError,
    versions::{CURRENT, Labels, PENDING, PREVIOUS, Version, Versions},
};
use connection::chain;

const BINARY: &str = "the secret is binary; store it as text";

/// Maximum duration of a read including its retries. A request waits for it and has a deadline of 9 s.
const READ_TIMEOUT: Duration = Duration::from_secs(3);

/// Client that is created on the first read. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct SecretsManager {
    client: Arc<OnceCell<Client>>,
}

impl SecretsManager {
    /// Returns a value that is read from the secret named by a variable.
    pub fn refreshable<T: PartialEq + Send + Sync + 'static>(
        &self,
        variable: &'static str,
        id: &str,
        min_refresh_interval: Duration,
        parse: fn(&str) -> Result<T, String>,
    ) -> RefreshableSecret<T> {
        let (manager, id) = (self.clone(), id.to_owned());
        RefreshableSecret::from_source(min_refresh_interval, move || {
            let (manager, id) = (manager.clone(), id.clone());
            Box::pin(async move {
                let text = manager.read(&id).await;
                text.and_then(|text| parse(&text))
                    .map_err(|reason| SecretError::new(variable, reason))
            })
        })
    }

    /// [`Self::refreshable`] for the version before the last rotation; `None` if there was none.
    pub fn previous<T: PartialEq + Send + Sync + 'static>(
        &self,
        variable: &'static str,
        id: &str,
        min_refresh_interval: Duration,
        parse: fn(&str) -> Result<T, String>,
    ) -> RefreshableSecret<Option<T>> {
        let (manager, id) = (self.clone(), id.to_owned());
        RefreshableSecret::from_source(min_refresh_interval, move || {
            let (manager, id) = (manager.clone(), id.clone());
            Box::pin(async move {
                let text = manager.read_stage(&id, PREVIOUS).await;
                text.and_then(|text| text.map(|text| parse(&text)).transpose())
                    .map_err(|reason| SecretError::new(variable, reason))
            })
        })
    }

    /// Ages of the secrets with these ids, separated by commas. They are described, not read.
    pub fn ages(&self, ids: &str) -> SecretAges {
        let manager = self.clone();
        SecretAges::from_source(ids, move |id| {
            let manager = manager.clone();
            Box::pin(async move { manager.changed(&id).await })
        })
    }

    /// Returns the time at which a secret was changed last.
    async fn changed(&self, id: &str) -> Result<SystemTime, String> {
        let client = self.client.get_or_init(connect).await;
        let described = client.describe_secret().secret_id(id).send().await;
        let described = described.map_err(|error| format!("{id}: {}", chain(&error)))?;
        let changed = described.last_changed_date.or(described.created_date);
        let seconds = changed.and_then(|date| u64::try_from(date.secs()).ok());
        let seconds = seconds.ok_or_else(|| format!("{id}: the secret has no date"))?;
        Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Returns the current version of a secret, by ARN or name.
    async fn read(&self, id: &str) -> Result<String, String> {
        let text = self.read_stage(id, CURRENT).await?;
        text.ok_or_else(|| "the secret has no value".to_owned())
    }

    /// Returns a version of a secret; `None` if it does not exist.
    async fn read_stage(&self, id: &str, stage: &str) -> Result<Option<String>, String> {
        let client = self.client.get_or_init(connect).await;
        let request = client.get_secret_value().secret_id(id).version_stage(stage);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                let is_absent = error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception);
                if is_absent && stage != CURRENT {
                    return Ok(None);
                }
                return Err(chain(&error));
            }
        };
        let text = response.secret_string;
        text.map(Some).ok_or_else(|| BINARY.to_owned())
    }
}

impl Versions for SecretsManager {
    fn labels<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Labels, String>> {
        Box::pin(async move {
            let client = self.client.get_or_init(connect).await;
            let described = client.describe_secret().secret_id(id).send().await;
            let described = described.map_err(|error| chain(&error))?;
            let labels = described.version_ids_to_stages.unwrap_or_default();
            Ok(labels.into_iter().collect())
        })
    }

    fn value<'a>(
        &'a self,
        id: &'a str,
        version: Version<'a>,
    ) -> BoxFuture<'a, Result<Option<Secret>, String>> {
        Box::pin(async move {
            let client = self.client.get_or_init(connect).await;
            let request = client.get_secret_value().secret_id(id);
            let request = match version {
                Version::Id(version) => request.version_id(version),
                Version::Label(label) => request.version_stage(label),
            };
            match request.send().await {
                Ok(response) if response.secret_binary.is_some() => Err(BINARY.to_owned()),
                // The pending version has no value before createSecret.
                Ok(response) => {
                    let value = response.secret_string.map(Secret::new).transpose();
                    value.map_err(|error| error.to_string())
                }
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
                {
                    Ok(None)
                }
                Err(error) => Err(chain(&error)),
            }
        })
    }

    fn put_pending<'a>(
        &'a self,
        id: &'a str,
        version: &'a str,
        value: &'a Secret,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let client = self.client.get_or_init(connect).await;
            let request = client
                .put_secret_value()
                .secret_id(id)
                .client_request_token(version)
                .secret_string(value.expose())
                .version_stages(PENDING);
            match request.send().await {
                // A concurrent call has stored another value.
                Err(error)
                    if error
                        .as_service_error()
                        .is_some_and(PutSecretValueError::is_resource_exists_exception) =>
                {
                    Ok(())
                }
                Err(error) => Err(chain(&error)),
                Ok(_) => Ok(()),
            }
        })
    }

    fn make_current<'a>(
        &'a self,
        id: &'a str,
        from: &'a str,
        to: &'a str,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let client = self.client.get_or_init(connect).await;
            let request = client
                .update_secret_version_stage()
                .secret_id(id)
                .version_stage(CURRENT)
                .remove_from_version_id(from)
                .move_to_version_id(to);
            request.send().await.map(drop).map_err(|error| chain(&error))
        })
    }
}

async fn connect() -> Client {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(READ_TIMEOUT)
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(100)))
        .load()
        .await;
    Client::new(&config)
}
