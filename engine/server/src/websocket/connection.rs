//! One WebSocket connection: the task that reads the client's messages.

use super::handshake::{Handshake, WebSocket};
use super::operation::Operation;
use super::operation_queue::OperationQueue;
use super::protocol::{ClientMessage, Protocol};
use super::read_limit::ReadLimit;
use super::response;
use super::running_operations::RunningOperations;
use super::send_queue::{Disconnected, SendQueue};
use crate::api_version::ApiVersion;
use crate::app::App;
use crate::auth::{Authenticated, Credentials, without_cookies};
use crate::cors::Cors;
use crate::error_response::{no_resource, plain_response};
use crate::middleware::{request_id, span_text};
use apollo_compiler::ast::OperationType;
use axum::Extension;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use engine_model::session::Session;
use engine_runtime::graphql::{self, Request};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use tracing::field::Empty;

/// Maximum number of operations in flight per connection, including subscriptions. Further operations are rejected.
const MAX_OPERATIONS: usize = 10_000;

/// Maximum number of bytes of the requests of these operations, for roles other than admin. A single longer one is accepted.
const MAX_ROLE_OPERATION_BYTES: usize = 4 * 1024 * 1024;

/// Maximum number of bytes that a client may send before it is authenticated.
const MAX_UNAUTHENTICATED_BYTES: usize = 64 * 1024;

/// Bytes that a client may send with each message besides its text: frame headers and the beginning of the next message.
const MESSAGE_OVERHEAD: usize = 64 * 1024;

/// Length in bytes of the header of a client's control frame.
const CONTROL_FRAME_HEADER: usize = 6;

/// Close code for a client that has sent more than it may send.
const TOO_LARGE: u16 = 1009;

/// Close code for a transient error.
const TRY_AGAIN_LATER: u16 = 1013;

/// Time in which the client of a connection that was closed with [`TOO_LARGE`] may send its message to the end: it could not read
/// the close frame if the socket were closed with unread bytes.
const LINGER: Duration = Duration::from_secs(2);

/// Headers of the handshake that are not used for authentication.
const HANDSHAKE_ONLY: [HeaderName; 6] = [
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::SEC_WEBSOCKET_EXTENSIONS,
    header::SEC_WEBSOCKET_PROTOCOL,
];

/// Responds to a handshake and handles the connection until either side closes it. A request that is not a handshake gets
/// 404.
pub(crate) async fn handle(
    State(app): State<Arc<App>>,
    Extension(version): Extension<ApiVersion>,
    mut request: HttpRequest,
) -> Response {
    let Some(accepted) = Handshake::of(&mut request) else {
        return plain_response(&no_resource(), false);
    };
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
    // Not inside the request's span, which ends with the handshake.
    let span = tracing::error_span!(
        parent: None,
        "websocket",
        request_id = request_id(headers),
        protocol = protocol.name(),
        role = Empty,
    );
    let max_message = app.options.max_body_bytes;
    let limit = Arc::new(ReadLimit::new(MAX_UNAUTHENTICATED_BYTES));
    let read_limit = Arc::clone(&limit);
    let serve = move |socket: WebSocket| {
        let (sink, stream) = socket.split();
        let gone = CancellationToken::new();
        let send_queue = SendQueue::start(sink, gone.clone());
        let connection = Connection {
            init_deadline: Instant::now() + app.options.websocket_init_timeout,
            app,
            version,
            protocol,
            handshake,
            send_queue,
            init: InitState::Missing,
            read_limit,
            operations: RunningOperations::default(),
            operation_queue: OperationQueue::new(),
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

struct Connection {
    app: Arc<App>,
    version: ApiVersion,
    protocol: Protocol,
    handshake: HeaderMap,
    send_queue: SendQueue,
    init: InitState,
    /// End of the time in which the client has to authenticate.
    init_deadline: Instant,
    read_limit: Arc<ReadLimit>,
    operations: RunningOperations,
    operation_queue: OperationQueue,
    /// Cancelled when the connection can no longer be written to.
    gone: CancellationToken,
}

/// State of the authentication by `connection_init`.
enum InitState {
    Missing,
    Failed(String),
    Done {
        session: Arc<Session>,
        /// End of the session; the connection is closed then.
        expires_at: Option<Instant>,
    },
}

/// Whether to continue reading.
enum ConnectionControl {
    Continue,
    Close(u16, String),
}

/// Closes the connection because its session has expired; 1000 as in Hasura.
fn session_expired() -> ConnectionControl {
    ConnectionControl::Close(1000, "the session has expired".to_owned())
}

impl Connection {
    async fn serve(mut self, mut stream: SplitStream<WebSocket>) -> Result<(), Disconnected> {
        let every = self.app.options.websocket_keepalive;
        let mut keep_alive = interval_at(Instant::now() + every, every);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let init_deadline = self.init_deadline;
            let (waits_for_init, expires_at) = match &self.init {
                InitState::Done { expires_at, .. } => (false, *expires_at),
                InitState::Missing | InitState::Failed(_) => (true, None),
            };
            let control = tokio::select! {
                // A client that sends without a pause must not delay the end of its session.
                biased;
                () = self.gone.cancelled() => return Err(Disconnected),
                () = self.app.shutdown.cancelled() => ConnectionControl::Close(1001, "the engine is stopping".to_owned()),
                () = sleep_until(expires_at.unwrap_or(init_deadline)), if expires_at.is_some() => session_expired(),
                () = sleep_until(init_deadline), if waits_for_init => {
                    ConnectionControl::Close(4408, "Connection initialisation timed out".to_owned())
                }
                () = self.read_limit.exceeded() => ConnectionControl::Close(TOO_LARGE, self.exceeded_limit()),
                _ = keep_alive.tick(), if matches!(self.init, InitState::Done { .. }) => {
                    self.send_queue.offer(self.protocol.keep_alive());
                    ConnectionControl::Continue
                }
                message = stream.next() => match message {
                    Some(Ok(message)) => {
                        let handled = self.on_frame(message);
                        match expires_at {
                            // A response waits for capacity if the client does not read.
                            Some(end) => timeout_at(end, handled).await.unwrap_or_else(|_| Ok(session_expired()))?,
                            None => handled.await?,
                        }
                    }
                    Some(Err(_)) | None => return Err(Disconnected),
                },
            };
            if let ConnectionControl::Close(code, reason) = control {
                // Before the close frame, which waits for capacity if the client does not read.
                self.operations.stop_all();
                self.send_queue.close(code, &reason).await;
                if code == TOO_LARGE {
                    let end = async { while let Some(Ok(_)) = stream.next().await {} };
                    // A client that does not close the connection in time may not receive the reason.
                    let _ = timeout(LINGER, end).await;
                }
                return Ok(());
            }
        }
    }

    async fn on_frame(&mut self, message: Message) -> Result<ConnectionControl, Disconnected> {
        let control = match message {
            Message::Text(text) => self.on_message(&text).await?,
            Message::Binary(_) => {
                self.on_protocol_error("binary messages are not supported")
                    .await?
            }
            // The library responds to pings automatically.
            Message::Ping(payload) | Message::Pong(payload) => {
                if matches!(self.init, InitState::Done { .. }) {
                    // May arrive within a message, so that the limit of the message remains.
                    self.read_limit.add(CONTROL_FRAME_HEADER + payload.len());
                }
                return Ok(ConnectionControl::Continue);
            }
            Message::Frame(_) => return Ok(ConnectionControl::Continue),
            Message::Close(_) => return Err(Disconnected),
        };
        if let InitState::Done { session, .. } = &self.init {
            let limit = self.app.options.graphql_limit(session).bytes;
            self.read_limit.set(limit.saturating_add(MESSAGE_OVERHEAD));
        }
        Ok(control)
    }

    async fn on_message(&mut self, text: &str) -> Result<ConnectionControl, Disconnected> {
        if let InitState::Done { session, .. } = &self.init
            && text.len() > self.app.options.graphql_limit(session).bytes
        {
            return Ok(ConnectionControl::Close(TOO_LARGE, self.exceeded_limit()));
        }
        match self.protocol.parse(text) {
            Ok(ClientMessage::Init(headers)) => self.init(headers).await,
            Ok(ClientMessage::Start { id, request }) => self.start(id, request, text.len()).await,
            Ok(ClientMessage::Stop { id }) => {
                self.operations.stop(&id);
                Ok(ConnectionControl::Continue)
            }
            Ok(ClientMessage::Terminate) => Ok(ConnectionControl::Close(1000, String::new())),
            Ok(ClientMessage::Ping(payload)) => {
                self.send_queue.send(Protocol::pong(payload)).await?;
                Ok(ConnectionControl::Continue)
            }
            Ok(ClientMessage::Pong) => Ok(ConnectionControl::Continue),
            Err(problem) => self.on_protocol_error(&problem).await,
        }
    }

    /// Returns the reason to close the connection of a client that has sent too much.
    fn exceeded_limit(&self) -> String {
        match &self.init {
            InitState::Done { session, .. } => {
                let limit = self.app.options.graphql_limit(session);
                format!("messages must not exceed {} bytes ({})", limit.bytes, limit.name)
            }
            InitState::Missing | InitState::Failed(_) => {
                format!("clients may send {MAX_UNAUTHENTICATED_BYTES} bytes before connection_init succeeds")
            }
        }
    }

    async fn on_protocol_error(&self, problem: &str) -> Result<ConnectionControl, Disconnected> {
        match self.protocol {
            Protocol::SubscriptionsTransportWs => {
                let message = format!("parsing ClientMessage failed: {problem}");
                self.send_queue.send(Protocol::connection_error(&message)).await?;
                Ok(ConnectionControl::Continue)
            }
            Protocol::GraphqlTransportWs => Ok(ConnectionControl::Close(
                4400,
                format!("4400: Parsing client message failed: {problem}"),
            )),
        }
    }

    async fn init(
        &mut self,
        payload_headers: Vec<(String, String)>,
    ) -> Result<ConnectionControl, Disconnected> {
        if self.protocol == Protocol::GraphqlTransportWs && !matches!(self.init, InitState::Missing) {
            return Ok(ConnectionControl::Close(
                4429,
                "Too many initialisation requests".to_owned(),
            ));
        }
        let mut headers = self.handshake.clone();
        for (name, value) in payload_headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(&name), HeaderValue::try_from(value)) else {
                return self
                    .on_protocol_error(&format!("payload.headers: {name:?} is not a valid header name"))
                    .await;
            };
            headers.insert(name, value);
        }
        let credentials = Credentials {
            headers: &headers,
            body: None,
        };
        let result = self.app.authenticate(credentials).await;
        let session = result.as_ref().ok().map(Authenticated::session);
        self.stop_operations_of_other_sessions(session).await?;
        match result {
            Ok(authenticated) => {
                self.init = InitState::Done {
                    expires_at: authenticated.expires_at(),
                    session: Arc::new(authenticated.into_session()),
                };
                self.send_queue.send(Protocol::ack()).await?;
                self.send_queue.send(self.protocol.keep_alive()).await?;
                Ok(ConnectionControl::Continue)
            }
            Err(error) => {
                if matches!(self.init, InitState::Done { .. }) {
                    self.init_deadline = Instant::now() + self.app.options.websocket_init_timeout;
                    self.read_limit.set(MAX_UNAUTHENTICATED_BYTES);
                }
                self.init = InitState::Failed(error.message.clone());
                match self.protocol {
                    Protocol::SubscriptionsTransportWs => {
                        self.send_queue
                            .send(Protocol::connection_error(&error.message))
                            .await?;
                        Ok(ConnectionControl::Continue)
                    }
                    Protocol::GraphqlTransportWs if error.retry_after.is_some() => {
                        Ok(ConnectionControl::Close(TRY_AGAIN_LATER, error.message))
                    }
                    Protocol::GraphqlTransportWs => {
                        Ok(ConnectionControl::Close(4403, "Forbidden".to_owned()))
                    }
                }
            }
        }
    }

    /// Stops all operations unless they run with this session. A second `connection_init` may renew a session; operations of
    /// another user, or without a valid session, must not continue beyond the expiry of their own.
    async fn stop_operations_of_other_sessions(&mut self, new: Option<&Session>) -> Result<(), Disconnected> {
        if let InitState::Done { session, .. } = &self.init
            && new == Some(session)
        {
            return Ok(());
        }
        for id in self.operations.stop_all() {
            self.send_queue.send(Protocol::complete(&id)).await?;
        }
        Ok(())
    }

    /// Whether another operation with a message of this length would exceed [`MAX_ROLE_OPERATION_BYTES`].
    fn exceeds_bytes(&self, bytes: usize) -> bool {
        let held = self.operations.bytes();
        held > 0 && held + bytes > MAX_ROLE_OPERATION_BYTES
    }

    /// Starts an operation; `bytes` is the length of its message.
    async fn start(
        &mut self,
        id: String,
        request: Request,
        bytes: usize,
    ) -> Result<ConnectionControl, Disconnected> {
        self.operations.remove_finished();
        let problem = match &self.init {
            InitState::Missing if self.protocol == Protocol::GraphqlTransportWs => {
                return Ok(ConnectionControl::Close(4401, "Unauthorized".to_owned()));
            }
            InitState::Missing => "start received before the connection is initialised".to_owned(),
            InitState::Failed(message) => format!("cannot start as connection_init failed with : {message}"),
            InitState::Done { .. } if self.operations.contains(&id) => {
                if self.protocol == Protocol::GraphqlTransportWs {
                    return Ok(ConnectionControl::Close(
                        4409,
                        format!("Subscriber for {id} already exists"),
                    ));
                }
                format!("an operation already exists with this id: {id}")
            }
            InitState::Done { .. } if self.operations.len() >= MAX_OPERATIONS => {
                format!("too many operations on this connection (limit {MAX_OPERATIONS})")
            }
            InitState::Done { session, .. } if !session.is_admin() && self.exceeds_bytes(bytes) => {
                format!(
                    "the requests of the operations on this connection exceed {MAX_ROLE_OPERATION_BYTES} bytes; \
                     stop one of them, or open another connection"
                )
            }
            InitState::Done { session, .. } => {
                let operation = Operation {
                    app: Arc::clone(&self.app),
                    session: Arc::clone(session),
                    protocol: self.protocol,
                    version: self.version,
                    send_queue: self.send_queue.clone(),
                    id: id.clone(),
                    request,
                };
                let span = tracing::error_span!(
                    "operation",
                    operation.id = span_text(&id),
                    operation.name = operation.request.operation_name.as_deref().and_then(span_text),
                );
                // An invalid document also waits for its turn, so that its error is sent in order.
                let kind = graphql::operation_type(&self.app.graphql, &operation.request);
                let turn = self
                    .operation_queue
                    .queue(kind.unwrap_or(OperationType::Query))
                    .await;
                let run = async move {
                    // Held until the response is in the send queue.
                    let _turn = match turn {
                        Some(turn) => turn.await.ok(),
                        None => None,
                    };
                    operation.run().await;
                };
                let task = tokio::spawn(run.instrument(span));
                self.operations.insert(id, task.abort_handle(), bytes);
                return Ok(ConnectionControl::Continue);
            }
        };
        let payload = response::start_failed(self.protocol, self.version, problem);
        self.send_queue.send(Protocol::error(&id, &payload)).await?;
        if self.protocol == Protocol::SubscriptionsTransportWs {
            self.send_queue.send(Protocol::complete(&id)).await?;
        }
        Ok(ConnectionControl::Continue)
    }
}
