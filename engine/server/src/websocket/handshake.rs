//! The HTTP side of a connection: the handshake, and the WebSocket after it.

use super::read_limit::{LimitedStream, ReadLimit};
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// Size of a connection's read buffer, which it always has. The library's default of 128 KiB would be most of the engine's memory with
/// a thousand connections; client messages are short, and a long one is read in several parts.
const READ_BUFFER: usize = 4 * 1024;

/// Number of bytes from which on a connection writes frames that are not flushed yet: a long result is written in several parts.
const WRITE_BUFFER: usize = 8 * 1024;

/// A WebSocket whose client may send a limited number of bytes.
pub(super) type WebSocket = WebSocketStream<LimitedStream<TokioIo<Upgraded>>>;

/// Handshake that has not been answered yet.
pub(super) struct Handshake {
    response: Response,
    on_upgrade: OnUpgrade,
}

impl Handshake {
    /// Returns the handshake of a request; `None` if it is not a valid one.
    pub(super) fn of(request: &mut Request) -> Option<Self> {
        let response = create_response_with_body(request, Body::empty).ok()?;
        let on_upgrade = request.extensions_mut().remove()?;
        Some(Self { response, on_upgrade })
    }

    /// Returns the response, which selects the sub-protocol if the client offers it, and starts a task that runs `serve` with the
    /// connection.
    pub(super) fn accept<F>(
        self,
        headers: &HeaderMap,
        protocol: &'static str,
        max_message: usize,
        limit: Arc<ReadLimit>,
        serve: impl FnOnce(WebSocket) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Self {
            mut response,
            on_upgrade,
        } = self;
        let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let mut offered = offered.filter_map(|value| value.to_str().ok());
        if offered.any(|list| list.split(',').any(|name| name.trim() == protocol)) {
            let protocol = HeaderValue::from_static(protocol);
            response
                .headers_mut()
                .insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message))
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER);
        tokio::spawn(async move {
            // An error means that the client disconnected before it received the response.
            let Ok(upgraded) = on_upgrade.await else { return };
            let stream = LimitedStream::new(TokioIo::new(upgraded), limit);
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
            serve(socket).await;
        });
        response
    }
}
