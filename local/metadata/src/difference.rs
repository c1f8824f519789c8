//! Differences between two sets of files.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use similar::TextDiff;

use crate::directory::text;
use crate::layout::Files;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// Returns the changes as a unified diff; empty if there are none.
pub(crate) fn between(present: &Files, wanted: &Files) -> Result<String> {
    let mut all = String::new();
    let paths: BTreeSet<_> = present.keys().chain(wanted.keys()).collect();
    for path in paths {
        if present.get(path) == wanted.get(path) {
            continue;
        }
        let (before, after) = (of(present.get(path))?, of(wanted.get(path))?);
        let name = |side: &str, exists: bool| {
            if exists {
                format!("{side}/{}", path.display())
            } else {
                "/dev/null".to_owned()
            }
        };
        let diff = TextDiff::from_lines(&before, &after);
        let mut unified = diff.unified_diff();
        let unified = unified.context_radius(CONTEXT).header(
            &name("engine", present.contains_key(path)),
            &name("files", wanted.contains_key(path)),
        );
        write!(all, "{unified}")?;
    }
    Ok(all)
}

fn of(value: Option<&serde_json::Value>) -> Result<String> {
    value.map_or_else(|| Ok(String::new()), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn changed_added_and_removed_files_are_shown() {
        let present = Files::from([
            ("same.yaml".into(), json!({"a": 1})),
            ("changed.yaml".into(), json!({"a": 1})),
            ("removed.yaml".into(), json!({"a": 1})),
        ]);
        let wanted = Files::from([
            ("same.yaml".into(), json!({"a": 1})),
            ("changed.yaml".into(), json!({"a": 2})),
            ("added.yaml".into(), json!({"b": 1})),
        ]);
        let difference = between(&present, &wanted).unwrap();
        assert!(difference.contains("-a: 1\n+a: 2"), "{difference}");
        assert!(
            difference.contains("--- engine/removed.yaml\n+++ /dev/null"),
            "{difference}"
        );
        assert!(
            difference.contains("--- /dev/null\n+++ files/added.yaml"),
            "{difference}"
        );
        assert!(!difference.contains("same.yaml"), "{difference}");
        assert!(between(&present, &present).unwrap().is_empty());
    }
}
