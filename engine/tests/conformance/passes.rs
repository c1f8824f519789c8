//! The recorded numbers of passes, one line for each group. A run with fewer fails.

use super::manifest::Group;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Passes of a group, and its tests that this machine cannot run.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Passes {
    pub(crate) passed: usize,
    pub(crate) excused: usize,
}

/// Compares the passes with the recorded ones, or records them if `CONFORMANCE_RECORD` is set. Returns an error if fewer
/// cases of a group passed than recorded.
pub(crate) fn judge(groups: &BTreeMap<Group, Passes>) -> Result<(), String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance-passes.txt");
    if std::env::var_os("CONFORMANCE_RECORD").is_some() {
        let lines = groups
            .iter()
            .map(|(group, passes)| format!("{} {}\n", group.name(), passes.passed));
        let text: String = lines.collect();
        return std::fs::write(&file, text).map_err(|e| format!("cannot record: {e}"));
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let recorded = |group: Group| -> usize {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(group.name())?.strip_prefix(' '));
        line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
    };
    let mut fewer = Vec::new();
    for (group, Passes { passed, excused }) in groups {
        let (name, recorded) = (group.name(), recorded(*group));
        if passed + excused < recorded {
            fewer.push(format!(
                "{name}: {passed} cases passed and {excused} could not run on this machine, but \
                 tests/conformance-passes.txt records {recorded}"
            ));
        } else if *passed > recorded {
            println!(
                "{name}: {passed} cases passed and {recorded} are recorded; set CONFORMANCE_RECORD=1 to update the record"
            );
        }
    }
    if fewer.is_empty() {
        Ok(())
    } else {
        Err(fewer.join("\n"))
    }
}
