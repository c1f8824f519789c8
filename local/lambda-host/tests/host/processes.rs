//! Start, replacement and end of processes.

use std::time::{Duration, Instant};

use lambda_host::Functions;
use local_process::logs::{Destination, Logs};
use local_process::process::Signal;
use local_process::watchdog::Watchdog;
use rustix::process::{kill_process, test_kill_process};

use crate::fixture::{Host, UNAVAILABLE, options};

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

    let mut options = crate::fixture::options(1);
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
