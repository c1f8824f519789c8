//! `insert`, `update`, `delete`.

use super::select::returning;
use super::{DataCommand, Scope};
use crate::args::{parse, take_row, take_rows};
use crate::condition::{column, column_denied};
use crate::ir::{
    Assignment, BoolExp, ChangedRows, ConflictTarget, Delete, Insert, InsertRow, Mutation, MutationOutput,
    OnConflict, Operator, ResponseField, ResponseValue, Returned, Scalar, Update, check_mixed_values,
};
use crate::json_value::{assigned, scalar};
use crate::schema::table::{Operation, TableSchema};
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, TableName};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct InsertArgs {
    table: TableName,
    /// Empty: the rows are not passed through serde.
    #[serde(rename = "objects")]
    _objects: Vec<Map<String, Value>>,
    #[serde(default)]
    on_conflict: Option<OnConflictArgs>,
    #[serde(default)]
    returning: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct OnConflictArgs {
    action: Action,
    #[serde(default)]
    constraint: Option<String>,
    #[serde(default)]
    constraint_on: Option<Vec<String>>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Action {
    Ignore,
    Update,
}

pub(super) fn insert<'s>(scope: &Scope<'s>, mut args: Value) -> Result<DataCommand<'s>> {
    if args
        .get("on_conflict")
        .is_some_and(|args| args.is_object() && args.get("action").is_none())
    {
        let message = "the key 'action' was not present";
        return Err(Error::new(Code::ParseFailed, message).at("on_conflict"));
    }
    let objects = take_rows(&mut args, "objects");
    let args: InsertArgs = parse(args)?;
    if !scope.tracked(&args.table)?.table.insertable {
        return Err(not_writable(&args.table, "insertable"));
    }
    let schema = scope.table(&args.table, Operation::Insert)?;
    let returned = returned(scope, schema, args.returning.as_deref())?;
    let rows: Vec<InsertRow<'_>> = objects
        .iter()
        .enumerate()
        .map(|(index, object)| row(scope, schema, object).map_err(|e| e.at(index).at("objects").at("args")))
        .collect::<Result<_>>()?;
    check_mixed_values(&rows).map_err(|e| e.at("objects").at("args"))?;
    let on_conflict = args
        .on_conflict
        .map(|args| on_conflict(scope, schema, &objects, args).map_err(|e| e.at("on_conflict").at("args")))
        .transpose()?;
    let insert = Insert {
        table: schema.tracked(),
        rows,
        on_conflict,
        check: schema.insert_check(),
    };
    Ok(finish(Mutation::Insert(Box::new(insert)), returned))
}

/// Returns a row with the presets of the permission.
fn row<'s>(scope: &Scope<'s>, table: &'s TableSchema, object: &Map<String, Value>) -> Result<InsertRow<'s>> {
    let mut row = InsertRow::default();
    for (name, value) in object {
        let column = column(table.tracked(), name)?;
        if table.is_insert_preset(name) {
            // Hasura's wording
            let message = format!(
                "column \"{name}\" is not insertable for role \"{}\"",
                scope.role()
            );
            return Err(Error::new(Code::NotSupported, message));
        }
        if !table.may_insert(column) {
            return Err(column_denied(scope.role(), "insert", name));
        }
        let value = assigned(column, value).map_err(|e| e.at(name.as_str()))?;
        row.values.push((column, value.value));
    }
    row.values.extend(table.insert_presets());
    Ok(row)
}

fn on_conflict<'s>(
    scope: &Scope<'s>,
    schema: &'s TableSchema,
    objects: &[Map<String, Value>],
    args: OnConflictArgs,
) -> Result<OnConflict<'s>> {
    let table = schema.tracked();
    if args.action == Action::Update && !schema.has_update_permission() {
        // Hasura's wording
        let message = format!(
            "upsert is not allowed for role \"{}\" since update permissions are not defined",
            scope.role()
        );
        return Err(Error::new(Code::PermissionDenied, message));
    }
    let target = match (args.constraint, args.constraint_on) {
        (Some(_), Some(_)) => {
            let message = "'constraint' and 'constraint_on' cannot be set at a time";
            return Err(Error::new(Code::UnexpectedPayload, message));
        }
        (Some(name), None) => {
            let keys = table.table.primary_key.iter().chain(&table.table.unique);
            if !keys.into_iter().any(|key| key.name == name) {
                let message = format!(
                    "constraint \"{name}\" for table \"{}\" does not exist",
                    table.table.name
                );
                return Err(Error::new(Code::Unexpected, message)
                    .with_status(400)
                    .at("constraint"));
            }
            Some(ConflictTarget::Constraint(name))
        }
        (None, Some(columns)) => {
            for (index, name) in columns.iter().enumerate() {
                conflict_column(scope, schema, name).map_err(|e| e.at(index).at("constraint_on"))?;
            }
            Some(ConflictTarget::Columns(columns))
        }
        (None, None) if args.action == Action::Update => {
            let message = "Expecting 'constraint' or 'constraint_on' when the 'action' is 'update'";
            return Err(Error::new(Code::UnexpectedPayload, message));
        }
        (None, None) => None,
    };
    let mut update: Vec<&Column> = Vec::new();
    if args.action == Action::Update {
        for name in objects.iter().flat_map(Map::keys) {
            let column = column(table, name)?;
            if update.iter().any(|other| other.name == column.name) {
                continue;
            }
            if !schema.may_update(column) {
                // Hasura's wording
                let message = format!("column \"{name}\" is not updatable");
                return Err(Error::new(Code::ValidationFailed, message));
            }
            update.push(column);
        }
    }
    // Without columns to update, the existing row is unchanged.
    let presets = if update.is_empty() {
        Vec::new()
    } else {
        schema.update_presets()
    };
    let presets = presets.into_iter();
    Ok(OnConflict {
        target,
        update,
        set: presets
            .map(|(column, value)| (column, Scalar::of(column, value)))
            .collect(),
        rows: ChangedRows::updated(schema, BoolExp::ALL),
        check: schema.update_check(),
    })
}

/// Checks a column of `constraint_on`. The role must be able to read it, or the insert gives its value: otherwise the
/// response would reveal which unique indexes columns of other roles have.
fn conflict_column(scope: &Scope<'_>, table: &TableSchema, name: &str) -> Result<()> {
    let column = column(table.tracked(), name)?;
    if table.can_read(column) || table.may_insert(column) || table.is_insert_preset(name) {
        Ok(())
    } else {
        Err(column_denied(scope.role(), "select", name))
    }
}

#[derive(Deserialize)]
struct UpdateArgs {
    table: TableName,
    #[serde(rename = "where")]
    condition: Value,
    #[serde(default, rename = "$set", alias = "_set")]
    set: Map<String, Value>,
    #[serde(default, rename = "$inc", alias = "_inc")]
    inc: Map<String, Value>,
    #[serde(default, rename = "$mul", alias = "_mul")]
    mul: Map<String, Value>,
    #[serde(default, rename = "$default", alias = "_default")]
    default: Vec<String>,
    #[serde(default)]
    returning: Option<Vec<String>>,
}

pub(super) fn update<'s>(scope: &Scope<'s>, mut args: Value) -> Result<DataCommand<'s>> {
    let set = ["$set", "_set"].map(|key| take_row(&mut args, key));
    let mut args: UpdateArgs = parse(args)?;
    args.set.extend(set.into_iter().flatten());
    if !scope.tracked(&args.table)?.table.updatable {
        return Err(not_writable(&args.table, "updatable"));
    }
    let schema = scope.table(&args.table, Operation::Update)?;
    let table = schema.tracked();
    let mut set: Vec<(&Column, Assignment<'_>)> = Vec::new();
    for (key, values) in [("$set", &args.set), ("$inc", &args.inc), ("$mul", &args.mul)] {
        for (name, value) in values {
            updatable(scope, schema, name).map_err(|e| e.at(key).at("args"))?;
            let assignment = column(table, name).and_then(|column| {
                let assignment = match key {
                    "$set" => Assignment::Value(assigned(column, value)?),
                    "$inc" => Assignment::Op(Operator("+"), scalar(column, value)?),
                    _ => Assignment::Op(Operator("*"), scalar(column, value)?),
                };
                assign(&mut set, column, assignment)
            });
            assignment.map_err(|e| e.at(name.as_str()).at(key).at("args"))?;
        }
    }
    for (index, name) in args.default.iter().enumerate() {
        updatable(scope, schema, name).map_err(|e| e.at("$default").at("args"))?;
        column(table, name)
            .and_then(|column| assign(&mut set, column, Assignment::Default))
            .map_err(|e| e.at(index).at("$default").at("args"))?;
    }
    let presets = schema.update_presets().into_iter();
    set.extend(presets.map(|(column, value)| (column, Assignment::Value(Scalar::of(column, value)))));
    if set.is_empty() {
        let message = "atleast one of $set, $inc, $mul has to be present";
        return Err(Error::new(Code::UnexpectedPayload, message).at("args"));
    }
    let update = Update {
        rows: ChangedRows::updated(schema, condition(scope, schema, &args.condition)?),
        set,
        check: schema.update_check().unwrap_or(BoolExp::ALL),
    };
    let returned = returned(scope, schema, args.returning.as_deref())?;
    Ok(finish(Mutation::Update(Box::new(update)), returned))
}

/// Fails if the role may not change a column. Unknown columns are refused elsewhere.
fn updatable(scope: &Scope<'_>, table: &TableSchema, name: &str) -> Result<()> {
    if table.is_update_preset(name) {
        // Hasura's wording
        let message = format!(
            "column \"{name}\" is not updatable for role \"{}\"; its value is predefined in permission",
            scope.role()
        );
        return Err(Error::new(Code::NotSupported, message));
    }
    match table.tracked().table.column(name) {
        Some(column) if !table.may_update(column) => Err(column_denied(scope.role(), "update", name)),
        _ => Ok(()),
    }
}

/// Returns the condition `where`.
fn condition<'s>(scope: &Scope<'s>, table: &'s TableSchema, condition: &Value) -> Result<BoolExp<'s>> {
    let condition = scope.condition(table, Some(condition));
    condition.map_err(|e| e.at("where").at("args"))
}

/// Adds an assignment; Postgres accepts only one for each column.
fn assign<'s>(
    set: &mut Vec<(&'s Column, Assignment<'s>)>,
    column: &'s Column,
    assignment: Assignment<'s>,
) -> Result<()> {
    if set.iter().any(|(other, _)| other.number == column.number) {
        let message = format!("Column found in multiple operators: \"{}\"", column.name);
        return Err(Error::new(Code::UnexpectedPayload, message));
    }
    set.push((column, assignment));
    Ok(())
}

#[derive(Deserialize)]
struct DeleteArgs {
    table: TableName,
    #[serde(rename = "where")]
    condition: Value,
    #[serde(default)]
    returning: Option<Vec<String>>,
}

pub(super) fn delete<'s>(scope: &Scope<'s>, args: Value) -> Result<DataCommand<'s>> {
    let args: DeleteArgs = parse(args)?;
    if !scope.tracked(&args.table)?.table.deletable {
        return Err(not_writable(&args.table, "deletable"));
    }
    let schema = scope.table(&args.table, Operation::Delete)?;
    let delete = Delete {
        rows: ChangedRows::deleted(schema, condition(scope, schema, &args.condition)?),
    };
    let returned = returned(scope, schema, args.returning.as_deref())?;
    Ok(finish(Mutation::Delete(Box::new(delete)), returned))
}

/// Returns what `returning` selects, for which the role needs a select permission.
fn returned<'s>(
    scope: &Scope<'s>,
    table: &'s TableSchema,
    columns: Option<&[String]>,
) -> Result<Option<Returned<'s>>> {
    let Some(columns) = columns else {
        return Ok(None);
    };
    // Hasura's wording
    let hint = "; \"returning\" can only be used if the role has \"select\" permission on the table";
    let table = scope.readable(table.table_name(), hint)?;
    let returned = returning(scope, table, columns).map_err(|e| e.at("returning").at("args"))?;
    Ok(Some(returned))
}

/// Response `{"affected_rows": n[, "returning": […]]}`.
fn finish<'s>(change: Mutation<'s>, returned: Option<Returned<'s>>) -> DataCommand<'s> {
    let mut fields = vec![ResponseField {
        key: "affected_rows".to_owned(),
        value: ResponseValue::AffectedRows,
    }];
    fields.extend(returned.map(|rows| ResponseField {
        key: "returning".to_owned(),
        value: ResponseValue::Returning(rows),
    }));
    DataCommand::Write(change, MutationOutput::Response(fields))
}

fn not_writable(table: &TableName, what: &str) -> Error {
    let message = format!("view \"{table}\" is not {what}");
    Error::new(Code::NotSupported, message).at("args")
}
