//! Network address of a client, which rate limits can depend on.

use axum::extract::{ConnectInfo, FromRequestParts};
use http::Extensions;
use http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

/// Address of the connection; `None` if it is not known. Headers such as `X-Forwarded-For` do not count, because every client can
/// send them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) Option<IpAddr>);

impl ClientAddress {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let connection: Option<&ConnectInfo<SocketAddr>> = extensions.get();
        Self(connection.map(|ConnectInfo(address)| address.ip()))
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}
