//! One GraphQL request, whatever it came by: the door that the HTTP and WebSocket edges share.
//! Where to read next: [`crate::plan`], then [`crate::exec`].

use crate::error::Result;
use crate::plan::SubscriptionPlan;
use crate::session::Session;
use crate::state::Engine;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A request as GraphQL over HTTP sends it. `extensions` and unknown keys are ignored.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// The document.
    pub query: String,
    /// Which of its operations; null and absent are the same.
    #[serde(default, rename = "operationName")]
    pub operation_name: Option<String>,
    /// Variables; null and absent are the same.
    #[serde(default)]
    pub variables: Option<Map<String, Value>>,
}

/// What a request turned out to be.
#[derive(Debug)]
pub enum Outcome {
    /// A query or mutation, done: the response body `{"data":{…}}`.
    Done(Bytes),
    /// A subscription, planned but not started: for `crate::live`. Over HTTP it is an error.
    Subscription(SubscriptionPlan),
}

/// Parses, validates, plans and, unless it is a subscription, runs a request. A mutation wakes `live` and `events`.
pub async fn execute(_engine: &Engine, _session: &Session, _request: &Request) -> Result<Outcome> {
    todo!()
}
