//! Limits of the cost of an operation.

use super::client::client;
use engine_model::session::Session;
use engine_postgres::limit::{OperationLimits, ResponseLimit};
use engine_sql::guard::ByteLimit;
use std::net::IpAddr;
use std::time::Duration;

/// Limits of the cost of one operation in the database.
#[derive(Debug, Clone, Copy)]
pub struct CostOptions {
    /// Time limit of an operation; `None` if there is no limit.
    pub time: Option<Duration>,
    /// The same for roles other than admin.
    pub role_time: Option<Duration>,
    /// Maximum number of bytes of a response to the admin.
    pub response_bytes: usize,
    /// The same for other roles.
    pub role_response_bytes: usize,
}

impl CostOptions {
    /// Returns the limits of an operation of a session; `api_limit` is the time limit of its role in the metadata.
    pub fn limits<'s>(
        &self,
        session: &'s Session,
        address: Option<IpAddr>,
        api_limit: Option<Duration>,
    ) -> OperationLimits<'s> {
        let is_admin = session.is_admin();
        let role_time = if is_admin { None } else { self.role_time };
        OperationLimits {
            time: [self.time, role_time, api_limit].into_iter().flatten().min(),
            response: self.response_limit(session),
            client: (!is_admin).then(|| client(session, address)),
        }
    }

    /// Returns the limit of responses to a session.
    pub fn response_limit(&self, session: &Session) -> ResponseLimit {
        let limit = ByteLimit {
            bytes: if session.is_admin() {
                self.response_bytes
            } else {
                self.role_response_bytes
            },
            of_role: !session.is_admin(),
        };
        ResponseLimit {
            bytes: limit.bytes,
            option: limit.option(),
        }
    }
}
