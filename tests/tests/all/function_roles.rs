//! The roles of the functions (`infra/function-roles.sql`). All other tests of the steps use them through the pool and prove that
//! their privileges suffice; these tests prove that they have no others.

use local_services::function_roles;
use local_services::functions::functions;
use local_services::login::{FunctionLogins, as_login};
use serde_json::json;
use shared::{
    Config,
    http::{Handler, ValidateOrder},
};
use testkit::database::connect;
use tests::{
    calls::post_to,
    database::TestDatabase,
    orders::{NewOrder, ask, everything, place},
};
use tokio_postgres::{
    Client, NoTls,
    error::SqlState,
    types::{ToSql, Type},
};

/// Creates roles for this test: roles belong to the whole server, and concurrent changes of one role fail.
async fn own_roles(database: &TestDatabase, client: &Client) -> FunctionLogins {
    let name = ask(client, "SELECT current_database()").await.expect("its name");
    let logins = FunctionLogins::with_password("it's a p\\ssword")
        .expect("functions.json")
        .suffixed(&format!("_of_{name}"));
    function_roles::apply(client, &logins).await.expect("the roles");
    for login in logins.all() {
        let mut config: tokio_postgres::Config = database.direct_url().parse().expect("a connection string");
        config.user(&login.user).password(&login.password);
        drop(config.connect(NoTls).await.expect("the role can log in"));
    }
    logins
}

async fn as_function(database: &TestDatabase, function: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.pool_url(function), NoTls)
        .await
        .expect("the pool");
    tokio::spawn(connection);
    client
}

/// A statement of a function, with the types of its parameters.
struct StepStatement {
    /// Functions that run it.
    functions: &'static [&'static str],
    file: &'static str,
    sql: &'static str,
    types: &'static [Type],
}

macro_rules! statement {
    ($($function:literal)|+, $file:literal, [$($kind:ident),*]) => {
        StepStatement {
            functions: &[$($function),+],
            file: $file,
            sql: include_str!(concat!("../../../shared/src/", $file)),
            types: &[$(Type::$kind),*],
        }
    };
}

const STATEMENTS: &[StepStatement] = &[
    statement!("login", "steps/login.sql", [TEXT]),
    statement!(
        "validate-order",
        "steps/validate_order.sql",
        [TEXT, TEXT, INT4, BOOL, TEXT]
    ),
    statement!(
        "payment",
        "steps/payment_claim.sql",
        [
            TEXT, INT8, TEXT, UUID, FLOAT8, TEXT, TEXT, INT4, FLOAT8, INT4, FLOAT8
        ]
    ),
    statement!(
        "payment" | "refund-payment",
        "steps/payment_settle.sql",
        [INT4, TEXT, TEXT, TEXT, INT4, FLOAT8, TEXT]
    ),
    statement!(
        "payment" | "refund-payment",
        "steps/payment_release.sql",
        [INT4, UUID]
    ),
    statement!(
        "payment",
        "gateway/simulated_charge.sql",
        [TEXT, INT4, TEXT, TEXT, TEXT]
    ),
    statement!(
        "payment" | "refund-payment",
        "gateway/simulated_result.sql",
        [TEXT]
    ),
    statement!(
        "restaurant-approval",
        "steps/restaurant_approval.sql",
        [TEXT, TEXT, INT4, TEXT]
    ),
    statement!(
        "agent-assignment",
        "steps/agent_assignment.sql",
        [TEXT, TEXT, INT4, TEXT]
    ),
    statement!("refund-payment", "steps/refund_payment.sql", [TEXT, FLOAT8]),
    statement!("refund-payment", "steps/refund_settle.sql", [INT4, TEXT, INT4]),
    statement!(
        "refund-payment",
        "gateway/simulated_refund.sql",
        [TEXT, TEXT, INT4]
    ),
    statement!(
        "expire-orders",
        "steps/expire_orders.sql",
        [INT4, FLOAT8, TEXT_ARRAY, BOOL]
    ),
    statement!(
        "expire-orders",
        "steps/expire_assignments.sql",
        [INT4, BOOL, TEXT_ARRAY, BOOL]
    ),
    statement!(
        "expire-orders",
        "steps/expire_payments.sql",
        [INT4, FLOAT8, TEXT_ARRAY, BOOL]
    ),
    statement!("expire-orders", "steps/expire_figures.sql", []),
    statement!("watchman", "steps/watchman_orders.sql", [FLOAT8]),
    statement!("watchman", "steps/watchman_events.sql", []),
    // The rights of expire-orders for the figures of past hours suffice for it.
    statement!("watchman" | "expire-orders", "steps/watchman_business.sql", []),
];

/// Runs a statement without values for its parameters; returns the error code.
async fn run(client: &Client, statement: &StepStatement) -> Option<SqlState> {
    let none: Option<&str> = None;
    let none_uuid: Option<uuid::Uuid> = None;
    let (none_integer, none_bigint, none_double): (Option<i32>, Option<i64>, Option<f64>) =
        (None, None, None);
    let (none_boolean, none_texts): (Option<bool>, Option<Vec<String>>) = (None, None);
    let params: Vec<(&(dyn ToSql + Sync), Type)> = statement
        .types
        .iter()
        .map(|kind| {
            let value: &(dyn ToSql + Sync) = match *kind {
                Type::UUID => &none_uuid,
                Type::INT4 => &none_integer,
                Type::INT8 => &none_bigint,
                Type::FLOAT8 => &none_double,
                Type::BOOL => &none_boolean,
                Type::TEXT_ARRAY => &none_texts,
                _ => &none,
            };
            (value, kind.clone())
        })
        .collect();
    let result = client.query_typed(statement.sql, &params).await;
    result.err().and_then(|error| error.code().cloned())
}

#[tokio::test]
async fn each_role_may_run_the_statements_of_its_own_function_only() {
    let database = TestDatabase::new().await;
    let mut faults = Vec::new();
    for function in &functions().expect("functions.json").all {
        let (function, role) = (function.name.as_str(), function.role.as_str());
        let client = as_function(&database, function).await;
        assert_eq!(ask(&client, "SELECT current_user").await.as_deref(), Some(role));
        for statement in STATEMENTS {
            let code = run(&client, statement).await;
            let is_refused = code == Some(SqlState::INSUFFICIENT_PRIVILEGE);
            if is_refused == statement.functions.contains(&function) {
                faults.push(format!("{role} and {}: {code:?}", statement.file));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn roles_may_do_nothing_else() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(&mut client, &NewOrder::default()).await;
    let before = everything(&client).await;
    for function in &functions().expect("functions.json").all {
        let (function, role) = (function.name.as_str(), function.role.as_str());
        let client = as_function(&database, function).await;
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
            "UPDATE orders SET food_picked = true",
            "UPDATE orders SET user_id = 'me'",
            "UPDATE orders SET address = 'here'",
            "UPDATE menu_items SET price = 0",
            "UPDATE payments SET amount = 1",
            "UPDATE assignment SET delivered = true",
            "UPDATE order_history SET outcome = 'mine'",
            "UPDATE drivers SET available = true",
            "UPDATE restaurants SET auto_approve = true",
            "DELETE FROM figures.late_changes WHERE false; TRUNCATE figures.late_changes",
            "ALTER TABLE figures.reached ADD COLUMN mine int",
            "INSERT INTO identity.accounts (username, role) VALUES ('mallory', 'manager')",
            "UPDATE identity.accounts SET role = 'manager'",
            "SELECT created FROM identity.accounts",
            "SELECT nextval('items_id_seq')",
            "SELECT * FROM pg_shadow",
            "SELECT * FROM pg_authid",
            "SELECT pg_read_file('/etc/passwd')",
            "COPY orders TO PROGRAM 'cat'",
            "SET ROLE postgres",
            "SET SESSION AUTHORIZATION postgres",
            "SELECT pg_reload_conf()",
            "ALTER ROLE fn_validate SUPERUSER",
        ] {
            let error = client.batch_execute(statement).await.expect_err(statement);
            assert_eq!(
                error.code(),
                Some(&SqlState::INSUFFICIENT_PRIVILEGE),
                "{role}: {statement}: {error}"
            );
        }
    }
    assert_eq!(everything(&client).await, before);
}

/// Steps of earlier versions created temporary functions.
#[tokio::test]
async fn temporary_privilege_of_earlier_versions_is_revoked() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let logins = own_roles(&database, &client).await;
    let name = database.name();
    let mut statements = vec![format!("REVOKE TEMPORARY ON DATABASE \"{name}\" FROM PUBLIC")];
    for login in logins.all() {
        statements.push(format!(
            "GRANT TEMPORARY ON DATABASE \"{name}\" TO \"{}\"",
            login.user
        ));
    }
    client
        .batch_execute(&statements.join("; "))
        .await
        .expect("granted");
    function_roles::apply(&client, &logins).await.expect("the roles");
    for login in logins.all() {
        let sql = format!(
            "SELECT has_database_privilege('{}', '{name}', 'TEMPORARY')",
            login.user
        );
        assert_eq!(ask(&client, &sql).await.as_deref(), Some("f"), "{}", login.user);
    }
}

/// The functions that face the internet read no addresses, and cannot decide anything but a payment.
#[tokio::test]
async fn internet_facing_roles_read_only_what_they_need() {
    let database = TestDatabase::new().await;
    for (function, statements) in [
        (
            "payment",
            [
                "SELECT address FROM orders",
                "SELECT * FROM items",
                "UPDATE orders SET approved = true",
                "UPDATE orders SET order_valid = true",
            ],
        ),
        (
            "login",
            [
                "SELECT order_id FROM orders",
                "SELECT * FROM payments",
                "UPDATE orders SET payment_valid = true",
                "SELECT * FROM restaurants",
            ],
        ),
    ] {
        let client = as_function(&database, function).await;
        for statement in statements {
            let error = client.batch_execute(statement).await.expect_err(statement);
            assert_eq!(
                error.code(),
                Some(&SqlState::INSUFFICIENT_PRIVILEGE),
                "{function}: {statement}"
            );
        }
    }
}

#[tokio::test]
async fn reapplying_revokes_additional_grants() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let roles = own_roles(&database, &client).await;
    let user = &roles.of("payment").expect("a role").user;
    client
        .batch_execute(&format!(
            "GRANT DELETE ON orders TO {user}; GRANT UPDATE (user_id) ON orders TO {user}; \
             GRANT USAGE ON SCHEMA identity TO {user}; GRANT INSERT ON identity.accounts TO {user}"
        ))
        .await
        .unwrap();
    let more = format!(
        "SELECT has_table_privilege('{user}', 'orders', 'DELETE')
             OR has_column_privilege('{user}', 'orders', 'user_id', 'UPDATE')
             OR has_schema_privilege('{user}', 'identity', 'USAGE')"
    );
    assert_eq!(ask(&client, &more).await.as_deref(), Some("t"));
    function_roles::apply(&client, &roles).await.unwrap();
    assert_eq!(ask(&client, &more).await.as_deref(), Some("f"));
}

/// During an upgrade: the running functions keep what the next release does not need, and new roles wait for their passwords.
#[tokio::test]
async fn rights_are_added_without_a_revocation() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let logins = own_roles(&database, &client).await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let role = |function: &str| logins.of(function).expect("a role").user.clone();
    let (payment, watchman) = (role("payment"), role("watchman"));
    client
        .batch_execute(&format!(
            "GRANT SELECT ON drivers TO {payment}; GRANT USAGE ON SCHEMA identity TO {payment}; REVOKE SELECT ON payments FROM {payment}; \
             DROP OWNED BY {watchman}; DROP ROLE {watchman}"
        ))
        .await
        .unwrap();
    let suffix = format!("SELECT set_config('threefactor.role_suffix', '_of_{name}', true)");
    let additions = function_roles::additions().expect("function-roles.sql");
    client
        .batch_execute(&format!("{suffix};\n{additions}"))
        .await
        .unwrap();
    let rights = format!(
        "SELECT concat_ws(' ', has_table_privilege('{payment}', 'drivers', 'SELECT'), has_schema_privilege('{payment}', 'identity', 'USAGE'), \
                          has_table_privilege('{payment}', 'payments', 'SELECT'), to_regrole('{watchman}') IS NULL)"
    );
    assert_eq!(ask(&client, &rights).await.as_deref(), Some("t t t t"));

    function_roles::apply(&client, &logins).await.unwrap();
    assert_eq!(ask(&client, &rights).await.as_deref(), Some("f f t f"));
}

#[tokio::test]
async fn privileged_role_is_refused() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let suffix = format!("_super_{name}");
    client
        .batch_execute(&format!("CREATE ROLE \"fn_payment{suffix}\" CREATEROLE"))
        .await
        .unwrap();
    let logins = FunctionLogins::with_password("changed")
        .expect("functions.json")
        .suffixed(&suffix);
    let error = function_roles::apply(&client, &logins).await.unwrap_err();
    let message = error.as_db_error().unwrap().message();
    assert_eq!(
        message,
        format!("role \"fn_payment{suffix}\" has more rights than a function may have; choose another name")
    );
    let others = format!("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'fn\\_%{suffix}'");
    assert_eq!(
        ask(&client, &others).await.as_deref(),
        Some("1"),
        "nothing was created"
    );
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
        let error = function
            .batch_execute("INSERT INTO hdb_catalog.event_log VALUES ('{}')")
            .await
            .unwrap_err();
        assert_eq!(
            error.code(),
            Some(&SqlState::INSUFFICIENT_PRIVILEGE),
            "{}",
            login.user
        );
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

#[tokio::test]
async fn role_of_earlier_versions_cannot_log_in() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let old = format!("app_of_{name}");
    client
        .batch_execute(&format!(
            "CREATE ROLE {old} LOGIN; GRANT UPDATE ON orders TO {old}; GRANT INSERT (order_id) ON payments TO {old}"
        ))
        .await
        .unwrap();
    let rights = format!(
        "SELECT concat_ws(' ', rolcanlogin, has_table_privilege('{old}', 'orders', 'UPDATE'),
           has_column_privilege('{old}', 'payments', 'order_id', 'INSERT'))
         FROM pg_roles WHERE rolname = '{old}'"
    );
    own_roles(&database, &client).await;
    assert_eq!(
        ask(&client, &rights).await.as_deref(),
        Some("t t t"),
        "a role of another application keeps its rights"
    );
    client
        .batch_execute(&format!(
            "ALTER ROLE {old} SET plan_cache_mode = 'force_generic_plan'"
        ))
        .await
        .unwrap();
    for _ in 0..2 {
        own_roles(&database, &client).await;
        assert_eq!(ask(&client, &rights).await.as_deref(), Some("f f f"));
    }
    client
        .batch_execute(&format!("DROP OWNED BY {old}; DROP ROLE {old}"))
        .await
        .unwrap();
}

/// A database of the customer's: its administrator is not a superuser, and another role has a table in the same schema.
#[tokio::test]
async fn tables_of_other_roles_are_left_alone() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let logins = FunctionLogins::with_password("password")
        .expect("functions.json")
        .suffixed(&format!("_by_{name}"));
    let (administrator, other) = (format!("admin_of_{name}"), format!("other_of_{name}"));
    let prepare = format!(
        "CREATE ROLE \"{administrator}\" CREATEROLE; CREATE ROLE \"{other}\";
         GRANT ALL ON DATABASE \"{name}\" TO \"{administrator}\" WITH GRANT OPTION;
         DO $$ DECLARE object record; BEGIN
           FOR object IN SELECT oid::regclass AS relation FROM pg_class
             WHERE relnamespace IN ('public'::regnamespace, 'identity'::regnamespace, 'figures'::regnamespace) AND relkind IN ('r', 'v') LOOP
             EXECUTE format('ALTER TABLE %s OWNER TO \"{administrator}\"', object.relation);
           END LOOP;
           FOR object IN SELECT oid::regprocedure AS routine FROM pg_proc
             WHERE pronamespace IN ('public'::regnamespace, 'identity'::regnamespace, 'figures'::regnamespace) LOOP
             EXECUTE format('ALTER ROUTINE %s OWNER TO \"{administrator}\"', object.routine);
           END LOOP;
           ALTER SCHEMA public OWNER TO \"{administrator}\"; ALTER SCHEMA identity OWNER TO \"{administrator}\";
           ALTER SCHEMA figures OWNER TO \"{administrator}\";
           IF to_regnamespace('hdb_catalog') IS NOT NULL THEN
             ALTER SCHEMA hdb_catalog OWNER TO \"{administrator}\";
           END IF;
         END $$;
         CREATE TABLE public.foreign_table (id int); ALTER TABLE public.foreign_table OWNER TO \"{other}\";
         SET SESSION AUTHORIZATION \"{administrator}\""
    );
    client.batch_execute(&prepare).await.expect("the roles");
    for attempt in ["first", "second"] {
        function_roles::apply(&client, &logins)
            .await
            .unwrap_or_else(|error| panic!("the {attempt} time: {error:?}"));
    }
    let payment = logins
        .all()
        .iter()
        .find(|login| login.user.starts_with("fn_payment"));
    let payment = payment.expect("a login");
    let granted = format!(
        "RESET SESSION AUTHORIZATION; GRANT SELECT ON public.foreign_table TO \"{0}\"; GRANT DELETE ON orders TO \"{0}\";
         SET SESSION AUTHORIZATION \"{administrator}\"",
        payment.user
    );
    client.batch_execute(&granted).await.expect("the grants");
    function_roles::apply(&client, &logins).await.expect("the roles");
    for (privilege, holds) in [("SELECT', 'foreign_table", "true"), ("DELETE', 'orders", "false")] {
        let (privilege, table) = privilege.split_once("', '").expect("two parts");
        let asked = format!(
            "SELECT has_table_privilege('{}', '{table}', '{privilege}')::text",
            payment.user
        );
        assert_eq!(
            ask(&client, &asked).await.as_deref(),
            Some(holds),
            "{privilege} on {table}"
        );
    }
}
