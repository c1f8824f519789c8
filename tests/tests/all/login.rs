//! The login function: accounts and their tokens, the documents for verifiers, and the setting without which it refuses.

use serde_json::{Value, json};
use shared::{
    config::{IdentityVariables, LoginConfig},
    http::{Handler, Login},
    token::{SigningKeys, claims::HASURA_NAMESPACE},
};
use tests::{
    calls::{Response, call, post, post_to},
    database::TestDatabase,
    orders::{ask, everything},
    tokens::{demo_login, new_key},
};

const ISSUER: &str = "http://127.0.0.1:8081";

fn handler(database: &TestDatabase, config: LoginConfig) -> Handler<Login> {
    Handler::new(
        &database.config("login", 2),
        database.pool("login", 2),
        Login::new(config),
    )
}

async fn get(handler: &Handler<Login>, path: &str) -> Response {
    let mut event = post(path, "");
    event["requestContext"]["http"]["method"] = json!("GET");
    call(handler, event).await
}

/// The claims of a token, without verification.
fn claims_of(token: &str) -> Value {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let claims = token.split('.').nth(1).expect("three parts");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).expect("base64");
    serde_json::from_slice(&claims).expect("JSON")
}

#[tokio::test]
async fn each_account_gets_a_token_with_its_role_and_ids() {
    let database = TestDatabase::new().await;
    let handler = handler(&database, demo_login());
    for (name, role, more) in [
        ("alice", "customer", json!({})),
        (
            "restaurant-2",
            "restaurant",
            json!({"x-hasura-restaurant-id": "2"}),
        ),
        ("driver-50", "driver", json!({"x-hasura-driver-id": "50"})),
        ("manager", "manager", json!({})),
    ] {
        let response = post_to(&handler, &json!({"username": name})).await;
        assert_eq!(response.status, 200, "{name}: {}", response.body);
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.header("access-control-allow-origin"), Some("*"));
        assert_eq!(
            (&response.body["role"], &response.body["user_id"]),
            (&json!(role), &json!(name))
        );
        let expires_at = response.body["expires_at"].as_str().expect("a time");
        assert!(
            expires_at.ends_with('Z') && expires_at.len() == 20,
            "{expires_at}"
        );

        let claims = claims_of(response.body["token"].as_str().expect("a token"));
        let seconds = |name: &str| claims[name].as_u64().expect("seconds");
        assert_eq!(seconds("exp") - seconds("iat"), 3600);
        assert_eq!(
            (&claims["iss"], &claims["aud"], &claims["sub"]),
            (&json!(ISSUER), &json!("3factor"), &json!(name))
        );
        let mut expected = json!({
            "x-hasura-default-role": role,
            "x-hasura-allowed-roles": [role],
            "x-hasura-user-id": name,
        });
        for (variable, value) in more.as_object().expect("an object") {
            expected[variable] = value.clone();
        }
        assert_eq!(claims[HASURA_NAMESPACE], expected, "{name}");
    }
}

#[tokio::test]
async fn demo_accounts_exist_for_all_staff() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let counts = "SELECT string_agg(role || ' ' || count, ', ' ORDER BY role) \
                  FROM (SELECT role, count(*) FROM identity.accounts GROUP BY role) AS counted";
    assert_eq!(
        ask(&client, counts).await.as_deref(),
        Some("driver 50, manager 1, restaurant 6")
    );
    for (constraint, values) in [
        ("accounts_username_check", "('Alice', 'customer', NULL, NULL)"),
        ("accounts_username_check", "(E'a\\n', 'customer', NULL, NULL)"),
        ("accounts_role_check", "('a', 'admin', NULL, NULL)"),
        ("accounts_restaurant_id_check", "('a', 'restaurant', NULL, NULL)"),
        ("accounts_restaurant_id_check", "('a', 'customer', 1, NULL)"),
        ("accounts_driver_id_check", "('a', 'manager', NULL, 1)"),
        ("accounts_driver_id_fkey", "('a', 'driver', NULL, 999)"),
    ] {
        let sql = format!(
            "INSERT INTO identity.accounts (username, role, restaurant_id, driver_id) VALUES {values}"
        );
        let error = client.batch_execute(&sql).await.expect_err(values);
        let name = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(name, Some(constraint), "{values}");
    }
}

#[tokio::test]
async fn login_writes_nothing() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let accounts = "SELECT count(*) FROM identity.accounts";
    let before = (ask(&client, accounts).await, everything(&client).await);
    let handler = handler(&database, demo_login());
    for name in ["alice", "bob", "driver-51", "manager"] {
        post_to(&handler, &json!({"username": name})).await;
    }
    assert_eq!((ask(&client, accounts).await, everything(&client).await), before);
}

#[tokio::test]
async fn login_by_name_requires_the_demo_setting() {
    let database = TestDatabase::new().await;
    let variables = IdentityVariables {
        jwt_issuer: Some(ISSUER.to_owned()),
        login_signing_keys: Some(new_key()),
        ..IdentityVariables::default()
    };
    let handler = handler(
        &database,
        LoginConfig::from_variables(&variables).expect("a configuration"),
    );
    for body in [
        json!({"username": "manager"}),
        json!({"username": "alice"}),
        json!(null),
    ] {
        let response = post_to(&handler, &body).await;
        assert_eq!((response.status, response.code()), (403, "demo_login_disabled"));
        assert!(
            response.body["error"]["message"]
                .as_str()
                .expect("a message")
                .contains("identity provider"),
            "{}",
            response.body
        );
        assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    }
    // Tokens that were issued before can still be verified.
    assert_eq!(get(&handler, "/.well-known/jwks.json").await.status, 200);
}

#[tokio::test]
async fn documents_describe_issuer_and_keys() {
    let database = TestDatabase::new().await;
    let (old, new) = (new_key(), new_key());
    let config = LoginConfig::from_variables(&IdentityVariables {
        jwt_issuer: Some(ISSUER.to_owned()),
        demo_login: Some("true".to_owned()),
        login_signing_keys: Some(format!("{new}{old}")),
        ..IdentityVariables::default()
    })
    .expect("a configuration");
    let handler = handler(&database, config);

    let discovery = get(&handler, "/.well-known/openid-configuration").await;
    assert_eq!(discovery.status, 200);
    assert_eq!(discovery.body["issuer"], ISSUER);
    let jwks_url = discovery.body["jwks_uri"].as_str().expect("a URL");
    assert_eq!(jwks_url, format!("{ISSUER}/.well-known/jwks.json"));
    assert_eq!(discovery.header("access-control-allow-origin"), Some("*"));

    let jwks = get(&handler, "/prod/.well-known/jwks.json").await;
    assert_eq!(jwks.header("cache-control"), Some("public, max-age=300"));
    let only = |key: &str| SigningKeys::parse(key).expect("a key").jwks()["keys"][0].clone();
    assert_eq!(
        jwks.body["keys"],
        json!([only(&new), only(&old)]),
        "the current and the previous key"
    );
    assert!(!jwks.body.to_string().contains("\"d\""), "{}", jwks.body);

    for path in [
        "/login",
        "/",
        "/.well-known/",
        "/.well-known/jwks.json/x",
        "/x.well-known/jwks.jso",
    ] {
        let response = get(&handler, path).await;
        assert!(
            matches!(response.status, 404 | 405),
            "{path}: {}",
            response.status
        );
    }
}
