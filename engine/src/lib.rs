//! A GraphQL and event engine for Postgres that implements Hasura v2's protocols.
//!
//! The engine is independent of the food-ordering application: its API results from the database catalog and the metadata.
//! The modules, in the order in which a request passes through them:
//!
//! - [`server`]: HTTP and WebSocket interfaces, authentication, configuration, conversion of errors into responses
//! - [`metadata`]: what is tracked, the commands that change it, and the resolved model ([`metadata::tracked`])
//! - [`catalog`]: tables, columns and keys from `pg_catalog`
//! - [`schema`]: catalog + metadata + role → GraphQL schema
//! - [`plan`]: one GraphQL operation → one SQL statement per root field (pure: no driver, no async)
//! - [`sql`]: the SQL tree and its printer; parameters are nodes
//! - [`exec`]: pools, transactions, SQLSTATE → GraphQL error
//! - [`dml`]: the data commands of `/v1/query`, which use the same plans
//! - [`live`]: subscriptions: cohorts, wake-ups, change detection
//! - [`events`]: event triggers: capture, claim, deliver, settle
//!
//! [`state::Engine`] is the shared state of all interfaces.

pub mod catalog_loader;
pub mod dml;
pub mod events;
pub mod exec;
pub mod graphql;
pub mod live;
pub mod metadata;
pub mod server;
pub mod state;
pub mod wake;
