//! `dev` on Linux: restarts of killed processes, their environment, and the files that the user of Postgres may change. `demo --show` is in
//! [`show`].

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a failure in a test helper fails the test")]

mod dev;
mod show;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local_process::users;
use local_services::functions::functions;
use rustix::process::{Signal, kill_process};
use serde_json::Value;

use crate::dev::{Dev, assert_gone, bin_dir, eventually, is_open, local};

/// Number of orders that are in progress when a process is killed.
const ORDERS: i64 = 6;

/// Starts to place orders and to follow them.
fn place_orders(dev: &Dev) -> Child {
    let secret = fs::read_to_string(dev.address("admin_secret_file")).unwrap();
    local(&["demo", "--burst", "--json", "--orders", &ORDERS.to_string()])
        .args(["--url", dev.address("engine")])
        .args(["--functions-url", dev.address("functions")])
        .env("HASURA_GRAPHQL_ADMIN_SECRET", secret)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_process_is_restarted_with_one_line_and_its_orders_complete() {
    let dev = Dev::start(|_| {});
    let addresses = dev.addresses.clone();
    let killed = "was killed by signal 9 (SIGKILL); restarting it";
    let mut expected = Vec::new();
    for (program, signal, line) in [
        ("engine", Signal::KILL, format!("the engine {killed}")),
        (
            "engine",
            Signal::TERM,
            "the engine exited with status 0; restarting it".to_owned(),
        ),
        ("pgbouncer", Signal::KILL, format!("pgBouncer {killed}")),
        // Its exit status depends on the version.
        (
            "pgbouncer",
            Signal::TERM,
            "pgBouncer exited with status ".to_owned(),
        ),
        ("postgres", Signal::KILL, format!("Postgres {killed}")),
        (
            "postgres",
            Signal::TERM,
            "Postgres exited with status 0; restarting it".to_owned(),
        ),
        (
            "payment",
            Signal::KILL,
            "payment | the process was killed by signal 9 (SIGKILL); starting another process".to_owned(),
        ),
        ("payment", Signal::TERM, "payment | the process ".to_owned()),
    ] {
        let what = format!("{program} {signal:?}");
        let pid = dev.process(program).unwrap();
        let database = loop {
            // Postgres may still be starting.
            if let Ok(database) = local_services::postgres::connect(dev.address("postgres")).await {
                break database;
            }
        };
        let count = async || -> i64 {
            let row = database
                .query_one("SELECT count(*) FROM orders", &[])
                .await
                .unwrap();
            row.get(0)
        };
        let before = count().await;
        let mut demo = place_orders(&dev);
        while count().await == before {
            assert_eq!(demo.try_wait().unwrap(), None, "{what}: no order was placed");
        }
        drop(database);
        kill_process(pid, signal).unwrap();
        eventually(&format!("{what}: no other process"), || {
            dev.process(program).is_some_and(|now| now != pid)
        });
        let output = demo.wait_with_output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        assert_eq!(
            (output.status.code(), &report["assigned"], &report["lost"]),
            (Some(0), &ORDERS.into(), &0.into()),
            "{what}: {report} {} {:?}",
            String::from_utf8_lossy(&output.stderr),
            dev.lines()
        );
        expected.push(line);
        let lines = dev.restarts();
        assert_eq!(lines.len(), expected.len(), "{what}: {lines:?}");
        for (line, expected) in lines.iter().zip(&expected) {
            assert!(line.contains(expected), "{what}: {line}");
        }
    }
    assert_eq!(dev.addresses, addresses);
    let (processes, ports) = (dev.descendants(), dev.ports());
    dev.signal(Signal::INT);
    let (status, lines) = dev.exited();
    assert_eq!(status.code(), Some(0), "{lines:?}");
    assert_gone(&processes, &ports);
}

/// A directory of binaries whose engine can be replaced.
fn replaceable_binaries() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let functions = functions()
        .unwrap()
        .all
        .iter()
        .map(|function| function.name.as_str());
    for name in ["engine", "local"].into_iter().chain(functions) {
        symlink(bin_dir().join(name), dir.path().join(name)).unwrap();
    }
    dir
}

fn break_engine(binaries: &Path) {
    let engine = binaries.join("engine");
    fs::remove_file(&engine).unwrap();
    fs::write(
        &engine,
        "#!/bin/sh\necho 'cannot read my configuration' >&2\nexit 4\n",
    )
    .unwrap();
    fs::set_permissions(&engine, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn engine_that_exits_after_each_restart_stops_the_stack() {
    let binaries = replaceable_binaries();
    let dev = Dev::start(|command| {
        command.env("THREEFACTOR_BIN_DIR", binaries.path());
    });
    let (processes, ports) = (dev.descendants(), dev.ports());
    break_engine(binaries.path());
    kill_process(dev.process("engine").unwrap(), Signal::KILL).unwrap();
    let (status, lines) = dev.exited();
    assert_eq!(status.code(), Some(1), "{lines:?}");
    assert_eq!(
        lines.last().unwrap(),
        "3factor: the engine exited with status 4 after 5 restarts within a minute; its last output: cannot read my \
         configuration"
    );
    assert_gone(&processes, &ports);
}

#[test]
fn interrupted_restart_ends_every_process() {
    let binaries = replaceable_binaries();
    let dev = Dev::start(|command| {
        command.env("THREEFACTOR_BIN_DIR", binaries.path());
    });
    let (processes, ports) = (dev.descendants(), dev.ports());
    break_engine(binaries.path());
    kill_process(dev.process("engine").unwrap(), Signal::KILL).unwrap();
    // Now the restarts are delayed.
    eventually("the engine is not restarted", || dev.restarts().len() == 3);
    dev.signal(Signal::INT);
    let (status, lines) = dev.exited();
    assert_eq!(status.code(), Some(0), "{lines:?}");
    assert_gone(&processes, &ports);
}

#[test]
fn processes_do_not_inherit_the_developers_environment() {
    const CANARY: &str = "canary-4e1f";
    let dev = Dev::start(|command| {
        for name in [
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "PGPASSWORD",
            "LOGIN_SIGNING_KEYS",
            "MY_SECRET",
        ] {
            command.env(name, CANARY);
        }
        command
            .args(["--pass-env", "PASSED"])
            .env("PASSED", "passed-4e1f")
            .env("HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES", "false")
            .env("TZ", "Europe/Paris");
    });
    let mut programs = Vec::new();
    for (pid, program) in dev.descendants() {
        // A session of Postgres may have ended.
        let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else {
            continue;
        };
        let environment = String::from_utf8_lossy(&environment).into_owned();
        assert!(!environment.contains(CANARY), "{program}: {environment}");
        // Sessions of Postgres overwrite theirs with a title.
        if ["engine", "payment", "pgbouncer", "local"].contains(&&*program) {
            assert!(
                environment.contains("TZ=Europe/Paris"),
                "{program}: {environment}"
            );
        }
        // The kernel shortens names to 15 bytes.
        let functions = &functions().unwrap().all;
        let is_function = functions
            .iter()
            .any(|function| function.name.get(..15).unwrap_or(&function.name) == program);
        assert_eq!(
            environment.contains("PASSED=passed-4e1f"),
            program == "engine" || is_function,
            "{program}"
        );
        assert_eq!(
            environment.contains("HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES"),
            program == "engine",
            "{program}"
        );
        programs.push(program);
    }
    for program in [
        "engine",
        "pgbouncer",
        "postgres",
        "login",
        "payment",
        "validate-order",
        "local",
    ] {
        assert!(
            programs.iter().any(|found| found == program),
            "{program}: {programs:?}"
        );
    }
    let (processes, ports) = (dev.descendants(), dev.ports());
    dev.signal(Signal::TERM);
    assert_eq!(dev.exited().0.code(), Some(0));
    assert_gone(&processes, &ports);
}

#[test]
fn files_of_the_stack_belong_to_its_user_and_secrets_are_private() {
    let dev = Dev::start(|_| {});
    let secret = Path::new(dev.address("admin_secret_file"));
    let dir = secret.parent().unwrap();
    let me = rustix::process::geteuid().as_raw();
    for name in [
        "admin-secret",
        "signing-key.pem",
        "superuser-password",
        "userlist.txt",
    ] {
        let meta = fs::symlink_metadata(dir.join(name)).unwrap();
        assert!(
            meta.is_file() && (meta.mode() & 0o777) | 0o600 == 0o600,
            "{name}: {:o}",
            meta.mode()
        );
    }
    let password = fs::read_to_string(dir.join("superuser-password")).unwrap();
    assert!(password.len() == 32 && dev.address("postgres").contains(&password));
    let meta = fs::symlink_metadata(dir).unwrap();
    assert!(meta.uid() == me && meta.mode() & 0o027 == 0, "{:o}", meta.mode());
    if let Some(postgres) = users::unprivileged().unwrap() {
        let names = [
            "lock",
            "processes",
            "postgres.log",
            "pgbouncer.log",
            "pgbouncer.ini",
            "userlist.txt",
            "admin-secret",
            "signing-key.pem",
            "superuser-password",
            "another-file",
        ];
        for name in names {
            for (program, args) in [("ln", vec!["-sf", "/etc/passwd"]), ("rm", vec!["-f"])] {
                let path = dir.join(name);
                let existed = path.symlink_metadata().is_ok();
                let status = Command::new(program)
                    .args(args)
                    .arg(&path)
                    .uid(postgres.uid)
                    .gid(postgres.gid)
                    .stderr(Stdio::null())
                    .status()
                    .unwrap();
                assert!(
                    !status.success() || (program == "rm" && !existed),
                    "{program} {name}"
                );
                assert_eq!(path.symlink_metadata().is_ok(), existed, "{program} {name}");
                assert!(!path.is_symlink(), "{name}");
            }
        }
    }
    dev.signal(Signal::INT);
    assert_eq!(dev.exited().0.code(), Some(0));
}

#[tokio::test]
async fn simulated_people_use_the_stack_until_it_stops() {
    let dev = Dev::start(|command| {
        command.args([
            "--simulate",
            "--simulate-pace=100",
            "--simulate-rate=60",
            "--seed=7",
        ]);
    });
    let database = local_services::postgres::connect(dev.address("postgres"))
        .await
        .unwrap();
    let delivered = "SELECT count(*) FROM orders WHERE user_id LIKE 'simulated-%' AND delivered";
    let deadline = Instant::now() + Duration::from_mins(1);
    while database.query_one(delivered, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(
            Instant::now() < deadline,
            "no order is delivered: {:?}",
            dev.lines()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(database);
    let (processes, ports) = (dev.descendants(), dev.ports());
    dev.signal(Signal::INT);
    let (status, lines) = dev.exited();
    assert_eq!(status.code(), Some(0), "{lines:?}");
    assert!(
        lines.iter().any(|line| line.contains("simulated orders: ")),
        "{lines:?}"
    );
    assert_gone(&processes, &ports);
}

#[tokio::test]
async fn stack_at_another_address_is_complete_and_not_on_the_usual_one() {
    // Linux has all of 127.0.0.0/8 on loopback.
    let host = "127.0.0.2";
    let dev = Dev::start(|command| {
        command.args(["--host", host]);
    });
    let engine = dev.address("engine").to_owned();
    let (base, port) = engine.rsplit_once(':').unwrap();
    let port: u16 = port.parse().unwrap();
    assert_eq!(base, format!("http://{host}"));
    assert!(dev.address("functions").starts_with(base));
    assert!(dev.address("postgres").contains("@127.0.0.1:"));
    assert!(!is_open(port), "the engine listens on 127.0.0.1, too");

    // Tokens, whose issuer is at the address, and events, whose functions are.
    let output = place_orders(&dev).wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert_eq!(report["assigned"], ORDERS, "{report} {:?}", dev.lines());

    let http = local_process::http_client().unwrap();
    let order_app = format!("{base}:{}", port - 8_080 + 3_000);
    for (origin, expected) in [(order_app.as_str(), 200), ("http://192.0.2.1:3000", 403)] {
        for url in [
            format!("{engine}/v1/graphql"),
            format!("{}/login", dev.address("functions")),
        ] {
            let body = if url.ends_with("/login") {
                serde_json::json!({"username": "alice"})
            } else {
                serde_json::json!({"query": "{ __typename }"})
            };
            let request = http.post(&url).header("origin", origin).json(&body);
            let status = request.send().await.unwrap().status();
            assert_eq!(status.as_u16(), expected, "{url} from {origin}");
        }
    }
}

#[test]
fn address_of_another_machine_and_open_access_from_others_are_refused() {
    for (args, expected) in [
        (&["--host", "192.0.2.1"][..], "is not an address of this machine"),
        (&["--host", "192.0.2.1", "--open"], "--allow-open-on-network"),
        (&["--host", "0.0.0.0"], "pass one address of this machine"),
        (
            &["--simulate-pace", "2"],
            "--simulate-pace has no effect without --simulate",
        ),
    ] {
        let output = local(&["dev", "--ephemeral", "--no-apps"])
            .args(args)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {stderr}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
}
