//! Statements that are repeated while their error is transient: their events stay claimed, and no try is counted.

use super::queue::EventQueue;
use engine_error::Result;
use std::time::Duration;

const INITIAL_BACKOFF: Duration = Duration::from_millis(50);
const MAX_BACKOFF: Duration = Duration::from_secs(1);
/// Number of failures of a statement, while the database executes others, after which its data is taken for the cause.
const MAX_REFUSALS: u32 = 5;

/// Runs a statement again while its error is transient. `purpose` is logged, for example "write a settlement".
pub(super) async fn retry<T, F>(purpose: &'static str, statement: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    run(purpose, None, statement).await
}

/// [`retry`], but returns the error if the database repeatedly executes other statements and not this one: such as for a
/// payload that Postgres has no memory to print.
pub(super) async fn retry_unless_refused<T, F>(
    purpose: &'static str,
    store: &EventQueue,
    statement: impl FnMut() -> F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    run(purpose, Some(store), statement).await
}

async fn run<T, F>(
    purpose: &'static str,
    store: Option<&EventQueue>,
    mut statement: impl FnMut() -> F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut pause = INITIAL_BACKOFF;
    let mut refusals = 0;
    loop {
        let error = match statement().await {
            Err(error) if error.retry_after.is_some() => error,
            result => return result,
        };
        tracing::warn!(%error, purpose, "statement of the event queue failed; retrying");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_BACKOFF);
        if let Some(store) = store {
            refusals += u32::from(store.ping().await.is_ok());
            if refusals >= MAX_REFUSALS {
                return Err(error);
            }
        }
    }
}
