//! Login and payment with tokens through the real gateway and processes, and the database roles of the local stack.

use local_stack::identity::jwt_secret;
use serde_json::{Value, json};
use tests::{orders, stack::TestStack};
use tokio_postgres::error::SqlState;

const GOOD: &str = "1234 1234 1234 1234";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_its_customer_pays_an_order() {
    let stack = TestStack::secured().await;
    stack.place("o-1", &["pizza"]).await;
    stack.until("o-1", "validated").await;

    let (status, answer) = stack.pay("o-1", 500, GOOD).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("missing_token")));
    let (status, answer) = stack.pay_as("hunter2", "o-1", 500, GOOD).await;
    assert_eq!((status, &answer["error"]["code"]), (401, &json!("invalid_token")));
    for (name, status, code) in [
        ("mallory", 404, "order_not_found"),
        ("manager", 403, "not_a_customer"),
        ("restaurant-1", 403, "not_a_customer"),
        ("driver-1", 403, "not_a_customer"),
    ] {
        let token = stack.log_in(name).await;
        let (foreign, unknown) = (
            stack.pay_as(&token, "o-1", 500, GOOD).await,
            stack.pay_as(&token, "o-2", 500, GOOD).await,
        );
        assert_eq!(
            (foreign.0, &foreign.1["error"]["code"]),
            (status, &json!(code)),
            "{name}"
        );
        let renamed = unknown.1.to_string().replace("o-2", "o-1");
        assert_eq!((unknown.0, renamed), (status, foreign.1.to_string()));
    }
    let token = stack.log_in("tester").await;
    let (status, answer) = stack.pay_as(&token, "o-1", 500, GOOD).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("paid")), "{answer}");
    stack.until("o-1", "assigned").await;
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verifiers_find_the_keys_behind_the_gateway() {
    let stack = TestStack::open().await;
    let functions = stack.services.addresses().functions.clone();
    let http = local_process::http_client().expect("an HTTP client");
    let get = async |url: &str| -> Value {
        let response = http.get(url).send().await.expect("the gateway answers");
        assert_eq!(response.status(), 200, "{url}");
        response.json().await.expect("JSON")
    };
    let discovery = get(&format!("{functions}/.well-known/openid-configuration")).await;
    assert_eq!(discovery["issuer"], json!(functions));
    let jwks = get(discovery["jwks_uri"].as_str().expect("a URL")).await;
    assert_eq!(jwks["keys"].as_array().map(Vec::len), Some(1));
    let engine: Value = serde_json::from_str(&jwt_secret(&functions)).expect("JSON");
    assert_eq!(
        (&engine["jwk_url"], &engine["issuer"]),
        (&discovery["jwks_uri"], &discovery["issuer"])
    );
    stack.close().await;
}

/// SQL that reaches the engine can neither run programs nor read files nor change roles.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engine_is_not_a_superuser_and_owns_the_tables() {
    let stack = TestStack::open().await;
    let run_sql = async |sql: &str| {
        let command = json!({"type": "run_sql", "args": {"sql": sql}});
        stack.post_with(&[], "/v2/query", &command).await
    };
    let (status, answer) =
        run_sql("SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user").await;
    assert_eq!(
        (status, &answer["result"][1]),
        (200, &json!(["hasura", "f", "f"])),
        "{answer}"
    );
    let owners = "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE schemaname IN ('public', 'identity', 'hdb_catalog')";
    assert_eq!(
        orders::ask(&stack.database, owners).await.as_deref(),
        Some("hasura")
    );
    for refused in [
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE ROLE mallory",
        "ALTER ROLE hasura SUPERUSER",
        "SELECT * FROM pg_authid",
    ] {
        let (status, answer) = run_sql(refused).await;
        let code = answer["internal"]["error"]["status_code"].as_str();
        assert_ne!(status, 200, "{refused}");
        assert_eq!(
            code,
            Some(SqlState::INSUFFICIENT_PRIVILEGE.code()),
            "{refused}: {answer}"
        );
    }
    // Its own objects and trusted extensions.
    for allowed in [
        "CREATE EXTENSION hstore",
        "ALTER TABLE orders ADD COLUMN extra text",
        "CREATE SCHEMA more; CREATE TABLE more.tables (id int)",
    ] {
        let (status, answer) = run_sql(allowed).await;
        assert_eq!(status, 200, "{allowed}: {answer}");
    }
    stack.close().await;
}
