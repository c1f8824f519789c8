//! HTTP interface: from an API Gateway event (payload format 2.0) to a step, and from its result to the response.
//!
//! - [`functions`]: the functions: path, kind of caller, body format and step; [`login`] and [`watchman`] are in
//!   their own files.
//! - [`handler`]: life cycle of a request, the same for all of them.
//! - [`request`]: checks before the body is parsed: path, method, secret, size, type; [`access`]: the identity of a payer.
//! - [`body`]: JSON access with errors that name the field, used by [`envelope`] and [`payment_request`].
//! - [`error`]: **the only file that converts errors to responses.**
//! - [`response`]: responses in the format of API Gateway.
//!
//! The handler takes the event itself instead of an `http::Request`, because that conversion panics on a body that is marked as
//! base64 and is not; here such a body is answered with 400.

pub mod access;
pub mod body;
pub mod envelope;
pub mod error;
pub mod functions;
pub mod handler;
pub mod login;
pub mod payment_request;
pub mod request;
pub mod response;
pub mod watchman;

pub use access::PaymentAccess;
pub use functions::{
    AgentAssignment, ExpireOrders, Payment, RefundPayment, RestaurantApproval, ValidateOrder,
};
pub use handler::Handler;
pub use login::Login;
pub use watchman::Watchman;
