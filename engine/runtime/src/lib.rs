//! Everything that runs against the database without changing metadata.
//!
//! - [`graphql`]: one GraphQL request, from its text to the response body
//! - [`exec`]: plans → transactions and pipelined statements
//! - [`live`]: subscriptions and their pollers
//! - [`events`]: claiming and delivery of events
//! - [`wake`]: wake-ups between the modules

pub mod events;
pub mod exec;
pub mod graphql;
pub mod live;
pub mod wake;
