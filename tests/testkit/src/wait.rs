//! Waiting for a condition. The deadlines only end tests that hang; no test depends on how long a condition takes.

use std::time::{Duration, Instant};

/// Time after which a condition counts as never becoming true.
pub const HANG: Duration = Duration::from_mins(1);

/// Interval between two evaluations of a condition.
const POLL: Duration = Duration::from_millis(10);

/// Waits until `condition` returns a value; panics after [`HANG`].
pub async fn eventually<T>(what: &str, condition: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(HANG, what, condition).await
}

/// Waits until `condition` returns a value; panics after `deadline`.
pub async fn eventually_within<T>(
    deadline: Duration,
    what: &str,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(
            started.elapsed() < deadline,
            "still not true after {deadline:?}: {what}"
        );
        tokio::time::sleep(POLL).await;
    }
}
