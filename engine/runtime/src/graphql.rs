//! Execution of one GraphQL request, shared by the HTTP and WebSocket edges.
//!
//! - [`request`]: the request
//! - [`client`]: the client of a session
//! - [`cost`]: the limits of an operation
//! - [`envelope`]: the response body
//! - [`explain`]: plans instead of execution

mod client;
mod cost;
mod envelope;
mod explain;
mod request;

pub use client::{client, network, worker};
pub use cost::CostOptions;
pub use explain::explain;
pub use request::Request;

use crate::exec::{self, CaptureContext};
use crate::planning;
use crate::rate_limiter::RateLimiter;
use crate::wake::Waker;
use apollo_compiler::ast::OperationType;
use bytes::Bytes;
use engine_error::{Code, Error, ExecutionError, OperationError, RequestError, Result};
use engine_model::session::Session;
use engine_plan::document::{Document, DocumentCache};
use engine_plan::schema::SchemaOptions;
use engine_plan::schema_cache::{CurrentSchema, SchemaCache};
use engine_plan::{Fields, Plan, SubscriptionPlan, Values};
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::limit::OperationLimits;
use engine_postgres::pool::Connections;
use envelope::envelope;
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
