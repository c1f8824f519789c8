//! The HTTP edge: from API Gateway's event (payload 2.0) to a step, and from its result to the answer.
//!
//! - [`functions`]: the four functions: path, who calls, how the body is read, which step runs.
//! - [`handler`]: one request, from its arrival to its answer; the same for all four.
//! - [`request`]: what is checked before a body is read: path, method, secret, size, type.
//! - [`body`]: reading JSON with errors that name the field. [`envelope`] and [`payment_request`] use it.
//! - [`response`]: **the one file where errors become responses.**
//!
//! The event is taken as it is, and not as an `http::Request`, because that conversion panics on a body that is not the
//! base64 it claims to be; here such a body gets a 400.

pub mod body;
pub mod envelope;
pub mod functions;
pub mod handler;
pub mod payment_request;
pub mod request;
pub mod response;

pub use functions::{AgentAssignment, Payment, RestaurantApproval, ValidateOrder};
pub use handler::Handler;
