//! Plans any document with any variables: planning must not panic, must take bounded time, and must return a consistent
//! plan. The tables are those of the engine's golden plans; no database is needed.
//!
//! An input is a document that may contain a line `# {"name": "value"}` with its variables, as in `engine/plan/tests/plans/cases`.

#![no_main]

use engine_error::{Code, Error};
use engine_model::session::Session;
use engine_plan::document::Document;
use engine_plan::schema::api::ApiTables;
use engine_plan::schema::{RoleSchema, SchemaOptions};
use engine_plan::{
    Fields, InsertStep, ParamSource, Plan, QueryField, Request, Statement, Step, SubscriptionPlan, Values,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use std::sync::{Arc, LazyLock};

#[expect(dead_code, reason = "one of its two sets of tables is enough here")]
#[path = "../../engine/plan/tests/plans/fixture.rs"]
mod fixture;

/// Default of `HASURA_GRAPHQL_MAX_DEPTH`.
const MAX_DEPTH: usize = 50;

static SCHEMAS: LazyLock<[RoleSchema; 2]> = LazyLock::new(|| {
    [true, false].map(|flag| {
        let options = SchemaOptions {
            stringify_numeric_types: flag,
            v1_boolean_null_collapse: flag,
            ..SchemaOptions::default()
        };
        RoleSchema::admin(&ApiTables::new(Arc::new(fixture::tracked())), flag, options)
    })
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let variables: Option<Map<String, Value>> = text
        .lines()
        .find_map(|line| line.strip_prefix("# "))
        .and_then(|json| serde_json::from_str(json).ok());
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => return refused(&error),
    };
    let name = document
        .operations
        .last()
        .and_then(|operation| operation.name.as_ref());
    let schema = &SCHEMAS[data.len() % 2];
    let request = Request {
        operation_name: name.map(|name| name.as_str()),
        variables: variables.as_ref(),
        max_depth: MAX_DEPTH,
    };
    match engine_plan::plan(schema, &document, &request) {
        Ok(plan) => {
            let values = Values::new(&plan.values, variables.as_ref(), &Session::admin());
            consistent(&plan, &values.expect("the binder has checked the values"));
        }
        Err(error) => refused(&error),
    }
});

fn consistent(plan: &Plan, values: &Values) {
    plan.statements(&mut |statement| request_values(statement, plan.values.len()));
    match &plan.fields {
        Fields::Query(fields) => {
            for field in fields {
                match &field.value {
                    QueryField::Statement(statement) => whole(statement),
                    QueryField::Constant(json) => json_text(json),
                }
            }
        }
        Fields::Mutation(fields) => fields.iter().for_each(|field| step(&field.value)),
        Fields::Subscription(subscription) => {
            let plan = SubscriptionPlan::new(subscription, values);
            assert!(!plan.multiplexed_sql.contains('\0'));
        }
    }
}

/// The parameters must not refer to more values than the plan has.
fn request_values(statement: &Statement, count: usize) {
    for param in &statement.params {
        if let ParamSource::Request(index) = param {
            assert!(*index < count);
        }
    }
}

/// An error must be a client error with a message.
fn refused(error: &Error) {
    assert!(
        !matches!(error.code, Code::Unexpected | Code::PostgresError),
        "{error:?}"
    );
    assert!(!error.message.is_empty());
}

fn json_text(json: &str) {
    serde_json::from_str::<Value>(json).expect("constants are JSON");
}

fn step(step: &Step) {
    match step {
        Step::Constant(json) => json_text(json),
        Step::Single(statement) | Step::Checked(statement) => whole(statement),
        Step::TwoPhase { change, output, .. } => {
            whole(change);
            whole(output);
        }
        Step::Nested { steps, output } => {
            steps.iter().for_each(insert);
            whole(output);
        }
        Step::Many(steps) => steps.iter().for_each(self::step),
    }
}

fn insert(step: &InsertStep) {
    whole(&step.statement);
    step.before.iter().chain(&step.after).for_each(insert);
}

/// A statement must use all its parameters and no others, and its SQL must not contain NUL.
fn whole(statement: &Statement) {
    let Statement {
        sql, params, queries, ..
    } = statement;
    assert!(*queries <= 1000, "{queries} subqueries");
    assert!(!sql.contains('\0'));
    for n in 1..=params.len() {
        assert!(sql.contains(&format!("${n}")), "${n} is not used in {sql}");
    }
    assert!(
        !sql.contains(&format!("${}:", params.len() + 1)),
        "a parameter is missing: {sql}"
    );
}
