//! Everything that runs against the database without changing metadata.
//!
//! - [`graphql`]: one GraphQL request, from its text to the response body
//! - [`exec`]: plans → transactions and pipelined statements
//! - [`live`]: subscriptions and their pollers
//! - [`events`]: claiming and delivery of events
//! - [`planning`]: parsing and planning of large requests outside of the workers
//! - [`rate_limiter`]: operations per minute of the clients of a role
//! - [`wake`]: wake-ups between the modules

pub mod events;
pub mod exec;
pub mod graphql;
pub mod live;
pub mod planning;
pub mod rate_limiter;
pub mod wake;
