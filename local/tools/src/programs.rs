//! Finding the programs that a stack needs, and installing the ones that are missing.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use local_process::users;

/// Finds curl, with which the documentation talks to a stack, or installs it.
///
/// # Errors
/// When there is none and it cannot be installed.
pub fn curl() -> Result<PathBuf> {
    if let Some(found) = find("curl") {
        return Ok(found);
    }
    install("curl", &["curl"], "curl")?;
    find("curl").context("curl was installed, but is nowhere to be found")
}

/// Finds a Python that can make virtual environments, or installs it.
///
/// # Errors
/// When there is none and it cannot be installed.
pub(crate) fn python() -> Result<PathBuf> {
    if let Some(found) = find_python() {
        return Ok(found);
    }
    install(
        "Python 3.10 or later with its module venv",
        &["python3-venv"],
        "python@3.13",
    )?;
    find_python().context("Python was installed, but none that makes virtual environments is to be found")
}

/// Debian ships Python without what virtual environments need, so it is not enough that there is one.
fn find_python() -> Option<PathBuf> {
    let works = |python: &PathBuf| {
        Command::new(python)
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

/// Finds Chromium or Chrome, or installs it; for the tests of the browser apps.
///
/// # Errors
/// When there is none and it cannot be installed.
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
    there().context("Chromium was installed, but is nowhere to be found")
}

/// Makes sure that there is jq, with which the pool's script reads secrets.
///
/// # Errors
/// When there is none and it cannot be installed.
pub fn jq() -> Result<PathBuf> {
    if let Some(found) = find("jq") {
        return Ok(found);
    }
    install("jq", &["jq"], "jq")?;
    find("jq").context("jq was installed, but is nowhere to be found")
}

/// Looks for a program on the PATH and in the directories for administrators, which are not on everybody's PATH.
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

/// Installs packages, saying so, where that needs nobody's consent: as root with apt, or with Homebrew. Otherwise
/// fails with the command to run.
///
/// # Errors
/// When they cannot be installed here; the message says what to run.
pub fn install(what: &str, debian: &[&str], homebrew: &str) -> Result<()> {
    let packages = debian.join(" ");
    if cfg!(target_os = "macos") {
        if find("brew").is_none() {
            bail!("{what} is missing: install Homebrew (https://brew.sh), then `brew install {homebrew}`");
        }
        eprintln!("{what} is missing; installing it: brew install {homebrew}");
        return succeed(Command::new("brew").args(["install", homebrew]));
    }
    if find("apt-get").is_none() {
        bail!(
            "{what} is missing: install it with this machine's package manager (on Debian: apt-get install {packages})"
        );
    }
    if !users::is_root() {
        bail!("{what} is missing: `sudo apt-get install -y {packages}`");
    }
    eprintln!("{what} is missing; installing it: apt-get install -y {packages}");
    let _quiet = ServiceStartGuard::begin()?;
    let apt = |args: &[&str]| {
        succeed(
            Command::new("apt-get")
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(args),
        )
    };
    let all = [&["install", "-y", "--no-install-recommends"], debian].concat();
    // The package lists may be absent or too old for what they point to.
    apt(&all).or_else(|_| {
        apt(&["update"])?;
        apt(&all)
    })
}

/// Runs a command to its good end, with its output on standard error.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    // Standard output is for results.
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    anyhow::ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

/// While this lives, Debian packages start no service and create no cluster: we want the programs, on ports and data
/// of our own. Both files are read by Debian's tools, and gone afterwards.
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
    fn finds_programs_only_where_they_can_be_run() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program").is_none());
        assert!(!is_program(Path::new("/etc/passwd")));
    }
}
