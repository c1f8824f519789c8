//! AWS Secrets Manager. Region, role and endpoint come from where every AWS program has them: Lambda sets them, and
//! `AWS_ENDPOINT_URL` (or `AWS_ENDPOINT_URL_SECRETS_MANAGER`) leads to an emulator or a VPC endpoint.

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::Client;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use tokio::sync::OnceCell;

use super::{Rotating, SecretError};
use connection::chain;

/// A reading, its retries included, may take this long: a request waits for it, and lives for nine seconds.
const WITHIN: Duration = Duration::from_secs(3);

/// The client, made at the first reading. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct SecretsManager {
    client: Arc<OnceCell<Client>>,
}

impl SecretsManager {
    /// A value that this reads from the secret that a variable names.
    pub fn rotating<T: PartialEq + Send + Sync + 'static>(
        &self,
        variable: &'static str,
        id: &str,
        cool_down: Duration,
        parse: fn(&str) -> Result<T, String>,
    ) -> Rotating<T> {
        let (manager, id) = (self.clone(), id.to_owned());
        Rotating::from_source(cool_down, move || {
            let (manager, id) = (manager.clone(), id.clone());
            Box::pin(async move {
                let text = manager.read(&id).await;
                text.and_then(|text| parse(&text))
                    .map_err(|reason| SecretError::new(variable, reason))
            })
        })
    }

    /// The current version of a secret, by its ARN or its name.
    async fn read(&self, id: &str) -> Result<String, String> {
        let client = self.client.get_or_init(connect).await;
        let answer = client
            .get_secret_value()
            .secret_id(id)
            .send()
            .await
            .map_err(|error| chain(&error))?;
        answer
            .secret_string
            .ok_or_else(|| "it holds bytes, and should hold text".to_owned())
    }
}

async fn connect() -> Client {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(WITHIN)
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(100)))
        .load()
        .await;
    Client::new(&config)
}
