//! Tokens over HTTP.

use super::{NAMESPACE, SECRET, assert_accepted, claims, engine, query, refusal, roles, variables};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::jwt::{TestKey, now};
use testkit::socket::{SUBSCRIPTIONS_TRANSPORT_WS, Socket};
use testkit::{EngineProcess, TestDatabase};

/// Places the claims of a token where the configuration expects them.
type Place = fn(Value) -> Value;

fn config(key: &TestKey, further: Value) -> String {
    let mut config = json!({"type": "RS512", "key": key.pem()});
    let Value::Object(further) = further else {
        panic!("an object")
    };
    for (name, value) in further {
        config[name] = value;
    }
    config.to_string()
}

#[tokio::test]
async fn claims_are_found_in_every_configured_place_and_format() {
    let key = TestKey::generate("RS512");
    let places: [(Value, Place); 5] = [
        (json!({}), |hasura| json!({NAMESPACE: hasura})),
        (
            json!({"claims_format": "stringified_json"}),
            |hasura| json!({NAMESPACE: hasura.to_string()}),
        ),
        (json!({"claims_namespace_path": "$"}), |hasura| hasura),
        (
            json!({"claims_namespace_path": "$.hasura_claims"}),
            |hasura| json!({"hasura_claims": hasura}),
        ),
        (
            json!({"claims_namespace_path": "$.hasura['claims%']"}),
            |hasura| json!({"hasura": {"claims%": hasura}}),
        ),
    ];
    for (index, (further, place)) in places.into_iter().enumerate() {
        let mut further = further;
        let in_cookie = index == 0;
        if in_cookie {
            further["header"] = json!({"type": "Cookie", "name": "session"});
        }
        let (_database, engine) = engine(&["--jwt-secret", &config(&key, further)]).await;
        let send = |hasura: Value| {
            let mut all = place(hasura);
            all["iat"] = now(0).into();
            all["exp"] = now(600).into();
            let token = key.sign(&all);
            if in_cookie {
                ("cookie", format!("a=b; session={token}"))
            } else {
                ("authorization", format!("Bearer {token}"))
            }
        };
        let (name, value) = send(roles(&["user"]));
        assert_accepted(&engine, &[(name, &value)]).await;
        for (change, code, message) in [
            (
                json!({"x-hasura-allowed-roles": null}),
                "jwt-missing-role-claims",
                "JWT claim does not contain x-hasura-allowed-roles",
            ),
            (
                json!({"x-hasura-allowed-roles": "user"}),
                "jwt-invalid-claims",
                "invalid x-hasura-allowed-roles; should be a list of roles: parsing [] failed, expected Array, but \
                 encountered String",
            ),
            (
                json!({"x-hasura-default-role": null}),
                "jwt-missing-role-claims",
                "JWT claim does not contain x-hasura-default-role",
            ),
        ] {
            let mut hasura = roles(&["user"]);
            for (name, value) in change.as_object().unwrap() {
                if value.is_null() {
                    hasura.as_object_mut().unwrap().remove(name);
                } else {
                    hasura[name] = value.clone();
                }
            }
            let (name, value) = send(hasura);
            assert_eq!(
                refusal(&engine, &[(name, &value)]).await,
                (code.to_owned(), message.to_owned())
            );
        }
    }
}

#[tokio::test]
async fn invalid_tokens_are_refused_with_hasuras_messages() {
    let key = TestKey::generate("RS512");
    let further = json!({"audience": ["app", "other"], "issuer": "me", "allowed_skew": 60});
    let (_database, engine) = engine(&["--jwt-secret", &config(&key, further)]).await;
    let valid = || {
        let mut valid = claims(&roles(&["user"]));
        valid["aud"] = "app".into();
        valid["iss"] = "me".into();
        valid
    };
    let change = |name: &str, value: Value| {
        let mut claims = valid();
        claims[name] = value;
        claims
    };
    let signed = |claims: &Value| format!("Bearer {}", key.sign(claims));
    for good in [
        signed(&valid()),
        signed(&change("aud", json!(["x", "other"]))),
        signed(&change("exp", now(-30).into())),
        signed(&change("nbf", now(30).into())),
        format!("bearer {}", key.sign_with(&json!({"kid": "any"}), &valid())),
    ] {
        assert_accepted(&engine, &[("authorization", &good)]).await;
    }
    let other = TestKey::generate("RS512");
    let secret = TestKey::secret("HS256", &other.pem());
    let public_as_secret = TestKey::secret("HS512", &key.pem());
    let unsigned = key.sign_with(&json!({"alg": "none"}), &valid());
    let unsigned = &unsigned[..=unsigned.rfind('.').unwrap()];
    let bad_signature = "JWSError JWSInvalidSignature";
    for (value, reason) in [
        (signed(&change("exp", now(-90).into())), "JWTExpired"),
        (signed(&change("nbf", now(90).into())), "JWTNotYetValid"),
        (
            signed(&change("aud", json!("rubbish_audience"))),
            "JWTNotInAudience",
        ),
        (signed(&change("iss", json!("rubbish_issuer"))), "JWTNotInIssuer"),
        (format!("Bearer {}", other.sign(&valid())), bad_signature),
        (format!("Bearer {}", secret.sign(&valid())), bad_signature),
        (
            format!("Bearer {}", public_as_secret.sign(&valid())),
            bad_signature,
        ),
        (
            format!("Bearer {}", key.sign_with(&json!({"alg": "RS256"}), &valid())),
            bad_signature,
        ),
        (format!("Bearer {unsigned}"), bad_signature),
        (
            format!("Bearer {}", "x".repeat(20_000)),
            "the token exceeds 16384 bytes",
        ),
    ] {
        let expected = (
            "invalid-jwt".to_owned(),
            format!("Could not verify JWT: {reason}"),
        );
        assert_eq!(refusal(&engine, &[("authorization", &value)]).await, expected);
    }
    for value in ["Bearer", "Basic dTpw", "x.y.z"] {
        let expected = (
            "invalid-headers".to_owned(),
            "Malformed Authorization header".to_owned(),
        );
        assert_eq!(refusal(&engine, &[("authorization", value)]).await, expected);
    }
    let missing = "Missing 'Authorization' or 'Cookie' header in JWT authentication mode";
    assert_eq!(
        refusal(&engine, &[]).await,
        ("invalid-headers".to_owned(), missing.to_owned())
    );
    let (status, answer) = engine
        .post("/v2/query", &[], &json!({"type": "export_metadata", "args": {}}))
        .await;
    assert_eq!(
        (status, answer),
        (
            400,
            json!({"path": "$", "code": "invalid-headers", "error": missing})
        )
    );
}

#[tokio::test]
async fn only_the_role_is_taken_from_headers() {
    let key = TestKey::generate("RS512");
    let (_database, engine) = engine(&["--jwt-secret", &config(&key, json!({}))]).await;
    let mut hasura = roles(&["user", "admin"]);
    hasura["X-Hasura-Org"] = "o".into();
    let token = format!("Bearer {}", key.sign(&claims(&hasura)));
    let auth = ("authorization", token.as_str());
    let spoofed = [
        auth,
        ("x-hasura-role", "admin"),
        ("x-hasura-user-id", "2"),
        ("x-hasura-org", "other"),
        ("x-hasura-restaurant-id", "3"),
        ("x-hasura-allowed-roles", "[\"root\"]"),
        ("x-hasura-use-backend-only-permissions", "nonsense"),
    ];
    assert_eq!(
        variables(&engine, &spoofed).await,
        json!({"x-hasura-role": "admin", "x-hasura-user-id": "1", "x-hasura-org": "o"})
    );
    assert_eq!(
        refusal(&engine, &[auth, ("x-hasura-role", "manager")]).await,
        (
            "access-denied".to_owned(),
            "Your requested role is not in allowed roles".to_owned()
        )
    );
    let export = json!({"type": "export_metadata", "args": {}});
    for path in ["/v1/query", "/v2/query", "/v1/metadata"] {
        let (status, answer) = engine.post(path, &[auth], &export).await;
        assert_eq!(
            (status, &answer["code"]),
            (400, &json!("access-denied")),
            "{path}: {answer}"
        );
        let (status, answer) = engine
            .post(path, &[auth, ("x-hasura-role", "admin")], &export)
            .await;
        assert_eq!(status, 200, "{path}: {answer}");
    }
}

#[tokio::test]
async fn admin_secret_alone_decides() {
    let key = TestKey::generate("RS512");
    let (_database, engine) = engine(&["--jwt-secret", &config(&key, json!({}))]).await;
    let token = format!("Bearer {}", key.sign(&claims(&roles(&["user"]))));
    let auth = ("authorization", token.as_str());
    for wrong in [("x-hasura-admin-secret", "wrong"), ("x-hasura-access-key", "")] {
        let (status, answer) = query(&engine, "/v1alpha1/graphql", &[auth, wrong]).await;
        assert_eq!(status, 401);
        assert_eq!(
            answer["errors"][0]["message"],
            "invalid x-hasura-admin-secret/x-hasura-access-key"
        );
    }
    let expected = json!({"x-hasura-role": "admin", "x-hasura-user-id": "2"});
    let headers = [auth, SECRET, ("x-hasura-user-id", "2")];
    assert_eq!(variables(&engine, &headers).await, expected);
    assert_eq!(
        variables(
            &engine,
            &[("authorization", "nonsense"), SECRET, ("X-Hasura-User-Id", "2")]
        )
        .await,
        expected
    );
    let (code, _) = refusal(
        &engine,
        &[SECRET, ("x-hasura-use-backend-only-permissions", "nonsense")],
    )
    .await;
    assert_eq!(code, "bad-request");
    let config = engine
        .http
        .get(format!("{}/v1alpha1/config", engine.url))
        .header(SECRET.0, SECRET.1);
    let config: Value = config.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&config["is_jwt_set"], &config["is_auth_hook_set"], &config["jwt"]),
        (
            &json!(true),
            &json!(false),
            &json!({"claims_namespace": NAMESPACE, "claims_format": "json"})
        )
    );
}

#[tokio::test]
async fn unauthorized_role_applies_without_token_only() {
    let key = TestKey::generate("RS512");
    let options = [
        "--jwt-secret",
        &config(&key, json!({})),
        "--unauthorized-role",
        "anonymous",
    ];
    let (_database, engine) = engine(&options).await;
    let spoofed = [
        ("x-hasura-role", "admin"),
        ("x-hasura-user-id", "1"),
        ("x-hasura-use-backend-only-permissions", "nonsense"),
    ];
    assert_accepted(&engine, &spoofed).await;
    let export = json!({"type": "export_metadata", "args": {}});
    for path in ["/v1/query", "/v2/query", "/v1/metadata", "/v1/graphql/explain"] {
        let (status, answer) = engine.post(path, &spoofed, &export).await;
        assert_eq!(
            (status, &answer["code"]),
            (400, &json!("access-denied")),
            "{path}: {answer}"
        );
    }
    let answer = engine
        .post("/v1/graphql", &spoofed, &json!({"query": "{ probe { id } }"}))
        .await
        .1;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "validation-failed",
        "{answer}"
    );
    // A token that is sent must be valid: an expired session does not become an anonymous one unnoticed.
    let mut expired = claims(&roles(&["user"]));
    expired["exp"] = now(-1).into();
    for (value, code) in [
        (format!("Bearer {}", key.sign(&expired)), "invalid-jwt"),
        ("Basic x".to_owned(), "invalid-headers"),
    ] {
        assert_eq!(refusal(&engine, &[("authorization", &value)]).await.0, code);
    }
}

#[tokio::test]
async fn several_issuers_and_claims_maps_are_configurable() {
    let (one, two) = (TestKey::generate("ES512"), TestKey::generate("EdDSA"));
    let path = |end: &str| json!({"path": format!("$.['https://myapp.com/jwt/claims'].{end}")});
    let secrets = json!([
        {"type": "ES512", "key": one.pem(), "issuer": "one"},
        {"type": "Ed25519", "key": two.pem(), "issuer": "two", "claims_map": {
            "x-hasura-user-id": path("user.id"),
            "x-hasura-allowed-roles": path("role.allowed"),
            "x-hasura-default-role": path("role.default"),
        }},
    ]);
    let (_database, engine) = engine(&["--jwt-secrets", &secrets.to_string()]).await;
    let mut first = claims(&roles(&["admin"]));
    first["iss"] = "one".into();
    let mut second = json!({"iss": "two", "exp": now(600), "https://myapp.com/jwt/claims": {
        "user": {"id": "7"}, "role": {"allowed": ["admin"], "default": "admin"},
    }});
    for (key, claims, user) in [(&one, &first, "1"), (&two, &second, "7")] {
        let token = format!("Bearer {}", key.sign(claims));
        assert_eq!(
            variables(&engine, &[("authorization", &token)]).await,
            json!({"x-hasura-role": "admin", "x-hasura-user-id": user})
        );
    }
    second["https://myapp.com/jwt/claims"]["user"] = json!({});
    let token = format!("Bearer {}", two.sign(&second));
    assert_eq!(
        refusal(&engine, &[("authorization", &token)]).await,
        (
            "jwt-invalid-claims".to_owned(),
            "JWT claim from claims_map, x-hasura-user-id not found".to_owned()
        )
    );
    let token = format!("Bearer {}", two.sign(&first));
    assert_eq!(
        refusal(&engine, &[("authorization", &token)]).await.0,
        "invalid-jwt"
    );
}

#[tokio::test]
async fn secrets_and_tokens_are_not_logged() {
    const KEY: &str = "0123456789-signing-secret-0123456789";
    let database = TestDatabase::create("auth").await;
    let jwt = json!({"type": "HS256", "key": KEY}).to_string();
    let environment = [
        ("HASURA_GRAPHQL_ADMIN_SECRET", SECRET.1),
        ("HASURA_GRAPHQL_JWT_SECRET", &*jwt),
        ("HASURA_GRAPHQL_LOG_LEVEL", "trace"),
    ];
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_engine"));
    let engine = EngineProcess::start(binary, database.url(), &["--pg-connections", "2"], &environment).await;
    let mut log = engine.log();
    // Concurrently, because the channel keeps a limited number of lines.
    let lines = tokio::spawn(async move {
        let mut lines = String::new();
        while !lines.contains("\"request_id\":\"last\"") {
            lines.push_str(&log.recv().await.unwrap().to_string());
        }
        lines
    });
    let token = TestKey::secret("HS256", KEY).sign(&claims(&roles(&["user"])));
    let header = format!("Bearer {token}");
    let body = json!({"query": "{ __typename }"});
    for headers in [
        &[("authorization", header.as_str())][..],
        &[("authorization", &header[..header.len() - 2])],
        &[("authorization", &header), SECRET],
        &[("x-hasura-admin-secret", "wr0ng")],
    ] {
        engine.client.post("/v1/graphql", headers, &body).await;
    }
    let mut socket = Socket::open(&engine.client.url, "/v1/graphql", SUBSCRIPTIONS_TRANSPORT_WS).await;
    for headers in [
        json!({"Authorization": header}),
        json!({"x-hasura-admin-secret": SECRET.1}),
    ] {
        let init = json!({"type": "connection_init", "payload": {"headers": headers}});
        socket.send(&init).await;
        assert_eq!(socket.next().await["type"], "connection_ack");
    }
    let last = [("x-request-id", "last")];
    engine.client.post("/v1/graphql", &last, &body).await;
    let lines = lines.await.unwrap();
    let signature = token.rsplit('.').next().unwrap();
    for secret in [KEY, SECRET.1, "wr0ng", &signature[..20]] {
        assert!(!lines.contains(secret), "{secret} is logged");
    }
}

/// Sends the same query as a user over `TestEngine`; used to compare key sets.
pub(super) async fn accepts(engine: &TestEngine, token: &str) -> bool {
    let header = format!("Bearer {token}");
    query(engine, "/v1alpha1/graphql", &[("authorization", &header)])
        .await
        .0
        == 200
}
