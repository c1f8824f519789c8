//! Plans and the values of a request as readable text.

use engine_plan::plan::Subscription;
use engine_plan::{Fields, InsertStep, Plan, QueryField, Step, SubscriptionPlan, Values};
use engine_sql::{DeferredValue, ParamSource, Statement};
use std::fmt::Write as _;

/// A root field of a query.
pub(crate) fn value(field: &QueryField, values: &Values) -> String {
    match field {
        QueryField::Constant(json) => json.clone(),
        QueryField::Statement(statement) => format!("\n{}", sql(statement, values)),
    }
}

/// A whole plan.
pub(crate) fn plan(plan: &Plan, values: &Values) -> String {
    let mut out = String::new();
    match &plan.fields {
        Fields::Query(fields) => {
            for field in fields {
                writeln!(out, "\n-- {}: {}", field.key, value(&field.value, values)).unwrap();
            }
        }
        Fields::Mutation(fields) => {
            for field in fields {
                writeln!(out, "\n-- {}:", field.key).unwrap();
                step(&mut out, &field.value, values);
            }
        }
        Fields::Subscription(subscription) => {
            writeln!(out, "\n{}", multiplexed(subscription, values)).unwrap();
        }
    }
    out
}

fn multiplexed(subscription: &Subscription, values: &Values) -> String {
    let plan = SubscriptionPlan::new(subscription, values);
    let params: Vec<Option<&str>> = plan.params.iter().map(Option::as_deref).collect();
    text(&plan.multiplexed_sql, &params)
}

fn step(out: &mut String, this: &Step, values: &Values) {
    match this {
        Step::Constant(json) => writeln!(out, "{json}").unwrap(),
        Step::Single(statement) => writeln!(out, "{}", sql(statement, values)).unwrap(),
        Step::Checked(statement) => writeln!(out, "-- checked:\n{}", sql(statement, values)).unwrap(),
        Step::TwoPhase {
            change,
            checked,
            output,
        } => {
            if *checked {
                writeln!(out, "-- checked:").unwrap();
            }
            writeln!(
                out,
                "{}\n\n-- then, {:?}:\n{}",
                sql(change, values),
                deferred(output),
                sql(output, values)
            )
            .unwrap();
        }
        Step::Nested { steps, output } => {
            for nested in steps {
                insert(out, nested, values);
            }
            writeln!(out, "-- then, {:?}:\n{}", deferred(output), sql(output, values)).unwrap();
        }
        Step::Many(steps) => steps.iter().for_each(|one| step(out, one, values)),
    }
}

fn insert(out: &mut String, step: &InsertStep, values: &Values) {
    for related in &step.before {
        insert(out, related, values);
    }
    writeln!(
        out,
        "-- into {}{}, {:?}:\n{}\n",
        step.table,
        if step.checked { ", checked" } else { "" },
        deferred(&step.statement),
        sql(&step.statement, values)
    )
    .unwrap();
    for related in &step.after {
        insert(out, related, values);
    }
}

/// Values of earlier statements and their indexes in the parameters.
fn deferred(statement: &Statement) -> Vec<(DeferredValue, usize)> {
    let params = statement.params.iter().enumerate();
    params
        .filter_map(|(index, param)| match param {
            ParamSource::Deferred(value) => Some((*value, index)),
            _ => None,
        })
        .collect()
}

const CLAUSES: [&str; 12] = [
    "SELECT ",
    "FROM ",
    "WHERE ",
    "ORDER BY ",
    "LIMIT ",
    "OFFSET ",
    "RETURNING ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "ON CONFLICT ",
    "SET ",
];

fn sql(statement: &Statement, values: &Values) -> String {
    let bound = values.bind(statement);
    let params: Vec<Option<&str>> = bound.params.iter().map(Option::as_deref).collect();
    text(&statement.sql, &params)
}

/// One line per clause, indented by its depth, and the parameters.
fn text(text: &str, params: &[Option<&str>]) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut quoted = None;
    for (i, c) in text.char_indices() {
        if quoted.is_none() {
            let starts_word = i == 0 || matches!(text.as_bytes()[i - 1], b' ' | b'(');
            let clause = starts_word && CLAUSES.iter().any(|clause| text[i..].starts_with(clause));
            if clause && i > 0 && !out.ends_with("DO UPDATE ") {
                out.truncate(out.trim_end().len());
                write!(out, "\n{}", "  ".repeat(depth)).unwrap();
            }
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                '\'' | '"' => quoted = Some(c),
                _ => {}
            }
        } else if quoted == Some(c) {
            quoted = None;
        }
        out.push(c);
    }
    for (n, param) in params.iter().enumerate() {
        write!(out, "\n-- ${} = {}", n + 1, param.unwrap_or("NULL")).unwrap();
    }
    out
}
