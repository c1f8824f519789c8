//! The browser apps on one machine: built by npm when their sources changed ([`build`]), served from here ([`serve`]).

pub mod build;
pub mod serve;

use std::path::{Path, PathBuf};

/// The apps by their folder's name, in the order of their ports.
pub(crate) const NAMES: [&str; 2] = ["order-app", "analytics-app"];

/// Both apps, built: the directory of each, in the order of [`NAMES`].
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
