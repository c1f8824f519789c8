//! Roles without introspection.

use super::success;
use crate::args::parse;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::Metadata;
use engine_model::metadata::introspection_options::{INTROSPECTION_OPTIONS, IntrospectionOptions};
use engine_model::session::ADMIN;
use serde_json::{Value, json};

pub(super) async fn set(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    if !args.is_object() {
        let message = "introspection options are an object with \"disabled_for_roles\"";
        return Err(Error::new(Code::ParseFailed, message));
    }
    let IntrospectionOptions { disabled_for_roles } = parse(args)?;
    if disabled_for_roles.contains(ADMIN) {
        let message = "introspection cannot be disabled for the role admin";
        return Err(Error::new(Code::NotSupported, message)
            .at("disabled_for_roles")
            .at("args"));
    }
    let working = transaction.begin().await?;
    working.edit_document_rest(|document| {
        if disabled_for_roles.is_empty() {
            document.shift_remove(INTROSPECTION_OPTIONS);
        } else {
            let options = json!({"disabled_for_roles": disabled_for_roles});
            document.insert(INTROSPECTION_OPTIONS.to_owned(), options);
        }
        Ok(())
    })?;
    Ok(success())
}

/// Fails if the options of a document cannot be read: without them, roles would have introspection.
pub(super) fn check(metadata: &Metadata) -> Result<()> {
    match IntrospectionOptions::of(metadata) {
        Ok(_) => Ok(()),
        Err(reason) => Err(Error::new(Code::ParseFailed, reason).at(INTROSPECTION_OPTIONS)),
    }
}
