//! Client of the commands of the engine or of Hasura.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Client of the commands of one engine.
#[derive(Debug, Clone)]
pub struct Metadata {
    url: String,
    admin_secret: Option<String>,
    http: reqwest::Client,
}

/// Error response in Hasura's format.
#[derive(Debug, thiserror::Error)]
#[error("{error} (code {code}, at {path})")]
pub struct MetadataError {
    pub(super) code: String,
    pub(super) error: String,
    /// Location in the request.
    pub(super) path: String,
}

impl MetadataError {
    /// Whether the command may succeed later: the database was not available.
    pub fn may_be_temporary(&self) -> bool {
        self.code == "unexpected"
    }
}

impl Metadata {
    /// `engine` is the engine's base URL.
    pub fn new(engine: &str, admin_secret: Option<&str>) -> Result<Self> {
        Ok(Self::with_client(
            engine,
            admin_secret,
            local_process::http_client()?,
        ))
    }

    /// [`Self::new`] with the caller's HTTP client.
    pub fn with_client(engine: &str, admin_secret: Option<&str>, http: reqwest::Client) -> Self {
        Self {
            url: engine.trim_end_matches('/').to_owned(),
            admin_secret: admin_secret.map(str::to_owned),
            http,
        }
    }

    /// Sends one command. Returns a [`MetadataError`] if the engine rejects it.
    pub async fn query(&self, command: &Value) -> Result<Value> {
        self.post("v1/query", command).await
    }

    /// Sends one of the commands that Hasura accepts at its newer endpoint only. Returns a [`MetadataError`] if the engine rejects it.
    pub(super) async fn change(&self, command: &Value) -> Result<Value> {
        self.post("v1/metadata", command).await
    }

    async fn post(&self, path: &str, command: &Value) -> Result<Value> {
        let url = format!("{}/{path}", self.url);
        let mut request = self.http.post(&url).json(command);
        if let Some(secret) = &self.admin_secret {
            request = request.header("x-hasura-admin-secret", secret);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("cannot reach {url}"))?;
        let status = response.status();
        let body = response
            .text()
            .await
            .with_context(|| format!("{url} closed the connection during its response"))?;
        let answer: Value = serde_json::from_str(&body)
            .with_context(|| format!("{url} responded {status}; the body is not valid JSON: {body:.200}"))?;
        if status.is_success() {
            return Ok(answer);
        }
        let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let mut error = field("error");
        // For SQL errors the engine's own message is generic; the cause is Postgres' message.
        if let Some(cause) = answer["internal"]["error"]["message"].as_str() {
            error = format!("{error}: {cause}");
        }
        Err(MetadataError {
            code: field("code"),
            error,
            path: field("path"),
        }
        .into())
    }
}
