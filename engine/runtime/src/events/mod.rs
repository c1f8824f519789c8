//! Event delivery: events that capture triggers have recorded in `hdb_catalog.event_log` are delivered to webhooks at least
//! once.
//!
//! - `dispatcher`: the main loop
//! - `poll_schedule`, `load`, `scan_windows`: when the queue is polled, and from which event on
//! - `set_aside`: when events of paused and unknown triggers leave the queue, and return to it
//! - `in_flight`, `fair_share`: the claimed events, and the slots that each trigger may use
//! - `queue`, `settlement_writer`, `retry`: the statements of the queue
//! - `payload_budget`, `payload`: payloads of large events, which are loaded when their delivery starts, and their memory
//! - `delivery`: one delivery
//! - [`retention`]: scheduled deletion of old events
//! - `scheduled`: events of cron triggers and one-off events
//! - `instance_lock`: the advisory lock under which this instance claims events

mod claimed;
mod delivery;
mod dispatcher;
mod fair_share;
mod in_flight;
mod instance_lock;
mod load;
mod payload;
mod payload_budget;
mod poll;
mod poll_schedule;
mod queue;
pub mod retention;
mod retry;
mod scan_windows;
mod scheduled;
mod set_aside;
mod settlement_writer;

use crate::wake::Waker;
use claimed::InstanceKey;
use delivery::WebhookClient;
use engine_error::{Code, Error, Result};
use engine_plan::schema_cache::CurrentSchema;
use engine_postgres::pool::PoolOptions;
use instance_lock::InstanceLock;
use payload_budget::PayloadBudget;
use queue::EventQueue;
use std::time::Duration;
use telemetry::Spans;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Settings of event delivery.
#[derive(Debug, Clone)]
pub struct EventOptions {
    /// Maximum number of concurrent calls.
    pub http_pool_size: usize,
    /// Maximum number of events per claim.
    pub fetch_batch_size: usize,
    /// Interval between two polls of an idle queue.
    pub fetch_interval: Duration,
    /// Maximum number of bytes of payloads that are not small (see [`payload_budget`]) in memory, of captured and scheduled events.
    pub max_bytes_in_flight: usize,
    /// Maximum number of retries because of `Retry-After`, if it is larger than that of the trigger.
    pub max_retries_after: u32,
    /// Whether the log of a call contains header values from the environment.
    pub log_headers_from_env: bool,
    /// Whether webhooks can have link-local addresses.
    pub link_local_webhooks: bool,
    /// Maximum duration of the calls in flight after the shutdown request.
    pub shutdown_timeout: Duration,
}

/// Dependencies of event delivery.
#[derive(Clone)]
pub struct Context {
    /// Parameters of the dedicated connections.
    pub pool: PoolOptions,
    pub options: EventOptions,
    /// Source of the event triggers.
    pub schema: CurrentSchema,
    pub waker: Waker,
    /// Destination of the spans of deliveries.
    pub spans: Spans,
}

/// Delivers events, and deletes old ones, until `stop` is cancelled. The task ends when the calls in flight have completed, or after the configured
/// shutdown timeout, and the remaining held events have been released. Returns an error if the configuration is invalid;
/// an unreachable database is retried.
pub fn start(context: Context, stop: CancellationToken) -> Result<JoinHandle<()>> {
    // reqwest uses the default provider of the process; keep one that is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let shared = Shared::new(&context)?;
    let dispatcher = dispatcher::Dispatcher::new(context.clone(), &shared);
    let scheduler = scheduled::Scheduler::new(context.clone(), &shared);
    Ok(tokio::spawn(async move {
        tokio::join!(
            dispatcher.run(stop.clone()),
            scheduler.run(stop.clone()),
            retention::run(context, stop),
        );
        let left = tokio::time::timeout(dispatcher::SHUTDOWN_DB_TIMEOUT, shared.queue.leave()).await;
        if left.is_err() {
            tracing::debug!("cannot unregister the instance: database unreachable");
        }
    }))
}

/// Resources that the dispatcher of captured events shares with the scheduler.
struct Shared {
    queue: EventQueue,
    instance_lock: InstanceLock,
    http: WebhookClient,
    payloads: PayloadBudget,
}

impl Shared {
    fn new(context: &Context) -> Result<Self> {
        let options = &context.options;
        let key = InstanceKey::random();
        let spans = context.spans.clone();
        let http = WebhookClient::new(options.http_pool_size, options.link_local_webhooks, spans);
        let http = http.map_err(|error| {
            let message = format!("cannot create the HTTP client for webhooks: {error}");
            Error::new(Code::Unexpected, message)
        })?;
        Ok(Self {
            queue: EventQueue::new(&context.pool, key)?,
            instance_lock: InstanceLock::hold(&context.pool, key, context.waker.clone())?,
            http,
            payloads: PayloadBudget::new(options.max_bytes_in_flight),
        })
    }
}
