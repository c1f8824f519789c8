//! A pgBouncer that tracks prepared statements. Debian 12's does not: there, the version of Debian 13 is built from Debian's source
//! package into a directory under target/.
//!
//! The first process that needs it builds it, in about half a minute, and reports that on stderr; others wait.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail, ensure};

use crate::programs::{find, install, is_program};
use local_process::dirs;
use local_process::environment::{self, Kind};

/// First version that tracks prepared statements.
const MIN_VERSION: (u32, u32) = (1, 21);

/// The source of a version, as in a source package of Debian.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub version: &'a str,
    /// URL of the archive, of any kind that apt supports.
    pub url: &'a str,
    /// SHA-256 of the archive.
    pub sha256: &'a str,
}

/// The version of Debian 13.
pub const DEBIAN_13: Source<'static> = Source {
    version: "1.24.1",
    url: "http://deb.debian.org/debian/pool/main/p/pgbouncer/pgbouncer_1.24.1.orig.tar.gz",
    sha256: "da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0",
};

/// Fetches files with the proxy settings of apt, and compares them with a hash.
pub const APT_HELPER: &str = "/usr/lib/apt/apt-helper";

/// Finds a pgBouncer that tracks prepared statements, or builds one.
pub fn current() -> Result<PathBuf> {
    if let Some(found) = find("pgbouncer").filter(|program| tracks_statements(program)) {
        return Ok(found);
    }
    let bin_dir = dirs::bin_dir()?;
    let target = bin_dir.parent().unwrap_or(&bin_dir);
    build_in(&target.join("pgbouncer"), DEBIAN_13)
}

/// Builds a version in this directory, unless it is there.
pub fn build_in(dir: &Path, source: Source<'_>) -> Result<PathBuf> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let program = dir.join(format!("pgbouncer-{}", source.version));
    // Several tests or commands may need it at the same time. The lock is held until the file is closed.
    let lock = dir.join("lock");
    let lock = File::create(&lock).with_context(|| format!("cannot create {}", lock.display()))?;
    lock.lock().context("cannot lock the directory of pgBouncer")?;
    if is_program(&program) {
        return Ok(program);
    }
    ensure!(
        is_program(Path::new(APT_HELPER)),
        "pgBouncer {}.{} or later is required; install it with the package manager (with Homebrew: brew install pgbouncer)",
        MIN_VERSION.0,
        MIN_VERSION.1
    );
    let Source { version, url, sha256 } = source;
    eprintln!("building pgBouncer {version} from {url} into {}", dir.display());
    install_libraries()?;
    let sources = dir.join(format!("source-{version}"));
    if sources.exists() {
        fs::remove_dir_all(&sources).with_context(|| format!("cannot remove {}", sources.display()))?;
    }
    fs::create_dir(&sources).with_context(|| format!("cannot create {}", sources.display()))?;
    let hash = format!("SHA256:{sha256}");
    let log = dir.join("build.log");
    let _ = fs::remove_file(&log);
    let run = |program: &str, args: &[&str]| logged(&log, &sources, program, args);
    run(APT_HELPER, &["download-file", url, "archive.tar.gz", &hash])?;
    run("tar", &["-xzf", "archive.tar.gz", "--strip-components=1"])?;
    run(
        "sh",
        &[
            "./configure",
            "--without-cares",
            "--without-systemd",
            "--without-pam",
        ],
    )?;
    let jobs = thread::available_parallelism().map_or(1, usize::from);
    run("make", &[&format!("-j{jobs}"), "pgbouncer"])?;
    // Last, because its presence is the sign of success.
    fs::rename(sources.join("pgbouncer"), &program)
        .with_context(|| format!("cannot create {}", program.display()))?;
    fs::remove_dir_all(&sources).with_context(|| format!("cannot remove {}", sources.display()))?;
    Ok(program)
}

/// Installs what the build requires, unless pkg-config finds it.
fn install_libraries() -> Result<()> {
    let are_there = || {
        find("make").is_some()
            && find("cc").is_some()
            && environment::restrict(&mut Command::new("pkg-config"), Kind::Packages)
                .args(["--exists", "libevent", "openssl"])
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
    };
    if are_there() {
        return Ok(());
    }
    let packages = [
        "gcc",
        "libc6-dev",
        "make",
        "pkg-config",
        "libevent-dev",
        "libssl-dev",
    ];
    install("what the build of pgBouncer requires", &packages, "pgbouncer")
}

/// Runs a command of the build; its output is appended to the log, which an error quotes.
fn logged(log: &Path, dir: &Path, program: &str, args: &[&str]) -> Result<()> {
    let open = || {
        File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("cannot write {}", log.display()))
    };
    let status = environment::restrict(&mut Command::new(program), Kind::Packages)
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(open()?)
        .stderr(open()?)
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    if !status.success() {
        let output = fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<&str> = output.lines().collect();
        let end = lines[lines.len().saturating_sub(10)..].join("\n");
        bail!("{program} failed ({status}); see {}:\n{end}", log.display());
    }
    Ok(())
}

/// Whether this pgBouncer has the setting `max_prepared_statements`.
pub fn tracks_statements(program: &Path) -> bool {
    let output = environment::restrict(&mut Command::new(program), Kind::Plain)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    output.is_ok_and(|output| {
        version(&String::from_utf8_lossy(&output.stdout)).is_some_and(|version| version >= MIN_VERSION)
    })
}

/// Parses (1, 18) from `PgBouncer 1.18.0` and what follows.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text
        .strip_prefix("PgBouncer ")?
        .split(['.', '\n'])
        .map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(
            version("PgBouncer 1.18.0\nlibevent 2.1.12-stable\n"),
            Some((1, 18))
        );
        assert!(version("PgBouncer 1.9.0\n").unwrap() < MIN_VERSION);
        assert!(version("PgBouncer 1.24.1\n").unwrap() > MIN_VERSION);
        assert!(version("PgBouncer 2.0\n").unwrap() > MIN_VERSION);
        assert_eq!(version("odyssey 1.3"), None);
    }
}
