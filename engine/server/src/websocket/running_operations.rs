//! Operations of one connection that may not be finished.

use std::collections::HashMap;
use tokio::task::AbortHandle;

/// Operations by the ids that the client chose. Dropping them stops them.
#[derive(Debug, Default)]
pub(super) struct RunningOperations(HashMap<String, RunningOperation>);

#[derive(Debug)]
struct RunningOperation {
    task: AbortHandle,
    /// Length of the client's message.
    bytes: usize,
}

impl RunningOperations {
    pub(super) fn insert(&mut self, id: String, task: AbortHandle, bytes: usize) {
        self.0.insert(id, RunningOperation { task, bytes });
    }

    pub(super) fn remove_finished(&mut self) {
        self.0.retain(|_, operation| !operation.task.is_finished());
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the number of bytes of all requests, which are kept until their operations are finished.
    pub(super) fn bytes(&self) -> usize {
        self.0.values().map(|operation| operation.bytes).sum()
    }

    /// Stops an operation; an unknown id has no effect.
    pub(super) fn stop(&mut self, id: &str) {
        if let Some(operation) = self.0.remove(id) {
            operation.task.abort();
        }
    }

    /// Stops all operations and returns the ids of those that were not finished.
    pub(super) fn stop_all(&mut self) -> Vec<String> {
        let mut stopped = Vec::new();
        for (id, operation) in self.0.drain() {
            if !operation.task.is_finished() {
                operation.task.abort();
                stopped.push(id);
            }
        }
        stopped
    }
}

impl Drop for RunningOperations {
    fn drop(&mut self) {
        self.stop_all();
    }
}
