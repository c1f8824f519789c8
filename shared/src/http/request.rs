//! Checks before the body is parsed. Cheap checks come first; a caller without the secret or a token gets no further
//! information.

use base64::{Engine, prelude::BASE64_STANDARD};
use lambda_http::{
    aws_lambda_events::apigw::ApiGatewayV2httpRequest,
    http::{HeaderValue, Method},
};

use super::{
    error::HttpError,
    functions::{CallerKind, Function},
};
use crate::secrets::WebhookSecret;

/// Maximum size of a body in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// Header of the webhook secret (event-triggers.json).
pub const SECRET_HEADER: &str = "x-webhook-secret";

/// Whether this is a CORS preflight request.
pub fn is_preflight<F: Function>(request: &ApiGatewayV2httpRequest) -> bool {
    F::CALLER == CallerKind::Browser && method(request) == Method::OPTIONS && is_path_of::<F>(request)
}

/// Path of a GET request.
pub fn path_of_get(request: &ApiGatewayV2httpRequest) -> Option<&str> {
    (method(request) == Method::GET)
        .then_some(request.raw_path.as_deref())
        .flatten()
}

/// Checks path and method.
pub fn check_route<F: Function>(request: &ApiGatewayV2httpRequest) -> Result<(), HttpError> {
    if !is_path_of::<F>(request) {
        return Err(HttpError::unknown_path(F::NAME));
    }
    if method(request) != Method::POST {
        return Err(HttpError::method_not_allowed(F::CALLER));
    }
    Ok(())
}

/// Checks the secret of an event trigger.
pub async fn check_secret<F: Function>(
    request: &ApiGatewayV2httpRequest,
    secret: Option<&WebhookSecret>,
) -> Result<(), HttpError> {
    if let (CallerKind::EventTrigger, Some(secret)) = (F::CALLER, secret) {
        let sent = request.headers.get(SECRET_HEADER).map(HeaderValue::as_bytes);
        let authorized = match sent {
            Some(sent) => secret
                .matches(sent)
                .await
                .map_err(|error| HttpError::secret_unavailable(&error))?,
            None => false,
        };
        if !authorized {
            return Err(HttpError::wrong_secret());
        }
    }
    Ok(())
}

fn method(request: &ApiGatewayV2httpRequest) -> &Method {
    &request.request_context.http.method
}

/// API Gateway may prefix the path with a stage or the base path of a custom domain.
fn is_path_of<F: Function>(request: &ApiGatewayV2httpRequest) -> bool {
    let path = request.raw_path.as_deref().unwrap_or_default();
    path.rsplit('/').next() == Some(F::NAME)
}

/// Accepts JSON only. Any page can send a form, or a request without a type, without a preflight.
fn check_type(request: &ApiGatewayV2httpRequest) -> Result<(), HttpError> {
    let header = |name| {
        request
            .headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("?"))
    };
    let essence = header("content-type")
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_json =
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    if !is_json {
        let message = "send the request body as JSON, with the header content-type: application/json";
        return Err(HttpError::unsupported_media_type(message));
    }
    match header("content-encoding") {
        None | Some("" | "identity") => Ok(()),
        Some(_) => Err(HttpError::unsupported_media_type(
            "send the request body without content-encoding",
        )),
    }
}

/// Checks type and size of the body, and returns it.
pub fn body(request: &ApiGatewayV2httpRequest) -> Result<Vec<u8>, HttpError> {
    check_type(request)?;
    let text = request.body.as_deref().unwrap_or_default();
    // Four base64 characters are three bytes; a body that is too large need not be decoded.
    let size = if request.is_base64_encoded {
        text.len() / 4 * 3
    } else {
        text.len()
    };
    if size > MAX_BODY + 2 {
        return Err(HttpError::too_large(MAX_BODY));
    }
    let bytes = if request.is_base64_encoded {
        BASE64_STANDARD
            .decode(text)
            .map_err(|_| HttpError::bad_request("invalid_base64", "request body is not valid base64", "$"))?
    } else {
        text.as_bytes().to_vec()
    };
    if bytes.len() > MAX_BODY {
        return Err(HttpError::too_large(MAX_BODY));
    }
    if std::str::from_utf8(&bytes).is_err() {
        return Err(HttpError::bad_request(
            "invalid_utf8",
            "request body is not valid UTF-8",
            "$",
        ));
    }
    if bytes.is_empty() {
        return Err(HttpError::bad_request(
            "empty_body",
            "request body is empty; send a JSON object",
            "$",
        ));
    }
    Ok(bytes)
}
