//! The order of a socket's queries and mutations.
//!
//! Clients that put everything on one socket rely on it: a mutation sees what those before it did, and what comes after
//! a mutation sees what it did, as in Hasura, which reads and runs one message after another. Queries between two mutations run
//! beside each other here, a few at a time: each builds its whole answer before there is room to send it.

use apollo_compiler::ast::OperationType;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// Queries of one socket that run at a time, answers that wait for room included.
const AT_A_TIME: u32 = 16;

/// Hands out turns, in the order in which they were asked for.
pub(super) struct Turns(Arc<Semaphore>);

/// A turn that will come; it lasts until what it gives is dropped.
pub(super) type Turn = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

impl Turns {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME as usize)))
    }

    /// Stands in line for an operation of that type; a subscription need not.
    pub(super) async fn queue(&self, operation: OperationType) -> Option<Turn> {
        let share = match operation {
            OperationType::Query => 1,
            OperationType::Mutation => AT_A_TIME,
            OperationType::Subscription => return None,
        };
        let mut turn: Turn = Box::pin(Arc::clone(&self.0).acquire_many_owned(share));
        // Asked once, it has its place in the line.
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
