//! One operation of a connection, from its start to its last message.

use super::protocol::{Payload, Protocol};
use super::response;
use super::send_queue::{Disconnected, SendQueue};
use crate::api_version::ApiVersion;
use crate::app::App;
use crate::body_budget::Held;
use crate::client_address::ClientAddress;
use engine_error::{Error, ExecutionError, OperationError, RequestError};
use engine_model::session::Session;
use engine_plan::document::Document;
use engine_runtime::graphql::{self, Lookup, Outcome, Request};
use engine_runtime::live::{Subscription, Update};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Operation with its context.
pub(super) struct Operation {
    pub(super) app: Arc<App>,
    pub(super) session: Arc<Session>,
    pub(super) address: ClientAddress,
    pub(super) protocol: Protocol,
    pub(super) version: ApiVersion,
    pub(super) send_queue: SendQueue,
    pub(super) id: String,
    pub(super) request: Request,
}

impl Operation {
    /// Runs the operation to completion, with its memory. A subscription runs until it is stopped by dropping this future.
    /// `document` is the parsed document; `None` if it is invalid.
    pub(super) async fn run(self, held: Held, document: Option<Arc<Document>>) {
        // After a disconnect no client is left to receive an error.
        let _: Result<(), Disconnected> = self.answer(held, document).await;
    }

    async fn answer(&self, held: Held, document: Option<Arc<Document>>) -> Result<(), Disconnected> {
        let lookup = match graphql::admit(&self.app.graphql, &self.session, self.address.0) {
            Ok(lookup) => lookup.with_document(document),
            Err(RequestError(error)) => return self.refuse(&error).await,
        };
        let held = Arc::new(held);
        match self.execute(lookup, Arc::clone(&held)).await {
            Ok(Outcome::Done(body)) => {
                self.send_result(Payload::Response(body)).await?;
                self.complete().await
            }
            Ok(Outcome::Subscription(plan, schema)) => {
                // Others may need it while the subscription runs.
                drop(held);
                let subscription = self.app.live.subscribe(&plan, &schema);
                drop((plan, schema));
                self.push_updates(subscription).await
            }
            Err(OperationError::Execution(ExecutionError(error))) => {
                self.send_failure(&error).await?;
                self.complete().await
            }
            Err(OperationError::Request(RequestError(error))) => self.refuse(&error).await,
        }
    }

    /// Executes the request. The future is large and a subscription usually needs it once: as a part of the operation's future, it
    /// would occupy its memory for as long as the subscription runs.
    fn execute(
        &self,
        lookup: Lookup,
        reserved: impl Send + 'static,
    ) -> BoxFuture<'_, Result<Outcome, OperationError>> {
        Box::pin(graphql::execute(
            &self.app.graphql,
            lookup,
            &self.session,
            self.address.0,
            &self.request,
            reserved,
        ))
    }

    /// Sends results until the subscription is stopped or fails.
    async fn push_updates(&self, mut subscription: Subscription) -> Result<(), Disconnected> {
        let mut last = None;
        let mut cursor = None;
        loop {
            match subscription.next().await {
                Update::Data(data) => {
                    // The first result of a new plan is often equal to the one sent last.
                    if last.as_ref() != Some(&data) {
                        self.send_result(Payload::Data(data.clone())).await?;
                        last = Some(data);
                    }
                }
                Update::Batch(data, end) => {
                    self.send_result(Payload::Data(data)).await?;
                    cursor = Some(end);
                }
                Update::Error(error) => {
                    last = None;
                    self.send_failure(&error).await?;
                }
                // Pollers end at shutdown; a new one would end immediately.
                Update::SchemaChanged if self.app.shutdown.is_cancelled() => return Ok(()),
                Update::SchemaChanged => {
                    match self.execute(Lookup::current(&self.app.graphql), ()).await {
                        Ok(Outcome::Subscription(mut plan, schema)) => {
                            if let Some(cursor) = &cursor {
                                plan.resume(cursor.clone());
                            }
                            subscription = self.app.live.subscribe(&plan, &schema);
                        }
                        // The same document cannot have become another kind of operation.
                        Ok(Outcome::Done(_)) => return self.complete().await,
                        Err(error) => return self.refuse(&error.into()).await,
                    }
                }
            }
        }
    }

    /// Sends a result.
    async fn send_result(&self, payload: Payload) -> Result<(), Disconnected> {
        self.send_queue
            .send_result(self.protocol.data(&self.id, payload))
            .await
    }

    /// Sends an execution error as part of a result.
    async fn send_failure(&self, error: &Error) -> Result<(), Disconnected> {
        let payload = response::failure(&self.app.options, &self.session, self.version, error);
        self.send_result(Payload::Response(payload.to_string().into()))
            .await
    }

    /// Sends an error that occurred before the execution.
    async fn refuse(&self, error: &Error) -> Result<(), Disconnected> {
        let payload = response::refusal(
            &self.app.options,
            &self.session,
            self.protocol,
            self.version,
            error,
        );
        self.send_queue.send(Protocol::error(&self.id, &payload)).await?;
        match self.protocol {
            Protocol::SubscriptionsTransportWs => self.complete().await,
            // In this protocol an error ends the operation.
            Protocol::GraphqlTransportWs => Ok(()),
        }
    }

    async fn complete(&self) -> Result<(), Disconnected> {
        self.send_queue.send(Protocol::complete(&self.id)).await
    }
}
