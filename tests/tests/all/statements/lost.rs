//! Prepared statements that are lost, or no longer fit: each step still has its effect, once.

use futures_util::future::join_all;
use shared::{
    card::Card,
    database::{Database, statement::Statement},
    gateway::SimulatedGateway,
    order::{OrderId, Outcome},
    steps::payment::{self, PaymentRequest},
};
use testkit::eventually;
use tests::{
    database::TestDatabase,
    orders::{VALIDATED, ask, place_as},
    pooler::{Names, TestPooler, config},
};
use tokio_postgres::{Client, types::Type};

use super::{FUNCTION, own_name, prepared, validate};

/// Each new version of the pool is probed: the same function uses prepared statements through one, and none through the next.
#[tokio::test]
async fn replaced_pooler_is_probed_again() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let Some(mut pooler) = TestPooler::start(Names::Tracked, &database, 1).await else {
        return;
    };
    let pool = pooler.pool(FUNCTION, 2);
    for (number, (names, expected)) in [
        (Names::Tracked, true),
        (Names::Forwarded, false),
        (Names::Tracked, true),
    ]
    .into_iter()
    .enumerate()
    {
        pooler.replace(names).await;
        validate(&mut client, &pool, &format!("o-{number}")).await;
        validate(&mut client, &pool, &format!("o-{number}-again")).await;
        let held = pooler.hold_all(FUNCTION).await;
        let found = prepared(&held).await;
        assert_eq!(found.iter().any(|names| !names.is_empty()), expected, "{found:?}");
        for connection in held {
            connection.release().await;
        }
    }
    pooler.stop().await;
}

/// As after a restart of Postgres: the pooler has to connect again, and its clients keep their connections.
#[tokio::test]
async fn statements_are_prepared_again_on_new_server_connections() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let Some(pooler) = TestPooler::start(Names::Tracked, &database, 2).await else {
        return;
    };
    let pool = pooler.pool(FUNCTION, 4);
    for round in 0..3 {
        for number in 0..4 {
            validate(&mut client, &pool, &format!("o-{round}-{number}")).await;
        }
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND usename = 'fn_validate'";
        assert_ne!(ask(&client, sql).await.as_deref(), Some("0"));
        let sql = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND usename = 'fn_validate'";
        eventually("the server connections end", async || {
            (ask(&client, sql).await.as_deref() == Some("0")).then_some(())
        })
        .await;
    }
    validate(&mut client, &pool, "o-last").await;
    let held = pooler.hold_all(FUNCTION).await;
    let found = prepared(&held).await;
    assert!(
        found.iter().any(|names| names.starts_with("PGBOUNCER_")),
        "{found:?}"
    );
    pooler.stop().await;
}

/// Makes each write to the table drop the prepared statements of its connection.
async fn forget_statements_after_writes(client: &Client, table: &str) {
    client
        .batch_execute(&format!(
            "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN EXECUTE 'DEALLOCATE ALL'; RETURN NULL; END $$; \
             CREATE TRIGGER forget AFTER INSERT OR UPDATE ON {table} EXECUTE FUNCTION forget()"
        ))
        .await
        .expect("the trigger is created");
}

async fn deallocated_statement_runs_once(pool: &Database, client: &mut Client) {
    forget_statements_after_writes(client, "orders").await;
    for number in 0..4 {
        validate(client, pool, &format!("o-{number}")).await;
    }
}

#[tokio::test]
async fn deallocated_statement_runs_once_on_a_direct_connection() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let pool = Database::new(&config(&database.direct_url_as(FUNCTION), 1));
    assert!(own_name(&pool).await.is_some());
    deallocated_statement_runs_once(&pool, &mut client).await;
    // This connection sends text from then on.
    assert_eq!(own_name(&pool).await, None);
}

#[tokio::test]
async fn deallocated_statement_runs_once_through_a_pooler() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let Some(pooler) = TestPooler::start(Names::Tracked, &database, 1).await else {
        return;
    };
    deallocated_statement_runs_once(&pooler.pool(FUNCTION, 1), &mut client).await;
    pooler.stop().await;
}

/// The claim of a payment acquires a lock first, in the same transaction.
#[tokio::test]
async fn deallocated_claim_charges_once() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let pool = Database::new(&config(&database.direct_url_as("payment"), 2));
    forget_statements_after_writes(&client, "payments").await;
    let gateway = SimulatedGateway::new(pool.clone());
    let ids = ["o-0", "o-1", "o-2", "o-3"];
    for id in ids {
        place_as(&mut client, id, VALIDATED).await;
    }
    // Two connections, so that each loses statements of its own and of others' transactions.
    let paid = join_all(ids.map(|id| {
        let request = PaymentRequest {
            order_id: OrderId::parse(id).expect("a good id"),
            amount: Some(500),
            kind: "credit_card".to_owned(),
            card: Card::parse("A. Customer", "1234 1234 1234 1234", "111").expect("a good card"),
        };
        let (pool, gateway) = (&pool, &gateway);
        async move { payment::run(pool, gateway, None, &request).await }
    }))
    .await;
    for response in paid {
        assert_eq!(response.expect("paid").outcome, Outcome::Paid);
    }
    let counts = "SELECT concat_ws(' ', (SELECT count(*) FROM payments WHERE status = 'succeeded'), \
                  (SELECT count(*) FROM payments), (SELECT count(*) FROM simulated_gateway_charges), \
                  (SELECT count(*) FROM order_history WHERE outcome = 'paid'))";
    assert_eq!(ask(&client, counts).await.as_deref(), Some("4 4 4 4"));
}

const TYPED: Statement = Statement {
    lock: None,
    sql: "SELECT value FROM typed WHERE value = $1",
};

/// Postgres refuses a prepared statement whose result has other types than when it was prepared.
#[tokio::test]
async fn statement_with_a_changed_result_type_runs_as_text() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute("CREATE TABLE typed (value text); INSERT INTO typed VALUES ('one'); GRANT SELECT ON typed TO PUBLIC")
        .await
        .expect("the table is created");
    let pool = Database::new(&config(&database.direct_url_as(FUNCTION), 1));
    for kind in ["text", "varchar", "name"] {
        let sql = format!("ALTER TABLE typed ALTER COLUMN value TYPE {kind}");
        client.batch_execute(&sql).await.expect("the type is changed");
        let row = pool.row(&TYPED, &[(&"one", Type::TEXT)]).await.expect(kind);
        assert_eq!(row.map(|row| row.get(0)), Some("one".to_owned()));
    }
    assert_eq!(own_name(&pool).await, None);
}

/// Another program has left statements with the driver's names on the server connection.
#[tokio::test]
async fn names_that_are_taken_are_not_used() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let pooler = TestPooler::start(Names::Forwarded, &database, 1)
        .await
        .expect("a pooler");
    let held = pooler.hold_all(FUNCTION).await;
    for connection in held {
        let taken: Vec<String> = (0..500)
            .map(|number| format!("PREPARE s{number} AS SELECT 'another'"))
            .collect();
        connection
            .client
            .batch_execute(&taken.join("; "))
            .await
            .expect("prepared");
        connection.release().await;
    }
    let pool = pooler.pool(FUNCTION, 1);
    validate(&mut client, &pool, "o-0").await;
    validate(&mut client, &pool, "o-1").await;
    let held = pooler.hold_all(FUNCTION).await;
    let left = ask(&held[0].client, "SELECT count(*) FROM pg_prepared_statements").await;
    assert_eq!(left.as_deref(), Some("500"));
    pooler.stop().await;
}
