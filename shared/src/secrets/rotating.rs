//! A value that is read when first needed, and again when it turned out to be out of date.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{sync::Mutex, time::Instant};
use tracing::info;

use super::SecretError;

type Ask<T> = Box<dyn Fn() -> BoxFuture<'static, Result<T, SecretError>> + Send + Sync>;

/// A value that may change while the process lives. Cheap to clone; clones share the value.
///
/// Whoever asks, the source is asked by one at a time, and not again within the cool-down: a wrong webhook secret sent a
/// thousand times a second must not become a thousand calls a second, and neither must a source that is away.
pub struct Rotating<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    ask: Option<Ask<T>>,
    cool_down: Duration,
    current: RwLock<Option<Arc<T>>>,
    last_asked: Mutex<Option<Asked>>,
}

struct Asked {
    at: Instant,
    error: Option<SecretError>,
}

impl<T: PartialEq + Send + Sync + 'static> Rotating<T> {
    /// A value that this source gives. Nothing is asked before the value is needed.
    pub fn from_source(
        cool_down: Duration,
        ask: impl Fn() -> BoxFuture<'static, Result<T, SecretError>> + Send + Sync + 'static,
    ) -> Self {
        Self::new(Some(Box::new(ask)), cool_down, None)
    }

    /// A value that never changes.
    pub fn fixed(value: T) -> Self {
        Self::new(None, Duration::ZERO, Some(Arc::new(value)))
    }

    fn new(ask: Option<Ask<T>>, cool_down: Duration, value: Option<Arc<T>>) -> Self {
        Self {
            inner: Arc::new(Inner {
                ask,
                cool_down,
                current: RwLock::new(value),
                last_asked: Mutex::new(None),
            }),
        }
    }

    /// The value, if it was read already.
    pub fn current(&self) -> Option<Arc<T>> {
        let current = self.inner.current.read();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The value, read now if it was not before.
    pub async fn get(&self) -> Result<Arc<T>, SecretError> {
        if let Some(current) = self.current() {
            return Ok(current);
        }
        // Without a value there is always one or an error.
        self.read_again(None)
            .await?
            .ok_or_else(|| SecretError::new("a secret", "it was not there"))
    }

    /// What the value is now, if it is another than the one that turned out to be out of date.
    pub async fn newer_than(&self, outdated: &Arc<T>) -> Result<Option<Arc<T>>, SecretError> {
        self.read_again(Some(outdated)).await
    }

    async fn read_again(&self, outdated: Option<&Arc<T>>) -> Result<Option<Arc<T>>, SecretError> {
        let Some(ask) = &self.inner.ask else {
            return Ok(None);
        };
        let mut last_asked = self.inner.last_asked.lock().await;
        // Somebody may have read it while we waited for our turn.
        if let Some(current) = self.current()
            && outdated.is_none_or(|outdated| !Arc::ptr_eq(outdated, &current))
        {
            return Ok(Some(current));
        }
        // What failed may work any moment: it rests a second only, so that nobody waits long once it does.
        let rest = |asked: &Asked| match asked.error {
            Some(_) => self.inner.cool_down.min(Duration::from_secs(1)),
            None => self.inner.cool_down,
        };
        if let Some(asked) = &*last_asked
            && asked.at.elapsed() < rest(asked)
        {
            return match &asked.error {
                Some(error) => Err(error.clone()),
                None => Ok(None),
            };
        }
        let answer = ask().await;
        *last_asked = Some(Asked {
            at: Instant::now(),
            error: answer.as_ref().err().cloned(),
        });
        let value = answer?;
        if outdated.is_some_and(|outdated| **outdated == value) {
            return Ok(None);
        }
        if outdated.is_some() {
            info!("a secret has changed and was read again");
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

impl<T> Clone for Rotating<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<T> fmt::Debug for Rotating<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rotating(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// A source that is set by the test and counts how often it is asked.
    #[derive(Default)]
    struct Source {
        value: std::sync::Mutex<Option<&'static str>>,
        asked: AtomicU32,
    }

    impl Source {
        fn set(&self, value: Option<&'static str>) {
            *self.value.lock().unwrap() = value;
        }

        fn asked(&self) -> u32 {
            self.asked.load(Ordering::Relaxed)
        }
    }

    /// Time does not pass in a test: a cool-down is over at once, or never.
    fn rotating(cool_down: Duration) -> (Arc<Source>, Rotating<&'static str>) {
        let source = Arc::new(Source::default());
        let asked = Arc::clone(&source);
        let rotating = Rotating::from_source(cool_down, move || {
            asked.asked.fetch_add(1, Ordering::Relaxed);
            let value = *asked.value.lock().unwrap();
            Box::pin(async move {
                tokio::task::yield_now().await;
                value.ok_or_else(|| SecretError::new("SECRET_ARN", "it is away"))
            })
        });
        (source, rotating)
    }

    #[tokio::test]
    async fn what_was_away_is_read_once_it_is_there() {
        let (source, rotating) = rotating(Duration::ZERO);
        let error = rotating.get().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the secret of SECRET_ARN cannot be read: it is away"
        );
        source.set(Some("one"));
        assert_eq!(*rotating.get().await.unwrap(), "one");
        assert_eq!(*rotating.get().await.unwrap(), "one");
        assert_eq!(source.asked(), 2, "what is there is not asked for again");
    }

    #[tokio::test]
    async fn a_source_that_is_away_is_not_asked_within_the_cool_down() {
        let (source, rotating) = rotating(Duration::MAX);
        for _ in 0..3 {
            rotating.get().await.unwrap_err();
        }
        assert_eq!(source.asked(), 1);
    }

    #[tokio::test]
    async fn a_hundred_who_need_it_ask_once() {
        let (source, rotating) = rotating(Duration::ZERO);
        source.set(Some("one"));
        let all = futures_util::future::join_all((0..100).map(|_| rotating.get())).await;
        assert!(all.iter().all(|value| **value.as_ref().unwrap() == "one"));
        assert_eq!(source.asked(), 1);

        source.set(Some("two"));
        let one = rotating.get().await.unwrap();
        let all = futures_util::future::join_all((0..100).map(|_| rotating.newer_than(&one))).await;
        assert!(
            all.iter()
                .all(|value| **value.as_ref().unwrap().as_ref().unwrap() == "two")
        );
        assert_eq!(source.asked(), 2);
    }

    #[tokio::test]
    async fn the_same_again_is_nothing_newer_and_is_not_asked_for_in_a_row() {
        let (source, unhurried) = rotating(Duration::MAX);
        source.set(Some("one"));
        let one = unhurried.get().await.unwrap();
        for _ in 0..1000 {
            assert!(unhurried.newer_than(&one).await.unwrap().is_none());
        }
        assert_eq!(source.asked(), 1);

        let (source, hasty) = rotating(Duration::ZERO);
        source.set(Some("one"));
        let one = hasty.get().await.unwrap();
        assert!(hasty.newer_than(&one).await.unwrap().is_none());
        assert!(
            Arc::ptr_eq(&one, &hasty.get().await.unwrap()),
            "what works is not replaced"
        );
    }

    #[tokio::test]
    async fn a_failed_second_reading_keeps_the_first() {
        let (source, rotating) = rotating(Duration::ZERO);
        source.set(Some("one"));
        let one = rotating.get().await.unwrap();
        source.set(None);
        rotating.newer_than(&one).await.unwrap_err();
        assert_eq!(*rotating.get().await.unwrap(), "one");
    }

    #[tokio::test]
    async fn a_fixed_value_is_never_newer() {
        let rotating = Rotating::fixed("one");
        let one = rotating.get().await.unwrap();
        assert!(rotating.newer_than(&one).await.unwrap().is_none());
    }
}
