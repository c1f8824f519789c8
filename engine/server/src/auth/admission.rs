//! Bounds of the work for clients that are not authenticated yet: calls of the webhook, and bodies that it receives.

use engine_error::{Code, Error, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Maximum number of concurrent calls of the webhook.
const MAX_CALLS: usize = 100;

/// Maximum wait for a call.
const MAX_CALL_WAIT: Duration = Duration::from_secs(4);

/// Maximum number of authentications that read a body, wait for a call or are in one. Much larger than the number of calls, so that
/// clients that never complete their bodies do not prevent other logins.
const MAX_CONCURRENT: usize = 10_000;

/// Maximum number of bytes of all bodies that wait for an authentication. A parsed body may need forty times its length.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// Seconds until a client that was not admitted should retry.
const RETRY_AFTER: u32 = 1;

/// Capacity for authentications.
#[derive(Debug, Clone)]
pub struct Capacity {
    requests: Arc<Semaphore>,
    calls: Arc<Semaphore>,
    body_bytes: Arc<Semaphore>,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            requests: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            calls: Arc::new(Semaphore::new(MAX_CALLS)),
            body_bytes: Arc::new(Semaphore::new(MAX_BODY_BYTES)),
        }
    }
}

impl Capacity {
    /// Reserves the capacity of one authentication, except for its call. Returns an error with status 503 if there is none.
    pub fn admit(&self) -> Result<Admission> {
        let request = Arc::clone(&self.requests)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        Ok(Admission(Some(Reserved {
            _request: request,
            calls: Arc::clone(&self.calls),
            call: None,
            body_bytes: Arc::clone(&self.body_bytes),
            body: None,
        })))
    }
}

/// Capacity of one authentication until it is dropped. The default is that of an authentication without a call, which is not bounded.
#[derive(Debug, Default)]
pub struct Admission(Option<Reserved>);

#[derive(Debug)]
struct Reserved {
    _request: OwnedSemaphorePermit,
    calls: Arc<Semaphore>,
    call: Option<OwnedSemaphorePermit>,
    body_bytes: Arc<Semaphore>,
    body: Option<OwnedSemaphorePermit>,
}

impl Admission {
    /// Waits for the capacity of the call, in the order of the requests. Returns an error with status 503 if there is none in time.
    pub(super) async fn call(&mut self) -> Result<()> {
        let Some(reserved) = &mut self.0 else {
            return Ok(());
        };
        let call = timeout(MAX_CALL_WAIT, Arc::clone(&reserved.calls).acquire_owned()).await;
        reserved.call = Some(call.map_err(|_| busy())?.map_err(|_| busy())?);
        Ok(())
    }

    /// Reserves capacity for bytes of the body that were received.
    pub(super) fn add_body(&mut self, bytes: usize) -> Result<()> {
        let Some(reserved) = &mut self.0 else {
            return Ok(());
        };
        let bytes = u32::try_from(bytes).map_err(|_| busy())?;
        let permit = Arc::clone(&reserved.body_bytes)
            .try_acquire_many_owned(bytes)
            .map_err(|_| busy())?;
        match &mut reserved.body {
            Some(body) => body.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}

fn busy() -> Error {
    let message = "too many concurrent authentications; retry later";
    Error {
        retry_after: Some(RETRY_AFTER),
        ..Error::new(Code::Unexpected, message).with_status(503)
    }
}
