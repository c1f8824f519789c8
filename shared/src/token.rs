//! Tokens: JSON Web Tokens signed with RS256, which API Gateway, Hasura and this project's engine verify as well.
//!
//! - [`claims`]: their content, as issued and as required; pure, with the time as a parameter.
//! - [`signing`]: private keys of the login function and the documents with their public parts.
//! - [`verifier`]: verification with the public keys of an issuer.

pub mod claims;
pub mod signing;
pub mod verifier;

pub use claims::TokenError;
pub use signing::SigningKeys;
pub use verifier::Verifier;

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;

/// Current time in seconds since 1970, the unit of claims.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Selects the cryptography of `jsonwebtoken`, unless another part of the process has selected one: the library refuses to
/// choose if several are compiled in.
fn select_cryptography() {
    let _ = DEFAULT_PROVIDER.install_default();
}
