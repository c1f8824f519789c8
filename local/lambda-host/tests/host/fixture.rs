//! A host of functions that misbehave on request, and calls that the test holds.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use http::Method;
use lambda_host::{FunctionSpec, Functions, Limits, Options};
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::watchdog::Watchdog;
use reqwest::{Client, Response};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Origin of a page that may call the functions.
pub(crate) const APP: &str = "http://localhost:3000";

pub(crate) const INTERNAL: &str = r#"{"message":"Internal Server Error"}"#;
pub(crate) const UNAVAILABLE: &str = r#"{"message":"Service Unavailable"}"#;

/// One function, with this number of processes that handle a call at a time.
pub(crate) fn options(processes: usize) -> Options {
    let limits = Limits {
        processes,
        calls_per_process: 1,
        queue: 2,
        function_timeout: Duration::from_millis(500),
        gateway_timeout: Duration::from_secs(3),
        init_timeout: Duration::from_secs(10),
    };
    Options {
        functions: vec![function("misbehave")],
        host: std::net::Ipv4Addr::LOCALHOST.into(),
        port: 0,
        allowed_origins: vec![APP.to_owned()],
        limits,
        env: Vec::new(),
        inherited_env: Vec::new(),
        log_format: LogFormat::Json,
        log_level: LogLevel::Error,
    }
}

/// [`options`] with functions whose calls do not exceed their time limit.
pub(crate) fn untimed_options(processes: usize, calls_per_process: usize) -> Options {
    let mut options = options(processes);
    options.limits.calls_per_process = calls_per_process;
    // Calls may arrive before each process has asked for one.
    options.limits.queue = 10;
    options.limits.function_timeout = Duration::from_hours(1);
    options.limits.gateway_timeout = Duration::from_hours(1);
    options
}

/// The misbehaving function under a name, which is also its path.
pub(crate) fn function(name: &str) -> FunctionSpec {
    let mut me = std::env::current_exe().unwrap();
    me.pop();
    me.pop();
    let program: PathBuf = me.join("examples/misbehaving-function");
    FunctionSpec {
        name: name.to_owned(),
        program,
        routes: [Method::POST, Method::OPTIONS]
            .map(|method| (method, format!("/{name}")))
            .into(),
        env: Vec::new(),
    }
}

pub(crate) struct Host {
    pub(crate) functions: Functions,
    pub(crate) client: Client,
    pub(crate) logs: Logs,
}

impl Host {
    pub(crate) async fn start(options: Options) -> Self {
        let logs = Logs::new(Destination::Kept);
        let watchdog = Watchdog::start(&local_process::dirs::bin_dir().unwrap());
        let functions = Functions::start(options, &logs, &watchdog).await.unwrap();
        Self {
            functions,
            client: local_process::http_client().unwrap(),
            logs,
        }
    }

    pub(crate) async fn post(&self, body: impl Into<reqwest::Body>) -> Response {
        self.post_to("misbehave", body).await
    }

    pub(crate) async fn post_to(&self, function: &str, body: impl Into<reqwest::Body>) -> Response {
        self.client
            .post(format!("{}/{function}", self.functions.url()))
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// Posts with these headers.
    pub(crate) async fn post_as_page(&self, headers: &[(&str, &str)], body: &'static str) -> Response {
        let mut request = self.client.post(format!("{}/misbehave", self.functions.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body).send().await.unwrap()
    }

    /// Waits until this number of calls are in flight.
    pub(crate) async fn busy(&self, calls: usize) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.functions.busy() < calls {
            assert!(Instant::now() < deadline, "fewer than {calls} calls arrived");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(crate) async fn status_and_text(&self, body: &'static str) -> (u16, String) {
        text_of(self.post(body).await).await
    }
}

pub(crate) async fn text_of(response: Response) -> (u16, String) {
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Receives the reports of calls that wait for the test.
pub(crate) struct Holder {
    listener: TcpListener,
}

/// A call in flight. Its function answers when this is dropped.
pub(crate) struct HeldCall {
    pub(crate) pid: i32,
    pub(crate) label: String,
    _connection: BufReader<TcpStream>,
}

impl Holder {
    pub(crate) async fn listen() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        }
    }

    /// Body of a call that waits, and then answers with the label.
    pub(crate) fn body(&self, label: &str) -> String {
        format!("hold {} {label}", self.listener.local_addr().unwrap())
    }

    /// Waits until a process has received such a call.
    pub(crate) async fn next(&self) -> HeldCall {
        let (connection, _) = self.listener.accept().await.unwrap();
        let mut connection = BufReader::new(connection);
        let mut report = String::new();
        connection.read_line(&mut report).await.unwrap();
        let (pid, label) = report.trim_end().split_once(' ').unwrap();
        HeldCall {
            pid: pid.parse().unwrap(),
            label: label.to_owned(),
            _connection: connection,
        }
    }
}
