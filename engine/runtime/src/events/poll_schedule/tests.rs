use super::*;

const INTERVAL: Duration = Duration::from_secs(1);
const MS: Duration = Duration::from_millis(1);
const NOTHING: Found = found(0);
const REQUIRED: EventSignal = EventSignal::Required { transactions: 1 };

const fn found(events: usize) -> Found {
    Found {
        events,
        more: false,
        all: true,
    }
}

/// Change that began at this time.
const fn hint(began: Instant) -> EventSignal {
    EventSignal::Hint { began }
}

/// Polls once when it is due and returns the time and the action.
fn poll(schedule: &mut PollSchedule, found: Found) -> (Instant, PollAction) {
    let now = schedule.next();
    let action = schedule.begin(now);
    schedule.polled(now, action, found);
    (now, action)
}

/// Returns a schedule that waits for NOTIFY, and the time of its last poll.
fn listening() -> (PollSchedule, Instant) {
    let mut schedule = PollSchedule::new(Instant::now(), INTERVAL);
    assert_eq!(poll(&mut schedule, NOTHING).1, PollAction::RequestNotify);
    let (now, action) = poll(&mut schedule, NOTHING);
    assert_eq!(action, PollAction::Plain);
    assert_eq!(schedule.next(), now + INTERVAL);
    (schedule, now)
}

/// Returns a schedule under load, with its row deleted, and the time of its last poll.
fn polling() -> (PollSchedule, Instant) {
    let (mut schedule, now) = listening();
    schedule.signal(now, REQUIRED);
    poll(&mut schedule, found(100));
    let (now, action) = poll(&mut schedule, found(100));
    assert_eq!(action, PollAction::EndNotify);
    (schedule, now)
}

/// Polls without events until the schedule waits for the interval; returns the actions.
fn calm_down(schedule: &mut PollSchedule) -> Vec<PollAction> {
    let mut actions = Vec::new();
    loop {
        let (now, action) = poll(schedule, NOTHING);
        actions.push(action);
        if schedule.next() == now + INTERVAL {
            return actions;
        }
        assert!(actions.len() < 1000, "polls forever");
    }
}

#[test]
fn notify_is_requested_at_start_and_the_queue_polled_twice() {
    let start = Instant::now();
    let mut schedule = PollSchedule::new(start, INTERVAL);
    assert_eq!(poll(&mut schedule, NOTHING), (start, PollAction::RequestNotify));
    assert_eq!(
        poll(&mut schedule, NOTHING),
        (start + RECHECK_DELAY, PollAction::Plain)
    );
    assert_eq!(schedule.next(), start + RECHECK_DELAY + INTERVAL);
}

#[test]
fn second_poll_takes_place_although_signals_come_before() {
    let start = Instant::now();
    let mut schedule = PollSchedule::new(start, INTERVAL);
    poll(&mut schedule, NOTHING);
    schedule.signal(start + 10 * MS, REQUIRED);
    assert_eq!(poll(&mut schedule, found(1)).0, start + 10 * MS);
    assert_eq!(schedule.next(), start + RECHECK_DELAY);
}

#[test]
fn idle_schedule_polls_once_per_interval() {
    let (mut schedule, start) = listening();
    for n in 1..=10 {
        assert_eq!(
            poll(&mut schedule, NOTHING),
            (start + n * INTERVAL, PollAction::Plain)
        );
    }
}

#[test]
fn missed_notification_costs_at_most_the_interval() {
    let (mut schedule, start) = listening();
    let (now, _) = poll(&mut schedule, found(1));
    assert_eq!(now, start + INTERVAL);
    assert!(!schedule.announced());
}

#[test]
fn events_of_one_client_keep_the_row_and_cost_one_poll_each() {
    let (mut schedule, start) = listening();
    let mut now = start;
    for _ in 0..10_000 {
        now += 3 * MS;
        schedule.signal(now, REQUIRED);
        assert_eq!(poll(&mut schedule, found(1)), (now, PollAction::Plain));
        assert!(schedule.announced());
        assert_eq!(schedule.next(), now + INTERVAL);
        // The call, and the mutation that caused it, are no reasons to poll.
        schedule.set_calls(1, false);
        schedule.signal(now + MS, hint(now + MS));
        assert_eq!(schedule.next(), now + INTERVAL);
        schedule.set_calls(0, false);
    }
}

#[test]
fn load_ends_the_request_and_polls_at_short_intervals() {
    let (mut schedule, start) = listening();
    let now = start + 300 * MS;
    schedule.signal(now, REQUIRED);
    assert_eq!(poll(&mut schedule, found(100)), (now, PollAction::Plain));
    schedule.set_calls(100, false);
    assert_eq!(
        poll(&mut schedule, found(5)),
        (now + MIN_POLL_INTERVAL, PollAction::EndNotify)
    );
    assert_eq!(
        poll(&mut schedule, found(5)),
        (now + MIN_POLL_INTERVAL + BUSY_POLL_INTERVAL, PollAction::Plain)
    );
    schedule.set_calls(100, true);
    let (last, _) = poll(&mut schedule, found(5));
    assert_eq!(schedule.next(), last + MIN_POLL_INTERVAL);
}

#[test]
fn full_batch_is_load() {
    let (mut schedule, start) = listening();
    let more = Found {
        more: true,
        ..found(1)
    };
    poll(&mut schedule, more);
    assert_eq!(schedule.next(), start + INTERVAL + MIN_POLL_INTERVAL);
    assert_eq!(schedule.begin(schedule.next()), PollAction::EndNotify);
}

#[test]
fn high_rate_of_single_events_is_load() {
    let (mut schedule, mut now) = listening();
    let mut polls = 0;
    while schedule.begin(now) == PollAction::Plain {
        schedule.polled(now, PollAction::Plain, found(1));
        schedule.set_calls(0, false);
        now += MS / 4;
        schedule.signal(now, REQUIRED);
        polls += 1;
        assert!(polls < 1000, "never polls");
    }
    assert!(polls > 10, "{polls} events are not a rate");
}

#[test]
fn notifications_of_events_that_others_claim_are_load() {
    let (mut schedule, mut now) = listening();
    let mut polls = 0;
    while schedule.begin(now) == PollAction::Plain {
        schedule.polled(now, PollAction::Plain, NOTHING);
        now += MS / 4;
        schedule.signal(now, REQUIRED);
        polls += 1;
        assert!(polls < 1000, "never polls");
    }
}

#[test]
fn commits_that_notify_together_count_each() {
    let (mut schedule, start) = listening();
    let now = start + 10 * MS;
    schedule.signal(now, EventSignal::Required { transactions: 100 });
    // Other instances have claimed the events.
    assert_eq!(poll(&mut schedule, NOTHING), (now, PollAction::Plain));
    assert_eq!(schedule.begin(schedule.next()), PollAction::EndNotify);
}

#[test]
fn rare_commits_whose_events_others_claim_are_not_load() {
    let (mut schedule, start) = listening();
    let mut now = start;
    for _ in 0..1000 {
        now += 3 * MS;
        schedule.signal(now, EventSignal::Required { transactions: 2 });
        assert_eq!(poll(&mut schedule, NOTHING), (now, PollAction::Plain));
        assert_eq!(schedule.next(), now + INTERVAL);
    }
}

#[test]
fn change_that_began_before_the_row_existed_causes_a_poll() {
    let (mut schedule, start) = listening();
    let began = start.checked_sub(RECHECK_DELAY).unwrap();
    // The second poll is over when the transaction, which saw no row, is committed.
    let now = start + 300 * MS;
    schedule.signal(now, hint(now));
    assert_eq!(schedule.next(), start + INTERVAL);
    schedule.signal(now, hint(began));
    assert_eq!(poll(&mut schedule, found(1)), (now, PollAction::Plain));
    assert!(!schedule.announced());
    assert_eq!(schedule.next(), now + INTERVAL);
}

#[test]
fn change_that_ends_before_the_second_poll_does_not_wait_for_it() {
    let start = Instant::now();
    let mut schedule = PollSchedule::new(start, INTERVAL);
    assert_eq!(poll(&mut schedule, NOTHING), (start, PollAction::RequestNotify));
    let now = start + 10 * MS;
    schedule.signal(now, hint(start));
    assert_eq!(poll(&mut schedule, found(1)).0, now);
    assert_eq!(schedule.next(), start + RECHECK_DELAY);
}

#[test]
fn change_while_the_row_is_inserted_causes_a_poll() {
    let start = Instant::now();
    let mut schedule = PollSchedule::new(start, INTERVAL);
    let action = schedule.begin(start);
    assert_eq!(action, PollAction::RequestNotify);
    let inserted = start + 5 * MS;
    // One change ends before the poll does, another one afterwards.
    schedule.signal(start + MS, hint(start));
    schedule.polled(inserted, action, NOTHING);
    assert_eq!(schedule.next(), inserted);
    // The poll for the first change, and the second poll after the row was inserted.
    poll(&mut schedule, NOTHING);
    poll(&mut schedule, NOTHING);
    schedule.signal(start + 100 * MS, hint(start + MS));
    assert_eq!(schedule.next(), start + 100 * MS);
}

#[test]
fn change_that_began_while_an_earlier_row_existed_causes_a_poll() {
    let (mut schedule, _) = polling();
    // It began while the instance listened, and read the table while it polled.
    let began = schedule.next().checked_sub(100 * MS).unwrap();
    schedule.set_calls(0, false);
    calm_down(&mut schedule);
    let now = schedule.next().checked_sub(500 * MS).unwrap();
    schedule.signal(now, hint(began));
    assert_eq!(schedule.next(), now);
}

#[test]
fn after_load_notify_is_requested_again() {
    let (mut schedule, start) = polling();
    schedule.set_calls(0, false);
    let actions = calm_down(&mut schedule);
    let requests = actions
        .iter()
        .filter(|&&action| action == PollAction::RequestNotify);
    assert_eq!(requests.count(), 1);
    assert_eq!(
        actions[actions.len() - 2..],
        [PollAction::RequestNotify, PollAction::Plain]
    );
    assert!(schedule.next() > start + POLLING_PERIOD + INTERVAL);
}

#[test]
fn few_events_do_not_prolong_polling() {
    let (mut schedule, start) = polling();
    schedule.set_calls(1, false);
    // The events of the burst are forgotten after a while.
    let mut actions = Vec::new();
    while schedule.next() < start + 3 * POLLING_PERIOD {
        schedule.set_calls(1, false);
        actions.push(poll(&mut schedule, found(1)).1);
        schedule.signal(schedule.next() + 4 * MS, hint(schedule.next() + 4 * MS));
    }
    assert!(actions.contains(&PollAction::RequestNotify));
}

#[test]
fn slow_calls_without_events_do_not_prolong_polling() {
    let (mut schedule, _) = polling();
    schedule.set_calls(100, false);
    let actions = calm_down(&mut schedule);
    assert!(actions.contains(&PollAction::RequestNotify));
}

#[test]
fn load_while_notify_is_requested_continues_polling() {
    let (mut schedule, start) = polling();
    let late = start + 2 * POLLING_PERIOD;
    schedule.set_calls(100, false);
    let action = schedule.begin(late);
    assert_eq!(action, PollAction::RequestNotify);
    schedule.signal(late, hint(late));
    schedule.polled(late, action, NOTHING);
    assert!(schedule.next() <= late + BUSY_POLL_INTERVAL);
    assert_eq!(schedule.begin(schedule.next()), PollAction::EndNotify);
}

#[test]
fn signals_while_polling_cost_one_poll_per_pause() {
    let (mut schedule, start) = polling();
    for _ in 0..100 {
        schedule.signal(start, hint(start));
        schedule.signal(start, REQUIRED);
    }
    assert_eq!(schedule.next(), start + MIN_POLL_INTERVAL);
    poll(&mut schedule, found(1));
    // The row does not exist, so other changes may have caused no signal.
    assert!(!schedule.announced());
}

#[test]
fn signal_during_a_poll_is_not_lost() {
    let (mut schedule, start) = listening();
    let now = start + 10 * MS;
    for events in [0, 1] {
        schedule.signal(now, REQUIRED);
        let action = schedule.begin(now);
        schedule.signal(now + MS, REQUIRED);
        schedule.polled(now + 2 * MS, action, found(events));
        assert_eq!(schedule.next(), now + 2 * MS);
        poll(&mut schedule, NOTHING);
        assert_eq!(schedule.next(), now + 2 * MS + INTERVAL);
    }
}

#[test]
fn hint_matters_if_events_were_left_in_the_queue() {
    let (mut schedule, start) = listening();
    let incomplete = Found {
        all: false,
        ..NOTHING
    };
    poll(&mut schedule, incomplete);
    let now = start + INTERVAL + 10 * MS;
    schedule.signal(now, hint(now));
    assert_eq!(schedule.next(), now);
    let action = schedule.begin(now);
    schedule.signal(now, hint(now));
    schedule.polled(now + MS, action, incomplete);
    assert_eq!(schedule.next(), now + MS);
    poll(&mut schedule, NOTHING);
    assert!(!schedule.announced());
    schedule.signal(now + 2 * MS, hint(now + 2 * MS));
    assert_eq!(schedule.next(), now + MS + INTERVAL);
}

#[test]
fn failed_poll_is_repeated_later_and_the_row_written_again() {
    let (mut schedule, start) = listening();
    schedule.begin(start);
    schedule.failed(start);
    assert_eq!(
        poll(&mut schedule, NOTHING),
        (start + ERROR_BACKOFF, PollAction::EndNotify)
    );
    assert_eq!(
        calm_down(&mut schedule),
        [PollAction::RequestNotify, PollAction::Plain]
    );
}

#[test]
fn new_instance_id_writes_its_row() {
    let (mut schedule, start) = listening();
    let now = start + 10 * MS;
    schedule.restart(now);
    assert_eq!(poll(&mut schedule, NOTHING), (now, PollAction::RequestNotify));
}
