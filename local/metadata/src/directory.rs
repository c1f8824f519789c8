//! The files of the metadata on disk.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::layout::{self, Files};

/// Maximum length of a file in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Returns the content of a file as text.
pub(crate) fn text(value: &Value) -> Result<String> {
    serde_saphyr::to_string(&Plain(value)).context("the metadata cannot be written as YAML")
}

/// A value whose numbers are those of YAML: with all their digits, JSON has a type of its own for them.
struct Plain<'v>(&'v Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => {
                if let Some(number) = number.as_i64() {
                    serializer.serialize_i64(number)
                } else if let Some(number) = number.as_u64() {
                    serializer.serialize_u64(number)
                } else if let Some(float) = number.as_f64() {
                    serializer.serialize_f64(float)
                } else {
                    serializer.serialize_str(&number.to_string())
                }
            }
            Value::Array(list) => serializer.collect_seq(list.iter().map(Plain)),
            Value::Object(object) => {
                serializer.collect_map(object.iter().map(|(key, value)| (key, Plain(value))))
            }
            other => other.serialize(serializer),
        }
    }
}

/// Writes the files, each atomically, and removes those of tables and functions that no longer exist.
pub(crate) fn write(directory: &Path, files: &Files) -> Result<()> {
    for (path, value) in files {
        let path = directory.join(path);
        let folder = path.parent().unwrap_or(directory);
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut file = tempfile::NamedTempFile::new_in(folder)
            .with_context(|| format!("cannot write into {}", folder.display()))?;
        file.write_all(text(value)?.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
        file.persist(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    remove_others(directory, files)
}

/// Removes YAML files below `databases/*/tables` and `databases/*/functions`, and those of the parts, that are not among the files.
fn remove_others(directory: &Path, files: &Files) -> Result<()> {
    let databases = directory.join("databases");
    let Ok(sources) = fs::read_dir(&databases) else {
        return Ok(());
    };
    for source in sources.flatten() {
        for folder in ["tables", "functions"] {
            let folder = source.path().join(folder);
            let Ok(entries) = fs::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                let path = entry.path();
                let is_yaml = path.extension().is_some_and(|extension| extension == "yaml");
                let is_known = path
                    .strip_prefix(directory)
                    .is_ok_and(|relative| files.contains_key(relative));
                if is_yaml && !is_known {
                    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
                }
            }
        }
    }
    for file in layout::part_files() {
        if !files.contains_key(Path::new(file)) {
            match fs::remove_file(directory.join(file)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {file}"));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Reads the metadata.
pub(crate) fn read(directory: &Path) -> Result<Value> {
    ensure!(
        directory.is_dir(),
        "{} is not a directory; create it with `cargo xtask metadata export`",
        directory.display()
    );
    layout::from_files(&mut |path| {
        let full = directory.join(path);
        let length = match fs::metadata(&full) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", full.display())),
        };
        ensure!(
            length <= MAX_BYTES,
            "{} is longer than {MAX_BYTES} bytes",
            full.display()
        );
        let text = fs::read_to_string(&full).with_context(|| format!("cannot read {}", full.display()))?;
        if text.trim().is_empty() {
            return Ok(Some(Value::Null));
        }
        serde_saphyr::from_str(&text)
            .map(Some)
            .with_context(|| format!("{} is not YAML", full.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hostile() -> Value {
        json!({
            "version": 3,
            "sources": [{
                "name": "default",
                "tables": [{
                    "table": {"schema": "public", "name": "orders"},
                    "configuration": {"comment": "two\nlines: and # \"quotes\" 'x' \\ \u{e9} \t"},
                    "select_permissions": [
                        {"role": "yes", "permission": {"filter": {}, "columns": "*", "limit": 10, "ratio": 0.25, "large": 9_007_199_254_740_993_u64}},
                        {"role": "0x10", "permission": {"filter": {"a": {"_eq": "12:30:45"}}, "columns": ["null", "~", "1e3", "", " "]}},
                        {"role": "!tag", "permission": {"filter": {"b": {"_in": ["- x", "? y", "&a", "*b", "%c", "@d", "`e"]}}}},
                    ],
                }],
            }],
            "query_collections": [{"name": "q", "definition": {"queries": [{"name": "a", "query": "query {\n  orders {\n    id\n  }\n}\n"}]}}],
        })
    }

    #[test]
    fn metadata_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let metadata = hostile();
        write(directory.path(), &layout::to_files(&metadata).unwrap()).unwrap();
        assert_eq!(read(directory.path()).unwrap(), metadata);
    }

    #[test]
    fn files_of_removed_objects_are_removed_and_others_kept() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), &layout::to_files(&hostile()).unwrap()).unwrap();
        let note = directory.path().join("databases/default/tables/README.md");
        fs::write(&note, "kept").unwrap();
        let smaller = json!({"version": 3, "sources": [{"name": "default", "tables": []}]});
        write(directory.path(), &layout::to_files(&smaller).unwrap()).unwrap();
        assert_eq!(read(directory.path()).unwrap(), smaller);
        assert!(note.exists());
        assert!(!directory.path().join("query_collections.yaml").exists());
    }

    #[test]
    fn includes_without_quotes_are_read() {
        // Written by hand, or by other versions of the CLI.
        let directory = tempfile::tempdir().unwrap();
        let file = |path: &str, text: &str| {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        file("version.yaml", "version: 3\n");
        file(
            "databases/databases.yaml",
            "- name: default\n  tables: \"!include default/tables/tables.yaml\"\n",
        );
        file(
            "databases/default/tables/tables.yaml",
            "- \"!include public_a.yaml\"\n",
        );
        file(
            "databases/default/tables/public_a.yaml",
            "table:\n  name: a\n  schema: public\n",
        );
        let metadata = read(directory.path()).unwrap();
        assert_eq!(metadata["sources"][0]["tables"][0]["table"]["name"], "a");
    }

    #[test]
    fn a_missing_directory_and_a_broken_file_are_named() {
        let error = read(Path::new("/no/such/directory")).unwrap_err().to_string();
        assert!(error.contains("/no/such/directory"), "{error}");
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("version.yaml"), "version: [").unwrap();
        let error = format!("{:#}", read(directory.path()).unwrap_err());
        assert!(error.contains("version.yaml is not YAML"), "{error}");
    }
}
