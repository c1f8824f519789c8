//! Order of the queries and mutations of a connection.
//!
//! Clients that use one connection for all operations rely on it: a mutation sees the effects of earlier mutations, and later
//! operations see its effects, as in Hasura, which runs one message after another. Here, queries between two mutations run
//! concurrently. Their number is limited because each builds its whole response before there is capacity to send it.

use apollo_compiler::ast::OperationType;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Maximum number of concurrent queries per connection, including responses that wait for capacity.
const MAX_CONCURRENT_QUERIES: u32 = 16;

/// Grants turns in the order of their requests.
pub(super) struct OperationQueue(Arc<Semaphore>);

/// Future turn; the turn lasts until the permit is dropped.
pub(super) type Turn = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

impl OperationQueue {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_CONCURRENT_QUERIES as usize)))
    }

    /// Queues an operation of the given type; subscriptions do not need a turn.
    pub(super) async fn queue(&self, operation: OperationType) -> Option<Turn> {
        let share = match operation {
            OperationType::Query => 1,
            OperationType::Mutation => MAX_CONCURRENT_QUERIES,
            OperationType::Subscription => return None,
        };
        let mut turn: Turn = Box::pin(Arc::clone(&self.0).acquire_many_owned(share));
        // Polling once reserves the position in the semaphore's queue.
        let at_once = poll_fn(|context| match turn.as_mut().poll(context) {
            Poll::Ready(permit) => Poll::Ready(Some(permit)),
            Poll::Pending => Poll::Ready(None),
        });
        match at_once.await {
            Some(permit) => Some(Box::pin(std::future::ready(permit))),
            None => Some(turn),
        }
    }
}
