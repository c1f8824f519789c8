//! How the engine's rooms wake each other: whoever changes data, or learns that somebody may have, calls [`Waker::wake`];
//! `events` and `live` wait on their own [`WakeReceiver`]. Many wake-ups before a look are one.

use tokio::sync::watch;

/// Wakes everybody who waits.
#[derive(Debug, Clone)]
pub struct Waker {
    events: watch::Sender<u64>,
    live: watch::Sender<u64>,
}

/// Waits for the next wake-up.
#[derive(Debug, Clone)]
pub struct WakeReceiver(watch::Receiver<u64>);

impl Default for Waker {
    fn default() -> Self {
        Self {
            events: watch::Sender::new(0),
            live: watch::Sender::new(0),
        }
    }
}

impl Waker {
    /// Something may have changed in the database, or in the metadata.
    pub fn wake(&self) {
        bump(&self.events);
        bump(&self.live);
    }

    /// The same, told by `events`, which knows already.
    pub fn wake_live(&self) {
        bump(&self.live);
    }

    /// A receiver for `events` that has seen all wake-ups so far.
    pub fn subscribe_events(&self) -> WakeReceiver {
        WakeReceiver(self.events.subscribe())
    }

    /// A receiver for `live` that has seen all wake-ups so far.
    pub fn subscribe_live(&self) -> WakeReceiver {
        WakeReceiver(self.live.subscribe())
    }
}

fn bump(counter: &watch::Sender<u64>) {
    counter.send_modify(|count| *count = count.wrapping_add(1));
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
