//! `cargo lambda` during development: `watch` serves the functions' routes, through which the engine's events complete an
//! order; `invoke` sends the sample events. (`build` and `deploy` are tested in `launch`.)
//!
//! `watch` uses the profile of the other tests. It still compiles for one to two minutes, because cargo selects other
//! features for a single function than for the workspace.

use std::path::Path;
use std::process::Command;

use local_process::dirs;
use local_process::environment::Kind;
use local_process::logs::{Destination, Logs};
use local_process::ports;
use local_process::process::{Program, Running, Signal};
use local_process::watchdog::Watchdog;
use local_services::functions::functions;
use local_stack::Options;
use local_tools::python::Tools;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::eventually_within;
use tests::stack::TestStack;

/// Time after which compiling counts as hanging.
const COMPILING: Duration = Duration::from_mins(4);

/// Order id of the sample events.
const ORDER: &str = "abc-ad21-adf";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cargo_lambda_watch_and_invoke_complete_an_order() {
    let tools = tokio::task::spawn_blocking(Tools::ready)
        .await
        .expect("no panic")
        .expect("cargo-lambda");
    let port = ports::free().expect("a free port");
    let mut options = Options::for_tests().expect("the binaries");
    let url = format!("http://127.0.0.1:{port}");
    options.engine_env.push(("FUNCTIONS_URL".to_owned(), url.clone()));
    let stack = TestStack::open_with(options).await;
    let logs = Logs::new(Destination::Kept);
    let pool = stack.services.addresses().pgbouncer.clone().expect("pgBouncer");
    let watch = watch(&tools, port, &pool, &logs);
    let http = reqwest::Client::new();
    eventually_within(COMPILING, "cargo lambda watch serves", async || {
        assert!(
            watch.status().is_none(),
            "cargo lambda watch exited: {:?}",
            logs.last_output("cargo-lambda")
        );
        let asked = http
            .post(format!("{url}/validate-order"))
            .json(&json!({"order_id": "unknown"}));
        let answer = asked.send().await.ok()?;
        (answer.status() == 404 && answer.text().await.ok()?.contains("order_not_found")).then_some(())
    })
    .await;
    // The first call of a function compiles it; orders would wait for that.
    let functions = &functions().expect("functions.json").all;
    for function in functions.iter().map(|function| &function.name) {
        eventually_within(COMPILING, function, async || {
            let asked = http.post(format!("{url}/{function}")).json(&json!({}));
            matches!(asked.send().await.ok()?.status().as_u16(), 200 | 400).then_some(())
        })
        .await;
    }

    let keys = http
        .get(format!("{url}/.well-known/jwks.json"))
        .send()
        .await
        .expect("cargo lambda answers");
    assert_eq!(keys.status(), 200);

    stack.place(ORDER, &["pizza"]).await;
    stack.until(ORDER, "validated").await;
    let invoke = |sample: &'static str| {
        let tools = tools.clone();
        async move {
            tokio::task::spawn_blocking(move || invoke(&tools, port, sample))
                .await
                .expect("no panic")
        }
    };
    assert_eq!(invoke("payment/events/preflight.json").await["statusCode"], 204);
    assert_eq!(invoke("payment/events/declined.json").await["statusCode"], 402);
    let paid = invoke("payment/events/pay.json").await;
    assert_eq!(paid["statusCode"], 200, "{paid}");
    assert!(
        paid["body"]
            .as_str()
            .is_some_and(|body| body.contains("\"paid\"")),
        "{paid}"
    );
    stack.until(ORDER, "assigned").await;
    for sample in [
        "validate-order/events/insert.json",
        "validate-order/events/bare.json",
        "restaurant-approval/events/update.json",
        "restaurant-approval/events/bare.json",
        "agent-assignment/events/update.json",
        "agent-assignment/events/bare.json",
        "refund-payment/events/update.json",
        "refund-payment/events/bare.json",
        "expire-orders/events/cron.json",
        "watchman/events/cron.json",
        "watchman/events/schedule.json",
    ] {
        let answer = invoke(sample).await;
        assert_eq!(answer["statusCode"], 200, "{sample}: {answer}");
    }
    watch.stop(Signal::INT, Duration::from_secs(10)).await;
    stack.close().await;
}

fn watch(tools: &Tools, port: u16, database_url: &str, logs: &Logs) -> Running {
    let watchdog = Watchdog::start(&dirs::bin_dir().expect("the binaries"));
    Program::new("cargo-lambda", &tools.program("cargo-lambda"))
        .inherit(&Kind::Cargo.patterns())
        .args(["lambda", "watch", "-A", "127.0.0.1", "-P", &port.to_string()])
        .args(["--profile", &profile(), "--ignore-changes"])
        .directory(&dirs::root())
        .env("PATH", tools.path())
        .env("POSTGRES_CONNECTION_STRING", database_url)
        .env("PAYMENT_ACCESS", "open")
        .env("WEBHOOK_SECRET", "none")
        .env("JWT_ISSUER", format!("http://127.0.0.1:{port}"))
        .env("DEMO_LOGIN", "true")
        .env("LOGIN_SIGNING_KEYS", tests::tokens::new_key())
        .start(logs, &watchdog)
        .expect("cargo lambda watch starts")
}

/// Profile of the binaries.
fn profile() -> String {
    let bin_dir = dirs::bin_dir().expect("the binaries");
    let name = bin_dir.file_name().expect("a directory of a profile");
    name.to_string_lossy().into_owned()
}

fn invoke(tools: &Tools, port: u16, sample: &str) -> Value {
    let function = sample.split('/').next().expect("a function's folder");
    let output = Command::new(tools.program("cargo-lambda"))
        .args([
            "lambda",
            "invoke",
            function,
            "-A",
            "127.0.0.1",
            "-P",
            &port.to_string(),
        ])
        .arg("--data-file")
        .arg(Path::new("functions").join(sample))
        .current_dir(dirs::root())
        .output()
        .expect("cargo lambda invoke runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{sample}: {said}");
    serde_json::from_slice(&output.stdout).expect("an answer of JSON")
}
