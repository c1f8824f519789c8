//! A value that is read on first use, and again when it turns out to be stale.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{sync::Mutex, time::Instant};
use tracing::{info, warn};

use super::SecretError;

type SecretSource<T> = Box<dyn Fn() -> BoxFuture<'static, Result<T, SecretError>> + Send + Sync>;

/// A value that may change while the process runs. Clones share it.
///
/// At most one read of the source is in flight, and reads are separated by a minimum interval: neither a wrong webhook secret
/// sent a thousand times per second nor an unavailable source may cause a thousand calls per second.
pub struct RefreshableSecret<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    source: Option<SecretSource<T>>,
    min_refresh_interval: Duration,
    current: RwLock<Option<Arc<T>>>,
    last_read: Mutex<Option<LastRead>>,
}

struct LastRead {
    at: Instant,
    error: Option<SecretError>,
}

impl<T: PartialEq + Send + Sync + 'static> RefreshableSecret<T> {
    /// A value read from a source; the first read happens on first use.
    pub fn from_source(
        min_refresh_interval: Duration,
        source: impl Fn() -> BoxFuture<'static, Result<T, SecretError>> + Send + Sync + 'static,
    ) -> Self {
        Self::new(Some(Box::new(source)), min_refresh_interval, None)
    }

    /// A value that never changes.
    pub fn fixed(value: T) -> Self {
        Self::new(None, Duration::ZERO, Some(Arc::new(value)))
    }

    fn new(source: Option<SecretSource<T>>, min_refresh_interval: Duration, value: Option<Arc<T>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                source,
                min_refresh_interval,
                current: RwLock::new(value),
                last_read: Mutex::new(None),
            }),
        }
    }

    /// Returns the value if it has been read.
    pub fn current(&self) -> Option<Arc<T>> {
        let current = self.inner.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the value, and reads it on first use.
    pub async fn get(&self) -> Result<Arc<T>, SecretError> {
        if let Some(current) = self.current() {
            return Ok(current);
        }
        // Without a stale value, a read yields a value or an error.
        self.read_again(None)
            .await?
            .ok_or_else(|| SecretError::new("a secret", "the source returned no value"))
    }

    /// Returns the value, and reads it again first if the last read is older than `max_age`. The known value is returned while
    /// another request reads it, and if it cannot be read.
    pub async fn get_within(&self, max_age: Duration) -> Result<Arc<T>, SecretError> {
        let current = self.get().await?;
        let is_old = match self.inner.last_read.try_lock() {
            Ok(last_read) => last_read
                .as_ref()
                .is_some_and(|read| read.at.elapsed() >= max_age),
            Err(_) => false,
        };
        if !is_old {
            return Ok(current);
        }
        match self.refresh_if_stale(&current).await {
            Ok(newer) => Ok(newer.unwrap_or(current)),
            Err(error) => {
                warn!(%error, "cannot read the value again; keeping the known one");
                Ok(current)
            }
        }
    }

    /// Reads the value again, and returns it if it differs from the stale one.
    pub async fn refresh_if_stale(&self, stale: &Arc<T>) -> Result<Option<Arc<T>>, SecretError> {
        self.read_again(Some(stale)).await
    }

    async fn read_again(&self, stale: Option<&Arc<T>>) -> Result<Option<Arc<T>>, SecretError> {
        let Some(source) = &self.inner.source else {
            return Ok(None);
        };
        let mut last_read = self.inner.last_read.lock().await;
        // Another request may have read it while this one waited for the lock.
        if let Some(current) = self.current()
            && stale.is_none_or(|stale| !Arc::ptr_eq(stale, &current))
        {
            return Ok(Some(current));
        }
        // After an error the interval is at most 1 s, so that requests recover soon after the source does.
        let interval = |read: &LastRead| match read.error {
            Some(_) => self.inner.min_refresh_interval.min(Duration::from_secs(1)),
            None => self.inner.min_refresh_interval,
        };
        if let Some(read) = &*last_read
            && read.at.elapsed() < interval(read)
        {
            return match &read.error {
                Some(error) => Err(error.clone()),
                None => Ok(None),
            };
        }
        let result = source().await;
        *last_read = Some(LastRead {
            at: Instant::now(),
            error: result.as_ref().err().cloned(),
        });
        let value = result?;
        if stale.is_some_and(|stale| **stale == value) {
            return Ok(None);
        }
        if stale.is_some() {
            info!("secret has changed; using the new value");
        }
        Ok(Some(self.set(value)))
    }

    fn set(&self, value: T) -> Arc<T> {
        let value = Arc::new(value);
        let mut current = self.inner.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::clone(&value));
        value
    }
}

impl<T> Clone for RefreshableSecret<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<T> fmt::Debug for RefreshableSecret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshableSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Source that is set by the test and counts its reads.
    #[derive(Default)]
    struct Source {
        value: std::sync::Mutex<Option<&'static str>>,
        reads: AtomicU32,
    }

    impl Source {
        fn set(&self, value: Option<&'static str>) {
            *self.value.lock().unwrap() = value;
        }

        fn reads(&self) -> u32 {
            self.reads.load(Ordering::Relaxed)
        }
    }

    /// Tests use only intervals that end at once or never, and so do not depend on time.
    fn refreshable(min_refresh_interval: Duration) -> (Arc<Source>, RefreshableSecret<&'static str>) {
        let source = Arc::new(Source::default());
        let counted = Arc::clone(&source);
        let secret = RefreshableSecret::from_source(min_refresh_interval, move || {
            counted.reads.fetch_add(1, Ordering::Relaxed);
            let value = *counted.value.lock().unwrap();
            Box::pin(async move {
                tokio::task::yield_now().await;
                value.ok_or_else(|| SecretError::new("SECRET_ARN", "unavailable"))
            })
        });
        (source, secret)
    }

    #[tokio::test]
    async fn unavailable_secret_is_read_once_it_is_available() {
        let (source, secret) = refreshable(Duration::ZERO);
        let error = secret.get().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read the secret of SECRET_ARN: unavailable"
        );
        source.set(Some("one"));
        assert_eq!(*secret.get().await.unwrap(), "one");
        assert_eq!(*secret.get().await.unwrap(), "one");
        assert_eq!(source.reads(), 2, "a value is read once");
    }

    #[tokio::test]
    async fn unavailable_source_is_not_read_within_the_minimum_interval() {
        let (source, secret) = refreshable(Duration::MAX);
        for _ in 0..3 {
            secret.get().await.unwrap_err();
        }
        assert_eq!(source.reads(), 1);
    }

    #[tokio::test]
    async fn hundred_concurrent_requests_cause_one_read() {
        let (source, secret) = refreshable(Duration::ZERO);
        source.set(Some("one"));
        let all = futures_util::future::join_all((0..100).map(|_| secret.get())).await;
        assert!(all.iter().all(|value| **value.as_ref().unwrap() == "one"));
        assert_eq!(source.reads(), 1);

        source.set(Some("two"));
        let one = secret.get().await.unwrap();
        let all = futures_util::future::join_all((0..100).map(|_| secret.refresh_if_stale(&one))).await;
        assert!(
            all.iter()
                .all(|value| **value.as_ref().unwrap().as_ref().unwrap() == "two")
        );
        assert_eq!(source.reads(), 2);
    }

    #[tokio::test]
    async fn unchanged_value_is_not_new_and_is_not_read_again_within_the_interval() {
        let (source, unhurried) = refreshable(Duration::MAX);
        source.set(Some("one"));
        let one = unhurried.get().await.unwrap();
        for _ in 0..1000 {
            assert!(unhurried.refresh_if_stale(&one).await.unwrap().is_none());
        }
        assert_eq!(source.reads(), 1);

        let (source, hasty) = refreshable(Duration::ZERO);
        source.set(Some("one"));
        let one = hasty.get().await.unwrap();
        assert!(hasty.refresh_if_stale(&one).await.unwrap().is_none());
        assert!(
            Arc::ptr_eq(&one, &hasty.get().await.unwrap()),
            "an unchanged value is not replaced"
        );
    }

    #[tokio::test]
    async fn failed_refresh_keeps_the_value() {
        let (source, secret) = refreshable(Duration::ZERO);
        source.set(Some("one"));
        let one = secret.get().await.unwrap();
        source.set(None);
        secret.refresh_if_stale(&one).await.unwrap_err();
        assert_eq!(*secret.get().await.unwrap(), "one");
    }

    #[tokio::test]
    async fn old_value_is_read_again_and_kept_if_that_fails() {
        let (source, secret) = refreshable(Duration::ZERO);
        source.set(Some("one"));
        assert_eq!(*secret.get_within(Duration::MAX).await.unwrap(), "one");
        source.set(Some("two"));
        assert_eq!(*secret.get_within(Duration::MAX).await.unwrap(), "one");
        assert_eq!(*secret.get_within(Duration::ZERO).await.unwrap(), "two");
        source.set(None);
        assert_eq!(*secret.get_within(Duration::ZERO).await.unwrap(), "two");
    }

    #[tokio::test]
    async fn fixed_value_is_never_refreshed() {
        let secret = RefreshableSecret::fixed("one");
        let one = secret.get().await.unwrap();
        assert!(secret.refresh_if_stale(&one).await.unwrap().is_none());
    }
}
