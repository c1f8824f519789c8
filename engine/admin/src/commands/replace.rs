//! Commands that replace the metadata as a whole: replace, clear, reload.

use super::{api_limits, cron_triggers, introspection_options, sources, success};
use crate::args::parse;
use crate::catalog_loader::NamedObjects;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::types::{Metadata, Source};
use engine_model::metadata::{lenient::InvalidEntry, versions};
use engine_model::scheduled::document;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Replaces the metadata. Inconsistent objects are an error unless `allow_inconsistent_metadata` is set.
pub(super) async fn replace_metadata(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
    version: u64,
) -> Result<Value> {
    let (document, allow) = match args {
        // Version 2 of the command, or its form sent without `version`.
        Value::Object(mut args) if args.contains_key("metadata") => {
            let allow = match args.get("allow_inconsistent_metadata") {
                None | Some(Value::Null) => false,
                Some(Value::Bool(allow)) => *allow,
                Some(other) => {
                    let message = format!("\"allow_inconsistent_metadata\" must be a boolean, not {other}");
                    return Err(Error::new(Code::ParseFailed, message).at("allow_inconsistent_metadata"));
                }
            };
            (args.shift_remove("metadata").unwrap_or_default(), allow)
        }
        _ if version == 2 => {
            return Err(Error::new(Code::ParseFailed, "key \"metadata\" not found"));
        }
        args => (args, false),
    };
    let mut metadata = versions::read(document)?;
    api_limits::normalize(&mut metadata)?;
    introspection_options::check(&metadata)?;
    if !allow && let Some((path, broken)) = first_unreadable(&metadata) {
        let mut error = Error::new(Code::ParseFailed, broken.reason.clone());
        error.path.0 = path;
        return Err(error);
    }
    if !allow {
        cron_triggers::check(&metadata)?;
    }
    if !allow {
        sources::check(&metadata)?;
    }
    let working = transaction.begin_with(NamedObjects::of(&metadata)).await?;
    cron_triggers::prepare_replacement(&working.resolved().metadata, &mut metadata)?;
    let now = working.resolve(metadata, Arc::clone(&working.resolved().catalog));
    if !allow && !now.inconsistent.is_empty() {
        return Err(
            Error::new(Code::Unexpected, "cannot continue due to inconsistent metadata")
                .with_status(400)
                .with_internal(json!(now.inconsistent))
                .at("args"),
        );
    }
    let answer = match version {
        2 => json!({"is_consistent": now.inconsistent.is_empty(), "inconsistent_objects": now.inconsistent}),
        _ => success(),
    };
    working.replace(now);
    Ok(answer)
}

/// Empties the metadata. The served source keeps its name and connection settings, and cron triggers remain that exports do not
/// contain.
pub(super) async fn clear_metadata(transaction: &mut MetadataTransaction<'_>) -> Result<Value> {
    let working = transaction.begin().await?;
    working.apply_allowing_inconsistency(|metadata| {
        let mut source = Source::default();
        if let Some(served) = metadata.source() {
            source.name.clone_from(&served.name);
            source.configuration.clone_from(&served.configuration);
        }
        let mut empty = Metadata {
            sources: vec![source].into(),
            ..Metadata::default()
        };
        // An empty document names no trigger.
        let _ = document::keep_excluded(metadata, &mut empty);
        *metadata = empty;
    });
    Ok(success())
}

#[derive(Deserialize, Default)]
struct Reload {
    #[serde(default)]
    recreate_event_triggers: Selection,
}

/// All sources, or those of a list.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a boolean or a list of sources")]
enum Selection {
    All(bool),
    Sources(Vec<String>),
}

impl Default for Selection {
    fn default() -> Self {
        Self::All(false)
    }
}

/// Reads the catalog again and resolves all metadata. Counts as a write, so that other instances reload too.
pub(super) async fn reload_metadata(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let Reload {
        recreate_event_triggers,
    } = if args.is_null() {
        Reload::default()
    } else {
        parse(args)?
    };
    transaction.catalog_is_stale();
    transaction.begin().await?;
    let recreate = match recreate_event_triggers {
        Selection::All(all) => all,
        Selection::Sources(names) => {
            let served = transaction.now().metadata.source_name().to_owned();
            if let Some(name) = names.iter().find(|name| **name != served) {
                let message = format!("source with name \"{name}\" does not exist");
                return Err(Error::new(Code::NotExists, message)
                    .at("recreate_event_triggers")
                    .at("args"));
            }
            !names.is_empty()
        }
    };
    if recreate {
        transaction.recreate_triggers();
    }
    let working = transaction.begin().await?;
    working.apply_allowing_inconsistency(|_| {});
    let inconsistent = Arc::clone(&working.resolved().inconsistent);
    if inconsistent.is_empty() {
        return Ok(json!({"message": "success", "is_consistent": true}));
    }
    Ok(json!({"message": "success", "is_consistent": false, "inconsistent_objects": *inconsistent}))
}

/// Returns the first entry that could not be parsed, with its path.
fn first_unreadable(metadata: &Metadata) -> Option<(Vec<engine_error::Segment>, &InvalidEntry)> {
    let path = |parts: &[engine_error::Segment]| parts.to_vec();
    if let Some(broken) = metadata.sources.broken.first() {
        return Some((path(&["sources".into(), broken.index.into()]), broken));
    }
    for (s, source) in metadata.sources.iter().enumerate() {
        let tables = ["sources".into(), s.into(), "tables".into()];
        if let Some(broken) = source.tables.broken().first() {
            return Some(([&tables[..], &[broken.index.into()]].concat(), broken));
        }
        for (t, table) in source.tables.iter().enumerate() {
            let lists = [
                ("object_relationships", table.object_relationships.broken.first()),
                ("array_relationships", table.array_relationships.broken.first()),
                ("event_triggers", table.event_triggers.broken.first()),
            ];
            for (key, broken) in lists {
                if let Some(broken) = broken {
                    let rest = [t.into(), key.into(), broken.index.into()];
                    return Some(([&tables[..], &rest].concat(), broken));
                }
            }
        }
    }
    None
}
