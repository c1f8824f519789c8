//! Execution of one GraphQL request, shared by the HTTP and WebSocket edges.

use crate::exec::{self, Response};
use crate::wake::Waker;
use apollo_compiler::ast::OperationType;
use bytes::Bytes;
use engine_error::{Code, Error, ExecutionError, OperationError, RequestError, Result};
use engine_model::session::Session;
use engine_plan::document::{Document, DocumentCache};
use engine_plan::schema::SchemaOptions;
use engine_plan::schema_cache::{CurrentSchema, SchemaCache};
use engine_plan::values::MISSING_VARIABLES;
use engine_plan::{Fields, Plan, QueryField, RootField, SubscriptionPlan, Values};
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::pool::Connections;
use engine_sql::BoundStatement;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument as _;

/// Maximum number of bytes of the values of a subscription, session variables included, for roles other than admin. They are kept
/// while it runs, and sent to Postgres in each run.
const MAX_ROLE_SUBSCRIPTION_BYTES: usize = 64 * 1024;

/// Request as in GraphQL over HTTP. `extensions` and unknown keys are ignored.
#[derive(Debug, Clone)]
pub struct Request {
    pub query: String,
    /// Null and absent are the same.
    pub operation_name: Option<String>,
    /// Null and absent are the same.
    pub variables: Option<Map<String, Value>>,
}

impl Request {
    /// Reads a request without passing the variables through serde, which would interpret keys that `serde_json` reserves.
    pub fn from_json(payload: Value) -> Result<Self> {
        let invalid = |error: &serde_json::Error| Error::new(Code::ParseFailed, error.to_string());
        let Value::Object(mut payload) = payload else {
            return Err(Error::new(
                Code::ParseFailed,
                "a request is an object with the key \"query\"",
            ));
        };
        let query = match payload.shift_remove("query") {
            // Hasura's wording
            None => return Err(Error::new(Code::ParseFailed, "key \"query\" not found")),
            Some(query) => serde_json::from_value(query).map_err(|error| invalid(&error))?,
        };
        let operation_name = payload.shift_remove("operationName").unwrap_or_default();
        let variables = match payload.shift_remove("variables").unwrap_or_default() {
            Value::Null => None,
            Value::Object(variables) => Some(variables),
            // Not a map, so this fails.
            other => serde_json::from_value(other).map_err(|error| invalid(&error))?,
        };
        Ok(Self {
            query,
            operation_name: serde_json::from_value(operation_name).map_err(|error| invalid(&error))?,
            variables,
        })
    }
}

/// Limits and settings of GraphQL requests.
#[derive(Debug, Clone)]
pub struct GraphqlOptions {
    /// Time limit of an operation; `None` if there is no limit.
    pub operation_limit: Option<Duration>,
    /// Maximum length of a query document in bytes.
    pub max_query_bytes: usize,
    /// Maximum nesting of selection sets.
    pub max_depth: usize,
    pub schema: SchemaOptions,
}

/// Dependencies of GraphQL requests.
pub struct GraphqlContext {
    pub pool: Connections,
    pub documents: DocumentCache,
    pub schema: CurrentSchema,
    /// Wakes `live` and `events` after a mutation.
    pub waker: Waker,
    pub options: GraphqlOptions,
}

/// Result of [`execute`].
pub enum Outcome {
    /// Response body `{"data":{…}}` of a completed query or mutation.
    Done(Bytes),
    /// Subscription that is planned but not started, and the schema that it was planned with; `crate::live` runs it. Over
    /// HTTP it is an error.
    Subscription(SubscriptionPlan, Arc<SchemaCache>),
}

/// Parses, validates and plans a request, and runs it unless it is a subscription. A mutation wakes `live` and
/// `events`.
pub async fn execute(
    context: &Arc<GraphqlContext>,
    session: &Session,
    request: &Request,
) -> Result<Outcome, OperationError> {
    let limit = context.options.operation_limit;
    let schema = context.schema.load();
    let isolation = isolation(context, &schema);
    let (plan, values) = plan(context, &schema, session, request)?;
    match &plan.fields {
        Fields::Query(fields) => {
            let responses = exec::query(&context.pool, isolation, limit, fields, &values).await?;
            Ok(Outcome::Done(envelope(fields, &responses)?))
        }
        Fields::Mutation(_) => {
            let mutation = mutation(
                Arc::clone(context),
                isolation,
                session.clone(),
                Arc::clone(&plan),
                values,
            );
            // Runs in its own task, as in Hasura: the mutation completes even if the client disconnects.
            let done = tokio::spawn(mutation.in_current_span()).await;
            let body = done.map_err(|error| {
                ExecutionError(Error::new(
                    Code::Unexpected,
                    format!("internal error: the mutation task panicked: {error}"),
                ))
            })??;
            Ok(Outcome::Done(body))
        }
        Fields::Subscription(subscription) => {
            let plan = SubscriptionPlan::new(subscription, &values);
            check_values(session, &plan)?;
            Ok(Outcome::Subscription(plan, Arc::clone(&schema)))
        }
    }
}

fn check_values(session: &Session, plan: &SubscriptionPlan) -> Result<(), RequestError> {
    let bytes = plan.param_bytes();
    if bytes > MAX_ROLE_SUBSCRIPTION_BYTES && !session.is_admin() {
        let message = format!(
            "the values of the subscription have {bytes} bytes, {MAX_ROLE_SUBSCRIPTION_BYTES} are possible; \
             subscribe with fewer or shorter values"
        );
        return Err(Error::new(Code::ValidationFailed, message).into());
    }
    Ok(())
}

fn isolation(context: &GraphqlContext, schema: &SchemaCache) -> IsolationLevel {
    context.pool.isolation(schema.resolved.metadata.isolation_level())
}

async fn mutation(
    context: Arc<GraphqlContext>,
    isolation: IsolationLevel,
    session: Session,
    plan: Arc<Plan>,
    values: Values,
) -> Result<Bytes, ExecutionError> {
    let Fields::Mutation(fields) = &plan.fields else {
        let message = "internal error: the plan is not that of a mutation";
        return Err(Error::new(Code::Unexpected, message).into());
    };
    let steps: Vec<_> = fields
        .iter()
        .map(|field| (&field.value, field.path.as_slice()))
        .collect();
    let limit = context.options.operation_limit;
    let trace = trace_context();
    let result = exec::mutation(&context.pool, isolation, limit, &session, &trace, &steps, &values).await;
    // Also after a failure: the connection may have been lost after the commit.
    context.waker.wake();
    envelope(fields, &result?)
}

/// Returns the response body `{"data":{…}}`.
fn envelope<T>(fields: &[RootField<T>], responses: &[Response<'_>]) -> Result<Bytes, ExecutionError> {
    let pairs = || fields.iter().zip(responses);
    // Allocate the whole body at once: a growing buffer is copied each time.
    let size = pairs().map(|(field, response)| field.key.len() + response.size() + 4);
    let mut body = Vec::with_capacity(16 + size.sum::<usize>());
    body.extend_from_slice(b"{\"data\":{");
    for (i, (field, response)) in pairs().enumerate() {
        if i > 0 {
            body.push(b',');
        }
        // Response keys are GraphQL names, which need no escaping.
        body.push(b'"');
        body.extend_from_slice(field.key.as_bytes());
        body.extend_from_slice(b"\":");
        response.push(&mut body)?;
    }
    body.extend_from_slice(b"}}");
    Ok(body.into())
}

/// Returns the operation type of a request.
pub fn operation_type(context: &GraphqlContext, request: &Request) -> Result<OperationType, RequestError> {
    let document = document(context, request)?;
    let operation = document.operation(request.operation_name.as_deref())?;
    Ok(operation.operation_type)
}

fn document(context: &GraphqlContext, request: &Request) -> Result<Arc<Document>, RequestError> {
    let longest = context.options.max_query_bytes;
    if request.query.len() > longest {
        let message = format!("query document exceeds {longest} bytes (HASURA_GRAPHQL_MAX_QUERY_BYTES)");
        return Err(Error::new(Code::ValidationFailed, message).at("query").into());
    }
    Ok(context.documents.get(&request.query)?)
}

/// Plans a request without running it.
fn plan(
    context: &GraphqlContext,
    schema: &SchemaCache,
    session: &Session,
    request: &Request,
) -> Result<(Arc<Plan>, Values), RequestError> {
    let document = document(context, request)?;
    let request = engine_plan::Request {
        operation_name: request.operation_name.as_deref(),
        variables: request.variables.as_ref(),
        max_depth: context.options.max_depth,
    };
    schema.plan(session, &document, &request, context.options.schema)
}

/// Returns the response of `/v1/graphql/explain`: for each root field of a query its SQL and Postgres' plan; for a
/// subscription the one statement of its poller. Mutations cannot be explained.
pub async fn explain(context: &GraphqlContext, session: &Session, request: &Request) -> Result<Value> {
    let schema = context.schema.load();
    let (plan, values) =
        plan(context, &schema, session, request).map_err(|RequestError(error)| explained(session, error))?;
    match &plan.fields {
        Fields::Query(fields) => {
            let mut out = Vec::with_capacity(fields.len());
            for field in fields {
                out.push(match &field.value {
                    QueryField::Statement(statement) => {
                        let statement = values.bind(statement);
                        let plan = exec::explain_statement(&context.pool, &statement).await?;
                        json!({ "field": field.key, "sql": statement.with_literals(), "plan": plan })
                    }
                    QueryField::Constant(_) => json!({ "field": field.key, "sql": null, "plan": null }),
                });
            }
            Ok(Value::Array(out))
        }
        Fields::Mutation(_) => Err(Error::new(
            Code::NotSupported,
            "only queries and subscriptions can be explained",
        )),
        Fields::Subscription(subscription) => {
            let plan = SubscriptionPlan::new(subscription, &values);
            let subscribers = json!([[0, plan.params]]).to_string();
            let statement = BoundStatement {
                sql: Cow::Borrowed(&plan.multiplexed_sql),
                params: vec![Some(Cow::Owned(subscribers))],
            };
            let explained = exec::explain_statement(&context.pool, &statement).await?;
            Ok(json!({ "sql": statement.with_literals(), "plan": explained, "variables": plan.params }))
        }
    }
}

/// Returns the error that explain has for a request.
fn explained(session: &Session, error: Error) -> Error {
    match error.message.strip_prefix(MISSING_VARIABLES) {
        Some(names) if error.code == Code::NotFound => {
            // Hasura's wording
            let message = format!(
                "missing required session variable for role \"{}\" : {}",
                session.role,
                names.replace('"', "")
            );
            Error::new(Code::UnexpectedPayload, message)
        }
        _ => error,
    }
}

/// Returns a new trace context for a mutation; its events carry it as `trace_context`.
pub fn trace_context() -> String {
    let (trace, span) = uuid::Uuid::new_v4().as_u64_pair();
    format!("{{\"trace_id\":\"{trace:016x}\",\"span_id\":\"{span:016x}\"}}")
}
