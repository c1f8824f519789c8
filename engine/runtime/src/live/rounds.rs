//! Runs of the batches of a poller. It waits for those of a round, but no longer than a moment; the rest continues apart from the next
//! rounds, as do the batches for which it does not wait at all.

use std::collections::HashSet;
use std::pin::pin;
use std::time::Duration;
use tokio::task::{Id, JoinError, JoinSet};

/// Runs in progress. Dropping it ends them, with their statements.
#[derive(Default)]
pub(super) struct Rounds {
    /// Each returns the time in the database that the pauses of the poller depend on.
    runs: JoinSet<Duration>,
    /// Runs of the present round that the poller waits for.
    awaited: HashSet<Id>,
    /// Number of runs that were awaited in the present round.
    started: usize,
    spent: Duration,
}

impl Rounds {
    /// Starts a run. `awaited`: whether the poller waits for it in this round.
    pub(super) fn start(&mut self, awaited: bool, run: impl Future<Output = Duration> + Send + 'static) {
        let id = self.runs.spawn(run).id();
        if awaited {
            self.awaited.insert(id);
            self.started += 1;
        }
    }

    /// Waits for the awaited runs or for `moment`, and ends the round. Returns the time in the database of the runs that ended since
    /// the previous round; those of one round that ran at the same time, at most `concurrent`, count once.
    pub(super) async fn end(&mut self, moment: impl Future<Output = ()>, concurrent: usize) -> Duration {
        while let Some(ended) = self.runs.try_join_next_with_id() {
            self.ended(ended);
        }
        let started = std::mem::take(&mut self.started);
        let mut moment = pin!(moment);
        while !self.awaited.is_empty() {
            tokio::select! {
                biased;
                Some(ended) = self.runs.join_next_with_id() => self.ended(ended),
                () = &mut moment => self.awaited.clear(),
            }
        }
        let at_once = u32::try_from(started.clamp(1, concurrent)).unwrap_or(u32::MAX);
        std::mem::take(&mut self.spent) / at_once
    }

    fn ended(&mut self, ended: Result<(Id, Duration), JoinError>) {
        let (id, spent) = ended.unwrap_or_else(|error| (error.id(), Duration::ZERO));
        self.awaited.remove(&id);
        self.spent += spent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use tokio::sync::oneshot;

    const QUICK: Duration = Duration::from_millis(1);
    const LATE: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn round_ends_with_its_awaited_runs() {
        let mut rounds = Rounds::default();
        rounds.start(false, pending());
        for _ in 0..4 {
            rounds.start(true, ready(QUICK));
        }
        assert_eq!(rounds.end(pending(), 2).await, 2 * QUICK);
    }

    #[tokio::test]
    async fn late_run_continues_and_counts_in_a_later_round() {
        let mut rounds = Rounds::default();
        let (end, late) = oneshot::channel();
        rounds.start(true, async { late.await.unwrap() });
        let (quick, done) = oneshot::channel();
        rounds.start(true, async {
            quick.send(()).unwrap();
            QUICK
        });
        // The moment passes after the other run has ended.
        let moment = async {
            done.await.unwrap();
            tokio::task::yield_now().await;
        };
        assert!(rounds.end(moment, 1).await <= QUICK);
        // The next rounds do not wait for it.
        rounds.start(true, ready(QUICK));
        assert!(rounds.end(pending(), 1).await <= 2 * QUICK);
        end.send(LATE).unwrap();
        let mut spent = Duration::ZERO;
        while spent < LATE {
            tokio::task::yield_now().await;
            spent += rounds.end(ready(()), 1).await;
        }
    }

    #[tokio::test]
    async fn round_ends_after_a_panic() {
        let mut rounds = Rounds::default();
        rounds.start(true, async { panic!("in a run") });
        assert_eq!(rounds.end(pending(), 1).await, Duration::ZERO);
    }

    #[tokio::test]
    async fn runs_end_with_the_poller() {
        let mut rounds = Rounds::default();
        let (held, ended) = oneshot::channel::<()>();
        rounds.start(false, async {
            pending::<()>().await;
            drop(held);
            QUICK
        });
        drop(rounds);
        assert!(ended.await.is_err());
    }
}
