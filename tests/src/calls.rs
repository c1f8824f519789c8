//! Events of API Gateway (payload 2.0), passed to a function in this process without the Lambda runtime.

use lambda_http::{Body, aws_lambda_events::apigw::ApiGatewayV2httpRequest};
use serde_json::{Value, json};
use shared::http::{Handler, functions::Function};

/// Response of a function.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: i64,
    /// JSON body; null if there is none.
    pub body: Value,
    headers: Vec<(String, String)>,
}

impl Response {
    /// Value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
    }

    /// Error code; empty for a success.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// Outcome; empty for an error.
    pub fn outcome(&self) -> &str {
        self.body["outcome"].as_str().unwrap_or_default()
    }
}

/// Event of a POST of JSON to this path. Tests modify it for other requests.
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

/// Body that an event trigger sends about an order; `attempt` counts the deliveries from 0.
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

/// Body of a payment request.
pub fn payment(order_id: &str, amount: i64, card: &str) -> Value {
    json!({
        "info": {"full_name": "A. Customer", "credit_card_number": card, "cvv": "111"},
        "metadata": {"amount": amount, "type": "credit_card"},
        "order_id": order_id
    })
}

/// Calls a function with an event.
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

/// Calls a function with a POST to its own path.
pub async fn post_to<F: Function>(handler: &Handler<F>, body: &Value) -> Response {
    call(handler, post(&format!("/{}", F::NAME), &body.to_string())).await
}
