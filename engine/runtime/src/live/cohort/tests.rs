use super::*;
use engine_error::Code;
use engine_plan::TableSet;

const ABUSIVE: u64 = 1;
const HONEST: u64 = 2;
const QUICK: Duration = Duration::from_millis(1);
const COSTLY: Duration = Duration::from_millis(300);
const REFETCH: Duration = Duration::from_secs(1);

fn plan(client: Option<u64>, value: &str) -> SubscriptionPlan {
    SubscriptionPlan {
        client: client.map(|id| ("user".into(), id)),
        params: vec![Some(value.to_owned())],
        multiplexed_sql: "".into(),
        time_limit: None,
        stream: None,
        tables: TableSet::default(),
    }
}

fn cohorts(subscribers: &[(Option<u64>, &str)]) -> Cohorts {
    let mut cohorts = Cohorts::default();
    for (id, (client, value)) in (0..).zip(subscribers) {
        cohorts.join(id, &plan(*client, value));
    }
    cohorts
}

/// Values of the cohorts of a batch, sorted.
fn values(batch: &[BatchEntry]) -> Vec<String> {
    let mut values: Vec<_> = batch
        .iter()
        .filter_map(|(key, _)| key.params[0].clone())
        .collect();
    values.sort();
    values
}

/// Cohorts that are due, which must be of one size.
fn due(cohorts: &mut Cohorts, all: bool, now: Instant) -> (Size, Vec<BatchEntry>) {
    let mut due = cohorts.due(all, now).cohorts;
    assert!(due.len() <= 1, "{due:?}");
    due.pop_first().unwrap_or_default()
}

/// Runs a batch, and returns the work that this shows.
fn run(
    cohorts: &mut Cohorts,
    batch: &[BatchEntry],
    end: End,
    spent: Duration,
    now: Instant,
) -> Vec<(u64, Duration)> {
    let run = cohorts.start(batch);
    let ended = Ended {
        end,
        spent,
        of_one_client: cohorts.client(batch).is_some(),
    };
    let mut work = cohorts.ran(batch, run.id, &ended, now, REFETCH);
    cohorts.stop(batch, run.id);
    work.sort_unstable();
    work
}

fn answer(data: &'static str) -> CohortResult {
    CohortResult {
        data: data.into(),
        end: None,
    }
}

#[test]
fn work_of_a_quick_batch_is_that_of_its_subscribers() {
    let mut cohorts = cohorts(&[
        (Some(ABUSIVE), "a"),
        (Some(ABUSIVE), "b"),
        (Some(HONEST), "b"),
        (Some(ABUSIVE), "c"),
        (None, "d"),
    ]);
    let now = Instant::now();
    let (_, batch) = due(&mut cohorts, true, now);
    assert_eq!(batch.len(), 4);
    assert!(cohorts.client(&batch).is_none());
    assert_eq!(
        run(&mut cohorts, &batch, End::Answered, 8 * QUICK, now),
        [(ABUSIVE, 5 * QUICK), (HONEST, QUICK)]
    );
}

#[test]
fn work_of_a_costly_batch_is_that_of_the_costly_cohort() {
    let mut cohorts = cohorts(&[(Some(ABUSIVE), "a"), (Some(HONEST), "b")]);
    let now = Instant::now();
    let (_, both) = due(&mut cohorts, true, now);
    let known = Duration::from_millis(25);
    assert_eq!(
        run(&mut cohorts, &both, End::Cancelled, REFETCH, now),
        [(ABUSIVE, known), (HONEST, known)]
    );
    // Each gets its result from a batch of its own, at once.
    let (size, divided) = due(&mut cohorts, false, now);
    assert_eq!((size, values(&divided)), (Size::Alone, values(&both)));
    for entry in divided {
        let batch = [entry];
        let (spent, work) = if values(&batch) == ["a"] {
            (COSTLY, vec![(ABUSIVE, REFETCH.saturating_sub(2 * known))])
        } else {
            (QUICK, Vec::new())
        };
        assert_eq!(run(&mut cohorts, &batch, End::Answered, spent, now), work);
    }
}

#[test]
fn cohorts_of_busy_clients_are_taken_out() {
    let mut cohorts = cohorts(&[
        (Some(ABUSIVE), "a"),
        (Some(ABUSIVE), "b"),
        (Some(HONEST), "b"),
        (Some(HONEST), "c"),
    ]);
    let (_, mut batch) = due(&mut cohorts, true, Instant::now());
    let busy = cohorts.take_busy(&mut batch, |id| id == ABUSIVE);
    assert_eq!(values(&batch), ["b", "c"]);
    let batches: Vec<_> = busy.into_values().collect();
    assert_eq!(batches.len(), 1);
    assert_eq!(values(&batches[0]), ["a"]);
}

#[test]
fn cohort_that_runs_is_due_after_its_end() {
    let mut cohorts = cohorts(&[(Some(ABUSIVE), "a"), (Some(HONEST), "b")]);
    let now = Instant::now();
    let (_, batch) = due(&mut cohorts, true, now);
    let late: Vec<_> = batch
        .into_iter()
        .filter(|entry| values(std::slice::from_ref(entry)) == ["a"])
        .collect();
    let run = cohorts.start(&late);
    assert_eq!(values(&due(&mut cohorts, true, now).1), ["b"]);
    assert!(cohorts.stop(&late, run.id));
    // It was left out of a run of all cohorts.
    assert_eq!(values(&due(&mut cohorts, false, now).1), ["a"]);
    assert!(due(&mut cohorts, false, now).1.is_empty());
}

#[test]
fn costly_cohort_rests_and_others_do_not() {
    let mut cohorts = cohorts(&[(Some(ABUSIVE), "a")]);
    let now = Instant::now();
    let (_, batch) = due(&mut cohorts, true, now);
    run(&mut cohorts, &batch, End::Answered, COSTLY, now);
    cohorts.join(10, &plan(Some(HONEST), "b"));
    let due_now = cohorts.due(true, now);
    let all: Vec<_> = due_now.cohorts.into_values().flatten().collect();
    assert_eq!(values(&all), ["b"]);
    let rested = now + 2 * COSTLY;
    assert_eq!(due_now.next, Some(rested));
    assert!(due(&mut cohorts, false, rested - QUICK).1.is_empty());
    assert_eq!(values(&due(&mut cohorts, false, rested).1), ["a"]);
    run(&mut cohorts, &batch, End::Answered, COSTLY, rested);
    // A new subscriber does not wait for the end of the rest.
    cohorts.join(11, &plan(Some(ABUSIVE), "a"));
    assert_eq!(values(&due(&mut cohorts, false, rested).1), ["a"]);
}

#[test]
fn failed_batch_is_divided_until_one_cohort_has_the_error() {
    let subscribers: Vec<_> = (0..20).map(|n| (Some(n), n.to_string())).collect();
    let subscribers: Vec<_> = subscribers
        .iter()
        .map(|(client, value)| (*client, value.as_str()))
        .collect();
    let mut cohorts = cohorts(&subscribers);
    let now = Instant::now();
    for size in [Size::Full, Size::Few] {
        let (found, batch) = due(&mut cohorts, false, now);
        assert_eq!((found, batch.len()), (size, 20));
        for part in batch.chunks(size.cohorts(100)) {
            run(&mut cohorts, part, End::Failed, QUICK, now);
        }
    }
    let (size, batch) = due(&mut cohorts, false, now);
    assert_eq!(size, Size::Alone);
    for entry in batch {
        run(&mut cohorts, &[entry], End::Failed, QUICK, now);
    }
    // The error is their result.
    assert!(due(&mut cohorts, false, now).1.is_empty());
}

#[test]
fn result_of_a_run_is_not_sent_to_later_subscribers_with_the_same_values() {
    let mut cohorts = Cohorts::default();
    let (key, _) = cohorts.join(0, &plan(Some(HONEST), "a"));
    let (_, batch) = due(&mut cohorts, true, Instant::now());
    let old = cohorts.start(&batch);
    cohorts.leave(0, &key);
    assert!(old.cohorts.is_closed());
    let (_, updates) = cohorts.join(1, &plan(Some(HONEST), "a"));
    let new = cohorts.start(&batch);
    cohorts.answer(&key, new.id, answer("new"));
    assert!(!cohorts.stop(&batch, old.id));
    cohorts.answer(&key, old.id, answer("old"));
    cohorts.fail(&key, old.id, Error::new(Code::Unexpected, "old"));
    assert_eq!(*updates.borrow(), Some(Update::Data("new".into())));
}

#[test]
fn run_is_abandoned_after_its_last_subscriber_has_left() {
    let mut cohorts = cohorts(&[(Some(ABUSIVE), "a"), (Some(HONEST), "b")]);
    let (_, batch) = due(&mut cohorts, true, Instant::now());
    let run = cohorts.start(&batch);
    for (id, (_, value)) in (0..).zip([(ABUSIVE, "a"), (HONEST, "b")]) {
        assert!(!run.cohorts.is_closed());
        let key = batch
            .iter()
            .map(|(key, _)| key.clone())
            .find(|key| key.params[0].as_deref() == Some(value));
        cohorts.leave(id, &key.unwrap());
    }
    assert!(run.cohorts.is_closed());
}

#[test]
fn cohort_belongs_to_a_client_again_that_another_one_has_left() {
    let mut cohorts = cohorts(&[(Some(ABUSIVE), "a"), (Some(HONEST), "a")]);
    let (_, batch) = due(&mut cohorts, true, Instant::now());
    assert!(cohorts.client(&batch).is_none());
    cohorts.leave(1, &batch[0].0);
    assert_eq!(cohorts.client(&batch).map(|(_, id)| id), Some(ABUSIVE));
}
