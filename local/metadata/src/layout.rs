//! Distribution of the metadata over files. A text `!include PATH` stands for the content of another file, relative to its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

/// Beginning of a text that stands for the content of a file.
pub(crate) const INCLUDE: &str = "!include ";

/// Maximum nesting of includes.
const MAX_DEPTH: usize = 10;

/// Files with their content, by their paths in the directory.
pub(crate) type Files = BTreeMap<PathBuf, Value>;

/// Keys of the metadata and their files. Those of the layout that are not in the metadata are not written.
const PARTS: [(&str, &str); 14] = [
    ("remote_schemas", "remote_schemas.yaml"),
    ("query_collections", "query_collections.yaml"),
    ("allowlist", "allow_list.yaml"),
    ("cron_triggers", "cron_triggers.yaml"),
    ("rest_endpoints", "rest_endpoints.yaml"),
    ("inherited_roles", "inherited_roles.yaml"),
    ("api_limits", "api_limits.yaml"),
    (
        "graphql_schema_introspection",
        "graphql_schema_introspection.yaml",
    ),
    ("network", "network.yaml"),
    ("opentelemetry", "opentelemetry.yaml"),
    ("metrics_config", "metrics_config.yaml"),
    ("backend_configs", "backend_configs.yaml"),
    ("actions", "actions.yaml"),
    ("custom_types", "custom_types.yaml"),
];

const VERSION: &str = "version.yaml";
const DATABASES: &str = "databases/databases.yaml";

/// Names of the files of all parts.
pub(crate) fn part_files() -> impl Iterator<Item = &'static str> {
    PARTS.iter().map(|(_, file)| *file)
}

/// Distributes the metadata over files.
pub(crate) fn to_files(metadata: &Value) -> Result<Files> {
    let Value::Object(metadata) = metadata else {
        bail!("the metadata is not an object");
    };
    let mut files = Files::new();
    for (key, value) in metadata {
        match key.as_str() {
            "version" => {
                files.insert(VERSION.into(), json!({"version": value}));
            }
            "sources" => {
                let sources = value.as_array().context("\"sources\" is not a list")?;
                let sources = sources.iter().map(|source| source_files(source, &mut files));
                let sources = sources.collect::<Result<Vec<_>>>()?;
                files.insert(DATABASES.into(), Value::Array(sources));
            }
            key => {
                let Some((_, file)) = PARTS.iter().find(|(part, _)| *part == key) else {
                    bail!("the layout of the directory has no file for the key \"{key}\" of the metadata");
                };
                files.insert(file.into(), value.clone());
            }
        }
    }
    Ok(files)
}

/// Adds the files of a source; returns its entry in the list of databases.
fn source_files(source: &Value, files: &mut Files) -> Result<Value> {
    let Value::Object(source) = source else {
        bail!("a source is not an object");
    };
    let name = source
        .get("name")
        .and_then(Value::as_str)
        .context("a source has no name")?;
    let directory = file_name(name);
    let mut entry = source.clone();
    for (key, named) in [("tables", "table"), ("functions", "function")] {
        let Some(Value::Array(objects)) = source.get(key) else {
            continue;
        };
        let folder = Path::new("databases").join(&directory).join(key);
        let mut includes = Vec::with_capacity(objects.len());
        for object in objects {
            let file = free_name(files, &folder, &object[named]);
            includes.push(Value::String(format!("{INCLUDE}{file}")));
            files.insert(folder.join(file), object.clone());
        }
        files.insert(folder.join(format!("{key}.yaml")), Value::Array(includes));
        let include = format!("{INCLUDE}{directory}/{key}/{key}.yaml");
        entry.insert(key.to_owned(), Value::String(include));
    }
    Ok(Value::Object(entry))
}

/// Name of the file of a table or function: `SCHEMA_NAME.yaml`, as of Hasura's CLI. Two objects can have the same one.
fn free_name(files: &Files, folder: &Path, object: &Value) -> String {
    let (schema, name) = match object {
        Value::String(name) => ("public", name.as_str()),
        object => (
            object["schema"].as_str().unwrap_or("public"),
            object["name"].as_str().unwrap_or("unnamed"),
        ),
    };
    let stem = file_name(&format!("{schema}_{name}"));
    // The list itself has the name of its folder.
    let is_free = |name: &String| {
        !files.contains_key(&folder.join(name)) && name != "tables.yaml" && name != "functions.yaml"
    };
    let numbered = (2..).map(|number| format!("{stem}-{number}.yaml"));
    std::iter::once(format!("{stem}.yaml"))
        .chain(numbered)
        .find(is_free)
        .unwrap_or_default()
}

/// Replaces characters that are not usable in names of files on every system.
fn file_name(text: &str) -> String {
    let usable = |c: char| c.is_alphanumeric() || c == '_';
    let replaced = text.chars().map(|c| if usable(c) { c } else { '-' });
    replaced.take(120).collect()
}

/// Joins files to the metadata. `read` returns the content of a file, or `None` if it does not exist.
pub(crate) fn from_files(read: &mut dyn FnMut(&Path) -> Result<Option<Value>>) -> Result<Value> {
    let version = read(Path::new(VERSION))?.with_context(|| format!("{VERSION} is missing"))?;
    let version = version["version"].clone();
    ensure!(
        version == 3,
        "{VERSION}: version {version} is not supported; use version 3"
    );
    let mut metadata = Map::from_iter([("version".to_owned(), version)]);
    let databases = read(Path::new(DATABASES))?.with_context(|| format!("{DATABASES} is missing"))?;
    let sources = included(databases, Path::new(DATABASES), read, 0)?;
    metadata.insert("sources".to_owned(), sources);
    for (key, file) in PARTS {
        let Some(content) = read(Path::new(file))? else {
            continue;
        };
        let content = included(content, Path::new(file), read, 0)?;
        // Hasura's CLI writes a file for each key, also without content.
        let is_empty = match &content {
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(object) => object.is_empty(),
            _ => false,
        };
        if is_empty {
            continue;
        }
        if key == "actions" {
            actions(&mut metadata, content);
        } else {
            metadata.insert(key.to_owned(), content);
        }
    }
    Ok(Value::Object(metadata))
}

/// The file of the actions contains the custom types, too, when Hasura's CLI has written it.
fn actions(metadata: &mut Map<String, Value>, content: Value) {
    let Value::Object(mut content) = content else {
        metadata.insert("actions".to_owned(), content);
        return;
    };
    for key in ["actions", "custom_types"] {
        let part = content.shift_remove(key).unwrap_or_default();
        let is_used = match &part {
            Value::Array(list) => !list.is_empty(),
            Value::Object(types) => types
                .values()
                .any(|list| list.as_array().is_some_and(|list| !list.is_empty())),
            _ => false,
        };
        if is_used {
            metadata.insert(key.to_owned(), part);
        }
    }
}

/// Replaces includes by the content of their files.
fn included(
    value: Value,
    file: &Path,
    read: &mut dyn FnMut(&Path) -> Result<Option<Value>>,
    depth: usize,
) -> Result<Value> {
    ensure!(
        depth <= MAX_DEPTH,
        "{}: more than {MAX_DEPTH} nested includes",
        file.display()
    );
    Ok(match value {
        Value::String(text) => {
            let Some(path) = text.strip_prefix(INCLUDE) else {
                return Ok(Value::String(text));
            };
            let path = relative(file, path.trim())
                .with_context(|| format!("{}: \"{text}\" is outside of the directory", file.display()))?;
            let content = read(&path)?
                .with_context(|| format!("{}: {} does not exist", file.display(), path.display()))?;
            included(content, &path, read, depth + 1)?
        }
        Value::Array(list) => {
            let list = list.into_iter().map(|value| included(value, file, read, depth));
            Value::Array(list.collect::<Result<_>>()?)
        }
        Value::Object(object) => {
            let entries = object
                .into_iter()
                .map(|(key, value)| Ok((key, included(value, file, read, depth)?)));
            Value::Object(entries.collect::<Result<_>>()?)
        }
        other => other,
    })
}

/// Path of a file that another one names; `None` if it is outside of the directory.
fn relative(file: &Path, path: &str) -> Option<PathBuf> {
    let mut parts: Vec<&str> = file
        .parent()?
        .iter()
        .map(|part| part.to_str().unwrap_or_default())
        .collect();
    for part in path.split('/') {
        match part {
            "" if !parts.is_empty() || path.starts_with('/') => return None,
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(files: &Files) -> Result<Value> {
        from_files(&mut |path| Ok(files.get(path).cloned()))
    }

    #[test]
    fn files_contain_the_whole_metadata() {
        let metadata = json!({
            "version": 3,
            "sources": [{
                "name": "default",
                "kind": "postgres",
                "tables": [
                    {"table": {"schema": "public", "name": "orders"}, "event_triggers": [{"name": "x"}]},
                    {"table": {"schema": "a", "name": "b_c"}},
                    {"table": {"schema": "a_b", "name": "c"}},
                    {"table": {"schema": "public", "name": "../up/etc"}},
                ],
                "functions": [{"function": {"schema": "public", "name": "search"}}],
                "configuration": {"connection_info": {"database_url": {"from_env": "URL"}}},
            }],
            "cron_triggers": [{"name": "expire", "schedule": "* * * * *"}],
            "api_limits": {"disabled": false},
        });
        let files = to_files(&metadata).unwrap();
        for path in [
            "version.yaml",
            "databases/databases.yaml",
            "databases/default/tables/tables.yaml",
            "databases/default/tables/public_orders.yaml",
            "databases/default/tables/a_b_c.yaml",
            "databases/default/tables/a_b_c-2.yaml",
            "databases/default/functions/public_search.yaml",
            "cron_triggers.yaml",
        ] {
            assert!(files.contains_key(Path::new(path)), "{path}: {:?}", files.keys());
        }
        assert!(files.keys().all(|path| !path.to_string_lossy().contains("..")));
        assert_eq!(joined(&files).unwrap(), metadata);
    }

    #[test]
    fn empty_files_of_hasuras_cli_add_nothing() {
        let mut files = to_files(&json!({"version": 3, "sources": []})).unwrap();
        files.insert("remote_schemas.yaml".into(), json!([]));
        files.insert("network.yaml".into(), json!({}));
        let no_types = json!({"enums": [], "input_objects": [], "objects": [], "scalars": []});
        let actions = json!({"actions": [], "custom_types": no_types});
        files.insert("actions.yaml".into(), actions);
        assert_eq!(joined(&files).unwrap(), json!({"version": 3, "sources": []}));
    }

    #[test]
    fn includes_stay_in_the_directory() {
        for path in ["../../../etc/passwd", "/etc/passwd", "../../x.yaml"] {
            let sources = json!([{"name": "default", "tables": format!("!include {path}")}]);
            let files = Files::from([
                (VERSION.into(), json!({"version": 3})),
                (DATABASES.into(), sources),
            ]);
            let error = format!("{:#}", joined(&files).unwrap_err());
            assert!(error.contains("outside of the directory"), "{path}: {error}");
        }
    }

    #[test]
    fn problems_name_their_file() {
        let with = |path: &str, value: Value| {
            let mut files = to_files(&json!({"version": 3, "sources": []})).unwrap();
            files.insert(path.into(), value);
            format!("{:#}", joined(&files).unwrap_err())
        };
        assert!(with(VERSION, json!({"version": 2})).contains("version 2"));
        let missing = with(DATABASES, json!([{"tables": "!include nothing.yaml"}]));
        assert!(
            missing.contains("databases/nothing.yaml does not exist"),
            "{missing}"
        );
        let own = with(DATABASES, json!([{"tables": "!include databases.yaml"}]));
        assert!(own.contains("nested includes"), "{own}");
        let error = to_files(&json!({"version": 3, "unknown": 1})).unwrap_err();
        assert!(error.to_string().contains("unknown"), "{error}");
    }
}
