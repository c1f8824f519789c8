//! Conversion of the configuration into the options of each crate.

use super::{Api, Config, TxIsolation};
use engine_plan::schema::SchemaOptions;
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::pool::PoolOptions;
use engine_runtime::events::EventOptions;
use engine_runtime::live::LiveOptions;
use engine_server::options::{AuthSummary, Endpoints, ServerOptions};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

impl Config {
    /// Returns [`Self::operation_timeout`] as a duration; `None` if there is no limit.
    pub fn operation_limit(&self) -> Option<Duration> {
        (self.operation_timeout > 0).then(|| Duration::from_secs(self.operation_timeout))
    }

    /// Returns the options of connection pools.
    pub fn pool(&self) -> PoolOptions {
        PoolOptions {
            database_url: self.database_url.clone(),
            operation_timeout: self.operation_timeout,
            isolation: match self.tx_isolation {
                TxIsolation::ReadCommitted => IsolationLevel::ReadCommitted,
                TxIsolation::RepeatableRead => IsolationLevel::RepeatableRead,
                TxIsolation::Serializable => IsolationLevel::Serializable,
            },
        }
    }

    /// Returns the settings of the GraphQL API.
    pub fn schema(&self) -> SchemaOptions {
        SchemaOptions {
            stringify_numeric_types: self.stringify_numeric_types,
            v1_boolean_null_collapse: self.v1_boolean_null_collapse,
        }
    }

    /// Returns the settings of subscriptions.
    pub fn live(&self) -> LiveOptions {
        LiveOptions {
            refetch_interval: Duration::from_millis(self.live_queries_multiplexed_refetch_interval),
            batch_size: self.live_queries_multiplexed_batch_size as usize,
        }
    }

    /// Returns the settings of event delivery.
    pub fn events(&self) -> EventOptions {
        EventOptions {
            http_pool_size: self.events_http_pool_size as usize,
            fetch_batch_size: self.events_fetch_batch_size as usize,
            fetch_interval: Duration::from_millis(self.events_fetch_interval),
            log_headers_from_env: self.log_headers_from_env,
            link_local_webhooks: self.events_link_local_webhooks,
            shutdown_timeout: self.shutdown_timeout(),
        }
    }

    /// Returns the settings of the HTTP and WebSocket interfaces.
    pub fn server(&self, auth: AuthSummary) -> ServerOptions {
        ServerOptions {
            endpoints: Endpoints {
                graphql: self.serves(Api::Graphql),
                metadata: self.serves(Api::Metadata),
                config: self.serves(Api::Config),
            },
            max_body_bytes: self.max_body_bytes as usize,
            max_role_body_bytes: self.max_role_body_bytes as usize,
            websocket_keepalive: Duration::from_secs(self.websocket_keepalive),
            websocket_init_timeout: Duration::from_secs(self.websocket_connection_init_timeout),
            dev_mode: self.dev_mode,
            admin_internal_errors: self.admin_internal_errors,
            websocket_read_cookie: self.ws_read_cookie,
            auth,
            live: self.live(),
        }
    }

    /// Returns the address to listen on. Without a secret, other machines have access only if the operator chose the address.
    pub fn address(&self) -> SocketAddr {
        let default = if self.has_admin_secret() {
            Ipv4Addr::UNSPECIFIED
        } else {
            Ipv4Addr::LOCALHOST
        };
        SocketAddr::new(self.server_host.unwrap_or(IpAddr::V4(default)), self.server_port)
    }

    /// Returns [`Self::schema_sync_poll_interval`] as a duration.
    pub fn schema_sync_interval(&self) -> Duration {
        Duration::from_millis(self.schema_sync_poll_interval)
    }

    /// Returns [`Self::graceful_shutdown_timeout`] as a duration.
    pub fn shutdown_timeout(&self) -> Duration {
        Duration::from_secs(self.graceful_shutdown_timeout)
    }

    /// Whether a group of endpoints is enabled.
    pub(super) fn serves(&self, api: Api) -> bool {
        self.enabled_apis.contains(&api)
    }
}
