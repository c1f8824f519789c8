//! Shares of the pool: roles other than admin leave some connections to admin, and a role or client leaves some to others.

use crate::groups::{Groups, Member};
use crate::pool::WAIT_TIMEOUT;
use crate::work::{Turn, Work};
use engine_error::Result;
use std::sync::Arc;
use std::thread::available_parallelism;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Connections of a client, on a machine with few processors, if the pool is large enough.
const MIN_CLIENT: usize = 4;

/// Client of a role other than admin.
#[derive(Debug, Clone, Copy)]
pub struct Client<'c> {
    pub role: &'c str,
    /// Hash of the session variables, and of the network of a client without any: clients with equal ones share a share.
    pub id: u64,
}

/// Numbers of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sizes {
    /// For all roles other than admin together.
    roles: usize,
    /// For one of these roles.
    role: usize,
    /// For one client of a role.
    client: usize,
}

impl Sizes {
    /// Returns the shares of a pool of this size. Each has at least one connection. The statements of one client cannot occupy many
    /// times the processors of the engine's machine, which those of the database usually resemble.
    fn of(pool: usize, processors: usize) -> Self {
        let roles = pool.saturating_sub((pool / 8).clamp(1, 2)).max(1);
        let role = (roles * 3 / 4).max(1);
        Self {
            roles,
            role,
            client: role.div_ceil(2).min((2 * processors).max(MIN_CLIENT)),
        }
    }
}

/// Shares of one pool. Waiting requests are served in the order of their arrival, each in its own share first, so that the requests
/// of one client that wait for its share do not delay others.
#[derive(Debug)]
pub(crate) struct Shares {
    sizes: Sizes,
    roles: Arc<Semaphore>,
    role: Groups<String>,
    client: Groups<u64>,
}

/// Permits of one connection in use.
#[derive(Debug)]
pub struct Permits {
    /// Dropped first: the next step of the client waits for its end.
    _turn: Turn,
    _roles: OwnedSemaphorePermit,
    _role: Member<String>,
    _client: Member<u64>,
}

impl Shares {
    pub(crate) fn new(pool: usize) -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        let sizes = Sizes::of(pool, processors);
        Self {
            sizes,
            roles: Arc::new(Semaphore::new(sizes.roles)),
            role: Groups::default(),
            client: Groups::default(),
        }
    }

    /// Waits until the client may use a connection; `None` if that takes too long. Returns a transient error if a pause of the client
    /// takes too long.
    pub(crate) async fn acquire(&self, client: Client<'_>, work: &Work) -> Result<Option<Permits>> {
        let permits = async {
            let Some(of_client) = self.client.join(client.id, self.sizes.client).await else {
                return Ok(None);
            };
            // Busy clients wait before they occupy connections of their role.
            let admission = work.admit(client.id).await?;
            let of_role = self.role.join(client.role.to_owned(), self.sizes.role).await;
            let of_roles = Arc::clone(&self.roles).acquire_owned().await.ok();
            Ok(of_role.zip(of_roles).map(|(of_role, of_roles)| Permits {
                _turn: admission.start(),
                _roles: of_roles,
                _role: of_role,
                _client: of_client,
            }))
        };
        timeout(WAIT_TIMEOUT, permits).await.unwrap_or(Ok(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    const fn client(role: &str, id: u64) -> Client<'_> {
        Client { role, id }
    }

    #[test]
    fn every_share_has_a_connection_and_admin_has_one_of_its_own() {
        let sizes = |pool| {
            let sizes = Sizes::of(pool, 16);
            (sizes.roles, sizes.role, sizes.client)
        };
        assert_eq!(sizes(1), (1, 1, 1));
        assert_eq!(sizes(2), (1, 1, 1));
        assert_eq!(sizes(3), (2, 1, 1));
        assert_eq!(sizes(8), (7, 5, 3));
        assert_eq!(sizes(50), (48, 36, 18));
    }

    #[test]
    fn share_of_a_client_depends_on_the_processors() {
        assert_eq!(
            [1, 2, 4, 64].map(|processors| Sizes::of(50, processors).client),
            [4, 4, 8, 18]
        );
    }

    /// Permits if there are some at once.
    fn at_once(shares: &Shares, client: Client<'_>) -> Option<Permits> {
        let permits = shares.acquire(client, &Work::limited(0)).now_or_never()?;
        permits.unwrap()
    }

    #[tokio::test]
    async fn waiting_requests_of_a_role_do_not_delay_another_role() {
        let shares = Shares::new(3);
        let first = at_once(&shares, client("a", 1));
        assert!(first.is_some());
        assert!(at_once(&shares, client("a", 2)).is_none());
        assert!(at_once(&shares, client("b", 3)).is_some());
        drop(first);
        assert!(at_once(&shares, client("a", 2)).is_some());
    }

    #[tokio::test]
    async fn keys_are_forgotten_with_their_last_request() {
        let shares = Shares::new(8);
        let held: Vec<_> = (0..3).map(|_| at_once(&shares, client("a", 1))).collect();
        // Abandoned while it waits for the share of its client.
        assert!(at_once(&shares, client("a", 1)).is_none());
        drop(held);
        assert!(shares.client.is_empty());
        assert!(shares.role.is_empty());
    }
}
