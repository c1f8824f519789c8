//! Conditions and orders.

use super::select::count;
use super::{Translator, column, is_geo_type, join, subquery, table_name};
use crate::ir::{Aggregation, BoolExp, Comparison, Operand, OrderBy, OrderTarget, Scalar};
use engine_model::metadata::tracked::{Relationship, TrackedTable};
use engine_sql::array_literal::array;
use engine_sql::ast::{Alias, Expr, OrderBy as SqlOrderBy, Output, Select, Source};
use std::borrow::Cow;

impl Translator {
    /// A condition on the row `alias`; `root` is the row that the outermost condition is about.
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
                let left = match cast {
                    Some(ty) => left.cast(ty.clone()),
                    None => left,
                };
                compare(left, with, alias, root)
            }
            BoolExp::Related(relationship, table, inner) => {
                let to = self.alias();
                let inner = self.predicate(inner, to, root);
                exists(table, to, Expr::And(vec![join(relationship, alias, to), inner]))
            }
            BoolExp::Aggregated(aggregate) => {
                let to = self.alias();
                let value = match &aggregate.value {
                    Aggregation::Count { columns, distinct } => {
                        count(columns.iter().map(|c| column(to, c)).collect(), *distinct)
                    }
                    Aggregation::Function(function, c) => Expr::Call(function.0, vec![column(to, c)]),
                };
                let compared = aggregate
                    .with
                    .iter()
                    .map(|with| compare(value.clone(), with, alias, root))
                    .collect();
                let (relationship, table, filter) =
                    (aggregate.relationship, aggregate.table, &aggregate.filter);
                // Of no rows bool_and is NULL; a condition that does not hold is false, so that `_not` is true of it.
                subquery(self.related(relationship, table, filter, alias, to, Expr::And(compared)))
                    .or("false")
            }
            BoolExp::Exists(table, inner) => {
                let to = self.alias();
                let inner = self.predicate(inner, to, root);
                exists(table, to, inner)
            }
        }
    }

    /// One item of ORDER BY for the row `alias`.
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
            OrderTarget::Object(relationship, table, filter, inner) => {
                let to = self.alias();
                let expr = self.order_target(inner, to);
                let mut select = self.related(relationship, table, filter, alias, to, expr);
                select.limit = Some(Expr::Number(1));
                subquery(select)
            }
            OrderTarget::Count(relationship, table, filter) => {
                let to = self.alias();
                subquery(self.related(relationship, table, filter, alias, to, Expr::Raw("count(*)")))
            }
            OrderTarget::Function(relationship, table, filter, function, c) => {
                let to = self.alias();
                let expr = Expr::Call(function.0, vec![column(to, c)]);
                subquery(self.related(relationship, table, filter, alias, to, expr))
            }
        }
    }

    fn related<'s>(
        &mut self,
        relationship: &'s Relationship,
        table: &'s TrackedTable,
        filter: &BoolExp<'s>,
        from: Alias,
        to: Alias,
        expr: Expr<'s>,
    ) -> Select<'s> {
        let mut predicate = join(relationship, from, to);
        if !filter.is_all() {
            predicate = Expr::And(vec![predicate, self.predicate(filter, to, to)]);
        }
        Select {
            columns: vec![Output::As(expr, Cow::Borrowed("o"))],
            from: vec![Source::Table(table_name(table), to)],
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
    // `PostGIS` reads `GeoJSON` only through a function of its own.
    let is_geojson = is_geo_type(&value.ty) && value.text.as_ref().is_some_and(|text| text.starts_with('{'));
    if is_geojson {
        let text = Expr::Param(value.text.clone(), Cow::Borrowed("text"));
        return Expr::Call("ST_GeomFromGeoJSON", vec![text]).cast(value.ty.clone());
    }
    Expr::Param(value.text.clone(), value.ty.clone())
}

/// A list travels as one array, so that its length does not change the statement. Elements that are arrays themselves
/// cannot: those are listed.
fn one_of<'s>(left: Expr<'s>, values: &[Scalar<'s>], negated: bool) -> Expr<'s> {
    let Some(first) = values.first() else {
        return if negated {
            Expr::And(Vec::new())
        } else {
            Expr::Or(Vec::new())
        };
    };
    if first.ty.ends_with("[]") {
        let equal = values
            .iter()
            .map(|value| Expr::binary(left.clone(), "=", scalar(value)))
            .collect();
        return if negated {
            Expr::Not(Box::new(Expr::Or(equal)))
        } else {
            Expr::Or(equal)
        };
    }
    let list = array(values.iter().map(|value| value.text.as_deref()));
    let list = Expr::Param(Some(list), Cow::Owned(format!("{}[]", first.ty)));
    let (op, quantifier) = if negated { ("<>", "ALL") } else { ("=", "ANY") };
    Expr::Quantified(Box::new(left), op, quantifier, Box::new(list))
}

fn compare<'s>(left: Expr<'s>, with: &Comparison<'s>, alias: Alias, root: Alias) -> Expr<'s> {
    match with {
        Comparison::Op(op, Operand::Value(value)) => Expr::binary(left, op.0, scalar(value)),
        Comparison::Op(op, Operand::Column(c)) => Expr::binary(left, op.0, column(alias, c)),
        Comparison::Op(op, Operand::RootColumn(c)) => Expr::binary(left, op.0, column(root, c)),
        Comparison::In(values) => one_of(left, values, false),
        Comparison::NotIn(values) => one_of(left, values, true),
        Comparison::IsNull(true) => Expr::IsNull(Box::new(left)),
        Comparison::IsNull(false) => Expr::Not(Box::new(Expr::IsNull(Box::new(left)))),
    }
}
