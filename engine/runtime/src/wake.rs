//! Wake-ups between the modules of the engine. A component that changes data, or learns of a possible change, calls
//! [`Waker::wake`]; `events` and `live` wait on their own [`WakeReceiver`]. Several wake-ups before a poll count as
//! one.

use tokio::sync::watch;

/// Wakes all receivers.
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
    /// Signals that data or metadata may have changed.
    pub fn wake(&self) {
        bump(&self.events);
        bump(&self.live);
    }

    /// Wakes only `live`; called by `events`, which has already seen the change.
    pub fn wake_live(&self) {
        bump(&self.live);
    }

    /// Returns a receiver for `events` that has seen all wake-ups so far.
    pub fn subscribe_events(&self) -> WakeReceiver {
        WakeReceiver(self.events.subscribe())
    }

    /// Returns a receiver for `live` that has seen all wake-ups so far.
    pub fn subscribe_live(&self) -> WakeReceiver {
        WakeReceiver(self.live.subscribe())
    }
}

fn bump(counter: &watch::Sender<u64>) {
    counter.send_modify(|count| *count = count.wrapping_add(1));
}

impl WakeReceiver {
    /// Returns immediately if there was a wake-up since the last call, otherwise at the next one. Never returns after
    /// the engine was dropped. Cancel safe.
    pub async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
