//! Entries of computed fields against the catalog and the tracked tables.

use super::{ComputedField, ComputedFieldEntry, ComputedResult, entries};
use crate::catalog::{Argument, Catalog, Function, PgType, Returned, TableName, TypeKind, Volatility};
use crate::metadata::function::{
    self, ArgumentSource, TrackedArgument, TrackedFunction, client_arguments, listed, scalar_of,
};
use crate::metadata::inconsistent::InconsistentObject;
use crate::metadata::names::{self, NameIndex};
use crate::metadata::tracked::{Relationship, TrackedTable};
use crate::metadata::types::TableEntry;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Objects that computed fields refer to.
#[derive(Clone, Copy)]
struct Known<'a> {
    catalog: &'a Catalog,
    tables: &'a IndexMap<TableName, Arc<TrackedTable>>,
    /// Names of the tables.
    names: &'a NameIndex,
    /// Input types of the arguments of functions.
    argument_types: &'a BTreeSet<String>,
}

/// Resolves all entries, and adds the computed fields to their tables. `names` contains the names of the tables. Entries that do not
/// resolve are left out and listed; those of an inconsistent table are not listed.
pub(in crate::metadata) fn resolve(
    source: &str,
    metadata_tables: &[TableEntry],
    catalog: &Catalog,
    functions: &IndexMap<TableName, Arc<TrackedFunction>>,
    names: &NameIndex,
    tables: &mut IndexMap<TableName, Arc<TrackedTable>>,
) -> Vec<InconsistentObject> {
    let mut inconsistent = Vec::new();
    let mut argument_types: BTreeSet<String> = functions
        .values()
        .map(|function| function.arguments_type.clone())
        .collect();
    for entry in metadata_tables {
        let Some(table) = tables.get(&entry.table).cloned() else {
            continue;
        };
        let list = entries(entry);
        for broken in &list.broken {
            let object =
                InconsistentObject::computed_field(source, &entry.table, &broken.value, &broken.reason);
            inconsistent.push(object);
        }
        let mut resolved = table.computed_fields.clone();
        for definition in list.iter() {
            let known = Known {
                catalog,
                tables,
                names,
                argument_types: &argument_types,
            };
            match computed_field(definition, &table, &resolved, known) {
                Ok(field) => {
                    if !field.needs_no_arguments() {
                        argument_types.insert(field.arguments_type.clone());
                    }
                    resolved.insert(field.name.clone(), field);
                }
                Err(reason) => {
                    let stored = stored(entry, &definition.name);
                    inconsistent.push(InconsistentObject::computed_field(
                        source,
                        &entry.table,
                        &stored,
                        &reason,
                    ));
                }
            }
        }
        drop(table);
        if let Some(table) = tables.get_mut(&entry.table)
            && !resolved.is_empty()
        {
            Arc::make_mut(table).computed_fields = resolved;
        }
    }
    inconsistent
}

fn stored(table: &TableEntry, name: &str) -> Value {
    let list = table.rest.get(super::COMPUTED_FIELDS).and_then(Value::as_array);
    let mut entries = list.into_iter().flatten();
    entries
        .find(|entry| entry["name"] == name)
        .cloned()
        .unwrap_or_default()
}

fn computed_field(
    entry: &ComputedFieldEntry,
    table: &TrackedTable,
    present: &IndexMap<String, ComputedField>,
    known: Known<'_>,
) -> Result<ComputedField, String> {
    // The messages have Hasura's wording, unless noted.
    let (name, table_name) = (&entry.name, &table.table.name);
    if table.columns.contains_key(name) || table.table.column(name).is_some() {
        return Err("field definition conflicts with postgres column".to_owned());
    }
    if table.relationships.contains_key(name) || present.contains_key(name) {
        return Err(format!("conflicting definitions for field \"{name}\""));
    }
    let definition = &entry.definition;
    let function = function::find(known.catalog, &definition.function)?;
    let mut reasons = Vec::new();
    if !names::is_valid(name) || names::is_condition_operator(name) {
        reasons.push(format!("\"{name}\" is not valid GraphQL name"));
    }
    let quoted = format!("the function \"{}\"", definition.function);
    if function.volatility == Volatility::Volatile {
        reasons.push(format!(
            "{quoted} is of type VOLATILE; cannot be added as a computed field"
        ));
    }
    if function.is_variadic {
        // Own wording
        reasons.push(format!(
            "{quoted} has \"VARIADIC\" parameters, which are not supported"
        ));
    }
    let result = result(function, &quoted, known);
    reasons.extend(result.as_ref().err().cloned());
    let row = row_argument(entry, function, table_name, &quoted, &mut reasons);
    let session = definition.session_argument.as_deref();
    check_session_argument(session, function, &quoted, &mut reasons);
    let arguments = function::tracked_arguments(function, |position, argument| match &argument.name {
        _ if Some(position) == row => ArgumentSource::Row,
        Some(name) if session == Some(name) => ArgumentSource::Session,
        _ => ArgumentSource::Client,
    });
    function::refuse_arguments(&arguments, &mut |reason| reasons.push(reason.to_owned()));
    listed(
        &format!("the computed field \"{name}\" cannot be added to table \"{table_name}\""),
        &reasons,
    )?;
    let naming = &table.names.naming;
    let field = ComputedField {
        name: name.clone(),
        function: definition.function.clone(),
        result: result?,
        // As in Hasura, the convention does not change it.
        arguments_type: naming.type_name(format!("{name}_{}_args", table.names.plain())),
        order_aggregate: naming.order_aggregate(name),
        arguments,
        comment: entry.comment.clone(),
    };
    check_names(&field, table, known)?;
    Ok(field)
}

fn result(function: &Function, quoted: &str, known: Known<'_>) -> Result<ComputedResult, String> {
    match &function.returns {
        Returned::Relation(table) if function.returns_set => match known.tables.get(table) {
            Some(tracked) if tracked.in_graphql => Ok(ComputedResult::Rows(table.clone())),
            _ => Err(format!(
                "{quoted} returning set of table \"{table}\" is not tracked or not found in database"
            )),
        },
        Returned::Base if !function.returns_set && names::is_valid(&scalar_of(&function.result).name) => {
            Ok(ComputedResult::Scalar(function.result.clone()))
        }
        _ => {
            let set = if function.returns_set { "set of " } else { "" };
            Err(format!(
                "{quoted} returning {set}type {} is not a BASE type",
                function.result.sql
            ))
        }
    }
}

/// Returns the position of the argument that receives the row.
fn row_argument(
    entry: &ComputedFieldEntry,
    function: &Function,
    table: &TableName,
    quoted: &str,
    reasons: &mut Vec<String>,
) -> Option<usize> {
    let (position, what) = match &entry.definition.table_argument {
        Some(name) => (
            position(function, name),
            format!("\"{name}\" argument of {quoted}"),
        ),
        None => (
            (!function.arguments.is_empty()).then_some(0),
            format!("first argument of {quoted}"),
        ),
    };
    let Some(argument) = position.and_then(|position| function.arguments.get(position)) else {
        reasons.push(match &entry.definition.table_argument {
            Some(name) => format!("\"{name}\" is not an input argument of {quoted}"),
            None => format!("{quoted} has no input arguments"),
        });
        return None;
    };
    let Argument { ty, table: own, .. } = argument;
    if !matches!(ty.kind, TypeKind::Composite(_)) {
        reasons.push(format!("{what} is not COMPOSITE type"));
    } else if own.as_ref() != Some(table) {
        reasons.push(format!(
            "{what} of type \"{}\" is not the table to which the computed field is being added",
            ty.sql
        ));
    }
    position
}

fn position(function: &Function, name: &str) -> Option<usize> {
    let mut arguments = function.arguments.iter();
    arguments.position(|argument| argument.name.as_deref() == Some(name))
}

fn check_session_argument(
    session: Option<&str>,
    function: &Function,
    quoted: &str,
    reasons: &mut Vec<String>,
) {
    let Some(name) = session else { return };
    match position(function, name).and_then(|position| function.arguments.get(position)) {
        None => reasons.push(format!("\"{name}\" is not an input argument of {quoted}")),
        Some(argument) if !is_json(&argument.ty) => {
            reasons.push(format!("\"{name}\" argument of {quoted} is not of type JSON"));
        }
        Some(_) => {}
    }
}

fn is_json(ty: &PgType) -> bool {
    ty.kind == TypeKind::Base && matches!(ty.name.as_str(), "json" | "jsonb")
}

/// Returns the reason why the names of a field are not free.
fn check_names(field: &ComputedField, table: &TrackedTable, known: Known<'_>) -> Result<(), String> {
    let aggregated = |relationship: &&Relationship| relationship.has_field(&field.name);
    if let Some(relationship) = table.relationships.values().find(aggregated) {
        let relationship = &relationship.name;
        return Err(format!(
            "the field \"{}\" is already that of relationship \"{relationship}\" of table \"{}\"; give one of them another name",
            field.name, table.table.name
        ));
    }
    if !field.needs_no_arguments() {
        known.names.check_input(&field.arguments_type)?;
        if known.argument_types.contains(&field.arguments_type) {
            return Err(format!(
                "the GraphQL type \"{}\" is also that of another function; give the computed field another name",
                field.arguments_type
            ));
        }
    }
    let arguments: &[TrackedArgument] = &field.arguments;
    let mut types = client_arguments(arguments)
        .map(|argument| &argument.ty)
        .chain(field.scalar());
    types.try_for_each(|ty| known.names.check_scalar(&scalar_of(ty).name))
}
