//! A directory whose files are shared by all requests, which need no secret: clients that request a large file and do not read it
//! occupy its memory once.

use bytes::Bytes;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Size in bytes of all files that are kept, and of one that can be served.
const MAX_BYTES: usize = 64 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Directory {
    root: PathBuf,
    kept: Mutex<HashMap<PathBuf, Kept>>,
}

/// A file as it was at a time.
#[derive(Debug, Clone)]
struct Kept {
    modified: SystemTime,
    content: Bytes,
}

impl Directory {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            kept: Mutex::default(),
        }
    }

    /// Returns the content of a file; `None` if it does not exist, is too large, or is not below the directory.
    pub(crate) async fn read(&self, path: &str) -> Option<Bytes> {
        let mut components = Path::new(path).components();
        if !components.all(|component| matches!(component, Component::Normal(_))) {
            return None;
        }
        let path = self.root.join(path);
        let found = tokio::fs::metadata(&path).await.ok()?;
        if !found.is_file() || usize::try_from(found.len()).ok()? > MAX_BYTES {
            return None;
        }
        let modified = found.modified().ok()?;
        let known = self.lock().get(&path).cloned();
        if let Some(known) = known.filter(|known| known.modified == modified) {
            return Some(known.content);
        }
        let content = Bytes::from(tokio::fs::read(&path).await.ok()?);
        let mut kept = self.lock();
        // Another request may have read it meanwhile: both use the same memory.
        if let Some(known) = kept.get(&path).filter(|known| known.modified == modified) {
            return Some(known.content.clone());
        }
        let size: usize = kept.values().map(|file| file.content.len()).sum();
        if size + content.len() > MAX_BYTES {
            kept.clear();
        }
        let file = Kept {
            modified,
            content: content.clone(),
        };
        kept.insert(path, file);
        Some(content)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[tokio::test]
    async fn requests_share_a_file_until_it_changes() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("main.js");
        fs::write(&path, "first").unwrap();
        let directory = Directory::new(root.path().to_owned());
        let (one, two) = (directory.read("main.js").await, directory.read("main.js").await);
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!((&one[..], one.as_ptr()), (&b"first"[..], two.as_ptr()));
        fs::write(&path, "second").unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(10);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(later)
            .unwrap();
        assert_eq!(directory.read("main.js").await.unwrap(), "second");
        fs::remove_file(&path).unwrap();
        assert_eq!(directory.read("main.js").await, None);
    }
}
