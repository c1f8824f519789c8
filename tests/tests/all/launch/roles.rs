//! The deployed apps for a customer, a restaurant, a driver and a manager: in Chromium, and the same steps over GraphQL.

use std::process::Stdio;

use local_process::dirs;
use local_stack::engine::Engine;
use local_tools::{node::Node, programs};
use serde_json::{Value, json};
use testkit::eventually;

use super::cloud::Cloud;
use super::pages;

/// Runs `apps/browser-tests/deployed/roles.test.ts` with the apps in their buckets. Users sign in on the page of
/// the identity provider.
pub(super) async fn work_in_a_browser(cloud: &Cloud, engine: &Engine) {
    let policy = cloud.page_policy(engine).await;
    let mut apps = Vec::new();
    for bucket in ["OrderAppBucket", "AnalyticsAppBucket"] {
        let bucket = cloud.bucket_url(bucket).await;
        let origin = pages::serve(bucket, policy.clone(), cloud.http.clone()).await;
        cloud.issuer.register(&format!("{origin}/"));
        apps.push(origin);
    }
    let dir = tempfile::tempdir().expect("a directory");
    let secret = dir.path().join("admin-secret");
    std::fs::write(&secret, cloud.secret("AdminSecretArn").await).expect("the secret is written");
    let addresses = dir.path().join("addresses.json");
    let content = json!({
        "engine": engine.url(),
        "functions": cloud.api().await,
        "order_app": apps[0],
        "analytics_app": apps[1],
        "admin_secret_file": secret,
    });
    std::fs::write(&addresses, content.to_string()).expect("the addresses are written");

    let chromium = tokio::task::spawn_blocking(programs::chromium)
        .await
        .expect("Chromium is found or installed")
        .expect("Chromium");
    let node = Node::find().expect("Node.js");
    let output = tokio::process::Command::from(node.command())
        .args(["--test", "--test-isolation=none", "--test-reporter=spec"])
        .arg("--test-timeout=120000")
        .arg("browser-tests/deployed/roles.test.ts")
        .current_dir(dirs::root().join("apps"))
        .env("STACK", &addresses)
        .env("SIGN_IN", "provider")
        .env("CHROMIUM", chromium)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("node");
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(
        output.status.success(),
        "browser tests failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The login function issues the tokens, and the API's authorizer and the engine verify them.
pub(super) async fn work_with_the_login_function(cloud: &Cloud, engine: &Engine, api: &str) {
    let login = cloud.api_of("LoginUrl").await;
    let token = async |name: &str| {
        let (status, answer, _) = cloud
            .post(&format!("{login}/login"), &json!({"username": name}), None)
            .await;
        assert_eq!(status, 200, "{name}: {answer}");
        answer["token"].as_str().expect("a token").to_owned()
    };
    let alice = token("alice").await;
    let place = "mutation { insert_orders_one(object: {order_id: \"o-roles\", address: \"1 Main St\", restaurant_id: 2, \
                 items: {data: [{item: \"pizza\", quantity: 1}]}}) { order_id user_id } }";
    let placed = graphql(cloud, engine, &alice, place).await;
    assert_eq!(
        placed["data"]["insert_orders_one"]["user_id"], "alice",
        "{placed}"
    );
    super::until(cloud, "o-roles", "validated").await;

    let paid = cloud.pay_with(api, "o-roles", &token("mallory").await).await;
    assert_eq!(paid.0, 404, "another customer: {paid:?}");
    let paid = cloud.pay_with(api, "o-roles", &alice).await;
    assert_eq!((paid.0, &paid.1["outcome"]), (200, &json!("paid")), "{paid:?}");
    super::until(cloud, "o-roles", "paid").await;

    let approve = "mutation { update_orders_to_approve(where: {order_id: {_eq: \"o-roles\"}}, _set: {approved: true}) \
                   { affected_rows } }";
    for (name, rows) in [("restaurant-1", 0), ("restaurant-2", 1)] {
        let approved = graphql(cloud, engine, &token(name).await, approve).await;
        let affected = &approved["data"]["update_orders_to_approve"]["affected_rows"];
        assert_eq!(affected, rows, "{name}: {approved}");
    }
    super::until(cloud, "o-roles", "assigned").await;
    let driver = eventually("a driver is assigned", async || {
        let sql = "SELECT driver_id FROM assignment WHERE order_id = 'o-roles'";
        let row = cloud.database.query_opt(sql, &[]).await.ok()??;
        Some(row.get::<_, i32>(0))
    })
    .await;
    let other = if driver == 1 { 2 } else { 1 };
    for (view, column) in [
        ("orders_to_pick_up", "food_picked"),
        ("orders_to_deliver", "delivered"),
    ] {
        let step = format!(
            "mutation {{ update_{view}(where: {{order_id: {{_eq: \"o-roles\"}}}}, _set: {{{column}: true}}) {{ affected_rows }} }}"
        );
        for (driver, rows) in [(other, 0), (driver, 1)] {
            let done = graphql(cloud, engine, &token(&format!("driver-{driver}")).await, &step).await;
            let affected = &done["data"][format!("update_{view}")]["affected_rows"];
            assert_eq!(affected, rows, "driver-{driver}: {done}");
        }
    }
    super::until(cloud, "o-roles", "delivered").await;

    let orders = "{ orders(where: {order_id: {_eq: \"o-roles\"}}) { status } }";
    for (name, count) in [("alice", 1), ("mallory", 0), ("manager", 1)] {
        let seen = graphql(cloud, engine, &token(name).await, orders).await;
        let seen = seen["data"]["orders"].as_array().map(Vec::len);
        assert_eq!(seen, Some(count), "{name}");
    }
}

async fn graphql(cloud: &Cloud, engine: &Engine, token: &str, query: &str) -> Value {
    let request = cloud
        .http
        .post(format!("{}/v1/graphql", engine.url()))
        .bearer_auth(token)
        .json(&json!({"query": query}));
    let answer = request.send().await.expect("the engine answers");
    answer.json().await.expect("JSON")
}
