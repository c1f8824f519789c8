//! The Lambda Runtime API, version 2018-06-01.
//!
//! Each process has its own address, `http://host:port/<function>/<process>/<token>`. It identifies the process that sends a
//! request, and therefore the calls that are lost when a process exits. A process that handles several calls at a time sends
//! several requests for work at a time; each call is assigned to one of them. Requests without the token of a running process are refused
//! before the rest of the path is looked at: another user of the machine could otherwise take a call or answer it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, InvalidHeaderValue};
use http::{HeaderValue, Method, StatusCode};
use uuid::Uuid;

use crate::pages::refuse_browsers;
use crate::queue::{Outcome, ProcessId, ProcessToken, Queue, Work};
use local_process::logs::Logs;

/// Lambda's limit for a function's response.
const RESPONSE_LIMIT: usize = 6 * 1024 * 1024;

/// State of the Runtime API's handlers.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    functions: HashMap<String, HostedFunction>,
    logs: Logs,
}

#[derive(Debug)]
struct HostedFunction {
    queue: Arc<Queue>,
    arn: HeaderValue,
}

impl RuntimeApi {
    pub(super) fn new(queues: &HashMap<String, Arc<Queue>>, logs: &Logs) -> Result<Self, InvalidHeaderValue> {
        let function = |(name, queue): (&String, &Arc<Queue>)| {
            let function = HostedFunction {
                queue: queue.clone(),
                arn: HeaderValue::try_from(arn(name))?,
            };
            Ok((name.clone(), function))
        };
        Ok(Self {
            functions: queues.iter().map(function).collect::<Result<_, _>>()?,
            logs: logs.clone(),
        })
    }
}

pub(super) fn router(api: Arc<RuntimeApi>) -> Router {
    Router::new()
        .fallback(serve)
        .layer(from_fn(refuse_browsers))
        .with_state(api)
}

/// The parts of a process's address, and the rest of the path.
#[derive(Debug, PartialEq, Eq)]
struct Caller<'a> {
    function: &'a str,
    process: ProcessId,
    token: ProcessToken,
    rest: &'a str,
}

/// A request that a process sends.
#[derive(Debug, PartialEq, Eq)]
enum RuntimeRequest {
    Next,
    Response(Uuid),
    Error(Uuid),
    InitError,
}

async fn serve(State(api): State<Arc<RuntimeApi>>, request: Request) -> Response {
    let caller = Caller::parse(request.uri().path());
    let Some((caller, HostedFunction { queue, arn })) = caller.and_then(|caller| {
        let function = api.functions.get(caller.function)?;
        let known = function.queue.has_token(caller.process, caller.token);
        known.then_some((caller, function))
    }) else {
        return error(
            StatusCode::FORBIDDEN,
            "Forbidden",
            "the address is not that of a running process",
        );
    };
    let Caller {
        function, process, ..
    } = caller;
    let Some(operation) = RuntimeRequest::parse(request.method(), caller.rest) else {
        return error(
            StatusCode::NOT_FOUND,
            "NotFound",
            "no such path in the Runtime API",
        );
    };
    match operation {
        RuntimeRequest::Next => match queue.next(process).await {
            Some(Work { call, deadline }) => Response::builder()
                .header(CONTENT_TYPE, "application/json")
                .header("lambda-runtime-aws-request-id", call.id.to_string())
                .header("lambda-runtime-deadline-ms", epoch_ms(deadline).to_string())
                .header("lambda-runtime-invoked-function-arn", arn)
                .header("lambda-runtime-trace-id", call.trace_id)
                .body(Body::from(call.event))
                .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()),
            None => error(StatusCode::GONE, "Gone", "this process was removed"),
        },
        RuntimeRequest::Response(id) => {
            let Some(body) = read(request).await else {
                // Lambda's error type; the function's caller receives a 500.
                let details = Bytes::from_static(br#"{"errorType":"Function.ResponseSizeTooLarge"}"#);
                queue.complete(process, id, Outcome::Failed(details));
                return error(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "RequestEntityTooLarge",
                    "the response exceeds 6 MB",
                );
            };
            answered(queue, process, id, Outcome::Answered(body))
        }
        RuntimeRequest::Error(id) => {
            let function = function.to_owned();
            let details = read(request).await.unwrap_or_default();
            api.logs.child(
                &function,
                &format!("failed: {}", String::from_utf8_lossy(&details)),
            );
            answered(queue, process, id, Outcome::Failed(details))
        }
        RuntimeRequest::InitError => {
            let function = function.to_owned();
            let details = read(request).await.unwrap_or_default();
            api.logs.child(
                &function,
                &format!("failed to start: {}", String::from_utf8_lossy(&details)),
            );
            accepted()
        }
    }
}

impl<'a> Caller<'a> {
    fn parse(path: &'a str) -> Option<Self> {
        let mut parts = path.strip_prefix('/')?.splitn(4, '/');
        Some(Self {
            function: parts.next()?,
            process: ProcessId(parts.next()?.parse().ok()?),
            token: ProcessToken(Uuid::try_parse(parts.next()?).ok()?),
            rest: parts.next()?,
        })
    }
}

impl RuntimeRequest {
    fn parse(method: &Method, path: &str) -> Option<Self> {
        let path = path.strip_prefix("2018-06-01/runtime/")?;
        if path == "invocation/next" {
            return (method == Method::GET).then_some(Self::Next);
        }
        if method != Method::POST {
            return None;
        }
        if path == "init/error" {
            return Some(Self::InitError);
        }
        let (id, kind) = path.strip_prefix("invocation/")?.split_once('/')?;
        let id = id.parse().ok()?;
        match kind {
            "response" => Some(Self::Response(id)),
            "error" => Some(Self::Error(id)),
            _ => None,
        }
    }
}

async fn read(request: Request) -> Option<Bytes> {
    to_bytes(request.into_body(), RESPONSE_LIMIT).await.ok()
}

fn answered(queue: &Queue, process: ProcessId, id: Uuid, outcome: Outcome) -> Response {
    if queue.complete(process, id, outcome) {
        accepted()
    } else {
        error(
            StatusCode::BAD_REQUEST,
            "InvalidRequestID",
            "no such request is in flight for this process",
        )
    }
}

fn accepted() -> Response {
    (
        StatusCode::ACCEPTED,
        [(CONTENT_TYPE, "application/json")],
        r#"{"status":"OK"}"#,
    )
        .into_response()
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    let body = format!(r#"{{"errorMessage":"{message}","errorType":"{kind}"}}"#);
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// The function's ARN; the account is that of AWS's examples.
fn arn(function: &str) -> String {
    format!("arn:aws:lambda:us-east-1:123456789012:function:{function}")
}

/// An instant as milliseconds since 1970, the format of Lambda's deadlines.
fn epoch_ms(at: Instant) -> u128 {
    let left = at.saturating_duration_since(Instant::now());
    (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + left).as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtime_api_paths_are_parsed() {
        let id = Uuid::new_v4();
        let of = |method: &Method, rest: &str| {
            RuntimeRequest::parse(method, &format!("2018-06-01/runtime/{rest}"))
        };
        assert_eq!(of(&Method::GET, "invocation/next"), Some(RuntimeRequest::Next));
        assert_eq!(
            of(&Method::POST, &format!("invocation/{id}/response")),
            Some(RuntimeRequest::Response(id))
        );
        assert_eq!(
            of(&Method::POST, &format!("invocation/{id}/error")),
            Some(RuntimeRequest::Error(id))
        );
        assert_eq!(of(&Method::POST, "init/error"), Some(RuntimeRequest::InitError));
        for (method, rest) in [
            (&Method::POST, "invocation/next"),
            (&Method::GET, "init/error"),
            (&Method::POST, "invocation/not-a-uuid/response"),
            (&Method::POST, "invocation"),
            (&Method::GET, "restore/next"),
        ] {
            assert_eq!(of(method, rest), None, "{method} {rest}");
        }
        let token = ProcessToken(id);
        let path = format!("/payment/7/{token}/2018-06-01/runtime/invocation/next");
        let caller = Caller {
            function: "payment",
            process: ProcessId(7),
            token,
            rest: "2018-06-01/runtime/invocation/next",
        };
        assert_eq!(Caller::parse(&path), Some(caller));
        for path in [
            "",
            "/payment",
            "/payment/7/2018-06-01/runtime/invocation/next",
            &format!("/payment/x/{token}/2018-06-01/runtime/invocation/next"),
        ] {
            assert_eq!(Caller::parse(path), None, "{path}");
        }
    }

    #[test]
    fn deadline_is_epoch_milliseconds() {
        let ms = epoch_ms(Instant::now() + std::time::Duration::from_secs(10));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        assert!((9_000..=10_001).contains(&(ms - now)), "{ms} {now}");
    }
}
