//! Errors of edits that would leave objects inconsistent.

use engine_error::{Code, Error, Result};
use engine_model::metadata::inconsistent::{InconsistentObject, MetadataObjectId};
use serde_json::json;
use std::collections::HashMap;

/// Returns the error of a command whose own objects would be inconsistent.
pub(super) fn refused(objects: &[&InconsistentObject]) -> Error {
    // The error of Hasura, which finds the two fields when it builds the schema. Only the log names both tables and the remedy.
    if let Some((object, field)) = objects
        .iter()
        .find_map(|object| Some((object, object.taken_field.as_deref()?)))
    {
        tracing::warn!(reason = object.reason, "refused: two root fields have one name");
        let message = format!("found duplicate fields in selection set: {field}");
        return Error::new(Code::Unexpected, message);
    }
    let reasons: Vec<&str> = objects.iter().map(|object| object.reason.as_str()).collect();
    Error::new(Code::InvalidConfiguration, reasons.join(", ")).with_internal(json!(objects))
}

/// Fails if an object is inconsistent that was not before, or if the object of the command is.
pub(super) fn refuse_new(
    before: &[InconsistentObject],
    after: &[InconsistentObject],
    id: Option<&MetadataObjectId>,
) -> Result<()> {
    let own = after
        .iter()
        .filter(|object| Some(&object.id) == id)
        .collect::<Vec<_>>();
    if !own.is_empty() {
        return Err(refused(&own));
    }
    let new = new_objects(before, after);
    if new.is_empty() {
        return Ok(());
    }
    // Hasura's wording
    let error = Error::new(
        Code::Unexpected,
        "cannot continue due to new inconsistent metadata",
    );
    Err(error.with_status(400).with_internal(json!(new)))
}

/// Fails if removing objects made another one inconsistent. Hasura reports this with status 500.
pub(super) fn refuse_new_after_removal(
    before: &[InconsistentObject],
    after: &[InconsistentObject],
) -> Result<()> {
    let new = new_objects(before, after);
    if new.is_empty() {
        return Ok(());
    }
    // Hasura's wording
    let message = "cannot continue due to newly found inconsistent metadata";
    Err(Error::new(Code::Unexpected, message).with_internal(json!(new)))
}

fn new_objects<'o>(
    before: &[InconsistentObject],
    after: &'o [InconsistentObject],
) -> Vec<&'o InconsistentObject> {
    let mut known: HashMap<&str, Vec<&InconsistentObject>> = HashMap::new();
    for object in before {
        known.entry(&object.name).or_default().push(object);
    }
    let is_known = |object: &InconsistentObject| {
        let known = known.get(&*object.name);
        // A permission may be inconsistent for several reasons, of which one is reported.
        let is_permission = matches!(object.id, MetadataObjectId::Permission(..));
        known.is_some_and(|known| is_permission || known.contains(&object))
    };
    // What an inherited role does not inherit is only reported, as in Hasura.
    let is_reported = |object: &&InconsistentObject| {
        !matches!(object.id, MetadataObjectId::InheritedPermission(..)) && !is_known(object)
    };
    after.iter().filter(is_reported).collect()
}
