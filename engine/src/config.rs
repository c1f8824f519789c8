//! Options of the engine, each with its environment variable and default. `--help` prints the doc comments of this file;
//! SUPPORT.md lists Hasura's variables that are not supported.

mod auth;
mod options;
mod parse;
#[cfg(test)]
mod tests;
mod values;

pub use auth::AuthConfig;
pub use values::{Api, AuthHookMode, LogFormat, TxIsolation};

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Parser};
use connection::Secret;
use engine_model::metadata::naming::NamingConvention;
use engine_model::trigger::environment::VariablePattern;
use engine_plan::schema::RoleSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use values::{positive, positive_u64, role_set, seconds};

/// A GraphQL and event engine for Postgres that implements Hasura v2's protocols.
///
/// Every option can be given as an environment variable instead; an option on the command line wins.
#[derive(Debug, Clone, Parser)]
#[command(name = "engine", version, max_term_width = 110)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each flag is a separate option, as in Hasura"
)]
pub struct Config {
    /// Database URL, for example <postgres://user:password@host:5432/name>. Metadata and events are stored in the same
    /// database, in the schema `hdb_catalog`.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: Secret,

    /// Address to listen on. The default is 0.0.0.0 with an admin secret, and 127.0.0.1 without one.
    #[arg(long, env = "HASURA_GRAPHQL_SERVER_HOST", value_name = "ADDRESS")]
    pub server_host: Option<IpAddr>,

    /// Port to listen on; 0 selects a free port, which is logged.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_SERVER_PORT",
        default_value_t = 8080,
        value_name = "PORT"
    )]
    pub server_port: u16,

    /// Admin secret (header `X-Hasura-Admin-Secret`). Without it every request has the role admin.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_ADMIN_SECRET",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub admin_secret: Option<Secret>,

    /// Further admin secrets, as a JSON list of strings. Each is accepted, so that a secret can be replaced without an
    /// interruption.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_ADMIN_SECRETS",
        hide_env_values = true,
        value_name = "JSON"
    )]
    pub admin_secrets: Option<Secret>,

    /// Former name of the admin secret.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_ACCESS_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    pub access_key: Option<Secret>,

    /// JWT verification as a JSON object: `type` and `key`, or `jwk_url`; optional `claims_namespace`,
    /// `claims_namespace_path`, `claims_format`, `claims_map`, `audience`, `issuer`, `allowed_skew`, `header`. Requires an admin
    /// secret.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_JWT_SECRET",
        hide_env_values = true,
        value_name = "JSON"
    )]
    pub jwt_secret: Option<Secret>,

    /// JWT verification for several issuers, as a JSON list of the objects of `--jwt-secret`.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_JWT_SECRETS",
        hide_env_values = true,
        value_name = "JSON"
    )]
    pub jwt_secrets: Option<Secret>,

    /// Address of the webhook that authenticates requests. Requires an admin secret; cannot be combined with JWT.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_AUTH_HOOK",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub auth_hook: Option<Secret>,

    /// HTTP method of calls of the authentication webhook.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_AUTH_HOOK_MODE",
        ignore_case = true,
        default_value = "GET",
        value_name = "METHOD"
    )]
    pub auth_hook_mode: AuthHookMode,

    /// Send GraphQL requests to an authentication webhook with the method POST. They are then read before the
    /// authentication, up to 1 MiB.
    #[arg(long, env = "HASURA_GRAPHQL_AUTH_HOOK_SEND_REQUEST_BODY", default_value_t = true, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub auth_hook_send_request_body: bool,

    /// Role of requests without the admin secret and without a token; if unset, they are rejected. Requires an admin secret.
    #[arg(long, env = "HASURA_GRAPHQL_UNAUTHORIZED_ROLE", value_name = "ROLE")]
    pub unauthorized_role: Option<String>,

    /// Take the session variables of the unauthorized role from the client's headers, as in Hasura. Dangerous: permissions
    /// that compare rows with session variables do not protect anything then.
    #[arg(long, env = "HASURA_GRAPHQL_UNAUTHORIZED_ROLE_TRUSTS_HEADERS", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub unauthorized_role_trusts_headers: bool,

    /// Let cookies of a WebSocket handshake authenticate it although CORS is disabled. Dangerous: a page of any origin can
    /// then connect with the cookies of its visitor.
    #[arg(long, env = "HASURA_GRAPHQL_WS_READ_COOKIE", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub ws_read_cookie: bool,

    /// Allowed origins of web pages, separated by commas; `*` for any; in
    /// `http://*.example.com` the `*` stands for one label. The default is
    /// `*` with an admin secret, and the engine's own origin without one. Requests from other origins are rejected.
    #[arg(long, env = "HASURA_GRAPHQL_CORS_DOMAIN", value_name = "ORIGINS")]
    pub cors_domain: Option<String>,

    /// Host names, separated by commas, allowed in the header `Host` of requests to a loopback address, besides
    /// localhost and IP addresses. Protects against DNS rebinding.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_ALLOWED_HOSTS",
        value_delimiter = ',',
        value_name = "HOSTS"
    )]
    pub allowed_hosts: Vec<String>,

    /// Send no CORS headers at all.
    #[arg(long, env = "HASURA_GRAPHQL_DISABLE_CORS", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub disable_cors: bool,

    /// Enabled groups of endpoints; the others return 404.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_ENABLED_APIS",
        value_delimiter = ',',
        value_name = "APIS",
        default_value = "metadata,graphql,config"
    )]
    pub enabled_apis: Vec<Api>,

    /// Serve a console at /console: the one that the engine contains (feature `console`), or that of `--console-assets-dir`.
    #[arg(long, env = "HASURA_GRAPHQL_ENABLE_CONSOLE", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub enable_console: bool,

    /// Directory of the console's files: a build of apps/console, or the assets of Hasura's console.
    #[arg(long, env = "HASURA_GRAPHQL_CONSOLE_ASSETS_DIR", value_name = "DIRECTORY")]
    pub console_assets_dir: Option<PathBuf>,

    /// Version of Hasura that /v1/version and /v1alpha1/config report, by which its console and CLI choose their requests. The
    /// engine's own version is in `engine_version`.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_REPORTED_VERSION",
        default_value = concat!("v2.45.0+3factor.", env!("CARGO_PKG_VERSION")),
        value_name = "VERSION"
    )]
    pub reported_version: String,

    /// Include `internal` (SQL and the Postgres error) in errors for every role. Not for production.
    #[arg(long, env = "HASURA_GRAPHQL_DEV_MODE", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub dev_mode: bool,

    /// Include `internal` in errors for the role admin.
    #[arg(long, env = "HASURA_GRAPHQL_ADMIN_INTERNAL_ERRORS", default_value_t = true, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub admin_internal_errors: bool,

    /// Return bigint, numeric and double precision as strings, which JavaScript can represent without loss.
    #[arg(long, env = "HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub stringify_numeric_types: bool,

    /// Let roles call a function that is a query if they may read the table whose rows it returns. Otherwise, and for functions that
    /// are mutations, roles need a function permission.
    #[arg(long, env = "HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS", default_value_t = true, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub infer_function_permissions: bool,

    /// Restrict roles other than admin to the operations of the allow list, which the metadata contains.
    #[arg(long, env = "HASURA_GRAPHQL_ENABLE_ALLOWLIST", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub enable_allowlist: bool,

    /// Naming convention of sources whose metadata does not choose one: hasura-default, or graphql-default for camelCase fields and
    /// `PascalCase` types.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION",
        default_value = "hasura-default",
        value_name = "CONVENTION"
    )]
    pub default_naming_convention: NamingConvention,

    /// Let null make a condition true, as in Hasura v1, instead of refusing it. Dangerous: a delete whose variable is not set
    /// deletes every row.
    #[arg(long, env = "HASURA_GRAPHQL_V1_BOOLEAN_NULL_COLLAPSE", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub v1_boolean_null_collapse: bool,

    /// Maximum number of database connections for requests. Events, subscriptions and `/healthz` use a few additional ones.
    #[arg(long, env = "HASURA_GRAPHQL_PG_CONNECTIONS", default_value_t = 50, value_name = "N",
          value_parser = positive())]
    pub pg_connections: u32,

    /// Isolation level of queries, mutations and `run_sql`, unless the source in the metadata has an `isolation_level`.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_TX_ISOLATION",
        default_value = "read-committed",
        value_name = "LEVEL"
    )]
    pub tx_isolation: TxIsolation,

    /// Maximum wait at start for an unreachable database, or for locks on tables of the catalog, in seconds.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_DATABASE_WAIT",
        default_value_t = 60,
        value_name = "SECONDS"
    )]
    pub database_wait: u64,

    /// Interval for checking whether another instance changed the metadata, in milliseconds; 0 disables the check.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_SCHEMA_SYNC_POLL_INTERVAL",
        default_value_t = 1000,
        value_name = "MS"
    )]
    pub schema_sync_poll_interval: u64,

    /// Maximum duration of requests and deliveries in flight after a shutdown request, in seconds.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_GRACEFUL_SHUTDOWN_TIMEOUT",
        default_value_t = 60,
        value_name = "SECONDS"
    )]
    pub graceful_shutdown_timeout: u64,

    /// Maximum number of concurrent webhook calls.
    #[arg(long, env = "HASURA_GRAPHQL_EVENTS_HTTP_POOL_SIZE", default_value_t = 100, value_name = "N",
          value_parser = positive())]
    pub events_http_pool_size: u32,

    /// Interval for polling the event queue when the engine is idle, in milliseconds.
    #[arg(long, env = "HASURA_GRAPHQL_EVENTS_FETCH_INTERVAL", default_value_t = 1000, value_name = "MS",
          value_parser = positive_u64())]
    pub events_fetch_interval: u64,

    /// Maximum number of events claimed at a time.
    #[arg(long, env = "HASURA_GRAPHQL_EVENTS_FETCH_BATCH_SIZE", default_value_t = 100, value_name = "N",
          value_parser = positive())]
    pub events_fetch_batch_size: u32,

    /// Maximum size of the rows in an event, as JSON, in bytes. The event of a larger change contains the primary keys only and
    /// ends as failed, with the reason in the invocation log; the change itself succeeds. Of several engines on a database,
    /// the value of the one that started last applies.
    #[arg(long, env = "HASURA_GRAPHQL_EVENTS_MAX_PAYLOAD_BYTES", default_value_t = 32 * 1024 * 1024, value_name = "BYTES",
          value_parser = positive())]
    pub events_max_payload_bytes: u32,

    /// Maximum size of all events larger than 16 KiB that the engine holds in memory, in bytes. An event that is larger alone is
    /// delivered while no other one of them is held.
    #[arg(long, env = "HASURA_GRAPHQL_EVENTS_MAX_BYTES_IN_FLIGHT", default_value_t = 32 * 1024 * 1024, value_name = "BYTES",
          value_parser = positive())]
    pub events_max_bytes_in_flight: u32,

    /// Maximum number of retries of an event whose webhook responds with Retry-After, if it is larger than `num_retries` of the
    /// trigger. From the 40th on, the engine waits longer between two tries, so that 1000 retries take at least 31 hours.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_EVENTS_MAX_RETRIES_AFTER",
        default_value_t = 1000,
        value_name = "N"
    )]
    pub events_max_retries_after: u32,

    /// Record the values of webhook headers from the environment in the invocation log instead of the variables' names.
    #[arg(long, env = "HASURA_GRAPHQL_LOG_HEADERS_FROM_ENV", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub log_headers_from_env: bool,

    /// Deliver events also to link-local addresses, at which clouds serve the credentials of the machine, and through the proxy that
    /// the environment configures, which resolves names itself.
    #[arg(long, env = "HASURA_GRAPHQL_EVENTS_LINK_LOCAL_WEBHOOKS", default_value_t = false, action = ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", value_parser = BoolishValueParser::new())]
    pub events_link_local_webhooks: bool,

    /// Environment variables that metadata can read, in webhook URLs and header values: names, or prefixes with * at the
    /// end, separated by commas. The default is all except `HASURA_GRAPHQL_*`, `AWS_*` and `PG*`.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_METADATA_VARIABLES",
        value_delimiter = ',',
        value_name = "NAMES"
    )]
    pub metadata_variables: Vec<VariablePattern>,

    /// Interval for running live queries again when the engine is idle, in milliseconds.
    #[arg(long, env = "HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL", default_value_t = 1000,
          value_name = "MS", value_parser = positive_u64())]
    pub live_queries_multiplexed_refetch_interval: u64,

    /// Maximum number of subscribers of one live query per SQL statement.
    #[arg(long, env = "HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_BATCH_SIZE", default_value_t = 100, value_name = "N",
          value_parser = positive())]
    pub live_queries_multiplexed_batch_size: u32,

    /// WebSocket keep-alive interval in seconds.
    #[arg(long, env = "HASURA_GRAPHQL_WEBSOCKET_KEEPALIVE", default_value_t = 5, value_name = "SECONDS",
          value_parser = positive_u64())]
    pub websocket_keepalive: u64,

    /// Maximum time for a WebSocket client to authenticate with `connection_init`, in seconds.
    #[arg(long, env = "HASURA_GRAPHQL_WEBSOCKET_CONNECTION_INIT_TIMEOUT", default_value_t = 3,
          value_name = "SECONDS", value_parser = positive_u64())]
    pub websocket_connection_init_timeout: u64,

    /// Maximum nesting depth of a GraphQL operation.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_DEPTH", default_value_t = 50, value_name = "N", value_parser = positive())]
    pub max_depth: u32,

    /// Maximum size of a GraphQL document, in bytes.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_QUERY_BYTES", default_value_t = 256 * 1024, value_name = "BYTES",
          value_parser = positive())]
    pub max_query_bytes: u32,

    /// Maximum size of a request body, in bytes.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_BODY_BYTES", default_value_t = 32 * 1024 * 1024, value_name = "BYTES",
          value_parser = positive())]
    pub max_body_bytes: u32,

    /// Maximum size of a GraphQL request of a role other than admin, in bytes, over HTTP and WebSocket. Commands of such roles
    /// (/v1/query) have at most 1 MiB.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_ROLE_BODY_BYTES", default_value_t = 2 * 1024 * 1024, value_name = "BYTES",
          value_parser = positive())]
    pub max_role_body_bytes: u32,

    /// Maximum memory of the requests in progress, bodies and parsed values, of all roles other than admin together, in bytes; the
    /// role admin has four times as much. Requests beyond it get 503.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_CONCURRENT_BODY_BYTES", default_value_t = 64 * 1024 * 1024,
          value_name = "BYTES", value_parser = positive())]
    pub max_concurrent_body_bytes: u32,

    /// Maximum size of the request line and the headers of a request, in bytes; longer ones get 431.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_HEADER_BYTES", default_value_t = 32 * 1024, value_name = "BYTES",
          value_parser = positive())]
    pub max_header_bytes: u32,

    /// Maximum number of client connections, `WebSocket`s included, at most the open-file limit without a reserve. Beyond it,
    /// connections without an authenticated request and idle ones are closed for new ones, or new ones get 503.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "N",
          value_parser = positive())]
    pub max_connections: u32,

    /// Maximum number of connections per client address; 0 disables the limit. Not behind a proxy or load balancer, whose address
    /// all clients have.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_MAX_CONNECTIONS_PER_ADDRESS",
        default_value_t = 0,
        value_name = "N"
    )]
    pub max_connections_per_address: u32,

    /// Part of the processors, in percent, that a client of a role other than admin may use in the long term while others are active;
    /// beyond it, its requests wait. The time of its statements counts, too. 0 disables the limit.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_CLIENT_PROCESSORS_PERCENT",
        default_value_t = 10,
        value_name = "PERCENT",
        value_parser = clap::value_parser!(u32).range(0..=100)
    )]
    pub client_processors_percent: u32,

    /// Maximum time in which the headers of a request are received, in seconds (also `0.5`).
    #[arg(long, env = "HASURA_GRAPHQL_REQUEST_HEADER_TIMEOUT", default_value = "10", value_name = "SECONDS",
          value_parser = seconds)]
    pub request_header_timeout: Duration,

    /// Maximum time in which the body of a request, or a long WebSocket message, is received, in seconds.
    #[arg(long, env = "HASURA_GRAPHQL_REQUEST_BODY_TIMEOUT", default_value = "30", value_name = "SECONDS",
          value_parser = seconds)]
    pub request_body_timeout: Duration,

    /// Maximum time between two requests of a connection, in seconds.
    #[arg(long, env = "HASURA_GRAPHQL_KEEP_ALIVE_TIMEOUT", default_value = "75", value_name = "SECONDS",
          value_parser = seconds)]
    pub keep_alive_timeout: Duration,

    /// Maximum time in which a client does not read any part of a response, in seconds.
    #[arg(long, env = "HASURA_GRAPHQL_RESPONSE_WRITE_TIMEOUT", default_value = "30", value_name = "SECONDS",
          value_parser = seconds)]
    pub response_write_timeout: Duration,

    /// Maximum size of a response to the admin, in bytes: of an operation, of the operations of a batch before the last one, and of the
    /// rows of `run_sql`.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_RESPONSE_BYTES", default_value_t = 64 * 1024 * 1024, value_name = "BYTES",
          value_parser = positive())]
    pub max_response_bytes: u32,

    /// The same for roles other than admin.
    #[arg(long, env = "HASURA_GRAPHQL_MAX_ROLE_RESPONSE_BYTES", default_value_t = 16 * 1024 * 1024, value_name = "BYTES",
          value_parser = positive())]
    pub max_role_response_bytes: u32,

    /// Roles besides admin whose clients may use the operators `_regex`, `_similar` and their variants, separated by commas; * for
    /// all roles. Permissions may use these operators in any case.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_EXPENSIVE_OPERATORS_ROLES",
        default_value = "",
        value_name = "ROLES",
        value_parser = role_set
    )]
    pub expensive_operators_roles: RoleSet,

    /// Time limit of an operation of a role other than admin in the database, in seconds; 0 disables the limit. The general limit,
    /// `HASURA_GRAPHQL_OPERATION_TIMEOUT`, and the API limits of the metadata apply, too.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_ROLE_OPERATION_TIMEOUT",
        default_value_t = 5,
        value_name = "SECONDS"
    )]
    pub role_operation_timeout: u64,

    /// Time limit of a GraphQL operation in the database, in seconds; 0 disables the limit.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_OPERATION_TIMEOUT",
        default_value_t = 60,
        value_name = "SECONDS"
    )]
    pub operation_timeout: u64,

    /// Log level: error, warn, info, debug, trace; or per module, such as `info,engine_runtime::events=debug`.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_LOG_LEVEL",
        default_value = "info",
        value_name = "FILTER"
    )]
    pub log_level: String,

    /// Log format: one JSON object per line, or human-readable text.
    #[arg(
        long,
        env = "HASURA_GRAPHQL_LOG_FORMAT",
        default_value = "json",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}
