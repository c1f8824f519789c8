//! Bounds of the work for clients that are not authenticated yet: calls of the webhook, and bodies that it receives.

use engine_error::{Code, Error, Result};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Maximum number of concurrent authentications that call the webhook.
const MAX_CONCURRENT: usize = 100;

/// Maximum number of bytes of all bodies that wait for an authentication. A parsed body may need forty times its length.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// Seconds until a client that was not admitted should retry.
const RETRY_AFTER: u32 = 1;

/// Capacity for authentications.
#[derive(Debug, Clone)]
pub struct Capacity {
    requests: Arc<Semaphore>,
    body_bytes: Arc<Semaphore>,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            requests: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            body_bytes: Arc::new(Semaphore::new(MAX_BODY_BYTES)),
        }
    }
}

impl Capacity {
    /// Reserves the capacity of one authentication. Returns an error with status 503 if there is none: a queue would only move the
    /// problem.
    pub fn admit(&self) -> Result<Admission> {
        let request = Arc::clone(&self.requests)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        Ok(Admission(Some(Reserved {
            _request: request,
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
    body_bytes: Arc<Semaphore>,
    body: Option<OwnedSemaphorePermit>,
}

impl Admission {
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
