//! Open load: orders are placed at a fixed rate, independent of the completion of earlier ones, as many customers would.
//! Times count from the moment at which an order was due, so that an overloaded stack cannot postpone its own load.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at, sleep_until};

use super::{OrderRun, order_id};

impl OrderRun {
    /// Places one order in each period, the first one after a delay, and waits until all are complete, or until there is no
    /// progress. An order that cannot be placed is a problem of this order only.
    pub(super) async fn at_rate(
        &mut self,
        period: Duration,
        delay: Duration,
        progress_timeout: Duration,
        progress: &impl Fn(usize),
    ) {
        let mut tick = interval_at(tokio::time::Instant::now() + delay, period);
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut placements: JoinSet<(usize, Instant, Result<Instant>)> = JoinSet::new();
        let count = self.ids.len();
        let (mut next, mut left) = (0, count);
        let mut deadline = Instant::now() + progress_timeout;
        while left > 0 {
            let (moved, closed) = tokio::select! {
                due = tick.tick(), if next < count => {
                    // Chosen now, because ids contain the time.
                    self.ids[next] = order_id();
                    let (people, number) = (self.people.clone(), next);
                    let (id, restaurant) = self.order(number);
                    let id = id.to_owned();
                    placements.spawn(async move {
                        (number, due.into_std(), people.customer.place(&[(&id, restaurant)]).await)
                    });
                    next += 1;
                    (true, false)
                }
                Some(Ok((number, due, placed))) = placements.join_next(), if !placements.is_empty() => match placed {
                    Ok(placed) => {
                        self.follow(number, due, placed);
                        (true, false)
                    }
                    Err(error) => {
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
