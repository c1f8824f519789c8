//! Composition root: creates the contexts of the crates from the configuration.

use crate::config::Config;
use arc_swap::ArcSwap;
use engine_admin::{AdminContext, AdminOptions};
use engine_error::Result;
use engine_plan::document::DocumentCache;
use engine_plan::schema_cache::{CurrentSchema, SchemaCache};
use engine_postgres::pool::Connections;
use engine_runtime::graphql::{GraphqlContext, GraphqlOptions};
use engine_runtime::rate_limiter::RateLimiter;
use engine_runtime::wake::Waker;
use engine_runtime::{events, live};
use std::sync::Arc;
use telemetry::Spans;
use tokio_util::sync::CancellationToken;

/// Contexts of a running engine.
pub struct Engine {
    /// Connections for requests.
    pub pool: Connections,
    pub schema: CurrentSchema,
    pub graphql: Arc<GraphqlContext>,
    pub admin: Arc<AdminContext>,
    pub live: Arc<live::Registry>,
    pub events: events::Context,
    pub spans: Spans,
    /// Cancelled at shutdown: background tasks and sockets end, requests in flight are completed.
    pub shutdown: CancellationToken,
}

impl Engine {
    /// Creates the contexts; no connection is made. `spans`: destination of the spans of operations and deliveries. Returns an error if the connection string is invalid.
    pub fn new(config: &Config, pool: Connections, schema: SchemaCache, spans: Spans) -> Result<Self> {
        let schema: CurrentSchema = Arc::new(ArcSwap::from_pointee(schema));
        let waker = Waker::default();
        let shutdown = CancellationToken::new();
        let live = live::Context::new(
            &config.pool(),
            &pool,
            config.live(),
            Arc::clone(&schema),
            waker.clone(),
            shutdown.clone(),
        )?;
        let admin_options = AdminOptions {
            pool: config.pool(),
            cost: config.cost(),
            schema: config.schema(),
            schema_sync_interval: config.schema_sync_interval(),
        };
        let graphql_options = GraphqlOptions {
            cost: config.cost(),
            max_query_bytes: config.max_query_bytes as usize,
            max_depth: config.max_depth as usize,
            schema: config.schema(),
        };
        Ok(Self {
            graphql: Arc::new(GraphqlContext {
                pool: pool.clone(),
                documents: DocumentCache::default(),
                schema: Arc::clone(&schema),
                waker: waker.clone(),
                rates: RateLimiter::default(),
                spans: spans.clone(),
                options: graphql_options,
            }),
            admin: Arc::new(AdminContext::new(
                pool.clone(),
                Arc::clone(&schema),
                waker.clone(),
                admin_options,
            )),
            live: Arc::new(live::Registry::new(live)),
            events: events::Context {
                pool: config.pool(),
                options: config.events(),
                schema: Arc::clone(&schema),
                waker,
                spans: spans.clone(),
            },
            spans,
            pool,
            schema,
            shutdown,
        })
    }
}
