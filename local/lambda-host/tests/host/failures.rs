//! Calls that fail, crash their process, or take too long.

use std::time::Duration;

use futures_util::future::join_all;

use crate::fixture::{APP, Host, INTERNAL, UNAVAILABLE, options, untimed_options};

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
    // A response cannot come from a timeout.
    let host = Host::start(untimed_options(1, 1)).await;
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
    let answers = join_all((0..6).map(|_| host.post("hang"))).await;
    let count = |status: u16| answers.iter().filter(|answer| answer.status() == status).count();
    // One is in flight, two are queued, three are rejected.
    assert_eq!((count(429), count(503)), (3, 3));
    let full = answers.iter().find(|answer| answer.status() == 429).unwrap();
    assert_eq!(full.headers()["retry-after"], "1");
    host.functions.stop().await;
}
