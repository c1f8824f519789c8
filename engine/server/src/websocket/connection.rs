//! One WebSocket connection: the task that reads the client's messages.
//!
//! - `accept`: the handshake
//! - `init`: authentication by `connection_init`
//! - `start`: operations, and the limits of those in flight

mod accept;
mod init;
mod start;

pub(crate) use accept::handle;

use super::handshake::WebSocket;
use super::operation_queue::OperationQueue;
use super::protocol::{ClientMessage, Protocol};
use super::read_limit::{Exceeded, ReadLimit};
use super::running_operations::RunningOperations;
use super::send_queue::{Disconnected, SendQueue};
use crate::api_version::ApiVersion;
use crate::app::App;
use crate::body::blocking;
use crate::body_budget::{Held, Share, memory};
use crate::client_address::ClientAddress;
use crate::serve::Slot;
use engine_error::Result;
use engine_model::session::Session;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use http::HeaderMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::yield_now;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

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
                        // In its own memory, which a connection that waits for messages does not occupy.
                        let handled = Box::pin(async {
                            tokio::select! {
                                biased;
                                () = evicted(slot.as_deref()) => Ok(too_many_connections()),
                                handled = self.on_frame(message) => handled,
                            }
                        });
                        let control = match expires_at {
                            // A response waits for capacity if the client does not read.
                            Some(end) => timeout_at(end, handled).await.unwrap_or_else(|_| Ok(session_expired()))?,
                            None => handled.await?,
                        };
                        // Many messages may have arrived at once: other tasks of the thread must not wait for all of them.
                        yield_now().await;
                        control
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
        if let Some(share) = self.share() {
            self.app.requested(share, message.len()).await;
        }
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

    /// Returns the client of the connection, if it is authenticated.
    fn share(&self) -> Option<Share> {
        match &self.init {
            InitState::Done { session, .. } => Some(Share::of(session, self.address)),
            InitState::Missing | InitState::Failed(_) => None,
        }
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
        let turn = match self.share() {
            Some(share) => self.app.parsing(share, text.len()).await,
            None => Ok(None),
        };
        let message = match turn {
            Ok(_turn) => blocking(text.len(), || self.protocol.parse(text)),
            Err(error) => return self.refuse_message(text, error.message).await,
        };
        match message {
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
}
