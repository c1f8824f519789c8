//! Every relative link in the project's Markdown refers to a file, every `#anchor` to a heading, and a link whose text is
//! the name of a test to the file that contains the test.

use std::{
    fs,
    path::{Path, PathBuf},
};

use local_process::dirs;

use super::markdown::{anchors, links};

/// Directories without documentation of this project.
const FOREIGN: [&str; 3] = ["target", "node_modules", "dist"];

#[test]
fn every_link_resolves() {
    let root = dirs::root();
    let files = markdown_files(&root);
    for needed in [
        "README.md",
        "docs/guide.md",
        "docs/differences-from-nodejs.md",
        "engine/SUPPORT.md",
    ] {
        assert!(files.contains(&root.join(needed)), "{needed}");
    }
    let mut broken = Vec::new();
    let mut checked = 0;
    for file in &files {
        let text = fs::read_to_string(file).expect("a readable file");
        for link in links(&text) {
            if let Some(problem) = problem(file, &text, &link.target, &link.text) {
                let file = file.strip_prefix(&root).unwrap_or(file);
                broken.push(format!(
                    "{}:{}: {}: {problem}",
                    file.display(),
                    link.line,
                    link.target
                ));
            }
            checked += 1;
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(checked > 90, "only {checked} links were found");
}

fn problem(file: &Path, text: &str, target: &str, reads: &str) -> Option<&'static str> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let there = if path.is_empty() {
        file.to_path_buf()
    } else {
        file.parent()?.join(path)
    };
    if !there.exists() {
        return Some("no such file");
    }
    let content = || match path {
        "" => text.to_owned(),
        _ => fs::read_to_string(&there).unwrap_or_default(),
    };
    if !anchor.is_empty() && !anchors(&content()).iter().any(|there| there == anchor) {
        return Some("no such heading");
    }
    let names_a_test = reads.contains('_') && reads.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if names_a_test
        && there.extension().is_some_and(|extension| extension == "rs")
        && !content().contains(&format!("fn {reads}("))
    {
        return Some("no such test");
    }
    None
}

fn markdown_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).expect("a readable directory").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('.') || FOREIGN.contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            files.extend(markdown_files(&path));
        } else if name.ends_with(".md") {
            files.push(path);
        }
    }
    files
}

#[test]
fn broken_links_are_found() {
    let file = dirs::root().join("docs/guide.md");
    let text = "# Here\n";
    let check = |target: &str, reads: &str| problem(&file, text, target, reads);
    assert_eq!(check("https://example.com/x", "x"), None);
    assert_eq!(check("#here", "x"), None);
    assert_eq!(check("#there", "x"), Some("no such heading"));
    assert_eq!(check("nothing.md", "x"), Some("no such file"));
    assert_eq!(check("../docs", "x"), None);
    let this = "../tests/tests/all/guide/links.rs";
    assert_eq!(check(this, "broken_links_are_found"), None);
    assert_eq!(check(this, "no_test_of_this_name"), Some("no such test"));
}
