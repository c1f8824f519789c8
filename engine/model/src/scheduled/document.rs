//! The key `cron_triggers` of the metadata. The document keeps each entry as it was given.

use super::types::CronTrigger;
use crate::metadata::lenient::LenientList;
use crate::metadata::types::Metadata;
use serde::Deserialize as _;
use serde_json::Value;

/// Key of the list in the metadata.
pub const CRON_TRIGGERS: &str = "cron_triggers";

/// Returns the cron triggers of the document, and the entries that are not valid. Returns the reason if the key is not a list.
pub fn cron_triggers(metadata: &Metadata) -> Result<LenientList<CronTrigger>, String> {
    match metadata.rest.get(CRON_TRIGGERS) {
        None => Ok(LenientList::default()),
        Some(list) => LenientList::deserialize(list).map_err(|error| error.to_string()),
    }
}

/// Returns the entries as they were given.
fn entries(metadata: &Metadata) -> &[Value] {
    let list = metadata.rest.get(CRON_TRIGGERS);
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether an entry is in the document but not in its exports.
fn is_excluded(entry: &Value) -> bool {
    entry["include_in_metadata"] == false
}

/// Returns the document without the triggers that exports do not contain.
pub fn exported(metadata: &Metadata) -> Metadata {
    let mut exported = metadata.clone();
    if entries(metadata).iter().any(is_excluded)
        && let Some(Value::Array(list)) = exported.rest.get_mut(CRON_TRIGGERS)
    {
        list.retain(|entry| !is_excluded(entry));
        if list.is_empty() {
            exported.rest.shift_remove(CRON_TRIGGERS);
        }
    }
    exported
}

/// Adds the triggers of `before` that are not part of its exports: a replaced document does not contain them. Returns the name of
/// one that `after` contains already.
pub fn keep_excluded(before: &Metadata, after: &mut Metadata) -> Result<(), String> {
    let kept: Vec<Value> = entries(before)
        .iter()
        .filter(|entry| is_excluded(entry))
        .cloned()
        .collect();
    if let Some(entry) = kept
        .iter()
        .find(|entry| entries(after).iter().any(|other| other["name"] == entry["name"]))
    {
        return Err(entry["name"].as_str().unwrap_or_default().to_owned());
    }
    if !kept.is_empty() {
        let list = after
            .rest
            .entry(CRON_TRIGGERS)
            .or_insert_with(|| Value::Array(Vec::new()));
        if list.is_null() {
            *list = Value::Array(Vec::new());
        }
        if let Some(list) = list.as_array_mut() {
            list.extend(kept);
        }
    }
    Ok(())
}

/// Adds a trigger, or replaces the one of its name.
pub fn put(metadata: &mut Metadata, name: &str, entry: Value) {
    let list = metadata
        .rest
        .entry(CRON_TRIGGERS)
        .or_insert_with(|| Value::Array(Vec::new()));
    if !list.is_array() {
        *list = Value::Array(Vec::new());
    }
    let Some(list) = list.as_array_mut() else { return };
    match list.iter_mut().find(|other| other["name"] == name) {
        Some(other) => *other = entry,
        None => list.push(entry),
    }
}

/// Removes the entries for which `remove` holds.
pub fn remove(metadata: &mut Metadata, remove: impl Fn(&Value) -> bool) {
    if let Some(Value::Array(list)) = metadata.rest.get_mut(CRON_TRIGGERS) {
        list.retain(|entry| !remove(entry));
        if list.is_empty() {
            metadata.rest.shift_remove(CRON_TRIGGERS);
        }
    }
}

/// Removes an inconsistent trigger: of several of the name the later ones, otherwise the only one.
pub fn remove_inconsistent(metadata: &mut Metadata, name: &str) {
    let number = entries(metadata)
        .iter()
        .filter(|entry| entry["name"] == name)
        .count();
    if let Some(Value::Array(list)) = metadata.rest.get_mut(CRON_TRIGGERS) {
        let mut is_first = number > 1;
        list.retain(|entry| entry["name"] != name || std::mem::take(&mut is_first));
    }
    remove(metadata, |_| false);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn metadata(list: Value) -> Metadata {
        let mut metadata = Metadata::default();
        metadata.rest.insert(CRON_TRIGGERS.to_owned(), list);
        metadata
    }

    #[test]
    fn excluded_triggers_are_neither_exported_nor_replaced() {
        let (a, b) = (
            json!({"name": "a", "include_in_metadata": true}),
            json!({"name": "b", "include_in_metadata": false}),
        );
        let stored = metadata(json!([a, b]));
        assert_eq!(exported(&stored), metadata(json!([a])));
        assert_eq!(exported(&metadata(json!([b]))), Metadata::default());
        assert_eq!(exported(&metadata(json!([]))), metadata(json!([])));
        for after in [Metadata::default(), metadata(json!(null)), metadata(json!([]))] {
            let mut after = after;
            keep_excluded(&stored, &mut after).unwrap();
            assert_eq!(after, metadata(json!([b])));
        }
        let named = json!({"name": "b", "include_in_metadata": true});
        assert_eq!(
            keep_excluded(&stored, &mut metadata(json!([named]))),
            Err("b".to_owned())
        );
    }

    #[test]
    fn entries_are_put_and_removed_by_name() {
        let mut changed = Metadata::default();
        for entry in [
            json!({"name": "a"}),
            json!({"name": "b"}),
            json!({"name": "a", "comment": "new"}),
        ] {
            put(&mut changed, entry["name"].as_str().unwrap(), entry.clone());
        }
        assert_eq!(
            changed,
            metadata(json!([{"name": "a", "comment": "new"}, {"name": "b"}]))
        );
        let mut twice = metadata(json!([{"name": "a", "comment": "first"}, {"name": "b"}, {"name": "a"}]));
        remove_inconsistent(&mut twice, "a");
        assert_eq!(
            twice,
            metadata(json!([{"name": "a", "comment": "first"}, {"name": "b"}]))
        );
        remove_inconsistent(&mut twice, "a");
        assert_eq!(twice, metadata(json!([{"name": "b"}])));
        remove(&mut changed, |entry| entry["name"] == "a");
        remove(&mut changed, |entry| entry["name"] == "b");
        assert_eq!(changed, Metadata::default());
    }
}
