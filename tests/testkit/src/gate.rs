//! A gate that holds tasks until a test opens it.

use tokio::sync::watch;

/// Holds every task in [`Gate::passed`] until [`Gate::open`] is called. Clones share the state.
#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<bool>);

impl Gate {
    /// Returns a closed gate.
    pub fn closed() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Releases the held tasks; later ones do not wait.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the gate is open.
    pub async fn passed(&self) {
        // The sender is part of this value, so the channel cannot close during the wait.
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}
