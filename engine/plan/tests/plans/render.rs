//! Plans as text that people can read.

use engine_plan::{InsertStep, Plan, QueryField, Statement, Step};
use std::fmt::Write as _;

/// A root field of a query.
pub(crate) fn value(field: &QueryField) -> String {
    match field {
        QueryField::Constant(json) => json.clone(),
        QueryField::Statement(statement) => format!("\n{}", sql(statement)),
    }
}

/// A whole plan.
pub(crate) fn plan(plan: &Plan) -> String {
    let mut out = String::new();
    match plan {
        Plan::Query(fields) => {
            for field in fields {
                writeln!(out, "\n-- {}: {}", field.key, value(&field.value)).unwrap();
            }
        }
        Plan::Mutation(fields) => {
            for field in fields {
                writeln!(out, "\n-- {}:", field.key).unwrap();
                step(&mut out, &field.value);
            }
        }
        Plan::Subscription(plan) => {
            let statement = Statement {
                sql: plan.multiplexed_sql.clone(),
                params: plan.params.clone(),
            };
            writeln!(out, "\n{}", sql(&statement)).unwrap();
        }
    }
    out
}

fn step(out: &mut String, this: &Step) {
    match this {
        Step::Constant(json) => writeln!(out, "{json}").unwrap(),
        Step::Single(statement) => writeln!(out, "{}", sql(statement)).unwrap(),
        Step::TwoPhase { change, output } => {
            writeln!(
                out,
                "{}\n\n-- then, {:?}:\n{}",
                sql(change),
                output.slots,
                sql(&output.statement)
            )
            .unwrap();
        }
        Step::Nested { steps, output } => {
            for nested in steps {
                insert(out, nested);
            }
            writeln!(out, "-- then, {:?}:\n{}", output.slots, sql(&output.statement)).unwrap();
        }
        Step::Many(steps) => steps.iter().for_each(|one| step(out, one)),
    }
}

fn insert(out: &mut String, step: &InsertStep) {
    for related in &step.before {
        insert(out, related);
    }
    writeln!(
        out,
        "-- into {}, {:?}:\n{}\n",
        step.table,
        step.slots,
        sql(&step.statement)
    )
    .unwrap();
    for related in &step.after {
        insert(out, related);
    }
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

/// Renders one line per clause, indented by its depth, then the parameters.
fn sql(statement: &Statement) -> String {
    let text = &statement.sql;
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
    for (n, param) in statement.params.iter().enumerate() {
        write!(out, "\n-- ${} = {}", n + 1, param.as_deref().unwrap_or("NULL")).unwrap();
    }
    out
}
