//! The two generations of the GraphQL endpoint, which spell errors differently.

/// Which endpoint a request came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ApiVersion {
    /// `/v1/graphql`: errors in GraphQL's form, always with status 200 over HTTP.
    V1,
    /// `/v1alpha1/graphql`: errors in Hasura's own form, with the status that fits.
    V1Alpha1,
}
