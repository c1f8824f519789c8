//! Finding the programs that a stack needs, and installing the ones that are missing.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::users;

/// The oldest Postgres that the schema works on.
const OLDEST_POSTGRES: u32 = 13;

/// A Postgres installation.
#[derive(Debug, Clone)]
pub struct PostgresPrograms {
    /// The directory that holds `postgres`, `initdb` and `pg_ctl`.
    pub bin: PathBuf,
    /// Its major version.
    pub major: u32,
}

/// Finds Postgres: on the PATH, then where Debian, Red Hat and Homebrew put it, newest first. Installs it when it is
/// missing and this machine lets us.
///
/// # Errors
/// When there is none and it cannot be installed; the message says what to do.
pub fn postgres() -> Result<PostgresPrograms> {
    if let Some(found) = find_postgres() {
        return Ok(found);
    }
    install("Postgres", &["postgresql"], "postgresql@17")?;
    find_postgres().context("Postgres was installed, but its programs are nowhere to be found")
}

/// Finds pgBouncer, or installs it. `Err` holds the one line that says why a stack goes without.
///
/// # Errors
/// When there is none and it cannot be installed.
pub fn pgbouncer() -> Result<PathBuf> {
    if let Some(found) = find("pgbouncer") {
        return Ok(found);
    }
    install("pgBouncer", &["pgbouncer"], "pgbouncer")?;
    find("pgbouncer").context("pgBouncer was installed, but is nowhere to be found")
}

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
pub fn python() -> Result<PathBuf> {
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

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn find_postgres() -> Option<PostgresPrograms> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).find_map(|dir| postgres_in(&dir));
    if on_path.is_some() {
        return on_path;
    }
    let mut found: Vec<_> = [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql", "bin"),
        ("/usr/local/opt", "postgresql", "bin"),
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ]
    .into_iter()
    .flat_map(|(parent, prefix, bin)| {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        entries
            .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .map(move |entry| entry.path().join(bin))
    })
    .filter_map(|dir| postgres_in(&dir))
    .collect();
    found.sort_by_key(|programs| Reverse(programs.major));
    found.into_iter().next()
}

/// The installation in this directory, if it is whole and new enough.
fn postgres_in(bin: &Path) -> Option<PostgresPrograms> {
    if !["postgres", "initdb", "pg_ctl"]
        .iter()
        .all(|name| is_program(&bin.join(name)))
    {
        return None;
    }
    let output = Command::new(bin.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
    (major >= OLDEST_POSTGRES).then(|| PostgresPrograms {
        bin: bin.to_path_buf(),
        major,
    })
}

/// 15 from `postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)`.
fn major_version(text: &str) -> Option<u32> {
    let number = text.split("(PostgreSQL) ").nth(1)?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Installs packages, saying so, where that needs nobody's consent: as root with apt, or with Homebrew. Otherwise
/// fails with the command to run.
///
/// # Errors
/// When they cannot be installed here; the message says what to run.
pub(crate) fn install(what: &str, debian: &[&str], homebrew: &str) -> Result<()> {
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
    let _quiet = NoServices::begin()?;
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
struct NoServices {
    ours: Vec<PathBuf>,
}

impl NoServices {
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

impl Drop for NoServices {
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
    fn reads_the_versions_that_packagers_print() {
        assert_eq!(
            major_version("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_version("postgres (PostgreSQL) 17devel\n"), Some(17));
        assert_eq!(major_version("something else 15"), None);
    }

    #[test]
    fn finds_programs_only_where_they_can_be_run() {
        assert!(find("sh").is_some());
        assert!(find("no-such-program").is_none());
        assert!(!is_program(Path::new("/etc/passwd")));
    }
}
