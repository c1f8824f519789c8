//! Private keys of the login function: the current one signs. The next one is only published, so that verifiers know it before it
//! signs, and so is the previous one, so that tokens signed before a rotation stay valid.

use std::fmt;

use getrandom::SysRng;
use jsonwebtoken::{
    Algorithm, EncodingKey, Header, encode,
    jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash},
};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde_json::{Value, json};

use super::claims::Issuer;

/// Path of the discovery document of an OIDC provider.
pub const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";

/// Path of the public keys.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// Size of generated keys. Tokens are valid for hours at most.
const KEY_BITS: usize = 2048;

/// Maximum number of keys; two during a rotation.
const MAX_KEYS: usize = 4;

const END_OF_KEY: &str = "PRIVATE KEY-----";

/// Keys of an issuer, the current one first.
#[derive(Clone)]
pub struct SigningKeys {
    current: EncodingKey,
    public: JwkSet,
}

impl SigningKeys {
    /// Parses one or several private RSA keys in PEM, one after the other, the current one first. The error shows nothing of
    /// the content.
    pub fn parse(text: &str) -> Result<Self, String> {
        super::select_cryptography();
        let mut keys = Vec::new();
        for pem in blocks(text) {
            let key = EncodingKey::from_rsa_pem(pem.as_bytes())
                .map_err(|_| "not a private RSA key in PEM".to_owned())?;
            keys.push((public_part(&key)?, key));
        }
        if keys.is_empty() || keys.len() > MAX_KEYS {
            return Err(format!(
                "expected 1 to {MAX_KEYS} private RSA keys in PEM, found {}",
                keys.len()
            ));
        }
        let public = JwkSet {
            keys: keys.iter().map(|(public, _)| public.clone()).collect(),
        };
        let (_, current) = keys.swap_remove(0);
        Ok(Self { current, public })
    }

    /// Generates a private key in PEM.
    pub fn generate() -> Result<String, String> {
        let key = rsa::PrivateKey::new(&mut SysRng, KEY_BITS).map_err(|error| error.to_string())?;
        let pem = key
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| error.to_string())?;
        Ok(pem.as_str().to_owned())
    }

    /// Signs claims with the current key.
    pub fn sign(&self, claims: &Value) -> Result<String, String> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = self.public.keys.first().and_then(|key| key.common.key_id.clone());
        encode(&header, claims, &self.current).map_err(|error| error.to_string())
    }

    /// Document at [`JWKS_PATH`].
    pub fn jwks(&self) -> Value {
        json!(self.public)
    }
}

/// Address of the public keys of an issuer, whose URL may end with a slash.
pub fn jwks_url(issuer: &Issuer) -> String {
    let base = issuer.url.strip_suffix('/').unwrap_or(&issuer.url);
    format!("{base}{JWKS_PATH}")
}

/// Document at [`DISCOVERY_PATH`].
pub fn discovery(issuer: &Issuer) -> Value {
    json!({
        "issuer": issuer.url,
        "jwks_uri": jwks_url(issuer),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "aud", "sub", "iat", "exp", super::claims::HASURA_NAMESPACE],
    })
}

/// The texts from one `-----BEGIN …` to the end of its key.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find("-----BEGIN ")?;
        let footer = start + rest[start..].find("-----END ")?;
        let end = footer + rest[footer..].find(END_OF_KEY)? + END_OF_KEY.len();
        let block = &rest[start..end];
        rest = &rest[end..];
        Some(block)
    })
}

fn public_part(key: &EncodingKey) -> Result<Jwk, String> {
    let mut public = Jwk::from_encoding_key(key, Algorithm::RS256).map_err(|error| error.to_string())?;
    // The same key has the same id in every process (RFC 7638).
    let id = public
        .thumbprint(ThumbprintHash::SHA256)
        .map_err(|error| error.to_string())?;
    public.common.key_id = Some(id);
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(public)
}

/// Compares the public parts.
impl PartialEq for SigningKeys {
    fn eq(&self, other: &Self) -> bool {
        self.public == other.public
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.public.keys.iter().map(|key| key.common.key_id.as_deref());
        f.debug_list().entries(ids).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_key_signs_and_all_keys_are_published() {
        let (old, new) = (SigningKeys::generate().unwrap(), SigningKeys::generate().unwrap());
        let before = SigningKeys::parse(&old).unwrap();
        let rotated = SigningKeys::parse(&format!("{new}\n{old}")).unwrap();
        assert_ne!(before, rotated);
        let ids = |keys: &SigningKeys| -> Vec<String> {
            let jwks = keys.jwks();
            let list = jwks["keys"].as_array().unwrap();
            list.iter()
                .map(|key| key["kid"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(ids(&rotated)[1], ids(&before)[0]);
        let token = rotated.sign(&json!({"sub": "alice"})).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.kid.as_deref(), Some(ids(&rotated)[0].as_str()));

        let key = &rotated.jwks()["keys"][0];
        for (name, value) in [("kty", "RSA"), ("use", "sig"), ("alg", "RS256"), ("e", "AQAB")] {
            assert_eq!(key[name], value, "{key}");
        }
        assert!(key.get("d").is_none(), "the private part is not published");
        assert!(!format!("{rotated:?}").contains("PRIVATE"));
    }

    #[test]
    fn invalid_keys_are_refused_without_their_content() {
        let key = SigningKeys::generate().unwrap();
        for text in [
            String::new(),
            "hunter2".to_owned(),
            "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----".to_owned(),
            key.repeat(5),
        ] {
            let error = SigningKeys::parse(&text).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
