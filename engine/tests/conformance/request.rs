//! HTTP requests of cases.

use super::case::{Case, texts};
use serde_json::Value;

/// Response to a case.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    /// Null if the body is not JSON.
    pub(crate) body: Value,
}

/// Sends a case: `query` as JSON, or, if it has a method, its body as a form.
pub(crate) async fn send(client: &reqwest::Client, engine: &str, case: &Case) -> Result<Response, String> {
    let url = format!("{engine}{}", case.url);
    let mut request = match &case.method {
        None => client.post(url).json(&case.query),
        Some(method) => {
            let method = method.parse().map_err(|_| format!("invalid method: {method}"))?;
            let request = client.request(method, url);
            match &case.body {
                None => request,
                Some(fields) => request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form(&texts(fields))),
            }
        }
    };
    for (name, value) in case.header_texts() {
        request = request.header(name, value);
    }
    let response = request.send().await.map_err(|e| e.to_string())?;
    Ok(Response {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.json().await.unwrap_or_default(),
    })
}

/// Checks that the response has the expected headers.
pub(crate) fn check_headers(case: &Case, response: &Response) -> Result<(), String> {
    for (name, expected) in texts(&case.resp_headers) {
        let actual = response.headers.get(&name).and_then(|value| value.to_str().ok());
        if actual != Some(&*expected) {
            return Err(format!("header {name}: expected {expected:?}, got {actual:?}"));
        }
    }
    Ok(())
}

fn form(fields: &[(String, String)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
