//! Node.js, npm and a project's npm packages: found, or installed.
//!
//! Debian's Node.js is older than the bundlers require. In that case its npm installs a newer one from the npm
//! registry into `.local/node`, which changes nothing else on the machine.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::programs::{find, install, succeed};
use local_process::dirs;
use local_process::environment::{self, Kind};

/// Minimum version of the bundlers and GraphQL tools; it also runs TypeScript directly.
const MIN_VERSION: (u32, u32) = (22, 18);
/// Version that is installed: of the release line with long-term support. The package for macOS has fewer versions.
const INSTALLED: &str = if cfg!(target_os = "macos") {
    "24.0.0"
} else {
    "24.22.3"
};
/// Version of npm that is installed with it.
const INSTALLED_NPM: &str = "11.21.2";

/// A Node.js that meets [`MIN_VERSION`], and an npm that it runs.
#[derive(Debug, Clone)]
pub struct Node {
    node: PathBuf,
    npm: PathBuf,
}

impl Node {
    /// Finds Node.js and npm, or installs them and reports that on stderr.
    pub fn find() -> Result<Self> {
        let installed = dirs::root().join(".local/node");
        if let Some(found) = Self::on_path().or_else(|| Self::installed(&installed)) {
            return Ok(found);
        }
        // Several tests or commands may need it at the same time.
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
        let npm = find("npm").context("npm was installed but was not found on PATH")?;
        let (major, minor) = MIN_VERSION;
        // The package `node` needs install scripts, which are not run; this is the package that such a script installs.
        let node = format!("{}@{INSTALLED}", package());
        let newer_npm = format!("npm@{INSTALLED_NPM}");
        eprintln!(
            "Node.js {major}.{minor} or later is required; installing it into .local/node: npm install {node} {newer_npm}"
        );
        succeed(
            environment::restrict(&mut Command::new(npm), Kind::Packages)
                .args([
                    "install",
                    "--no-save",
                    "--no-package-lock",
                    "--no-fund",
                    "--no-audit",
                    "--ignore-scripts",
                ])
                .args(["--loglevel", "error", &node, &newer_npm, "--prefix"])
                .arg(&installed)
                .current_dir(&installed),
        )?;
        Self::installed(&installed).with_context(|| {
            format!("the installed Node.js does not run on this machine; install {major}.{minor} or later from https://nodejs.org")
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

    /// `node`, with its directory first on its PATH, so that tools that call `node` again get the same version.
    pub fn command(&self) -> Command {
        self.with_path(&self.node)
    }

    /// `npm`, run by this Node.js.
    pub fn npm(&self) -> Command {
        self.with_path(&self.npm)
    }

    /// Installs the packages of `dir` with `npm ci`, unless that was done for the same `package-lock.json`.
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
                // Scripts of packages would run with the rights of the developer; no package needs one.
                .args([
                    "ci",
                    "--ignore-scripts",
                    "--no-fund",
                    "--no-audit",
                    "--loglevel",
                    "error",
                ])
                .current_dir(dir),
        )?;
        // Written last: an interrupted installation is repeated.
        fs::write(&done, wanted).with_context(|| format!("cannot write {}", done.display()))
    }

    fn with_path(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        environment::restrict(&mut command, Kind::Packages);
        let before = env::var_os("PATH").unwrap_or_default();
        let dirs = self.node.parent().map(Path::to_path_buf);
        if let Ok(path) = env::join_paths(dirs.into_iter().chain(env::split_paths(&before))) {
            command.env("PATH", path);
        }
        // Without a terminal, tools do not ask questions.
        command.env("CI", "true").stdin(Stdio::null());
        command
    }
}

/// Excludes other processes while `dir` is written. The lock file is beside `dir`, because npm clears directories.
fn lock(dir: &Path) -> Result<File> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let path = dir.with_extension("lock");
    let lock = File::create(&path).with_context(|| format!("cannot create {}", path.display()))?;
    lock.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(lock)
}

/// npm package that contains only Node.js for this machine.
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
    let output = environment::restrict(&mut Command::new(node), Kind::Plain)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    output.is_ok_and(|output| {
        output.status.success()
            && version(&String::from_utf8_lossy(&output.stdout)).is_ok_and(|found| found >= MIN_VERSION)
    })
}

/// Parses (20, 19) from `v20.19.2`.
fn version(text: &str) -> Result<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => bail!("invalid version \"{text}\""),
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
