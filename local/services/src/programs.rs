//! Finds the programs of Postgres and pgBouncer, and installs missing ones.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use local_process::environment::{self, Kind};
use local_tools::programs::{find, install, is_program};

/// Minimum version for the schema.
const MIN_POSTGRES: u32 = 13;

/// A Postgres installation.
#[derive(Debug, Clone)]
pub struct PostgresPrograms {
    /// Directory that contains `postgres`, `initdb` and `pg_ctl`.
    pub bin: PathBuf,
    /// Major version.
    pub(crate) major: u32,
}

/// Finds Postgres on the PATH, or else the newest one in the directories of Debian, Red Hat and Homebrew. Installs it
/// if it is missing and the machine permits that.
pub fn postgres() -> Result<PostgresPrograms> {
    if let Some(found) = find_postgres() {
        return Ok(found);
    }
    install("Postgres", &["postgresql"], "postgresql@17")?;
    find_postgres().context("PostgreSQL was installed but its binaries were not found")
}

/// Finds or installs pgBouncer. A stack runs without it and reports the error. The environment variable `PGBOUNCER` selects another
/// one: its path, or `current` for one that tracks prepared statements.
pub fn pgbouncer() -> Result<PathBuf> {
    if let Some(wanted) = env::var_os("PGBOUNCER").filter(|wanted| !wanted.is_empty()) {
        if wanted == "current" {
            return local_tools::pgbouncer::current();
        }
        let path = PathBuf::from(wanted);
        ensure!(
            is_program(&path),
            "invalid PGBOUNCER \"{}\": expected the path of a program, or \"current\"",
            path.display()
        );
        return Ok(path);
    }
    if let Some(found) = find("pgbouncer") {
        return Ok(found);
    }
    install("pgBouncer", &["pgbouncer"], "pgbouncer")?;
    find("pgbouncer").context("pgBouncer was installed but was not found on PATH")
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

/// The installation in this directory, if it is complete and not too old.
fn postgres_in(bin: &Path) -> Option<PostgresPrograms> {
    if !["postgres", "initdb", "pg_ctl"]
        .iter()
        .all(|name| is_program(&bin.join(name)))
    {
        return None;
    }
    let output = environment::restrict(&mut Command::new(bin.join("postgres")), Kind::Plain)
        .arg("--version")
        .output()
        .ok()?;
    let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
    (major >= MIN_POSTGRES).then(|| PostgresPrograms {
        bin: bin.to_path_buf(),
        major,
    })
}

/// Parses 15 from `postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)`.
fn major_version(text: &str) -> Option<u32> {
    let number = text.split("(PostgreSQL) ").nth(1)?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packagers_version_formats_are_parsed() {
        assert_eq!(
            major_version("postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_version("postgres (PostgreSQL) 17devel\n"), Some(17));
        assert_eq!(major_version("something else 15"), None);
    }
}
