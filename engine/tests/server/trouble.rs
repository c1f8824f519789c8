//! Trouble: limits, time-outs, a database that is away, start and stop.

use super::{client, engine};
use crate::support::{Database, TestEngine, eventually};
use engine::server::Server;
use engine::server::config::Config;
use serde_json::json;
use std::io::Write as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
    eventually("the engine serves again", async || {
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
    eventually("the request runs", async || {
        (watcher.status().available < watcher.status().size).then_some(())
    })
    .await;
    engine.stop().await;
    assert_eq!(request.await.unwrap(), 200);
}

/// A client that holds what the tests' SQL waits for.
async fn holding_the_lock(database: &Database) -> tokio_postgres::Client {
    let client = database.client().await;
    client.batch_execute("SELECT pg_advisory_lock(42)").await.unwrap();
    client
}

/// Drops the request when its SQL waits for the lock, and then lets go of that.
async fn hang_up_while_it_waits<T>(request: tokio::task::JoinHandle<T>, holder: &tokio_postgres::Client) {
    eventually("the SQL waits", async || {
        let waiting =
            "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
        holder.query_opt(waiting, &[]).await.unwrap()
    })
    .await;
    request.abort();
    assert!(request.await.is_err(), "it had no answer yet");
    holder
        .batch_execute("SELECT pg_advisory_unlock(42)")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_command_whose_client_hangs_up_is_done_all_the_same_and_spoils_nothing() {
    let (database, engine) = engine(&["--pg-connections", "1"]).await;
    let url = format!("{}/v1/query", engine.url);
    let sql = "CREATE TABLE abandoned (id int); COMMIT; SET default_transaction_read_only = on; SET ROLE pg_monitor; COMMIT;
               SELECT FROM pg_advisory_xact_lock(42)";
    let body = json!({"type": "run_sql", "args": {"sql": sql}});
    let watcher = holding_the_lock(&database).await;
    let request = tokio::spawn(async move { client().post(url).json(&body).send().await });
    hang_up_while_it_waits(request, &watcher).await;
    // The one connection comes back when it is clean.
    engine
        .graphql(
            "mutation { insert_author_one(object: {name: \"b\"}) { id } }",
            json!({}),
        )
        .await["data"]["insert_author_one"]["id"]
        .as_i64()
        .expect("a row");
    engine.sql("SELECT id FROM abandoned").await;
}

#[tokio::test]
async fn a_mutation_whose_client_hangs_up_is_done_all_the_same() {
    let (database, engine) = engine(&[]).await;
    engine
        .sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN new; END $$;
             CREATE TRIGGER slow BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION slow()",
        )
        .await;
    let url = format!("{}/v1/graphql", engine.url);
    let watcher = holding_the_lock(&database).await;
    let body = json!({"query": "mutation { insert_author_one(object: {name: \"left\"}) { id } }"});
    let request = tokio::spawn(async move { client().post(url).json(&body).send().await });
    hang_up_while_it_waits(request, &watcher).await;
    eventually("the row is there", async || {
        let row = "SELECT 1 FROM author WHERE name = 'left'";
        watcher.query_opt(row, &[]).await.unwrap()
    })
    .await;
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
