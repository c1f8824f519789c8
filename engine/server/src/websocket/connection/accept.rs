//! The handshake of a connection.

use super::{Connection, InitState, MAX_UNAUTHENTICATED_BYTES};
use crate::api_version::ApiVersion;
use crate::app::App;
use crate::auth::without_cookies;
use crate::client_address::ClientAddress;
use crate::console;
use crate::cors::Cors;
use crate::error_response::{no_resource, plain_response};
use crate::middleware::request_id;
use crate::serve::Slot;
use crate::websocket::handshake::{Handshake, WebSocket};
use crate::websocket::operation_queue::OperationQueue;
use crate::websocket::protocol::Protocol;
use crate::websocket::read_limit::ReadLimit;
use crate::websocket::running_operations::RunningOperations;
use crate::websocket::send_queue::{Disconnected, SendQueue};
use axum::Extension;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use futures_util::StreamExt as _;
use http::{HeaderName, header};
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use tracing::field::Empty;

/// Headers of the handshake that are not used for authentication.
const HANDSHAKE_ONLY: [HeaderName; 6] = [
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_PROTOCOL,
];

/// Responds to a handshake and handles the connection until either side closes it. A browser that opens the address gets an
/// explanation; any other request that is not a handshake gets 404.
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Extension(version): Extension<ApiVersion>,
    mut request: HttpRequest,
) -> Response {
    let Some(accepted) = Handshake::of(&mut request) else {
        if console::is_navigation(request.headers()) {
            app.refused(ClientAddress::of(request.extensions())).await;
            return console::explain(&app);
        }
        return plain_response(&no_resource(), false);
    };
    let address = ClientAddress::of(request.extensions());
    let headers = request.headers();
    let requested = headers
        .get(header::SEC_WEBSOCKET_PROTOCOL)
        .and_then(|value| value.to_str().ok());
    let protocol = Protocol::requested(requested);
    let trusts_cookies = match app.cors {
        // A WebSocket handshake has no preflight request: without CORS, only an explicit setting permits cookies.
        Cors::Disabled => app.options.websocket_read_cookie,
        Cors::Any | Cors::Only(_) => app.cross_site.trusts_cookies(headers, request.uri(), &app.cors),
    };
    let mut handshake = if trusts_cookies {
        headers.clone()
    } else {
        without_cookies(headers)
    };
    for name in HANDSHAKE_ONLY {
        handshake.remove(name);
    }
    let slot = request.extensions().get::<Arc<Slot>>().cloned();
    // Not inside the request's span, which ends with the handshake.
    let span = tracing::error_span!(
        parent: None,
        "websocket",
        request_id = request_id(headers),
        protocol = protocol.name(),
        role = Empty,
    );
    let max_message = app.options.max_body_bytes;
    let limit = Arc::new(ReadLimit::new(
        MAX_UNAUTHENTICATED_BYTES,
        app.bodies.clone(),
        app.options.body_timeout,
    ));
    let read_limit = Arc::clone(&limit);
    let serve = move |socket: WebSocket| {
        let (sink, stream) = socket.split();
        let gone = CancellationToken::new();
        let send_queue = SendQueue::start(sink, gone.clone());
        let connection = Connection {
            init_deadline: Instant::now() + app.options.websocket_init_timeout,
            app,
            address,
            version,
            protocol,
            handshake,
            send_queue,
            init: InitState::Missing,
            read_limit,
            operations: RunningOperations::default(),
            operation_queue: OperationQueue::new(),
            slot,
            gone,
        };
        async move {
            tracing::debug!("connected");
            // An error means that the client disconnected, which is how most connections end.
            let _: Result<(), Disconnected> = connection.serve(stream).await;
            tracing::debug!("disconnected");
        }
        .instrument(span)
    };
    accepted.accept(headers, protocol.name(), max_message, limit, serve)
}
