//! Reads files by their paths.

use crate::directory::Directory;
use bytes::Bytes;
use std::path::PathBuf;

/// Source of the files.
#[derive(Debug)]
pub(crate) enum Files {
    Directory(Directory),
    #[cfg(any(test, feature = "embedded"))]
    Embedded,
}

impl Files {
    pub(crate) fn directory(root: PathBuf) -> Self {
        Self::Directory(Directory::new(root))
    }

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
            Self::Directory(directory) => directory.read(path).await,
            #[cfg(any(test, feature = "embedded"))]
            Self::Embedded => crate::embedded::read(path),
        }
    }
}
