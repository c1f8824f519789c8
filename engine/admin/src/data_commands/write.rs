//! `insert`, `update`, `delete`.

use super::select::returning;
use super::value::{assigned, scalar};
use super::{Scope, column, condition};
use crate::args::{parse, take_row, take_rows};
use engine_error::{Code, Error, Result};
use engine_model::catalog::{Column, TableName};
use engine_model::metadata::tracked::TrackedTable;
use engine_plan::Step;
use engine_plan::ir::{
    Assignment, BoolExp, ConflictTarget, Delete, Insert, InsertRow, Mutation, MutationOutput, OnConflict,
    Operator, ResponseField, ResponseValue, Update, check_mixed_values,
};
use engine_plan::schema::table::TableSchema;
use engine_sql::print;
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

pub(super) fn insert(scope: &Scope<'_>, mut args: Value) -> Result<Step> {
    if args
        .get("on_conflict")
        .is_some_and(|args| args.is_object() && args.get("action").is_none())
    {
        let message = "the key 'action' was not present";
        return Err(Error::new(Code::ParseFailed, message).at("on_conflict"));
    }
    let objects = take_rows(&mut args, "objects");
    let args: InsertArgs = parse(args)?;
    let schema = scope.table(&args.table, "insert")?;
    let table = schema.tracked();
    if !table.table.insertable {
        return Err(not_writable(&args.table, "insertable"));
    }
    let rows: Vec<InsertRow<'_>> = objects
        .iter()
        .enumerate()
        .map(|(index, object)| row(table, object).map_err(|e| e.at(index).at("objects").at("args")))
        .collect::<Result<_>>()?;
    check_mixed_values(&rows).map_err(|e| e.at("objects").at("args"))?;
    let on_conflict = args
        .on_conflict
        .map(|args| on_conflict(table, &rows, args).map_err(|e| e.at("on_conflict").at("args")))
        .transpose()?;
    finish(
        scope,
        schema,
        &Mutation::Insert(Insert {
            table,
            rows,
            on_conflict,
        }),
        args.returning.as_deref(),
    )
}

fn row<'s>(table: &'s TrackedTable, object: &Map<String, Value>) -> Result<InsertRow<'s>> {
    let mut row = InsertRow::default();
    for (name, value) in object {
        let column = column(table, name)?;
        row.values.push((
            column,
            assigned(column, value).map_err(|e| e.at(name.as_str()))?.value,
        ));
    }
    Ok(row)
}

fn on_conflict<'s>(
    table: &'s TrackedTable,
    rows: &[InsertRow<'s>],
    args: OnConflictArgs,
) -> Result<OnConflict<'s>> {
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
                column(table, name).map_err(|e| e.at(index).at("constraint_on"))?;
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
        for (column, _) in rows.iter().flat_map(|row| &row.values) {
            if !update.iter().any(|other| other.name == column.name) {
                update.push(column);
            }
        }
    }
    Ok(OnConflict {
        target,
        update,
        set: Vec::new(),
        predicate: BoolExp::ALL,
    })
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

pub(super) fn update(scope: &Scope<'_>, mut args: Value) -> Result<Step> {
    let set = ["$set", "_set"].map(|key| take_row(&mut args, key));
    let mut args: UpdateArgs = parse(args)?;
    args.set.extend(set.into_iter().flatten());
    let schema = scope.table(&args.table, "update")?;
    let table = schema.tracked();
    if !table.table.updatable {
        return Err(not_writable(&args.table, "updatable"));
    }
    let mut set: Vec<(&Column, Assignment<'_>)> = Vec::new();
    for (key, values) in [("$set", &args.set), ("$inc", &args.inc), ("$mul", &args.mul)] {
        for (name, value) in values {
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
        column(table, name)
            .and_then(|column| assign(&mut set, column, Assignment::Default))
            .map_err(|e| e.at(index).at("$default").at("args"))?;
    }
    if set.is_empty() {
        let message = "atleast one of $set, $inc, $mul has to be present";
        return Err(Error::new(Code::UnexpectedPayload, message).at("args"));
    }
    let predicate =
        condition::plan(scope, schema, Some(&args.condition)).map_err(|e| e.at("where").at("args"))?;
    finish(
        scope,
        schema,
        &Mutation::Update(Update {
            table,
            predicate,
            set,
        }),
        args.returning.as_deref(),
    )
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

pub(super) fn delete(scope: &Scope<'_>, args: Value) -> Result<Step> {
    let args: DeleteArgs = parse(args)?;
    let schema = scope.table(&args.table, "delete")?;
    let table = schema.tracked();
    if !table.table.deletable {
        return Err(not_writable(&args.table, "deletable"));
    }
    let predicate =
        condition::plan(scope, schema, Some(&args.condition)).map_err(|e| e.at("where").at("args"))?;
    finish(
        scope,
        schema,
        &Mutation::Delete(Delete { table, predicate }),
        args.returning.as_deref(),
    )
}

/// Response `{"affected_rows": n[, "returning": […]]}`.
fn finish(
    scope: &Scope<'_>,
    schema: &TableSchema,
    change: &Mutation<'_>,
    columns: Option<&[String]>,
) -> Result<Step> {
    let mut fields = vec![ResponseField {
        key: "affected_rows".to_owned(),
        value: ResponseValue::AffectedRows,
    }];
    if let Some(columns) = columns {
        let rows = returning(schema, columns).map_err(|e| e.at("returning").at("args"))?;
        fields.push(ResponseField {
            key: "returning".to_owned(),
            value: ResponseValue::Returning(rows),
        });
    }
    let step = scope
        .translator()
        .change(change, &MutationOutput::Response(fields));
    Ok(step.map(print))
}

fn not_writable(table: &TableName, what: &str) -> Error {
    let message = format!("view \"{table}\" is not {what}");
    Error::new(Code::NotSupported, message).at("args")
}
