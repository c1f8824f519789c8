//! The one place where answers and errors become HTTP responses.
//!
//! | status | when | `code` |
//! |---|---|---|
//! | 200 | the step has an answer | |
//! | 204 | preflight of /payment | |
//! | 400 | the body is wrong | `empty_body`, `invalid_base64`, `invalid_utf8`, `invalid_json`, `missing_field`, `invalid_type`, `invalid_value`, `wrong_table` |
//! | 401 | no or a wrong webhook secret | `wrong_secret` |
//! | 402 | the card was declined | the gateway's, e.g. `insufficient_funds` |
//! | 404 | no such order, or path | `order_not_found`, `path_not_found` |
//! | 405, 413, 415 | method, size, type | `method_not_allowed`, `body_too_large`, `unsupported_media_type` |
//! | 409 | the order cannot be paid now | `order_not_validated`, `order_refused`, `amount_mismatch`, `payment_in_progress` |
//! | 500 | a mistake of ours | `internal_error` |
//! | 503 with Retry-After | it will pass | `order_not_validated`, `order_not_paid`, `no_driver_available`, `order_busy`, `gateway_unavailable`, `database_unavailable`, `secret_unavailable`, `timed_out` |
//!
//! An error is `{"error": {"code", "message", "path"}}`; a declined payment adds `order_id`, `outcome` and `payment`. What
//! the database said goes to the log, never out.

use std::{borrow::Cow, time::Duration};

use lambda_http::{
    Body,
    aws_lambda_events::apigw::ApiGatewayV2httpResponse,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use serde_json::{Map, Value, json};

use super::{body::BadBody, functions::Caller};
use crate::{order::Answer, secrets::SecretError, steps::StepError};

fn allowed_methods(caller: Caller) -> &'static str {
    match caller {
        Caller::EventTrigger => "POST",
        Caller::Browser => "POST, OPTIONS",
    }
}

/// What a browser may do here, from any origin: /payment takes no cookies and has nothing to steal.
const CORS: [(HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, OPTIONS"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after"),
];

/// How long a browser may remember a preflight, in seconds: a day.
const PREFLIGHT_MAX_AGE: &str = "86400";

/// A response, before it is one.
#[derive(Debug)]
pub struct Reply {
    status: u16,
    body: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    /// A step's answer.
    pub fn ok(answer: &Answer) -> Self {
        Self {
            status: 200,
            body: Some(json!(answer).to_string()),
            headers: Vec::new(),
        }
    }

    /// The answer to a preflight.
    pub fn no_content() -> Self {
        let max_age = (
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static(PREFLIGHT_MAX_AGE),
        );
        Self {
            status: 204,
            body: None,
            headers: vec![max_age],
        }
    }

    /// The response, with the headers that this kind of caller needs on each.
    pub fn into_response(self, caller: Caller) -> ApiGatewayV2httpResponse {
        let mut headers: HeaderMap = self.headers.into_iter().collect();
        if self.body.is_some() {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            );
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        if caller == Caller::Browser {
            for (name, value) in CORS {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status);
        response.headers = headers;
        response.body = self.body.map(Body::Text);
        response
    }
}

/// An error, as the caller sees it, and its cause, as the log does.
#[derive(Debug)]
pub struct HttpError {
    status: u16,
    code: Cow<'static, str>,
    message: String,
    path: Cow<'static, str>,
    retry_after: Option<u32>,
    allow: Option<Caller>,
    beside: Option<Box<Map<String, Value>>>,
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
            beside: None,
            cause: None,
        }
    }

    fn at(self, path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            path: path.into(),
            ..self
        }
    }

    fn later(self, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX).max(1)),
            ..self
        }
    }

    fn caused_by(self, cause: &str) -> Self {
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
        Self::new(
            401,
            "wrong_secret",
            "send the webhook secret in the header x-webhook-secret",
        )
    }

    /// 503, when nobody can be let in because the webhook secret could not be read.
    pub fn no_secret(error: &SecretError) -> Self {
        let message = "this function cannot read its configuration at the moment; please try again";
        Self::new(503, "secret_unavailable", message)
            .later(Duration::from_secs(1))
            .caused_by(&error.to_string())
    }

    /// 404, for a path that is not this function's.
    pub fn unknown_path(name: &str) -> Self {
        Self::new(404, "path_not_found", format!("this function answers at /{name}"))
    }

    /// 405.
    pub fn method_not_allowed(caller: Caller) -> Self {
        let message = format!("use {}", allowed_methods(caller));
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
            format!("the body is larger than {limit} bytes"),
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
            "something went wrong on our side; it has been logged",
        )
    }

    /// 503, when the request's time is up.
    pub fn timed_out() -> Self {
        Self::new(503, "timed_out", "this took too long; please try again")
            .later(Duration::from_secs(1))
            .caused_by("the request's time was up")
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The word for programs.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The sentence for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What only the log may see; present where somebody running the functions may have to act.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

impl From<BadBody> for HttpError {
    fn from(bad: BadBody) -> Self {
        Self::bad_request(bad.code, bad.message, bad.path)
    }
}

impl HttpError {
    /// The error of a step that was asked for by a body which names the order at this path.
    pub fn of_step(error: StepError, order_path: &'static str) -> Self {
        let message = error.to_string();
        let second = Duration::from_secs(1);
        match error {
            StepError::UnknownOrder(_) => Self::new(404, "order_not_found", message).at(order_path),
            StepError::NotValidated => Self::new(409, "order_not_validated", message).at(order_path),
            StepError::OrderRefused(_) => Self::new(409, "order_refused", message).at(order_path),
            StepError::AmountMismatch { .. } => {
                Self::new(409, "amount_mismatch", message).at("$.metadata.amount")
            }
            StepError::PaymentInProgress => Self::new(409, "payment_in_progress", message)
                .at(order_path)
                .later(second),
            StepError::Declined { decline, payment } => {
                let error = Self::new(402, decline.code, message).at("$.info.credit_card_number");
                let beside = [
                    ("outcome".to_owned(), json!("declined")),
                    ("payment".to_owned(), json!(payment)),
                ];
                Self {
                    beside: Some(Box::new(beside.into_iter().collect())),
                    ..error
                }
            }
            StepError::NotYet {
                code, retry_after, ..
            } => Self::new(503, code, message).later(retry_after),
            StepError::Contended => Self::new(503, "order_busy", message).later(second),
            StepError::Gateway(cause) => {
                let message =
                    "the payment gateway did not answer; nothing is charged twice, please try again";
                Self::new(503, "gateway_unavailable", message)
                    .later(second)
                    .caused_by(&cause.to_string())
            }
            StepError::Database(cause) if cause.is_transient() => {
                let message = "the database cannot be reached at the moment; please try again";
                Self::new(503, "database_unavailable", message)
                    .later(second)
                    .caused_by(&cause.to_string())
            }
            StepError::Database(cause) => Self::internal().caused_by(&cause.to_string()),
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
        let mut body = Map::new();
        body.insert(
            "error".to_owned(),
            json!({"code": error.code, "message": error.message, "path": error.path}),
        );
        body.extend(error.beside.map(|beside| *beside).unwrap_or_default());
        Self {
            status: error.status,
            body: Some(Value::Object(body).to_string()),
            headers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        database::DatabaseError,
        gateway::{Decline, GatewayError},
        order::{OrderId, Payment, PaymentStatus},
    };

    fn seen(error: StepError) -> (i64, Value, Option<String>) {
        let response = Reply::from(HttpError::of_step(error, "$.order_id")).into_response(Caller::Browser);
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
    fn what_the_database_said_stays_inside() {
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
            let (seen_status, body, retry_after) = seen(error.into());
            assert_eq!(seen_status, status);
            assert!(!body.to_string().contains("relation"), "{body}");
            assert_eq!(retry_after.is_some(), status == 503);
        }
        let (status, body, retry_after) = seen(GatewayError("10.0.0.7 refused".to_owned()).into());
        assert_eq!((status, retry_after.as_deref()), (503, Some("1")));
        assert!(!body.to_string().contains("10.0.0.7"), "{body}");
    }

    #[test]
    fn a_declined_card_is_explained() {
        let decline = Decline {
            code: "expired_card".to_owned(),
            message: "The card has expired.".to_owned(),
        };
        let status = PaymentStatus::Declined;
        let payment = Payment {
            id: 7,
            amount: 500,
            status,
            card_last4: Some("0069".to_owned()),
        };
        let (status, body, _) = seen(StepError::Declined { decline, payment });
        assert_eq!(status, 402);
        assert_eq!(
            body,
            json!({
                "error": {
                    "code": "expired_card",
                    "message": "The card has expired.",
                    "path": "$.info.credit_card_number"
                },
                "outcome": "declined",
                "payment": {"id": 7, "amount": 500, "status": "declined", "card_last4": "0069"}
            })
        );
    }

    #[test]
    fn an_unknown_order_is_named_but_not_at_any_length() {
        let (status, body, _) = seen(StepError::UnknownOrder(OrderId::parse(&"é".repeat(400)).unwrap()));
        assert_eq!(status, 404);
        assert_eq!(
            body["error"]["message"],
            format!("there is no order \"{}…\"", "é".repeat(64))
        );
    }
}
