//! One operation of a connection, from its start to its last message.

use super::outbox::{Gone, Outbox};
use super::protocol::Protocol;
use super::response;
use crate::graphql::{self, Outcome, Request};
use crate::live::{Registry, Update};
use crate::server::version::ApiVersion;
use crate::state::Engine;
use bytes::Bytes;
use engine_error::Error;
use engine_model::session::Session;
use engine_plan::SubscriptionPlan;
use engine_plan::schema_cache::SchemaCache;
use std::sync::Arc;

/// Operation with its context.
pub(super) struct Operation {
    pub(super) engine: Arc<Engine>,
    pub(super) session: Arc<Session>,
    pub(super) protocol: Protocol,
    pub(super) version: ApiVersion,
    pub(super) outbox: Outbox,
    pub(super) id: String,
    pub(super) request: Request,
}

impl Operation {
    /// Runs the operation to completion. A subscription runs until it is stopped by dropping this future.
    pub(super) async fn run(self) {
        // After a disconnect no client is left to receive an error.
        let _: Result<(), Gone> = self.answer().await;
    }

    async fn answer(&self) -> Result<(), Gone> {
        let snapshot = self.engine.snapshot.load_full();
        match graphql::execute(&self.engine, &self.session, &self.request).await {
            Ok(Outcome::Done(body)) => {
                self.send_data(&body).await?;
                self.complete().await
            }
            Ok(Outcome::Subscription(plan)) => self.follow(plan, snapshot).await,
            Err(error) if response::is_of_execution(&error) => {
                self.send_failure(&error).await?;
                self.complete().await
            }
            Err(error) => self.refuse(&error).await,
        }
    }

    /// Sends results until the subscription is stopped or fails.
    async fn follow(&self, mut plan: SubscriptionPlan, snapshot: Arc<SchemaCache>) -> Result<(), Gone> {
        let mut subscription = Registry::subscribe(&self.engine, &plan, &snapshot);
        let mut last = None;
        let mut cursor = None;
        loop {
            match subscription.next().await {
                Update::Data(data) => {
                    // The first result of a new plan is often equal to the one sent last.
                    if last.as_ref() != Some(&data) {
                        self.send_data(&response::wrap(&data)).await?;
                        last = Some(data);
                    }
                }
                Update::Batch(data, end) => {
                    self.send_data(&response::wrap(&data)).await?;
                    cursor = Some(end);
                }
                Update::Error(error) => {
                    last = None;
                    self.send_failure(&error).await?;
                }
                Update::Replan => {
                    let snapshot = self.engine.snapshot.load_full();
                    match graphql::execute(&self.engine, &self.session, &self.request).await {
                        Ok(Outcome::Subscription(again)) => {
                            plan = again;
                            if let Some(cursor) = &cursor {
                                plan.resume(cursor.clone());
                            }
                            subscription = Registry::subscribe(&self.engine, &plan, &snapshot);
                        }
                        // The same document cannot have become another kind of operation.
                        Ok(Outcome::Done(_)) => return self.complete().await,
                        Err(error) => return self.refuse(&error).await,
                    }
                }
            }
        }
    }

    async fn send_data(&self, body: &Bytes) -> Result<(), Gone> {
        // The body is UTF-8 because Postgres sends UTF-8; the lossy conversion never replaces a character.
        self.outbox
            .send(self.protocol.data(&self.id, &String::from_utf8_lossy(body)))
            .await
    }

    /// Sends an execution error as part of a result.
    async fn send_failure(&self, error: &Error) -> Result<(), Gone> {
        let payload = response::failure(&self.engine, &self.session, self.version, error);
        self.outbox
            .send(self.protocol.data(&self.id, &payload.to_string()))
            .await
    }

    /// Sends an error that occurred before the execution.
    async fn refuse(&self, error: &Error) -> Result<(), Gone> {
        let payload = response::refusal(&self.engine, &self.session, self.protocol, self.version, error);
        self.outbox.send(Protocol::error(&self.id, &payload)).await?;
        match self.protocol {
            Protocol::Legacy => self.complete().await,
            // In this protocol an error ends the operation.
            Protocol::Transport => Ok(()),
        }
    }

    async fn complete(&self) -> Result<(), Gone> {
        self.outbox.send(Protocol::complete(&self.id)).await
    }
}
