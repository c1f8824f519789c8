//! A GraphQL and event engine for Postgres that speaks Hasura v2's protocols.
//!
//! It knows nothing of food: everything it serves comes from the database's catalog and from the metadata that people
//! send to it. The rooms, in the order in which a request walks through them:
//!
//! - [`server`]: HTTP and WebSocket edges, authentication, configuration; the one place where errors become responses
//! - [`metadata`]: what is tracked, the commands that change it, and the resolved model ([`metadata::tracked`])
//! - [`catalog`]: what `pg_catalog` says: tables, columns, keys
//! - [`schema`]: catalog + metadata + role → GraphQL schema
//! - [`plan`]: one GraphQL operation → one SQL statement per root field (pure: no driver, no async)
//! - [`sql`]: the SQL tree and its printer; parameters are nodes
//! - [`exec`]: pools, transactions, SQLSTATE → GraphQL error
//! - [`dml`]: the data commands of `/v1/query`, onto the same plans
//! - [`live`]: subscriptions: cohorts, wake-ups, diff
//! - [`events`]: event triggers: capture, claim, deliver, settle
//!
//! Start reading at [`state::Engine`], which is what every edge is handed.

pub mod catalog;
pub mod dml;
pub mod error;
pub mod events;
pub mod exec;
pub mod graphql;
pub mod live;
pub mod metadata;
pub mod plan;
pub mod schema;
pub mod server;
pub mod session;
pub mod sql;
pub mod state;
pub mod wake;
