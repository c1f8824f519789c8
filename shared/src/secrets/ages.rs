//! Age of the secrets of an installation, which the watchman reports.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::future::{BoxFuture, try_join_all};
use tokio::{sync::Mutex, time::Instant};
use tracing::warn;

/// Time between two reads, which are calls of an API.
const INTERVAL: Duration = Duration::from_hours(1);

type Source = dyn Fn(String) -> BoxFuture<'static, Result<SystemTime, String>> + Send + Sync;

/// Times at which secrets were changed. Clones share what was read.
#[derive(Clone)]
pub struct SecretAges {
    ids: Arc<[String]>,
    source: Arc<Source>,
    interval: Duration,
    read: Arc<Mutex<Option<(Instant, SystemTime)>>>,
}

impl SecretAges {
    /// `ids`: separated by commas. `source` returns the time at which a secret was changed last.
    pub fn from_source(
        ids: &str,
        source: impl Fn(String) -> BoxFuture<'static, Result<SystemTime, String>> + Send + Sync + 'static,
    ) -> Self {
        let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
        Self {
            ids: ids.map(str::to_owned).collect(),
            source: Arc::new(source),
            interval: INTERVAL,
            read: Arc::default(),
        }
    }

    /// Time at which the secret was changed that has not been changed for the longest time; `None` if it is unknown.
    pub async fn oldest(&self) -> Option<SystemTime> {
        let mut read = self.read.lock().await;
        if let Some((at, oldest)) = *read
            && at.elapsed() < self.interval
        {
            return Some(oldest);
        }
        match try_join_all(self.ids.iter().map(|id| (self.source)(id.clone()))).await {
            Ok(times) => {
                let oldest = times.into_iter().min()?;
                *read = Some((Instant::now(), oldest));
                Some(oldest)
            }
            Err(reason) => {
                warn!(reason, "cannot read the ages of the secrets");
                None
            }
        }
    }
}

impl fmt::Debug for SecretAges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretAges")
            .field("ids", &self.ids)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Secrets that were changed at these seconds since 1970; any other one cannot be read. Counts the calls.
    fn ages(ids: &str) -> (SecretAges, Arc<AtomicU32>) {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let ages = SecretAges::from_source(ids, move |id| {
            counted.fetch_add(1, Ordering::Relaxed);
            let seconds = id.parse().map_err(|_| "access denied".to_owned());
            Box::pin(
                async move { seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)) },
            )
        });
        (ages, calls)
    }

    #[tokio::test]
    async fn oldest_secret_is_read_again_after_an_interval() {
        let (mut ages, calls) = ages("300, 100,200");
        for _ in 0..3 {
            let oldest = ages.oldest().await.unwrap();
            assert_eq!(oldest, SystemTime::UNIX_EPOCH + Duration::from_secs(100));
        }
        assert_eq!(calls.load(Ordering::Relaxed), 3);
        ages.interval = Duration::ZERO;
        assert!(ages.oldest().await.is_some());
        assert_eq!(calls.load(Ordering::Relaxed), 6);
    }

    #[tokio::test]
    async fn age_is_unknown_if_one_secret_cannot_be_read() {
        let (unreadable, calls) = ages("100,x");
        assert_eq!(unreadable.oldest().await, None);
        assert_eq!(unreadable.oldest().await, None);
        assert_eq!(calls.load(Ordering::Relaxed), 4, "the failure is not kept");
        assert_eq!(ages("").0.oldest().await, None);
    }
}
