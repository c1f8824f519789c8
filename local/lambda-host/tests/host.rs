//! The function host and gateway, with a real Lambda binary that misbehaves on request.

#![expect(clippy::unwrap_used, reason = "a failure in a test helper fails the test")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use http::Method;
use lambda_host::{FunctionSpec, Functions, Limits, Options};
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::process::Signal;
use local_process::watchdog::Watchdog;
use reqwest::{Client, Response};
use rustix::process::{kill_process, test_kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Origin of a page that may call the functions.
const APP: &str = "http://localhost:3000";

fn options(concurrency: usize) -> Options {
    let mut me = std::env::current_exe().unwrap();
    me.pop();
    me.pop();
    let program: PathBuf = me.join("examples/misbehaving-function");
    let function = FunctionSpec {
        name: "misbehave".to_owned(),
        program,
        routes: vec![
            (Method::POST, "/misbehave".to_owned()),
            (Method::OPTIONS, "/misbehave".to_owned()),
        ],
        env: Vec::new(),
    };
    let limits = Limits {
        concurrency,
        queue: 2,
        function_timeout: Duration::from_millis(500),
        gateway_timeout: Duration::from_secs(3),
        init_timeout: Duration::from_secs(10),
    };
    Options {
        functions: vec![function],
        port: 0,
        allowed_origins: vec![APP.to_owned()],
        limits,
        env: Vec::new(),
        inherited_env: Vec::new(),
        log_format: LogFormat::Json,
        log_level: LogLevel::Error,
    }
}

struct Host {
    functions: Functions,
    client: Client,
    logs: Logs,
}

impl Host {
    async fn start(options: Options) -> Self {
        let logs = Logs::new(Destination::Kept);
        let watchdog = Watchdog::start(&local_process::dirs::bin_dir().unwrap());
        let functions = Functions::start(options, &logs, &watchdog).await.unwrap();
        Self {
            functions,
            client: local_process::http_client().unwrap(),
            logs,
        }
    }

    async fn post(&self, body: impl Into<reqwest::Body>) -> Response {
        self.client
            .post(format!("{}/misbehave", self.functions.url()))
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// Posts with these headers.
    async fn post_as_page(&self, headers: &[(&str, &str)], body: &'static str) -> Response {
        let mut request = self.client.post(format!("{}/misbehave", self.functions.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body).send().await.unwrap()
    }

    /// Waits until this number of processes execute a call.
    async fn busy(&self, processes: usize) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.functions.busy() < processes {
            assert!(Instant::now() < deadline, "fewer than {processes} calls arrived");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn status_and_text(&self, body: &'static str) -> (u16, String) {
        let response = self.post(body).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

fn unix_millis() -> u128 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_millis()
}

const INTERNAL: &str = r#"{"message":"Internal Server Error"}"#;
const UNAVAILABLE: &str = r#"{"message":"Service Unavailable"}"#;

#[tokio::test]
async fn call_reaches_the_function_as_on_lambda() {
    let host = Host::start(options(1)).await;
    let before = unix_millis();
    let response = host
        .client
        .post(format!("{}/misbehave?x=1", host.functions.url()))
        .header("content-type", "application/json")
        .body(r#"{"order_id":"ö"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let cookies: Vec<_> = response.headers().get_all("set-cookie").iter().cloned().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    let seen: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(seen["event"]["version"], "2.0");
    assert_eq!(seen["event"]["routeKey"], "POST /misbehave");
    assert_eq!(seen["event"]["body"], r#"{"order_id":"ö"}"#);
    assert_eq!(seen["event"]["rawQueryString"], "x=1");
    assert_eq!(seen["event"]["requestContext"]["requestId"], seen["request_id"]);
    assert!(seen["arn"].as_str().unwrap().ends_with(":function:misbehave"));
    let deadline = u128::from(seen["deadline"].as_u64().unwrap());
    // The call started between the two readings of the clock and may take 500 ms; the conversion truncates.
    assert!(
        (before + 499..=unix_millis() + 500).contains(&deadline),
        "{deadline}"
    );

    let (status, body) = host.status_and_text("infer").await;
    assert_eq!((status, body.as_str()), (200, r#"{"outcome":"inferred"}"#));
    let png = host.post("bytes").await;
    assert_eq!(png.headers()["content-type"], "image/png");
    assert_eq!(png.bytes().await.unwrap().as_ref(), b"\x89PNG");
    let binary: Value =
        serde_json::from_str(&host.post(vec![0xff, 0xfe]).await.text().await.unwrap()).unwrap();
    assert_eq!(binary["event"]["body"], "//4=");
    assert_eq!(binary["event"]["isBase64Encoded"], true);
    host.functions.stop().await;
}

#[tokio::test]
async fn unknown_routes_are_404() {
    let host = Host::start(options(1)).await;
    for (method, path) in [
        (Method::GET, "/misbehave"),
        (Method::POST, "/misbehave/"),
        (Method::POST, "/"),
        (Method::POST, "/x"),
    ] {
        let url = format!("{}{path}", host.functions.url());
        let response = host.client.request(method.clone(), url).send().await.unwrap();
        assert_eq!(response.status(), 404, "{method} {path}");
        assert_eq!(response.text().await.unwrap(), r#"{"message":"Not Found"}"#);
    }
    host.functions.stop().await;
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let host = Host::start(options(1)).await;
    let json = ("content-type", "application/json");
    let port = host.functions.url().rsplit(':').next().unwrap().to_owned();
    let own = format!("http://127.0.0.1:{port}");
    let rebound = format!("rebinding.test:{port}");
    let rebound_origin = format!("http://{rebound}");
    for (headers, expected) in [
        (vec![("origin", APP), json], 200),
        (vec![("origin", own.as_str()), json], 200),
        (vec![("sec-fetch-site", "cross-site"), json], 200),
        (vec![("host", "localhost")], 200),
        (vec![("origin", APP)], 415),
        (vec![("origin", APP), ("content-type", "text/plain")], 415),
        (vec![("sec-fetch-site", "cross-site")], 415),
        (
            vec![
                ("sec-fetch-site", "same-site"),
                ("content-type", "multipart/form-data"),
            ],
            415,
        ),
        (vec![("origin", "null"), json], 403),
        (vec![("origin", "https://localhost:3000"), json], 403),
        (vec![("origin", "http://localhost:30000"), json], 403),
        (vec![("origin", "http://localhost:3000.evil.test"), json], 403),
        (vec![("origin", "https://evil.test"), json], 403),
        (vec![("host", rebound.as_str()), json], 403),
        (
            vec![
                ("host", rebound.as_str()),
                ("origin", rebound_origin.as_str()),
                json,
            ],
            403,
        ),
    ] {
        let response = host.post_as_page(&headers, "echo").await;
        assert_eq!(response.status(), expected, "{headers:?}");
        let readable = response.headers().get("access-control-allow-origin");
        let page = headers.iter().find(|(name, _)| *name == "origin");
        let page = page.map(|(_, origin)| *origin).filter(|_| expected != 403);
        assert_eq!(readable.map(|value| value.to_str().unwrap()), page, "{headers:?}");
    }
    // A preflight request is refused as well, and answered without CORS headers.
    let preflight = host
        .client
        .request(Method::OPTIONS, format!("{}/misbehave", host.functions.url()))
        .header("origin", "https://evil.test")
        .header("access-control-request-method", "POST");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(!response.headers().contains_key("access-control-allow-origin"));
    host.functions.stop().await;
}

/// The refusal does not wait for a body that the page never sends completely.
#[tokio::test]
async fn pages_are_refused_before_the_body_is_read() {
    let host = Host::start(options(1)).await;
    let address = host.functions.url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /misbehave HTTP/1.1\r\nhost: {address}\r\norigin: https://evil.test\r\n\
         content-type: application/json\r\ncontent-length: 1000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.unwrap();
    assert!(line.starts_with("HTTP/1.1 403 "), "{line}");
    host.functions.stop().await;
}

/// A process finds the Runtime API in its environment; a page of any origin could guess its port.
#[tokio::test]
async fn pages_cannot_use_the_runtime_api() {
    let host = Host::start(options(1)).await;
    let (_, api) = host.status_and_text("env AWS_LAMBDA_RUNTIME_API").await;
    let url = format!("{api}/2018-06-01/runtime/invocation/next");
    for (name, value) in [
        ("origin", "https://evil.test"),
        ("sec-fetch-site", "cross-site"),
        ("host", "rebinding.test"),
    ] {
        let response = host.client.get(&url).header(name, value).send().await.unwrap();
        assert_eq!(response.status(), 403, "{name}");
    }
    assert_eq!(host.post("echo").await.status(), 200);
    host.functions.stop().await;
}

#[tokio::test]
async fn failing_function_is_a_500_and_keeps_its_process() {
    let host = Host::start(options(1)).await;
    let pid = host.functions.pids("misbehave");
    for how in ["error", "panic", "garbage"] {
        assert_eq!(
            host.status_and_text(how).await,
            (500, INTERNAL.to_owned()),
            "{how}"
        );
    }
    let response = host
        .post_as_page(&[("origin", APP), ("content-type", "application/json")], "error")
        .await;
    assert_eq!(
        response.headers()["access-control-allow-origin"],
        APP,
        "a browser must be able to read it"
    );
    assert_eq!(response.headers()["vary"], "Origin");
    assert_eq!(host.functions.pids("misbehave"), pid);
    host.functions.stop().await;
}

#[tokio::test]
async fn crash_is_an_immediate_500_and_the_process_is_replaced() {
    let mut options = options(1);
    // A response cannot come from a timeout.
    options.limits.function_timeout = Duration::from_hours(1);
    options.limits.gateway_timeout = Duration::from_hours(1);
    let host = Host::start(options).await;
    let before = host.functions.pids("misbehave");
    assert_eq!(host.status_and_text("crash").await, (500, INTERNAL.to_owned()));
    assert_eq!(host.post("echo").await.status(), 200);
    assert_ne!(host.functions.pids("misbehave"), before);
    let said = host.logs.tail("misbehave").join("\n");
    assert!(
        said.contains("the process exited with status 1; starting another"),
        "{said}"
    );

    // A kill from outside, during a call.
    let (response, ()) = tokio::join!(host.post("hang"), async {
        host.busy(1).await;
        assert_eq!(host.functions.kill_one_of_each(), 1);
    });
    assert_eq!(response.status(), 500);
    host.functions.stop().await;
}

#[tokio::test]
async fn overdue_call_is_a_503_and_its_process_is_replaced() {
    let mut options = options(1);
    options.limits.gateway_timeout = Duration::from_hours(1);
    let host = Host::start(options).await;
    let before = host.functions.pids("misbehave");
    assert_eq!(host.status_and_text("hang").await, (503, UNAVAILABLE.to_owned()));
    assert_eq!(host.post("echo").await.status(), 200);
    assert_ne!(host.functions.pids("misbehave"), before);
    host.functions.stop().await;
}

#[tokio::test]
async fn full_queue_is_a_429_and_long_wait_a_503() {
    let mut options = options(1);
    options.limits.function_timeout = Duration::from_secs(30);
    options.limits.gateway_timeout = Duration::from_millis(600);
    let host = Host::start(options).await;
    let answers = futures_util::future::join_all((0..6).map(|_| host.post("hang"))).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status() == status).count();
    // One is in flight, two are queued, three are rejected.
    assert_eq!((count(429), count(503)), (3, 3));
    let full = answers.iter().find(|answer| answer.status() == 429).unwrap();
    assert_eq!(full.headers()["retry-after"], "1");
    host.functions.stop().await;
}

#[tokio::test]
async fn calls_are_distributed_over_processes() {
    let mut options = options(3);
    options.limits.function_timeout = Duration::from_hours(1);
    options.limits.gateway_timeout = Duration::from_hours(1);
    let host = Host::start(options).await;
    let calls = futures_util::future::join_all((0..3).map(|_| host.post("hang")));
    let (responses, ()) = tokio::join!(calls, async {
        host.busy(3).await;
        host.functions.stop().await;
    });
    assert!(responses.iter().all(|response| response.status() == 500));
}

#[tokio::test]
async fn oversized_body_is_a_413() {
    let host = Host::start(options(1)).await;
    for size in [6 * 1024 * 1024 + 1, 10 * 1024 * 1024 + 1] {
        let response = host.post(vec![b'a'; size]).await;
        assert_eq!(response.status(), 413, "{size}");
        assert_eq!(
            response.text().await.unwrap(),
            r#"{"message":"Request Entity Too Large"}"#
        );
    }
    assert_eq!(host.post(vec![b'a'; 1024 * 1024]).await.status(), 200);
    host.functions.stop().await;
}

#[tokio::test]
async fn failed_start_is_a_one_line_error() {
    let mut options = options(2);
    options
        .env
        .push(("MISBEHAVE_AT_START".to_owned(), "exit".to_owned()));
    let logs = Logs::new(Destination::Kept);
    let watchdog = Watchdog::start(&local_process::dirs::bin_dir().unwrap());
    let message = Functions::start(options, &logs, &watchdog)
        .await
        .unwrap_err()
        .to_string();
    assert!(message.contains("function misbehave did not start"), "{message}");
    assert!(message.contains("exited with status 3"), "{message}");
    assert!(!message.contains('\n'), "{message}");

    let mut options = self::options(1);
    options.functions[0].program = "/nowhere/misbehave".into();
    let message = Functions::start(options, &logs, &watchdog)
        .await
        .unwrap_err()
        .to_string();
    assert!(message.contains("was not found: /nowhere/misbehave"), "{message}");
}

#[tokio::test]
async fn call_of_a_function_that_cannot_be_restarted_is_a_503_with_retry_after() {
    let mut options = options(1);
    let program = &mut options.functions[0].program;
    let copy = program.with_file_name(format!("misbehaving-function-{}", std::process::id()));
    std::fs::copy(&program, &copy).unwrap();
    *program = copy;
    let program = program.clone();
    let host = Host::start(options).await;
    assert_eq!(host.post("echo").await.status(), 200);
    std::fs::remove_file(program).unwrap();
    assert_eq!(host.functions.kill_one_of_each(), 1);
    // Until its exit is noticed, the killed process has calls, which fail with 500.
    let deadline = Instant::now() + Duration::from_secs(20);
    let response = loop {
        let response = host.post("echo").await;
        if response.status() == 503 {
            break response;
        }
        assert_eq!(response.status(), 500);
        assert!(Instant::now() < deadline, "the process still has calls");
    };
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.text().await.unwrap(), UNAVAILABLE);
    host.functions.stop().await;
}

#[tokio::test]
async fn processes_that_exit_while_idle_restart_with_back_off() {
    let mut options = options(1);
    options
        .env
        .push(("MISBEHAVE_AT_START".to_owned(), "soon".to_owned()));
    let host = Host::start(options).await;
    let deadline = Instant::now() + Duration::from_secs(20);
    let said = loop {
        let said = host.logs.tail("misbehave");
        if said.iter().any(|line| line.contains("restarting in 400 ms")) {
            break said;
        }
        assert!(Instant::now() < deadline, "{said:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    // The first is replaced immediately.
    let restarts: Vec<_> = said
        .iter()
        .filter(|line| line.contains("exited with status 4"))
        .collect();
    assert!(restarts[0].ends_with("starting another process"), "{said:?}");
    assert!(restarts[1].ends_with("restarting in 200 ms"), "{said:?}");
}

#[tokio::test]
async fn stop_ends_processes_and_closes_the_port() {
    let host = Host::start(options(2)).await;
    let pids = host.functions.pids("misbehave");
    assert_eq!(pids.len(), 2);
    let url = host.functions.url();
    let (response, ()) = tokio::join!(host.post("hang"), async {
        host.busy(1).await;
        host.functions.stop().await;
    });
    assert_eq!(response.status(), 500);
    for pid in pids {
        assert!(test_kill_process(pid).is_err(), "{pid:?} is still running");
        let _ = kill_process(pid, Signal::KILL);
    }
    assert!(host.client.post(url).send().await.unwrap_err().is_connect());
}

/// Another process of the machine knows the port and the names of the functions, and can count processes.
#[tokio::test]
async fn runtime_api_refuses_requests_without_the_token_of_a_process() {
    let mut options = options(1);
    options.limits.function_timeout = Duration::from_hours(1);
    options.limits.gateway_timeout = Duration::from_hours(1);
    let host = Host::start(options).await;
    let (_, api) = host.status_and_text("env AWS_LAMBDA_RUNTIME_API").await;
    let (process, token) = api.rsplit_once('/').unwrap();
    assert_eq!(token.len(), 32, "{token}");
    let (server, _) = process.split_once("/misbehave/").unwrap();
    let id = "00000000-0000-0000-0000-000000000000";
    let routes = [
        (Method::GET, "2018-06-01/runtime/invocation/next".to_owned()),
        (
            Method::POST,
            format!("2018-06-01/runtime/invocation/{id}/response"),
        ),
        (Method::POST, format!("2018-06-01/runtime/invocation/{id}/error")),
        (Method::POST, "2018-06-01/runtime/init/error".to_owned()),
        (Method::POST, "2020-01-01/extension/register".to_owned()),
        (Method::GET, "2020-01-01/extension/event/next".to_owned()),
    ];
    let other_token = id.replace('-', "");
    let said = || host.logs.tail("misbehave").len();
    let lines = said();
    for (method, route) in &routes {
        for address in [
            process.to_owned(),
            format!("{process}/{other_token}"),
            format!("{process}/x{token}"),
            format!("{server}/misbehave/999/{token}"),
            format!("{server}/other/1/{token}"),
            server.to_owned(),
        ] {
            let url = format!("{address}/{route}");
            let request = host.client.request(method.clone(), &url).body("{}");
            assert_eq!(request.send().await.unwrap().status(), 403, "{method} {url}");
        }
    }
    assert_eq!(said(), lines, "nothing is logged for the function");
    // No call was taken or answered.
    let (answer, ()) = tokio::join!(host.post("sleep 200"), async {
        host.busy(1).await;
        for (method, route) in &routes {
            let url = format!("{process}/{other_token}/{route}");
            let request = host.client.request(method.clone(), &url).body("{}");
            assert_eq!(request.send().await.unwrap().status(), 403, "{method} {url}");
        }
    });
    assert_eq!(answer.text().await.unwrap(), "slept");
    // With the token, the path and the call are checked.
    for (method, route, expected) in [
        (Method::POST, &routes[1].1, 400),
        (Method::POST, &routes[2].1, 400),
        (Method::POST, &routes[4].1, 404),
        (Method::GET, &routes[5].1, 404),
    ] {
        let url = format!("{api}/{route}");
        let request = host.client.request(method, &url).body("{}");
        assert_eq!(request.send().await.unwrap().status(), expected, "{url}");
    }
    // A token ends with its process.
    let before = host.functions.pids("misbehave");
    assert_eq!(host.functions.kill_one_of_each(), 1);
    let (_, next) = host.status_and_text("env AWS_LAMBDA_RUNTIME_API").await;
    assert!(next != api && host.functions.pids("misbehave") != before);
    let url = format!("{api}/{}", routes[0].1);
    assert_eq!(host.client.get(url).send().await.unwrap().status(), 403);
    host.functions.stop().await;
}

#[tokio::test]
async fn killed_idle_process_is_replaced_with_one_line_that_names_the_signal() {
    let host = Host::start(options(1)).await;
    assert_eq!(host.functions.kill_one_of_each(), 1);
    // A call that reaches the process before its exit is noticed fails, as on Lambda.
    while host.post("echo").await.status() != 200 {}
    let said = host.logs.tail("misbehave");
    assert_eq!(
        said,
        ["the process was killed by signal 9 (SIGKILL); starting another process"]
    );
    host.functions.stop().await;
}

#[tokio::test]
async fn only_listed_variables_are_inherited() {
    const SECRETS: [&str; 4] = [
        "WEBHOOK_SECRET",
        "DATABASE_URL",
        "HASURA_GRAPHQL_ADMIN_SECRET",
        "AWS_SECRET_ACCESS_KEY",
    ];
    if std::env::var_os("WEBHOOK_SECRET").is_none() {
        // Run this test again in a process that has secrets.
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "only_listed_variables_are_inherited"])
            .envs(SECRETS.map(|name| (name, "s3cret")))
            .env("TOKEN_LIFETIME", "60")
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    let mut options = options(1);
    options.inherited_env = vec!["TOKEN_LIFETIME".to_owned()];
    options.env.push((
        "POSTGRES_CONNECTION_STRING".to_owned(),
        "postgres://somewhere".to_owned(),
    ));
    let host = Host::start(options).await;
    for question in [
        "env WEBHOOK_SECRET",
        "env DATABASE_URL",
        "env HASURA_GRAPHQL_ADMIN_SECRET",
        "env AWS_SECRET_ACCESS_KEY",
    ] {
        assert_eq!(
            host.status_and_text(question).await,
            (200, String::new()),
            "{question}"
        );
    }
    assert_eq!(
        host.status_and_text("env TOKEN_LIFETIME").await,
        (200, "60".to_owned())
    );
    assert_eq!(
        host.status_and_text("env AWS_LAMBDA_FUNCTION_NAME").await,
        (200, "misbehave".to_owned())
    );
    let (_, url) = host.status_and_text("env POSTGRES_CONNECTION_STRING").await;
    assert_eq!(url, "postgres://somewhere");
    host.functions.stop().await;
}
