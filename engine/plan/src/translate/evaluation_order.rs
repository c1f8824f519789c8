//! Order in which Postgres evaluates the condition of a permission and that of a client. Some operators fail, for example
//! for an invalid regular expression, and only if a row reaches them. If Postgres evaluated them first, the error would tell
//! a client about rows that its role cannot read.

use super::Translator;
use super::predicate::{Row, conjunction};
use crate::ir::{Aggregation, BoolExp, Comparison, Operator};
use engine_sql::ast::{Alias, Expr};

/// Operators that fail for some operands.
const FAILING: [&str; 10] = [
    "LIKE",
    "NOT LIKE",
    "ILIKE",
    "NOT ILIKE",
    "SIMILAR TO",
    "NOT SIMILAR TO",
    "~",
    "!~",
    "~*",
    "!~*",
];

/// Operators of the lowest cost.
const CHEAP: [&str; 6] = ["=", "<>", "<", ">", "<=", ">="];

/// Whether the evaluation of a condition can fail.
pub(super) fn can_fail(condition: &BoolExp<'_>) -> bool {
    match condition {
        BoolExp::And(parts) | BoolExp::Or(parts) => parts.iter().any(can_fail),
        BoolExp::Not(inner) => can_fail(inner),
        BoolExp::Compare { with, .. } => match with {
            Comparison::Op(Operator(operator), _) => FAILING.contains(operator),
            Comparison::Spatial(..) => true,
            Comparison::In(_) | Comparison::NotIn(_) | Comparison::IsNull(_) => false,
        },
        // A function may raise an error.
        BoolExp::CompareComputed { .. } | BoolExp::ComputedRows(_) | BoolExp::ComputedRowsUnfiltered(..) => {
            true
        }
        BoolExp::Related(_, rows) | BoolExp::Exists(rows) => can_fail(rows.predicate()),
        // A sum can exceed the range of its type.
        BoolExp::Aggregated(aggregate) => {
            matches!(aggregate.value, Aggregation::Function { .. }) || can_fail(aggregate.rows.predicate())
        }
        BoolExp::RelatedUnfiltered(_, rows) | BoolExp::ExistsUnfiltered(rows) => can_fail(rows.condition()),
    }
}

/// Whether Postgres evaluates a condition before those after it. It sorts the conditions of a scan by their cost, and those of
/// equal cost by their place in the statement. Conditions with subqueries can become joins, which are evaluated last.
fn comes_first(condition: &BoolExp<'_>) -> bool {
    match condition {
        BoolExp::And(parts) => parts.iter().all(comes_first),
        BoolExp::Compare { cast: None, with, .. } => match with {
            Comparison::Op(Operator(operator), _) => CHEAP.contains(operator),
            Comparison::IsNull(_) => true,
            Comparison::In(_) | Comparison::NotIn(_) | Comparison::Spatial(..) => false,
        },
        _ => false,
    }
}

impl Translator {
    /// Translates the condition of a client on rows with the condition of a permission, which the statement contains
    /// before it.
    pub(super) fn client_conditions<'s>(
        &mut self,
        permission: &BoolExp<'s>,
        client: &BoolExp<'s>,
        row: Row<'_, 's>,
        root: Row<'_, 's>,
    ) -> Vec<Expr<'s>> {
        if client.is_all() {
            return Vec::new();
        }
        if comes_first(permission) || !can_fail(client) {
            return vec![self.condition(client, row, root)];
        }
        let parts = match client {
            BoolExp::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        let (failing, safe): (Vec<&BoolExp<'s>>, Vec<_>) = parts.iter().partition(|part| can_fail(part));
        let mut translate = |part: &BoolExp<'s>| self.condition(part, row, root);
        let mut conditions: Vec<Expr<'s>> = safe.into_iter().map(&mut translate).collect();
        let failing = conjunction(failing.into_iter().map(translate).collect());
        let alias: Alias = row.alias();
        conditions.push(Expr::Case(
            Box::new(self.predicate(permission, alias, alias)),
            Box::new(failing),
            Box::new(Expr::Raw("false")),
        ));
        conditions
    }
}
