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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
pub struct BodyBudget(Arc<Mutex<Usage>>);

#[derive(Debug)]
struct Usage {
    admin: Capacity,
    role: Capacity,
    /// Bytes of the large requests of each client. A client is forgotten with its last request, so that the number of clients is
    /// bounded by that of requests.
    clients: HashMap<u64, usize>,
    /// Whether a request runs that needs more than a client may use: it reserves only that, and one such request runs at a time.
    is_oversized_running: bool,
}

#[derive(Debug)]
struct Capacity {
    small: Part,
    large: Part,
}

#[derive(Debug)]
struct Part {
    used: usize,
    total: usize,
}

/// Reservation of one request until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Held(Option<(BodyBudget, Reserved)>);

#[derive(Debug)]
struct Reserved {
    is_admin: bool,
    is_large: bool,
    bytes: usize,
    /// Client whose large requests include this one.
    client: Option<u64>,
    is_oversized: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some((budget, reserved)) = self.0.take() {
            budget.usage().release(&reserved);
        }
    }
}

impl Capacity {
    fn new(bytes: usize) -> Self {
        let part = |total| Part { used: 0, total };
        let small = bytes / SMALL_PART;
        Self {
            small: part(small),
            large: part(bytes - small),
        }
    }
}

impl Usage {
    fn part(&mut self, is_admin: bool, is_large: bool) -> &mut Part {
        let capacity = if is_admin { &mut self.admin } else { &mut self.role };
        if is_large {
            &mut capacity.large
        } else {
            &mut capacity.small
        }
    }

    /// Reserves bytes for a request; `None` if the capacity is in use.
    fn reserve(&mut self, share: Share, bytes: usize) -> Option<Reserved> {
        let is_admin = share == Share::Admin;
        let is_large = bytes > SMALL_REQUEST;
        let client = match share {
            Share::Role(client) if is_large => Some(client),
            Share::Role(_) | Share::Admin => None,
        };
        let part = self.part(is_admin, is_large);
        let most = client.map_or(part.total, |_| part.total / CLIENT_PART);
        let is_oversized = client.is_some() && bytes > most;
        let reserved = bytes.min(most);
        if reserved > part.total - part.used || is_oversized && self.is_oversized_running {
            return None;
        }
        if let Some(client) = client {
            let present = self.clients.get(&client).copied().unwrap_or(0);
            if reserved > most.saturating_sub(present) {
                return None;
            }
            self.clients.insert(client, present + reserved);
        }
        self.part(is_admin, is_large).used += reserved;
        self.is_oversized_running |= is_oversized;
        Some(Reserved {
            is_admin,
            is_large,
            bytes: reserved,
            client,
            is_oversized,
        })
    }

    fn release(&mut self, reserved: &Reserved) {
        self.part(reserved.is_admin, reserved.is_large).used -= reserved.bytes;
        self.is_oversized_running &= !reserved.is_oversized;
        if let Some(Entry::Occupied(mut entry)) = reserved.client.map(|client| self.clients.entry(client)) {
            *entry.get_mut() -= reserved.bytes;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

impl BodyBudget {
    /// Creates the capacity; `bytes` is that of all roles other than admin together.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Usage {
            admin: Capacity::new(bytes.saturating_mul(ADMIN_RATIO)),
            role: Capacity::new(bytes),
            clients: HashMap::new(),
            is_oversized_running: false,
        })))
    }

    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a reservation to a number of bytes. A request that needs more than the capacity for it can only run alone. If the
    /// capacity is in use, the request loses what it has, in the same step, and the error has status 503: concurrent requests
    /// that all need more than they have must not refuse each other.
    pub(crate) fn reserve(&self, share: Share, bytes: usize, held: &mut Held) -> Result<()> {
        let mut usage = self.usage();
        if let Some((_, present)) = held.0.take() {
            usage.release(&present);
        }
        let reserved = usage.reserve(share, bytes).ok_or_else(busy)?;
        held.0 = Some((self.clone(), reserved));
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
        for kibibytes in [20, 50, 100] {
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
    fn concurrent_requests_do_not_refuse_each_other() {
        // 300 KiB for large requests, 100 KiB of them for one client.
        let budget = BodyBudget::new(400 * KIB);
        let reserve =
            |kibibytes: usize, held: &mut Held| budget.reserve(Share::Role(1), kibibytes * KIB, held).is_ok();
        for (needed, expected) in [(60, [false, true, false]), (5000, [false, false, true])] {
            let mut held = [(); 3].map(|()| Held::default());
            for held in &mut held {
                assert!(reserve(30, held));
            }
            // A refused one leaves its memory to those after it.
            let completed = held.each_mut().map(|held| reserve(needed, held));
            assert_eq!(completed, expected, "{needed}");
        }
        assert!(budget.usage().clients.is_empty());
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
        assert!(budget.usage().clients.is_empty());
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
