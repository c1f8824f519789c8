//! Entries of tracked functions against the catalog and the tracked tables.

use super::{
    ArgumentSource, Exposure, FunctionConfiguration, FunctionEntry, TrackedArgument, TrackedFunction,
    client_arguments, entries,
};
use crate::catalog::{Argument, Catalog, Function, PgType, Returned, TableName, TypeKind, Volatility};
use crate::metadata::inconsistent::InconsistentObject;
use crate::metadata::names::{self, NameIndex};
use crate::metadata::naming::Naming;
use crate::metadata::tracked::TrackedTable;
use crate::metadata::types::Metadata;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::sync::Arc;

/// Resolves all entries. `names` contains the names of the tables. Entries that do not resolve are left out and listed.
pub fn resolve(
    metadata: &Metadata,
    catalog: &Catalog,
    tables: &IndexMap<TableName, Arc<TrackedTable>>,
    names: &NameIndex,
) -> (IndexMap<TableName, Arc<TrackedFunction>>, Vec<InconsistentObject>) {
    let source = metadata.source_name();
    let naming = Naming::of(metadata);
    let entries = entries(metadata);
    let mut functions: IndexMap<TableName, Arc<TrackedFunction>> = IndexMap::new();
    let mut inconsistent: Vec<InconsistentObject> = entries
        .broken
        .iter()
        .map(|broken| InconsistentObject::unreadable_function(source, &broken.value, &broken.reason))
        .collect();
    for entry in entries.iter() {
        let name = &entry.function;
        let result = if functions.contains_key(name) {
            Err(format!("duplicate entry for function \"{name}\""))
        } else {
            function(entry, &naming, catalog, tables).and_then(|function| {
                check_names(&function, &functions, names)?;
                Ok(function)
            })
        };
        match result {
            Ok(function) => {
                functions.insert(name.clone(), Arc::new(function));
            }
            Err(reason) => inconsistent.push(InconsistentObject::function(source, name, &reason)),
        }
    }
    (functions, inconsistent)
}

/// Whether a table takes a name of one of the functions.
pub fn clashes(functions: &IndexMap<TableName, Arc<TrackedFunction>>, table: &TrackedTable) -> bool {
    if functions.is_empty() || !table.in_graphql {
        return false;
    }
    let mut names = NameIndex::default();
    // A table that conflicts with itself is refused for that reason.
    names.claim(table).is_ok()
        && functions.values().any(|function| {
            names.check_function(function).is_err() || check_scalars(function, &names).is_err()
        })
}

fn function(
    entry: &FunctionEntry,
    naming: &Naming,
    catalog: &Catalog,
    tables: &IndexMap<TableName, Arc<TrackedTable>>,
) -> Result<TrackedFunction, String> {
    // The messages have Hasura's wording, unless noted.
    let name = &entry.function;
    let known = find(catalog, name)?;
    let none = FunctionConfiguration::default();
    let configuration = entry.configuration.as_ref().unwrap_or(&none);
    let graphql_name = configuration
        .custom_name
        .clone()
        .unwrap_or_else(|| names::of_table(name));
    let session = configuration.session_argument.as_deref();
    let arguments = tracked_arguments(known, |_, argument| match &argument.name {
        Some(name) if session == Some(name) => ArgumentSource::Session,
        _ => ArgumentSource::Client,
    });
    let reasons = reasons(known, configuration, &graphql_name, &arguments);
    listed(&format!("the function \"{name}\" cannot be tracked"), &reasons)?;
    let table = match &known.returns {
        Returned::Relation(table) if tables.contains_key(table) => table.clone(),
        Returned::Relation(table) => return Err(format!("table \"{table}\" is not tracked")),
        // Listed above.
        Returned::Composite | Returned::Base | Returned::Other => {
            return Err("the function does not return a table".to_owned());
        }
    };
    if tables.get(&table).is_some_and(|table| !table.in_graphql) {
        // Own wording
        return Err(format!(
            "table \"{table}\", whose rows it returns, is not part of the GraphQL API; give the table a custom name"
        ));
    }
    let exposure = configuration.exposed_as.unwrap_or(match known.volatility {
        Volatility::Volatile => Exposure::Mutation,
        Volatility::Stable | Volatility::Immutable => Exposure::Query,
    });
    // As in Hasura, the convention does not change custom names, but the type of their arguments.
    let by_convention = |name: &str| match &configuration.custom_name {
        Some(_) => name.to_owned(),
        None => naming.convention.field(name),
    };
    let custom = configuration.custom_root_fields.clone().unwrap_or_default();
    let aggregate = custom
        .function_aggregate
        .unwrap_or_else(|| by_convention(&format!("{graphql_name}_aggregate")));
    let field = custom.function.unwrap_or_else(|| by_convention(&graphql_name));
    let arguments_type = naming.convention.field(&format!("{graphql_name}_args"));
    let permissions = entry.permissions.iter().flatten();
    Ok(TrackedFunction {
        name: name.clone(),
        table,
        returns_set: known.returns_set,
        exposure,
        aggregate_field: (exposure == Exposure::Query).then(|| naming.root_field(aggregate)),
        arguments_type: naming.type_name(arguments_type),
        field: naming.root_field(field),
        arguments,
        roles: permissions.map(|permission| permission.role.clone()).collect(),
        comment: entry.comment.clone(),
    })
}

/// Returns the only function of a name.
pub(crate) fn find<'c>(catalog: &'c Catalog, name: &TableName) -> Result<&'c Function, String> {
    match catalog.functions.get(name).map_or(&[][..], Vec::as_slice) {
        [] => Err(format!("no such function exists: \"{name}\"")),
        [only] => Ok(only),
        _ => Err(format!(
            "function \"{name}\" is overloaded. Overloaded functions are not supported"
        )),
    }
}

/// Fails with the reasons, if there are any, why `what` is not possible.
pub(crate) fn listed(what: &str, reasons: &[String]) -> Result<(), String> {
    match reasons {
        [] => Ok(()),
        [reason] => Err(format!("{what} because {reason}")),
        reasons => Err(format!(
            "{what} for the following reasons:\n  • {}\n",
            reasons.join("\n  • ")
        )),
    }
}

/// Returns the arguments; `source` decides by the position and the argument where its value comes from. Hasura numbers those that
/// clients supply and that have no name from 1, without the named ones.
pub(crate) fn tracked_arguments(
    function: &Function,
    source: impl Fn(usize, &Argument) -> ArgumentSource,
) -> Vec<TrackedArgument> {
    let mut unnamed = 0;
    let arguments = function.arguments.iter().enumerate().map(|(position, argument)| {
        let source = source(position, argument);
        let field = match &argument.name {
            Some(name) => name.clone(),
            None if source == ArgumentSource::Client => {
                unnamed += 1;
                format!("arg_{unnamed}")
            }
            None => String::new(),
        };
        TrackedArgument {
            source,
            name: argument.name.clone(),
            field,
            ty: argument_type(&argument.ty),
            has_default: argument.has_default,
        }
    });
    arguments.collect()
}

/// Returns the type with the name of its scalar. As in Hasura, a composite type has another name as an argument, because the object type
/// of a table has the name of the table's row type.
fn argument_type(ty: &PgType) -> PgType {
    let mut ty = ty.clone();
    if let TypeKind::Composite(_) = ty.kind {
        ty.name.push_str("_scalar");
    }
    ty
}

/// Returns the reasons why a function cannot be tracked.
fn reasons(
    function: &Function,
    configuration: &FunctionConfiguration,
    graphql_name: &str,
    arguments: &[TrackedArgument],
) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut refuse = |reason: &str| reasons.push(reason.to_owned());
    let custom = configuration.custom_root_fields.as_ref();
    let fields = custom.map(|custom| [&custom.function, &custom.function_aggregate]);
    let mut named =
        std::iter::once(graphql_name).chain(fields.into_iter().flatten().flatten().map(String::as_str));
    if !named.all(names::is_valid) {
        refuse("function name is not a legal GraphQL identifier");
    }
    if function.is_variadic {
        refuse("function with \"VARIADIC\" parameters are not supported");
    }
    match function.returns {
        Returned::Relation(_) => {}
        Returned::Composite => refuse("the function does not return a table"),
        Returned::Base | Returned::Other => refuse("the function does not return a \"COMPOSITE\" type"),
    }
    if configuration.exposed_as == Some(Exposure::Mutation) && function.volatility != Volatility::Volatile {
        refuse(
            "the function was requested to be exposed as a mutation, but is not marked VOLATILE. \
             Maybe the function was given the wrong volatility when it was defined?",
        );
    }
    if let Some(session) = &configuration.session_argument {
        let is_session = |argument: &&TrackedArgument| argument.source == ArgumentSource::Session;
        match arguments.iter().find(is_session) {
            None => refuse(&format!(
                "given session argument \"{session}\" not the input argument of the function"
            )),
            Some(argument) if argument.ty.name != "json" => {
                refuse(&format!(
                    "given session argument \"{session}\" is not of type json"
                ));
            }
            Some(_) => {}
        }
    }
    refuse_arguments(arguments, &mut refuse);
    reasons
}

/// Calls `refuse` with the reasons why clients cannot supply the arguments.
pub(crate) fn refuse_arguments(arguments: &[TrackedArgument], refuse: &mut impl FnMut(&str)) {
    let clients = || client_arguments(arguments);
    let invalid: Vec<&str> = clients()
        .filter(|argument| !names::is_valid(&argument.field))
        .map(|argument| &*argument.field)
        .collect();
    if !invalid.is_empty() {
        refuse(&format!(
            "the function arguments {} are not in compliance with GraphQL spec",
            invalid.join(",")
        ));
    }
    // Own wording, for what Hasura does not check.
    let mut seen = HashSet::new();
    if let Some(twice) = clients().find(|argument| !seen.insert(&argument.field)) {
        refuse(&format!("two arguments are named \"{}\" in GraphQL", twice.field));
    }
    if let Some(argument) = clients().find(|argument| !names::is_valid(&scalar_of(&argument.ty).name)) {
        refuse(&format!(
            "the type of the argument \"{}\" does not have a valid GraphQL name",
            argument.field
        ));
    }
}

/// Returns the type of a value or of the elements of an array.
pub(crate) fn scalar_of(ty: &PgType) -> &PgType {
    match &ty.kind {
        TypeKind::Array(element) => element,
        _ => ty,
    }
}

/// Returns the reason why the names of a function are not free.
fn check_names(
    function: &TrackedFunction,
    functions: &IndexMap<TableName, Arc<TrackedFunction>>,
    names: &NameIndex,
) -> Result<(), String> {
    names.check_function(function)?;
    check_scalars(function, names)?;
    if function.aggregate_field.as_ref() == Some(&function.field) {
        return Err(format!("both root fields are named \"{}\"", function.field));
    }
    for other in functions.values() {
        let is_mutation = |function: &TrackedFunction| function.exposure == Exposure::Mutation;
        let mut fields = function.root_fields();
        if is_mutation(function) == is_mutation(other)
            && let Some(field) = fields.find(|field| other.root_fields().any(|taken| taken == *field))
        {
            return Err(format!(
                "the root field \"{field}\" is also that of function \"{}\"; give one of them a custom name",
                other.name
            ));
        }
        if function.arguments_type == other.arguments_type {
            return Err(format!(
                "the GraphQL type \"{}\" is also that of function \"{}\"; give one of them a custom name",
                function.arguments_type, other.name
            ));
        }
    }
    Ok(())
}

/// Returns the reason why the types of the arguments cannot be part of the schema.
fn check_scalars(function: &TrackedFunction, names: &NameIndex) -> Result<(), String> {
    let mut arguments = function.client_arguments();
    arguments.try_for_each(|argument| names.check_scalar(&scalar_of(&argument.ty).name))
}
