//! Subscriptions: live queries are run again when data may have changed, and results are sent when their bytes differ.
//!
//! All subscribers whose plans have the same SQL text share a *poller* ([`poller`]): one task, and one statement for up to
//! a hundred of their variable sets ([`multiplexed_query`]). A poller runs when one of its tables may have changed
//! ([`crate::wake`]) and at least once per refetch interval; under load it pauses between runs ([`pacing`]). A
//! subscriber holds only the newest result ([`subscriber`]): a slow subscriber skips results and does not delay others.
//! Subscribers with equal values share a result ([`cohort`]). A cohort whose statements take long runs apart from the others
//! ([`separation`]), on connections of its own ([`lanes`]), and the poller does not wait for it ([`rounds`]). The subscriber of a stream has its own cursor, and gets its
//! next batch after it has received the previous one.

mod cohort;
mod context;
mod lanes;
mod multiplexed_query;
mod pacing;
mod poller;
mod registry;
mod rounds;
mod separation;
mod subscriber;
mod types;

pub use context::{Context, LiveOptions};
pub use registry::Registry;
pub use subscriber::Subscription;
pub use types::Update;
