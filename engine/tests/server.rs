//! The HTTP edge: authentication, CORS, error shapes, limits, start and stop.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may fail where it stands"
)]

mod support;

use engine::server::Server;
use engine::server::config::Config;
use serde_json::{Value, json};
use std::io::Write as _;
use support::{Database, TestEngine};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn engine(options: &[&str]) -> (Database, TestEngine) {
    let database = Database::create("meta").await;
    let engine = TestEngine::start(&database, options).await;
    engine
        .sql("CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL); INSERT INTO author (name) VALUES ('a')")
        .await;
    engine.command("track_table", json!("author")).await;
    (database, engine)
}

fn client() -> reqwest::Client {
    reqwest::Client::new()
}

#[tokio::test]
async fn the_two_graphql_paths_differ_in_status_only() {
    let (_database, engine) = engine(&[]).await;
    let bad = json!({"query": "{ nothing { id } }"});
    let (status, v1) = engine.post("/v1/graphql", &[], &bad).await;
    assert_eq!(status, 200);
    let (status, v1alpha1) = engine.post("/v1alpha1/graphql", &[], &bad).await;
    assert_eq!(status, 400);
    assert_eq!(v1, v1alpha1);
    assert!(v1.get("data").is_none());
    assert_eq!(
        v1["errors"][0]["extensions"],
        json!({"path": "$.selectionSet.nothing", "code": "validation-failed"})
    );
}

#[tokio::test]
async fn batches_answer_in_order_with_errors_in_place() {
    let (_database, engine) = engine(&[]).await;
    let batch =
        json!([{"query": "{ author { name } }"}, {"query": "{ nothing }"}, {"query": "{ __typename }"}]);
    let (status, answer) = engine.post("/v1/graphql", &[], &batch).await;
    assert_eq!(status, 200);
    assert_eq!(answer[0], json!({"data": {"author": [{"name": "a"}]}}));
    assert_eq!(answer[1]["errors"][0]["extensions"]["code"], "validation-failed");
    assert_eq!(answer[2], json!({"data": {"__typename": "query_root"}}));
}

#[tokio::test]
async fn a_subscription_over_http_is_refused() {
    let (_database, engine) = engine(&[]).await;
    let answer = engine.graphql("subscription { author { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "unexpected-payload");
}

#[tokio::test]
async fn bodies_that_are_no_request_are_named() {
    let (_database, engine) = engine(&[]).await;
    let send = async |path: &str, body: &'static str| {
        let response = client()
            .post(format!("{}{path}", engine.url))
            .body(body)
            .send()
            .await
            .unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let (status, answer) = send("/v1/query", "{").await;
    assert_eq!(
        (status, &answer["code"], &answer["path"]),
        (400, &json!("invalid-json"), &json!("$"))
    );
    let (status, answer) = send("/v1alpha1/graphql", "nonsense").await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (400, &json!("invalid-json"))
    );
    let (status, answer) = send("/v1alpha1/graphql", "{}").await;
    assert_eq!(
        (status, &answer["errors"][0]["message"]),
        (400, &json!("key \"query\" not found"))
    );
    let (status, _) = send(
        "/v1alpha1/graphql",
        r#"{"query": "{ __typename }", "variables": 3}"#,
    )
    .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let (_database, engine) = engine(&[]).await;
    let (status, answer) = engine.post("/v1/nothing", &[], &json!({})).await;
    assert_eq!(status, 404);
    assert_eq!(
        answer,
        json!({"path": "$", "error": "resource does not exist", "code": "not-found"})
    );
    let response = client()
        .get(format!("{}/v1/query", engine.url))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(
        response.json::<Value>().await.unwrap()["code"],
        "method-not-allowed"
    );
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_a_content_type() {
    let (_database, engine) = engine(&[]).await;
    let url = format!("{}/v1/version", engine.url);
    let response = client()
        .get(&url)
        .header("x-request-id", "mine")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["x-request-id"], "mine");
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    assert!(response.json::<Value>().await.unwrap()["version"].is_string());
    let response = client().get(&url).send().await.unwrap();
    assert!(response.headers()["x-request-id"].len() > 30);
}

#[tokio::test]
async fn answers_are_compressed_when_asked() {
    let (_database, engine) = engine(&[]).await;
    engine
        .sql("INSERT INTO author (name) SELECT repeat('x', 100) FROM generate_series(1, 100)")
        .await;
    let send = async |accept: &str| {
        let request = client()
            .post(format!("{}/v1/graphql", engine.url))
            .header("accept-encoding", accept);
        request
            .json(&json!({"query": "{ author { name } }"}))
            .send()
            .await
            .unwrap()
    };
    let response = send("gzip").await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert!(response.bytes().await.unwrap().len() < 2000);
    assert!(send("identity").await.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn the_admin_secret_is_asked_for_everywhere() {
    let database = Database::create("meta").await;
    let engine = TestEngine::start(&database, &["--admin-secret", "s3cret"]).await;
    let query = json!({"query": "{ __typename }"});
    let export = json!({"type": "export_metadata", "args": {}});
    let right = [("x-hasura-admin-secret", "s3cret")];
    let (status, answer) = engine.post("/v1/query", &[], &export).await;
    assert_eq!((status, &answer["code"]), (401, &json!("access-denied")));
    assert_eq!(
        answer["error"],
        "x-hasura-admin-secret/x-hasura-access-key required, but not found"
    );
    let (status, answer) = engine
        .post("/v1/query", &[("x-hasura-admin-secret", "wrong")], &export)
        .await;
    assert_eq!(status, 401);
    assert_eq!(
        answer["error"],
        "invalid x-hasura-admin-secret/x-hasura-access-key"
    );
    assert_eq!(engine.post("/v1/query", &right, &export).await.0, 200);
    let (status, answer) = engine.post("/v1/graphql", &[], &query).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (200, &json!("access-denied"))
    );
    assert_eq!(engine.post("/v1alpha1/graphql", &[], &query).await.0, 401);
    assert_eq!(engine.post("/v1alpha1/graphql", &right, &query).await.0, 200);
    let config = format!("{}/v1alpha1/config", engine.url);
    assert_eq!(client().get(&config).send().await.unwrap().status(), 401);
    let answer: Value = client()
        .get(&config)
        .header(right[0].0, right[0].1)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["is_admin_secret_set"], true);
}

#[tokio::test]
async fn internal_is_for_admins() {
    let (_database, engine) = engine(&[]).await;
    let body = json!({"type": "run_sql", "args": {"sql": "nonsense"}});
    assert!(
        engine
            .post("/v1/query", &[], &body)
            .await
            .1
            .get("internal")
            .is_some()
    );
    let (_database, closed) = self::engine(&["--admin-internal-errors", "false"]).await;
    assert!(
        closed
            .post("/v1/query", &[], &body)
            .await
            .1
            .get("internal")
            .is_none()
    );
}

#[tokio::test]
async fn cors_follows_its_option() {
    let (_database, engine) = engine(&["--cors-domain", "https://app.example.com"]).await;
    let preflight = async |origin: &str| {
        client()
            .request(reqwest::Method::OPTIONS, format!("{}/v1/graphql", engine.url))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type,x-hasura-role")
            .send()
            .await
            .unwrap()
    };
    let allowed = preflight("https://app.example.com").await;
    assert_eq!(allowed.status(), 204);
    assert_eq!(
        allowed.headers()["access-control-allow-origin"],
        "https://app.example.com"
    );
    assert_eq!(
        allowed.headers()["access-control-allow-headers"],
        "content-type,x-hasura-role"
    );
    let other = preflight("https://evil.example.net").await;
    assert!(other.headers().get("access-control-allow-origin").is_none());
    let answer = client()
        .get(format!("{}/v1/version", engine.url))
        .header("origin", "https://app.example.com");
    assert!(
        answer
            .send()
            .await
            .unwrap()
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn groups_of_endpoints_can_be_switched_off() {
    let database = Database::create("meta").await;
    let engine = TestEngine::start(&database, &["--enabled-apis", "graphql"]).await;
    assert_eq!(engine.post("/v1/query", &[], &json!({})).await.0, 404);
    assert_eq!(
        engine
            .post("/v1/graphql", &[], &json!({"query": "{ __typename }"}))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn large_bodies_and_deep_documents_are_refused() {
    let (_database, engine) = engine(&[
        "--max-body-bytes",
        "2000",
        "--max-query-bytes",
        "500",
        "--max-depth",
        "2",
    ])
    .await;
    let (status, answer) = engine
        .post("/v1/query", &[], &json!({"type": "x".repeat(3000)}))
        .await;
    assert_eq!(status, 413);
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("HASURA_GRAPHQL_MAX_BODY_BYTES"),
        "{answer}"
    );
    let query = format!("{{ __typename {} }}", " ".repeat(600));
    let answer = engine.graphql(&query, json!({})).await;
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("HASURA_GRAPHQL_MAX_QUERY_BYTES"),
        "{answer}"
    );
    let answer = engine
        .graphql("{ author_aggregate { nodes { id } } }", json!({}))
        .await;
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("HASURA_GRAPHQL_MAX_DEPTH"), "{answer}");
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_cancelled() {
    let (_database, engine) = engine(&["--operation-timeout", "1"]).await;
    engine
        .sql("CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(30)")
        .await;
    engine.command("track_table", json!("slow")).await;
    let answer = engine.graphql("{ slow { id } }", json!({})).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "time-limit-exceeded",
        "{answer}"
    );
    // What an admin runs is not bounded by it.
    assert_eq!(
        engine.sql("SELECT 1 FROM pg_sleep(1.5)").await["result_type"],
        "TuplesOk"
    );
}

#[tokio::test]
async fn health_warns_and_fails() {
    let (_database, engine) = engine(&[]).await;
    let health = async || {
        let response = reqwest::get(format!("{}/healthz", engine.url)).await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(health().await, (200, "OK".to_owned()));
    let broken = json!({"allow_inconsistent_metadata": true, "metadata": {"tables": [{"table": "nothing"}]}});
    engine.command("replace_metadata", broken).await;
    assert_eq!(
        health().await,
        (200, "WARN: inconsistent objects in schema".to_owned())
    );
}

/// A proxy that can be told to hang up: the database is away for the engine, and for nobody else.
struct Wire {
    address: std::net::SocketAddr,
    cut: tokio::sync::watch::Sender<bool>,
}

impl Wire {
    async fn to(target: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, watch) = tokio::sync::watch::channel(false);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (target, mut watch) = (target.clone(), watch.clone());
                tokio::spawn(async move {
                    if *watch.borrow_and_update() {
                        return;
                    }
                    let mut far = tokio::net::TcpStream::connect(target).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = watch.wait_for(|cut| *cut) => {}
                    }
                });
            }
        });
        Self { address, cut }
    }
}

#[tokio::test]
async fn while_the_database_is_away_clients_are_told_to_come_back() {
    let database = Database::create("meta").await;
    let url: reqwest::Url = database.url.parse().unwrap();
    let (host, port) = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5432));
    let wire = Wire::to(format!("{host}:{port}")).await;
    let through = database
        .url
        .replace(&format!("{host}:{port}"), &wire.address.to_string());
    let engine = TestEngine::start_on(&through, &[]).await;
    engine.sql("CREATE TABLE author (id int)").await;
    engine.command("track_table", json!("author")).await;
    wire.cut.send(true).unwrap();
    for path in ["/v1/graphql", "/v1alpha1/graphql", "/v1/query"] {
        let body = if path == "/v1/query" {
            json!({"type": "run_sql", "args": {"sql": "SELECT 1"}})
        } else {
            json!({"query": "{ author { id } }"})
        };
        let response = client()
            .post(format!("{}{path}", engine.url))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 503, "{path}");
        assert!(response.headers().contains_key("retry-after"), "{path}");
        let text = response.text().await.unwrap();
        assert!(!text.contains("SELECT"), "{text}");
    }
    let health = reqwest::get(format!("{}/healthz", engine.url)).await.unwrap();
    assert_eq!(health.status(), 500);
    wire.cut.send(false).unwrap();
    support::eventually("the engine serves again", async || {
        let answer = engine.graphql("{ author { id } }", json!({})).await;
        (answer == json!({"data": {"author": []}})).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_start_without_a_database_waits_and_then_says_why_not() {
    let config = Config::from_arguments(
        [
            "engine",
            "--database-url",
            "postgres://u:hunter2@127.0.0.1:9/x",
            "--server-port",
            "0",
            "--database-wait",
            "1",
        ]
        .map(ToOwned::to_owned),
    )
    .unwrap();
    let error = Server::start(config)
        .await
        .err()
        .expect("there is no database")
        .to_string();
    assert!(error.contains("HASURA_GRAPHQL_DATABASE_WAIT"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_database_that_refuses_us_is_not_waited_for() {
    let database = Database::create("meta").await;
    let config = Config::from_arguments(
        [
            "engine",
            "--database-url",
            &format!("{}_nothing", database.url),
            "--server-port",
            "0",
        ]
        .map(ToOwned::to_owned),
    )
    .unwrap();
    let error = Server::start(config)
        .await
        .err()
        .expect("there is no such database")
        .to_string();
    assert!(error.contains("does not exist"), "{error}");
}

#[tokio::test]
async fn a_taken_port_is_named_before_anything_is_done() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let config = Config::from_arguments(
        [
            "engine",
            "--database-url",
            "postgres://127.0.0.1:9/x",
            "--server-host",
            "127.0.0.1",
            "--server-port",
            &port,
        ]
        .map(ToOwned::to_owned),
    )
    .unwrap();
    let error = Server::start(config)
        .await
        .err()
        .expect("the port is taken")
        .to_string();
    assert!(error.contains("HASURA_GRAPHQL_SERVER_PORT"), "{error}");
}

#[tokio::test]
async fn a_stop_lets_requests_finish() {
    let (_database, engine) = engine(&[]).await;
    let url = format!("{}/v1/query", engine.url);
    let body = json!({"type": "run_sql", "args": {"sql": "SELECT 'done' FROM pg_sleep(0.5)"}});
    let request = tokio::spawn(async move { client().post(url).json(&body).send().await.unwrap().status() });
    let watcher = engine.engine.pool.clone();
    support::eventually("the request runs", async || {
        (watcher.status().available < watcher.status().size).then_some(())
    })
    .await;
    engine.stop().await;
    assert_eq!(request.await.unwrap(), 200);
}

#[tokio::test]
async fn a_half_request_harms_nobody() {
    let (_database, engine) = engine(&[]).await;
    let address = engine.url.trim_start_matches("http://").to_owned();
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    let mut head = Vec::new();
    write!(
        head,
        "POST /v1alpha1/graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{\"query\""
    )
    .unwrap();
    socket.write_all(&head).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    assert_eq!(
        engine.graphql("{ __typename }", json!({})).await,
        json!({"data": {"__typename": "query_root"}})
    );
}

#[tokio::test]
async fn explain_shows_the_sql_and_its_plan() {
    let (_database, engine) = engine(&[]).await;
    let explain = async |query: &str, headers: &[(&str, &str)]| {
        let body = json!({"query": {"query": query}});
        engine.post("/v1/graphql/explain", headers, &body).await
    };
    let (status, answer) = explain("{ a: author(where: {id: {_eq: 7}}) { id } __typename }", &[]).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer[0]["field"], "a");
    let sql = answer[0]["sql"].as_str().unwrap();
    assert!(
        sql.contains("\"public\".\"author\"") && !sql.contains('7'),
        "{sql}"
    );
    assert!(
        answer[0]["plan"].as_array().is_some_and(|lines| lines.len() > 1),
        "{answer}"
    );
    assert_eq!(
        answer[1],
        json!({"field": "__typename", "sql": null, "plan": null})
    );
    let (status, answer) = explain("subscription { author { id } }", &[]).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["sql"].is_string() && answer["plan"].is_array(), "{answer}");
    let (status, answer) = explain("mutation { delete_author(where: {}) { affected_rows } }", &[]).await;
    assert_eq!(
        (status, answer["code"].as_str()),
        (400, Some("not-supported")),
        "{answer}"
    );
    let (status, answer) = explain("{ author { id } }", &[("X-Hasura-Role", "user")]).await;
    assert_eq!(
        (status, answer["code"].as_str()),
        (400, Some("access-denied")),
        "{answer}"
    );
}

#[tokio::test]
async fn requests_share_their_connections() {
    let (database, engine) = engine(&["--pg-connections", "2"]).await;
    engine
        .sql("CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(0.1)")
        .await;
    engine.command("track_table", json!("slow")).await;
    let asking = (0..12).map(|_| engine.graphql("{ slow { id } }", json!({})));
    let client = database.client().await;
    let busy =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%\"slow\"%'
                AND pid <> pg_backend_pid()";
    let mut most = 0;
    let watch = async {
        loop {
            let now: i64 = client.query_one(busy, &[]).await.unwrap().get(0);
            most = most.max(now);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let answers = tokio::select! {
        answers = futures_util::future::join_all(asking) => answers,
        () = watch => unreachable!("it never ends"),
    };
    for answer in answers {
        assert_eq!(answer, json!({"data": {"slow": [{"id": 1}]}}));
    }
    assert_eq!(most, 2);
}
