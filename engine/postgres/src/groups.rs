//! Semaphores by key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Semaphores by key. A key is forgotten with its last request, so that the number of keys is bounded by that of requests.
#[derive(Debug)]
pub struct Groups<K>(Arc<Mutex<HashMap<K, Group>>>);

#[derive(Debug)]
struct Group {
    semaphore: Arc<Semaphore>,
    /// Requests that wait for or use a permit.
    members: usize,
}

/// Request in a group, from the wait for a permit to its release.
#[derive(Debug)]
pub struct Member<K: Hash + Eq> {
    groups: Groups<K>,
    key: K,
    permit: Option<OwnedSemaphorePermit>,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K> Clone for Groups<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Hash + Eq + Clone> Groups<K> {
    /// Waits for a permit of the group with this key, which has `size` of them.
    pub async fn join(&self, key: K, size: usize) -> Option<Member<K>> {
        let semaphore = {
            let mut groups = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let group = groups.entry(key.clone()).or_insert_with(|| Group {
                semaphore: Arc::new(Semaphore::new(size)),
                members: 0,
            });
            group.members += 1;
            Arc::clone(&group.semaphore)
        };
        // Leaves the group also if the wait is abandoned.
        let mut member = Member {
            groups: self.clone(),
            key,
            permit: None,
        };
        member.permit = Some(semaphore.acquire_owned().await.ok()?);
        Some(member)
    }
}

impl<K: Hash + Eq> Drop for Member<K> {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut groups = self.groups.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = groups.get_mut(&self.key) {
            group.members -= 1;
            if group.members == 0 {
                groups.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
impl<K> Groups<K> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
