//! Any token, with any claims and any settings of the verification: no panic; a token without a valid signature of the configured key
//! and algorithm is refused, also if it is signed with the public key as a secret or not at all; expired tokens are refused.
//!
//! Lines of an input: settings (JSON without key), claims (JSON), header (JSON), and a whole token. The first byte selects the key.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine_model::session::Session;
use engine_server::auth::jwt::{Jwt, JwtConfig};
use futures_util::FutureExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use sha2::{Sha256, Sha384, Sha512};
use std::time::SystemTime;

const SECRET: &str = "fuzz-key-of-64-bytes-0123456789abcdef0123456789abcdef0123456789abcdef";

/// Public keys; no program knows their private keys.
const KEYS: [(&str, &str); 10] = [
    ("RS256", RSA),
    ("RS384", RSA),
    ("RS512", RSA),
    ("PS256", RSA),
    ("ES256", P256),
    ("ES512", P521),
    ("Ed25519", ED25519),
    ("HS256", SECRET),
    ("HS384", SECRET),
    ("HS512", SECRET),
];

const RSA: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA7yb/5jPacTrLyJzvbYrr
TieY8u7E9bliV76ZskJJyS5Pn+BPlkumuzaeliLwAl2G6Zh0Roqzi7RQmI5RCTa3
2+9ARNg1aYkaunwotH8dlt/jqdrIEQ3OBqiv0qudaBHAeioTfKn2xgtwmt34rEsj
rDHMLGVzIazQMbiE6WAk5oFbODYeDXYg3a4KCym0ZFt8LxLQIsWusBMRhYLe3YmY
rZQA9P4nUHpYsLwCkGUiPuTTPwllhmxb7vE0I2HJyE7Z+wiZK2pUn7bth0uRC5pA
paRpFIyWTpphuwVXdYWLLjzZy+DPNCaLq1ZPL+FkCSgyI77ClzbpzFFXNNuQ7MG9
WwIDAQAB
-----END PUBLIC KEY-----
";
const P256: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELhaIfoU9Wq9IF+Y8qx1Z2ck7MfJb
8vqTgquz12AUegcp8z9433Q3T+90oMtHdoxgz7PkNYLxhhyKS2jjkAYthw==
-----END PUBLIC KEY-----
";
const P521: &str = "-----BEGIN PUBLIC KEY-----
MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQB9N00b4zk1z41EK3oiMEhw33zykBX
xoqDM3PA6oEe6JVxFGhxtLEZuQx1qf+IWQE15T03D9gTJsThIZL1d2vA880AYB/n
jSlvjPS45ysUCW6gZ0xG84UeLu9PlPCZVKaNv/Wd8dksAy33DeqbG7xFVlxPJFo9
nEElpgKFEJOqG/Jb2Wg=
-----END PUBLIC KEY-----
";
const ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAe/UU3AKHl2Sva0JG0oCu7PLr9GnMHan5uovUu//NEX8=
-----END PUBLIC KEY-----
";

fuzz_target!(|data: &[u8]| {
    let Some((&choice, input)) = data.split_first() else {
        return;
    };
    let Ok(input) = std::str::from_utf8(input) else {
        return;
    };
    let mut lines = input.lines();
    let mut line = || lines.next().unwrap_or_default();
    let (settings, claims, header, token) = (object(line()), line(), object(line()), line());
    let skew = settings
        .get("allowed_skew")
        .and_then(Value::as_f64)
        .unwrap_or_default();
    let (kind, key) = KEYS[usize::from(choice) % KEYS.len()];
    let Some(jwt) = load(settings, kind, key) else {
        return;
    };
    let accepts = |token: &str| session(&jwt, token);
    // The private keys are unknown, so that a token of the input cannot have a valid signature.
    assert_eq!(accepts(token), None, "a token of the input");
    let der = key
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect::<String>();
    let der = base64::engine::general_purpose::STANDARD
        .decode(der)
        .unwrap_or_default();
    for algorithm in ["HS256", "HS384", "HS512"] {
        let signed = signing_input(&header, Some(algorithm), claims);
        let sign = |secret: &[u8]| format!("{signed}.{}", signature(algorithm, secret, &signed));
        for secret in [&b""[..], key.trim().as_bytes(), &der] {
            if secret != SECRET.as_bytes() {
                assert_eq!(
                    accepts(&sign(secret)),
                    None,
                    "{algorithm} with a public key as secret"
                );
            }
        }
        let valid = accepts(&sign(key.as_bytes()));
        if algorithm == kind {
            check(valid, claims, skew);
        } else {
            assert_eq!(valid, None, "{algorithm} for a key of {kind}");
        }
    }
    // The header of the input names any algorithm, or none.
    for name in [None, Some("none"), Some(kind)] {
        let signed = signing_input(&header, name, claims);
        assert_eq!(accepts(&format!("{signed}.")), None, "a token without signature");
        let empty = signature("HS256", b"", &signed);
        assert_eq!(
            accepts(&format!("{signed}.{empty}")),
            None,
            "the signature of an empty secret"
        );
    }
});

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Returns the verification with these settings, `None` if they are invalid. Key and location of the token are fixed.
fn load(mut settings: Map<String, Value>, kind: &str, key: &str) -> Option<Jwt> {
    for fetched in ["jwk_url", "header"] {
        settings.remove(fetched);
    }
    settings.insert("type".to_owned(), json!(kind));
    settings.insert("key".to_owned(), json!(key));
    let config = JwtConfig::parse(&Value::Object(settings).to_string()).ok()?;
    let loaded = Jwt::load(vec![config]).now_or_never().expect("no keys to fetch");
    Some(loaded.expect("a usable key"))
}

/// Returns the session of a token, `None` if it is refused.
fn session(jwt: &Jwt, token: &str) -> Option<Session> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    headers.insert(header::AUTHORIZATION, value);
    let result = jwt
        .authenticate(&headers)
        .now_or_never()
        .expect("no keys to fetch");
    match result {
        Ok(authenticated) => Some(authenticated.expect("a token").session().clone()),
        Err(error) => {
            assert_eq!(error.status, 400, "{error}");
            None
        }
    }
}

/// Returns header and claims as they are signed. `algorithm` replaces that of the header.
fn signing_input(header: &Map<String, Value>, algorithm: Option<&str>, claims: &str) -> String {
    let mut header = header.clone();
    if let Some(algorithm) = algorithm {
        header.insert("alg".to_owned(), json!(algorithm));
    }
    let header = Value::Object(header).to_string();
    let [header, claims] = [header.as_str(), claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}")
}

fn signature(algorithm: &str, secret: &[u8], signed: &str) -> String {
    macro_rules! hmac {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(secret).expect("secrets have any length");
            mac.update(signed.as_bytes());
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        }};
    }
    match algorithm {
        "HS384" => hmac!(Sha384),
        "HS512" => hmac!(Sha512),
        _ => hmac!(Sha256),
    }
}

/// A session must follow from the claims, which must not have expired.
fn check(session: Option<Session>, claims: &str, skew: f64) {
    let Some(session) = session else { return };
    let claims: Value = serde_json::from_str(claims).expect("accepted claims are JSON");
    assert!(session.role.len() < 64);
    assert!(!session.backend_only);
    if let Some(expires) = claims.get("exp").and_then(Value::as_f64) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.expect("a clock after 1970").as_secs_f64();
        assert!(expires + skew > now - 60.0, "an expired token");
    }
}
