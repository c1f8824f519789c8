//! Operations per minute of the clients of a role. The counters are those of this process: an instance does not know what other
//! instances have counted.

use engine_error::{Code, Error, Result};
use engine_model::metadata::api_limits::{RateLimit, UniqueParams};
use engine_model::session::Session;
use quick_cache::sync::Cache;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Period of the limit.
const PERIOD: Duration = Duration::from_mins(1);

/// Maximum number of clients that are counted; then those that were seen least are forgotten.
const MAX_CLIENTS: usize = 20_000;

/// Number of leading bits of an IPv6 address that identify a client: providers assign networks of this size.
const IPV6_PREFIX: u32 = 64;

/// Counters by client.
#[derive(Debug)]
pub struct RateLimiter {
    clients: Cache<u64, Arc<Mutex<Window>>>,
    started: Instant,
}

/// Sliding window: the operations of the current period, and the part of those of the previous one that the last minute includes,
/// as if they had been spread evenly.
#[derive(Debug, Default)]
struct Window {
    /// Number of the current period.
    period: u64,
    current: u64,
    previous: u64,
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self {
            clients: Cache::new(MAX_CLIENTS),
            started: Instant::now(),
        }
    }
}

impl RateLimiter {
    /// Counts an operation. Returns an error if the limit does not permit it.
    pub fn count(&self, limit: &RateLimit, session: &Session, address: Option<IpAddr>) -> Result<()> {
        self.count_at(limit, session, address, self.started.elapsed())
    }

    fn count_at(
        &self,
        limit: &RateLimit,
        session: &Session,
        address: Option<IpAddr>,
        time: Duration,
    ) -> Result<()> {
        let key = key(limit, session, address);
        let window = self
            .clients
            .get_or_insert_with(&key, || Ok::<_, Error>(Arc::default()))?;
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.count(limit.max_reqs_per_min, time) {
            return Ok(());
        }
        let message = format!(
            "role \"{}\" may run {} operations per minute; wait and retry",
            session.role, limit.max_reqs_per_min
        );
        Err(Error::new(Code::RateLimitExceeded, message))
    }
}

impl Window {
    /// Counts an operation unless it exceeds the limit. Refused operations do not count.
    fn count(&mut self, limit: u64, time: Duration) -> bool {
        let period = time.as_secs() / PERIOD.as_secs();
        if period != self.period {
            self.previous = if period == self.period + 1 {
                self.current
            } else {
                0
            };
            self.current = 0;
            self.period = period;
        }
        let millis = |duration: Duration| duration.as_millis();
        let left = millis(PERIOD) - millis(time) % millis(PERIOD);
        let previous = (u128::from(self.previous) * left).div_ceil(millis(PERIOD));
        let sliding = previous + u128::from(self.current);
        let permitted = sliding < u128::from(limit);
        if permitted {
            self.current += 1;
        }
        permitted
    }
}

/// Returns the hash of what identifies the client: its role, and its address or session variables.
fn key(limit: &RateLimit, session: &Session, address: Option<IpAddr>) -> u64 {
    let mut hasher = DefaultHasher::new();
    session.role.hash(&mut hasher);
    match &limit.unique_params {
        None => {}
        Some(UniqueParams::Address) => address.map(network).hash(&mut hasher),
        Some(UniqueParams::SessionVariables(names)) => {
            for name in names {
                session.variables.get(name).hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

/// Returns the network of an address that counts as one client.
pub(crate) fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits() >> (u128::BITS - IPV6_PREFIX) << (u128::BITS - IPV6_PREFIX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn limit(unique_params: Option<UniqueParams>) -> RateLimit {
        RateLimit {
            max_reqs_per_min: 2,
            unique_params,
        }
    }

    /// Returns how many of 5 operations are permitted.
    fn permitted(
        limiter: &RateLimiter,
        limit: &RateLimit,
        session: &Session,
        address: &str,
        at: u64,
    ) -> usize {
        let address = address.parse().ok();
        let time = Duration::from_secs(at);
        let count = |_: &i32| limiter.count_at(limit, session, address, time).is_ok();
        (0..5).filter(count).count()
    }

    fn user(id: &str) -> Session {
        let variables = BTreeMap::from([("x-hasura-user-id".to_owned(), id.to_owned())]);
        Session::new("user".to_owned(), variables)
    }

    #[test]
    fn window_slides_with_time() {
        let limiter = RateLimiter::default();
        let (limit, session) = (limit(None), Session::of_role("user"));
        let at = |seconds| permitted(&limiter, &limit, &session, "10.0.0.1", seconds);
        assert_eq!(at(59), 2);
        // Two operations one second ago.
        assert_eq!(at(60), 0);
        assert_eq!(at(95), 1);
        assert_eq!(at(1000), 2);
    }

    #[test]
    fn clients_are_distinguished_as_configured() {
        let by_role = limit(None);
        let by_address = limit(Some(UniqueParams::Address));
        let names = vec!["x-hasura-user-id".to_owned()];
        let by_user = limit(Some(UniqueParams::SessionVariables(names)));
        for (limit, same_user, same_address) in [(&by_role, 0, 0), (&by_address, 2, 0), (&by_user, 0, 2)] {
            let limiter = RateLimiter::default();
            let count = |session: &Session, address| permitted(&limiter, limit, session, address, 1);
            assert_eq!(count(&user("1"), "10.0.0.1"), 2);
            assert_eq!(count(&user("1"), "10.0.0.2"), same_user);
            assert_eq!(count(&user("2"), "10.0.0.1"), same_address);
            assert_eq!(count(&Session::of_role("other"), "10.0.0.1"), 2);
        }
    }

    #[test]
    fn addresses_of_one_network_are_one_client() {
        let limiter = RateLimiter::default();
        let limit = limit(Some(UniqueParams::Address));
        let count = |address| permitted(&limiter, &limit, &user("1"), address, 1);
        assert_eq!(count("2001:db8:1:2::1"), 2);
        assert_eq!(count("2001:db8:1:2:ffff::9"), 0);
        assert_eq!(count("2001:db8:1:3::1"), 2);
        assert_eq!(count("::ffff:10.0.0.1"), 2);
        assert_eq!(count("10.0.0.1"), 0);
    }

    #[test]
    fn number_of_clients_is_bounded() {
        let limiter = RateLimiter::default();
        let names = vec!["x-hasura-user-id".to_owned()];
        let limit = limit(Some(UniqueParams::SessionVariables(names)));
        for id in 0..2 * MAX_CLIENTS {
            let session = user(&id.to_string());
            let counted = limiter.count_at(&limit, &session, None, Duration::ZERO);
            assert!(counted.is_ok());
        }
        assert!(limiter.clients.len() <= MAX_CLIENTS, "{}", limiter.clients.len());
    }
}
