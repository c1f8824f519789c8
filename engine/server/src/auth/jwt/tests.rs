//! Signatures, issuers, and the choice between several configurations.

use super::*;
use engine_model::session::Session;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderName, HeaderValue};
use serde_json::json;
use testkit::jwt::{TestKey, now};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn claims() -> Value {
    json!({
        "exp": now(600), "iat": now(0),
        "https://hasura.io/jwt/claims": {
            "x-hasura-allowed-roles": ["user"], "x-hasura-default-role": "user", "x-hasura-user-id": "1",
        },
    })
}

async fn jwt(configs: &[Value]) -> Jwt {
    let configs = configs
        .iter()
        .map(|config| JwtConfig::parse(&config.to_string()).unwrap());
    Jwt::load(configs.collect()).await.unwrap()
}

async fn authenticate(
    jwt: &Jwt,
    headers: &[(HeaderName, String)],
) -> Result<Option<Session>, (Code, String)> {
    let value = |value: &String| HeaderValue::from_str(value).unwrap();
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, text)| (name.clone(), value(text)))
        .collect();
    match jwt.authenticate(&headers).await {
        Ok(authenticated) => Ok(authenticated.map(Authenticated::into_session)),
        Err(error) => {
            assert_eq!(error.status, 400, "{error}");
            Err((error.code, error.message.replace("Could not verify JWT: ", "")))
        }
    }
}

async fn bearer(jwt: &Jwt, token: &str) -> Result<Session, (Code, String)> {
    let result = authenticate(jwt, &[(AUTHORIZATION, format!("Bearer {token}"))]).await;
    result.map(Option::unwrap)
}

fn refused(reason: &str) -> Result<Session, (Code, String)> {
    Err((Code::InvalidJwt, reason.to_owned()))
}

fn bad_signature() -> Result<Session, (Code, String)> {
    refused("JWSError JWSInvalidSignature")
}

fn keys() -> Vec<(String, TestKey)> {
    let public = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    ];
    let public = public.map(|name| (name.to_owned(), TestKey::generate(name)));
    let secret = ["HS256", "HS384", "HS512"].map(|name| (name.to_owned(), TestKey::secret(name, SECRET)));
    public.into_iter().chain(secret).collect()
}

fn config(name: &str, key: &TestKey) -> Value {
    let kind = if name == "EdDSA" { "Ed25519" } else { name };
    let text = if name.starts_with("HS") {
        SECRET.to_owned()
    } else {
        key.pem()
    };
    json!({"type": kind, "key": text})
}

#[tokio::test]
async fn every_algorithm_is_verified_and_only_the_configured_one() {
    let keys = keys();
    for (name, key) in &keys {
        let jwt = jwt(&[config(name, key)]).await;
        let token = key.sign(&claims());
        assert_eq!(bearer(&jwt, &token).await.unwrap().role, "user", "{name}");
        for (other_name, other) in &keys {
            if other_name != name {
                assert_eq!(
                    bearer(&jwt, &other.sign(&claims())).await,
                    bad_signature(),
                    "{name} {other_name}"
                );
            }
        }
        // The same key, but another algorithm in the header.
        for alg in [
            "none", "None", "HS256", "RS256", "PS256", "ES256", "ES512", "EdDSA", "RS1", "",
        ] {
            if alg != name {
                let token = key.sign_with(&json!({"alg": alg}), &claims());
                assert_eq!(bearer(&jwt, &token).await, bad_signature(), "{name} {alg}");
            }
        }
        let other = if name.starts_with("HS") {
            TestKey::secret(name, &SECRET.to_uppercase())
        } else {
            TestKey::generate(name)
        };
        assert_eq!(
            bearer(&jwt, &other.sign(&claims())).await,
            bad_signature(),
            "{name}"
        );
        let token = key.sign_with(&json!({"crit": ["exp"], "exp": 0}), &claims());
        assert_eq!(bearer(&jwt, &token).await, bad_signature(), "{name}");
    }
}

#[tokio::test]
async fn public_key_is_not_a_secret() {
    let key = TestKey::generate("RS256");
    let pem = key.pem();
    let jwt = jwt(&[json!({"type": "RS256", "key": pem})]).await;
    for secret in [&pem, pem.trim(), &pem.replace('\n', "")] {
        let token = TestKey::secret("HS256", secret).sign(&claims());
        assert_eq!(bearer(&jwt, &token).await, bad_signature());
        let token = TestKey::secret("HS256", secret).sign_with(&json!({"alg": "RS256"}), &claims());
        assert_eq!(bearer(&jwt, &token).await, bad_signature());
    }
}

#[tokio::test]
async fn changed_and_malformed_tokens_are_refused() {
    let key = TestKey::generate("ES512");
    for (name, key) in [("ES512", &key), ("HS256", &TestKey::secret("HS256", SECRET))] {
        let jwt = jwt(&[config(name, key)]).await;
        let token = key.sign(&claims());
        let parts: Vec<&str> = token.split('.').collect();
        let mut admin = claims();
        admin["https://hasura.io/jwt/claims"]["x-hasura-allowed-roles"] = json!(["user", "admin"]);
        let forged = key.sign(&admin);
        let forged = forged.split('.').nth(1).unwrap();
        for (token, reason) in [
            (
                format!("{}.{forged}.{}", parts[0], parts[2]),
                "JWSError JWSInvalidSignature",
            ),
            (
                format!("{}.{}.", parts[0], parts[1]),
                "JWSError JWSInvalidSignature",
            ),
            (
                format!("{}.{}.{}", parts[0], parts[1], &parts[2][4..]),
                "JWSError JWSInvalidSignature",
            ),
            (
                format!("{}.{}", parts[0], parts[1]),
                "JWSError (CompactDecodeError",
            ),
            (format!("{token}.x"), "JWSError (CompactDecodeError"),
            ("x".to_owned(), "JWSError (CompactDecodeError"),
            (String::new(), "JWSError (CompactDecodeError"),
            ("..".to_owned(), "JWSError (JSONDecodeError header)"),
            (
                format!("!.{}.{}", parts[1], parts[2]),
                "JWSError (JSONDecodeError header)",
            ),
            (
                format!("{}.bm90IGpzb24.{}", parts[0], parts[2]),
                "JWSError (JSONDecodeError claims)",
            ),
            (
                format!("{}.{}.!", parts[0], parts[1]),
                "JWSError (JSONDecodeError signature)",
            ),
            (
                format!("{token}{}", "A".repeat(20_000)),
                "the token exceeds 16384 bytes",
            ),
        ] {
            let (code, message) = bearer(&jwt, &token).await.unwrap_err();
            assert_eq!(code, Code::InvalidJwt);
            assert!(message.starts_with(reason), "{message} instead of {reason}");
        }
    }
}

#[tokio::test]
async fn certificates_and_keys_without_line_breaks_are_accepted() {
    let certified = rcgen::generate_simple_self_signed(["issuer.test".to_owned()]).unwrap();
    let key = TestKey::es256(&certified.signing_key.serialize_der());
    for pem in [certified.cert.pem(), key.pem(), key.pem().replace('\n', "")] {
        let jwt = jwt(&[json!({"type": "ES256", "key": pem})]).await;
        assert!(bearer(&jwt, &key.sign(&claims())).await.is_ok(), "{pem}");
    }
    for (kind, pem, reason) in [
        ("RS256", key.pem(), "key of the type P256"),
        ("ES384", key.pem(), "key of the type P256"),
        ("Ed25519", key.pem(), "key of the type P256"),
        ("ES256", certified.signing_key.serialize_pem(), "PRIVATE KEY"),
        (
            "ES256",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----".to_owned(),
            "not a valid public key",
        ),
        (
            "ES256",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_owned(),
            "not a valid certificate",
        ),
    ] {
        let error = JwtConfig::parse(&json!({"type": kind, "key": pem}).to_string()).unwrap_err();
        assert!(error.contains(reason), "{kind}: {error}");
    }
}

#[tokio::test]
async fn issuer_selects_the_configuration() {
    let (one, two, three) = (
        TestKey::generate("ES256"),
        TestKey::generate("EdDSA"),
        TestKey::generate("ES384"),
    );
    let jwt = jwt(&[
        json!({"type": "ES256", "key": one.pem(), "issuer": "one", "audience": "a"}),
        json!({"type": "Ed25519", "key": two.pem(), "issuer": "two"}),
    ])
    .await;
    let with = |issuer: &str, audience: &str| {
        let mut claims = claims();
        claims["iss"] = issuer.into();
        claims["aud"] = audience.into();
        claims
    };
    assert!(bearer(&jwt, &one.sign(&with("one", "a"))).await.is_ok());
    assert!(bearer(&jwt, &two.sign(&with("two", "b"))).await.is_ok());
    assert_eq!(
        bearer(&jwt, &one.sign(&with("one", "b"))).await,
        refused("JWTNotInAudience")
    );
    assert_eq!(bearer(&jwt, &one.sign(&with("two", "a"))).await, bad_signature());
    assert_eq!(bearer(&jwt, &two.sign(&with("one", "a"))).await, bad_signature());
    assert_eq!(
        bearer(&jwt, &one.sign(&with("three", "a"))).await,
        refused("JWTNotInIssuer")
    );
    assert_eq!(
        bearer(&jwt, &one.sign(&claims())).await,
        refused("JWTNotInIssuer")
    );
    let shared = self::jwt(&[config("ES256", &one), config("ES384", &three)]).await;
    assert!(bearer(&shared, &one.sign(&claims())).await.is_ok());
    assert!(bearer(&shared, &three.sign(&with("any", "any"))).await.is_ok());
    assert_eq!(bearer(&shared, &two.sign(&claims())).await, bad_signature());
}

#[tokio::test]
async fn tokens_are_taken_from_the_configured_places_only() {
    let key = TestKey::generate("EdDSA");
    let pem = key.pem();
    let jwt = jwt(&[
        json!({"type": "Ed25519", "key": pem, "header": {"type": "Cookie", "name": "token"}, "issuer": "c"}),
        json!({"type": "Ed25519", "key": pem, "header": {"type": "CustomHeader", "name": "x-token"}}),
    ])
    .await;
    let token = key.sign(&claims());
    let custom = HeaderName::from_static("x-token");
    let bearer = (AUTHORIZATION, format!("Bearer {token}"));
    assert_eq!(authenticate(&jwt, &[bearer.clone()]).await, Ok(None));
    assert!(
        authenticate(&jwt, &[(custom.clone(), token.clone())])
            .await
            .unwrap()
            .is_some()
    );
    // The configuration of the cookie requires an issuer.
    let cookie = (COOKIE, format!("token={token}"));
    assert_eq!(
        authenticate(&jwt, &[cookie.clone(), bearer]).await,
        refused("JWTNotInIssuer").map(Some)
    );
    assert_eq!(
        authenticate(&jwt, &[cookie, (custom, token)]).await,
        Err((Code::InvalidHeaders, "Multiple JWTs found".to_owned()))
    );
}

#[tokio::test]
async fn session_expires_with_the_token_and_its_skew() {
    let key = TestKey::generate("EdDSA");
    let config = json!({"type": "Ed25519", "key": key.pem(), "allowed_skew": 60});
    let jwt = jwt(&[config]).await;
    let mut claims = claims();
    claims["exp"] = now(-30).into();
    let expires_at = async |claims: &Value| {
        let value = HeaderValue::from_str(&format!("Bearer {}", key.sign(claims))).unwrap();
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        jwt.authenticate(&headers).await.unwrap().unwrap().expires_at()
    };
    assert!(expires_at(&claims).await.is_some());
    claims.as_object_mut().unwrap().remove("exp");
    assert!(expires_at(&claims).await.is_none());
}
