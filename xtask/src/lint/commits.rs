//! Commit subjects since the merge base with `origin/main`.

use std::process::Command;

use super::Finding;
use super::words::{Kind, Level, matches};
use crate::build::root;

/// Maximum length of a subject in characters.
const MAX_LENGTH: usize = 72;

/// Returns the findings in the subjects; none without git or without `origin/main`.
pub(super) fn findings() -> Vec<Finding> {
    subjects()
        .iter()
        .flat_map(|(commit, subject)| check(commit, subject))
        .collect()
}

fn subjects() -> Vec<(String, String)> {
    let Some(base) = git(&["merge-base", "HEAD", "origin/main"]) else {
        return Vec::new();
    };
    let range = format!("{}..HEAD", base.trim());
    let log = git(&["log", "--no-merges", "--format=%h %s", &range]).unwrap_or_default();
    log.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(commit, subject)| (commit.to_owned(), subject.to_owned()))
        .collect()
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").current_dir(root()).args(args).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn check(commit: &str, subject: &str) -> Vec<Finding> {
    let place = format!("commit {commit}");
    let mut findings = Vec::new();
    let length = subject.chars().count();
    if length > MAX_LENGTH {
        findings.push(Finding {
            place: place.clone(),
            phrase: subject.to_owned(),
            suggestion: format!("at most {MAX_LENGTH} characters, not {length}"),
            level: Level::Deny,
        });
    }
    findings.extend(
        matches("", Kind::Subject, subject)
            .into_iter()
            .map(|found| Finding::new(place.clone(), found)),
    );
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subject_longer_than_the_limit_is_found() {
        assert!(check("1a2b3c4", &"é".repeat(MAX_LENGTH)).is_empty());
        let found = check("1a2b3c4", &"é".repeat(MAX_LENGTH + 1));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].suggestion, "at most 72 characters, not 73");
    }

    #[test]
    fn subject_is_checked_against_the_word_list() {
        let found = check("1a2b3c4", "engine: nobody waits for a timer");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "commit 1a2b3c4");
        assert_eq!(found[0].phrase, "nobody");
    }
}
