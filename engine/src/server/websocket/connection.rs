//! One WebSocket connection: the handshake, and the task that reads the client's messages.

use super::operation::Operation;
use super::outbox::{Gone, Outbox};
use super::protocol::{ClientMessage, Protocol};
use super::response;
use super::turns::Turns;
use crate::graphql::{self, Request};
use crate::server::auth;
use crate::server::error::{no_resource, plain_response};
use crate::server::router::App;
use crate::server::version::ApiVersion;
use crate::state::Engine;
use apollo_compiler::ast::OperationType;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use engine_model::session::Session;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

/// Maximum number of operations in flight per connection, including subscriptions. Further operations are rejected.
const MAX_OPERATIONS: usize = 10_000;

/// Size of a connection's read and write buffers. The library's default of 128 KiB would be most of the engine's memory with a
/// thousand connections; client messages are short, and a long result is written in several parts.
const SOCKET_BUFFER: usize = 8 * 1024;

/// Headers of the handshake that are not used for authentication.
const HANDSHAKE_ONLY: [HeaderName; 6] = [
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_PROTOCOL,
];

type Handshake = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// `GET /v1/graphql`.
pub(in crate::server) async fn v1(
    State(app): State<App>,
    headers: HeaderMap,
    handshake: Handshake,
) -> Response {
    answer(app, ApiVersion::V1, &headers, handshake)
}

/// `GET /v1alpha1/graphql`.
pub(in crate::server) async fn v1alpha1(
    State(app): State<App>,
    headers: HeaderMap,
    handshake: Handshake,
) -> Response {
    answer(app, ApiVersion::V1Alpha1, &headers, handshake)
}

/// Responds to a handshake and serves the connection until either side closes it. A request that is not a handshake gets 404.
fn answer(app: App, version: ApiVersion, headers: &HeaderMap, handshake: Handshake) -> Response {
    let Ok(upgrade) = handshake else {
        return plain_response(&no_resource(), false);
    };
    let engine = app.engine;
    let requested = headers
        .get(header::SEC_WEBSOCKET_PROTOCOL)
        .and_then(|value| value.to_str().ok());
    let protocol = Protocol::requested(requested);
    let handshake: HeaderMap = headers
        .iter()
        .filter(|(name, _)| !HANDSHAKE_ONLY.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let limit = engine.config.max_body_bytes as usize;
    let span = tracing::info_span!("websocket", protocol = protocol.name());
    upgrade
        .protocols([protocol.name()])
        .max_message_size(limit)
        .max_frame_size(limit)
        .read_buffer_size(SOCKET_BUFFER)
        .write_buffer_size(SOCKET_BUFFER)
        .on_upgrade(move |socket| {
            let (sink, stream) = socket.split();
            let gone = CancellationToken::new();
            let outbox = Outbox::start(sink, gone.clone());
            let connection = Connection {
                engine,
                version,
                protocol,
                handshake,
                outbox,
                auth: Auth::Missing,
                operations: HashMap::new(),
                turns: Turns::new(),
                gone,
            };
            async move {
                tracing::debug!("connected");
                // An error means that the client disconnected, which is how most connections end.
                let _: Result<(), Gone> = connection.serve(stream).await;
                tracing::debug!("disconnected");
            }
            .instrument(span)
        })
}

struct Connection {
    engine: Arc<Engine>,
    version: ApiVersion,
    protocol: Protocol,
    handshake: HeaderMap,
    outbox: Outbox,
    auth: Auth,
    operations: HashMap<String, AbortHandle>,
    turns: Turns,
    /// Cancelled when the connection can no longer be written to.
    gone: CancellationToken,
}

/// State of the authentication by `connection_init`.
enum Auth {
    Missing,
    Failed(String),
    Done(Arc<Session>),
}

/// Whether to continue reading.
enum Then {
    Continue,
    Close(u16, String),
}

impl Drop for Connection {
    fn drop(&mut self) {
        for operation in self.operations.values() {
            operation.abort();
        }
    }
}

impl Connection {
    async fn serve(mut self, mut stream: SplitStream<WebSocket>) -> Result<(), Gone> {
        let config = &self.engine.config;
        let every = Duration::from_secs(config.websocket_keepalive);
        let init_deadline = Instant::now() + Duration::from_secs(config.websocket_connection_init_timeout);
        let mut keep_alive = interval_at(Instant::now() + every, every);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let waits_for_init = self.protocol == Protocol::Transport && matches!(self.auth, Auth::Missing);
            let then = tokio::select! {
                () = self.gone.cancelled() => return Err(Gone),
                () = self.engine.shutdown.cancelled() => Then::Close(1001, "the engine is stopping".to_owned()),
                () = sleep_until(init_deadline), if waits_for_init => {
                    Then::Close(4408, "Connection initialisation timed out".to_owned())
                }
                _ = keep_alive.tick(), if matches!(self.auth, Auth::Done(_)) => {
                    self.outbox.offer(self.protocol.keep_alive());
                    Then::Continue
                }
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(&text).await?,
                    Some(Ok(Message::Binary(_))) => self.misunderstood("binary messages are not supported").await?,
                    // The library responds to pings automatically.
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Then::Continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Gone),
                },
            };
            if let Then::Close(code, reason) = then {
                self.outbox.close(code, &reason).await;
                return Ok(());
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Result<Then, Gone> {
        match self.protocol.parse(text) {
            Ok(ClientMessage::Init(headers)) => self.init(headers).await,
            Ok(ClientMessage::Start { id, request }) => self.start(id, request).await,
            Ok(ClientMessage::Stop { id }) => {
                if let Some(operation) = self.operations.remove(&id) {
                    operation.abort();
                }
                Ok(Then::Continue)
            }
            Ok(ClientMessage::Terminate) => Ok(Then::Close(1000, String::new())),
            Ok(ClientMessage::Ping(payload)) => {
                self.outbox.send(Protocol::pong(payload)).await?;
                Ok(Then::Continue)
            }
            Ok(ClientMessage::Pong) => Ok(Then::Continue),
            Err(problem) => self.misunderstood(&problem).await,
        }
    }

    async fn misunderstood(&self, problem: &str) -> Result<Then, Gone> {
        match self.protocol {
            Protocol::Legacy => {
                let message = format!("parsing ClientMessage failed: {problem}");
                self.outbox.send(Protocol::connection_error(&message)).await?;
                Ok(Then::Continue)
            }
            Protocol::Transport => Ok(Then::Close(
                4400,
                format!("Parsing client message failed: {problem}"),
            )),
        }
    }

    async fn init(&mut self, payload_headers: Vec<(String, String)>) -> Result<Then, Gone> {
        if self.protocol == Protocol::Transport && !matches!(self.auth, Auth::Missing) {
            return Ok(Then::Close(4429, "Too many initialisation requests".to_owned()));
        }
        let mut headers = self.handshake.clone();
        for (name, value) in payload_headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(&name), HeaderValue::try_from(value)) else {
                return self
                    .misunderstood(&format!("payload.headers: {name:?} is not a valid header name"))
                    .await;
            };
            headers.insert(name, value);
        }
        match auth::authenticate(&self.engine.config, &headers) {
            Ok(session) => {
                self.auth = Auth::Done(Arc::new(session));
                self.outbox.send(Protocol::ack()).await?;
                self.outbox.send(self.protocol.keep_alive()).await?;
                Ok(Then::Continue)
            }
            Err(error) => {
                self.auth = Auth::Failed(error.message.clone());
                match self.protocol {
                    Protocol::Legacy => {
                        self.outbox
                            .send(Protocol::connection_error(&error.message))
                            .await?;
                        Ok(Then::Continue)
                    }
                    Protocol::Transport => Ok(Then::Close(4403, "Forbidden".to_owned())),
                }
            }
        }
    }

    async fn start(&mut self, id: String, request: Request) -> Result<Then, Gone> {
        self.operations.retain(|_, operation| !operation.is_finished());
        let problem = match &self.auth {
            Auth::Missing if self.protocol == Protocol::Transport => {
                return Ok(Then::Close(4401, "Unauthorized".to_owned()));
            }
            Auth::Missing => "start received before the connection is initialised".to_owned(),
            Auth::Failed(message) => format!("cannot start as connection_init failed with : {message}"),
            Auth::Done(_) if self.operations.contains_key(&id) => {
                if self.protocol == Protocol::Transport {
                    return Ok(Then::Close(4409, format!("Subscriber for {id} already exists")));
                }
                format!("an operation already exists with this id: {id}")
            }
            Auth::Done(_) if self.operations.len() >= MAX_OPERATIONS => {
                format!("too many operations on this connection (limit {MAX_OPERATIONS})")
            }
            Auth::Done(session) => {
                let operation = Operation {
                    engine: Arc::clone(&self.engine),
                    session: Arc::clone(session),
                    protocol: self.protocol,
                    version: self.version,
                    outbox: self.outbox.clone(),
                    id: id.clone(),
                    request,
                };
                // An invalid document also waits for its turn, so that its error is sent in order.
                let kind = graphql::operation_type(&self.engine, &operation.request);
                let turn = self.turns.queue(kind.unwrap_or(OperationType::Query)).await;
                let run = async move {
                    // Held until the response is in the outbox.
                    let _turn = match turn {
                        Some(turn) => turn.await.ok(),
                        None => None,
                    };
                    operation.run().await;
                };
                let task = tokio::spawn(run.in_current_span());
                self.operations.insert(id, task.abort_handle());
                return Ok(Then::Continue);
            }
        };
        let payload = response::start_failed(self.protocol, self.version, problem);
        self.outbox.send(Protocol::error(&id, &payload)).await?;
        if self.protocol == Protocol::Legacy {
            self.outbox.send(Protocol::complete(&id)).await?;
        }
        Ok(Then::Continue)
    }
}
