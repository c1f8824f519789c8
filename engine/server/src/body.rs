//! Request bodies: their size, the time in which they are received, and parsing.

use super::app::App;
use super::body_budget::{Reservation, SMALL_REQUEST, Share, memory};
use super::client_address::ClientAddress;
use super::json;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_runtime::planning;
use futures_util::StreamExt as _;
use http::{Extensions, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Length in bytes of a text from which on it is parsed while another thread runs the other requests of the worker: that takes some
/// milliseconds.
const BLOCKING_LENGTH: usize = 256 * 1024;

/// Time in which the client of a refused body may send the rest of it: it could not read the response if the connection were closed
/// with unread bytes.
const LINGER: Duration = Duration::from_secs(1);

/// Maximum number of bytes that are discarded in this time.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;

/// Maximum length of a request body in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimit {
    pub(super) bytes: usize,
    /// Name of the limit in the error message.
    pub(super) name: &'static str,
}

/// Reads and parses the body of a request; the content type is not checked. Its memory is reserved until the response is complete.
/// Returns an error if the body is too large, incomplete or not JSON, or if it is not received in time.
pub(super) async fn read_json(
    app: &App,
    request: Request,
    limit: BodyLimit,
    session: &Session,
) -> Result<Value> {
    read(app, request, limit, session, parse_body).await
}

/// Does the same with another parser.
pub(super) async fn read<T: Send>(
    app: &App,
    request: Request,
    limit: BodyLimit,
    session: &Session,
    parse: impl FnOnce(&[u8]) -> Result<T> + Send,
) -> Result<T> {
    let reservation = reservation(request.extensions())?;
    let share = Share::of(session, ClientAddress::of(request.extensions()));
    let mut received = 0;
    let read = read_body(request.into_body(), limit, |length| {
        received = length;
        if length <= SMALL_REQUEST {
            return Ok(());
        }
        reservation.reserve(share, length)
    });
    let allowed = reservation.timeout();
    let read = timeout(allowed, read).await;
    if received > SMALL_REQUEST {
        app.received(share, received);
    }
    let body = read.map_err(|_| {
        let message =
            format!("request body was not received within {allowed:?} (HASURA_GRAPHQL_REQUEST_BODY_TIMEOUT)");
        Error::new(Code::BadRequest, message).with_status(StatusCode::REQUEST_TIMEOUT.as_u16())
    })??;
    let _turn = app.parsing(share, body.len()).await?;
    blocking(body.len(), || {
        reservation.reserve(share, memory(&body))?;
        parse(&body)
    })
}

/// Returns the reservation of a request, which the layer of the bodies adds.
pub(super) fn reservation(extensions: &Extensions) -> Result<Reservation> {
    let reservation = extensions.get().cloned();
    reservation.ok_or_else(|| Error::new(Code::Unexpected, "internal error: the request has no reservation"))
}

/// Reads a body. `reserve` is called with the number of received bytes and may refuse them.
pub(super) async fn read_body(
    body: Body,
    limit: BodyLimit,
    mut reserve: impl FnMut(usize) -> Result<()>,
) -> Result<Bytes> {
    let mut chunks = body.into_data_stream();
    let mut first: Option<Bytes> = None;
    let mut read: Vec<u8> = Vec::new();
    let mut length = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            let message = format!("cannot read request body: {error}");
            Error::new(Code::BadRequest, message)
        })?;
        length += chunk.len();
        let allowed = if length > limit.bytes {
            Err(too_large(limit))
        } else {
            reserve(length)
        };
        if let Err(error) = allowed {
            drop((first, read));
            discard(chunks).await;
            return Err(error);
        }
        // Most bodies are one chunk, which need not be copied.
        match (&first, read.is_empty()) {
            (None, true) => first = Some(chunk),
            (Some(beginning), true) => {
                read.reserve(beginning.len() + chunk.len());
                read.extend_from_slice(beginning);
                read.extend_from_slice(&chunk);
                first = None;
            }
            (_, false) => read.extend_from_slice(&chunk),
        }
    }
    Ok(first.unwrap_or_else(|| read.into()))
}

/// Discards the rest of a body, within limits.
async fn discard(mut chunks: BodyDataStream) {
    let rest = async {
        let mut discarded = 0;
        while let Some(Ok(chunk)) = chunks.next().await {
            discarded += chunk.len();
            if discarded > MAX_DISCARDED {
                break;
            }
        }
    };
    // The response is sent in any case.
    let _ = timeout(LINGER, rest).await;
}

/// Returns the error for a body that exceeds the limit.
fn too_large(BodyLimit { bytes, name, .. }: BodyLimit) -> Error {
    let message = format!("request body exceeds {bytes} bytes, the limit of {name}");
    Error::new(Code::BadRequest, message).with_status(StatusCode::PAYLOAD_TOO_LARGE.as_u16())
}

/// Runs work with a text of this length.
pub(super) fn blocking<T: Send>(length: usize, work: impl FnOnce() -> T + Send) -> T {
    if length < BLOCKING_LENGTH {
        work()
    } else {
        planning::block(work)
    }
}

/// Parses a body as JSON.
pub(super) fn parse_body(body: &[u8]) -> Result<Value> {
    json::parse(body).map_err(|error| {
        Error::new(
            Code::InvalidJson,
            format!("request body is not valid JSON: {error}"),
        )
    })
}
