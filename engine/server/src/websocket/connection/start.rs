//! Operations of a connection: their start, and the limits of those in flight.

use super::{Connection, ConnectionControl, InitState, Size, TRY_AGAIN_LATER};
use crate::body::blocking;
use crate::body_budget::Held;
use crate::middleware::span_text;
use crate::websocket::operation::Operation;
use crate::websocket::protocol::Protocol;
use crate::websocket::response;
use crate::websocket::send_queue::Disconnected;
use apollo_compiler::ast::OperationType;
use engine_model::session::Session;
use engine_runtime::graphql::{self, Request};
use std::sync::Arc;
use tracing::Instrument as _;

/// Maximum number of operations in flight per connection, including subscriptions. Further operations are rejected.
const MAX_OPERATIONS: usize = 10_000;

/// Maximum number of bytes of the requests of these operations, whether they run or wait. A single longer one is accepted.
const MAX_ROLE_OPERATION_BYTES: usize = 4 * 1024 * 1024;

/// The same for the role admin.
const MAX_ADMIN_OPERATION_BYTES: usize = 32 * 1024 * 1024;

/// Maximum memory of a subscription of a role other than admin. It is kept while the subscription runs, but not reserved then: the
/// reservations of subscriptions would prevent the requests of others for as long as their connections are open.
const MAX_ROLE_SUBSCRIPTION_MEMORY: usize = 512 * 1024;

impl Connection {
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
    pub(super) async fn refuse_message(
        &self,
        text: &str,
        problem: String,
    ) -> Result<ConnectionControl, Disconnected> {
        match blocking(text.len(), || self.protocol.started_id(text)) {
            Some(id) if !self.operations.contains(&id) => self.refuse_operation(&id, problem).await,
            // The error would be that of the operation with this id, which runs.
            Some(_) | None => Ok(ConnectionControl::Close(TRY_AGAIN_LATER, problem)),
        }
    }

    /// Starts an operation. `held` is its memory until the operation ends, or until the subscription is planned.
    pub(super) async fn start(
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
                let (document, kind) = match graphql::parse(
                    &self.app.graphql,
                    session,
                    self.address.0,
                    &operation.request,
                )
                .await
                {
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
