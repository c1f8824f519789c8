//! The queue without processes.

use std::sync::Arc;

use super::*;

fn queue(limit: usize) -> Arc<Queue> {
    Arc::new(Queue::new(limit, Duration::from_millis(50)))
}

/// A queue whose calls are only overdue if a test expires them.
fn untimed_queue() -> Arc<Queue> {
    Arc::new(Queue::new(10, Duration::from_hours(1)))
}

fn event(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn call(id: Uuid, text: &'static str) -> Call {
    Call {
        id,
        trace_id: HeaderValue::from_static("Root=1-0-0"),
        event: event(text),
    }
}

/// Queues a call; returns its id and the receiver of its outcome.
fn queued(queue: &Queue) -> (Uuid, oneshot::Receiver<Outcome>) {
    let id = Uuid::new_v4();
    (id, queue.call(call(id, "{}")).unwrap())
}

/// A process's request for work that waits for a call.
async fn waiting_request(queue: &Arc<Queue>, process: ProcessId) -> tokio::task::JoinHandle<Option<Uuid>> {
    let before = queue.lock().idle.len();
    let request = tokio::spawn({
        let queue = queue.clone();
        async move { queue.next(process).await.map(|work| work.call.id) }
    });
    while queue.lock().idle.len() == before {
        tokio::task::yield_now().await;
    }
    request
}

#[tokio::test]
async fn queue_is_ordered_and_bounded() {
    let queue = queue(2);
    let first = Uuid::new_v4();
    let receiver = queue.call(call(first, "1")).unwrap();
    let withdrawn = queue.call(call(Uuid::new_v4(), "2")).unwrap();
    assert_eq!(queue.call(call(Uuid::new_v4(), "3")).unwrap_err(), Rejected::Full);
    drop(withdrawn);
    let third = Uuid::new_v4();
    let _third = queue.call(call(third, "3")).unwrap();

    let process = queue.register().id;
    let work = queue.next(process).await.unwrap();
    assert_eq!((work.call.id, work.call.event), (first, event("1")));
    assert!(queue.is_busy(process));
    assert!(queue.complete(process, first, Outcome::Answered(event("ok"))));
    assert!(!queue.complete(process, first, Outcome::Answered(event("again"))));
    assert_eq!(receiver.await.unwrap(), Outcome::Answered(event("ok")));
    assert_eq!(queue.next(process).await.unwrap().call.id, third);
}

#[tokio::test]
async fn call_goes_to_a_connected_idle_process() {
    let queue = queue(10);
    let (here, gone) = (queue.register().id, queue.register().id);
    let waiting = waiting_request(&queue, here).await;
    // The long poll is dropped, as when its connection closes.
    assert!(
        tokio::time::timeout(Duration::ZERO, queue.next(gone))
            .await
            .is_err()
    );
    let (id, _receiver) = queued(&queue);
    assert_eq!(waiting.await.unwrap(), Some(id));
}

#[tokio::test]
async fn requests_of_one_process_receive_different_calls() {
    let queue = untimed_queue();
    let process = queue.register().id;
    let requests = [
        waiting_request(&queue, process).await,
        waiting_request(&queue, process).await,
    ];
    let calls = [queued(&queue), queued(&queue)];
    // The newest request receives the first call.
    let [second, first] = requests;
    assert_eq!(first.await.unwrap(), Some(calls[0].0));
    assert_eq!(second.await.unwrap(), Some(calls[1].0));
    assert_eq!(queue.in_flight(), 2);
    // Each result goes to the call that it names, in any order.
    for ((id, receiver), result) in calls.into_iter().rev().zip(["second", "first"]) {
        assert!(queue.complete(process, id, Outcome::Answered(event(result))));
        assert_eq!(receiver.await.unwrap(), Outcome::Answered(event(result)));
    }
}

#[tokio::test]
async fn exited_process_fails_its_own_calls_only() {
    let queue = queue(10);
    let (one, other) = (queue.register().id, queue.register().id);
    let crashed = [queued(&queue), queued(&queue)];
    let (id, kept) = queued(&queue);
    queue.next(one).await.unwrap();
    queue.next(one).await.unwrap();
    queue.next(other).await.unwrap();
    assert_eq!(queue.ended(one), LastState::Busy);
    for (_, crashed) in crashed {
        assert_eq!(crashed.await.unwrap(), Outcome::Crashed);
    }
    assert!(
        !queue.complete(one, id, Outcome::Crashed),
        "only the process that has the call may complete it"
    );
    assert!(queue.complete(other, id, Outcome::Answered(event("ok"))));
    assert_eq!(kept.await.unwrap(), Outcome::Answered(event("ok")));
    assert!(queue.next(one).await.is_none(), "a removed process gets no work");
}

#[tokio::test]
async fn last_state_tells_whether_an_idle_process_had_served() {
    let queue = queue(10);
    let (unused, used) = (queue.register().id, queue.register().id);
    let _idle = waiting_request(&queue, unused).await;
    assert_eq!(queue.ended(unused), LastState::Idle { served: false });
    let (id, _receiver) = queued(&queue);
    queue.next(used).await.unwrap();
    assert!(queue.complete(used, id, Outcome::Failed(event("an error is a result"))));
    assert_eq!(queue.ended(used), LastState::Idle { served: true });
}

#[tokio::test]
async fn calls_fail_when_no_process_can_start() {
    let queue = queue(10);
    let waiting = queue.call(call(Uuid::new_v4(), "1")).unwrap();
    let process = queue.register().id;
    assert_eq!(queue.ended(process), LastState::Starting);
    assert_eq!(waiting.await.unwrap(), Outcome::NotStarted);
    assert_eq!(
        queue.call(call(Uuid::new_v4(), "2")).unwrap_err(),
        Rejected::NoProcess
    );
    let process = queue.register().id;
    let asked = tokio::time::timeout(Duration::ZERO, queue.next(process)).await;
    assert!(asked.is_err());
    queue.call(call(Uuid::new_v4(), "3")).unwrap();
}

#[tokio::test]
async fn overdue_call_times_out_and_its_process_is_killed() {
    let queue = queue(10);
    let deadlines = tokio::spawn({
        let queue = queue.clone();
        async move { queue.watch_deadlines().await }
    });
    let process = queue.register();
    let receiver = queue.call(call(Uuid::new_v4(), "1")).unwrap();
    queue.next(process.id).await.unwrap();
    assert_eq!(receiver.await.unwrap(), Outcome::TimedOut);
    tokio::time::timeout(Duration::from_secs(5), process.kill.notified())
        .await
        .unwrap();
    deadlines.abort();
}

#[tokio::test]
async fn overdue_call_fails_the_other_calls_of_its_process() {
    let queue = untimed_queue();
    let process = queue.register();
    let (_, overdue) = queued(&queue);
    let deadline = queue.next(process.id).await.unwrap().deadline;
    while Instant::now() + queue.function_timeout <= deadline {
        std::hint::spin_loop();
    }
    let (other, lost) = queued(&queue);
    let later = queue.next(process.id).await.unwrap().deadline;

    assert_eq!(queue.expire(deadline), Some(later));
    assert_eq!(overdue.await.unwrap(), Outcome::TimedOut);
    process.kill.notified().await;
    assert_eq!(
        queue.in_flight(),
        1,
        "the other call fails when the process exits"
    );
    assert_eq!(queue.ended(process.id), LastState::Busy);
    assert_eq!(lost.await.unwrap(), Outcome::Crashed);
    assert!(!queue.complete(process.id, other, Outcome::Answered(event("late"))));
    assert_eq!(queue.expire(later), None);
}

#[tokio::test]
async fn process_with_an_overdue_call_receives_no_further_calls() {
    let queue = untimed_queue();
    let process = queue.register();
    let (_, overdue) = queued(&queue);
    let deadline = queue.next(process.id).await.unwrap().deadline;
    let earlier = waiting_request(&queue, process.id).await;
    queue.expire(deadline);
    assert_eq!(overdue.await.unwrap(), Outcome::TimedOut);

    let (id, _receiver) = queued(&queue);
    let later = waiting_request(&queue, process.id).await;
    assert_eq!(
        queue.in_flight(),
        0,
        "neither the earlier request nor a later one gets it"
    );
    let next = queue.register().id;
    assert_eq!(queue.next(next).await.unwrap().call.id, id);
    assert_eq!(queue.ended(process.id), LastState::Busy);
    assert_eq!((earlier.await.unwrap(), later.await.unwrap()), (None, None));
}
