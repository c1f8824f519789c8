//! Reads files by their paths.

use bytes::Bytes;
use std::path::{Component, Path, PathBuf};

/// Source of the files.
#[derive(Debug)]
pub(crate) enum Files {
    Directory(PathBuf),
    #[cfg(feature = "embedded")]
    Embedded,
}

impl Files {
    /// Returns the files that the engine contains; `None` if it was built without them.
    pub(crate) fn embedded() -> Option<Self> {
        #[cfg(feature = "embedded")]
        return Some(Self::Embedded);
        #[cfg(not(feature = "embedded"))]
        None
    }

    /// Returns the content of a file; `None` if it does not exist, or is not below the directory.
    pub(crate) async fn read(&self, path: &str) -> Option<Bytes> {
        match self {
            Self::Directory(directory) => {
                let mut components = Path::new(path).components();
                if !components.all(|component| matches!(component, Component::Normal(_))) {
                    return None;
                }
                let path = directory.join(path);
                tokio::fs::read(path).await.ok().map(Bytes::from)
            }
            #[cfg(feature = "embedded")]
            Self::Embedded => crate::embedded::read(path),
        }
    }
}
