//! Node.js and npm, for what is tested or built with them: found, or installed, and a project's packages with them.
//!
//! Debian's Node.js is older than today's tools want. Then its npm fetches a newer one from the npm registry into
//! `.local/node`, which touches nothing else on the machine.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::programs::{find, install, succeed};
use local_process::dirs;

/// The oldest Node.js that today's bundlers and GraphQL tools say they run on, and that runs TypeScript as it is.
const MIN_VERSION: (u32, u32) = (22, 18);
/// What is installed where there is none, or an older one: the line with long-term support.
const INSTALLED_LINE: &str = "24";

/// A Node.js that is new enough, and an npm that runs on it.
#[derive(Debug, Clone)]
pub struct Node {
    node: PathBuf,
    npm: PathBuf,
}

impl Node {
    /// Finds Node.js and npm, or installs them, saying so.
    ///
    /// # Errors
    /// When there is none and it cannot be installed; the message says what to do.
    pub fn find() -> Result<Self> {
        let installed = dirs::root().join(".local/node");
        if let Some(found) = Self::on_path().or_else(|| Self::installed(&installed)) {
            return Ok(found);
        }
        // Several tests or commands may want it in the same moment.
        let _lock = lock(&installed)?;
        if let Some(found) = Self::on_path().or_else(|| Self::installed(&installed)) {
            return Ok(found);
        }
        if find("npm").is_none() {
            install("Node.js with npm", &["nodejs", "npm"], "node")?;
        }
        if let Some(found) = Self::on_path() {
            return Ok(found);
        }
        let npm = find("npm").context("npm was installed, but is nowhere to be found")?;
        let (major, minor) = MIN_VERSION;
        // The package `node` itself needs install scripts, which npm is about to stop running; these are what it gets.
        let node = format!("{}@{INSTALLED_LINE}", package());
        eprintln!("Node.js {major}.{minor} or later is wanted; fetching one: npm install {node} npm@11");
        succeed(
            Command::new(npm)
                .args([
                    "install",
                    "--no-save",
                    "--no-package-lock",
                    "--no-fund",
                    "--no-audit",
                ])
                .args(["--loglevel", "error", &node, "npm@11", "--prefix"])
                .arg(&installed)
                .current_dir(&installed),
        )?;
        Self::installed(&installed).with_context(|| {
            format!("npm brought no Node.js that runs here: install {major}.{minor} or later from https://nodejs.org")
        })
    }

    fn on_path() -> Option<Self> {
        Some(Self {
            node: find("node").filter(|node| new_enough(node))?,
            npm: find("npm")?,
        })
    }

    fn installed(dir: &Path) -> Option<Self> {
        Some(Self {
            node: Some(dir.join("node_modules").join(package()).join("bin/node"))
                .filter(|node| new_enough(node))?,
            npm: Some(dir.join("node_modules/.bin/npm")).filter(|npm| npm.exists())?,
        })
    }

    /// `node`, with itself first on its PATH, so that tools which call `node` again get the same one.
    pub fn command(&self) -> Command {
        self.with_path(&self.node)
    }

    /// `npm`, run by this Node.js.
    pub fn npm(&self) -> Command {
        self.with_path(&self.npm)
    }

    /// Makes sure that `dir`'s packages are as its `package-lock.json` says: `npm ci`, unless it was done for this
    /// very lock file.
    ///
    /// # Errors
    /// When there is no lock file, or npm fails; it says why on standard error.
    pub fn install_packages(&self, dir: &Path) -> Result<()> {
        let wanted = dir.join("package-lock.json");
        let wanted = fs::read(&wanted).with_context(|| format!("cannot read {}", wanted.display()))?;
        let done = dir.join("node_modules/.installed-package-lock.json");
        let is_done = || fs::read(&done).is_ok_and(|there| there == wanted);
        if is_done() {
            return Ok(());
        }
        let _lock = lock(&dir.join("node_modules"))?;
        if is_done() {
            return Ok(());
        }
        eprintln!("installing the packages of {}: npm ci", dir.display());
        succeed(
            self.npm()
                .args(["ci", "--no-fund", "--no-audit", "--loglevel", "error"])
                .current_dir(dir),
        )?;
        // Only now: an installation that was cut short is begun again.
        fs::write(&done, wanted).with_context(|| format!("cannot write {}", done.display()))
    }

    fn with_path(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let before = env::var_os("PATH").unwrap_or_default();
        let dirs = self.node.parent().map(Path::to_path_buf);
        if let Ok(path) = env::join_paths(dirs.into_iter().chain(env::split_paths(&before))) {
            command.env("PATH", path);
        }
        // Tools that see no terminal ask nobody.
        command.env("CI", "true").stdin(Stdio::null());
        command
    }
}

/// Holds others back while something is put into `dir`. The lock's file is beside it, because npm clears directories.
fn lock(dir: &Path) -> Result<File> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let path = dir.with_extension("lock");
    let lock = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    lock.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(lock)
}

/// The npm package that holds Node.js for this machine, and nothing else.
fn package() -> String {
    let arch = match env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "x64",
    };
    match env::consts::OS {
        "macos" => format!("node-bin-darwin-{arch}"),
        os => format!("node-{os}-{arch}"),
    }
}

fn new_enough(node: &Path) -> bool {
    let output = Command::new(node).arg("--version").stdin(Stdio::null()).output();
    output.is_ok_and(|output| {
        output.status.success()
            && version(&String::from_utf8_lossy(&output.stdout)).is_ok_and(|found| found >= MIN_VERSION)
    })
}

/// (20, 19) from `v20.19.2`.
fn version(text: &str) -> Result<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => bail!("`{text}` is no version"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("v20.19.2\n").unwrap(), (20, 19));
        assert!(version("v18.20.4").unwrap() < MIN_VERSION);
        assert!(version("v22.9.0").unwrap() < MIN_VERSION);
        assert!(version("v24.1.0").unwrap() > MIN_VERSION);
        assert!(version("node").is_err());
    }
}
