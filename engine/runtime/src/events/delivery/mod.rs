//! One delivery: [`prepare`] → [`call`] → [`settle`]. None of these functions accesses the database; the result is a
//! [`Settlement`], which the caller writes.

mod call;
mod excerpt;
mod link_local;
mod prepare;
mod settle;

pub(super) use call::{Answer, WebhookClient};
pub(super) use prepare::{LoggedRequest, Prepared, prepare};
pub(super) use settle::{DeliveryOutcome, RetryLimits, Settlement, settle};

#[cfg(test)]
mod tests;
