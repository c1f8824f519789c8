//! `count`: number of rows, or of distinct combinations of columns.

use super::{Scope, condition};
use crate::args::parse;
use engine_error::{Code, Error, Result};
use engine_model::catalog::TableName;
use engine_plan::ir::{
    Aggregate, AggregateField, AggregateItem, AggregateValue, ItemValue, OrderBy, OrderTarget, Select,
};
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

pub(super) fn plan(scope: &Scope<'_>, args: Value) -> Result<Statement> {
    let args: Args = parse(args)?;
    let table = scope.table(&args.table, "select")?;
    let condition =
        condition::plan(scope, table, args.condition.as_ref()).map_err(|e| e.at("where").at("args"))?;
    let mut rows = Select::visible(table).filter(condition);
    for (index, name) in args.distinct.iter().flatten().enumerate() {
        let Some(column) = table.tracked().table.column(name) else {
            let message = format!("no such column exists : \"{name}\"");
            return Err(Error::new(Code::PermissionDenied, message)
                .at(index)
                .at("distinct")
                .at("args"));
        };
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
    let aggregate = Aggregate {
        rows,
        fields: vec![AggregateField {
            key: COUNTS.to_owned(),
            value: AggregateValue::Aggregate(vec![count]),
        }],
    };
    // `{"counts": {"count": n}}` → `{"count": n}`.
    let inner = scope.translator().aggregate(&aggregate);
    let counts = Expr::binary(
        Expr::Subquery(Box::new(inner)),
        "->",
        Expr::Text(Cow::Borrowed(COUNTS)).cast("text"),
    );
    Ok(print(SqlSelect {
        columns: vec![Output::As(counts, Cow::Borrowed("root"))],
        ..SqlSelect::default()
    }))
}

const COUNTS: &str = "counts";
