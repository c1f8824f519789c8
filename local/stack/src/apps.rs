//! The browser apps on one machine: built by npm if their sources changed ([`build`]), served by this process
//! ([`serve`]).

pub mod build;
pub mod serve;

use std::path::{Path, PathBuf};

/// Folders of the apps, in the order of their ports.
pub(crate) const NAMES: [&str; 2] = ["order-app", "analytics-app"];

/// Build output of both apps, in the order of [`NAMES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    dists: [PathBuf; 2],
}

impl Built {
    fn within(apps: &Path) -> Self {
        Self {
            dists: NAMES.map(|name| apps.join(name).join("dist")),
        }
    }
}
