//! Command `suggest_relationships`: relationships that the foreign keys between tracked tables allow and the metadata
//! lacks.

use super::lookup::parse_in_source;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::Result;
use engine_model::catalog::{ForeignKey, TableName};
use engine_model::metadata::tracked::RelationshipKind;
use engine_plan::schema_cache::ResolvedMetadata;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Suggest {
    #[serde(default)]
    tables: Option<Vec<TableName>>,
    #[serde(default)]
    omit_tracked: bool,
}

pub(super) async fn suggest_relationships(
    transaction: &mut MetadataTransaction<'_>,
    args: Value,
) -> Result<Value> {
    let Suggest { tables, omit_tracked } = parse_in_source(transaction, args)?;
    transaction.begin().await?;
    let now = transaction.now();
    let desired_triggers = |name: &TableName| tables.as_ref().is_none_or(|tables| tables.contains(name));
    let mut relationships = Vec::new();
    for (name, tracked) in &now.tracked.tables {
        for key in &tracked.table.foreign_keys {
            if !now.tracked.tables.contains_key(&key.target) {
                continue;
            }
            for kind in [RelationshipKind::Object, RelationshipKind::Array] {
                let (from, to) = match kind {
                    RelationshipKind::Object => (name, &key.target),
                    RelationshipKind::Array => (&key.target, name),
                };
                if desired_triggers(from) && !(omit_tracked && exists(&now, kind, from, to, key)) {
                    relationships.push(suggestion(kind, from, to, key));
                }
            }
        }
    }
    Ok(json!({"relationships": relationships}))
}

fn exists(
    now: &ResolvedMetadata,
    kind: RelationshipKind,
    from: &TableName,
    to: &TableName,
    key: &ForeignKey,
) -> bool {
    let Some(table) = now.tracked.tables.get(from) else {
        return false;
    };
    table.relationships.values().any(|relationship| {
        relationship.kind == kind
            && relationship.target == *to
            && relationship.mapping.len() == key.mapping.len()
            && relationship.mapping.iter().all(|(here, there)| {
                key.mapping.iter().any(|(own, target)| match kind {
                    RelationshipKind::Object => own == here && target == there,
                    RelationshipKind::Array => own == there && target == here,
                })
            })
    })
}

fn suggestion(kind: RelationshipKind, from: &TableName, to: &TableName, key: &ForeignKey) -> Value {
    let own: Vec<&str> = key.mapping.iter().map(|(own, _)| own.as_str()).collect();
    let target: Vec<&str> = key.mapping.iter().map(|(_, target)| target.as_str()).collect();
    let (word, here, there) = match kind {
        RelationshipKind::Object => ("object", own, target),
        RelationshipKind::Array => ("array", target, own),
    };
    let mut from_side = json!({"table": from, "columns": here});
    let mut to_side = json!({"table": to, "columns": there});
    // The constraint name belongs to the side with the foreign key.
    let holder = if kind == RelationshipKind::Object {
        &mut from_side
    } else {
        &mut to_side
    };
    holder["constraint_name"] = json!(key.name);
    json!({"type": word, "from": from_side, "to": to_side})
}
