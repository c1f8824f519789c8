//! Names in SUPPORT.md: every test that it names exists, and every option has a row.

use clap::CommandFactory as _;
use engine::config::Config;
use std::fs;
use std::path::{Path, PathBuf};

const SUPPORT: &str = include_str!("../../../SUPPORT.md");

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Last cells of the table rows.
fn proofs() -> impl Iterator<Item = &'static str> {
    SUPPORT
        .lines()
        .filter_map(|line| line.strip_suffix(" |")?.rsplit_once('|'))
        .map(|(_, last)| last.trim())
}

#[test]
fn every_test_named_in_support_exists() {
    let engine = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for dir in [".", "../tests/tests", "../fuzz/fuzz_targets"] {
        sources(&engine.join(dir), &mut files);
    }
    let text: String = files
        .iter()
        .map(|file| fs::read_to_string(file).expect("a readable file"))
        .collect();
    let targets: Vec<_> = files
        .iter()
        .filter_map(|file| file.file_stem()?.to_str())
        .collect();
    let mut checked = 0;
    for name in proofs().flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
        let known = match name.strip_suffix('*') {
            Some(beginning) => text.contains(&format!("fn {beginning}")),
            None if name.contains('/') => engine.join("..").join(name).exists(),
            None if name.contains("::") => {
                let (package, module) = name.split_once("::").expect("the name contains `::`");
                let package = if package == "engine" {
                    engine.to_owned()
                } else {
                    engine.join(package)
                };
                package
                    .join("src")
                    .join(module.replace("::", "/") + ".rs")
                    .exists()
            }
            None => {
                text.contains(&format!("fn {name}("))
                    || targets.contains(&name)
                    || engine.join("..").join(name).join("Cargo.toml").exists()
            }
        };
        assert!(known, "SUPPORT.md names `{name}`, which does not exist");
        checked += 1;
    }
    assert!(checked > 80, "only {checked} names were found");
}

#[test]
fn every_option_is_listed_in_support() {
    let command = Config::command();
    let variables = command
        .get_arguments()
        .filter_map(|option| option.get_env()?.to_str());
    let mut checked = 0;
    for variable in variables {
        let short = variable
            .strip_prefix("HASURA_GRAPHQL")
            .expect("every variable starts with HASURA_GRAPHQL");
        let listed = SUPPORT
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .any(|word| word == variable || word == short);
        assert!(listed, "SUPPORT.md has no row for {variable}");
        checked += 1;
    }
    assert!(checked > 20, "only {checked} options were found");
}
