//! Commands on the served source: its connection settings, which are stored, and its customization.

use super::{replace, success, unsupported};
use crate::args::parse;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::{Code, Error, Result};
use engine_model::metadata::Metadata;
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::naming::{CUSTOMIZATION, Naming};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct SourceArgs {
    name: String,
    #[serde(default)]
    configuration: Option<Value>,
    #[serde(default)]
    customization: Option<Value>,
    #[serde(default)]
    replace_configuration: Option<bool>,
}

/// Changes the served source if `replace_configuration` is set. A second source is not supported.
pub(super) async fn add(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let named = args["name"].as_str();
    if named != Some(transaction.now().metadata.source_name()) {
        return Err(unsupported::error("add_source", &args));
    }
    let args: SourceArgs = parse(args)?;
    if args.replace_configuration != Some(true) {
        let message = format!(
            "source with name \"{}\" already exists; set replace_configuration to change it",
            args.name
        );
        return Err(Error::new(Code::AlreadyExists, message).at("name").at("args"));
    }
    set(transaction, args).await
}

/// Changes what is given of the served source.
pub(super) async fn update(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let args: SourceArgs = parse(args)?;
    check_name(transaction, &args.name)?;
    set(transaction, args).await
}

/// Reads the catalog again, as `reload_metadata` does.
pub(super) async fn reload(transaction: &mut MetadataTransaction<'_>, args: Value) -> Result<Value> {
    let SourceArgs { name, .. } = parse(args)?;
    check_name(transaction, &name)?;
    replace::reload_metadata(transaction, Value::Null).await
}

fn check_name(transaction: &MetadataTransaction<'_>, name: &str) -> Result<()> {
    if name == transaction.now().metadata.source_name() {
        return Ok(());
    }
    // Hasura's wording
    let message = format!("source with name \"{name}\" does not exist");
    Err(Error::new(Code::NotExists, message).at("name").at("args"))
}

async fn set(transaction: &mut MetadataTransaction<'_>, args: SourceArgs) -> Result<Value> {
    let SourceArgs {
        name,
        configuration,
        customization,
        ..
    } = args;
    if let Some(configuration) = configuration.as_ref().filter(|value| !value.is_object()) {
        let message = format!("the configuration of a source is an object, not {configuration}");
        return Err(Error::new(Code::ParseFailed, message)
            .at("configuration")
            .at("args"));
    }
    if let Err(reason) = Naming::read(customization.as_ref()) {
        return Err(Error::new(Code::ParseFailed, reason).at(CUSTOMIZATION).at("args"));
    }
    let working = transaction.begin().await?;
    working.apply(Some(&MetadataObjectId::Source(name)), |metadata| {
        let source = metadata.source_mut();
        if let Some(configuration) = configuration {
            source.configuration = configuration;
        }
        match customization {
            Some(Value::Object(customization)) if customization.is_empty() => {
                source.rest.shift_remove(CUSTOMIZATION);
            }
            Some(customization) => {
                source.rest.insert(CUSTOMIZATION.to_owned(), customization);
            }
            None => {}
        }
    })?;
    Ok(success())
}

/// Refuses replaced metadata with an invalid customization, as Hasura does.
pub(super) fn check(metadata: &Metadata) -> Result<()> {
    for (index, source) in metadata.sources.iter().enumerate() {
        Naming::of_source(source).map_err(|reason| {
            Error::new(Code::ParseFailed, reason)
                .at(CUSTOMIZATION)
                .at(index)
                .at("sources")
        })?;
    }
    Ok(())
}
