//! Conditions and orders.

use super::select::count;
use super::{
    Translator, aggregate_call, column, geo_call, join, operation, operator, source, subquery, table_name,
};
use crate::ir::{
    Aggregation, BoolExp, Comparison, Operand, OrderBy, OrderTarget, Scalar, ScalarList, ScalarValue,
    Select as Rows, is_geo_type,
};
use engine_model::catalog::PgType;
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use engine_sql::ast::{Alias, Expr, OrderBy as SqlOrderBy, Output, Select, Source};
use std::borrow::Cow;

impl Translator {
    /// Translates a condition on the row `alias`; `root` is the row of the outermost condition.
    pub(super) fn predicate<'s>(&mut self, predicate: &BoolExp<'s>, alias: Alias, root: Alias) -> Expr<'s> {
        match predicate {
            BoolExp::And(parts) => Expr::And(
                parts
                    .iter()
                    .map(|part| self.predicate(part, alias, root))
                    .collect(),
            ),
            BoolExp::Or(parts) => Expr::Or(
                parts
                    .iter()
                    .map(|part| self.predicate(part, alias, root))
                    .collect(),
            ),
            BoolExp::Not(inner) => Expr::Not(Box::new(self.predicate(inner, alias, root))),
            BoolExp::Compare {
                column: c,
                cast,
                with,
            } => {
                let left = column(alias, c);
                let (left, ty) = match cast {
                    Some(ty) => (left.cast(ty.clone()), None),
                    None => (left, Some(&c.ty)),
                };
                compare(left, ty, with, alias, root)
            }
            BoolExp::Related(relationship, rows) => {
                let to = self.alias();
                let inner = self.predicate(rows.predicate(), to, root);
                exists(
                    rows.table(),
                    to,
                    Expr::And(vec![join(relationship, alias, to), inner]),
                )
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
                    .map(|with| compare(value.clone(), None, with, alias, root))
                    .collect();
                let (relationship, rows) = (aggregate.relationship, &aggregate.rows);
                // bool_and of no rows is NULL; coalesce to false, so that `_not` makes it true.
                subquery(self.related(relationship, rows, alias, to, Expr::And(compared))).or("false")
            }
            BoolExp::Exists(rows) => {
                let to = self.alias();
                let inner = self.predicate(rows.predicate(), to, root);
                exists(rows.table(), to, inner)
            }
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
            OrderTarget::Object(relationship, row, inner) => {
                let to = self.alias();
                let expr = self.order_target(inner, to);
                let mut select = self.related(relationship, row, alias, to, expr);
                select.limit = Some(Expr::Number(1));
                subquery(select)
            }
            OrderTarget::Count(relationship, rows) => {
                let to = self.alias();
                subquery(self.related(relationship, rows, alias, to, Expr::Raw("count(*)")))
            }
            OrderTarget::Function(relationship, rows, function, c) => {
                let to = self.alias();
                let expr = aggregate_call(*function, c, column(to, c));
                subquery(self.related(relationship, rows, alias, to, expr))
            }
        }
    }

    /// Returns a query of `expr` over the related `rows`, of which only the condition is used.
    fn related<'s>(
        &mut self,
        relationship: &'s Relationship,
        rows: &Rows<'s>,
        from: Alias,
        to: Alias,
        expr: Expr<'s>,
    ) -> Select<'s> {
        let mut predicate = join(relationship, from, to);
        if !rows.predicate().is_all() {
            predicate = Expr::And(vec![predicate, self.predicate(rows.predicate(), to, to)]);
        }
        Select {
            columns: vec![Output::As(expr, Cow::Borrowed("o"))],
            from: vec![Source::Table(table_name(rows.table()), to)],
            predicate: Some(predicate),
            ..Select::default()
        }
    }
}

fn exists<'s>(table: &'s TrackedTable, alias: Alias, predicate: Expr<'s>) -> Expr<'s> {
    Expr::Exists(Box::new(Select {
        columns: vec![Output::As(Expr::Number(1), Cow::Borrowed("_"))],
        from: vec![Source::Table(table_name(table), alias)],
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

/// Returns the comparison of a value of type `ty`.
fn compare<'s>(
    left: Expr<'s>,
    ty: Option<&'s PgType>,
    with: &Comparison<'s>,
    alias: Alias,
    root: Alias,
) -> Expr<'s> {
    match with {
        Comparison::Op(op, Operand::Value(value)) => operation(ty, left, op.0, scalar(value)),
        Comparison::Op(op, Operand::Column(c)) => operation(ty, left, op.0, column(alias, c)),
        Comparison::Op(op, Operand::RootColumn(c)) => operation(ty, left, op.0, column(root, c)),
        Comparison::In(values) => one_of(left, ty, values, false),
        Comparison::NotIn(values) => one_of(left, ty, values, true),
        Comparison::IsNull(true) => Expr::IsNull(Box::new(left)),
        Comparison::IsNull(false) => Expr::Not(Box::new(Expr::IsNull(Box::new(left)))),
    }
}
