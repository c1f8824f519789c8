//! `cargo xtask lint`: word list, pins, dependencies, formatting, and clippy with warnings denied.

mod clippy;
mod commits;
mod dependencies;
mod scan;
mod supply_chain;
mod words;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use self::words::{Level, Match};
use crate::build::{cargo, root, status};

/// A phrase to replace, or something that is not pinned.
#[derive(Debug)]
struct Finding {
    /// `path:line` or `commit hash`.
    place: String,
    phrase: String,
    suggestion: String,
    level: Level,
}

impl Finding {
    fn new(place: String, found: Match) -> Self {
        Self {
            place,
            phrase: found.phrase,
            suggestion: found.suggestion.to_owned(),
            level: found.level,
        }
    }
}

/// Runs all checks, so that one run reports every error; with `--words` only the word list and pins, with `--dependencies` only the
/// licences, sources and vulnerabilities of third-party code.
pub(crate) fn run(args: &[OsString]) -> Result<ExitCode, String> {
    match args {
        [] => {}
        [option] if option == "--words" => {
            return Ok(if words_are_standard()? {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        [option] if option == "--dependencies" => {
            return Ok(if dependencies::check()? {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        _ => return Err("usage: cargo xtask lint [--words | --dependencies]".to_owned()),
    }
    component("fmt", "rustfmt")?;
    component("clippy", "clippy")?;
    let worded = words_are_standard()?;
    let dependencies = dependencies::check().unwrap_or_else(|message| {
        eprintln!("xtask: {message}");
        false
    });
    let formatted = status(cargo().args(["fmt", "--all", "--check"]))?.success();
    let clippy = clippy::passes()?;
    if !worded {
        eprintln!(
            "xtask: denied phrases or missing pins; see docs/style-guide.md, docs/security.md and the list above"
        );
    }
    if !dependencies {
        eprintln!("xtask: dependencies were refused; see deny.toml and the output above");
    }
    if !formatted {
        eprintln!("xtask: some files are not formatted; run `cargo fmt --all`");
    }
    if !clippy {
        eprintln!("xtask: clippy reported errors; see its output above");
    }
    Ok(if worded && dependencies && formatted && clippy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints the findings in the tree and in commit subjects: phrases, and missing pins; returns whether none of them is denied.
fn words_are_standard() -> Result<bool, String> {
    let mut findings = Vec::new();
    let paths = files();
    if paths.is_empty() {
        return Err(format!("no source files found in \"{}\"", root().display()));
    }
    findings.extend(supply_chain::findings(&paths));
    for path in paths {
        if let Some(language) = scan::language(&path) {
            // Files that are not UTF-8 contain no prose.
            let Ok(text) = fs::read_to_string(root().join(&path)) else {
                continue;
            };
            findings.extend(in_file(&path, &text, language));
        }
    }
    findings.extend(commits::findings());
    let mut denied = 0;
    for finding in &findings {
        let level = match finding.level {
            Level::Warn => "warning: ",
            Level::Deny => {
                denied += 1;
                ""
            }
        };
        eprintln!(
            "{level}{}: \"{}\": {}",
            finding.place, finding.phrase, finding.suggestion
        );
    }
    if !findings.is_empty() {
        eprintln!(
            "xtask: word list and pins: {denied} denied, {} warnings",
            findings.len() - denied
        );
    }
    Ok(denied == 0)
}

fn in_file(path: &str, text: &str, language: scan::Language) -> Vec<Finding> {
    let mut findings = Vec::new();
    for piece in scan::pieces(text, language) {
        for found in words::matches(path, piece.kind, &piece.text) {
            let line = piece.line_of(found.offset);
            findings.push(Finding::new(format!("{path}:{line}"), found));
        }
    }
    findings
}

/// Paths of the tree relative to its root: those that git does not ignore, or without git all except build output.
fn files() -> Vec<String> {
    let listed = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output();
    let mut paths: Vec<String> = match listed {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout)
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => {
            let mut paths = Vec::new();
            descend(&PathBuf::new(), &mut paths);
            paths
        }
    };
    paths.sort();
    paths.dedup();
    paths
}

/// Directories that are never part of the sources.
const OUTPUT: [&str; 5] = ["target", "node_modules", "dist", ".git", ".local"];

fn descend(dir: &Path, paths: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(root().join(dir)) else {
        return;
    };
    for entry in entries.flatten() {
        let path = dir.join(entry.file_name());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !OUTPUT.contains(&&*entry.file_name().to_string_lossy()) => {
                descend(&path, paths);
            }
            Ok(kind) if kind.is_file() => paths.push(path.to_string_lossy().into_owned()),
            _ => {}
        }
    }
}

/// Installs a component of the toolchain if `cargo <subcommand>` does not exist; a minimal toolchain has neither.
fn component(subcommand: &str, name: &str) -> Result<(), String> {
    let exists = cargo()
        .args([subcommand, "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    if exists {
        return Ok(());
    }
    eprintln!("xtask: installing {name}: rustup component add {name}");
    let added = status(Command::new("rustup").args(["component", "add", name]));
    if added.is_ok_and(|status| status.success()) {
        Ok(())
    } else {
        Err(format!(
            "cannot install {name}; run `rustup component add {name}`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_names_path_and_line() {
        let text = "fn f() {}\n\n/// Waits.\n///\n/// Then nobody waits.\nfn g() {}\n";
        let found = in_file("shared/src/lib.rs", text, scan::Language::Rust);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "shared/src/lib.rs:5");
        assert_eq!(found[0].phrase, "nobody");
    }

    #[test]
    fn tree_lists_this_file_and_no_output() {
        let paths = files();
        assert!(paths.iter().any(|path| path == "xtask/src/lint/mod.rs"));
        assert!(!paths.iter().any(|path| path.starts_with("target/")));
        let mut walked = Vec::new();
        descend(&PathBuf::new(), &mut walked);
        assert!(walked.iter().any(|path| path == "xtask/src/lint/mod.rs"));
        assert!(!walked.iter().any(|path| path.starts_with("target/")));
    }
}
