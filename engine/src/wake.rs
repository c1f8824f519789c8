//! How the engine's rooms wake each other: whoever changes data, or learns that somebody may have, calls [`Waker::wake`];
//! `events` and `live` wait on their own [`WakeReceiver`]. Many wake-ups before a look are one.

use tokio::sync::watch;

/// Wakes everybody who waits.
#[derive(Debug, Clone)]
pub struct Waker(watch::Sender<u64>);

/// Waits for the next wake-up.
#[derive(Debug, Clone)]
pub struct WakeReceiver(watch::Receiver<u64>);

impl Default for Waker {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Waker {
    /// Something may have changed in the database.
    pub fn wake(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A receiver that has seen all wake-ups so far.
    pub fn subscribe(&self) -> WakeReceiver {
        WakeReceiver(self.0.subscribe())
    }
}

impl WakeReceiver {
    /// Returns at once if there was a wake-up since the last call, else when the next comes. Never returns once the
    /// engine is gone. Cancel safe.
    pub async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
