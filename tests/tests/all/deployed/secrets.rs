//! Secrets of the deployed binaries: missing, available, and wrong in a request.

use serde_json::{Value, json};
use testkit::eventually;
use tests::{
    deployed::{Deployed, WEBHOOK_SECRET},
    orders::{NewOrder, place},
};

/// Calls validate-order; returns the status, `Retry-After` and the body.
async fn validate(url: &str, order_id: &str, secret: Option<&str>) -> (u16, Option<String>, Value) {
    let http = local_process::http_client().expect("an HTTP client");
    let mut request = http
        .post(format!("{url}/validate-order"))
        .json(&json!({"order_id": order_id}));
    if let Some(secret) = secret {
        request = request.header("x-webhook-secret", secret);
    }
    let response = request.send().await.expect("the gateway answers");
    let retry_after = response.headers().get("retry-after");
    let retry_after = retry_after.map(|value| value.to_str().expect("text").to_owned());
    let status = response.status().as_u16();
    (status, retry_after, response.json().await.expect("JSON"))
}

#[tokio::test]
async fn function_without_secrets_returns_503_and_recovers() {
    let mut deployed = Deployed::start().await;
    place(&mut deployed.database, &NewOrder::default()).await;
    let mut environment = deployed.function_environment();
    environment.push(("POSTGRES_SECRET_ARN".to_owned(), "late-postgres".to_owned()));
    for (name, value) in &mut environment {
        if name == "WEBHOOK_SECRET_ARN" {
            "late-webhook".clone_into(value);
        }
    }
    let (functions, logs) = deployed.start_functions(environment).await;
    let url = functions.url();

    let (status, retry_after, answer) = validate(&url, "o-1", Some(WEBHOOK_SECRET)).await;
    assert_eq!((status, retry_after.as_deref()), (503, Some("1")), "{answer}");
    assert_eq!(answer["error"]["code"], "secret_unavailable");
    let log = logs.tail("validate-order").join("\n");
    assert!(
        log.contains("cannot read the secret of WEBHOOK_SECRET_ARN") && log.contains("ResourceNotFound"),
        "{log}"
    );

    // The secrets are created one after the other, each in its alternative format, without a restart.
    deployed
        .ministack
        .create_secret("late-webhook", WEBHOOK_SECRET)
        .await;
    let answer = eventually("the webhook secret is read", async || {
        let (status, retry_after, answer) = validate(&url, "o-1", Some(WEBHOOK_SECRET)).await;
        assert_eq!((status, retry_after.as_deref()), (503, Some("1")), "{answer}");
        (answer["error"]["code"] != "secret_unavailable").then_some(answer)
    })
    .await;
    assert_eq!(answer["error"]["code"], "database_unavailable");
    let app = deployed.login("validate-order");
    let secret = json!({"username": app.user, "password": app.password, "engine": "postgres", "port": 5432});
    deployed
        .ministack
        .create_secret("late-postgres", &secret.to_string())
        .await;
    let answer = eventually("the password is read", async || {
        let (status, _, answer) = validate(&url, "o-1", Some(WEBHOOK_SECRET)).await;
        (status == 200).then_some(answer)
    })
    .await;
    // It is not known which of the calls decided the order.
    assert!(
        ["validated", "already-done"].contains(&answer["outcome"].as_str().unwrap_or_default()),
        "{answer}"
    );

    for wrong in [None, Some(""), Some("wrong")] {
        let (status, _, answer) = validate(&url, "o-1", wrong).await;
        assert_eq!((status, &answer["error"]["code"]), (401, &json!("wrong_secret")));
    }
    functions.stop().await;
    deployed.stop().await;
}

#[tokio::test]
async fn deployed_login_signs_with_the_key_in_its_secret() {
    let deployed = Deployed::start().await;
    let (functions, _) = deployed.start_functions(deployed.function_environment()).await;
    let http = local_process::http_client().expect("an HTTP client");
    let request = http.post(format!("{}/login", functions.url()));
    let response = request.json(&json!({"username": "driver-7"})).send().await;
    let response = response.expect("the gateway answers");
    assert_eq!(response.status(), 200);
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(
        (&body["role"], &body["user_id"]),
        (&json!("driver"), &json!("driver-7"))
    );
    let jwks = http
        .get(format!("{}/.well-known/jwks.json", functions.url()))
        .send()
        .await;
    let jwks: Value = jwks.expect("the gateway answers").json().await.expect("JSON");
    assert_eq!(jwks["keys"].as_array().map(Vec::len), Some(1), "{jwks}");
    functions.stop().await;
    deployed.stop().await;
}
