//! The manifests: classes of tests, with the setup that each needs.

use super::case::{Test, read};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Part of the cases whose passes are counted on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// `manifest.json`.
    Core,
    /// `manifest-ext.json`, required once the feature is supported.
    Required,
    /// The rest of `manifest-ext.json`.
    Optional,
}

impl Group {
    pub(crate) const ALL: [Self; 3] = [Self::Core, Self::Required, Self::Optional];

    /// Returns the name in the report and in the file of passes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Required => "required",
            Self::Optional => "optional",
        }
    }
}

/// A class of tests with a common setup.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) group: Group,
    pub(crate) kind: Kind,
    pub(crate) tests: Vec<Test>,
    pub(crate) code_tests: Vec<String>,
    /// Environment variables of an engine of its own.
    pub(crate) engine_options: BTreeMap<String, String>,
    /// Services that the tests require and the runner lacks.
    pub(crate) needs: Vec<String>,
    setup: Vec<String>,
    teardown: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    PerClass,
    /// As `PerClass`, with the schema sent to `/v2/query` and the metadata to `/v1/metadata`.
    PerClassV2,
    PerMethod,
    Mutation,
    None,
}

#[derive(Deserialize)]
struct Entry {
    kind: Kind,
    setup: Vec<String>,
    teardown: Vec<String>,
    tests: Vec<Test>,
    code_tests: Vec<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    engine_options: BTreeMap<String, String>,
    #[serde(default)]
    needs: Vec<String>,
}

/// File with commands, and the path that it is sent to.
pub(crate) struct Step {
    pub(crate) file: String,
    pub(crate) path: &'static str,
}

/// Loads the classes of all manifests in the folder.
pub(crate) fn load(folder: &Path) -> Vec<Class> {
    let mut classes = Vec::new();
    for (file, extended) in [("manifest.json", false), ("manifest-ext.json", true)] {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
            println!("{file} does not exist");
            continue;
        };
        let manifest: BTreeMap<String, Entry> =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        classes.extend(manifest.into_iter().map(|(name, entry)| Class {
            name,
            group: match (extended, entry.required) {
                (false, _) => Group::Core,
                (true, true) => Group::Required,
                (true, false) => Group::Optional,
            },
            kind: entry.kind,
            tests: entry.tests,
            code_tests: entry.code_tests,
            engine_options: entry.engine_options,
            needs: entry.needs,
            setup: entry.setup,
            teardown: entry.teardown,
        }));
    }
    classes
}

impl Class {
    fn steps(&self, files: &[String], once: bool) -> Vec<Step> {
        let wanted = |file: &&String| match self.kind {
            Kind::PerClass | Kind::PerClassV2 => once,
            Kind::PerMethod => !once,
            // Some files are for the schema and others for the rows.
            Kind::Mutation => once != file.contains("/values_"),
            Kind::None => false,
        };
        let step = |file: &String| Step {
            file: file.clone(),
            path: match self.kind {
                Kind::PerClassV2 if file.contains("/schema_") => "/v2/query",
                Kind::PerClassV2 => "/v1/metadata",
                _ => "/v1/query",
            },
        };
        files.iter().filter(wanted).map(step).collect()
    }

    pub(crate) fn setup_once(&self) -> Vec<Step> {
        let mut steps = self.steps(&self.setup, true);
        if self.kind == Kind::PerClassV2 {
            steps.sort_by_key(|step| step.path != "/v2/query");
        }
        steps
    }

    pub(crate) fn setup_each(&self) -> Vec<Step> {
        self.steps(&self.setup, false)
    }

    pub(crate) fn teardown_each(&self) -> Vec<Step> {
        self.steps(&self.teardown, false)
    }

    pub(crate) fn teardown_once(&self) -> Vec<Step> {
        let mut steps = self.steps(&self.teardown, true);
        if self.kind == Kind::PerClassV2 {
            steps.sort_by_key(|step| step.path == "/v2/query");
        }
        steps
    }

    /// Whether its setup contains one of these words, which must be lowercase.
    pub(crate) fn mentions(&self, folder: &Path, words: &[&str]) -> bool {
        self.setup.iter().any(|file| {
            let text = read(folder, file).to_string().to_lowercase();
            words.iter().any(|word| text.contains(word))
        })
    }
}
