//! The manifest and its cases.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// A class of tests with a common setup.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) tests: Vec<Test>,
    pub(crate) code_tests: Vec<String>,
    /// Whether the tests use roles other than admin.
    pub(crate) permissions: bool,
    setup: Vec<String>,
    teardown: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    PerClass,
    PerMethod,
    Mutation,
    None,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) files: Vec<String>,
    pub(crate) transport: Transport,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transport {
    Http,
    Websocket,
    Subscription,
}

#[derive(Deserialize)]
struct Entry {
    kind: Kind,
    setup: Vec<String>,
    teardown: Vec<String>,
    tests: Vec<Test>,
    code_tests: Vec<String>,
}

/// A request and its expected response.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) url: String,
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: Map<String, Value>,
    pub(crate) query: Value,
    #[serde(default)]
    pub(crate) response: Option<Value>,
}

pub(crate) fn load(folder: &Path) -> Vec<Class> {
    let text = std::fs::read_to_string(folder.join("manifest.json")).expect("the manifest is readable");
    let manifest: BTreeMap<String, Entry> =
        serde_json::from_str(&text).expect("the manifest has the expected format");
    manifest
        .into_iter()
        .map(|(name, entry)| {
            let permissions = name.contains("Perm") || uses_roles(folder, &entry);
            let Entry {
                kind,
                setup,
                teardown,
                tests,
                code_tests,
            } = entry;
            Class {
                name,
                kind,
                tests,
                code_tests,
                permissions,
                setup,
                teardown,
            }
        })
        .collect()
}

/// Whether every test of the class has a request with a role other than admin.
fn uses_roles(folder: &Path, entry: &Entry) -> bool {
    let files = || entry.tests.iter().flat_map(|test| &test.files);
    let role = |file: &String| {
        cases(folder, file).iter().any(|case| {
            case.headers
                .iter()
                .any(|(name, value)| name.eq_ignore_ascii_case("x-hasura-role") && value != "admin")
        })
    };
    files().next().is_some() && files().all(role)
}

pub(crate) fn read(folder: &Path, file: &str) -> Value {
    let path = folder.join("cases").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A file holds a case or a list of cases.
pub(crate) fn cases(folder: &Path, file: &str) -> Vec<Case> {
    let list = match read(folder, file) {
        Value::Array(list) => list,
        one => vec![one],
    };
    let parse = |value| serde_json::from_value(value).unwrap_or_else(|e| panic!("{file}: {e}"));
    list.into_iter().map(parse).collect()
}

impl Class {
    fn of(&self, files: &[String], wanted: bool, part: &str) -> Vec<String> {
        if !wanted {
            return Vec::new();
        }
        // A mutation class has some files for the schema and others for the rows.
        let belongs = |file: &&String| self.kind != Kind::Mutation || file.contains(part);
        files.iter().filter(belongs).cloned().collect()
    }

    pub(crate) fn setup_once(&self) -> Vec<String> {
        self.of(
            &self.setup,
            matches!(self.kind, Kind::PerClass | Kind::Mutation),
            "schema_setup",
        )
    }

    pub(crate) fn setup_each(&self) -> Vec<String> {
        self.of(
            &self.setup,
            matches!(self.kind, Kind::PerMethod | Kind::Mutation),
            "values_setup",
        )
    }

    pub(crate) fn teardown_each(&self) -> Vec<String> {
        self.of(
            &self.teardown,
            matches!(self.kind, Kind::PerMethod | Kind::Mutation),
            "values_teardown",
        )
    }

    pub(crate) fn teardown_once(&self) -> Vec<String> {
        self.of(
            &self.teardown,
            matches!(self.kind, Kind::PerClass | Kind::Mutation),
            "schema_teardown",
        )
    }

    /// Whether its setup contains one of these words, which must be lowercase.
    pub(crate) fn mentions(&self, folder: &Path, words: &[&str]) -> bool {
        self.setup.iter().any(|file| {
            let text = read(folder, file).to_string().to_lowercase();
            words.iter().any(|word| text.contains(word))
        })
    }
}
