//! The `local` binary as a process: exit codes, one-line messages, no remaining processes or files.

#![expect(clippy::unwrap_used, reason = "a failure in a test helper fails the test")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn bin_dir() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_local"))
        .parent()
        .unwrap()
        .to_path_buf()
}

fn local(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .args(args)
        .env_remove("DATABASE_URL")
        .env("THREEFACTOR_BIN_DIR", bin_dir());
    command
}

/// A project whose apps cannot be built; an attempt is visible on stderr.
fn project_without_apps() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in [
        "schema.sql",
        "event-triggers.json",
        "permissions.json",
        "infra",
        "functions",
    ] {
        symlink(local_process::dirs::root().join(file), dir.path().join(file)).unwrap();
    }
    dir
}

/// A directory of binaries whose functions are the misbehaving example and whose engine is this shell script.
fn binaries_with_engine(script: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for function in &local_services::functions::functions().unwrap().all {
        symlink(
            bin_dir().join("examples/misbehaving-function"),
            dir.path().join(&function.name),
        )
        .unwrap();
    }
    symlink(env!("CARGO_BIN_EXE_local"), dir.path().join("local")).unwrap();
    let engine = dir.path().join("engine");
    fs::write(&engine, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&engine, fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

/// A free offset, because tests run concurrently. In this range no port is blocked by browsers.
fn free_offset() -> u16 {
    (7_100..11_000)
        .find(|offset| {
            let free = |base: u16| TcpListener::bind(("127.0.0.1", base + offset)).is_ok();
            // The process id separates concurrent tests.
            u32::from(*offset) % 900 == std::process::id() % 900
                && [15_432, 6_432, 8_080, 8_081].map(free) == [true; 4]
        })
        .unwrap()
}

fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn with_services_returns_the_commands_exit_code() {
    let script = r#"[ -n "$TEST_DATABASE_URL" ] && [ -n "$TEST_POOL_URL" ] && [ -d "$THREEFACTOR_BIN_DIR" ] &&
        [ "$THREEFACTOR_ONE_CALL_PER_PROCESS" = 1 ] || exit 1
        echo the summary; exit 7"#;
    let output = local(&[
        "with-services",
        "--one-call-per-process",
        "--",
        "sh",
        "-c",
        script,
    ])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "the summary\n");
    assert_eq!(stderr(&output), "", "nothing may follow the runner's summary");

    let output = local(&["with-services", "--", "/no/such/program"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("cannot run /no/such/program"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn killed_local_leaves_no_process_and_no_directory() {
    let mut child = local(&[
        "with-services",
        "--",
        "sh",
        "-c",
        "echo $TEST_DATABASE_URL $TEST_POOL_URL; exec cat",
    ])
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ports: Vec<u16> = line
        .split_whitespace()
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
        .collect();
    assert!(
        ports.len() == 2 && ports.iter().all(|port| is_open(*port)),
        "{line}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("Postgres and pgBouncer are still running", || {
        !ports.iter().any(|port| is_open(*port))
    });
}

#[test]
fn failing_child_is_a_one_line_error_and_leaves_nothing() {
    let binaries = binaries_with_engine("echo 'cannot read my configuration' >&2; exit 4");
    let project = project_without_apps();
    let offset = free_offset();
    let output = local(&["dev", "--ephemeral", "--port-offset", &offset.to_string()])
        .env("THREEFACTOR_BIN_DIR", binaries.path())
        .env("THREEFACTOR_ROOT", project.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = stderr(&output);
    let last = stderr.lines().last().unwrap();
    assert_eq!(
        last, "3factor: the engine exited with status 4 during startup: cannot read my configuration",
        "{stderr}"
    );
    assert!(
        !stderr.contains("apps"),
        "reported before a minute of building: {stderr}"
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains("is ready"));
    for base in [15_432, 6_432, 8_080, 8_081] {
        assert!(!is_open(base + offset), "port {} is still open", base + offset);
    }
}

#[test]
fn port_in_use_is_reported_before_any_service_starts() {
    let offset = free_offset();
    let _taken = TcpListener::bind(("127.0.0.1", 8_081 + offset)).unwrap();
    // A build of the apps would take a minute and be visible on stderr.
    let project = project_without_apps();
    let output = local(&["dev", "--ephemeral", "--port-offset", &offset.to_string()])
        .env("THREEFACTOR_ROOT", project.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        format!(
            "3factor: port {} (for the functions) is in use; stop the process that uses it, or shift every port with \
             --port-offset N\n",
            8_081 + offset
        )
    );
}

#[test]
fn unreachable_database_is_a_one_line_error() {
    let offset = free_offset();
    let url = "postgres://postgres:secret-word@127.0.0.1:1/postgres";
    let project = project_without_apps();
    let output = local(&["dev", "--port-offset", &offset.to_string(), "--database-url", url])
        .env("THREEFACTOR_ROOT", project.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = stderr(&output);
    assert!(
        stderr.contains("cannot reach the database") && stderr.contains("refused"),
        "{stderr}"
    );
    assert!(!stderr.contains("secret-word"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn invalid_arguments_are_reported() {
    for (args, said) in [
        (&["dev", "--port-offset", "60000"][..], "is not in 0..="),
        (
            &["dev", "--ephemeral", "--database-url", "postgres://x"],
            "cannot be used with",
        ),
        (&["demo", "--orders", "0"], "is not in 1..="),
        (&["demo", "--url", "http://x"], "--functions-url"),
        (&["demo", "--functions-url", "http://x"], "--url"),
        (&["demo", "--login-url", "http://x/login"], "--stage"),
        (&["demo", "--stage", "dev", "--faults"], "cannot be used with"),
        (&["doctor"], "--stage"),
        (&["demo", "--kill-engine", "soon"], "1s or 500ms"),
        (&["demo", "--cancel", "2"], "between 0 and 1"),
        (&["fly"], "unrecognized subcommand"),
        (&["with-services"], "COMMAND"),
    ] {
        let output = local(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(said), "{args:?}: {}", stderr(&output));
    }
}
