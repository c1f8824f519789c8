//! Structure of a token before its signature is verified.

use super::algorithm::Algorithm;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine_error::{Code, Error};
use serde_json::{Map, Value};

/// Maximum length of a token in bytes.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Signature that no key verifies, also because the token's algorithm is not that of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadSignature;

/// Token in its compact form. Only the key of the configuration decides whether its content is true.
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// Header and claims as they were signed.
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    pub(super) has_critical_extensions: bool,
    pub(super) unverified_claims: Value,
}

impl<'a> Token<'a> {
    /// Splits and decodes a token. Errors do not contain parts of it.
    pub(super) fn parse(text: &'a str) -> Result<Self, Error> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(invalid(&format!("the token exceeds {MAX_TOKEN_BYTES} bytes")));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let &[header, claims, signature] = &parts[..] else {
            return Err(invalid(&format!(
                "JWSError (CompactDecodeError Invalid number of parts: Expected 3 parts; got {})",
                parts.len()
            )));
        };
        let signed = &text[..header.len() + 1 + claims.len()];
        let header = object(header).ok_or_else(|| invalid("JWSError (JSONDecodeError header)"))?;
        let claims = object(claims).ok_or_else(|| invalid("JWSError (JSONDecodeError claims)"))?;
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let signature = signature.map_err(|_| invalid("JWSError (JSONDecodeError signature)"))?;
        let algorithm = header
            .get("alg")
            .and_then(Value::as_str)
            .and_then(Algorithm::named);
        Ok(Self {
            text,
            signed,
            signature,
            algorithm: algorithm.ok_or_else(bad_signature)?,
            key_id: header.get("kid").and_then(Value::as_str).map(ToOwned::to_owned),
            has_critical_extensions: header.contains_key("crit"),
            unverified_claims: Value::Object(claims),
        })
    }

    /// The issuer that the token claims.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.unverified_claims.get("iss")?.as_str()
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

/// Returns the error for a token that cannot be verified.
pub(super) fn invalid(reason: &str) -> Error {
    // Hasura's wording
    Error::new(Code::InvalidJwt, format!("Could not verify JWT: {reason}"))
}

pub(super) fn bad_signature() -> Error {
    invalid("JWSError JWSInvalidSignature")
}
