//! How the functions' statements reach Postgres: prepared through a pooler that keeps track of them and without a pooler, unnamed
//! otherwise; and what happens when prepared statements are lost or a call ends within its transaction.

mod dropped;
mod life_cycle;
mod lost;

use shared::{
    database::{Database, statement::Statement},
    order::{Delivery, OrderId, Outcome},
    steps::validate_order,
};
use testkit::{StatementLog, proxy::address_of};
use tests::{
    database::TestDatabase,
    orders::{NewOrder, ask, history, place},
    pooler::{HeldConnection, Names, TestPooler, config},
};
use tokio_postgres::{Client, types::Type};

const FUNCTION: &str = "validate-order";

/// Names of the prepared statements of a server connection, with the number of their executions, if their text is that of
/// validate-order.
const PREPARED: &str = "SELECT coalesce(string_agg(name || ' ' || generic_plans + custom_plans, ', '), '') \
                        FROM pg_prepared_statements WHERE statement LIKE '-- validate-order:%'";

/// Places an order and validates it.
async fn validate(client: &mut Client, pool: &Database, id: &str) {
    let order = NewOrder {
        id,
        ..NewOrder::default()
    };
    place(client, &order).await;
    let order = OrderId::parse(id).expect("a good id");
    let response = validate_order::run(pool, &order, &Delivery::default()).await;
    assert_eq!(response.expect("validated").outcome, Outcome::Validated, "{id}");
    assert_eq!(history(client, id).await, ["validate-order validated"]);
}

/// The names of the connections' prepared statements, see [`PREPARED`].
async fn prepared(held: &[HeldConnection]) -> Vec<String> {
    let mut names = Vec::new();
    for connection in held {
        names.push(ask(&connection.client, PREPARED).await.expect("a text"));
    }
    names
}

/// Runs the statement on each of two server connections, three times; returns the names there.
async fn run_on_both_connections(names: Names) -> Option<Vec<String>> {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let pooler = TestPooler::start(names, &database, 2).await?;
    let pool = pooler.pool(FUNCTION, 1);
    for round in 0..3 {
        for number in 0..2 {
            let mut held = pooler.hold_all(FUNCTION).await;
            held.sort_by(|one, other| one.process_id.cmp(&other.process_id));
            // The only connection that is free.
            held.swap_remove(number).release().await;
            validate(&mut client, &pool, &format!("o-{round}-{number}")).await;
            for connection in held {
                connection.release().await;
            }
        }
    }
    let held = pooler.hold_all(FUNCTION).await;
    let found = prepared(&held).await;
    pooler.stop().await;
    Some(found)
}

/// Without such a pooler, all tests with it are skipped.
#[test]
fn tracking_pooler_is_available() {
    if let Some((program, limit)) = Names::Tracked.program() {
        assert!(limit > 0 && program.is_file(), "{}", program.display());
    }
}

#[tokio::test]
async fn tracked_statement_is_prepared_once_on_each_server_connection() {
    let Some(found) = run_on_both_connections(Names::Tracked).await else {
        return;
    };
    assert_eq!(found.len(), 2);
    for name in &found {
        // Three executions; the limit of the pooler is not reached, so that none of them prepared it again.
        assert!(
            name.starts_with("PGBOUNCER_") && name.ends_with(" 3"),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn forwarding_pooler_receives_no_names() {
    let found = run_on_both_connections(Names::Forwarded).await;
    assert_eq!(found.expect("a pooler"), ["", ""]);
}

/// Each process has its own connection to the pooler; they share the plans of its server connections.
#[tokio::test]
async fn processes_share_the_plans_of_a_tracking_pooler() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let Some(pooler) = TestPooler::start(Names::Tracked, &database, 1).await else {
        return;
    };
    for number in 0..5 {
        validate(&mut client, &pooler.pool(FUNCTION, 1), &format!("o-{number}")).await;
    }
    let held = pooler.hold_all(FUNCTION).await;
    let found = prepared(&held).await;
    assert!(
        found.len() == 1 && found[0].starts_with("PGBOUNCER_") && found[0].ends_with(" 5"),
        "{found:?}"
    );
    pooler.stop().await;
}

#[tokio::test]
async fn probe_leaves_nothing_on_a_forwarding_pooler() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let pooler = TestPooler::start(Names::Forwarded, &database, 1)
        .await
        .expect("a pooler");
    for number in 0..3 {
        validate(&mut client, &pooler.pool(FUNCTION, 1), &format!("o-{number}")).await;
    }
    let held = pooler.hold_all(FUNCTION).await;
    let left = ask(&held[0].client, "SELECT count(*) FROM pg_prepared_statements").await;
    assert_eq!(left.as_deref(), Some("0"));
    pooler.stop().await;
}

/// Name of this statement itself on its connection; no row if it is not prepared.
const OWN_NAME: Statement = Statement {
    lock: None,
    sql: "SELECT name FROM pg_prepared_statements WHERE statement LIKE $1 || '%'",
};

async fn own_name(pool: &Database) -> Option<String> {
    let row = pool.row(&OWN_NAME, &[(&"SELECT name FROM", Type::TEXT)]).await;
    row.expect("the statement runs").map(|row| row.get(0))
}

#[tokio::test]
async fn direct_connection_prepares_unless_that_is_off() {
    let database = TestDatabase::new().await;
    let mut config = config(&database.direct_url_as(FUNCTION), 1);
    let name = own_name(&Database::new(&config))
        .await
        .expect("a prepared statement");
    assert!(name.starts_with('s'), "{name}");
    config.prepares_statements = false;
    assert_eq!(own_name(&Database::new(&config)).await, None);
}

/// A proxy counts the messages: on a warm connection, a step is one message with its name; the first one is preceded by the probe.
#[tokio::test]
async fn warm_step_is_one_execution() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let url = database.direct_url_as(FUNCTION);
    let log = StatementLog::before(address_of(&url)).await;
    let pool = Database::new(&config(&log.url(&url), 1));
    for number in 0..3 {
        validate(&mut client, &pool, &format!("o-{number}")).await;
    }
    assert_eq!(log.count(&["-- validate-order:"]), 3);
    assert_eq!(log.count(&["pg_prepared_statements"]), 1);
    // BEGIN, the query of the probe, COMMIT, and the steps.
    assert_eq!(log.count(&[]), 3 + 3);
}
