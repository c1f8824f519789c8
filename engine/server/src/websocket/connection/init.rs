//! Authentication of a connection by `connection_init`.

use super::{Connection, ConnectionControl, InitState, MAX_UNAUTHENTICATED_BYTES, TRY_AGAIN_LATER};
use crate::auth::{Authenticated, Credentials};
use crate::body_budget::Share;
use crate::websocket::protocol::Protocol;
use crate::websocket::send_queue::Disconnected;
use engine_model::session::Session;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use tokio::time::Instant;
use trace_context::TraceContext;

impl Connection {
    pub(super) async fn init(
        &mut self,
        payload_headers: Vec<(String, String)>,
    ) -> Result<ConnectionControl, Disconnected> {
        if self.protocol == Protocol::GraphqlTransportWs && !matches!(self.init, InitState::Missing) {
            return Ok(ConnectionControl::Close(
                4429,
                "Too many initialisation requests".to_owned(),
            ));
        }
        // Names that differ in their case only are the same header, sent several times.
        let mut sent = HeaderMap::new();
        for (name, value) in payload_headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(&name), HeaderValue::try_from(value)) else {
                return self
                    .on_protocol_error(&format!("payload.headers: {name:?} is not a valid header name"))
                    .await;
            };
            sent.append(name, value);
        }
        let mut headers = match self.protocol {
            // Authenticates again at the next message.
            Protocol::SubscriptionsTransportWs => self.handshake.clone(),
            Protocol::GraphqlTransportWs => std::mem::take(&mut self.handshake),
        };
        headers.extend(sent);
        let credentials = Credentials {
            headers: &headers,
            body: None,
        };
        let result = self.app.authenticate(credentials).await;
        if result.is_err() {
            self.app.refused(self.address).await;
        }
        let session = result.as_ref().ok().map(Authenticated::session);
        self.stop_operations_of_other_sessions(session).await?;
        match result {
            Ok(authenticated) => {
                let share = Share::of(authenticated.session(), self.address);
                self.app.requested(share, 0).await;
                let is_identified = authenticated.is_identified();
                let expires_at = authenticated.expires_at();
                let mut session = authenticated.into_session();
                session.trace = TraceContext::of_headers(&headers);
                self.init = InitState::Done {
                    expires_at,
                    session: Arc::new(session),
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
            && new.is_some_and(|new| new.has_identity_of(session))
        {
            return Ok(());
        }
        for id in self.operations.stop_all() {
            self.send_queue.send(Protocol::complete(&id)).await?;
        }
        Ok(())
    }
}
