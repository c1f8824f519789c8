//! Several calls in one process, and one call in each of several.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use rustix::process::Pid;

use crate::fixture::{
    HeldCall, Holder, Host, INTERNAL, UNAVAILABLE, function, options, text_of, untimed_options,
};

fn raw(pids: &[Pid]) -> Vec<i32> {
    let mut pids: Vec<_> = pids.iter().map(|pid| pid.as_raw_nonzero().get()).collect();
    pids.sort_unstable();
    pids
}

/// Number of held calls of each process.
fn calls_by_process(held: &[HeldCall]) -> HashMap<i32, usize> {
    let mut calls = HashMap::new();
    for call in held {
        *calls.entry(call.pid).or_default() += 1;
    }
    calls
}

async fn hold(holder: &Holder, calls: usize) -> Vec<HeldCall> {
    let mut held = Vec::new();
    while held.len() < calls {
        held.push(holder.next().await);
    }
    held
}

#[tokio::test]
async fn one_process_handles_several_calls_and_answers_each() {
    let host = Host::start(untimed_options(1, 3)).await;
    let holder = Holder::listen().await;
    let labels = ["a", "b", "c", "d"];
    let calls = join_all(labels.map(|label| host.post(holder.body(label))));
    let released = async {
        let mut held = hold(&holder, 3).await;
        assert_eq!(
            calls_by_process(&held).into_keys().collect::<Vec<_>>(),
            raw(&host.functions.pids("misbehave"))
        );
        assert_eq!(host.functions.busy(), 3);
        // The fourth call starts when another one is complete.
        held.pop();
        held.push(holder.next().await);
        assert_eq!(calls_by_process(&held).len(), 1);
        // The others are answered in the opposite order.
        while held.pop().is_some() {}
    };
    let (responses, ()) = tokio::join!(calls, released);
    for (response, label) in responses.into_iter().zip(labels) {
        assert_eq!(text_of(response).await, (200, label.to_owned()));
    }
    assert_eq!(
        host.status_and_text("env AWS_LAMBDA_MAX_CONCURRENCY").await.1,
        "3"
    );
    let (_, initialization) = host.status_and_text("env AWS_LAMBDA_INITIALIZATION_TYPE").await;
    assert_eq!(initialization, "lambda-managed-instances");
    host.functions.stop().await;
}

#[tokio::test]
async fn plain_processes_handle_one_call_each() {
    let host = Host::start(untimed_options(3, 1)).await;
    let holder = Holder::listen().await;
    let calls = join_all((0..3).map(|_| host.post(holder.body("call"))));
    let released = async {
        let held = hold(&holder, 3).await;
        let mut pids: Vec<_> = held.iter().map(|call| call.pid).collect();
        pids.sort_unstable();
        assert_eq!(pids, raw(&host.functions.pids("misbehave")));
    };
    let (responses, ()) = tokio::join!(calls, released);
    assert!(responses.iter().all(|response| response.status() == 200));
    assert_eq!(host.status_and_text("env AWS_LAMBDA_MAX_CONCURRENCY").await.1, "");
    let (_, initialization) = host.status_and_text("env AWS_LAMBDA_INITIALIZATION_TYPE").await;
    assert_eq!(initialization, "on-demand");
    host.functions.stop().await;
}

#[tokio::test]
async fn each_of_several_processes_handles_several_calls() {
    let host = Host::start(untimed_options(2, 2)).await;
    let holder = Holder::listen().await;
    let calls = join_all((0..4).map(|_| host.post(holder.body("call"))));
    let released = async {
        let held = hold(&holder, 4).await;
        assert_eq!(calls_by_process(&held).into_values().collect::<Vec<_>>(), [2, 2]);
    };
    let (responses, ()) = tokio::join!(calls, released);
    assert!(responses.iter().all(|response| response.status() == 200));
    host.functions.stop().await;
}

#[tokio::test]
async fn crash_fails_every_call_of_the_process_and_no_other() {
    let mut options = untimed_options(1, 3);
    options.functions.push(function("other"));
    let host = Host::start(options).await;
    let holder = Holder::listen().await;
    let (before, others) = (host.functions.pids("misbehave"), host.functions.pids("other"));
    let calls = join_all((0..2).map(|_| host.post(holder.body("lost"))));
    let other_call = host.post_to("other", holder.body("kept"));
    let crashed = async {
        let mut held = hold(&holder, 3).await;
        assert_eq!(host.status_and_text("crash").await, (500, INTERNAL.to_owned()));
        // The call of the other function is still in flight, and answered.
        assert_eq!(host.functions.busy(), 1);
        held.retain(|call| call.label == "kept");
        assert_eq!(held.len(), 1);
    };
    let (responses, other_response, ()) = tokio::join!(calls, other_call, crashed);
    for response in responses {
        assert_eq!(text_of(response).await, (500, INTERNAL.to_owned()));
    }
    assert_eq!(text_of(other_response).await, (200, "kept".to_owned()));
    assert_eq!(host.post("echo").await.status(), 200);
    assert_ne!(host.functions.pids("misbehave"), before);
    assert_eq!(host.functions.pids("other"), others);
    host.functions.stop().await;
}

#[tokio::test]
async fn overdue_call_ends_the_process_with_its_other_calls() {
    let mut options = options(1);
    options.limits.calls_per_process = 3;
    options.limits.gateway_timeout = Duration::from_hours(1);
    options.functions.push(function("other"));
    let host = Host::start(options).await;
    let holder = Holder::listen().await;
    let (before, others) = (host.functions.pids("misbehave"), host.functions.pids("other"));
    let overdue = host.post(holder.body("overdue"));
    let later = async {
        let _overdue = holder.next().await;
        host.post(holder.body("later")).await
    };
    let (overdue, later) = tokio::join!(overdue, later);
    assert_eq!(text_of(overdue).await, (503, UNAVAILABLE.to_owned()));
    // It fails with the process, unless its own time was up as well.
    let later = text_of(later).await;
    assert!(
        [(500, INTERNAL.to_owned()), (503, UNAVAILABLE.to_owned())].contains(&later),
        "{later:?}"
    );
    assert_eq!(host.post("echo").await.status(), 200);
    assert_ne!(host.functions.pids("misbehave"), before);
    assert_eq!(host.post_to("other", "echo").await.status(), 200);
    assert_eq!(host.functions.pids("other"), others);
    host.functions.stop().await;
}

#[tokio::test]
async fn process_that_served_calls_restarts_without_delay() {
    let host = Host::start(untimed_options(1, 3)).await;
    for _ in 0..3 {
        // A call that reaches a killed process before its exit is noticed fails, as on Lambda.
        while host.post("echo").await.status() != 200 {}
        assert_eq!(host.functions.kill_one_of_each(), 1);
    }
    while host.post("echo").await.status() != 200 {}
    let said = host.logs.tail("misbehave");
    let expected = "the process was killed by signal 9 (SIGKILL); starting another process";
    assert_eq!(said, [expected; 3]);
    host.functions.stop().await;
}
