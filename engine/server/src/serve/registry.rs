//! Open connections: their number, and which of them are closed for others when the limit is reached.

use super::ConnectionLimits;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Open connections.
#[derive(Debug)]
pub(super) struct Registry {
    connections: usize,
    connections_per_address: Option<usize>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Number used for the next connection or change of a standing.
    next: u64,
    connections: HashMap<u64, Entry>,
    addresses: HashMap<IpAddr, usize>,
    /// Connections without an authenticated request, by their start.
    unauthenticated: BTreeMap<u64, u64>,
    /// Authenticated connections that wait for their next request, by the end of the last one.
    idle: BTreeMap<u64, u64>,
}

#[derive(Debug)]
struct Entry {
    address: IpAddr,
    standing: Standing,
    evicted: CancellationToken,
}

/// Standing of a connection; the number is its key in the map of this standing.
#[derive(Debug, Clone, Copy)]
enum Standing {
    Unauthenticated(u64),
    Idle(u64),
    /// Authenticated, with a request in progress or as a WebSocket: never closed for another connection.
    Busy,
}

/// Numbers of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    open: usize,
    /// With a request in progress, or `WebSocket`s.
    busy: usize,
    idle: usize,
    unauthenticated: usize,
    limit: usize,
}

/// Reason for which a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// All connections are busy.
    Total,
    Address,
}

impl Registry {
    pub(super) fn new(limits: &ConnectionLimits) -> Arc<Self> {
        Arc::new(Self {
            connections: limits.connections,
            connections_per_address: limits.connections_per_address,
            state: Mutex::default(),
        })
    }

    /// Registers a connection. At the limit, one that is not busy is closed for it: first the oldest without an authenticated
    /// request, then the one that has been idle for the longest time.
    pub(super) fn open(self: &Arc<Self>, address: IpAddr) -> Result<Slot, Refused> {
        let address = client(address);
        let mut state = self.lock();
        let of_address = state.addresses.get(&address).copied().unwrap_or(0);
        if self
            .connections_per_address
            .is_some_and(|limit| of_address >= limit)
        {
            return Err(Refused::Address);
        }
        if state.connections.len() >= self.connections && !state.evict() {
            return Err(Refused::Total);
        }
        let id = state.number();
        let evicted = CancellationToken::new();
        let entry = Entry {
            address,
            standing: Standing::Unauthenticated(id),
            evicted: evicted.clone(),
        };
        state.connections.insert(id, entry);
        state.unauthenticated.insert(id, id);
        *state.addresses.entry(address).or_default() += 1;
        Ok(Slot {
            id,
            registry: Arc::clone(self),
            evicted,
        })
    }

    /// Closes a connection that is not busy.
    pub(super) fn evict(&self) -> bool {
        self.lock().evict()
    }

    fn counts(&self) -> Counts {
        let state = self.lock();
        let (open, idle, unauthenticated) = (
            state.connections.len(),
            state.idle.len(),
            state.unauthenticated.len(),
        );
        Counts {
            open,
            busy: open - idle - unauthenticated,
            idle,
            unauthenticated,
            limit: self.connections,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn evict(&mut self) -> bool {
        let victim = self
            .unauthenticated
            .values()
            .chain(self.idle.values())
            .next()
            .copied();
        match victim.and_then(|id| self.remove(id)) {
            Some(entry) => {
                entry.evicted.cancel();
                true
            }
            None => false,
        }
    }

    /// Removes a connection unless it was closed for another one.
    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.connections.remove(&id)?;
        self.leave(entry.standing);
        if let Some(count) = self.addresses.get_mut(&entry.address) {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(&entry.address);
            }
        }
        Some(entry)
    }

    fn leave(&mut self, standing: Standing) {
        match standing {
            Standing::Unauthenticated(key) => self.unauthenticated.remove(&key),
            Standing::Idle(key) => self.idle.remove(&key),
            Standing::Busy => None,
        };
    }

    fn change(&mut self, id: u64, to: impl FnOnce(Standing, u64) -> Standing) {
        let number = self.number();
        let Some(entry) = self.connections.get_mut(&id) else {
            return;
        };
        let before = entry.standing;
        let after = to(before, number);
        entry.standing = after;
        self.leave(before);
        match after {
            Standing::Unauthenticated(key) => self.unauthenticated.insert(key, id),
            Standing::Idle(key) => self.idle.insert(key, id),
            Standing::Busy => None,
        };
    }
}

/// Registration of a connection until it is dropped. It is part of the extensions of the connection's requests.
#[derive(Debug)]
pub(crate) struct Slot {
    id: u64,
    registry: Arc<Registry>,
    evicted: CancellationToken,
}

impl Slot {
    /// Returns the numbers of all connections.
    pub(crate) fn counts(&self) -> Counts {
        self.registry.counts()
    }

    /// Records that a request of the connection, or its WebSocket, is authenticated.
    pub(crate) fn authenticated(&self) {
        self.registry.lock().change(self.id, |_, _| Standing::Busy);
    }

    /// Records the start of a request.
    pub(super) fn busy(&self) {
        let to = |before, _| match before {
            Standing::Idle(_) => Standing::Busy,
            Standing::Unauthenticated(_) | Standing::Busy => before,
        };
        self.registry.lock().change(self.id, to);
    }

    /// Records that the response of a request is sent.
    pub(super) fn idle(&self) {
        let to = |before, number| match before {
            Standing::Busy => Standing::Idle(number),
            Standing::Unauthenticated(_) | Standing::Idle(_) => before,
        };
        self.registry.lock().change(self.id, to);
    }

    /// Waits until the connection is closed for another one.
    pub(crate) async fn evicted(&self) {
        self.evicted.cancelled().await;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.registry.lock().remove(self.id);
    }
}

/// Returns the client of an address: a client with IPv6 usually has a network of 64 bits.
fn client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn registry(connections: usize, connections_per_address: Option<usize>) -> Arc<Registry> {
        Registry::new(&ConnectionLimits {
            header_timeout: Duration::MAX,
            idle_timeout: Duration::MAX,
            write_timeout: Duration::MAX,
            connections,
            connections_per_address,
            header_bytes: 0,
        })
    }

    fn open(registry: &Arc<Registry>, address: &str) -> Result<Slot, Refused> {
        registry.open(address.parse().unwrap())
    }

    #[test]
    fn connections_that_are_not_busy_are_closed_for_others() {
        let registry = registry(3, None);
        let open = || open(&registry, "10.0.0.1");
        let [idle, first, second] = [(); 3].map(|()| open().unwrap());
        idle.authenticated();
        idle.idle();
        let third = open().unwrap();
        assert!(first.evicted.is_cancelled() && !second.evicted.is_cancelled());
        third.authenticated();
        second.authenticated();
        let fourth = open().unwrap();
        assert!(idle.evicted.is_cancelled());
        fourth.authenticated();
        assert_eq!(open().unwrap_err(), Refused::Total);
        second.idle();
        second.busy();
        assert_eq!(open().unwrap_err(), Refused::Total);
        drop(second);
        let fifth = open().unwrap();
        // The ends of closed connections are not counted twice.
        drop((idle, first));
        fifth.authenticated();
        assert_eq!(open().unwrap_err(), Refused::Total);
    }

    #[test]
    fn connections_of_an_address_are_limited() {
        let registry = registry(100, Some(2));
        let open = |address| open(&registry, address);
        let first = open("10.0.0.1").unwrap();
        let _second = open("::ffff:10.0.0.1").unwrap();
        assert_eq!(open("10.0.0.1").unwrap_err(), Refused::Address);
        let other = open("10.0.0.2").unwrap();
        drop(first);
        let _third = open("10.0.0.1").unwrap();
        let _network = [open("2001:db8::1").unwrap(), open("2001:db8::2").unwrap()];
        assert_eq!(open("2001:db8::3").unwrap_err(), Refused::Address);
        assert!(open("2001:db8:0:1::3").is_ok());
        drop(other);
        assert_eq!(registry.lock().addresses.len(), 2);
    }
}
