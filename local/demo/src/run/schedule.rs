//! Orders that are placed one after the other: when fewer than a number are in progress, or at a fixed rate, independent of the
//! completion of earlier ones, as many customers would. At a rate, times count from the moment at which an order was due, so that an
//! overloaded stack cannot postpone its own load.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval_at, sleep_until};

use super::OrderRun;

/// Moments at which orders are placed.
#[derive(Debug)]
pub(super) enum Schedule {
    /// When fewer than this number are in progress.
    InProgress(usize),
    /// At each tick.
    Rate(Interval),
}

impl Schedule {
    /// One order in each period, the first one after a delay.
    pub(super) fn at_rate(period: Duration, delay: Duration) -> Self {
        let mut tick = interval_at(tokio::time::Instant::now() + delay, period);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        Self::Rate(tick)
    }

    /// Waits until the next order is due; returns the time at which it was.
    async fn due(&mut self, in_progress: usize) -> Instant {
        match self {
            Self::InProgress(max) if in_progress < *max => Instant::now(),
            Self::InProgress(_) => std::future::pending().await,
            Self::Rate(tick) => tick.tick().await.into_std(),
        }
    }
}

impl OrderRun {
    /// Places the orders on schedule, and waits until all are complete, or until there is no progress. An order that cannot be
    /// placed is a problem of this order only.
    pub(super) async fn place_each(
        &mut self,
        mut schedule: Schedule,
        progress_timeout: Duration,
        progress: &impl Fn(usize),
    ) {
        let mut placements: JoinSet<(usize, Instant, Result<Instant>)> = JoinSet::new();
        let count = self.endings.len();
        let (mut next, mut left) = (0, count);
        let mut deadline = Instant::now() + progress_timeout;
        while left > 0 {
            let in_progress = next + left - count;
            let (moved, closed) = tokio::select! {
                due = schedule.due(in_progress), if next < count => {
                    let (people, number) = (self.people.clone(), next);
                    let order = self.open(number);
                    placements.spawn(async move { (number, due, people.customer.place(&[order]).await) });
                    next += 1;
                    (true, false)
                }
                Some(Ok((number, due, placed))) = placements.join_next(), if !placements.is_empty() => match placed {
                    Ok(placed) => {
                        self.follow(number, due, placed);
                        (true, false)
                    }
                    Err(error) => {
                        self.orders.discard(number);
                        self.problem(format!("{error:#}"));
                        (true, true)
                    }
                },
                event = self.next() => match self.on_event(event) {
                    Some(result) => result,
                    None => return,
                },
                () = sleep_until(deadline.into()) => {
                    let seconds = progress_timeout.as_secs();
                    self.problem(format!("no progress for {seconds} s; {left} orders incomplete"));
                    return;
                }
            };
            if moved {
                deadline = Instant::now() + progress_timeout;
            }
            if closed {
                left -= 1;
                progress(self.done);
            }
        }
        self.finish_actions().await;
    }
}
