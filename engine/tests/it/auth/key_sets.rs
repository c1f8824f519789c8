//! Key sets (`jwk_url`): selection of keys, refresh, errors at start.

use super::jwt::accepts;
use super::{claims, engine, roles};
use crate::support::{TestEngine, start_error};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use testkit::jwt::TestKey;
use testkit::webhook::Reply;
use testkit::{TestDatabase, Webhook, eventually};

/// A key server whose response a test replaces.
struct KeyServer {
    server: Webhook,
    reply: Arc<Mutex<Reply>>,
}

impl KeyServer {
    async fn start(reply: Reply) -> Self {
        let reply = Arc::new(Mutex::new(reply));
        let current = Arc::clone(&reply);
        let server = Webhook::behaving(move |_, _| current.lock().unwrap().clone()).await;
        Self { server, reply }
    }

    fn replace(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    fn config(&self) -> String {
        json!({"jwk_url": format!("{}/jwks", self.server.url)}).to_string()
    }

    async fn engine(&self) -> (TestDatabase, TestEngine) {
        engine(&["--jwt-secret", &self.config()]).await
    }
}

fn keys(keys: &[Value]) -> Reply {
    Reply::status(200).body(&json!({"keys": keys}))
}

fn token(key: &TestKey, id: Option<&str>) -> String {
    let header = id.map_or_else(|| json!({}), |id| json!({"kid": id}));
    key.sign_with(&header, &claims(&roles(&["user"])))
}

#[tokio::test]
async fn key_is_selected_by_id_and_algorithm() {
    let names = ["RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"];
    let signers = names.map(TestKey::generate);
    let mut set: Vec<Value> = signers
        .iter()
        .zip(names)
        .map(|(key, name)| key.jwk(name))
        .collect();
    let (encryption, restricted, anonymous) = (
        TestKey::generate("RS256"),
        TestKey::generate("RS384"),
        TestKey::generate("ES256"),
    );
    let mut jwk = encryption.jwk("encryption");
    jwk["use"] = "enc".into();
    set.push(jwk);
    let mut jwk = restricted.jwk("restricted");
    jwk["alg"] = "RS256".into();
    set.push(jwk);
    let mut jwk = anonymous.jwk("");
    jwk.as_object_mut().unwrap().remove("kid");
    set.push(jwk);
    // "secret of 32 bytes for the tests!" as a public symmetric key.
    set.push(json!({"kty": "oct", "kid": "oct", "k": "c2VjcmV0IG9mIDMyIGJ5dGVzIGZvciB0aGUgdGVzdHMh", "alg": "HS256"}));
    set.push(json!({"kty": "EC", "crv": "secp256k1", "kid": "unsupported"}));
    set.push(json!({"kty": "EC", "crv": "P-256", "kid": "short", "x": "AA", "y": "AA"}));
    set.push(json!("not an object"));
    let server = KeyServer::start(keys(&set)).await;
    let (_database, engine) = server.engine().await;
    for (key, name) in signers.iter().zip(names) {
        assert!(accepts(&engine, &token(key, Some(name))).await, "{name}");
        assert!(accepts(&engine, &token(key, None)).await, "{name}");
        let other = if name == "ES384" { "RS256" } else { "ES384" };
        assert!(!accepts(&engine, &token(key, Some(other))).await, "{name}");
    }
    assert!(accepts(&engine, &token(&anonymous, Some("of no other key"))).await);
    assert!(!accepts(&engine, &token(&anonymous, Some("ES256"))).await);
    assert!(!accepts(&engine, &token(&encryption, Some("encryption"))).await);
    assert!(!accepts(&engine, &token(&restricted, Some("restricted"))).await);
    let secret = TestKey::secret("HS256", "secret of 32 bytes for the tests!");
    assert!(!accepts(&engine, &token(&secret, Some("oct"))).await);
}

#[tokio::test]
async fn expired_key_set_is_fetched_again() {
    for (name, value) in [
        ("cache-control", "public, max-age=1"),
        ("cache-control", "no-store"),
        ("expires", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ] {
        let (old, new) = (TestKey::generate("ES256"), TestKey::generate("ES256"));
        let server = KeyServer::start(keys(&[old.jwk("a")]).header(name, value)).await;
        let (_database, engine) = server.engine().await;
        assert!(accepts(&engine, &token(&old, Some("a"))).await);
        // The same id, so that only the expiry makes the engine fetch the key.
        server.replace(keys(&[new.jwk("a")]).header(name, value));
        eventually("the new key is used", async || {
            accepts(&engine, &token(&new, Some("a"))).await.then_some(())
        })
        .await;
        assert!(!accepts(&engine, &token(&old, Some("a"))).await);
        engine.stop().await;
    }
}

#[tokio::test]
async fn unknown_key_causes_one_fetch() {
    let (old, new) = (TestKey::generate("EdDSA"), TestKey::generate("EdDSA"));
    let server = KeyServer::start(keys(&[old.jwk("old")])).await;
    let (_database, engine) = server.engine().await;
    server.replace(keys(&[old.jwk("old"), new.jwk("new")]));
    assert!(accepts(&engine, &token(&new, Some("new"))).await);
    assert!(accepts(&engine, &token(&old, Some("old"))).await);
    assert_eq!(server.server.count(), 2);
    for n in 0..20 {
        assert!(!accepts(&engine, &token(&new, Some(&n.to_string()))).await);
    }
    assert_eq!(server.server.count(), 2, "clients can cause one fetch in 10 s");
}

#[tokio::test]
async fn failed_refresh_keeps_the_keys() {
    let key = TestKey::generate("ES384");
    let reply = || keys(&[key.jwk("k")]).header("cache-control", "max-age=1");
    let server = KeyServer::start(reply()).await;
    let (_database, engine) = server.engine().await;
    for failure in [
        Reply::status(500),
        keys(&[]).header("cache-control", "max-age=1"),
        Reply::status(200).body(&"x".repeat(300_000)),
    ] {
        server.replace(failure);
        let before = server.server.count();
        server.server.wait_for(before + 1).await;
        assert!(accepts(&engine, &token(&key, Some("k"))).await);
    }
    let new = TestKey::generate("ES384");
    server.replace(keys(&[new.jwk("k")]));
    eventually("the refresh is retried", async || {
        accepts(&engine, &token(&new, Some("k"))).await.then_some(())
    })
    .await;
}

#[tokio::test]
async fn shutdown_does_not_wait_for_the_refresh() {
    let key = TestKey::generate("EdDSA");
    let server = KeyServer::start(keys(&[key.jwk("k")]).header("cache-control", "no-cache")).await;
    let (_database, engine) = server.engine().await;
    server.replace(Reply::never());
    let before = server.server.count();
    server.server.wait_for(before + 1).await;
    engine.stop().await;
}

#[tokio::test]
async fn engine_does_not_start_without_keys() {
    let database = TestDatabase::create("auth").await;
    let key = TestKey::generate("EdDSA");
    let mut encryption = key.jwk("k");
    encryption["use"] = "enc".into();
    for (reply, reason) in [
        (Reply::status(404), "HTTP status 404"),
        (
            Reply::status(302).header("location", "http://example.com/"),
            "HTTP status 302",
        ),
        (Reply::status(200).body("{"), "not valid JSON"),
        (Reply::status(200).body("[]"), "\"keys\" is missing"),
        (keys(&[]), "no usable key"),
        (keys(&[encryption]), "no usable key"),
        (
            Reply::status(200).body(&" ".repeat(300_000)),
            "exceeds 262144 bytes",
        ),
    ] {
        let server = KeyServer::start(reply).await;
        let error = start_error(
            database.url(),
            &["--admin-secret", "s", "--jwt-secret", &server.config()],
        )
        .await;
        assert!(
            error.contains("HASURA_GRAPHQL_JWT_SECRET") && error.contains(reason),
            "{error}"
        );
        assert_eq!(server.server.count(), 1, "{reason}");
    }
    let unreachable = r#"{"jwk_url": "http://127.0.0.1:1/keys?token=hidden"}"#;
    let error = start_error(
        database.url(),
        &["--admin-secret", "s", "--jwt-secret", unreachable],
    )
    .await;
    assert!(
        error.contains("connection failed") && !error.contains("hidden"),
        "{error}"
    );
    // Only the expiry is invalid.
    let server = KeyServer::start(keys(&[key.jwk("k")]).header("expires", "never")).await;
    let (_database, engine) = server.engine().await;
    assert!(accepts(&engine, &token(&key, Some("k"))).await);
}

/// An issuer that restarts together with the engine must not prevent its start.
#[tokio::test]
async fn first_fetch_is_repeated_while_the_issuer_fails() {
    let key = TestKey::generate("EdDSA");
    let set = keys(&[key.jwk("k")]);
    let server = Webhook::behaving(move |index, _| match index {
        0 => Reply::status(500),
        1 => Reply::status(429),
        2 => Reply::status(408),
        _ => set.clone(),
    })
    .await;
    let config = json!({"jwk_url": server.url}).to_string();
    let (_database, engine) = engine(&["--jwt-secret", &config]).await;
    assert!(accepts(&engine, &token(&key, Some("k"))).await);
    assert_eq!(server.count(), 4);

    let database = TestDatabase::create("auth").await;
    let failing = KeyServer::start(Reply::status(503)).await;
    let options = ["--admin-secret", "s", "--jwt-secret", &failing.config()];
    let error = start_error(database.url(), &options).await;
    assert!(error.contains("HTTP status 503"), "{error}");
    assert_eq!(failing.server.count(), 5);
}
