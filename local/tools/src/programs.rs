//! Finds programs, and installs missing ones.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use local_process::environment::{self, Kind};
use local_process::users;

/// Finds or installs curl, which the documentation's examples use.
pub fn curl() -> Result<PathBuf> {
    if let Some(found) = find("curl") {
        return Ok(found);
    }
    install("curl", &["curl"], "curl")?;
    find("curl").context("curl was installed but was not found on PATH")
}

/// Finds or installs a Python that can create virtual environments.
pub(crate) fn python() -> Result<PathBuf> {
    if let Some(found) = find_python() {
        return Ok(found);
    }
    install(
        "Python 3.10 or later with its module venv",
        &["python3-venv"],
        "python@3.13",
    )?;
    find_python().context("Python was installed but cannot create virtual environments")
}

/// Debian ships Python without the modules that virtual environments need, so the version alone does not suffice.
fn find_python() -> Option<PathBuf> {
    let works = |python: &PathBuf| {
        environment::restrict(&mut Command::new(python), Kind::Plain)
            .args([
                "-c",
                "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let candidates = ["python3", "python3.13", "python3.12", "python3.11"];
    let on_path = candidates.iter().filter_map(|name| find(name));
    on_path.chain([PathBuf::from("/usr/bin/python3")]).find(works)
}

/// Finds or installs Chromium or Chrome, for the tests of the browser apps.
pub fn chromium() -> Result<PathBuf> {
    let there = || {
        let mac = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
        ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(find)
            .or_else(|| is_program(&mac).then_some(mac))
    };
    if let Some(found) = there() {
        return Ok(found);
    }
    install("Chromium", &["chromium"], "chromium")?;
    there().context("Chromium was installed but was not found on PATH")
}

/// Finds or installs jq, with which the pool's script reads secrets.
pub fn jq() -> Result<PathBuf> {
    if let Some(found) = find("jq") {
        return Ok(found);
    }
    install("jq", &["jq"], "jq")?;
    find("jq").context("jq was installed but was not found on PATH")
}

/// Searches the PATH and the administrators' directories, which are often not on it.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs = env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin", "/opt/homebrew/bin"].map(PathBuf::from));
    dirs.map(|dir| dir.join(name))
        .find(|candidate| is_program(candidate))
}

pub fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Installs packages and reports that on stderr, where it needs no consent: as root with apt, or with Homebrew.
/// Otherwise returns an error that contains the command to run.
pub fn install(what: &str, debian: &[&str], homebrew: &str) -> Result<()> {
    let packages = debian.join(" ");
    if cfg!(target_os = "macos") {
        if find("brew").is_none() {
            bail!(
                "{what} is missing; install Homebrew (https://brew.sh), then run `brew install {homebrew}`"
            );
        }
        eprintln!("{what} is missing; installing it: brew install {homebrew}");
        return succeed(
            environment::restrict(&mut Command::new("brew"), Kind::Packages).args(["install", homebrew]),
        );
    }
    if find("apt-get").is_none() {
        bail!(
            "{what} is missing; install it with the package manager (on Debian: apt-get install {packages})"
        );
    }
    if !users::is_root() {
        bail!("{what} is missing; run `sudo apt-get install -y {packages}`");
    }
    eprintln!("{what} is missing; installing it: apt-get install -y {packages}");
    let _quiet = ServiceStartGuard::begin()?;
    let apt = |args: &[&str]| {
        succeed(
            environment::restrict(&mut Command::new("apt-get"), Kind::Packages)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(args),
        )
    };
    let all = [&["install", "-y", "--no-install-recommends"], debian].concat();
    // The package lists may be absent or outdated.
    apt(&all).or_else(|_| {
        apt(&["update"])?;
        apt(&all)
    })
}

/// Runs a command with its output on stderr; returns an error if it fails.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    // Standard output is reserved for results.
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    anyhow::ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

/// While this value exists, Debian packages start no service and create no cluster: only the programs are needed, on
/// their own ports and data. Debian's tools read both files; they are removed on drop.
struct ServiceStartGuard {
    ours: Vec<PathBuf>,
}

impl ServiceStartGuard {
    fn begin() -> Result<Self> {
        let mut guard = Self { ours: Vec::new() };
        guard.file("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)?;
        guard.file(
            "/etc/postgresql-common/createcluster.d/no-main-cluster.conf",
            "create_main_cluster = false\n",
            0o644,
        )?;
        Ok(guard)
    }

    fn file(&mut self, path: &str, content: &str, mode: u32) -> Result<()> {
        let path = Path::new(path);
        if path.exists() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))?;
        self.ours.push(path.to_path_buf());
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        Ok(())
    }
}

impl Drop for ServiceStartGuard {
    fn drop(&mut self) {
        for path in &self.ours {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_executable_files_are_programs() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program").is_none());
        assert!(!is_program(Path::new("/etc/passwd")));
    }
}
