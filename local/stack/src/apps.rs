//! The browser apps on one machine: built by npm if their sources changed ([`build`]), served by this process
//! ([`serve`]).

pub mod build;
pub mod serve;

use std::path::{Path, PathBuf};

/// Folders of the apps that this process serves, in the order of their ports.
pub(crate) const NAMES: [&str; 2] = ["order-app", "analytics-app"];

/// Folder of the console, which the engine serves.
pub(crate) const CONSOLE: &str = "console";

/// Build output of the console.
pub(crate) fn console_dist(root: &Path) -> PathBuf {
    root.join("apps").join(CONSOLE).join("dist")
}

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
