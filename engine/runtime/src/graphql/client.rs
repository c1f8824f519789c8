//! Clients, whose work and shares of connections are limited.

use crate::rate_limiter;
use engine_model::session::{ROLE, Session};
use engine_postgres::share::Client;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;

/// Returns the client of a session: those with equal session variables are one client, or, without any, those of a network.
pub fn client(session: &Session, address: Option<IpAddr>) -> Client<'_> {
    let mut hasher = DefaultHasher::new();
    session.variables.hash(&mut hasher);
    if session.variables.keys().all(|name| name == ROLE) {
        // The session is that of every client of the role, for example of all anonymous ones.
        address.map(rate_limiter::network).hash(&mut hasher);
    }
    Client {
        role: &session.role,
        id: hasher.finish(),
    }
}

/// Returns the client whose work a request of a session is; `None` for admin, whose work is not limited.
pub fn worker(session: &Session, address: Option<IpAddr>) -> Option<u64> {
    (!session.is_admin()).then(|| client(session, address).id)
}

/// Returns the client whose work a request without a session is: those of a network are one client.
pub fn network(address: Option<IpAddr>) -> u64 {
    let mut hasher = DefaultHasher::new();
    address.map(rate_limiter::network).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_without_variables_differ_by_their_network() {
        let id = |session: &Session, address: &str| client(session, Some(address.parse().unwrap())).id;
        let anonymous = Session::of_role("anonymous");
        assert_ne!(id(&anonymous, "192.0.2.1"), id(&anonymous, "192.0.2.2"));
        assert_ne!(id(&anonymous, "2001:db8::1"), id(&anonymous, "2001:db8:0:1::1"));
        assert_eq!(id(&anonymous, "2001:db8::1"), id(&anonymous, "2001:db8::2"));
        let variables = [("x-hasura-user-id".to_owned(), "1".to_owned())].into();
        let user = Session::new("user".to_owned(), variables);
        assert_eq!(id(&user, "192.0.2.1"), id(&user, "192.0.2.2"));
    }
}
