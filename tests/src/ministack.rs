//! ministack, an AWS emulator, on a free port. It executes Lambda binaries and stores secrets; it does not verify
//! signatures, so that any access key is valid.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use local_process::dirs;
use local_process::ports;
use local_process::process::{Program, Running, Signal};
use local_process::watchdog::Watchdog;
use local_tools::python::Tools;
use serde_json::{Map, Value, json};

/// Region of all resources.
pub const REGION: &str = "eu-central-1";

/// Time after which a start counts as hanging.
const START: Duration = Duration::from_mins(1);

/// A running emulator.
#[derive(Debug)]
pub struct Ministack {
    endpoint: String,
    tools: Tools,
    running: Running,
    // Contains the log and the state.
    dir: tempfile::TempDir,
    http: reqwest::Client,
}

impl Ministack {
    /// Starts an emulator and waits until it responds.
    pub async fn start() -> Self {
        let tools = Tools::ready().expect("the Python tools");
        let port = ports::free().expect("a free port");
        let dir = tempfile::tempdir().expect("a directory");
        let watchdog = Watchdog::start(&dirs::bin_dir().expect("the binaries"));
        // The functions inherit the environment of the emulator, so it starts with an empty one.
        let running = Program::new("ministack", &PathBuf::from("/usr/bin/env"))
            .args([
                "-i".to_owned(),
                format!("PATH={}", tools.path().to_string_lossy()),
            ])
            .args([
                format!("HOME={}", dir.path().display()),
                format!("TMPDIR={}", dir.path().display()),
                format!("GATEWAY_PORT={port}"),
                format!("AWS_ENDPOINT_URL=http://127.0.0.1:{port}"),
                format!("MINISTACK_REGION={REGION}"),
                "BIND_HOST=127.0.0.1".to_owned(),
                "IOT_MTLS_ENABLED=0".to_owned(),
            ])
            .args([
                tools.program("python"),
                dirs::root().join("infra/tests/emulator.py"),
            ])
            .directory(dir.path())
            .start_logging_to(&dir.path().join("log"), &watchdog)
            .expect("ministack starts");
        let ministack = Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            tools,
            running,
            dir,
            http: local_process::http_client().expect("an HTTP client"),
        };
        ministack.ready().await;
        ministack
    }

    async fn ready(&self) {
        let health = format!("{}/_ministack/health", self.endpoint);
        let began = Instant::now();
        while !self
            .http
            .get(&health)
            .send()
            .await
            .is_ok_and(|answer| answer.status().is_success())
        {
            assert!(
                self.running.status().is_none() && began.elapsed() < START,
                "ministack did not start: {}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Value for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Python tools: the AWS CLI and cargo-lambda.
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Its output.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// File with the calls of the pipeline's commands (infra/tests/calls.py).
    pub fn calls(&self) -> PathBuf {
        self.dir.path().join("calls")
    }

    /// Environment variables that direct an AWS client to the emulator, as on Lambda.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    /// Creates a secret; returns its ARN.
    pub async fn create_secret(&self, name: &str, value: &str) -> String {
        let answer = self
            .secrets_manager("CreateSecret", &json!({"Name": name, "SecretString": value}))
            .await;
        answer["ARN"].as_str().expect("the secret's ARN").to_owned()
    }

    /// Stores a new value of a secret.
    pub async fn change_secret(&self, arn: &str, value: &str) {
        self.secrets_manager("PutSecretValue", &json!({"SecretId": arn, "SecretString": value}))
            .await;
    }

    /// Returns the current value of a secret.
    pub async fn secret(&self, arn: &str) -> String {
        let answer = self
            .secrets_manager("GetSecretValue", &json!({"SecretId": arn}))
            .await;
        answer["SecretString"].as_str().expect("a text").to_owned()
    }

    /// Starts the rotation of a secret by a function.
    pub async fn rotate_secret(&self, arn: &str, function: &str) {
        self.secrets_manager(
            "RotateSecret",
            &json!({"SecretId": arn, "RotationLambdaARN": function}),
        )
        .await;
    }

    /// Creates a function from its program; returns its ARN.
    pub async fn create_function(&self, name: &str, program: &Path, env: Vec<(String, String)>) -> String {
        let zip = self.dir.path().join(format!("{name}.zip"));
        let zipped = Command::new(self.tools.program("python"))
            .args(["-m", "zipfile", "-c"])
            .arg(&zip)
            .arg(program.file_name().expect("a file"))
            .current_dir(program.parent().expect("a directory"))
            .status()
            .expect("python");
        assert!(zipped.success(), "{}", program.display());
        let mut variables = Map::new();
        variables.extend(env.into_iter().map(|(name, value)| (name, value.into())));
        let input = json!({
            "FunctionName": name,
            "Runtime": "provided.al2023",
            "Handler": "bootstrap",
            "Role": "arn:aws:iam::000000000000:role/test",
            "Timeout": 30,
            "Environment": {"Variables": variables},
        });
        let output = tokio::process::Command::new(self.tools.program("aws"))
            .args(["lambda", "create-function", "--output", "json", "--zip-file"])
            .arg(format!("fileb://{}", zip.display()))
            .arg("--cli-input-json")
            .arg(input.to_string())
            .env_clear()
            .env("PATH", self.tools.path())
            .env("HOME", self.dir.path())
            .envs(self.environment())
            .output()
            .await
            .expect("the AWS CLI");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let created: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        created["FunctionArn"].as_str().expect("an ARN").to_owned()
    }

    async fn secrets_manager(&self, action: &str, body: &Value) -> Value {
        let scope = format!("test/20260101/{REGION}/secretsmanager/aws4_request");
        let answer = self
            .http
            .post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("secretsmanager.{action}"))
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
            )
            .body(body.to_string())
            .send()
            .await
            .expect("ministack responds");
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        assert!(status.is_success(), "{action}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Stops the emulator and its functions.
    pub async fn stop(self) {
        self.running.stop(Signal::TERM, Duration::from_secs(10)).await;
    }
}
