//! A slow or abandoned operation does not hold a connection.

use crate::World;
use crate::support::eventually;
use serde_json::json;
use std::time::{Duration, Instant};

const SLOW: &str = "{ slow { n } }";

async fn slow_world() -> World {
    let world = World::with(&["--operation-timeout", "1", "--pg-connections", "1"]).await;
    world
        .engine
        .sql("CREATE VIEW slow AS SELECT 1 AS n FROM pg_sleep(60)")
        .await;
    world.engine.command("track_table", json!("slow")).await;
    world
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_stopped() {
    let world = slow_world().await;
    let began = Instant::now();
    let (code, _, message) = world.error(SLOW, json!({})).await;
    assert!(began.elapsed() < Duration::from_secs(20), "it was stopped");
    assert_eq!(code, "time-limit-exceeded", "{message}");
    let mutation = "mutation { insert_author_one(object: {name: \"x\"}) { id } }";
    world.engine.sql("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN new; END $$;
        CREATE TRIGGER wait BEFORE INSERT ON author FOR EACH ROW EXECUTE FUNCTION wait()").await;
    assert_eq!(world.error(mutation, json!({})).await.0, "time-limit-exceeded");
    assert_eq!(world.column("SELECT count(*) FROM author").await, ["3"]);
}

#[tokio::test]
async fn an_operation_whose_client_went_away_is_stopped() {
    let world = World::with(&["--pg-connections", "2"]).await;
    world
        .engine
        .sql("CREATE VIEW slow AS SELECT 1 AS n FROM pg_sleep(60)")
        .await;
    world.engine.command("track_table", json!("slow")).await;
    let gone = tokio::time::timeout(Duration::from_millis(300), world.engine.graphql(SLOW, json!({}))).await;
    assert!(gone.is_err(), "the client gave up");
    let client = world.database.client().await;
    let running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%\"slow\"%' AND state = 'active' AND pid <> pg_backend_pid()";
    eventually("the query is stopped", || async {
        let count: i64 = client.query_one(running, &[]).await.unwrap().get(0);
        (count == 0).then_some(())
    })
    .await;
}
