//! The two versions of the GraphQL endpoint, which represent errors differently.

/// Endpoint version of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ApiVersion {
    /// `/v1/graphql`: errors in GraphQL's format, always with status 200 over HTTP.
    V1,
    /// `/v1alpha1/graphql`: errors in Hasura's own format, with the corresponding status.
    V1Alpha1,
}
