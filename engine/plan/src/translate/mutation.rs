//! INSERT, UPDATE, DELETE with their outputs. Each is one statement, the change in a CTE and its output selected from it,
//! unless the output follows relationships: a statement does not see its own changes in other tables, so then the first
//! statement returns the changed rows and the output is a second statement, in the same transaction.

use super::insert_rows::insert_rows;
use super::predicate::{Row, conjunction, scalar};
use super::select::{ObjectQuery, constant, json_list, json_object, object};
use super::{Translator, operation, subquery, table_name};
use crate::ir::{
    self, Assignment, ChangedRows, ConflictTarget, Field, FieldValue, Mutation, MutationOutput, OnConflict,
    ResponseValue, Returned,
};
use crate::plan::Step;
use engine_model::catalog::Column;
use engine_model::metadata::tracked::TrackedTable;
use engine_sql::DeferredValue;
use engine_sql::ast::{self, Alias, Cte, CteName, Expr, Output, Select, Source};
use serde_json::Value;
use std::borrow::Cow;

/// CTE of the changed rows.
const CHANGED: CteName = CteName(0);
pub(super) const TARGET: Alias = Alias::Named("_target");
/// Output for the result of a permission's check, beside the columns of the table.
pub(super) const CHECK: Cow<'static, str> = Cow::Borrowed("check__constraint");
const RECORD: Alias = Alias::Named("_record");

impl Translator {
    /// Translates a root field of a mutation.
    pub fn change<'s>(&mut self, change: &Mutation<'s>, output: &MutationOutput<'s>) -> Step<Select<'s>> {
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
        let check = self.check(change);
        let checked = check.is_some();
        let cte = self.cte(change, check);
        if follows_relationships(output) {
            return Step::TwoPhase {
                change: self.limited_rows(taken_out(cte, change.table(), checked)),
                checked,
                output: self.deferred(change.table(), output),
            };
        }
        let data = self.output(output, |alias| Source::Cte(CHANGED, alias), count_changed);
        let mut select = Select {
            with: vec![cte],
            columns: vec![Output::As(data, Cow::Borrowed("data"))],
            ..Select::default()
        };
        if !checked {
            return Step::Single(self.limited(select));
        }
        let passed = subquery(Select {
            columns: vec![Output::As(all_passed(RECORD), CHECK)],
            from: vec![Source::Cte(CHANGED, RECORD)],
            ..Select::default()
        });
        select.columns.push(Output::As(passed, CHECK));
        Step::Checked(self.limited(select))
    }

    /// Returns the check of a changed row by the role's permission; `None` if every row passes.
    fn check<'s>(&mut self, change: &Mutation<'s>) -> Option<Expr<'s>> {
        match change {
            Mutation::Insert(insert) => self.insert_check(insert),
            Mutation::Update(update) if !update.check.is_all() => {
                Some(self.predicate(&update.check, TARGET, TARGET))
            }
            Mutation::Update(_) | Mutation::Delete(_) => None,
        }
    }

    /// Returns the check of an inserted row. A row that existed passes the check of the update permission instead, if that
    /// has one.
    pub(super) fn insert_check<'s>(&mut self, insert: &ir::Insert<'s>) -> Option<Expr<'s>> {
        let on_update = insert.on_conflict.as_ref().and_then(|conflict| {
            // Without columns to update, no existing row is returned.
            let updates = !conflict.update.is_empty() || !conflict.set.is_empty();
            conflict.check.as_ref().filter(|_| updates)
        });
        let updated = on_update.map(|check| self.predicate(check, TARGET, TARGET));
        let inserted = self.predicate(&insert.check, TARGET, TARGET);
        match updated {
            Some(updated) => {
                let xmax = Expr::Column(TARGET, Cow::Borrowed("xmax"));
                let is_new = Expr::binary(xmax, "=", Expr::Number(0));
                Some(Expr::Case(
                    Box::new(is_new),
                    Box::new(inserted),
                    Box::new(updated),
                ))
            }
            None => (!insert.check.is_all()).then_some(inserted),
        }
    }

    /// Returns the output of changes whose rows are parameters.
    pub(super) fn deferred<'s>(
        &mut self,
        table: &'s TrackedTable,
        output: &MutationOutput<'s>,
    ) -> Select<'s> {
        let rows = |alias| {
            Source::Function(
                Expr::Call("unnest", vec![Expr::DeferredRows(table_name(table))]),
                alias,
            )
        };
        let data = self.output(output, rows, || Expr::deferred(DeferredValue::Affected, "int8"));
        self.limited(Select {
            columns: vec![Output::As(data, Cow::Borrowed("data"))],
            ..Select::default()
        })
    }

    fn output<'s>(
        &mut self,
        output: &MutationOutput<'s>,
        rows: impl Fn(Alias) -> Source<'s>,
        affected: impl Fn() -> Expr<'s>,
    ) -> Expr<'s> {
        let shaped = |translator: &mut Self, changed: &Returned<'s>| {
            let alias = translator.alias();
            let (named, columns) = translator.outputs(changed.fields(), alias);
            let source = if changed.redacted().is_empty() {
                rows(alias)
            } else {
                let stored = translator.alias();
                let table = changed.table();
                let select = translator.redacted(table, changed.redacted(), rows(stored), stored);
                Source::Select(Box::new(select), alias)
            };
            ObjectQuery {
                select: Select {
                    columns,
                    from: vec![source],
                    ..Select::default()
                },
                named,
            }
        };
        match output {
            MutationOutput::Row(changed) => {
                let mut row = json_object(shaped(self, changed));
                row.limit = Some(Expr::Number(1));
                subquery(row)
            }
            MutationOutput::Response(fields) => object(
                fields
                    .iter()
                    .map(|field| {
                        let expr = match &field.value {
                            ResponseValue::AffectedRows => affected(),
                            ResponseValue::Returning(changed) => subquery(json_list(shaped(self, changed))),
                            ResponseValue::Constant(text) => constant(text),
                        };
                        (field.key.clone(), expr)
                    })
                    .collect(),
            ),
        }
    }

    fn cte<'s>(&mut self, change: &Mutation<'s>, check: Option<Expr<'s>>) -> Cte<'s> {
        let mut returning = vec![Output::Star(TARGET)];
        returning.extend(check.map(checked));
        let statement = match change {
            Mutation::Insert(insert) => {
                let (columns, rows) = insert_rows(&insert.rows);
                ast::ModifyingStatement::Insert(ast::Insert {
                    table: table_name(insert.table),
                    alias: TARGET,
                    columns,
                    rows,
                    on_conflict: insert.on_conflict.as_ref().map(|c| self.on_conflict(c)),
                    returning,
                })
            }
            Mutation::Update(update) => ast::ModifyingStatement::Update(ast::Update {
                table: table_name(update.rows.table()),
                alias: TARGET,
                set: update
                    .set
                    .iter()
                    .map(|(c, value)| (c.name.as_str(), assignment(c, value)))
                    .collect(),
                predicate: self.changed_rows(&update.rows),
                returning,
            }),
            Mutation::Delete(delete) => ast::ModifyingStatement::Delete(ast::Delete {
                table: table_name(delete.rows.table()),
                alias: TARGET,
                predicate: self.changed_rows(&delete.rows),
                returning,
            }),
        };
        Cte {
            name: CHANGED,
            statement,
        }
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
            predicate: Some(self.changed_rows(&on_conflict.rows)),
        }
    }

    /// Returns the condition of the rows that a statement changes. A subquery that redacts the columns, as that of a query,
    /// would not be the row to change, so each use of a column is redacted.
    fn changed_rows<'s>(&mut self, rows: &ChangedRows<'s>) -> Expr<'s> {
        let mut conditions = Vec::new();
        if !rows.permission().is_all() {
            conditions.push(self.predicate(rows.permission(), TARGET, TARGET));
        }
        let row = Row::redacted(TARGET, rows.redacted());
        conditions.extend(self.client_conditions(rows.permission(), rows.predicate(), row, row));
        conjunction(conditions)
    }
}

fn assignment<'s>(c: &'s Column, value: &Assignment<'s>) -> Expr<'s> {
    let old = || Expr::Column(TARGET, Cow::Borrowed(c.name.as_str()));
    match value {
        Assignment::Value(value) => scalar(value),
        Assignment::Op(op, value) => operation(Some(&c.ty), old(), op.0, scalar(value)),
        Assignment::Reversed(op, value) => operation(Some(&c.ty), scalar(value), op.0, old()),
        Assignment::Default => Expr::Raw("DEFAULT"),
    }
}

fn count_changed<'s>() -> Expr<'s> {
    subquery(Select {
        columns: vec![Output::As(Expr::Raw("count(*)"), Cow::Borrowed("n"))],
        from: vec![Source::Cte(CHANGED, RECORD)],
        ..Select::default()
    })
}

/// Returns the result of a check as an output of the changed row. NULL is a failure.
pub(super) fn checked(check: Expr<'_>) -> Output<'_> {
    Output::As(Expr::Call("coalesce", vec![check, Expr::Raw("false")]), CHECK)
}

/// Returns whether all rows passed their checks, as text.
fn all_passed<'s>(alias: Alias) -> Expr<'s> {
    let passed = Expr::Call("bool_and", vec![Expr::Column(alias, CHECK)]);
    passed.or("true").cast("text")
}

/// Returns a changed row as text. If the result of a check is an output too, the columns of the table are listed.
pub(super) fn row_text(table: &TrackedTable, checked: bool) -> Expr<'_> {
    let row = if checked {
        let columns = table.table.columns.iter();
        Expr::Call(
            "ROW",
            columns
                .map(|c| Expr::Column(TARGET, Cow::Borrowed(c.name.as_str())))
                .collect(),
        )
    } else {
        Expr::Row(TARGET)
    };
    row.cast("text")
}

/// Returns the number of changed rows, the rows as one array literal and, if they are checked, whether all passed.
fn taken_out<'s>(cte: Cte<'s>, table: &'s TrackedTable, checked: bool) -> Select<'s> {
    let text = row_text(table, checked);
    let mut select = Select {
        with: vec![cte],
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
        from: vec![Source::Cte(CHANGED, TARGET)],
        ..Select::default()
    };
    if checked {
        select.columns.push(Output::As(all_passed(TARGET), CHECK));
    }
    select
}

/// Whether the output needs rows of other tables, which functions may read too.
fn follows_relationships(output: &MutationOutput<'_>) -> bool {
    let related = |fields: &[Field<'_>]| {
        fields.iter().any(|field| {
            matches!(
                field.value,
                FieldValue::Object(..)
                    | FieldValue::Array(..)
                    | FieldValue::Aggregate(..)
                    | FieldValue::Computed(..)
                    | FieldValue::ComputedRows(_)
            )
        })
    };
    match output {
        MutationOutput::Row(changed) => related(changed.fields()),
        MutationOutput::Response(fields) => fields.iter().any(|field| match &field.value {
            ResponseValue::Returning(changed) => related(changed.fields()),
            _ => false,
        }),
    }
}

/// Returns the response of a mutation that changes nothing and needs no statement.
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
