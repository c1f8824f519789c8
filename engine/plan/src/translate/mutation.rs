//! INSERT, UPDATE, DELETE with their outputs. Each is one statement, the change in a CTE and its output selected from it,
//! unless the output follows relationships: a statement does not see its own changes in other tables, so then the changed
//! rows are taken out and the output is a second statement, in the same transaction.

use super::predicate::scalar;
use super::select::{ObjectQuery, constant, json_list, json_object, object};
use super::{Translator, is_geo, subquery, table_name};
use crate::ir::{
    Assignment, ConflictTarget, Field, FieldValue, Insert, InsertRow, Mutation, MutationOutput, OnConflict,
    ResponseValue, cast_name,
};
use crate::{DeferredStatement, Step};
use engine_model::catalog::Column;
use engine_model::metadata::tracked::TrackedTable;
use engine_sql::ast::{self, Alias, Cte, CteName, DeferredValue, Expr, Output, Select, Source};
use engine_sql::{print, print_with_slots};
use indexmap::IndexMap;
use serde_json::Value;
use std::borrow::Cow;

/// Up to so many runs of rows with the same columns keep their order; beyond, rows are grouped by their columns.
const MAX_RUNS: usize = 64;

const TARGET: Alias = Alias::Named("_target");
const RECORD: Alias = Alias::Named("_record");

impl Translator {
    /// A mutation's root field.
    pub fn change(&mut self, change: &Mutation<'_>, output: &MutationOutput<'_>) -> Step {
        if let Mutation::Insert(insert) = change {
            if insert.rows.is_empty() {
                return Step::Constant(empty_response(output));
            }
            if insert.rows.iter().any(|row| !row.related.is_empty()) {
                return self.nested_insert(insert, output);
            }
        }
        if let Mutation::Update(update) = change
            && update.set.is_empty()
        {
            return Step::Constant(empty_response(output));
        }
        let ctes = self.ctes(change);
        let names: Vec<CteName> = ctes.iter().map(|cte| cte.name).collect();
        if follows_relationships(output) {
            return Step::TwoPhase {
                change: print(&taken_out(ctes, &names)),
                output: self.deferred(change.table(), output),
            };
        }
        let data = self.output(output, |alias| from_ctes(&names, alias), || count_ctes(&names));
        Step::Single(print(&Select {
            with: ctes,
            columns: vec![Output::As(data, Cow::Borrowed("data"))],
            ..Select::default()
        }))
    }

    /// The output of changes whose rows are handed in.
    pub(super) fn deferred(
        &mut self,
        table: &TrackedTable,
        output: &MutationOutput<'_>,
    ) -> DeferredStatement {
        let rows = |alias| {
            Source::Function(
                Expr::Call("unnest", vec![Expr::RowsSlot(table_name(table))]),
                alias,
            )
        };
        let data = self.output(output, rows, || {
            Expr::DeferredValue(DeferredValue::Affected, Cow::Borrowed("int8"))
        });
        let select = Select {
            columns: vec![Output::As(data, Cow::Borrowed("data"))],
            ..Select::default()
        };
        let (statement, slots) = print_with_slots(&select);
        DeferredStatement { statement, slots }
    }

    fn output<'s>(
        &mut self,
        output: &MutationOutput<'s>,
        rows: impl Fn(Alias) -> Source<'s>,
        affected: impl Fn() -> Expr<'s>,
    ) -> Expr<'s> {
        let shaped = |translator: &mut Self, fields: &[Field<'s>]| {
            let alias = translator.alias();
            let (named, columns) = translator.outputs(fields, alias);
            ObjectQuery {
                select: Select {
                    columns,
                    from: vec![rows(alias)],
                    ..Select::default()
                },
                named,
            }
        };
        match output {
            MutationOutput::Row(fields) => {
                let mut row = json_object(shaped(self, fields));
                row.limit = Some(Expr::Number(1));
                subquery(row)
            }
            MutationOutput::Response(fields) => object(
                fields
                    .iter()
                    .map(|field| {
                        let expr = match &field.value {
                            ResponseValue::AffectedRows => affected(),
                            ResponseValue::Returning(fields) => subquery(json_list(shaped(self, fields))),
                            ResponseValue::Constant(text) => constant(text),
                        };
                        (field.key.clone(), expr)
                    })
                    .collect(),
            ),
        }
    }

    fn ctes<'s>(&mut self, change: &Mutation<'s>) -> Vec<Cte<'s>> {
        let returning = vec![Output::Star(TARGET)];
        match change {
            Mutation::Insert(insert) => self.insert_ctes(insert),
            Mutation::Update(update) => vec![Cte {
                name: CteName(0),
                statement: ast::ModifyingStatement::Update(ast::Update {
                    table: table_name(update.table),
                    alias: TARGET,
                    set: update
                        .set
                        .iter()
                        .map(|(c, value)| (c.name.as_str(), assignment(c, value)))
                        .collect(),
                    predicate: self.predicate(&update.predicate, TARGET, TARGET),
                    returning,
                }),
            }],
            Mutation::Delete(delete) => vec![Cte {
                name: CteName(0),
                statement: ast::ModifyingStatement::Delete(ast::Delete {
                    table: table_name(delete.table),
                    alias: TARGET,
                    predicate: self.predicate(&delete.predicate, TARGET, TARGET),
                    returning,
                }),
            }],
        }
    }

    fn insert_ctes<'s>(&mut self, insert: &Insert<'s>) -> Vec<Cte<'s>> {
        grouped(&insert.rows)
            .into_iter()
            .enumerate()
            .map(|(i, group)| {
                let (columns, rows) = match group.as_slice() {
                    [row, ..] if !row.values.is_empty() => recordset(&group),
                    _ => (Vec::new(), None),
                };
                let statement = ast::ModifyingStatement::Insert(ast::Insert {
                    table: table_name(insert.table),
                    alias: TARGET,
                    columns,
                    rows: rows.map(Box::new),
                    on_conflict: insert.on_conflict.as_ref().map(|c| self.on_conflict(c)),
                    returning: vec![Output::Star(TARGET)],
                });
                Cte {
                    name: CteName(u32::try_from(i).unwrap_or(u32::MAX)),
                    statement,
                }
            })
            .collect()
    }

    pub(super) fn on_conflict<'s>(&mut self, on_conflict: &OnConflict<'s>) -> ast::OnConflict<'s> {
        let copied = on_conflict.update.iter().map(|c| {
            let new = Expr::Column(Alias::Named("excluded"), Cow::Borrowed(c.name.as_str()));
            (c.name.as_str(), new)
        });
        let set = on_conflict
            .set
            .iter()
            .map(|(c, value)| (c.name.as_str(), scalar(value)));
        ast::OnConflict {
            target: on_conflict.target.as_ref().map(|target| match target {
                ConflictTarget::Constraint(name) => ast::ConflictTarget::Constraint(Cow::Owned(name.clone())),
                ConflictTarget::Columns(columns) => {
                    ast::ConflictTarget::Columns(columns.iter().cloned().map(Cow::Owned).collect())
                }
            }),
            set: copied.chain(set).collect(),
            predicate: Some(self.predicate(&on_conflict.predicate, TARGET, TARGET)),
        }
    }
}

/// The rows in runs of the same columns. `DEFAULT VALUES` makes one row only, so rows without columns stand alone.
fn grouped<'r, 's>(rows: &'r [InsertRow<'s>]) -> Vec<Vec<&'r InsertRow<'s>>> {
    let mut runs: Vec<(Vec<i16>, Vec<&InsertRow<'_>>)> = Vec::new();
    for row in rows {
        let mut columns: Vec<i16> = row.values.iter().map(|(c, _)| c.number).collect();
        columns.sort_unstable();
        match runs.last_mut() {
            Some((same, run)) if !columns.is_empty() && *same == columns => run.push(row),
            _ => runs.push((columns, vec![row])),
        }
    }
    if runs.len() <= MAX_RUNS {
        return runs.into_iter().map(|(_, run)| run).collect();
    }
    let mut groups: IndexMap<(Vec<i16>, usize), Vec<&InsertRow<'_>>> = IndexMap::new();
    for (place, (columns, run)) in runs.into_iter().enumerate() {
        let alone = if columns.is_empty() { place } else { 0 };
        groups.entry((columns, alone)).or_default().extend(run);
    }
    groups.into_values().collect()
}

/// Rows of the same columns as one JSON parameter.
pub(super) fn recordset<'s>(rows: &[&InsertRow<'s>]) -> (Vec<&'s str>, Option<Select<'s>>) {
    let columns: Vec<&'s Column> = rows[0].values.iter().map(|(c, _)| *c).collect();
    let json = Expr::Param(Some(rows_json(rows)), Cow::Borrowed("json"));
    let types = columns
        .iter()
        .map(|c| (c.name.as_str(), Cow::Borrowed(record_type(c))))
        .collect();
    let select = Select {
        columns: columns
            .iter()
            .map(|c| Output::As(record_value(c), Cow::Borrowed(c.name.as_str())))
            .collect(),
        from: vec![Source::Recordset(json, RECORD, types)],
        ..Select::default()
    };
    (columns.iter().map(|c| c.name.as_str()).collect(), Some(select))
}

fn rows_json(rows: &[&InsertRow<'_>]) -> String {
    let mut out = String::with_capacity(rows.len() * 64);
    out.push('[');
    for (i, row) in rows.iter().enumerate() {
        out.push_str(if i > 0 { ",{" } else { "{" });
        for (j, (c, value)) in row.values.iter().enumerate() {
            if j > 0 {
                out.push(',');
            }
            push_json(&mut out, &c.name);
            out.push(':');
            push_json(&mut out, value);
        }
        out.push('}');
    }
    out.push(']');
    out
}

fn push_json(out: &mut String, value: &(impl serde::Serialize + ?Sized)) {
    // Writing strings and values with string keys into memory cannot fail.
    out.push_str(&serde_json::to_string(value).unwrap_or_default());
}

/// The type as which a column is read from the JSON. Geometry stays JSON, see [`record_value`].
fn record_type(c: &Column) -> &str {
    if is_geo(c) { "json" } else { cast_name(&c.ty) }
}

/// `PostGIS` reads `GeoJSON` only through a function of its own; its other forms come as strings.
fn record_value(c: &Column) -> Expr<'_> {
    let value = Expr::Column(RECORD, Cow::Borrowed(c.name.as_str()));
    if !is_geo(c) {
        return value;
    }
    let ty = c.ty.sql.as_str();
    let is_object = Expr::binary(
        Expr::Call("json_typeof", vec![value.clone()]),
        "=",
        Expr::Raw("'object'"),
    );
    let geojson = Expr::Call("ST_GeomFromGeoJSON", vec![value.clone().cast("text")]).cast(ty);
    let text = Expr::binary(value, "#>>", Expr::Raw("'{}'")).cast(ty);
    Expr::Case(Box::new(is_object), Box::new(geojson), Box::new(text))
}

fn assignment<'s>(c: &'s Column, value: &Assignment<'s>) -> Expr<'s> {
    let old = || Expr::Column(TARGET, Cow::Borrowed(c.name.as_str()));
    match value {
        Assignment::Value(value) => scalar(value),
        Assignment::Op(op, value) => Expr::binary(old(), op.0, scalar(value)),
        Assignment::Reversed(op, value) => Expr::binary(scalar(value), op.0, old()),
        Assignment::Default => Expr::Raw("DEFAULT"),
    }
}

fn from_ctes<'s>(names: &[CteName], alias: Alias) -> Source<'s> {
    if let [one] = names {
        return Source::Cte(*one, alias);
    }
    let all = names.iter().map(|name| Select {
        columns: vec![Output::Star(TARGET)],
        from: vec![Source::Cte(*name, TARGET)],
        ..Select::default()
    });
    Source::UnionAll(all.collect(), alias)
}

fn count_ctes<'s>(names: &[CteName]) -> Expr<'s> {
    subquery(Select {
        columns: vec![Output::As(Expr::Raw("count(*)"), Cow::Borrowed("n"))],
        from: vec![from_ctes(names, RECORD)],
        ..Select::default()
    })
}

/// The changed rows as one array literal, and how many they are.
fn taken_out<'s>(ctes: Vec<Cte<'s>>, names: &[CteName]) -> Select<'s> {
    let text = Expr::Row(TARGET).cast("text");
    Select {
        with: ctes,
        columns: vec![
            Output::As(Expr::Raw("count(*)").cast("text"), Cow::Borrowed("affected")),
            Output::As(
                Expr::Call(
                    "coalesce",
                    vec![Expr::Call("array_agg", vec![text]), Expr::Raw("'{}'")],
                )
                .cast("text"),
                Cow::Borrowed("rows"),
            ),
        ],
        from: vec![from_ctes(names, TARGET)],
        ..Select::default()
    }
}

/// Whether the output needs rows of other tables.
fn follows_relationships(output: &MutationOutput<'_>) -> bool {
    let related = |fields: &[Field<'_>]| {
        fields.iter().any(|field| {
            matches!(
                field.value,
                FieldValue::Object(..) | FieldValue::Array(..) | FieldValue::Aggregate(..)
            )
        })
    };
    match output {
        MutationOutput::Row(fields) => related(fields),
        MutationOutput::Response(fields) => fields.iter().any(|field| match &field.value {
            ResponseValue::Returning(fields) => related(fields),
            _ => false,
        }),
    }
}

/// The answer of a mutation that changes nothing and needs no statement.
fn empty_response(output: &MutationOutput<'_>) -> String {
    match output {
        MutationOutput::Row(_) => "null".to_owned(),
        MutationOutput::Response(fields) => {
            let pairs = fields.iter().map(|field| {
                let value = match &field.value {
                    ResponseValue::AffectedRows => Value::from(0),
                    ResponseValue::Returning(_) => Value::Array(Vec::new()),
                    ResponseValue::Constant(text) => Value::from(text.as_ref()),
                };
                (field.key.clone(), value)
            });
            Value::Object(pairs.collect()).to_string()
        }
    }
}
