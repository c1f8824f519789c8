//! The role of the functions (`infra/app-role.sql`). All other tests of the steps use it through the pool and prove that
//! its privileges suffice; these tests prove that it has no others.

use local_services::app_role;
use local_services::login::{Login, as_login};
use serde_json::json;
use shared::{
    Config,
    http::{Handler, ValidateOrder},
};
use tests::{
    calls::post_to,
    database::TestDatabase,
    orders::{NewOrder, ask, everything, place},
};
use tokio_postgres::{Client, NoTls, error::SqlState};

/// Creates a role for this test: roles belong to the whole server, and concurrent changes of one role fail.
async fn own_role(database: &TestDatabase, client: &Client) -> Login {
    let name = ask(client, "SELECT current_database()").await.expect("its name");
    let login = Login {
        user: format!("app_of_{name}"),
        password: "it's a p\\ssword".to_owned(),
    };
    app_role::apply(client, &login).await.expect("the role");
    let mut config: tokio_postgres::Config = database.direct_url().parse().expect("a connection string");
    config.user(&login.user).password(&login.password);
    drop(config.connect(NoTls).await.expect("the role can log in"));
    login
}

async fn as_app(database: &TestDatabase) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.pool_url(), NoTls)
        .await
        .expect("the pool");
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn role_may_run_steps_and_nothing_else() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(&mut client, &NewOrder::default()).await;
    let before = everything(&client).await;
    let functions = as_app(&database).await;
    assert_eq!(
        ask(&functions, "SELECT current_user").await.as_deref(),
        Some(local_services::login::FUNCTIONS_ROLE)
    );
    for statement in [
        "DROP TABLE orders",
        "TRUNCATE orders",
        "DELETE FROM orders",
        "DELETE FROM order_history",
        "ALTER TABLE orders ADD COLUMN mine int",
        "CREATE TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "CREATE EXTENSION dblink",
        "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('mine', 'me', 1, 'here')",
        "INSERT INTO items (order_id, item) VALUES ('o-1', 'pizza')",
        "UPDATE orders SET delivered = true",
        "UPDATE orders SET user_id = 'me'",
        "UPDATE menu_items SET price = 0",
        "UPDATE payments SET amount = 1",
        "UPDATE assignment SET delivered = true",
        "UPDATE order_history SET outcome = 'mine'",
        "UPDATE drivers SET available = true",
        "UPDATE restaurants SET auto_approve = true",
        "SELECT nextval('items_id_seq')",
        "SELECT * FROM pg_shadow",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY orders TO PROGRAM 'cat'",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT pg_reload_conf()",
        "ALTER ROLE app SUPERUSER",
    ] {
        let error = functions.batch_execute(statement).await.expect_err(statement);
        assert_eq!(
            error.code(),
            Some(&SqlState::INSUFFICIENT_PRIVILEGE),
            "{statement}: {error}"
        );
    }
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn reapplying_revokes_additional_grants() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let role = own_role(&database, &client).await;
    let user = &role.user;
    client
        .batch_execute(&format!(
            "GRANT DELETE ON orders TO {user}; GRANT UPDATE (user_id) ON orders TO {user}"
        ))
        .await
        .unwrap();
    let more = format!(
        "SELECT has_table_privilege('{user}', 'orders', 'DELETE')
             OR has_column_privilege('{user}', 'orders', 'user_id', 'UPDATE')"
    );
    assert_eq!(ask(&client, &more).await.as_deref(), Some("t"));
    app_role::apply(&client, &role).await.unwrap();
    assert_eq!(ask(&client, &more).await.as_deref(), Some("f"));
}

#[tokio::test]
async fn privileged_role_is_refused() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let postgres = Login {
        user: "postgres".to_owned(),
        password: "changed".to_owned(),
    };
    let error = app_role::apply(&client, &postgres).await.unwrap_err();
    let message = error.as_db_error().unwrap().message();
    assert_eq!(
        message,
        "role \"postgres\" has more rights than the functions may have; choose another name"
    );
    // Its password is unchanged.
    database.connect().await;
}

/// The capture triggers of Hasura run with the privileges of the writing role.
#[tokio::test]
async fn function_role_captures_events_with_hasura() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    client
        .batch_execute(
            "CREATE SCHEMA hdb_catalog;
             CREATE TABLE hdb_catalog.event_log (id text DEFAULT gen_random_uuid(), payload jsonb);
             CREATE FUNCTION hdb_catalog.insert_event_log(payload jsonb) RETURNS void LANGUAGE sql AS
               'INSERT INTO hdb_catalog.event_log (payload) VALUES (payload)';
             CREATE FUNCTION hdb_catalog.capture() RETURNS trigger LANGUAGE plpgsql AS
               'BEGIN PERFORM hdb_catalog.insert_event_log(to_jsonb(NEW)); RETURN NULL; END';
             CREATE TRIGGER capture AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION hdb_catalog.capture()",
        )
        .await
        .unwrap();
    let role = own_role(&database, &client).await;
    place(&mut client, &NewOrder::default()).await;
    let url = as_login(&database.direct_url(), &role);
    let config = Config::from_values(Some(&url), None, None).unwrap();
    let handler = Handler::new(&config, shared::database::Database::new(&config), ValidateOrder);
    let response = post_to(&handler, &json!({"order_id": "o-1"})).await;
    assert_eq!(response.outcome(), "validated", "{}", response.body);
    let events = "SELECT count(*) FROM hdb_catalog.event_log WHERE payload->>'order_valid' = 'true'";
    assert_eq!(ask(&client, events).await.as_deref(), Some("1"));
    let may = format!(
        "SELECT string_agg(privilege_type, ',') FROM information_schema.role_table_grants
         WHERE grantee = '{}' AND table_schema = 'hdb_catalog'",
        role.user
    );
    assert_eq!(ask(&client, &may).await.as_deref(), Some("INSERT"));
}
