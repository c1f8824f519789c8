//! Verification keys: secrets, PEM public keys and certificates, and JWKs.

use super::algorithm::{Algorithm, KeyType};
use super::token::{BadSignature, Token};
use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, ParsedPublicKey, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Map, Value};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Length in bytes of the shortest accepted RSA modulus.
const MIN_MODULUS_BYTES: usize = 2048 / 8;

/// Key with the algorithms for which it may be used. The token does not choose: otherwise a client could use a public key as
/// the secret of HS256.
pub(super) struct VerificationKey {
    /// Only algorithm for which the key may be used; `None` allows all of its type.
    algorithm: Option<Algorithm>,
    kind: KeyType,
    id: Option<String>,
    material: Material,
}

enum Material {
    Library(DecodingKey),
    /// Uncompressed point.
    P521(Vec<u8>),
}

impl std::fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerificationKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl VerificationKey {
    /// Creates a key from `type` and `key` of the configuration. Errors do not contain the key.
    pub(super) fn configured(kind: &str, key: &str) -> Result<Self, String> {
        let algorithm = Algorithm::configured(kind)
            // Hasura's wording
            .ok_or_else(|| format!("Invalid JWK: Key type: {kind} is not supported"))?;
        let material = if algorithm.key_type() == KeyType::Secret {
            let least = algorithm.min_secret_bytes();
            if key.len() < least {
                return Err(format!(
                    "\"key\" is too short for {kind}: at least {least} bytes are required"
                ));
            }
            Material::Library(library(DecodingKey::from_secret(key.as_bytes()))?)
        } else {
            let (found, bytes) = public_key(key)?;
            if found != algorithm.key_type() {
                return Err(format!(
                    "\"key\" is a key of the type {found:?}, which {kind} does not use"
                ));
            }
            material(found, bytes)?
        };
        Ok(Self {
            algorithm: Some(algorithm),
            kind: algorithm.key_type(),
            id: None,
            material,
        })
    }

    /// Creates a key from a member of a key set. Returns the reason if it cannot be used for verification.
    pub(super) fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, String> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| {
            let text = text(name).ok_or_else(|| format!("\"{name}\" is missing"))?;
            let text = text.trim_end_matches('=');
            let decoded = URL_SAFE_NO_PAD.decode(text);
            decoded.map_err(|_| format!("\"{name}\" is not base64url"))
        };
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return Err("\"use\" is not \"sig\"".to_owned());
        }
        if let Some(operations) = jwk.get("key_ops").and_then(Value::as_array)
            && !operations.iter().any(|operation| operation == "verify")
        {
            return Err("\"key_ops\" does not contain \"verify\"".to_owned());
        }
        let (kind, material) = match (text("kty"), text("crv")) {
            (Some("RSA"), _) => (KeyType::Rsa, rsa(&bytes("n")?, &bytes("e")?)?),
            (Some("EC"), Some(curve)) => {
                let (kind, length) = match curve {
                    "P-256" => (KeyType::P256, 32),
                    "P-384" => (KeyType::P384, 48),
                    "P-521" => (KeyType::P521, 66),
                    _ => return Err(format!("curve {curve:?} is not supported")),
                };
                let (x, y) = (bytes("x")?, bytes("y")?);
                if x.len() != length || y.len() != length {
                    return Err("the length of \"x\" or \"y\" is not that of the curve".to_owned());
                }
                (kind, material(kind, [&[4][..], &x, &y].concat())?)
            }
            (Some("OKP"), Some("Ed25519")) => (KeyType::Ed25519, material(KeyType::Ed25519, bytes("x")?)?),
            // A secret at a public address is not one.
            (Some("oct"), _) => return Err("symmetric keys of key sets are not accepted".to_owned()),
            (kind, curve) => {
                return Err(format!(
                    "\"kty\" {kind:?} with \"crv\" {curve:?} is not supported"
                ));
            }
        };
        let algorithm = match text("alg") {
            Some(name) => {
                let known = Algorithm::named(name).filter(|&algorithm| kind.supports(algorithm));
                Some(known.ok_or_else(|| format!("\"alg\" {name:?} is not supported for this key"))?)
            }
            None => None,
        };
        Ok(Self {
            algorithm,
            kind,
            id: text("kid").map(ToOwned::to_owned),
            material,
        })
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether the key may be used for signatures of this algorithm.
    pub(super) fn supports(&self, algorithm: Algorithm) -> bool {
        self.kind.supports(algorithm) && self.algorithm.is_none_or(|only| only == algorithm)
    }

    /// Verifies the signature and returns the claims.
    pub(super) fn verify(&self, token: &Token<'_>) -> Result<Value, BadSignature> {
        if !self.supports(token.algorithm) {
            return Err(BadSignature);
        }
        match (&self.material, token.algorithm) {
            (Material::Library(key), Algorithm::Library(algorithm)) => {
                let mut validation = Validation::new(algorithm);
                // Registered claims are validated as in Hasura, by `registered_claims`.
                validation.validate_exp = false;
                validation.validate_nbf = false;
                validation.validate_aud = false;
                validation.required_spec_claims.clear();
                let decoded = jsonwebtoken::decode(token.text, key, &validation);
                decoded.map(|token| token.claims).map_err(|_| BadSignature)
            }
            (Material::P521(point), Algorithm::Es512) if !token.has_critical_extensions => {
                let key = UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point);
                key.verify(token.signed.as_bytes(), &token.signature)
                    .map_err(|_| BadSignature)?;
                Ok(token.unverified_claims.clone())
            }
            _ => Err(BadSignature),
        }
    }
}

fn library(key: jsonwebtoken::errors::Result<DecodingKey>) -> Result<DecodingKey, String> {
    key.map_err(|error| format!("the key cannot be used: {error}"))
}

/// Checks and converts the bytes of a public key: PKCS #1 for RSA, a point for elliptic curves.
fn material(kind: KeyType, bytes: Vec<u8>) -> Result<Material, String> {
    if let Some(parser) = kind.parser() {
        ParsedPublicKey::new(parser, &bytes).map_err(|_| {
            let note = if kind == KeyType::Rsa {
                "; RSA keys must have 2048 to 8192 bits"
            } else {
                ""
            };
            format!("the key is not a valid public key of the type {kind:?}{note}")
        })?;
    }
    Ok(match kind {
        KeyType::P521 => Material::P521(bytes),
        KeyType::Rsa => Material::Library(DecodingKey::from_rsa_der(&bytes)),
        KeyType::Ed25519 => Material::Library(DecodingKey::from_ed_der(&bytes)),
        KeyType::P256 | KeyType::P384 => Material::Library(DecodingKey::from_ec_der(&bytes)),
        KeyType::Secret => Material::Library(library(DecodingKey::from_secret(&bytes))?),
    })
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Material, String> {
    let significant = modulus.iter().skip_while(|&&byte| byte == 0).count();
    if significant < MIN_MODULUS_BYTES {
        return Err("RSA keys must have 2048 to 8192 bits".to_owned());
    }
    Ok(Material::Library(DecodingKey::from_rsa_raw_components(
        modulus, exponent,
    )))
}

/// Parses a PEM public key or X.509 certificate.
fn public_key(text: &str) -> Result<(KeyType, Vec<u8>), String> {
    let (label, der) = pem(text).ok_or("\"key\" is not a PEM public key or certificate")?;
    let info = match label {
        "RSA PUBLIC KEY" => return Ok((KeyType::Rsa, der)),
        "PUBLIC KEY" => SubjectPublicKeyInfoOwned::from_der(&der)
            .map_err(|error| format!("\"key\" is not a valid public key: {error}"))?,
        "CERTIFICATE" => {
            let certificate = Certificate::from_der(&der);
            let certificate =
                certificate.map_err(|error| format!("\"key\" is not a valid certificate: {error}"))?;
            certificate.tbs_certificate.subject_public_key_info
        }
        _ => {
            return Err(format!(
                "\"key\" is a PEM block {label:?}; expected \"PUBLIC KEY\" or \"CERTIFICATE\""
            ));
        }
    };
    let curve = info.algorithm.parameters.as_ref();
    let curve = curve.and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
    let kind = match (info.algorithm.oid, curve) {
        (RSA, _) => KeyType::Rsa,
        (EC, Some(P256)) => KeyType::P256,
        (EC, Some(P384)) => KeyType::P384,
        (EC, Some(P521)) => KeyType::P521,
        (ED25519, _) => KeyType::Ed25519,
        (other, _) => {
            return Err(format!(
                "\"key\" is a key of the type {other}, which is not supported"
            ));
        }
    };
    let bytes = info.subject_public_key.as_bytes();
    Ok((kind, bytes.ok_or("\"key\" is not a valid public key")?.to_vec()))
}

/// Returns label and content of the first PEM block. Line lengths are not checked: keys in JSON often lose their line breaks.
fn pem(text: &str) -> Option<(&str, Vec<u8>)> {
    let (_, text) = text.split_once("-----BEGIN ")?;
    let (label, text) = text.split_once("-----")?;
    let (content, _) = text.split_once("-----END ")?;
    let content: String = content.chars().filter(|char| !char.is_whitespace()).collect();
    Some((label, STANDARD.decode(content).ok()?))
}
