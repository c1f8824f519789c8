//! The engine as its clients see it: HTTP requests, and the binary as a process.

use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::broadcast;

/// Number of log lines that a test may be behind.
const LOG_LINES: usize = 1024;

/// HTTP client of a running engine.
#[derive(Debug, Clone)]
pub struct EngineClient {
    /// Base URL without a trailing slash.
    pub url: String,
    /// Client with which the requests are sent.
    pub http: reqwest::Client,
}

impl EngineClient {
    /// Creates a client of the engine at this base URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            http: crate::http_client(),
        }
    }

    /// Posts JSON; returns the status and the JSON body.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        self.try_post(path, headers, body)
            .await
            .expect("the engine responds")
    }

    /// Posts JSON to an engine that may be unreachable. The body is null if it is not JSON.
    ///
    /// # Errors
    /// Returns an error if there is no response.
    pub async fn try_post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<(u16, Value), reqwest::Error> {
        let mut request = self.http.post(format!("{}{path}", self.url)).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok((status, response.json().await.unwrap_or_default()))
    }

    /// Runs a command of `/v1/query` that must succeed; returns its response.
    pub async fn command(&self, kind: &str, args: Value) -> Value {
        let body = json!({"type": kind, "args": args});
        let (status, response) = self.post("/v1/query", &[], &body).await;
        assert_eq!(status, 200, "{kind}: {response}");
        response
    }

    /// Runs a command of `/v1/query` that must fail; returns status, code, path and message.
    pub async fn refused(&self, kind: &str, args: Value) -> (u16, String, String, String) {
        let body = json!({"type": kind, "args": args});
        let (status, response) = self.post("/v1/query", &[], &body).await;
        let part = |key: &str| response[key].as_str().unwrap_or_default().to_owned();
        assert_ne!(status, 200, "{kind} must fail: {response}");
        (status, part("code"), part("path"), part("error"))
    }

    /// Runs SQL with the command `run_sql`.
    pub async fn sql(&self, sql: &str) -> Value {
        self.command("run_sql", json!({"sql": sql})).await
    }

    /// Runs a GraphQL operation as admin; returns the whole response body.
    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        self.post("/v1/graphql", &[], &body).await.1
    }
}

/// The engine's binary, running on a free port. The process is killed with this value.
#[derive(Debug)]
pub struct EngineProcess {
    /// Client of this engine.
    pub client: EngineClient,
    /// Log lines; the channel keeps the latest [`LOG_LINES`].
    log: broadcast::Sender<Value>,
    child: Child,
}

impl EngineProcess {
    /// Starts `binary` (`env!("CARGO_BIN_EXE_engine")`) and waits until it is ready.
    pub async fn start(
        binary: &Path,
        database_url: &str,
        options: &[&str],
        environment: &[(&str, &str)],
    ) -> Self {
        Self::try_start(binary, database_url, options, environment)
            .await
            .expect("the engine logs its address before it exits")
    }

    /// Starts `binary` and waits until it is ready; returns `None` if it exits before.
    pub async fn try_start(
        binary: &Path,
        database_url: &str,
        options: &[&str],
        environment: &[(&str, &str)],
    ) -> Option<Self> {
        let mut child = Command::new(binary)
            .args(["--database-url", database_url])
            .args(["--server-host", "127.0.0.1", "--server-port", "0"])
            .args(options)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the engine's binary exists");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let address = loop {
            let line = lines.next_line().await.expect("log lines are UTF-8")?;
            let line: Value = serde_json::from_str(&line).unwrap_or_default();
            if line["message"] == "engine is ready" {
                break line["address"].as_str().expect("the field address").to_owned();
            }
        };
        let log = broadcast::Sender::new(LOG_LINES);
        let sender = log.clone();
        // A full pipe would block the engine.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                // An error means that no test reads the log.
                let _ = sender.send(serde_json::from_str(&line).unwrap_or_default());
            }
        });
        Some(Self {
            client: EngineClient::new(format!("http://{address}")),
            log,
            child,
        })
    }

    /// Returns a receiver of the log lines from now on, as JSON.
    pub fn log(&self) -> broadcast::Receiver<Value> {
        self.log.subscribe()
    }

    /// Resident memory in bytes (`VmRSS` of `/proc`).
    pub fn resident_bytes(&self) -> u64 {
        self.status_bytes("VmRSS:")
    }

    /// Maximum of the resident memory since the start, in bytes (`VmHWM` of `/proc`).
    pub fn peak_resident_bytes(&self) -> u64 {
        self.status_bytes("VmHWM:")
    }

    fn status_bytes(&self, key: &str) -> u64 {
        let id = self.child.id().expect("the process is running");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux has /proc");
        let kibibytes = status
            .lines()
            .find_map(|line| line.strip_prefix(key)?.trim().strip_suffix("kB"))
            .and_then(|number| number.trim().parse::<u64>().ok())
            .expect("the status has the line");
        kibibytes * 1024
    }

    /// Kills the process and waits for its exit.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the process can be killed");
    }
}
