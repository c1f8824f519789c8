//! Execution of one GraphQL request, shared by the HTTP and WebSocket edges.

use crate::exec;
use crate::state::Engine;
use apollo_compiler::ast::OperationType;
use bytes::Bytes;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_plan::document::Document;
use engine_plan::{Plan, QueryField, SubscriptionPlan, bind};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tracing::Instrument as _;

/// Request as in GraphQL over HTTP. `extensions` and unknown keys are ignored.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    pub query: String,
    /// Null and absent are the same.
    #[serde(default, rename = "operationName")]
    pub operation_name: Option<String>,
    /// Null and absent are the same.
    #[serde(default)]
    pub variables: Option<Map<String, Value>>,
}

/// Result of [`execute`].
#[derive(Debug)]
pub enum Outcome {
    /// Response body `{"data":{…}}` of a completed query or mutation.
    Done(Bytes),
    /// Subscription that is planned but not started; `crate::live` runs it. Over HTTP it is an error.
    Subscription(SubscriptionPlan),
}

/// Parses, validates and plans a request, and runs it unless it is a subscription. A mutation wakes `live` and
/// `events`.
pub async fn execute(engine: &Arc<Engine>, session: &Session, request: &Request) -> Result<Outcome> {
    let limit = engine.config.operation_limit();
    match plan(engine, session, request)? {
        Plan::Query(fields) => {
            let body = exec::query(&engine.pool, limit, &fields).await?;
            Ok(Outcome::Done(body.into()))
        }
        Plan::Mutation(fields) => {
            let (engine, session) = (Arc::clone(engine), session.clone());
            let change = async move {
                let result = exec::mutation(&engine.pool, limit, &session, &trace_context(), &fields).await;
                // Also after a failure: the connection may have been lost after the commit.
                engine.waker.wake();
                result
            };
            // Runs in its own task, as in Hasura: the mutation completes even if the client disconnects.
            let done = tokio::spawn(change.in_current_span()).await;
            let body = done.map_err(|error| {
                Error::new(
                    Code::Unexpected,
                    format!("internal error: the mutation task panicked: {error}"),
                )
            })??;
            Ok(Outcome::Done(body.into()))
        }
        Plan::Subscription(plan) => Ok(Outcome::Subscription(plan)),
    }
}

/// Returns the operation type of a request.
pub fn operation_type(engine: &Engine, request: &Request) -> Result<OperationType> {
    let document = document(engine, request)?;
    let operation = document.operation(request.operation_name.as_deref())?;
    Ok(operation.operation_type)
}

fn document(engine: &Engine, request: &Request) -> Result<Arc<Document>> {
    let longest = engine.config.max_query_bytes as usize;
    if request.query.len() > longest {
        let message = format!("query document exceeds {longest} bytes (HASURA_GRAPHQL_MAX_QUERY_BYTES)");
        return Err(Error::new(Code::ValidationFailed, message).at("query"));
    }
    engine.documents.get(&request.query)
}

/// Plans a request without running it.
pub fn plan(engine: &Engine, session: &Session, request: &Request) -> Result<Plan> {
    let document = document(engine, request)?;
    let snapshot = engine.snapshot.load();
    let schema = snapshot.schema(&session.role, engine.config.stringify_numeric_types);
    bind::plan(
        &schema,
        session,
        &document,
        request.operation_name.as_deref(),
        request.variables.as_ref(),
        engine.config.max_depth as usize,
    )
}

/// Returns the response of `/v1/graphql/explain`: for each root field of a query its SQL and Postgres' plan; for a
/// subscription the one statement of its cohort. Mutations cannot be explained.
pub async fn explain(engine: &Engine, session: &Session, request: &Request) -> Result<Value> {
    match plan(engine, session, request)? {
        Plan::Query(fields) => {
            let mut out = Vec::with_capacity(fields.len());
            for field in fields {
                out.push(match &field.value {
                    QueryField::Statement(statement) => {
                        let plan = exec::explain_statement(&engine.pool, statement).await?;
                        json!({ "field": field.key, "sql": statement.sql, "plan": plan })
                    }
                    QueryField::Constant(_) => json!({ "field": field.key, "sql": null, "plan": null }),
                });
            }
            Ok(Value::Array(out))
        }
        Plan::Mutation(_) => Err(Error::new(
            Code::NotSupported,
            "only queries and subscriptions can be explained",
        )),
        Plan::Subscription(plan) => {
            let statement = engine_sql::Statement {
                sql: plan.multiplexed_sql,
                params: vec![Some(json!([[0, plan.params]]).to_string())],
            };
            let explained = exec::explain_statement(&engine.pool, &statement).await?;
            Ok(json!({ "sql": statement.sql, "plan": explained, "variables": plan.params }))
        }
    }
}

/// Returns a new trace context for a mutation; its events carry it as `trace_context`.
pub(crate) fn trace_context() -> String {
    let (trace, span) = uuid::Uuid::new_v4().as_u64_pair();
    format!("{{\"trace_id\":\"{trace:016x}\",\"span_id\":\"{span:016x}\"}}")
}
