//! `count`: number of rows, or of distinct combinations of columns.

use super::Scope;
use crate::args::parse;
use crate::condition::column_denied;
use crate::ir::{
    Aggregate, AggregateField, AggregateItem, AggregateValue, ItemValue, OrderBy, OrderTarget, Select,
};
use crate::translate::Translator;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_sql::Statement;
use engine_sql::ast::{Expr, Output, Select as SqlSelect};
use engine_sql::print;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Args {
    table: TableName,
    #[serde(default, rename = "where")]
    condition: Option<Value>,
    #[serde(default)]
    distinct: Option<Vec<String>>,
}

pub(super) fn bind<'s>(scope: &Scope<'s>, args: Value) -> Result<Aggregate<'s>> {
    let args: Args = parse(args)?;
    scope.tracked(&args.table)?;
    // Hasura's wording
    let hint = "; \"count\" is only allowed if the role has \"select\" permissions on the table";
    let table = scope.readable(&args.table, hint)?;
    if !table.can_count() {
        let hint = "; \"count\" requires \"allow_aggregations\", or a permission to list all rows";
        return Err(scope.denied("select", &args.table, hint));
    }
    let condition = scope
        .condition(table, args.condition.as_ref())
        .map_err(|e| e.at("where").at("args"))?;
    let mut rows = Select::visible(table).filter(condition);
    for (index, name) in args.distinct.iter().flatten().enumerate() {
        let column = table.tracked().table.column(name);
        let missing = || {
            let message = format!("no such column exists : \"{name}\"");
            Error::new(Code::PermissionDenied, message)
        };
        let column = column.ok_or_else(missing).and_then(|column| {
            let denied = || column_denied(scope.role(), "select", name);
            table.can_read(column).then_some(column).ok_or_else(denied)
        });
        let column = column.map_err(|e| e.at(index).at("distinct").at("args"))?;
        rows.distinct_on.push(column);
        rows.order_by.push(OrderBy {
            target: OrderTarget::Column(column),
            descending: false,
            nulls_first: false,
        });
    }
    let count = AggregateItem {
        key: "count".to_owned(),
        value: ItemValue::Count {
            columns: Vec::new(),
            distinct: false,
        },
    };
    Ok(Aggregate {
        rows,
        fields: vec![AggregateField {
            key: COUNTS.to_owned(),
            value: AggregateValue::Aggregate(vec![count]),
        }],
    })
}

/// Returns the statement of the response.
pub(super) fn statement(translator: &mut Translator, aggregate: &Aggregate<'_>) -> Statement {
    // `{"counts": {"count": n}}` → `{"count": n}`.
    let inner = translator.aggregate(aggregate);
    let counts = Expr::binary(
        Expr::Subquery(Box::new(inner)),
        "->",
        Expr::Text(Cow::Borrowed(COUNTS)).cast("text"),
    );
    print(SqlSelect {
        columns: vec![Output::As(counts, Cow::Borrowed("root"))],
        ..SqlSelect::default()
    })
}

const COUNTS: &str = "counts";
