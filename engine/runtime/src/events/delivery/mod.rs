//! One delivery: [`prepare`] → [`call`] → [`settle`]. None of these functions accesses the database; the result is a
//! [`Settlement`], which the caller writes.

mod backoff;
mod call;
mod excerpt;
mod link_local;
mod prepare;
mod settle;

pub(super) use backoff::Backoff;
pub(super) use call::{Answer, WebhookClient};
pub(super) use excerpt::excerpt;
pub(super) use prepare::{LOGGED_EVENT, LoggedRequest, Prepared, headers, logged_headers, prepare, span};
pub(super) use settle::{Attempt, DeliveryOutcome, RetryLimits, Settlement, settle, settle_attempt};

#[cfg(test)]
mod tests;
