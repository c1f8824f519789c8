//! Responses of the engine and of the functions: success, a failure that a repetition may solve, or a refusal.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::{Failure, Refused};

/// Longest delay that a response may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// Sends a GraphQL operation; returns `data`.
pub(crate) async fn of_engine(url: &str, request: RequestBuilder) -> Result<Value, Failure> {
    let mut response = Response::receive(url, request).await?;
    let Some(error) = response.body["errors"].get(0) else {
        return if response.body["data"].is_object() {
            Ok(response.body["data"].take())
        } else {
            Err(response.without_content())
        };
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (code, message) = (text(&error["extensions"]["code"]), text(&error["message"]));
    // A lock that was not available, or a restart of Postgres: the engine responds as Hasura does, with status 200.
    if message.contains("temporarily unavailable") {
        return Err(Failure::unavailable(message));
    }
    Err(Refused { code, message }.into())
}

/// Calls a function; returns the body of a success.
pub(crate) async fn of_function(url: &str, request: RequestBuilder) -> Result<Value, Failure> {
    let response = Response::receive(url, request).await?;
    let error = &response.body["error"];
    if response.status.is_success() && response.body.is_object() {
        return Ok(response.body);
    }
    match (error["code"].as_str(), error["message"].as_str()) {
        (Some(code), Some(message)) => Err(Refused {
            code: code.to_owned(),
            message: message.to_owned(),
        }
        .into()),
        _ => Err(response.without_content()),
    }
}

struct Response<'a> {
    url: &'a str,
    status: StatusCode,
    /// Null if it is not JSON.
    body: Value,
}

impl<'a> Response<'a> {
    async fn receive(url: &'a str, request: RequestBuilder) -> Result<Self, Failure> {
        let unreachable = |error: reqwest::Error| {
            Failure::unavailable(format!(
                "cannot reach {url}: {}",
                anyhow::Error::from(error).root_cause()
            ))
        };
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(|seconds| Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
        let text = response.text().await.map_err(unreachable)?;
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if is_transient(status, body["error"]["code"].as_str().unwrap_or_default()) {
            return Err(Failure::Unavailable {
                problem: format!("{url} responded {status}"),
                retry_after,
            });
        }
        Ok(Self { url, status, body })
    }

    /// Neither a result nor an error, for example a page of a proxy.
    fn without_content(&self) -> Failure {
        let message = format!("{} responded {} without a result", self.url, self.status);
        if self.status.is_success() {
            return Failure::unavailable(message);
        }
        Refused {
            code: format!("http-{}", self.status.as_u16()),
            message,
        }
        .into()
    }
}

/// Whether a repetition may succeed: server error, rate limit, or a first attempt still in progress. `code` is that of a function.
fn is_transient(status: StatusCode, code: &str) -> bool {
    status.is_server_error()
        // The limit of attempts to pay is not one of the stack's load.
        || (status == StatusCode::TOO_MANY_REQUESTS && code != "too_many_attempts")
        || code == "payment_in_progress"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_errors_rate_limits_and_running_payments_are_transient() {
        for (status, code, expected) in [
            (503, "", true),
            (500, "", true),
            (429, "", true),
            (429, "too_many_attempts", false),
            (409, "payment_in_progress", true),
            (409, "amount_mismatch", false),
            (409, "order_closed", false),
            (402, "card_declined", false),
            (401, "", false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(is_transient(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn a_response_without_content_is_no_success() {
        let failure = |status, body| {
            Response {
                url: "http://stack",
                status,
                body,
            }
            .without_content()
        };
        let refused = failure(StatusCode::NOT_FOUND, Value::Null);
        assert!(
            matches!(&refused, Failure::Refused(refused) if refused.code == "http-404"),
            "{refused}"
        );
        let unavailable = failure(StatusCode::OK, Value::Null);
        assert!(
            matches!(unavailable, Failure::Unavailable { .. }),
            "{unavailable}"
        );
    }
}
