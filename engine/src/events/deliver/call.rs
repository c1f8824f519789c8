//! The HTTP call.

use super::prepare::Prepared;
use http::{HeaderMap, StatusCode};
use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

/// What of an answer's body is kept for the invocation log. More is not read.
const BODY_LIMIT: usize = 256 * 1024;

/// How a webhook took the event.
#[derive(Debug)]
pub(in crate::events) enum Answer {
    /// It answered.
    Response {
        /// The status.
        status: StatusCode,
        /// Its headers.
        headers: HeaderMap,
        /// Its body, cut at the limit.
        body: String,
    },
    /// It did not: refused, timed out, broke off.
    None {
        /// Why, for the invocation log.
        reason: String,
    },
}

/// The client that all deliveries share: it keeps connections alive and follows no redirect, because a status other than
/// 2xx means "try again".
pub(in crate::events) fn client(connections: usize) -> reqwest::Result<reqwest::Client> {
    let builder = || {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(connections)
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(Duration::from_secs(10))
    };
    builder().build().or_else(|error| {
        tracing::warn!(%error, "no certificate authorities found: webhooks behind https will fail");
        builder().tls_certs_only([]).build()
    })
}

/// Calls the webhook once. Never fails: trouble is an answer too.
pub(in crate::events) async fn call(client: &reqwest::Client, prepared: Prepared) -> Answer {
    let Prepared {
        url,
        headers,
        body,
        timeout,
        log: _,
    } = prepared;
    let request = client.post(url).headers(headers).timeout(timeout).body(body);
    let again = request.try_clone();
    let answer = match (exchange(request).await, again) {
        // A connection that was kept open may be closed by the other side in the moment we use it. Once more, on another one:
        // as Hasura's HTTP client does, and an event may arrive twice.
        (Err(error), Some(again)) if was_cut_off(&error) => exchange(again).await,
        (answer, _) => answer,
    };
    match answer {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => Answer::None {
            reason: format!("timeout: no answer within {} s", timeout.as_secs()),
        },
        Err(error) => Answer::None {
            reason: describe(&error),
        },
    }
}

async fn exchange(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let mut response = request.send().await?;
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let room = BODY_LIMIT - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == BODY_LIMIT {
            break;
        }
    }
    Ok(Answer::Response {
        status,
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// Whether the connection broke before there was any answer.
fn was_cut_off(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
            let reset = hyper
                .source()
                .and_then(|cause| cause.downcast_ref::<std::io::Error>());
            return hyper.is_incomplete_message()
                || reset.is_some_and(|io| {
                    matches!(io.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
                });
        }
        cause = error.source();
    }
    false
}

/// The causes, innermost last; without the URL, which may hold a secret.
fn describe(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    let kind = if error.is_connect() {
        "connection failed"
    } else {
        "call failed"
    };
    if causes.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}: {}", causes.join(": "))
    }
}
