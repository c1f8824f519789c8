//! Permissions of inherited roles.

use super::JsonObject;
use super::types::{
    DeletePermission, InsertPermission, PermittedColumns, SelectPermission, UpdatePermission,
};
use serde_json::{Value, json};

/// Combines the select permissions of the parents that have one on the table. `columns` are those of the table.
/// Returns `None` without a parent.
pub fn select(parents: &[&SelectPermission], columns: &[&str]) -> Option<SelectPermission> {
    let (first, others) = parents.split_first()?;
    if others.is_empty() {
        return Some((*first).clone());
    }
    let mut granted = Vec::new();
    let mut redacted = Vec::new();
    for column in columns {
        let mut conditions = Vec::new();
        let mut is_plain = true;
        for parent in parents {
            let condition = parent.redacted.iter().find(|(name, _)| name == column);
            match condition {
                Some((_, condition)) => {
                    is_plain = false;
                    conditions.push(condition);
                }
                None if parent.columns.contains(column) => conditions.push(&parent.filter),
                None => is_plain = false,
            }
        }
        if conditions.is_empty() {
            continue;
        }
        granted.push((*column).to_owned());
        if !is_plain {
            redacted.push(((*column).to_owned(), any(&conditions)));
        }
    }
    let filters: Vec<&JsonObject> = parents.iter().map(|parent| &parent.filter).collect();
    Some(SelectPermission {
        columns: PermittedColumns::Named(granted),
        filter: any(&filters),
        // A parent without a limit does not lift that of another.
        limit: parents.iter().filter_map(|parent| parent.limit).max(),
        allow_aggregations: parents.iter().any(|parent| parent.allow_aggregations),
        computed_fields: common(first, others),
        query_root_fields: union(parents, |parent| parent.query_root_fields.as_deref()),
        subscription_root_fields: union(parents, |parent| parent.subscription_root_fields.as_deref()),
        redacted,
    })
}

/// Returns the computed fields that all parents grant. Those of some parents only would have to be NULL in the rows of the others.
fn common(first: &SelectPermission, others: &[&SelectPermission]) -> Vec<String> {
    let is_granted = |field: &&String| others.iter().all(|parent| parent.computed_fields.contains(field));
    first.computed_fields.iter().filter(is_granted).cloned().collect()
}

/// Returns the condition that one of these is true.
fn any(conditions: &[&JsonObject]) -> JsonObject {
    if conditions.iter().any(|condition| condition.is_empty()) {
        return JsonObject::new();
    }
    let mut distinct: Vec<&JsonObject> = Vec::new();
    for condition in conditions {
        if !distinct.contains(condition) {
            distinct.push(condition);
        }
    }
    match distinct.as_slice() {
        [one] => (*one).clone(),
        all => JsonObject::from_iter([("_or".to_owned(), json!(all))]),
    }
}

/// Returns the root fields of any parent; `None` if a parent permits all.
fn union<'p, F: Copy + PartialEq + 'p>(
    parents: &[&'p SelectPermission],
    fields: impl Fn(&'p SelectPermission) -> Option<&'p [F]>,
) -> Option<Vec<F>> {
    let mut all = Vec::new();
    for parent in parents {
        for field in fields(parent)? {
            if !all.contains(field) {
                all.push(*field);
            }
        }
    }
    Some(all)
}

/// The permissions of the parents differ, so that none of them can be inherited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict;

/// Inherits a permission that is equal in all parents that have one. Returns `None` without a parent.
pub fn equal<P: Inheritable>(parents: &[&P]) -> Result<Option<P>, Conflict> {
    let Some((first, others)) = parents.split_first() else {
        return Ok(None);
    };
    if others.iter().all(|other| first.is_equivalent(other)) {
        Ok(Some((*first).clone()))
    } else {
        Err(Conflict)
    }
}

/// Permission that can be compared with that of another role.
pub trait Inheritable: Clone {
    /// Whether both permit the same; the order of columns and of the parts of conditions is not significant.
    fn is_equivalent(&self, other: &Self) -> bool;
}

impl Inheritable for InsertPermission {
    fn is_equivalent(&self, other: &Self) -> bool {
        let columns = |permission: &Self| permission.columns.clone().unwrap_or(PermittedColumns::All);
        same_condition(Some(&self.check), Some(&other.check))
            && same_columns(&columns(self), &columns(other))
            && presets(self.set.as_ref()) == presets(other.set.as_ref())
            && self.backend_only.unwrap_or_default() == other.backend_only.unwrap_or_default()
            && self.validate_input == other.validate_input
    }
}

impl Inheritable for UpdatePermission {
    fn is_equivalent(&self, other: &Self) -> bool {
        same_condition(Some(&self.filter), Some(&other.filter))
            && same_condition(self.check.as_ref(), other.check.as_ref())
            && same_columns(&self.columns, &other.columns)
            && presets(self.set.as_ref()) == presets(other.set.as_ref())
            && self.backend_only.unwrap_or_default() == other.backend_only.unwrap_or_default()
            && self.validate_input == other.validate_input
    }
}

impl Inheritable for DeletePermission {
    fn is_equivalent(&self, other: &Self) -> bool {
        same_condition(Some(&self.filter), Some(&other.filter))
            && self.backend_only.unwrap_or_default() == other.backend_only.unwrap_or_default()
            && self.validate_input == other.validate_input
    }
}

fn presets(set: Option<&JsonObject>) -> Option<&JsonObject> {
    set.filter(|set| !set.is_empty())
}

fn same_columns(one: &PermittedColumns, other: &PermittedColumns) -> bool {
    match (one, other) {
        (PermittedColumns::All, PermittedColumns::All) => true,
        (PermittedColumns::Named(one), PermittedColumns::Named(other)) => {
            one.iter().all(|name| other.contains(name)) && other.iter().all(|name| one.contains(name))
        }
        _ => false,
    }
}

fn same_condition(one: Option<&JsonObject>, other: Option<&JsonObject>) -> bool {
    let normal =
        |condition: Option<&JsonObject>| condition.map(|object| normal(&Value::Object(object.clone())));
    normal(one) == normal(other)
}

/// Returns a condition with the parts of `_and` and `_or` in an order that depends on their content only.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut pairs: Vec<(String, Value)> = object
                .iter()
                .map(|(key, value)| {
                    let mut value = normal(value);
                    if matches!(key.trim_start_matches(['_', '$']), "and" | "or")
                        && let Value::Array(parts) = &mut value
                    {
                        parts.sort_by_cached_key(Value::to_string);
                        parts.dedup();
                    }
                    (key.clone(), value)
                })
                .collect();
            pairs.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(pairs.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(normal).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(definition: Value) -> SelectPermission {
        serde_json::from_value(definition).unwrap_or_else(|error| panic!("a select permission: {error}"))
    }

    #[test]
    fn select_permissions_are_united() {
        let one = permission(json!({"columns": ["id", "a"], "filter": {"id": 1}, "limit": 5}));
        let other = permission(
            json!({"columns": ["id", "b"], "filter": {"id": 2}, "allow_aggregations": true,
            "query_root_fields": ["select"]}),
        );
        let both = select(&[&one, &other], &["id", "a", "b", "c"]).unwrap_or_else(|| panic!("two parents"));
        assert_eq!(json!(both.filter), json!({"_or": [{"id": 1}, {"id": 2}]}));
        let named =
            |names: &[&str]| PermittedColumns::Named(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(both.columns, named(&["id", "a", "b"]));
        let redacted: Vec<(&str, Value)> = both
            .redacted
            .iter()
            .map(|(name, condition)| (name.as_str(), json!(condition)))
            .collect();
        assert_eq!(redacted, [("a", json!({"id": 1})), ("b", json!({"id": 2}))]);
        assert_eq!(
            (both.limit, both.allow_aggregations, &both.query_root_fields),
            (Some(5), true, &None)
        );
        // A grandchild does not see more.
        let third = permission(json!({"columns": ["a"], "filter": {"id": 3}}));
        let all = select(
            &[
                &SelectPermission {
                    query_root_fields: None,
                    ..both.clone()
                },
                &third,
            ],
            &["id", "a", "b"],
        );
        let all = all.unwrap_or_else(|| panic!("two parents"));
        let condition = |name: &str| {
            all.redacted
                .iter()
                .find(|(of, _)| of == name)
                .map(|(_, to)| json!(to))
        };
        assert_eq!(condition("a"), Some(json!({"_or": [{"id": 1}, {"id": 3}]})));
        assert_eq!(condition("b"), Some(json!({"id": 2})));
        assert_eq!(condition("id"), Some(json!({"_or": [{"id": 1}, {"id": 2}]})));
    }

    #[test]
    fn other_permissions_are_inherited_if_they_are_equal() {
        let delete = |filter: Value| DeletePermission {
            filter: filter.as_object().cloned().unwrap_or_default(),
            backend_only: None,
            validate_input: None,
        };
        let one = delete(json!({"_or": [{"a": 1}, {"b": 2}], "c": 3}));
        let same = delete(json!({"c": 3, "_or": [{"b": 2}, {"a": 1}]}));
        let other = delete(json!({"c": 3}));
        assert_eq!(equal(&[&one, &same]), Ok(Some(one.clone())));
        assert_eq!(equal(&[&one, &other]), Err(Conflict));
        assert_eq!(equal::<DeletePermission>(&[]), Ok(None));
    }
}
