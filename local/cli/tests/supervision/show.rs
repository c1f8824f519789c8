//! `demo --show` without apps: it prints its addresses, simulated people act, and Ctrl-C ends it with their figures. If the apps cannot be
//! built, it says so instead of showing nothing.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::dev::{bin_dir, eventually, local};

/// Kills it after a failed assertion; the watchdog ends the other processes.
struct Show(Child);

impl Drop for Show {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demo_shows_simulated_people_until_it_is_stopped() {
    let mut command = local(&["demo", "--show", "--no-apps", "--seed", "7", "--concurrency", "1"]);
    command.args(["--simulate-pace", "100", "--simulate-rate", "600"]);
    let mut show = Show(
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let stdout = BufReader::new(show.0.stdout.take().unwrap());
    let mut lines = Vec::new();
    for line in stdout.lines().map_while(Result::ok) {
        let is_ready = line.contains("3factor is ready");
        lines.push(line);
        if is_ready {
            break;
        }
    }
    let address = |name: &str| {
        let row = lines.iter().find(|line| line.contains(name));
        let row = row.unwrap_or_else(|| panic!("no {name}: {lines:?}"));
        row.split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap()
            .to_owned()
    };
    assert!(
        lines.iter().filter(|line| line.contains("left out")).count() == 3,
        "{lines:?}"
    );

    let (graphql, login) = (address("GraphQL"), address("Login"));
    let http = local_process::http_client().unwrap();
    let post = async |url: &str, token: &str, body: Value| -> Value {
        let sent = http.post(url).bearer_auth(token).json(&body).send().await;
        sent.unwrap().json().await.unwrap()
    };
    let answer = post(&login, "", json!({"username": "manager"})).await;
    let token = answer["token"].as_str().unwrap().to_owned();
    let runtime = tokio::runtime::Handle::current();
    let query = json!({"query": "{ orders_by_status(where: {status: {_eq: \"delivered\"}}) { count } }"});
    tokio::task::block_in_place(|| {
        eventually("no simulated order is delivered", || {
            let answer = runtime.block_on(post(&graphql, &token, query.clone()));
            answer["data"]["orders_by_status"][0]["count"].as_i64() > Some(0)
        });
    });

    kill_process(Pid::from_child(&show.0), Signal::INT).unwrap();
    let mut stderr = String::new();
    std::io::Read::read_to_string(&mut show.0.stderr.take().unwrap(), &mut stderr).unwrap();
    assert!(show.0.wait().unwrap().success(), "{stderr}");
    let summary = stderr.lines().find(|line| line.contains("simulated orders:"));
    assert!(
        summary.is_some_and(|line| line.contains(" delivered")),
        "{stderr}"
    );
}

#[test]
fn demo_that_cannot_show_its_apps_fails_with_the_remedy() {
    // A project without apps.
    let root = tempfile::tempdir().unwrap();
    for file in [
        "schema.sql",
        "event-triggers.json",
        "permissions.json",
        "infra",
        "functions",
    ] {
        symlink(local_process::dirs::root().join(file), root.path().join(file)).unwrap();
    }
    let output = local(&["demo", "--show", "--concurrency", "1"])
        .env("THREEFACTOR_ROOT", root.path())
        .env("THREEFACTOR_BIN_DIR", bin_dir())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(
        stderr.contains("browser apps are neither built nor served"),
        "{stderr}"
    );
    assert!(stderr.contains("or add --no-apps"), "{stderr}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("ready"));
}
