//! `/healthz`: a connection of its own.

use super::engine;
use crate::support::{LOCKED, TestEngine, hold_lock, release_lock, until_waiting};
use serde_json::json;
use testkit::proxy::{Proxy, address_of};
use testkit::{EngineClient, TestDatabase, eventually};

async fn health(engine: &EngineClient) -> (u16, String) {
    let request = engine.http.get(format!("{}/healthz", engine.url));
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn health_does_not_wait_for_requests() {
    let (database, engine) = engine(&["--pg-connections", "2"]).await;
    engine
        .sql(&format!("CREATE VIEW slow AS SELECT 1 AS id FROM {LOCKED}"))
        .await;
    engine.command("track_table", json!("slow")).await;
    let holder = hold_lock(&database).await;
    let slow = futures_util::future::join_all((0..10).map(|_| engine.graphql("{ slow { id } }", json!({}))));
    let check = async {
        until_waiting(&holder, 2).await;
        eventually("the other requests wait for a connection", async || {
            (engine.engine.pool.status().waiting == 8).then_some(())
        })
        .await;
        assert_eq!(health(&engine).await, (200, "OK".to_owned()));
        // The requests still wait: the check has not used their connections.
        assert_eq!(engine.engine.pool.status().waiting, 8);
        release_lock(&holder).await;
    };
    tokio::join!(slow, check);
}

#[tokio::test]
async fn concurrent_health_checks_use_one_connection() {
    const SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query = 'SELECT 1'";
    let (database, engine) = engine(&[]).await;
    let admin = database.connect().await;
    let checks = futures_util::future::join_all((0..200).map(|_| health(&engine)));
    assert!(checks.await.into_iter().all(|(status, _)| status == 200));
    let sessions: i64 = admin.query_one(SESSIONS, &[]).await.unwrap().get(0);
    assert_eq!(sessions, 1);
}

#[tokio::test]
async fn health_follows_the_database() {
    let database = TestDatabase::create("meta").await;
    let proxy = Proxy::before(address_of(database.url())).await;
    let engine = TestEngine::start_on(&proxy.url(database.url()), &[]).await;
    assert_eq!(health(&engine).await.0, 200);
    for _ in 0..2 {
        proxy.go_away();
        eventually("the loss is reported", async || {
            (health(&engine).await == (500, "ERROR".to_owned())).then_some(())
        })
        .await;
        proxy.come_back();
        eventually("the database is reachable again", async || {
            (health(&engine).await == (200, "OK".to_owned())).then_some(())
        })
        .await;
    }
}
