//! The queue without processes.

use super::*;

fn queue(limit: usize) -> Arc<Queue> {
    Arc::new(Queue::new(limit, Duration::from_millis(50)))
}

fn event(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

#[tokio::test]
async fn queue_is_ordered_and_bounded() {
    let queue = queue(2);
    let first = Uuid::new_v4();
    let receiver = queue.call(first, event("1")).unwrap();
    let withdrawn = queue.call(Uuid::new_v4(), event("2")).unwrap();
    assert_eq!(
        queue.call(Uuid::new_v4(), event("3")).unwrap_err(),
        Rejected::Full
    );
    drop(withdrawn);
    let third = Uuid::new_v4();
    let _third = queue.call(third, event("3")).unwrap();

    let process = queue.register().id;
    let work = queue.next(process).await.unwrap();
    assert_eq!((work.id, work.event), (first, event("1")));
    assert!(queue.is_busy(process));
    assert!(queue.complete(process, first, Outcome::Answered(event("ok"))));
    assert!(!queue.complete(process, first, Outcome::Answered(event("again"))));
    assert_eq!(receiver.await.unwrap(), Outcome::Answered(event("ok")));
    assert_eq!(queue.next(process).await.unwrap().id, third);
}

#[tokio::test]
async fn call_goes_to_a_connected_idle_process() {
    let queue = queue(10);
    let (here, gone) = (queue.register().id, queue.register().id);
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { queue.next(here).await.unwrap().id }
    });
    while queue.lock().idle.is_empty() {
        tokio::task::yield_now().await;
    }
    // The long poll is dropped, as when its connection closes.
    assert!(
        tokio::time::timeout(Duration::ZERO, queue.next(gone))
            .await
            .is_err()
    );
    let id = Uuid::new_v4();
    let _receiver = queue.call(id, event("1")).unwrap();
    assert_eq!(waiting.await.unwrap(), id);
}

#[tokio::test]
async fn exited_process_fails_only_its_own_call() {
    let queue = queue(10);
    let (one, other) = (queue.register().id, queue.register().id);
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let crashed = queue.call(first, event("1")).unwrap();
    let kept = queue.call(second, event("2")).unwrap();
    queue.next(one).await.unwrap();
    queue.next(other).await.unwrap();
    assert_eq!(queue.ended(one), LastState::Busy);
    assert_eq!(crashed.await.unwrap(), Outcome::Crashed);
    assert!(
        !queue.complete(one, second, Outcome::Crashed),
        "only the process that has the call may complete it"
    );
    assert!(queue.complete(other, second, Outcome::Answered(event("ok"))));
    assert_eq!(kept.await.unwrap(), Outcome::Answered(event("ok")));
    assert!(queue.next(one).await.is_none(), "a removed process gets no work");
}

#[tokio::test]
async fn calls_fail_when_no_process_can_start() {
    let queue = queue(10);
    let waiting = queue.call(Uuid::new_v4(), event("1")).unwrap();
    let process = queue.register().id;
    assert_eq!(queue.ended(process), LastState::Starting);
    assert_eq!(waiting.await.unwrap(), Outcome::NotStarted);
    assert_eq!(
        queue.call(Uuid::new_v4(), event("2")).unwrap_err(),
        Rejected::NoProcess
    );
    let process = queue.register().id;
    let asked = tokio::time::timeout(Duration::ZERO, queue.next(process)).await;
    assert!(asked.is_err());
    queue.call(Uuid::new_v4(), event("3")).unwrap();
}

#[tokio::test]
async fn overdue_call_times_out_and_its_process_is_killed() {
    let queue = queue(10);
    let deadlines = tokio::spawn({
        let queue = queue.clone();
        async move { queue.watch_deadlines().await }
    });
    let process = queue.register();
    let receiver = queue.call(Uuid::new_v4(), event("1")).unwrap();
    queue.next(process.id).await.unwrap();
    assert_eq!(receiver.await.unwrap(), Outcome::TimedOut);
    tokio::time::timeout(Duration::from_secs(5), process.kill.notified())
        .await
        .unwrap();
    deadlines.abort();
}
