//! Conditions and orders.

use super::evaluation_order::can_fail;
use super::select::count;
use super::{
    Translator, aggregate_call, column, geo_call, join_to, operation, operator, source, subquery, table_name,
};
use crate::ir::{
    Aggregation, BoolExp, CallArgument, Comparison, FunctionCall, Operand, OrderBy, OrderTarget, Redaction,
    Scalar, ScalarList, ScalarValue, Select as Rows, is_geo_type,
};
use engine_model::catalog::PgType;
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use engine_sql::ast::{Alias, Expr, OrderBy as SqlOrderBy, Output, Select, Source, Table};
use std::borrow::Cow;

/// Row whose columns an expression reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'r, 's> {
    alias: Alias,
    /// Columns that are read as NULL unless they are visible. Empty if the source of the row redacts them itself.
    redacted: &'r [Redaction<'s>],
}

impl<'r, 's> Row<'r, 's> {
    pub(super) fn redacted(alias: Alias, redacted: &'r [Redaction<'s>]) -> Self {
        Self { alias, redacted }
    }

    pub(super) fn alias(self) -> Alias {
        self.alias
    }
}

impl From<Alias> for Row<'_, '_> {
    fn from(alias: Alias) -> Self {
        Self { alias, redacted: &[] }
    }
}

impl Translator {
    /// Translates a condition on the row `alias`; `root` is the row of the outermost condition.
    pub(super) fn predicate<'s>(&mut self, predicate: &BoolExp<'s>, alias: Alias, root: Alias) -> Expr<'s> {
        self.condition(predicate, alias.into(), root.into())
    }

    /// Translates a condition on rows that may be redacted.
    pub(super) fn condition<'s>(
        &mut self,
        condition: &BoolExp<'s>,
        row: Row<'_, 's>,
        root: Row<'_, 's>,
    ) -> Expr<'s> {
        match condition {
            BoolExp::And(parts) => {
                Expr::And(parts.iter().map(|part| self.condition(part, row, root)).collect())
            }
            BoolExp::Or(parts) => {
                Expr::Or(parts.iter().map(|part| self.condition(part, row, root)).collect())
            }
            BoolExp::Not(inner) => Expr::Not(Box::new(self.condition(inner, row, root))),
            BoolExp::Compare {
                column: c,
                cast,
                with,
            } => {
                let left = self.read(&c.name, row);
                let (left, ty) = match cast {
                    Some(ty) => (left.cast(ty.clone()), None),
                    None => (left, Some(&c.ty)),
                };
                self.compare(left, ty, with, row, root)
            }
            BoolExp::CompareComputed { value, cast, with } => {
                let left = function_call(&value.call, Some(row.alias));
                let (left, ty) = match cast {
                    Some(ty) => (left.cast(ty.clone()), None),
                    None => (left, Some(value.ty)),
                };
                self.compare(left, ty, with, row, root)
            }
            BoolExp::ComputedRows(rows) => {
                let to = self.alias();
                self.exists_row(rows, to, root, Some(row.alias), None)
            }
            BoolExp::Related(relationship, rows) => {
                let to = self.alias();
                let join = self.join_row(relationship, row, to);
                self.exists_row(rows, to, root, None, Some(join))
            }
            BoolExp::RelatedUnfiltered(relationship, rows) => {
                let to = self.alias();
                let inner = self.condition(rows.condition(), to.into(), root);
                let predicate = Expr::And(vec![self.join_row(relationship, row, to), inner]);
                exists(Source::Table(table_name(rows.table()), to), predicate)
            }
            BoolExp::ComputedRowsUnfiltered(call, rows) => {
                let to = self.alias();
                let inner = self.condition(rows.condition(), to.into(), root);
                exists(Source::Function(function_call(call, Some(row.alias)), to), inner)
            }
            BoolExp::ExistsUnfiltered(rows) => {
                let to = self.alias();
                let inner = self.condition(rows.condition(), to.into(), root);
                exists(Source::Table(table_name(rows.table()), to), inner)
            }
            BoolExp::Aggregated(aggregate) => {
                let to = self.alias();
                let value = match &aggregate.value {
                    Aggregation::Count { columns, distinct } => {
                        count(columns.iter().map(|c| column(to, c)).collect(), *distinct)
                    }
                    Aggregation::Function {
                        function,
                        columns,
                        distinct,
                    } => {
                        let args = columns.iter().map(|c| column(to, c)).collect();
                        if *distinct {
                            Expr::CallDistinct(function.0, args)
                        } else {
                            Expr::Call(function.0, args)
                        }
                    }
                };
                let compared = aggregate
                    .with
                    .iter()
                    .map(|with| self.compare(value.clone(), None, with, row, root))
                    .collect();
                let (relationship, rows) = (aggregate.relationship, &aggregate.rows);
                // bool_and of no rows is NULL; coalesce to false, so that `_not` makes it true.
                subquery(self.related(Some(relationship), rows, row, to, Expr::And(compared))).or("false")
            }
            BoolExp::Exists(rows) => {
                let to = self.alias();
                self.exists_row(rows, to, root, None, None)
            }
        }
    }

    /// Returns the value of a column as the role sees it.
    fn read<'s>(&mut self, name: &'s str, row: Row<'_, 's>) -> Expr<'s> {
        let value = Expr::Column(row.alias, Cow::Borrowed(name));
        match row
            .redacted
            .iter()
            .find(|redaction| redaction.column.name == name)
        {
            Some(redaction) => Expr::Case(
                Box::new(self.predicate(&redaction.visible, row.alias, row.alias)),
                Box::new(value),
                Box::new(Expr::Raw("NULL")),
            ),
            None => value,
        }
    }

    /// Returns the condition that the row `to` is related to the row `from`, as far as the role sees its columns.
    fn join_row<'s>(&mut self, relationship: &'s Relationship, from: Row<'_, 's>, to: Alias) -> Expr<'s> {
        join_to(relationship, to, |here| self.read(here, from))
    }

    /// Returns the comparison of a value of type `ty`.
    fn compare<'s>(
        &mut self,
        left: Expr<'s>,
        ty: Option<&'s PgType>,
        with: &Comparison<'s>,
        row: Row<'_, 's>,
        root: Row<'_, 's>,
    ) -> Expr<'s> {
        match with {
            Comparison::Op(op, operand) => {
                let right = match operand {
                    Operand::Value(value) => scalar(value),
                    Operand::Column(c) => self.read(&c.name, row),
                    Operand::RootColumn(c) => self.read(&c.name, root),
                };
                operation(ty, left, op.0, right)
            }
            Comparison::In(values) => one_of(left, ty, values, false),
            Comparison::NotIn(values) => one_of(left, ty, values, true),
            Comparison::Spatial(function, value, distance) => {
                let mut args = vec![left, scalar(value)];
                args.extend(distance.as_ref().map(scalar));
                geo_call(&value.ty, function, args)
            }
            Comparison::IsNull(true) => Expr::IsNull(Box::new(left)),
            Comparison::IsNull(false) => Expr::Not(Box::new(Expr::IsNull(Box::new(left)))),
        }
    }

    /// Translates an item of ORDER BY for the row `alias`.
    pub(super) fn order_by<'s>(&mut self, order: &OrderBy<'s>, alias: Alias) -> SqlOrderBy<'s> {
        SqlOrderBy {
            expr: self.order_target(&order.target, alias),
            descending: order.descending,
            nulls_first: order.nulls_first,
        }
    }

    fn order_target<'s>(&mut self, target: &OrderTarget<'s>, alias: Alias) -> Expr<'s> {
        match target {
            OrderTarget::Column(c) => column(alias, c),
            OrderTarget::Computed(value) => function_call(&value.call, Some(alias)),
            OrderTarget::Object(relationship, row, inner) => {
                let to = self.alias();
                let expr = self.order_target(inner, to);
                let mut select = self.related(Some(relationship), row, alias.into(), to, expr);
                select.limit = Some(Expr::Number(1));
                subquery(select)
            }
            OrderTarget::Count(relationship, rows) => {
                let to = self.alias();
                let count = Expr::Raw("count(*)");
                subquery(self.related(*relationship, rows, alias.into(), to, count))
            }
            OrderTarget::Function(relationship, rows, function, c) => {
                let to = self.alias();
                let expr = aggregate_call(*function, &c.ty, column(to, c));
                subquery(self.related(*relationship, rows, alias.into(), to, expr))
            }
        }
    }

    /// Returns a query of `expr` over the related `rows`, of which only the condition is used. Without a relationship, a function
    /// computes them from the row `from`.
    fn related<'s>(
        &mut self,
        relationship: Option<&'s Relationship>,
        rows: &Rows<'s>,
        from: Row<'_, 's>,
        to: Alias,
        expr: Expr<'s>,
    ) -> Select<'s> {
        let join = relationship.map(|relationship| self.join_row(relationship, from, to));
        let mut predicate: Vec<Expr<'s>> = join.into_iter().collect();
        let computing = relationship.is_none().then_some(from.alias);
        let source = self.visible_rows(rows, to, computing, &mut predicate);
        predicate.extend(self.client_rows(rows, to.into(), to.into()));
        Select {
            columns: vec![Output::As(expr, Cow::Borrowed("o"))],
            from: vec![source],
            predicate: Some(conjunction(predicate)),
            ..Select::default()
        }
    }

    /// Returns the condition that one of the rows exists; `join` relates it to another row. `from` is the row from which a function
    /// computes them.
    fn exists_row<'s>(
        &mut self,
        rows: &Rows<'s>,
        to: Alias,
        root: Row<'_, 's>,
        from: Option<Alias>,
        join: Option<Expr<'s>>,
    ) -> Expr<'s> {
        let mut predicate: Vec<Expr<'s>> = join.into_iter().collect();
        let source = self.visible_rows(rows, to, from, &mut predicate);
        predicate.extend(self.client_rows(rows, to.into(), root));
        exists(source, conjunction(predicate))
    }

    /// Returns the conditions of a client on the source that [`Self::visible_rows`] returns.
    pub(super) fn client_rows<'s>(
        &mut self,
        rows: &Rows<'s>,
        row: Row<'_, 's>,
        root: Row<'_, 's>,
    ) -> Vec<Expr<'s>> {
        let permission = if rows.redacted().is_empty() {
            rows.permission()
        } else {
            &BoolExp::ALL
        };
        self.client_conditions(permission, rows.predicate(), row, root)
    }

    /// Returns the rows that the role may read as a source, and adds the condition on them to `predicate`. If columns are
    /// redacted, the source contains the condition, which is on the columns as they are stored. `from` is the row from which a function
    /// computes the rows.
    pub(super) fn visible_rows<'s>(
        &mut self,
        rows: &Rows<'s>,
        alias: Alias,
        from: Option<Alias>,
        predicate: &mut Vec<Expr<'s>>,
    ) -> Source<'s> {
        let table = |alias| source_of(rows, alias, from);
        if let Some(call) = rows.call()
            && !call.returns_set
        {
            // Without a result, Postgres returns a row of nulls.
            let is_null = Expr::IsNull(Box::new(Expr::Row(alias)));
            predicate.push(Expr::Not(Box::new(is_null)));
        }
        if rows.redacted().is_empty() {
            if !rows.permission().is_all() {
                predicate.push(self.predicate(rows.permission(), alias, alias));
            }
            return table(alias);
        }
        let stored = self.alias();
        let mut select = self.redacted(rows.table(), rows.redacted(), table(stored), stored);
        select.predicate = Some(self.predicate(rows.permission(), stored, stored));
        if can_fail(rows.predicate()) {
            // Postgres evaluates a subquery with OFFSET before the conditions on its result.
            select.offset = Some(Expr::Number(0));
        }
        Source::Select(Box::new(select), alias)
    }

    /// Returns a query of all columns of a table, in which the redacted ones are NULL in some rows.
    pub(super) fn redacted<'s>(
        &mut self,
        table: &'s TrackedTable,
        redacted: &[Redaction<'s>],
        source: Source<'s>,
        alias: Alias,
    ) -> Select<'s> {
        let row = Row::redacted(alias, redacted);
        let columns = table
            .table
            .columns
            .iter()
            .map(|c| Output::As(self.read(&c.name, row), Cow::Borrowed(c.name.as_str())));
        Select {
            columns: columns.collect(),
            from: vec![source],
            ..Select::default()
        }
    }
}

/// Returns the conjunction of conditions; of one it is the condition itself.
pub(super) fn conjunction(mut conditions: Vec<Expr<'_>>) -> Expr<'_> {
    if conditions.len() == 1 {
        conditions.remove(0)
    } else {
        Expr::And(conditions)
    }
}

fn exists<'s>(source: Source<'s>, predicate: Expr<'s>) -> Expr<'s> {
    Expr::Exists(Box::new(Select {
        columns: vec![Output::As(Expr::Number(1), Cow::Borrowed("_"))],
        from: vec![source],
        predicate: Some(predicate),
        ..Select::default()
    }))
}

pub(super) fn scalar<'s>(value: &Scalar<'s>) -> Expr<'s> {
    // `PostGIS` reads `GeoJSON` only through a dedicated function.
    if is_geo_type(&value.ty)
        && let ScalarValue::Literal(Some(text)) = &value.value
        && text.starts_with('{')
    {
        let text = Expr::Param(source(&value.value), Cow::Borrowed("text"));
        return geo_call(&value.ty, "ST_GeomFromGeoJSON", vec![text]).cast(value.ty.clone());
    }
    Expr::Param(source(&value.value), value.ty.clone())
}

fn one_of<'s>(left: Expr<'s>, ty: Option<&'s PgType>, list: &ScalarList<'s>, negated: bool) -> Expr<'s> {
    let list = match list {
        ScalarList::Items(values) => {
            let equal = values
                .iter()
                .map(|value| operation(ty, left.clone(), "=", scalar(value)));
            let equal = Expr::Or(equal.collect());
            return if negated {
                Expr::Not(Box::new(equal))
            } else {
                equal
            };
        }
        ScalarList::Array(list) => Expr::Param(source(&list.value), list.ty.clone()),
    };
    let (op, quantifier) = if negated { ("<>", "ALL") } else { ("=", "ANY") };
    Expr::Quantified(Box::new(left), operator(ty, op), quantifier, Box::new(list))
}

/// Returns the rows of the table, or those that a function returns.
fn source_of<'s>(rows: &Rows<'s>, alias: Alias, from: Option<Alias>) -> Source<'s> {
    match rows.call() {
        Some(call) => Source::Function(function_call(call, from), alias),
        None => Source::Table(table_name(rows.table()), alias),
    }
}

/// Returns a call; `row` is the row that is an argument.
pub(super) fn function_call<'s>(call: &FunctionCall<'s>, row: Option<Alias>) -> Expr<'s> {
    let argument = |argument: &CallArgument<'s>| match (argument, row) {
        (CallArgument::Value(value), _) => scalar(value),
        (CallArgument::Row(table), Some(alias)) => Expr::TypedRow(alias, table_name(table)),
        // Only computed fields have such an argument, and they always belong to a row.
        (CallArgument::Row(_), None) => Expr::Raw("NULL"),
    };
    let function = Table {
        schema: &call.function.schema,
        name: &call.function.name,
    };
    let positional = call.positional.iter().map(argument).collect();
    let named = call.named.iter().map(|(name, value)| (*name, argument(value)));
    Expr::UserCall(function, positional, named.collect())
}
