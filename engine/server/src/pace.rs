//! Work that requests cost besides their operations, and the pauses that follow from it.

use crate::app::App;
use crate::body_budget::{SMALL_REQUEST, Share};
use crate::client_address::ClientAddress;
use engine_error::Result;
use engine_postgres::work::Turn;
use engine_runtime::graphql;
use std::time::Duration;

/// Work of a request or message besides its operation.
const REQUEST: Duration = Duration::from_micros(100);

/// Work of a request without a session. It is more than a refusal costs, because such requests need no answer soon.
const REFUSAL: Duration = Duration::from_millis(2);

/// Bytes that cost a millisecond: they are received, copied and scanned.
const BYTES_PER_MS: usize = 512 * 1024;

/// Work of a request with a number of bytes.
fn cost(bytes: usize) -> Duration {
    let micros = bytes.saturating_mul(1000) / BYTES_PER_MS;
    REQUEST + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

impl App {
    /// Counts a request or message of a client, and waits while the client is busy.
    pub(crate) async fn requested(&self, share: Share, bytes: usize) {
        if let Share::Role(client) = share {
            self.graphql.pool.work().request(client, cost(bytes)).await;
        }
    }

    /// Counts received bytes of a request.
    pub(crate) fn received(&self, share: Share, bytes: usize) {
        if let Share::Role(client) = share {
            self.graphql.pool.work().count(client, cost(bytes));
        }
    }

    /// Waits until a client may parse a text of this length. Returns a transient error if that takes too long.
    pub(crate) async fn parsing(&self, share: Share, bytes: usize) -> Result<Option<Turn>> {
        match share {
            Share::Role(client) if bytes > SMALL_REQUEST => {
                self.graphql.pool.work().turn(client).await.map(Some)
            }
            Share::Role(_) | Share::Admin => Ok(None),
        }
    }

    /// Counts a request without a session, and waits if there are many from its network.
    pub(crate) async fn refused(&self, address: ClientAddress) {
        let network = graphql::network(address.0);
        self.graphql.pool.work().refusal(network, REFUSAL).await;
    }
}
