//! Events that changes by a function cause, with Hasura and with the engine.

use local_services::function_roles;
use local_services::login::as_login;
use serde_json::json;
use shared::{
    Config,
    http::{Handler, ValidateOrder},
};
use testkit::database::connect;
use tests::{
    calls::post_to,
    database::TestDatabase,
    orders::{NewOrder, ask, place},
};

use super::{assert_denied, own_roles};

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
    let roles = own_roles(&database, &client).await;
    place(&mut client, &NewOrder::default()).await;
    let url = as_login(
        &database.direct_url(),
        roles.of("validate-order").expect("a role"),
    );
    let config = Config::from_values(Some(&url), None, None).unwrap();
    let handler = Handler::new(
        &config,
        shared::database::Database::new(&config),
        ValidateOrder::default(),
    );
    let response = post_to(&handler, &json!({"order_id": "o-1"})).await;
    assert_eq!(response.outcome(), "validated", "{}", response.body);
    let events = "SELECT count(*) FROM hdb_catalog.event_log WHERE payload->>'order_valid' = 'true'";
    assert_eq!(ask(&client, events).await.as_deref(), Some("1"));
    for (function, expected) in [("validate-order", Some("INSERT")), ("login", None)] {
        let may = format!(
            "SELECT string_agg(privilege_type, ',') FROM information_schema.role_table_grants
             WHERE grantee = '{}' AND table_schema = 'hdb_catalog'",
            roles.of(function).expect("a role").user
        );
        assert_eq!(ask(&client, &may).await.as_deref(), expected);
    }
}

/// The capture functions of the engine run with the rights of their owner, so no function may write events itself.
#[tokio::test]
async fn function_role_cannot_write_events_of_the_engine() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    client
        .batch_execute(
            "CREATE SCHEMA hdb_catalog;
             CREATE TABLE hdb_catalog.event_log (payload jsonb);
             CREATE FUNCTION hdb_catalog.capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
               'BEGIN INSERT INTO hdb_catalog.event_log VALUES (to_jsonb(NEW)); RETURN NULL; END';
             CREATE TRIGGER capture AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION hdb_catalog.capture()",
        )
        .await
        .unwrap();
    let roles = own_roles(&database, &client).await;
    // As earlier versions did.
    for login in roles.all() {
        let user = &login.user;
        let grants = format!(
            "GRANT USAGE ON SCHEMA hdb_catalog TO {user}; GRANT INSERT ON hdb_catalog.event_log TO {user}"
        );
        client.batch_execute(&grants).await.unwrap();
    }
    function_roles::apply(&client, &roles).await.unwrap();
    place(&mut client, &NewOrder::default()).await;
    for login in roles.all() {
        let function = connect(&as_login(&database.direct_url(), login)).await;
        let event = "INSERT INTO hdb_catalog.event_log VALUES ('{}')";
        assert_denied(&function, &login.user, event).await;
    }
    let validate = connect(&as_login(
        &database.direct_url(),
        roles.of("validate-order").expect("a role"),
    ))
    .await;
    validate
        .batch_execute("UPDATE orders SET order_valid = true")
        .await
        .unwrap();
    let events = "SELECT count(*) FROM hdb_catalog.event_log";
    assert_eq!(ask(&client, events).await.as_deref(), Some("1"));
}
