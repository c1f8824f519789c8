//! Conversion of errors to HTTP responses.
//!
//! | status | when | `code` |
//! |---|---|---|
//! | 200 | the step completed | |
//! | 204 | preflight of /payment and /login | |
//! | 400 | invalid body | `empty_body`, `invalid_base64`, `invalid_utf8`, `invalid_json`, `missing_field`, `invalid_type`, `invalid_value`, `wrong_table` |
//! | 401 | missing or invalid webhook secret or token | `wrong_secret`, `missing_token`, `invalid_token` |
//! | 402 | the card was declined | `card_declined`, `insufficient_funds`, `expired_card` |
//! | 403 | login by user name, where it is disabled; a payment by another role | `demo_login_disabled`, `not_a_customer` |
//! | 404 | unknown order, also one of another account, unknown account or path | `order_not_found`, `account_not_found`, `path_not_found` |
//! | 405, 413, 415 | wrong method, size, type | `method_not_allowed`, `body_too_large`, `unsupported_media_type` |
//! | 409 | the order cannot be paid at present | `order_not_validated`, `order_refused`, `order_closed`, `amount_mismatch`, `payment_in_progress` |
//! | 429 with Retry-After | too many attempts to pay | `too_many_attempts` |
//! | 500 | internal error | `internal_error` |
//! | 503 with Retry-After | transient error | `order_not_validated`, `order_not_paid`, `no_driver_available`, `payment_in_progress`, `order_busy`, `gateway_unavailable`, `database_unavailable`, `identity_unavailable`, `secret_unavailable`, `timed_out` |
//!
//! An error is `{"error": {"code", "message", "path"}}`; a declined payment adds `outcome` and `payment`. Messages of the
//! database are logged and not sent to clients.

use std::{borrow::Cow, time::Duration};

use lambda_http::http::{HeaderValue, header};
use serde_json::{Map, Value, json};

use super::{body::BodyError, functions::CallerKind, response::Reply};
use crate::{
    gateway::GatewayError,
    secrets::SecretError,
    steps::StepError,
    token::{TokenError, verifier::VerifyError},
};

fn allowed_methods(caller: CallerKind) -> &'static str {
    match caller {
        CallerKind::EventTrigger => "POST",
        CallerKind::Browser => "POST, OPTIONS",
    }
}

/// Error response, and its cause for the log.
#[derive(Debug)]
pub struct HttpError {
    status: u16,
    code: Cow<'static, str>,
    message: String,
    path: Cow<'static, str>,
    retry_after: Option<u32>,
    allow: Option<CallerKind>,
    wants_token: bool,
    extra: Option<Box<Map<String, Value>>>,
    cause: Option<Box<str>>,
}

impl HttpError {
    fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            path: Cow::Borrowed("$"),
            retry_after: None,
            allow: None,
            wants_token: false,
            extra: None,
            cause: None,
        }
    }

    fn at(self, path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            path: path.into(),
            ..self
        }
    }

    fn with_retry_after(self, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX).max(1)),
            ..self
        }
    }

    fn with_cause(self, cause: &str) -> Self {
        Self {
            cause: Some(cause.into()),
            ..self
        }
    }

    /// 400.
    pub fn bad_request(
        code: &'static str,
        message: impl Into<String>,
        path: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(400, code, message).at(path)
    }

    /// 401.
    pub fn wrong_secret() -> Self {
        Self::new(401, "wrong_secret", "missing or invalid x-webhook-secret header")
    }

    /// 401 without a token.
    pub fn missing_token() -> Self {
        let message = "send the token of the customer as Authorization: Bearer TOKEN";
        Self {
            wants_token: true,
            ..Self::new(401, "missing_token", message)
        }
    }

    /// 401 for an invalid token, 403 for one of another role, 503 if it cannot be verified.
    pub fn of_token(error: VerifyError) -> Self {
        match error {
            VerifyError::Invalid(TokenError::Role) => {
                let message = "Only customers can pay. Log in as the customer of the order.";
                Self::new(403, "not_a_customer", message)
            }
            VerifyError::Invalid(error) => Self {
                wants_token: true,
                ..Self::new(401, "invalid_token", error.to_string())
            },
            VerifyError::Unavailable(error) => {
                let message = "The login cannot be verified at the moment. Please try again.";
                Self::new(503, "identity_unavailable", message)
                    .with_retry_after(Duration::from_secs(1))
                    .with_cause(&error.to_string())
            }
        }
    }

    /// 503: the webhook secret cannot be read, so no caller can be authenticated.
    pub fn secret_unavailable(error: &SecretError) -> Self {
        let message = "configuration is temporarily unavailable; retry later";
        Self::new(503, "secret_unavailable", message)
            .with_retry_after(Duration::from_secs(1))
            .with_cause(&error.to_string())
    }

    /// 404 for a path of another function.
    pub fn unknown_path(name: &str) -> Self {
        Self::new(
            404,
            "path_not_found",
            format!("not found; this function serves /{name}"),
        )
    }

    /// 405.
    pub fn method_not_allowed(caller: CallerKind) -> Self {
        let message = format!("method not allowed; use {}", allowed_methods(caller));
        Self {
            allow: Some(caller),
            ..Self::new(405, "method_not_allowed", message)
        }
    }

    /// 413.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            413,
            "body_too_large",
            format!("request body exceeds {limit} bytes"),
        )
    }

    /// 415.
    pub fn unsupported_media_type(message: &'static str) -> Self {
        Self::new(415, "unsupported_media_type", message)
    }

    /// 500.
    pub fn internal() -> Self {
        Self::new(
            500,
            "internal_error",
            "Something went wrong. Please try again later.",
        )
    }

    /// 503 at the deadline of the request.
    pub fn timed_out() -> Self {
        Self::new(503, "timed_out", "The request timed out. Please try again.")
            .with_retry_after(Duration::from_secs(1))
            .with_cause("request deadline exceeded")
    }

    pub fn status(&self) -> u16 {
        self.status
    }

    /// Machine-readable code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Human-readable message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Cause, for the log only; present if an operator may have to act.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

impl From<BodyError> for HttpError {
    fn from(bad: BodyError) -> Self {
        Self::bad_request(bad.code, bad.message, bad.path)
    }
}

impl HttpError {
    /// Converts the error of a step; `order_path` is the JSON path of the order id or user name in the body.
    pub fn of_step(error: StepError, order_path: &'static str) -> Self {
        let message = error.to_string();
        let second = Duration::from_secs(1);
        match error {
            StepError::UnknownOrder(_) => Self::new(404, "order_not_found", message).at(order_path),
            StepError::NotValidated => Self::new(409, "order_not_validated", message).at(order_path),
            StepError::OrderRefused(_) => Self::new(409, "order_refused", message).at(order_path),
            StepError::OrderClosed(_) | StepError::ClosedDuringPayment(_) => {
                Self::new(409, "order_closed", message).at(order_path)
            }
            StepError::AmountMismatch { .. } => {
                Self::new(409, "amount_mismatch", message).at("$.metadata.amount")
            }
            StepError::PaymentInProgress => Self::new(409, "payment_in_progress", message)
                .at(order_path)
                .with_retry_after(second),
            StepError::TooManyAttempts { retry_after } => {
                Self::new(429, "too_many_attempts", message).with_retry_after(retry_after)
            }
            StepError::DemoLoginDisabled => Self::new(403, "demo_login_disabled", message),
            StepError::UnknownAccount => Self::new(404, "account_not_found", message).at(order_path),
            StepError::Secret(error) => Self::secret_unavailable(&error),
            StepError::Signing(_) | StepError::ChargedAmountMismatch { .. } => {
                Self::internal().with_cause(&message)
            }
            StepError::Declined { decline, payment } => {
                let error = Self::new(402, decline.code, message).at("$.info.credit_card_number");
                let extra = [
                    ("outcome".to_owned(), json!("declined")),
                    ("payment".to_owned(), json!(payment)),
                ];
                Self {
                    extra: Some(Box::new(extra.into_iter().collect())),
                    ..error
                }
            }
            StepError::NotYet {
                code, retry_after, ..
            } => Self::new(503, code, message).with_retry_after(retry_after),
            StepError::Contended => Self::new(503, "order_busy", message).with_retry_after(second),
            // Retried, until an operator has resolved it with the provider.
            StepError::Gateway(cause @ GatewayError::NothingToRefund) => {
                Self::internal().with_cause(&cause.to_string())
            }
            StepError::Gateway(cause) => {
                let message =
                    "The payment provider did not respond. Please try again; you will not be charged twice.";
                Self::new(503, "gateway_unavailable", message)
                    .with_retry_after(second)
                    .with_cause(&cause.to_string())
            }
            StepError::Database(cause) if cause.is_transient() => {
                let message = "The database is temporarily unavailable. Please try again.";
                Self::new(503, "database_unavailable", message)
                    .with_retry_after(second)
                    .with_cause(&cause.to_string())
            }
            StepError::Database(cause) => Self::internal().with_cause(&cause.to_string()),
        }
    }
}

impl From<HttpError> for Reply {
    fn from(error: HttpError) -> Self {
        let mut headers = Vec::new();
        if let Some(retry_after) = error.retry_after {
            headers.push((header::RETRY_AFTER, HeaderValue::from(retry_after)));
        }
        if let Some(allow) = error.allow {
            headers.push((header::ALLOW, HeaderValue::from_static(allowed_methods(allow))));
        }
        if error.wants_token {
            headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        let mut body = Map::new();
        body.insert(
            "error".to_owned(),
            json!({"code": error.code, "message": error.message, "path": error.path}),
        );
        body.extend(error.extra.map(|extra| *extra).unwrap_or_default());
        Self {
            status: error.status,
            body: Some(Value::Object(body).to_string()),
            headers,
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;

    use super::*;
    use crate::{
        database::DatabaseError,
        gateway::{Decline, GatewayError},
        order::{OrderId, Payment, PaymentStatus},
    };

    fn sent(error: StepError) -> (i64, Value, Option<String>) {
        let response =
            Reply::from(HttpError::of_step(error, "$.order_id")).into_response(CallerKind::Browser);
        let Some(Body::Text(body)) = &response.body else {
            panic!("an error has a body")
        };
        let retry_after = response
            .headers
            .get("retry-after")
            .map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(response.headers["access-control-allow-origin"], "*");
        (
            response.status_code,
            serde_json::from_str(body).unwrap(),
            retry_after,
        )
    }

    #[test]
    fn database_messages_are_not_sent_to_clients() {
        let secret = "relation \"orders\" does not exist";
        for (error, status) in [
            (DatabaseError::Statement(secret.to_owned()), 500),
            (DatabaseError::Unavailable(secret.to_owned()), 503),
            (DatabaseError::NoConnection(secret.to_owned()), 503),
            (DatabaseError::LostConnection(secret.to_owned()), 503),
            (
                DatabaseError::NoSecret(SecretError::new("POSTGRES_SECRET_ARN", secret)),
                503,
            ),
            (DatabaseError::Timeout, 503),
        ] {
            let (sent_status, body, retry_after) = sent(error.into());
            assert_eq!(sent_status, status);
            assert!(!body.to_string().contains("relation"), "{body}");
            assert_eq!(retry_after.is_some(), status == 503);
        }
        let (status, body, retry_after) =
            sent(GatewayError::NoResponse("10.0.0.7 refused".to_owned()).into());
        assert_eq!((status, retry_after.as_deref()), (503, Some("1")));
        assert!(!body.to_string().contains("10.0.0.7"), "{body}");
    }

    #[test]
    fn declined_card_has_a_message() {
        let decline = Decline::of_code("expired_card");
        let status = PaymentStatus::Declined;
        let payment = Payment {
            id: 7,
            amount: 500,
            status,
            card_last4: Some("0069".to_owned()),
        };
        let (status, body, _) = sent(StepError::Declined { decline, payment });
        assert_eq!(status, 402);
        assert_eq!(
            body,
            json!({
                "error": {
                    "code": "expired_card",
                    "message": "The card has expired. Please use another card.",
                    "path": "$.info.credit_card_number"
                },
                "outcome": "declined",
                "payment": {"id": 7, "amount": 500, "status": "declined", "card_last4": "0069"}
            })
        );
    }

    #[test]
    fn unknown_order_is_named_with_at_most_64_characters() {
        let (status, body, _) = sent(StepError::UnknownOrder(OrderId::parse(&"é".repeat(400)).unwrap()));
        assert_eq!(status, 404);
        assert_eq!(
            body["error"]["message"],
            format!("order not found: \"{}…\"", "é".repeat(64))
        );
    }
}
