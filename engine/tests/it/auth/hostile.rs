//! Requests and tokens that only an attacker sends: repeated headers, names in several cases, algorithms and keys that the token chooses.

use super::jwt::accepts;
use super::{NAMESPACE, SECRET, assert_accepted, claims, engine, query, refusal, roles, variables};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;
use testkit::Webhook;
use testkit::jwt::{TestKey, now};
use testkit::socket::{SUBSCRIPTIONS_TRANSPORT_WS, Socket};
use testkit::webhook::Reply;

async fn with_key() -> (TestKey, TestDatabase, TestEngine) {
    let key = TestKey::generate("RS256");
    let config = json!({"type": "RS256", "key": key.pem()}).to_string();
    let (database, engine) = engine(&["--jwt-secret", &config]).await;
    (key, database, engine)
}

#[tokio::test]
async fn repeated_headers_are_refused() {
    let (key, _database, engine) = with_key().await;
    let token = format!("Bearer {}", key.sign(&claims(&roles(&["user", "editor"]))));
    let auth = ("authorization", token.as_str());
    let role = |name| ("x-hasura-role", name);
    let sent = |name: &str, times: u8| {
        let message = format!("the header {name} is sent {times} times; send it once");
        ("invalid-headers".to_owned(), message)
    };
    // In both orders, and also if the values are equal or permitted: a proxy in front may have checked either.
    for names in [
        ["user", "admin"],
        ["admin", "user"],
        ["user", "editor"],
        ["user", "user"],
    ] {
        assert_eq!(
            refusal(&engine, &[auth, role(names[0]), role(names[1])]).await,
            sent("x-hasura-role", 2),
            "{names:?}"
        );
    }
    assert_accepted(&engine, &[auth, role("editor")]).await;
    // With the admin secret, which may be repeated neither.
    let user = |id| ("x-hasura-user-id", id);
    assert_eq!(
        refusal(&engine, &[SECRET, role("user"), role("admin")]).await,
        sent("x-hasura-role", 2)
    );
    assert_eq!(
        refusal(&engine, &[SECRET, user("1"), user("2"), user("3")]).await,
        sent("x-hasura-user-id", 3)
    );
    for secrets in [["wrong", SECRET.1], [SECRET.1, "wrong"], [SECRET.1, SECRET.1]] {
        assert_eq!(
            refusal(&engine, &secrets.map(|secret| (SECRET.0, secret))).await,
            sent(SECRET.0, 2),
            "{secrets:?}"
        );
    }
    // The former name of the secret does not replace a wrong one.
    let headers = [(SECRET.0, "wrong"), ("x-hasura-access-key", SECRET.1)];
    assert_eq!(query(&engine, "/v1alpha1/graphql", &headers).await.0, 401);
    // Tokens: a second one, valid or not.
    for second in [token.as_str(), "Bearer x.y.z"] {
        assert_eq!(
            refusal(&engine, &[auth, ("authorization", second)]).await,
            (
                "invalid-headers".to_owned(),
                "Malformed Authorization header".to_owned()
            )
        );
    }
    // Names that are similar to one of a session variable are none.
    let similar = [auth, ("x_hasura_role", "admin"), ("hasura-role", "admin")];
    assert_accepted(&engine, &similar).await;
}

#[tokio::test]
async fn repeated_headers_of_an_engine_without_a_secret_are_refused() {
    let database = TestDatabase::create("auth").await;
    let engine = TestEngine::start(&database, &[]).await;
    let headers = [("x-hasura-role", "user"), ("x-hasura-role", "admin")];
    let (code, _) = refusal(&engine, &headers).await;
    assert_eq!(code, "invalid-headers");
    let command = json!({"type": "export_metadata", "args": {}});
    let (status, answer) = engine.post("/v1/metadata", &headers, &command).await;
    assert_eq!((status, &answer["code"]), (400, &json!("invalid-headers")));
}

#[tokio::test]
async fn names_of_the_payload_in_several_cases_are_one_header() {
    let (key, _database, engine) = with_key().await;
    let token = |role: &str| format!("Bearer {}", key.sign(&claims(&roles(&[role]))));
    for payload in [
        json!({"Authorization": token("user"), "authorization": token("admin")}),
        json!({"authorization": token("user"), "X-Hasura-Role": "user", "x-hasura-role": "admin"}),
        json!({"x-hasura-admin-secret": "wrong", "X-Hasura-Admin-Secret": SECRET.1}),
    ] {
        let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
        let init = json!({"type": "connection_init", "payload": {"headers": payload}});
        socket.send(&init).await;
        assert_eq!(socket.next().await["type"], "connection_error", "{payload}");
    }
}

#[tokio::test]
async fn claims_in_several_cases_are_refused() {
    let (key, _database, engine) = with_key().await;
    let mut hasura = roles(&["admin"]);
    hasura["X-HASURA-User-Id"] = "2".into();
    let token = format!("Bearer {}", key.sign(&claims(&hasura)));
    let expected = (
        "jwt-invalid-claims".to_owned(),
        "the claim x-hasura-user-id occurs several times".to_owned(),
    );
    assert_eq!(refusal(&engine, &[("authorization", &token)]).await, expected);
    // Claims that are not Hasura's, and those outside the namespace, are no variables.
    let mut claims = claims(&roles(&["admin"]));
    claims["x-hasura-user-id"] = "2".into();
    claims["x-hasura-role"] = "root".into();
    claims[NAMESPACE]["x-hasura-role"] = "root".into();
    claims[NAMESPACE]["x-hasura-admin-secret"] = SECRET.1.into();
    claims[NAMESPACE]["user-id"] = "3".into();
    let token = format!("Bearer {}", key.sign(&claims));
    assert_eq!(
        variables(&engine, &[("authorization", &token)]).await,
        json!({"x-hasura-role": "admin", "x-hasura-user-id": "1"})
    );
}

#[tokio::test]
async fn token_chooses_neither_its_algorithm_nor_its_key() {
    let (key, _database, engine) = with_key().await;
    let attacker = TestKey::generate("RS256");
    // A server of the attacker, which the engine must not ask.
    let set = json!({"keys": [attacker.jwk("attacker")]});
    let server = Webhook::behaving(move |_, _| Reply::status(200).body(&set)).await;
    let valid = claims(&roles(&["user"]));
    assert!(accepts(&engine, &key.sign(&valid)).await);
    for header in [
        json!({"jwk": attacker.jwk("attacker")}),
        json!({"jku": format!("{}/jwks", server.url), "kid": "attacker"}),
        json!({"x5u": format!("{}/certificate", server.url)}),
        json!({"kid": "../../dev/null"}),
        json!({"kid": format!("{}/jwks", server.url)}),
    ] {
        assert!(
            !accepts(&engine, &attacker.sign_with(&header, &valid)).await,
            "{header}"
        );
    }
    assert_eq!(server.count(), 0);
    let part = |token: &str, index: usize| token.split('.').nth(index).unwrap().to_owned();
    let signed = key.sign(&valid);
    for algorithm in [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!(""),
        json!("rs256"),
        json!("HS256"),
        json!("RS384"),
        json!("PS256"),
        json!("ES256"),
        json!(null),
        json!(["RS256"]),
        json!(256),
    ] {
        // The header changes what is signed: without a signature, with that of another header, and signed with the key itself.
        let other = key.sign_with(&json!({"alg": algorithm}), &valid);
        let head = format!("{}.{}", part(&other, 0), part(&other, 1));
        for token in [
            format!("{head}."),
            head.clone(),
            format!("{head}.{}", part(&signed, 2)),
            other.clone(),
        ] {
            assert!(!accepts(&engine, &token).await, "{algorithm}: {token}");
        }
    }
    // Secrets that are known to everyone.
    for secret in [
        key.pem(),
        key.pem().trim().to_owned(),
        String::new(),
        "null".to_owned(),
    ] {
        for algorithm in ["HS256", "HS384", "HS512"] {
            let forged = TestKey::secret(algorithm, &secret);
            assert!(!accepts(&engine, &forged.sign(&valid)).await, "{algorithm}");
            let disguised = forged.sign_with(&json!({"alg": "RS256"}), &valid);
            assert!(!accepts(&engine, &disguised).await, "{algorithm}");
        }
    }
    // Parts of two valid tokens, further parts, and extensions that must be understood.
    let mut admin = roles(&["admin"]);
    admin["x-hasura-allowed-roles"] = json!(["user", "admin"]);
    let other = key.sign(&claims(&admin));
    for token in [
        format!("{}.{}.{}", part(&signed, 0), part(&other, 1), part(&signed, 2)),
        format!("{signed}."),
        format!("{signed}.x"),
        format!(".{signed}"),
        format!("{signed}="),
        signed.to_lowercase(),
    ] {
        assert!(!accepts(&engine, &token).await, "{token}");
    }
    let critical = key.sign_with(&json!({"crit": ["b64"], "b64": false}), &valid);
    assert!(!accepts(&engine, &critical).await);
}

/// Neither a header, nor a claim, nor the response of a webhook, nor a variable of `connection_init` replaces the secret.
#[tokio::test]
async fn mutations_of_backends_need_the_secret() {
    const BACKEND: &str = "x-hasura-use-backend-only-permissions";
    let insert = json!({"query": "mutation { insert_probe(objects: {}) { affected_rows } }"});
    let permission = json!({"type": "create_insert_permission", "args": {
        "table": "probe", "role": "user", "permission": {"check": {}, "columns": ["id"], "backend_only": true}}});
    let inserts = async |engine: &TestEngine, headers: &[(&str, &str)]| {
        let (_, answer) = engine.post("/v1/graphql", headers, &insert).await;
        let inserts = answer["data"]["insert_probe"]["affected_rows"] == 1;
        assert!(
            inserts || answer.to_string().contains("no mutations exist"),
            "{answer}"
        );
        inserts
    };
    let (key, _database, engine) = with_key().await;
    engine.post("/v1/query", &[SECRET], &permission).await;
    let mut hasura = roles(&["user"]);
    hasura[BACKEND] = "true".into();
    let token = format!("Bearer {}", key.sign(&claims(&hasura)));
    let auth = ("authorization", token.as_str());
    let (backend, user) = ((BACKEND, "true"), ("x-hasura-role", "user"));
    assert!(!inserts(&engine, &[auth]).await);
    assert!(!inserts(&engine, &[auth, backend]).await);
    assert!(!inserts(&engine, &[auth, backend, user]).await);
    assert!(!inserts(&engine, &[SECRET, user]).await);
    assert!(inserts(&engine, &[SECRET, user, backend]).await);
    let mut socket = Socket::open(&engine.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    let headers = json!({"authorization": token, BACKEND: "true"});
    socket
        .send(&json!({"type": "connection_init", "payload": {"headers": headers}}))
        .await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket
        .start("m", insert["query"].as_str().unwrap(), json!({}))
        .await;
    let refused = socket.expect("m", "error").await.to_string();
    assert!(refused.contains("no mutations exist"), "{refused}");

    let session = json!({"x-hasura-role": "user", BACKEND: "true"});
    let hook = Webhook::behaving(move |_, _| Reply::status(200).body(&session)).await;
    let (_database, engine) = super::engine(&["--auth-hook", &hook.url]).await;
    engine.post("/v1/query", &[SECRET], &permission).await;
    assert!(!inserts(&engine, &[backend]).await);
    assert!(inserts(&engine, &[SECRET, user, backend]).await);

    for options in [
        &["--unauthorized-role", "user"][..],
        &[
            "--unauthorized-role",
            "user",
            "--unauthorized-role-trusts-headers",
            "true",
        ],
    ] {
        let (_database, engine) = super::engine(options).await;
        engine.post("/v1/query", &[SECRET], &permission).await;
        assert!(!inserts(&engine, &[backend]).await, "{options:?}");
    }
}

/// Two names of a response that differ in their case only are two values of one variable.
#[tokio::test]
async fn response_of_the_hook_names_each_variable_once() {
    for session in [
        json!({"x-hasura-role": "user", "X-Hasura-Role": "admin"}),
        json!({"x-hasura-role": "user", "x-hasura-user-id": "1", "X-HASURA-USER-ID": "2"}),
    ] {
        let answer = session.clone();
        let hook = Webhook::behaving(move |_, _| Reply::status(200).body(&answer)).await;
        let (_database, engine) = super::engine(&["--auth-hook", &hook.url]).await;
        let (status, answer) = query(&engine, "/v1alpha1/graphql", &[]).await;
        assert_eq!(status, 500, "{session}: {answer}");
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(
            message.starts_with("Invalid response from authorization hook"),
            "{message}"
        );
    }
}

#[tokio::test]
async fn times_of_a_token_are_numbers_in_any_form() {
    let (key, _database, engine) = with_key().await;
    let with = |name: &str, value: Value| {
        let mut claims = claims(&roles(&["user"]));
        claims[name] = value;
        key.sign(&claims)
    };
    assert!(accepts(&engine, &with("exp", json!(1e18))).await);
    for (name, value) in [
        ("exp", json!(now(-1))),
        ("exp", json!(now(600).to_string())),
        ("exp", json!(null)),
        ("exp", json!([now(600)])),
        ("exp", json!({})),
        ("exp", json!(true)),
        ("nbf", json!(1e18)),
        ("nbf", json!("0")),
        ("iat", json!(now(600))),
        ("iat", json!("now")),
    ] {
        assert!(
            !accepts(&engine, &with(name, value.clone())).await,
            "{name} = {value}"
        );
    }
}

#[tokio::test]
async fn first_cookie_of_a_name_is_the_token() {
    let key = TestKey::generate("ES256");
    let config = json!({"type": "ES256", "key": key.pem(), "header": {"type": "Cookie", "name": "session"}});
    let (_database, engine) = engine(&["--jwt-secret", &config.to_string()]).await;
    let user = key.sign(&claims(&roles(&["user"])));
    let accepted = async |cookies: &[&str]| {
        let headers: Vec<(&str, &str)> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
        query(&engine, "/v1alpha1/graphql", &headers).await.0 == 200
    };
    let good = format!("session={user}");
    let bearer = format!("Bearer {user}");
    assert!(accepted(&[&good]).await);
    assert!(accepted(&["a=b", &format!("c=\"d;e\"; {good}")]).await);
    assert!(accepted(&[&format!("{good}; session=x.y.z")]).await);
    for cookies in [
        format!("session=x.y.z; {good}"),
        format!("session=; {good}"),
        format!("Session={user}"),
        format!("xsession={user}"),
        format!("session.={user}"),
        format!("session=\"{bearer}\""),
        "session".to_owned(),
    ] {
        assert!(!accepted(&[&cookies]).await, "{cookies}");
    }
    // The configured place is the only one.
    let (status, _) = query(&engine, "/v1alpha1/graphql", &[("authorization", &bearer)]).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn key_that_the_set_no_longer_contains_is_refused() {
    let (old, new) = (TestKey::generate("ES256"), TestKey::generate("ES256"));
    let keys = std::sync::Arc::new(std::sync::Mutex::new(vec![old.jwk("old")]));
    let current = std::sync::Arc::clone(&keys);
    let server = Webhook::behaving(move |_, _| {
        let keys = current.lock().unwrap().clone();
        Reply::status(200)
            .body(&json!({"keys": keys}))
            .header("cache-control", "max-age=1")
    })
    .await;
    let config = json!({"jwk_url": server.url}).to_string();
    let (_database, engine) = engine(&["--jwt-secret", &config]).await;
    let token = |key: &TestKey, id: Value| key.sign_with(&json!({"kid": id}), &claims(&roles(&["user"])));
    assert!(accepts(&engine, &token(&old, json!("old"))).await);
    for id in [json!("new"), json!(""), json!("OLD"), json!("old ")] {
        assert!(!accepts(&engine, &token(&old, id.clone())).await, "{id}");
    }
    *keys.lock().unwrap() = vec![new.jwk("new")];
    testkit::eventually("the withdrawn key is refused", async || {
        let accepted = accepts(&engine, &token(&old, json!("old"))).await;
        (!accepted).then_some(())
    })
    .await;
    assert!(accepts(&engine, &token(&new, json!("new"))).await);
    // Nor by another name, or without one.
    assert!(!accepts(&engine, &token(&old, json!("new"))).await);
    assert!(!accepts(&engine, &token(&old, json!(null))).await);
}
