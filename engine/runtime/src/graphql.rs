//! Execution of one GraphQL request, shared by the HTTP and WebSocket edges.

use crate::exec::{self, CaptureContext, Response};
use crate::planning;
use crate::rate_limiter::{self, RateLimiter};
use crate::wake::Waker;
use apollo_compiler::ast::OperationType;
use bytes::Bytes;
use engine_error::{Code, Error, ExecutionError, OperationError, RequestError, Result};
use engine_model::session::{ROLE, Session};
use engine_plan::document::{Document, DocumentCache};
use engine_plan::schema::SchemaOptions;
use engine_plan::schema_cache::{CurrentSchema, SchemaCache};
use engine_plan::values::MISSING_VARIABLES;
use engine_plan::{Fields, Plan, QueryField, RootField, SubscriptionPlan, Values};
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::limit::{OperationLimits, ResponseLimit};
use engine_postgres::pool::Connections;
use engine_postgres::share::Client;
use engine_sql::BoundStatement;
use engine_sql::guard::ByteLimit;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use telemetry::{Kind, Span, Spans};
use trace_context::TraceContext;
use tracing::Instrument as _;

/// Maximum number of bytes of the values of a subscription, session variables included, for roles other than admin. They are kept
/// while it runs, and sent to Postgres in each run.
const MAX_ROLE_SUBSCRIPTION_BYTES: usize = 64 * 1024;

/// Maximum length in bytes of a client's text in a span.
const MAX_SPAN_TEXT: usize = 128;

/// Request as in GraphQL over HTTP. Of `extensions`, `traceparent` is read; other extensions and unknown keys are ignored.
#[derive(Debug, Clone)]
pub struct Request {
    pub query: String,
    /// Null and absent are the same.
    pub operation_name: Option<String>,
    /// Null and absent are the same.
    pub variables: Option<Map<String, Value>>,
    /// Trace that this operation belongs to, if it is not that of the connection. An invalid one is ignored.
    pub trace: Option<TraceContext>,
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
        let trace = payload
            .get("extensions")
            .and_then(|extensions| extensions.get("traceparent"));
        let trace = trace
            .and_then(Value::as_str)
            .and_then(TraceContext::parse_traceparent);
        Ok(Self {
            trace,
            query,
            operation_name: serde_json::from_value(operation_name).map_err(|error| invalid(&error))?,
            variables,
        })
    }
}

/// Limits and settings of GraphQL requests.
#[derive(Debug, Clone)]
pub struct GraphqlOptions {
    pub cost: CostOptions,
    /// Maximum length of a query document in bytes.
    pub max_query_bytes: usize,
    /// Maximum nesting of selection sets.
    pub max_depth: usize,
    pub schema: SchemaOptions,
}

/// Limits of the cost of one operation in the database.
#[derive(Debug, Clone, Copy)]
pub struct CostOptions {
    /// Time limit of an operation; `None` if there is no limit.
    pub time: Option<Duration>,
    /// The same for roles other than admin.
    pub role_time: Option<Duration>,
    /// Maximum number of bytes of a response to the admin.
    pub response_bytes: usize,
    /// The same for other roles.
    pub role_response_bytes: usize,
}

impl CostOptions {
    /// Returns the limits of an operation of a session; `api_limit` is the time limit of its role in the metadata.
    pub fn limits<'s>(
        &self,
        session: &'s Session,
        address: Option<IpAddr>,
        api_limit: Option<Duration>,
    ) -> OperationLimits<'s> {
        let is_admin = session.is_admin();
        let role_time = if is_admin { None } else { self.role_time };
        OperationLimits {
            time: [self.time, role_time, api_limit].into_iter().flatten().min(),
            response: self.response_limit(session),
            client: (!is_admin).then(|| client(session, address)),
        }
    }

    /// Returns the limit of responses to a session.
    pub fn response_limit(&self, session: &Session) -> ResponseLimit {
        let limit = ByteLimit {
            bytes: if session.is_admin() {
                self.response_bytes
            } else {
                self.role_response_bytes
            },
            of_role: !session.is_admin(),
        };
        ResponseLimit {
            bytes: limit.bytes,
            option: limit.option(),
        }
    }
}

/// Returns the client of a session: those with equal session variables are one client, or, without any, those of a network.
pub fn client(session: &Session, address: Option<IpAddr>) -> Client<'_> {
    let mut hasher = DefaultHasher::new();
    session.variables.hash(&mut hasher);
    if session.variables.keys().all(|name| name == ROLE) {
        // The session is that of every client of the role, for example of all anonymous ones.
        address.map(rate_limiter::network).hash(&mut hasher);
    }
    Client {
        role: &session.role,
        id: hasher.finish(),
    }
}

/// Returns the client whose work a request of a session is; `None` for admin, whose work is not limited.
pub fn worker(session: &Session, address: Option<IpAddr>) -> Option<u64> {
    (!session.is_admin()).then(|| client(session, address).id)
}

/// Returns the client whose work a request without a session is: those of a network are one client.
pub fn network(address: Option<IpAddr>) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.map(rate_limiter::network).hash(&mut hasher);
    hasher.finish()
}

/// Dependencies of GraphQL requests.
pub struct GraphqlContext {
    pub pool: Connections,
    pub documents: DocumentCache,
    pub schema: CurrentSchema,
    /// Wakes `live` and `events` after a mutation.
    pub waker: Waker,
    pub rates: RateLimiter,
    /// Destination of the spans of operations.
    pub spans: Spans,
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

/// Schema and document of an operation, which are looked up once.
#[derive(Debug)]
pub struct Lookup {
    schema: Arc<SchemaCache>,
    /// `None` until [`execute`] parses it.
    document: Option<Arc<Document>>,
}

impl Lookup {
    /// Uses the current schema, for an operation that is planned again.
    pub fn current(context: &GraphqlContext) -> Self {
        Self {
            schema: context.schema.load_full(),
            document: None,
        }
    }

    /// Adds the parsed document of the operation.
    #[must_use]
    pub fn with_document(self, document: Option<Arc<Document>>) -> Self {
        Self { document, ..self }
    }
}

/// Counts an operation for the rate limit of the session's role. Returns an error if it exceeds the limit, and otherwise the schema
/// with which the operation is executed.
pub fn admit(
    context: &GraphqlContext,
    session: &Session,
    address: Option<IpAddr>,
) -> Result<Lookup, RequestError> {
    let lookup = Lookup::current(context);
    if let Some(limit) = lookup.schema.api_limits(session).and_then(|limits| limits.rate) {
        context.rates.count(limit, session, address)?;
    }
    Ok(lookup)
}

/// Returns the maximum number of operations of a batch in the metadata.
pub fn batch_limit(context: &GraphqlContext, session: &Session) -> Option<usize> {
    context.schema.load().api_limits(session)?.batch
}

fn operation_limits<'s>(
    context: &GraphqlContext,
    schema: &SchemaCache,
    session: &'s Session,
    address: Option<IpAddr>,
) -> OperationLimits<'s> {
    let api_limit = schema.api_limits(session).and_then(|limits| limits.time);
    context.options.cost.limits(session, address, api_limit)
}

/// Parses, validates and plans a request, and runs it unless it is a subscription, as a span of the trace that the request or its session
/// belongs to. A mutation wakes `events` and those pollers of
/// `live` that read its tables. `address` is that of the client, and `reserved` is held until the operation ends, also if the client disconnects.
pub async fn execute(
    context: &Arc<GraphqlContext>,
    lookup: Lookup,
    session: &Session,
    address: Option<IpAddr>,
    request: &Request,
    reserved: impl Send + 'static,
) -> Result<Outcome, OperationError> {
    let parent = request.trace.or(session.trace);
    let trace = TraceContext::child_of(parent.as_ref());
    let span = context.spans.records(&trace).then(|| {
        let parent = parent.map(|parent| parent.span_id);
        let mut span = Span::start("graphql", Kind::Server, trace, parent);
        if let Some(name) = &request.operation_name
            && name.len() <= MAX_SPAN_TEXT
        {
            span.set("graphql.operation.name", name.clone());
        }
        span
    });
    let result = run(context, lookup, session, address, request, trace, reserved).await;
    // A subscription has only been planned.
    if let Some(mut span) = span
        && !matches!(result, Ok(Outcome::Subscription(..)))
    {
        span.is_error = result.is_err();
        context.spans.end(span);
    }
    result
}

/// [`execute`] as this span.
async fn run(
    context: &Arc<GraphqlContext>,
    lookup: Lookup,
    session: &Session,
    address: Option<IpAddr>,
    request: &Request,
    trace: TraceContext,
    reserved: impl Send + 'static,
) -> Result<Outcome, OperationError> {
    let Lookup { schema, document } = lookup;
    let isolation = isolation(context, &schema);
    let plan = move |schema: &SchemaCache| {
        let document = match document {
            Some(document) => document,
            None => self::document(context, request)?,
        };
        plan(context, schema, session, request, &document)
    };
    let worker = || worker(session, address);
    let (plan, values) = planning::run(context.pool.work(), worker, request, || plan(&schema)).await?;
    match &plan.fields {
        Fields::Query(fields) => {
            let limits = operation_limits(context, &schema, session, address);
            let responses = exec::query(&context.pool, isolation, limits, fields, &values).await?;
            Ok(Outcome::Done(envelope(fields, &responses)?))
        }
        Fields::Mutation(_) => {
            let mutation = mutation(
                Arc::clone(context),
                schema.api_limits(session).and_then(|limits| limits.time),
                isolation,
                Session {
                    trace: Some(trace),
                    ..session.clone()
                },
                address,
                Arc::clone(&plan),
                values,
            );
            let mutation = async move {
                let _reserved = reserved;
                mutation.await
            };
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
            let tables = plan.tables.clone();
            let mut plan = SubscriptionPlan::new(subscription, &values);
            plan.tables = tables;
            let limits = operation_limits(context, &schema, session, address);
            plan.time_limit = limits.time;
            plan.client = limits.client.map(|client| (client.role.into(), client.id));
            check_values(session, &plan)?;
            Ok(Outcome::Subscription(plan, schema))
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

/// Runs a mutation. The trace of the session is its own span, which causes its events.
async fn mutation(
    context: Arc<GraphqlContext>,
    api_limit: Option<Duration>,
    isolation: IsolationLevel,
    session: Session,
    address: Option<IpAddr>,
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
    let limits = context.options.cost.limits(&session, address, api_limit);
    let trace = session.trace.unwrap_or_else(TraceContext::root).to_hasura_json();
    let mutation = context.waker.mutation(&plan.tables);
    let result = exec::mutation(
        &context.pool,
        isolation,
        limits,
        CaptureContext {
            session: &session,
            trace: &trace,
            origin: context.waker.origin(),
        },
        &steps,
        &values,
    )
    .await;
    drop(mutation);
    envelope(fields, &result?)
}

/// Returns the response body `{"data":{…}}`.
fn envelope<T>(fields: &[RootField<T>], responses: &[Response<'_>]) -> Result<Bytes, ExecutionError> {
    let pairs = || fields.iter().zip(responses);
    // Allocate the whole body at once: a growing buffer is copied each time.
    let size = pairs().map(|(field, response)| {
        let namespace = field.namespace.as_ref().map_or(0, |name| name.len() + 6);
        field.key.len() + response.size() + 4 + namespace
    });
    let mut body = Vec::with_capacity(16 + size.sum::<usize>());
    body.extend_from_slice(b"{\"data\":{");
    let mut open: Option<&str> = None;
    for (i, (field, response)) in pairs().enumerate() {
        let namespace = field.namespace.as_deref();
        if open.is_some() && open != namespace {
            body.push(b'}');
        }
        if i > 0 {
            body.push(b',');
        }
        if let Some(name) = namespace.filter(|_| open != namespace) {
            key(&mut body, name);
            body.push(b'{');
        }
        open = namespace;
        key(&mut body, &field.key);
        response.push(&mut body)?;
    }
    if open.is_some() {
        body.push(b'}');
    }
    body.extend_from_slice(b"}}");
    Ok(body.into())
}

/// Appends a response key. It is a GraphQL name, which needs no escaping.
fn key(body: &mut Vec<u8>, name: &str) {
    body.push(b'"');
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(b"\":");
}

/// Returns the parsed document of a request, and the type of its operation.
pub async fn parse(
    context: &GraphqlContext,
    session: &Session,
    address: Option<IpAddr>,
    request: &Request,
) -> Result<(Arc<Document>, OperationType), RequestError> {
    let worker = || worker(session, address);
    let document = planning::run(context.pool.work(), worker, request, || {
        document(context, request)
    })
    .await?;
    let operation_type = document
        .operation(request.operation_name.as_deref())?
        .operation_type;
    Ok((document, operation_type))
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
    document: &Document,
) -> Result<(Arc<Plan>, Values), RequestError> {
    let request = engine_plan::Request {
        operation_name: request.operation_name.as_deref(),
        variables: request.variables.as_ref(),
        max_depth: context.options.max_depth,
    };
    schema.plan(session, document, &request, context.options.schema)
}

/// Returns the response of `/v1/graphql/explain`: for each root field of a query its SQL and Postgres' plan; for a
/// subscription the one statement of its poller. Mutations cannot be explained.
pub async fn explain(context: &GraphqlContext, session: &Session, request: &Request) -> Result<Value> {
    let schema = context.schema.load();
    // Only admins can explain, for any role.
    let limit = context.options.cost.response_limit(&Session::admin());
    let planned =
        document(context, request).and_then(|document| plan(context, &schema, session, request, &document));
    let (plan, values) = planned.map_err(|RequestError(error)| explained(session, error))?;
    match &plan.fields {
        Fields::Query(fields) => {
            let mut out = Vec::with_capacity(fields.len());
            for field in fields {
                out.push(match &field.value {
                    QueryField::Statement(statement) => {
                        let statement = values.bind(statement);
                        let plan = exec::explain_statement(&context.pool, limit, &statement).await?;
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
            let explained = exec::explain_statement(&context.pool, limit, &statement).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_without_variables_differ_by_their_network() {
        let id = |session: &Session, address: &str| client(session, Some(address.parse().unwrap())).id;
        let anonymous = Session::of_role("anonymous");
        assert_ne!(id(&anonymous, "192.0.2.1"), id(&anonymous, "192.0.2.2"));
        assert_ne!(id(&anonymous, "2001:db8::1"), id(&anonymous, "2001:db8:0:1::1"));
        assert_eq!(id(&anonymous, "2001:db8::1"), id(&anonymous, "2001:db8::2"));
        let variables = [("x-hasura-user-id".to_owned(), "1".to_owned())].into();
        let user = Session::new("user".to_owned(), variables);
        assert_eq!(id(&user, "192.0.2.1"), id(&user, "192.0.2.2"));
    }
}
