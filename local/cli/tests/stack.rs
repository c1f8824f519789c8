//! The whole stack with the real binaries: `dev` with a persistent database and signals, `demo` with fault injection.

#![expect(clippy::unwrap_used, reason = "a failure in a test helper fails the test")]

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use lambda_host::Limits;
use local_stack::{Options, Stack};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn local(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .args(args)
        .env_remove("DATABASE_URL")
        .env_remove("HASURA_GRAPHQL_ADMIN_SECRET");
    command
}

fn report(output: &Output) -> Value {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let last = stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last)
        .unwrap_or_else(|_| panic!("no report: {stdout} {}", String::from_utf8_lossy(&output.stderr)))
}

/// Returns the report of a run that must succeed.
fn success(output: &Output) -> Value {
    let report = report(output);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{report} {errors}");
    report
}

/// Asserts the numbers of orders by their end, and that none was lost or handled twice.
fn assert_counts(report: &Value, ended: [(&str, u64); 4]) {
    let invariants = [
        "lost",
        "duplicate_payments",
        "duplicate_assignments",
        "duplicate_refunds",
    ];
    for (count, expected) in ended.into_iter().chain(invariants.map(|count| (count, 0))) {
        assert_eq!(report[count], expected, "{count}: {report}");
    }
    assert_eq!(report["ledger_balanced"], true, "{report}");
}

/// Returns the ports of the addresses file, in any order.
fn ports(addresses: &Value) -> Vec<u16> {
    addresses
        .as_object()
        .unwrap()
        .values()
        // Missing services are null; the file of the admin secret is not a service.
        .filter_map(Value::as_str)
        .filter(|value| value.contains("://"))
        .map(|url| {
            url.rsplit(':')
                .next()
                .unwrap()
                .split('/')
                .next()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect()
}

fn wait_for_addresses(child: &mut Child, file: &Path) -> Value {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !file.exists() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "dev exited before it was ready"
        );
        assert!(Instant::now() < deadline, "dev did not become ready");
        std::thread::sleep(Duration::from_millis(20));
    }
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn dev_restarts_on_persistent_data() {
    // Its own root, so that its persistent data are separate.
    let root = tempfile::tempdir().unwrap();
    for directory in ["functions", "infra/pgbouncer"] {
        fs::create_dir_all(root.path().join(directory)).unwrap();
    }
    for file in [
        "functions/functions.json",
        "schema.sql",
        "event-triggers.json",
        "permissions.json",
        "infra/function-roles.sql",
        "infra/pgbouncer/bootstrap.sh",
        "infra/pgbouncer/pgbouncer.ini",
    ] {
        fs::copy(local_process::dirs::root().join(file), root.path().join(file)).unwrap();
    }
    let offset = (8_000 + std::process::id() % 1_500).to_string();
    let mut data = None;
    let mut secrets = Vec::new();
    for (round, signal) in [Signal::INT, Signal::TERM].into_iter().enumerate() {
        let file = root.path().join(format!("addresses-{round}.json"));
        let mut child = local(&[
            "dev",
            "--no-apps",
            "--port-offset",
            &offset,
            "--log-level",
            "warn",
            "--addresses",
        ])
        .arg(&file)
        .env("THREEFACTOR_ROOT", root.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
        let addresses = wait_for_addresses(&mut child, &file);
        let ports = ports(&addresses);
        assert_eq!(ports.len(), 4);

        let (engine, functions) = (
            addresses["engine"].as_str().unwrap(),
            addresses["functions"].as_str().unwrap(),
        );
        let mut demo = local(&[
            "demo",
            "--orders",
            "2",
            "--json",
            "--url",
            engine,
            "--functions-url",
            functions,
        ]);
        let secret = Path::new(addresses["admin_secret_file"].as_str().unwrap());
        assert_eq!(fs::metadata(secret).unwrap().permissions().mode() & 0o777, 0o600);
        let secret = fs::read_to_string(secret).unwrap();
        let demo = demo.env("HASURA_GRAPHQL_ADMIN_SECRET", &secret).output().unwrap();
        secrets.push(secret);
        assert_eq!(
            demo.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&demo.stderr)
        );
        assert_eq!(report(&demo)["assigned"], 2);

        kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert!(String::from_utf8_lossy(&output.stdout).ends_with("3factor is ready\n"));
        for port in ports {
            assert!(
                TcpStream::connect(("127.0.0.1", port)).is_err(),
                "port {port} is still open"
            );
        }
        data = stderr
            .split("their data in ")
            .nth(1)
            .map(|rest| rest.lines().next().unwrap().to_owned())
            .or(data);
    }
    assert!(secrets[0].len() >= 32 && secrets[0] == secrets[1]);
    // As root the data are under /var/tmp and need to be removed explicitly.
    if let Some(data) = data {
        fs::remove_dir_all(data).unwrap();
    }
}

#[test]
fn demo_loses_nothing_when_functions_and_engine_are_killed() {
    let args = [
        "demo",
        "--orders",
        "60",
        "--burst",
        "--json",
        "--kill-functions",
        "400ms",
        "--kill-engine",
        "700ms",
    ];
    let report = success(&local(&args).output().unwrap());
    assert_eq!(report["assigned"], 60);
    for nothing in ["lost", "duplicate_payments", "duplicate_assignments"] {
        assert_eq!(report[nothing], 0, "{report}");
    }
}

#[test]
fn demo_closes_and_refunds_orders_while_functions_and_engine_are_killed() {
    let args = [
        "demo",
        "--orders",
        "40",
        "--burst",
        "--json",
        "--cancel",
        "0.3",
        "--reject",
        "0.2",
        "--expire",
        "0.2",
        "--seed",
        "7",
        "--kill-functions",
        "500ms",
        "--kill-engine",
        "900ms",
    ];
    let report = success(&local(&args).output().unwrap());
    assert_counts(
        &report,
        [
            ("assigned", 12),
            ("cancelled", 12),
            ("rejected", 8),
            ("expired", 8),
        ],
    );
    // At least the rejected orders were paid.
    assert!(report["refunded"].as_u64().unwrap() >= 8, "{report}");
}

#[test]
fn demo_loses_nothing_under_mixed_faults() {
    let args = ["demo", "--orders", "200", "--faults", "--seed", "7", "--json"];
    // The random moments alone may be later than the last order.
    let report = success(&local(&args).args(["--kill-pool", "900ms"]).output().unwrap());
    assert_counts(
        &report,
        [
            ("assigned", 160),
            ("cancelled", 20),
            ("rejected", 10),
            ("expired", 10),
        ],
    );
}

#[test]
fn demo_succeeds_with_one_call_per_process() {
    let args = [
        "demo",
        "--orders",
        "20",
        "--burst",
        "--json",
        "--concurrency",
        "2",
    ];
    let report = success(&local(&args).arg("--one-call-per-process").output().unwrap());
    assert_eq!((&report["assigned"], &report["lost"]), (&20.into(), &0.into()));
}

#[tokio::test]
async fn concurrent_stacks_are_isolated_and_leave_nothing() {
    let options = |one_call_per_process| Options {
        limits: Limits::default().with_concurrency(2, one_call_per_process),
        ..Options::for_tests().unwrap()
    };
    let (one, other) = tokio::join!(Stack::start(options(false)), Stack::start(options(true)));
    let (mut one, other) = (one.unwrap(), other.unwrap());
    let processes = [&one, &other].map(|stack| stack.functions().pids("payment").len());
    assert_eq!(processes, [1, 2]);
    assert_ne!(one.addresses(), other.addresses());
    let http = local_process::http_client().unwrap();
    let graphql = format!("{}/v1/graphql", one.addresses().engine);
    let ask = async || -> Value {
        let body =
            serde_json::json!({"query": "{ restaurants(where: {id: {_eq: 1}}) { open auto_approve } }"});
        http.post(&graphql)
            .json(&body)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    let open = serde_json::json!({"data": {"restaurants": [{"open": true, "auto_approve": true}]}});
    assert_eq!(ask().await, open);

    one.engine().kill().await;
    one.engine_mut().start_again().await.unwrap();
    one.pgbouncer_mut().unwrap().restart().await.unwrap();
    assert_eq!(ask().await, open);
    // The other stack is not affected.
    let health = http
        .get(format!("{}/healthz", other.addresses().engine))
        .send()
        .await
        .unwrap();
    assert_eq!(health.status(), 200);

    let ports = ports(&serde_json::to_value(one.addresses()).unwrap());
    tokio::join!(one.stop(), other.stop());
    for port in ports {
        assert!(
            TcpStream::connect(("127.0.0.1", port)).is_err(),
            "port {port} is still open"
        );
    }
}
