//! Subscriptions: live queries, run again when something may have changed, pushed when their bytes did.
//!
//! All subscribers whose plans have the same SQL form one *cohort* ([`cohort`]): one task, and one statement for up to
//! a hundred of their variable sets ([`query`]). A cohort runs when the engine is woken ([`crate::wake`]) and at least
//! once per refetch interval, and rests between runs, so that no burst of changes can make it the database's main
//! work. A subscriber holds only the newest result ([`subscription`]): who reads slowly skips some, and costs nobody.
//! Subscribers with equal values share a result ([`group`]). A stream's subscriber has a cursor of its own, and gets its
//! next batch when it has taken the one before.
//!
//! Where to read next: [`registry::Registry::subscribe`], then `crate::server::websocket`.

mod cohort;
mod group;
mod query;
mod registry;
mod subscription;

pub use registry::Registry;
pub use subscription::{Subscription, Update};
