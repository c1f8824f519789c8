//! Slow requests, for the monitoring of the console.

use serde::Serialize;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Duration from which a request is slow.
const SLOW: Duration = Duration::from_millis(250);

/// Number of slow requests that are kept: the newest ones.
const KEPT: usize = 50;

tokio::task_local! {
    /// Name of the operation of the request that the task handles.
    static OPERATION: RefCell<Option<String>>;
}

/// Runs a request; returns its result and the name of its operation.
pub(super) async fn with_operation<T>(request: impl Future<Output = T>) -> (T, Option<String>) {
    let named = async {
        let result = request.await;
        (result, OPERATION.with(RefCell::take))
    };
    OPERATION.scope(RefCell::default(), named).await
}

/// Sets the name of the operation of the current request.
pub(super) fn set_operation(name: &str) {
    // WebSockets have no request.
    let _ = OPERATION.try_with(|operation| operation.replace(Some(name.to_owned())));
}

/// A request that took long.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SlowRequest {
    /// Seconds since 1970.
    at: u64,
    ms: u64,
    method: String,
    path: String,
    operation: Option<String>,
    status: u16,
    request_id: String,
}

/// The newest slow requests.
#[derive(Debug, Default)]
pub struct SlowRequests(Mutex<VecDeque<SlowRequest>>);

impl SlowRequests {
    /// Keeps a request if it was slow.
    pub(super) fn record(
        &self,
        took: Duration,
        request_id: &str,
        method: &str,
        path: &str,
        operation: Option<String>,
        status: u16,
    ) {
        if took < SLOW {
            return;
        }
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut kept = self.lock();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(SlowRequest {
            at: at.as_secs(),
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            method: method.to_owned(),
            // Of unknown paths, any length arrives here.
            path: path.chars().take(128).collect(),
            operation,
            status,
            request_id: request_id.to_owned(),
        });
    }

    /// Returns them, newest first.
    pub(super) fn list(&self) -> Vec<SlowRequest> {
        self.lock().iter().rev().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<SlowRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_slow_requests_are_kept() {
        let slow = SlowRequests::default();
        slow.record(Duration::from_millis(1), "fast", "POST", "/v1/graphql", None, 200);
        assert!(slow.list().is_empty());
        for number in 0..60 {
            let id = number.to_string();
            slow.record(Duration::from_secs(1), &id, "POST", &"/x".repeat(1000), None, 200);
        }
        let list = slow.list();
        assert_eq!(list.len(), KEPT);
        assert_eq!(list[0].request_id, "59");
        assert_eq!(list[0].path.len(), 128);
    }

    #[tokio::test]
    async fn operations_are_those_of_their_request() {
        let (first, second) = tokio::join!(
            with_operation(async {
                set_operation("First");
                tokio::task::yield_now().await;
            }),
            with_operation(tokio::task::yield_now())
        );
        assert_eq!(first.1.as_deref(), Some("First"));
        assert_eq!(second.1, None);
        set_operation("outside of a request");
    }
}
