//! Inserts through relationships. A row's key may only be known once it is inserted, so each row that has related rows is
//! a separate statement: first the rows its own key comes from (object relationships), then the row, then the rows
//! that take its key. Rows without related rows are inserted together, as in a plain insert.

use super::insert_rows::{has_same_columns, recordset};
use super::mutation::{CHECK, TARGET, checked, row_text};
use super::{Translator, table_name};
use crate::ir::{Insert, InsertRow, MutationOutput, RelatedInsert, cast_name};
use crate::plan::{InsertStep, Step};
use engine_error::Segment;
use engine_model::catalog::Column;
use engine_model::metadata::tracked::{Relationship, RelationshipKind};
use engine_sql::DeferredValue;
use engine_sql::ast::{self, Cte, CteName, Expr, Output, Select, Source};
use std::borrow::Cow;

/// Column whose value comes from another step.
struct ForwardedColumn<'s> {
    column: &'s str,
    ty: Cow<'s, str>,
    slot: DeferredValue,
}

impl Translator {
    pub(super) fn nested_insert<'s>(
        &mut self,
        insert: &Insert<'s>,
        output: &MutationOutput<'s>,
    ) -> Step<Select<'s>> {
        let steps = insert
            .rows
            .iter()
            .enumerate()
            .map(|(i, row)| self.insert_step(insert, &[row], &[], &[], vec![Segment::Index(i)]))
            .collect();
        Step::Nested {
            steps,
            output: self.deferred(insert.table, output),
        }
    }

    /// Returns the step of one row with its related rows, or of several rows without related rows.
    fn insert_step<'s>(
        &mut self,
        insert: &Insert<'s>,
        rows: &[&InsertRow<'s>],
        from_parent: &[(String, usize)],
        wanted: &[String],
        path: Vec<Segment>,
    ) -> InsertStep<Select<'s>> {
        let related = rows.first().map_or(&[][..], |row| row.related.as_slice());
        let (before, after): (Vec<_>, Vec<_>) = related.iter().partition(|r| {
            r.relationship.kind == RelationshipKind::Object && r.relationship.insert_before_parent
        });

        let mut threaded: Vec<ForwardedColumn<'s>> = Vec::new();
        for (here, output) in from_parent {
            if let Some(c) = insert.table.table.column(here) {
                threaded.push(thread(c, DeferredValue::Parent(*output)));
            }
        }
        let mut before_steps = Vec::new();
        for RelatedInsert {
            relationship,
            insert: related,
        } in before
        {
            let wanted: Vec<String> = relationship
                .mapping
                .iter()
                .map(|(_, there)| there.clone())
                .collect();
            for (output, (here, _)) in relationship.mapping.iter().enumerate() {
                if let Some(c) = insert.table.table.column(here) {
                    threaded.push(thread(c, DeferredValue::Before(before_steps.len(), output)));
                }
            }
            let rows: Vec<_> = related.rows.iter().take(1).collect();
            before_steps.push(self.insert_step(related, &rows, &[], &wanted, related_path(relationship)));
        }

        // Columns of this row that the rows after it and the row around it need.
        let mut outputs: Vec<String> = wanted.to_vec();
        let mut after_steps = Vec::new();
        for RelatedInsert {
            relationship,
            insert: related,
        } in after
        {
            let from_parent: Vec<(String, usize)> = relationship
                .mapping
                .iter()
                .map(|(here, there)| {
                    let place = outputs.iter().position(|c| c == here).unwrap_or_else(|| {
                        outputs.push(here.clone());
                        outputs.len() - 1
                    });
                    (there.clone(), place)
                })
                .collect();
            after_steps.extend(self.related_steps(relationship, related, &from_parent));
        }

        let check = self.insert_check(insert);
        InsertStep {
            table: insert.table.table.name.to_string(),
            path,
            checked: check.is_some(),
            statement: self.row_insert(insert, rows, &threaded, &outputs, check),
            outputs: outputs.len(),
            before: before_steps,
            after: after_steps,
        }
    }

    fn related_steps<'s>(
        &mut self,
        relationship: &'s Relationship,
        insert: &Insert<'s>,
        from_parent: &[(String, usize)],
    ) -> Vec<InsertStep<Select<'s>>> {
        let mut steps = Vec::new();
        let mut plain: Vec<&InsertRow<'s>> = Vec::new();
        for (i, row) in insert.rows.iter().enumerate() {
            let same_columns = plain.first().is_none_or(|first| has_same_columns(first, row));
            if (!row.related.is_empty() || !same_columns || row.values.is_empty()) && !plain.is_empty() {
                steps.push(self.insert_step(insert, &plain, from_parent, &[], related_path(relationship)));
                plain.clear();
            }
            if row.related.is_empty() && !row.values.is_empty() {
                plain.push(row);
            } else {
                let mut path = related_path(relationship);
                if relationship.kind == RelationshipKind::Array {
                    path.push(Segment::Index(i));
                }
                steps.push(self.insert_step(insert, &[row], from_parent, &[], path));
            }
        }
        if !plain.is_empty() {
            steps.push(self.insert_step(insert, &plain, from_parent, &[], related_path(relationship)));
        }
        steps
    }

    /// Returns the INSERT. Its output is, for each row, the row as text, the columns that other steps need, and the result
    /// of the check.
    fn row_insert<'s>(
        &mut self,
        insert: &Insert<'s>,
        rows: &[&InsertRow<'s>],
        threaded: &[ForwardedColumn<'s>],
        outputs: &[String],
        check: Option<Expr<'s>>,
    ) -> Select<'s> {
        let (mut columns, mut source) = match rows {
            [row, ..] if !row.values.is_empty() => {
                let (columns, select) = recordset(rows);
                (columns, Some(select))
            }
            _ => (Vec::new(), None),
        };
        for ForwardedColumn { column, ty, slot } in threaded {
            columns.push(column);
            source.get_or_insert_default().columns.push(Output::As(
                Expr::deferred(*slot, ty.clone()),
                Cow::Borrowed(column),
            ));
        }
        let text = |expr: Expr<'s>| expr.cast("text");
        let row = row_text(insert.table, check.is_some());
        let mut selected = vec![Output::As(row, Cow::Borrowed("_row"))];
        selected.extend(outputs.iter().enumerate().map(|(i, c)| {
            Output::As(
                text(Expr::Column(TARGET, Cow::Owned(c.clone()))),
                Cow::Owned(format!("_c{i}")),
            )
        }));
        let mut returning = vec![Output::Star(TARGET)];
        if let Some(check) = check {
            returning.push(checked(check));
            selected.push(Output::As(text(Expr::Column(TARGET, CHECK)), CHECK));
        }
        Select {
            with: vec![Cte {
                name: CteName(0),
                statement: ast::ModifyingStatement::Insert(ast::Insert {
                    table: table_name(insert.table),
                    alias: TARGET,
                    columns,
                    rows: match source {
                        Some(source) => ast::InsertRows::Select(Box::new(source)),
                        None => ast::InsertRows::Defaults,
                    },
                    on_conflict: insert.on_conflict.as_ref().map(|c| self.on_conflict(c)),
                    returning,
                }),
            }],
            columns: selected,
            from: vec![Source::Cte(CteName(0), TARGET)],
            ..Select::default()
        }
    }
}

fn thread(column: &Column, slot: DeferredValue) -> ForwardedColumn<'_> {
    ForwardedColumn {
        column: &column.name,
        ty: Cow::Borrowed(cast_name(&column.ty)),
        slot,
    }
}

fn related_path(relationship: &Relationship) -> Vec<Segment> {
    vec![Segment::from(relationship.name.as_str()), Segment::from("data")]
}
