//! Division of the connections of live queries among cohorts that are separated from others, and those that are not, so that neither
//! wait long for the former.

use super::separation::Size;
use engine_postgres::groups::{Groups, Member};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Usual number of connections for live queries. They are separate from those of requests, so that neither can starve the
/// other, and few, so that many pollers queue here instead of overloading the database.
pub(super) const USUAL: usize = 4;

/// Number of connections for the batches that are divided to find costly cohorts.
const DIVIDED: usize = 2;

/// Number of connections for statements that are costly. Only these take longer than [`super::separation::PATIENCE`].
const SLOW: usize = 6;

/// Number of connections for live queries. Batches whose subscribers belong to one client use at most a third of them.
pub(super) const CONNECTIONS: usize = USUAL + DIVIDED + SLOW;

/// Maximum wait for one of the usual connections; after that a run uses one of the others that is free.
const USUAL_WAIT: Duration = Duration::from_millis(200);

/// Permits for connections.
pub(super) struct Lanes {
    usual: Semaphore,
    divided: Semaphore,
    slow: Semaphore,
    /// Those of a client that run or queue for a connection are half as many as the connections, so that the clients take turns.
    clients: Groups<(Size, u64)>,
}

/// Permit for one run.
#[derive(Debug, Default)]
pub(super) struct LanePermit<'l> {
    /// `None` after a wait: statements that are blocked must not delay other pollers for long.
    _connection: Option<SemaphorePermit<'l>>,
    _client: Option<Member<(Size, u64)>>,
}

impl Lanes {
    pub(super) fn new() -> Self {
        Self {
            usual: Semaphore::new(USUAL),
            divided: Semaphore::new(DIVIDED),
            slow: Semaphore::new(SLOW),
            clients: Groups::default(),
        }
    }

    /// Waits until a batch of this size may run. `client` is that of the batch.
    pub(super) async fn enter(&self, size: Size, client: Option<u64>) -> LanePermit<'_> {
        let (lane, connections) = match size {
            Size::Full => {
                let usual = timeout(USUAL_WAIT, self.usual.acquire()).await;
                return LanePermit {
                    _connection: usual.ok().and_then(Result::ok),
                    _client: None,
                };
            }
            Size::Few | Size::Alone => (&self.divided, DIVIDED),
            Size::Slow => (&self.slow, SLOW),
        };
        let of_client = match client {
            Some(client) => self.clients.join((size, client), connections / 2).await,
            None => None,
        };
        LanePermit {
            _connection: lane.acquire().await.ok(),
            _client: of_client,
        }
    }

    /// Returns a permit for a slow statement if there is one at once.
    pub(super) fn try_slow(&self) -> Option<LanePermit<'_>> {
        Some(LanePermit {
            _connection: Some(self.slow.try_acquire().ok()?),
            _client: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn slow_statements_leave_connections_to_others() {
        let lanes = Lanes::new();
        let mut slow: Vec<_> = (0..SLOW).filter_map(|_| lanes.try_slow()).collect();
        assert_eq!(slow.len(), SLOW);
        assert!(lanes.try_slow().is_none());
        assert!(lanes.enter(Size::Slow, None).now_or_never().is_none());
        assert!(lanes.enter(Size::Alone, None).now_or_never().is_some());
        assert!(lanes.enter(Size::Full, None).now_or_never().is_some());
        slow.pop();
        assert!(lanes.enter(Size::Slow, None).now_or_never().is_some());
    }

    #[tokio::test]
    async fn clients_take_turns() {
        let lanes = Lanes::new();
        for (size, connections) in [(Size::Alone, DIVIDED), (Size::Slow, SLOW)] {
            let enter = |client| lanes.enter(size, Some(client)).now_or_never();
            let first: Vec<_> = (0..connections).filter_map(|_| enter(1)).collect();
            assert_eq!(first.len(), connections / 2);
            assert!(enter(2).is_some());
            drop(first);
            assert!(enter(1).is_some());
        }
    }
}
