//! API Gateway's events (payload 2.0), handed to a function in this process: everything but the Lambda runtime itself.

use lambda_http::{Body, aws_lambda_events::apigw::ApiGatewayV2httpRequest};
use serde_json::{Value, json};
use shared::http::{Handler, functions::Function};

/// A function's answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: i64,
    /// Its body; null where there is none.
    pub body: Value,
    headers: Vec<(String, String)>,
}

impl Response {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// The error's code, for errors.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// The outcome, for answers.
    pub fn outcome(&self) -> &str {
        self.body["outcome"].as_str().unwrap_or_default()
    }
}

/// A POST of JSON to this path, as API Gateway's event. Change it to make others.
pub fn post(path: &str, body: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": format!("POST {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "localhost:8081"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "localhost",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "test"
            },
            "requestId": "request-1",
            "routeKey": format!("POST {path}"),
            "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000",
            "timeEpoch": 1_773_342_238_000_i64
        },
        "body": body,
        "isBase64Encoded": false
    })
}

/// What an event trigger sends about an order: the n-th delivery of an event.
pub fn envelope(trigger: &str, order_id: &str, event_id: &str, attempt: i32) -> Value {
    json!({
        "id": event_id,
        "created_at": "2026-03-12T19:03:58.123456Z",
        "trigger": {"name": trigger},
        "table": {"schema": "public", "name": "orders"},
        "event": {
            "op": "INSERT",
            "data": {"old": null, "new": {"order_id": order_id}},
            "session_variables": {"x-hasura-role": "admin"},
            "trace_context": null
        },
        "delivery_info": {"current_retry": attempt, "max_retries": 100}
    })
}

/// What a browser sends to pay.
pub fn payment(order_id: &str, amount: i64, card: &str) -> Value {
    json!({
        "info": {"full_name": "A. Customer", "credit_card_number": card, "cvv": "111"},
        "metadata": {"amount": amount, "type": "credit_card"},
        "order_id": order_id
    })
}

/// Hands an event to a function.
pub async fn call<F: Function>(handler: &Handler<F>, event: Value) -> Response {
    let request: ApiGatewayV2httpRequest = serde_json::from_value(event).expect("an event of payload 2.0");
    let response = handler.answer(&request).await;
    let body = match &response.body {
        Some(Body::Text(text)) => serde_json::from_str(text).expect("a body of JSON"),
        _ => Value::Null,
    };
    let headers = response
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    Response {
        status: response.status_code,
        body,
        headers,
    }
}

/// Posts a body to a function at its own path.
pub async fn post_to<F: Function>(handler: &Handler<F>, body: &Value) -> Response {
    call(handler, post(&format!("/{}", F::NAME), &body.to_string())).await
}
