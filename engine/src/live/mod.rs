//! Subscriptions: live queries are run again when data may have changed, and results are sent when their bytes differ.
//!
//! All subscribers whose plans have the same SQL text form one *cohort* ([`cohort`]): one task, and one statement for up to
//! a hundred of their variable sets ([`query`]). A cohort runs when the engine is woken ([`crate::wake`]) and at least
//! once per refetch interval, and pauses between runs, so that bursts of changes do not overload the database. A
//! subscriber holds only the newest result ([`subscription`]): a slow subscriber skips results and does not delay others.
//! Subscribers with equal values share a result ([`group`]). The subscriber of a stream has its own cursor, and gets its
//! next batch after it has received the previous one.

mod cohort;
mod group;
mod query;
mod registry;
mod subscription;

pub use registry::Registry;
pub use subscription::{Subscription, Update};
