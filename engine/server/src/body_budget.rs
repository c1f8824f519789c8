//! Memory of the requests in progress: bodies and their parsed values, of all clients together.

use super::app::App;
use super::client_address::ClientAddress;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_runtime::graphql;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory of an array and of an object with one member, and of each further member of them. Measured with the values
/// `[]`, `{"":0}` and `0`: vectors have a capacity of four at first, and double it.
const ARRAY: usize = 320;
const OBJECT: usize = 512;
const MEMBER: usize = 160;

/// Memory of a request that counts as small, and length of a body up to which nothing is reserved while it is received: it is bounded
/// by the number of connections.
pub(crate) const SMALL_REQUEST: usize = 16 * 1024;

/// Part of the capacity that is kept for small requests.
const SMALL_PART: usize = 4;

/// Part of the capacity for large requests that a client may use, so that it leaves the rest to others.
const CLIENT_PART: usize = 3;

/// Ratio of the budget of the role admin to that of the others. Its metadata may have 32 MiB.
const ADMIN_RATIO: usize = 4;

/// Seconds until a client that was refused should retry.
const RETRY_AFTER: u32 = 1;

/// Budget to which a request belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Share {
    Admin,
    /// Client of another role: a hash of its session variables, or of its network.
    Role(u64),
}

impl Share {
    pub(crate) fn of(session: &Session, address: ClientAddress) -> Self {
        if session.is_admin() {
            Self::Admin
        } else {
            Self::Role(graphql::client(session, address.0).id)
        }
    }
}

/// Capacity for the requests in progress. The role admin has its own, so that other clients cannot prevent its requests, and so
/// have small requests: clients that do not complete large bodies must not prevent them.
#[derive(Debug, Clone)]
pub struct BodyBudget {
    admin: Capacity,
    role: Capacity,
    clients: Clients,
    /// Turn of a request with more memory than a client may use: it reserves only that, and one such request runs at a time.
    oversized: Arc<Semaphore>,
}

#[derive(Debug, Clone)]
struct Capacity {
    small: Part,
    large: Part,
}

#[derive(Debug, Clone)]
struct Part {
    bytes: Arc<Semaphore>,
    total: usize,
}

/// Reserved bytes until they are dropped.
#[derive(Debug, Default)]
pub(crate) struct Held {
    permit: Option<OwnedSemaphorePermit>,
    is_large: bool,
    client: Option<ClientBytes>,
    oversized: Option<OwnedSemaphorePermit>,
}

/// Bytes of the large requests of each client. A client is forgotten with its last request, so that the number of clients is bounded
/// by that of requests.
#[derive(Debug, Clone, Default)]
struct Clients(Arc<Mutex<HashMap<u64, usize>>>);

/// Bytes of one request of a client until they are dropped.
#[derive(Debug)]
struct ClientBytes {
    clients: Clients,
    client: u64,
    bytes: usize,
}

impl Clients {
    /// Counts bytes of a client; `None` if it would have more than the limit.
    fn add(&self, client: u64, bytes: usize, limit: usize) -> Option<ClientBytes> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let present = clients.get(&client).copied().unwrap_or(0);
        let after = present.checked_add(bytes).filter(|after| *after <= limit)?;
        clients.insert(client, after);
        Some(ClientBytes {
            clients: self.clone(),
            client,
            bytes,
        })
    }
}

impl ClientBytes {
    fn merge(&mut self, mut more: Self) {
        self.bytes += std::mem::take(&mut more.bytes);
    }
}

impl Drop for ClientBytes {
    fn drop(&mut self) {
        let mut clients = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = clients.entry(self.client) {
            *entry.get_mut() -= self.bytes;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

impl Capacity {
    fn new(bytes: usize) -> Self {
        let part = |bytes: usize| {
            let total = bytes.min(Semaphore::MAX_PERMITS).min(u32::MAX as usize);
            Part {
                bytes: Arc::new(Semaphore::new(total)),
                total,
            }
        };
        let small = bytes / SMALL_PART;
        Self {
            small: part(small),
            large: part(bytes - small),
        }
    }
}

impl BodyBudget {
    /// Creates the capacity; `bytes` is that of all roles other than admin together.
    pub fn new(bytes: usize) -> Self {
        Self {
            admin: Capacity::new(bytes.saturating_mul(ADMIN_RATIO)),
            role: Capacity::new(bytes),
            clients: Clients::default(),
            oversized: Arc::new(Semaphore::new(1)),
        }
    }

    /// Extends a reservation to a number of bytes. A request that needs more than the capacity for it can only run alone. Returns
    /// an error with status 503 if the capacity is in use.
    pub(crate) fn reserve(&self, share: Share, bytes: usize, held: &mut Held) -> Result<()> {
        let capacity = match share {
            Share::Admin => &self.admin,
            Share::Role(_) => &self.role,
        };
        let is_large = bytes > SMALL_REQUEST;
        let part = if is_large {
            &capacity.large
        } else {
            &capacity.small
        };
        let present = match &held.permit {
            Some(permit) if held.is_large == is_large => permit.num_permits(),
            Some(_) | None => 0,
        };
        let client = match share {
            Share::Role(client) if is_large => Some(client),
            Share::Role(_) | Share::Admin => None,
        };
        let most = client.map_or(part.total, |_| part.total / CLIENT_PART);
        if client.is_some() && bytes > most && held.oversized.is_none() {
            let turn = Arc::clone(&self.oversized).try_acquire_owned();
            held.oversized = Some(turn.map_err(|_| busy())?);
        }
        let missing = bytes.min(most).saturating_sub(present);
        if missing == 0 {
            return Ok(());
        }
        let of_client = match client {
            Some(client) => Some(self.clients.add(client, missing, most).ok_or_else(busy)?),
            None => None,
        };
        let missing = u32::try_from(missing).map_err(|_| busy())?;
        let more = Arc::clone(&part.bytes)
            .try_acquire_many_owned(missing)
            .map_err(|_| busy())?;
        match &mut held.permit {
            Some(permit) if present > 0 => permit.merge(more),
            replaced => {
                *replaced = Some(more);
                held.is_large = is_large;
            }
        }
        match (&mut held.client, of_client) {
            (Some(client), Some(more)) => client.merge(more),
            (client, more) => *client = more,
        }
        Ok(())
    }
}

/// Reserved capacity of one request, as an extension of it. The layer holds it until the response is complete.
#[derive(Debug, Clone)]
pub(crate) struct Reservation {
    budget: BodyBudget,
    timeout: Duration,
    held: Arc<Mutex<Held>>,
}

impl Reservation {
    /// Extends the reservation to a number of bytes.
    pub(crate) fn reserve(&self, share: Share, bytes: usize) -> Result<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.budget.reserve(share, bytes, &mut held)
    }

    /// Returns the maximum time in which the body has to be received.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }
}

/// Adds a reservation to a request.
pub(crate) async fn layer(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let reservation = Reservation {
        budget: app.bodies.clone(),
        timeout: app.options.body_timeout,
        held: Arc::default(),
    };
    request.extensions_mut().insert(reservation.clone());
    let response = next.run(request).await;
    drop(reservation);
    response
}

/// Estimates the memory of a JSON text and its parsed values. Small values need up to eighty times their text.
pub(crate) fn memory(text: &[u8]) -> usize {
    let mut bytes = text.len();
    let mut is_in_string = false;
    let mut is_escaped = false;
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_in_string => is_escaped = true,
            b'"' => is_in_string = !is_in_string,
            _ if is_in_string => {}
            b'[' => bytes += ARRAY,
            b'{' => bytes += OBJECT,
            b',' => bytes += MEMBER,
            _ => {}
        }
    }
    bytes
}

fn busy() -> Error {
    let message = "too many bytes of concurrent requests; retry later \
                   (HASURA_GRAPHQL_MAX_CONCURRENT_BODY_BYTES)";
    Error {
        retry_after: Some(RETRY_AFTER),
        ..Error::new(Code::Unexpected, message).with_status(503)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    #[test]
    fn capacity_is_shared_and_released() {
        // 300 KiB for large requests.
        let budget = BodyBudget::new(400 * KIB);
        let reserve = |client: u64, kibibytes: usize, held: &mut Held| {
            budget.reserve(Share::Role(client), kibibytes * KIB, held)
        };
        let mut held = [(); 4].map(|()| Held::default());
        let [first, second, third, fourth] = &mut held;
        for kibibytes in [50, 100, 20] {
            reserve(1, kibibytes, first).unwrap();
        }
        reserve(2, 100, second).unwrap();
        reserve(3, 60, third).unwrap();
        let error = reserve(4, 41, fourth).unwrap_err();
        assert_eq!((error.status, error.retry_after), (503, Some(RETRY_AFTER)));
        reserve(4, 40, fourth).unwrap();
        // Small requests and those of the role admin are independent.
        reserve(5, 16, &mut Held::default()).unwrap();
        let mut admin = Held::default();
        budget.reserve(Share::Admin, 1200 * KIB, &mut admin).unwrap();
        drop(held);
        reserve(5, 100, &mut Held::default()).unwrap();
    }

    #[test]
    fn clients_leave_capacity_to_others() {
        // 300 KiB for large requests.
        let budget = BodyBudget::new(400 * KIB);
        let reserve = |client: u64, kibibytes: usize, held: &mut Held| {
            budget.reserve(Share::Role(client), kibibytes * KIB, held)
        };
        let mut first = Held::default();
        reserve(1, 60, &mut first).unwrap();
        assert!(reserve(1, 41, &mut Held::default()).is_err());
        reserve(1, 40, &mut Held::default()).unwrap();
        drop(first);
        let mut alone = Held::default();
        for kibibytes in [60, 5000, 6000] {
            reserve(1, kibibytes, &mut alone).unwrap();
        }
        assert!(reserve(1, 17, &mut Held::default()).is_err());
        reserve(2, 100, &mut Held::default()).unwrap();
        // The capacity for large requests does not include the rest of its memory.
        assert!(reserve(2, 101, &mut Held::default()).is_err());
        drop(alone);
        reserve(2, 101, &mut Held::default()).unwrap();
        assert!(budget.clients.0.lock().unwrap().is_empty());
    }

    #[test]
    fn small_requests_are_limited_together() {
        let budget = BodyBudget::new(64 * KIB);
        let mut held = Held::default();
        budget.reserve(Share::Role(1), 10 * KIB, &mut held).unwrap();
        assert!(
            budget
                .reserve(Share::Role(1), 10 * KIB, &mut Held::default())
                .is_err()
        );
        // A request that becomes large releases its small part.
        budget.reserve(Share::Role(1), 20 * KIB, &mut held).unwrap();
        budget
            .reserve(Share::Role(1), 10 * KIB, &mut Held::default())
            .unwrap();
    }

    #[test]
    fn values_count_with_their_memory() {
        assert_eq!(memory(br#""[{,\"[{,""#), 10);
        assert_eq!(memory(b"[0,0]"), 5 + ARRAY + MEMBER);
        assert_eq!(memory(br#"{"a":{}}"#), 8 + 2 * OBJECT);
    }
}
