//! The console, and what Hasura's console and CLI read about the server.

use super::client;
use crate::support::TestEngine;
use serde_json::{Value, json};
use std::fs;
use testkit::TestDatabase;
use tokio::process::Command;

async fn get(engine: &TestEngine, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut request = client.get(format!("{}{path}", engine.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn console_is_served_without_a_secret_and_its_api_is_not() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("assets")).unwrap();
    fs::write(directory.path().join("index.html"), "<title>Console</title>").unwrap();
    fs::write(directory.path().join("assets/main-1.js"), "script").unwrap();
    let database = TestDatabase::create("console").await;
    let path = directory.path().to_str().unwrap();
    let options = [
        "--enable-console",
        "--console-assets-dir",
        path,
        "--admin-secret",
        "s",
    ];
    let engine = TestEngine::start(&database, &options).await;
    let root = get(&engine, "/", &[]).await;
    assert_eq!(
        (root.status().as_u16(), &root.headers()["location"]),
        (303, &"/console".parse().unwrap())
    );
    assert_eq!(get(&engine, "/console/", &[]).await.status(), 303);
    for page in ["/console", "/console/data/public/orders"] {
        let response = get(&engine, page, &[]).await;
        assert_eq!(response.status(), 200, "{page}");
        assert!(
            response.headers().contains_key("content-security-policy"),
            "{page}"
        );
        assert_eq!(response.text().await.unwrap(), "<title>Console</title>", "{page}");
    }
    let script = get(&engine, "/console/assets/main-1.js", &[]).await;
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
    for missing in [
        "/console/assets/other.js",
        "/console/assets/..%2f..%2fetc%2fpasswd",
        "/console/assets/%2fetc%2fpasswd",
    ] {
        assert_eq!(get(&engine, missing, &[]).await.status(), 404, "{missing}");
    }
    assert_eq!(get(&engine, "/v1alpha1/status", &[]).await.status(), 401);
    let status = get(&engine, "/v1alpha1/status", &[("x-hasura-admin-secret", "s")]).await;
    let status: Value = status.json().await.unwrap();
    assert!(status["connections"]["open"].as_u64().unwrap() >= 1, "{status}");
    assert_eq!(status["pollers"], 0);
}

#[tokio::test]
async fn console_is_disabled_by_default() {
    let database = TestDatabase::create("console").await;
    let engine = TestEngine::start(&database, &[]).await;
    for path in ["/", "/console", "/console/assets/x.js"] {
        assert_eq!(get(&engine, path, &[]).await.status(), 404, "{path}");
    }
    let page = get(&engine, "/v1/graphql", &[("accept", "text/html,*/*;q=0.8")]).await;
    assert_eq!(page.status(), 405);
    let html = page.text().await.unwrap();
    assert!(html.contains("HASURA_GRAPHQL_ENABLE_CONSOLE"), "{html}");
    // A client that is not a browser gets the error of an API.
    let api = get(&engine, "/v1/graphql", &[("accept", "application/json")]).await;
    assert_eq!(api.status(), 404);
}

#[tokio::test]
async fn graphql_endpoint_links_to_the_console() {
    let directory = tempfile::tempdir().unwrap();
    let database = TestDatabase::create("console").await;
    let path = directory.path().to_str().unwrap();
    let options = ["--enable-console", "--console-assets-dir", path];
    let engine = TestEngine::start(&database, &options).await;
    let page = get(&engine, "/v1/graphql", &[("accept", "text/html")]).await;
    let html = page.text().await.unwrap();
    assert!(html.contains("href=\"/console/api\""), "{html}");
    // The directory is empty: the build of the console has not ended.
    assert_eq!(get(&engine, "/console", &[]).await.status(), 503);
}

#[tokio::test]
async fn console_that_is_not_included_is_refused_at_start() {
    let database = TestDatabase::create("console").await;
    for options in [
        &["--enable-console"][..],
        &["--enable-console", "--console-assets-dir", "/no/such/directory"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_engine"))
            .args(["--database-url", database.url(), "--server-port", "0"])
            .args(options)
            .output()
            .await
            .unwrap();
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            !output.status.success() && text.contains("CONSOLE_ASSETS_DIR"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn reported_version_is_that_of_hasura() {
    let database = TestDatabase::create("console").await;
    let engine = TestEngine::start(&database, &[]).await;
    let version: Value = get(&engine, "/v1/version", &[]).await.json().await.unwrap();
    let own = env!("CARGO_PKG_VERSION");
    assert_eq!(
        version,
        json!({
            "version": format!("v2.45.0+3factor.{own}"),
            "server_type": "3factor",
            "engine_version": own,
        })
    );
    let config: Value = get(&engine, "/v1alpha1/config", &[]).await.json().await.unwrap();
    assert_eq!(config["version"], version["version"]);
    assert_eq!(config["default_naming_convention"], "hasura-default");
    assert_eq!(config["is_prometheus_metrics_enabled"], false);
    assert_eq!(config["is_function_permissions_inferred"], true);
    drop(engine);
    let options = [
        "--reported-version",
        "v2.40.0",
        "--infer-function-permissions=false",
    ];
    let engine = TestEngine::start(&database, &options).await;
    let config: Value = get(&engine, "/v1alpha1/config", &[]).await.json().await.unwrap();
    assert_eq!(config["version"], "v2.40.0");
    assert_eq!(config["is_function_permissions_inferred"], false);
}

#[tokio::test]
async fn slow_requests_are_listed_with_their_operation() {
    let database = TestDatabase::create("console").await;
    let engine = TestEngine::start(&database, &[]).await;
    engine
        .sql(
            "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
              CREATE VIEW slow AS SELECT id, pg_sleep(0.4)::text AS slept FROM t",
        )
        .await;
    engine.command("track_table", json!("slow")).await;
    let request = client()
        .post(format!("{}/v1/graphql", engine.url))
        .json(&json!({"query": "query Slow { slow { id slept } }", "operationName": "Slow"}));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let status: Value = get(&engine, "/v1alpha1/status", &[]).await.json().await.unwrap();
    let slow = status["slow_requests"].as_array().unwrap();
    let found = slow
        .iter()
        .find(|request| request["operation"] == "Slow")
        .unwrap();
    assert_eq!(found["path"], "/v1/graphql");
    assert!(found["ms"].as_u64().unwrap() >= 400, "{found}");
}
