//! One WebSocket connection: the task that reads the client's messages.

use super::handshake::{Handshake, WebSocket};
use super::operation::Operation;
use super::operation_queue::OperationQueue;
use super::protocol::{ClientMessage, Protocol};
use super::read_limit::{Exceeded, ReadLimit};
use super::response;
use super::running_operations::RunningOperations;
use super::send_queue::{Disconnected, SendQueue};
use crate::api_version::ApiVersion;
use crate::app::App;
use crate::auth::{Authenticated, Credentials, without_cookies};
use crate::body::blocking;
use crate::body_budget::{Held, Share, memory};
use crate::client_address::ClientAddress;
use crate::cors::Cors;
use crate::error_response::{no_resource, plain_response};
use crate::middleware::{request_id, span_text};
use crate::serve::Slot;
use apollo_compiler::ast::OperationType;
use axum::Extension;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use engine_error::Result;
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

/// Maximum number of bytes of the requests of these operations, whether they run or wait. A single longer one is accepted.
const MAX_ROLE_OPERATION_BYTES: usize = 4 * 1024 * 1024;

/// The same for the role admin.
const MAX_ADMIN_OPERATION_BYTES: usize = 32 * 1024 * 1024;

/// Maximum memory of a subscription of a role other than admin. It is kept while the subscription runs, but not reserved then: the
/// reservations of subscriptions would prevent the requests of others for as long as their connections are open.
const MAX_ROLE_SUBSCRIPTION_MEMORY: usize = 512 * 1024;

/// Memory of an operation up to which it is not reserved, so that thousands of subscriptions do not use the capacity of the requests.
const MAX_UNRESERVED: usize = 64 * 1024;

/// Memory of an operation, as a multiple of its message, and of the message's own members, that the limits in bytes include.
/// Operations with more memory count as longer ones.
const INCLUDED_MEMORY: usize = 8;
const INCLUDED_MEMBERS: usize = 2048;

/// Maximum number of bytes that a client may send before it is authenticated.
const MAX_UNAUTHENTICATED_BYTES: usize = 64 * 1024;

/// Bytes that a client may send with each message besides its text: frame headers and the beginning of the next message.
const MESSAGE_OVERHEAD: usize = 64 * 1024;

/// Length in bytes of the header of a client's control frame.
const CONTROL_FRAME_HEADER: usize = 6;

/// Close code for a client that has sent more than it may send.
const TOO_LARGE: u16 = 1009;

/// Close code for a client that does not complete a message.
const POLICY_VIOLATION: u16 = 1008;

/// Close code for a transient error.
const TRY_AGAIN_LATER: u16 = 1013;

/// Time in which the client of a connection that was closed because of its message may send it to the end: it could not read the
/// close frame if the socket were closed with unread bytes.
const LINGER: Duration = Duration::from_secs(2);

/// Time in which a connection that was closed for another one receives the reason: it is no longer counted.
const EVICTION_TIME: Duration = Duration::from_millis(100);

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

struct Connection {
    app: Arc<App>,
    address: ClientAddress,
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
    /// Registration of the connection; `None` in a server without limits.
    slot: Option<Arc<Slot>>,
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

/// Size of a client's message.
struct Size {
    /// Bytes that count towards the limits of the connection.
    bytes: usize,
    memory: usize,
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

/// Closes the connection for another one.
fn too_many_connections() -> ConnectionControl {
    ConnectionControl::Close(TRY_AGAIN_LATER, "too many connections; retry later".to_owned())
}

/// Waits until the connection is closed for another one.
async fn evicted(slot: Option<&Slot>) {
    match slot {
        Some(slot) => slot.evicted().await,
        None => std::future::pending().await,
    }
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
                () = evicted(self.slot.as_deref()) => too_many_connections(),
                () = self.app.shutdown.cancelled() => ConnectionControl::Close(1001, "the engine is stopping".to_owned()),
                () = sleep_until(expires_at.unwrap_or(init_deadline)), if expires_at.is_some() => session_expired(),
                () = sleep_until(init_deadline), if waits_for_init => {
                    ConnectionControl::Close(4408, "Connection initialisation timed out".to_owned())
                }
                exceeded = self.read_limit.exceeded() => self.close_exceeded(exceeded),
                _ = keep_alive.tick(), if matches!(self.init, InitState::Done { .. }) => {
                    self.send_queue.offer(self.protocol.keep_alive());
                    ConnectionControl::Continue
                }
                message = stream.next() => match message {
                    Some(Ok(message)) => {
                        let slot = self.slot.clone();
                        let handled = async {
                            tokio::select! {
                                biased;
                                () = evicted(slot.as_deref()) => Ok(too_many_connections()),
                                handled = self.on_frame(message) => handled,
                            }
                        };
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
                let close = async {
                    self.send_queue.close(code, &reason).await;
                    if matches!(code, TOO_LARGE | TRY_AGAIN_LATER) {
                        let end = async { while let Some(Ok(_)) = stream.next().await {} };
                        // A client that does not close the connection in time may not receive the reason.
                        let _ = timeout(LINGER, end).await;
                    }
                };
                tokio::select! {
                    biased;
                    () = evicted(self.slot.as_deref()) => self.close_evicted(code, &reason).await,
                    () = close => {}
                }
                return Ok(());
            }
        }
    }

    /// Closes a connection at once, also if the client does not read.
    async fn close_evicted(&self, code: u16, reason: &str) {
        let close = async {
            self.send_queue.close(code, reason).await;
            self.gone.cancelled().await;
        };
        if timeout(EVICTION_TIME, close).await.is_err() {
            self.send_queue.abort();
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
            let share = Share::of(session, self.address);
            self.read_limit
                .set(limit.saturating_add(MESSAGE_OVERHEAD), Some(share));
        }
        Ok(control)
    }

    async fn on_message(&mut self, text: &str) -> Result<ConnectionControl, Disconnected> {
        if let InitState::Done { session, .. } = &self.init
            && text.len() > self.app.options.graphql_limit(session).bytes
        {
            return Ok(ConnectionControl::Close(TOO_LARGE, self.exceeded_limit()));
        }
        let memory = blocking(text.len(), || memory(text.as_bytes()));
        let held = match self.reserve(memory) {
            Ok(held) => held,
            Err(error) => return self.refuse_message(text, error.message).await,
        };
        let bytes = text.len() + memory.saturating_sub(INCLUDED_MEMORY * text.len() + INCLUDED_MEMBERS);
        match blocking(text.len(), || self.protocol.parse(text)) {
            Ok(ClientMessage::Init(headers)) => self.init(headers).await,
            Ok(ClientMessage::Start { id, request }) => {
                self.start(id, request, Size { bytes, memory }, held).await
            }
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

    /// Reserves the memory of a message. Clients without a session cannot send a long one.
    fn reserve(&self, memory: usize) -> Result<Held> {
        let mut held = self.read_limit.take_held();
        match &self.init {
            InitState::Done { session, .. } if memory > MAX_UNRESERVED => {
                self.app
                    .bodies
                    .reserve(Share::of(session, self.address), memory, &mut held)?;
                Ok(held)
            }
            _ => Ok(Held::default()),
        }
    }

    fn close_exceeded(&self, exceeded: Exceeded) -> ConnectionControl {
        match exceeded {
            Exceeded::Length => ConnectionControl::Close(TOO_LARGE, self.exceeded_limit()),
            Exceeded::Capacity(error) => ConnectionControl::Close(TRY_AGAIN_LATER, error.message),
            Exceeded::Time(allowed) => ConnectionControl::Close(
                POLICY_VIOLATION,
                format!("message was not received within {allowed:?}"),
            ),
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
                let is_identified = authenticated.is_identified();
                self.init = InitState::Done {
                    expires_at: authenticated.expires_at(),
                    session: Arc::new(authenticated.into_session()),
                };
                // Clients without credentials must not prevent the connections of others.
                if is_identified && let Some(slot) = &self.slot {
                    slot.authenticated();
                }
                self.send_queue.send(Protocol::ack()).await?;
                self.send_queue.send(self.protocol.keep_alive()).await?;
                Ok(ConnectionControl::Continue)
            }
            Err(error) => {
                if matches!(self.init, InitState::Done { .. }) {
                    self.init_deadline = Instant::now() + self.app.options.websocket_init_timeout;
                    self.read_limit.set(MAX_UNAUTHENTICATED_BYTES, None);
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

    /// Returns the limit that another operation with a message of this length would exceed.
    fn exceeded_bytes(&self, session: &Session, bytes: usize) -> Option<usize> {
        let limit = if session.is_admin() {
            MAX_ADMIN_OPERATION_BYTES
        } else {
            MAX_ROLE_OPERATION_BYTES
        };
        let held = self.operations.bytes();
        (held > 0 && held + bytes > limit).then_some(limit)
    }

    /// Refuses a message for which there is no memory: the operation that it would start, otherwise the connection.
    async fn refuse_message(&self, text: &str, problem: String) -> Result<ConnectionControl, Disconnected> {
        match blocking(text.len(), || self.protocol.started_id(text)) {
            Some(id) if !self.operations.contains(&id) => self.refuse_operation(&id, problem).await,
            // The error would be that of the operation with this id, which runs.
            Some(_) | None => Ok(ConnectionControl::Close(TRY_AGAIN_LATER, problem)),
        }
    }

    /// Starts an operation. `held` is its memory until the operation ends, or until the subscription is planned.
    async fn start(
        &mut self,
        id: String,
        request: Request,
        size: Size,
        held: Held,
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
            InitState::Done { session, .. } => {
                if let Some(limit) = self.exceeded_bytes(session, size.bytes) {
                    let problem = format!(
                        "the requests of the operations on this connection exceed {limit} bytes; \
                         stop one of them, or open another connection"
                    );
                    return self.refuse_operation(&id, problem).await;
                }
                let operation = Operation {
                    app: Arc::clone(&self.app),
                    session: Arc::clone(session),
                    address: self.address,
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
                let (document, kind) = match graphql::parse(&self.app.graphql, &operation.request).await {
                    Ok((document, kind)) => (Some(document), kind),
                    Err(_) => (None, OperationType::Query),
                };
                if kind == OperationType::Subscription
                    && size.memory > MAX_ROLE_SUBSCRIPTION_MEMORY
                    && !session.is_admin()
                {
                    let problem = format!(
                        "the request of the subscription needs {} bytes of memory, {MAX_ROLE_SUBSCRIPTION_MEMORY} \
                         are possible; subscribe with fewer or shorter values",
                        size.memory
                    );
                    return self.refuse_operation(&id, problem).await;
                }
                let turn = self.operation_queue.queue(kind).await;
                // A parsed document needs many times the memory of its text, which counts: operations that may wait parse it again.
                let document = document.filter(|_| turn.is_none());
                let run = async move {
                    // Held until the response is in the send queue.
                    let _turn = match turn {
                        Some(turn) => turn.await.ok(),
                        None => None,
                    };
                    operation.run(held, document).await;
                };
                let task = tokio::spawn(run.instrument(span));
                self.operations.insert(id, task.abort_handle(), size.bytes);
                return Ok(ConnectionControl::Continue);
            }
        };
        self.refuse_operation(&id, problem).await
    }

    /// Sends the error of an operation that is not started.
    async fn refuse_operation(&self, id: &str, problem: String) -> Result<ConnectionControl, Disconnected> {
        let payload = response::start_failed(self.protocol, self.version, problem);
        self.send_queue.send(Protocol::error(id, &payload)).await?;
        if self.protocol == Protocol::SubscriptionsTransportWs {
            self.send_queue.send(Protocol::complete(id)).await?;
        }
        Ok(ConnectionControl::Continue)
    }
}
