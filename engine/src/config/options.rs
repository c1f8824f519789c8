//! Conversion of the configuration into the options of each crate.

use super::{Api, Config, TxIsolation};
use engine_console::Console;
use engine_model::session::Session;
use engine_plan::schema::SchemaOptions;
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::pool::PoolOptions;
use engine_runtime::events::EventOptions;
use engine_runtime::graphql::CostOptions;
use engine_runtime::live::LiveOptions;
use engine_server::options::{AuthSummary, Endpoints, ServerOptions};
use engine_server::serve::ConnectionLimits;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Files for subscriptions, events, authentication, logs and refused connections.
const RESERVED_FILES: u64 = 256;

/// Number of connections that are possible even with a very low open-file limit.
const MIN_CONNECTIONS: u64 = 16;

impl Config {
    /// Returns [`Self::operation_timeout`] as a duration; `None` if there is no limit.
    pub fn operation_limit(&self) -> Option<Duration> {
        (self.operation_timeout > 0).then(|| Duration::from_secs(self.operation_timeout))
    }

    /// Returns the limits of the cost of an operation.
    pub fn cost(&self) -> CostOptions {
        CostOptions {
            time: self.operation_limit(),
            role_time: (self.role_operation_timeout > 0)
                .then(|| Duration::from_secs(self.role_operation_timeout)),
            response_bytes: self.max_response_bytes as usize,
            role_response_bytes: self.max_role_response_bytes as usize,
        }
    }

    /// Returns the options of connection pools.
    pub fn pool(&self) -> PoolOptions {
        PoolOptions {
            database_url: self.database_url.clone(),
            operation_timeout: self.operation_timeout,
            client_percent: self.client_processors_percent,
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
            explicit_function_permissions: !self.infer_function_permissions,
            allow_list: self.enable_allowlist,
            expensive_operators: self.expensive_operators_roles,
            max_response_bytes: self.max_response_bytes as usize,
            max_role_response_bytes: self.max_role_response_bytes as usize,
        }
    }

    /// Returns the settings of subscriptions.
    pub fn live(&self) -> LiveOptions {
        LiveOptions {
            refetch_interval: Duration::from_millis(self.live_queries_multiplexed_refetch_interval),
            batch_size: self.live_queries_multiplexed_batch_size as usize,
            batch_response: self.cost().response_limit(&Session::admin()),
        }
    }

    /// Returns the settings of event delivery.
    pub fn events(&self) -> EventOptions {
        EventOptions {
            http_pool_size: self.events_http_pool_size as usize,
            fetch_batch_size: self.events_fetch_batch_size as usize,
            fetch_interval: Duration::from_millis(self.events_fetch_interval),
            max_bytes_in_flight: self.events_max_bytes_in_flight as usize,
            max_retries_after: self.events_max_retries_after,
            log_headers_from_env: self.log_headers_from_env,
            link_local_webhooks: self.events_link_local_webhooks,
            shutdown_timeout: self.shutdown_timeout(),
        }
    }

    /// Returns the settings of the HTTP and WebSocket interfaces.
    pub fn server(&self, auth: AuthSummary, console: Option<Console>) -> ServerOptions {
        ServerOptions {
            endpoints: Endpoints {
                graphql: self.serves(Api::Graphql),
                metadata: self.serves(Api::Metadata),
                config: self.serves(Api::Config),
            },
            max_body_bytes: self.max_body_bytes as usize,
            max_role_body_bytes: self.max_role_body_bytes as usize,
            body_timeout: self.request_body_timeout,
            websocket_keepalive: Duration::from_secs(self.websocket_keepalive),
            websocket_init_timeout: Duration::from_secs(self.websocket_connection_init_timeout),
            dev_mode: self.dev_mode,
            admin_internal_errors: self.admin_internal_errors,
            websocket_read_cookie: self.ws_read_cookie,
            auth,
            live: self.live(),
            reported_version: self.reported_version.clone(),
            console,
        }
    }

    /// Opens the console if it is enabled.
    pub fn console(&self) -> Result<Option<Console>, String> {
        if !self.enable_console {
            return Ok(None);
        }
        Console::open(self.console_assets_dir.clone())
            .map(Some)
            .map_err(|error| error.to_string())
    }

    /// Returns the limits of connections. Each is a file: the number is reduced so that database connections, webhook calls and the
    /// refusal of further connections have files too.
    pub fn connections(&self, open_files: Option<u64>) -> ConnectionLimits {
        let reserve = u64::from(self.pg_connections) + u64::from(self.events_http_pool_size) + RESERVED_FILES;
        let possible = open_files.map_or(u64::MAX, |files| {
            files.saturating_sub(reserve).max(MIN_CONNECTIONS)
        });
        let connections = u64::from(self.max_connections).min(possible);
        let per_address = self.max_connections_per_address as usize;
        ConnectionLimits {
            header_timeout: self.request_header_timeout,
            idle_timeout: self.keep_alive_timeout,
            write_timeout: self.response_write_timeout,
            connections: usize::try_from(connections).unwrap_or(usize::MAX),
            connections_per_address: (per_address > 0).then_some(per_address),
            header_bytes: self.max_header_bytes as usize,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_other_purposes() {
        let arguments = ["engine", "--database-url", "x", "--max-connections", "5000"];
        let config = Config::from_arguments(arguments.map(ToOwned::to_owned)).unwrap();
        let connections = |files| config.connections(files).connections;
        assert_eq!(connections(None), 5000);
        assert_eq!(connections(Some(1_000_000)), 5000);
        assert_eq!(connections(Some(1024)), 1024 - 50 - 100 - 256);
        assert_eq!(connections(Some(100)), 16);
    }
}
