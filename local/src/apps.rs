//! The browser apps on one machine: built by npm when their sources changed ([`build`]), served from here ([`serve`]).

pub mod build;
pub mod serve;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::node::Node;

/// The apps by their folder's name, in the order of their ports.
pub const NAMES: [&str; 2] = ["order-app", "analytics-app"];

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

/// The Node.js that the apps' lock file pins, for scripts of theirs; on a machine for which it pins none, the machine's.
///
/// # Errors
/// When there is none and none can be installed, or the packages cannot be.
pub fn node(root: &Path) -> Result<Command> {
    let apps = root.join("apps");
    let node = Node::find()?;
    node.install_packages(&apps)?;
    let pinned = apps.join("node_modules/.bin/node");
    Ok(if pinned.exists() {
        Command::new(pinned)
    } else {
        node.command()
    })
}
