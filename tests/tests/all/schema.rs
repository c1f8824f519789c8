//! schema.sql: applied to an empty database, to itself and to earlier schemas; and its constraints. Its views are in
//! [`views`], and the sums that they read in [`figures`].

mod figures;
mod views;

use testkit::eventually;
use tests::{
    database::{DEMO_ACCOUNTS, SCHEMA, TestDatabase},
    orders::{APPROVED, NewOrder, ask, history, order, place, place_as, set_order, status},
};
use tokio_postgres::{Client, error::SqlState};

/// The schema of the Node.js example with data as after a day of use: five drivers from a duplicate event, a repeated
/// payment, a payment of −5, a duplicate menu entry, and a driver number without a name.
const ORIGINAL: &str = include_str!("schema/original.sql");

/// Returns all objects of the schema as text.
async fn shape(client: &Client) -> String {
    let sql = "SELECT string_agg(line, E'\\n' ORDER BY line) FROM ( \
        SELECT format('%s.%s %s %s %s %s', table_name, column_name, data_type, is_nullable, column_default, generation_expression) \
          FROM information_schema.columns WHERE table_schema IN ('public', 'figures') \
        UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) \
          FROM pg_constraint WHERE connamespace IN ('public'::regnamespace, 'figures'::regnamespace) \
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'figures') \
        UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal \
        UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'figures'::regnamespace) \
        UNION ALL SELECT format('%s %s', viewname, definition) FROM pg_views WHERE schemaname = 'public' \
      ) AS lines (line)";
    ask(client, sql).await.expect("a schema")
}

async fn contents(client: &Client) -> String {
    let sql = "SELECT concat((SELECT jsonb_agg(to_jsonb(t)) FROM menu_items AS t), \
               (SELECT jsonb_agg(to_jsonb(t)) FROM restaurants AS t), (SELECT jsonb_agg(to_jsonb(t)) FROM drivers AS t))";
    ask(client, sql).await.expect("contents") + &tests::orders::everything(client).await
}

#[tokio::test]
async fn schema_reapplies_and_keeps_manual_changes() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place_as(&mut client, "o-1", APPROVED).await;
    client
        .batch_execute(
            "UPDATE menu_items SET price = 999 WHERE name = 'pizza'; UPDATE restaurants SET open = false",
        )
        .await
        .unwrap();
    let before = (shape(&client).await, contents(&client).await);
    let column = "SELECT attnum FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'status'";
    let status_column = ask(&client, column).await;
    for _ in 0..2 {
        client.batch_execute(SCHEMA).await.unwrap();
        assert_eq!((shape(&client).await, contents(&client).await), before);
    }
    assert_eq!(
        ask(&client, column).await,
        status_column,
        "an unchanged column is not recreated"
    );
}

/// Demo data is inserted once: what was deleted, renamed or replaced afterwards stays so.
#[tokio::test]
async fn schema_keeps_deleted_demo_data_and_replaced_functions() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "DELETE FROM identity.accounts; DELETE FROM drivers WHERE id > 10; DELETE FROM restaurants WHERE id IN (3, 5); \
             DELETE FROM menu_items WHERE name = 'lasagne'; UPDATE menu_items SET name = 'calzone' WHERE name = 'pizza'; \
             UPDATE restaurants SET cuisine = '', description = '', picture = NULL WHERE id = 4; \
             CREATE OR REPLACE FUNCTION place_of(address text, OUT x real, OUT y real) \
               LANGUAGE sql IMMUTABLE AS 'SELECT 10::real, 20::real'",
        )
        .await
        .unwrap();
    let before = (shape(&client).await, contents(&client).await);
    client.batch_execute(SCHEMA).await.unwrap();
    client.batch_execute(DEMO_ACCOUNTS).await.unwrap();
    assert_eq!((shape(&client).await, contents(&client).await), before);
    let left = "SELECT concat_ws(' ', (SELECT count(*) FROM restaurants), (SELECT count(*) FROM drivers), \
                  (SELECT count(*) FROM menu_items WHERE name IN ('lasagne', 'pizza')), place_of('1 Main St'))";
    assert_eq!(ask(&client, left).await.as_deref(), Some("4 10 0 (10,20)"));
}

/// The function of earlier versions is replaced, whose points may be in the river of the map. One of an application is kept, as above.
#[tokio::test]
async fn schema_upgrades_hours_notes_and_the_former_map() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let expected = shape(&client).await;
    place_as(&mut client, "o-1", APPROVED).await;
    client
        .batch_execute(
            r"ALTER TABLE orders DROP COLUMN note CASCADE; DROP VIEW restaurant_openings; DROP FUNCTION next_opening;
              DROP TABLE opening_hours; ALTER TABLE restaurants DROP COLUMN time_zone;
              CREATE OR REPLACE FUNCTION place_of(address text, OUT x real, OUT y real)
              LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
                SELECT (5 + 90 * ('x' || substr(hash, 1, 6))::bit(24)::integer / 16777216.0)::real,
                       (5 + 90 * ('x' || substr(hash, 7, 6))::bit(24)::integer / 16777216.0)::real
                FROM md5(lower(regexp_replace(address, '\s+', ' ', 'g'))) AS hash
              $$",
        )
        .await
        .unwrap();
    client.batch_execute(SCHEMA).await.unwrap();
    assert_eq!(shape(&client).await, expected);
    let row = "SELECT concat_ws(' ', o.status, coalesce(o.note, 'without a note'), r.time_zone, (SELECT count(*) FROM restaurant_openings)) \
               FROM orders AS o JOIN restaurants AS r ON r.id = o.restaurant_id";
    assert_eq!(
        ask(&client, row).await.as_deref(),
        Some("approved without a note UTC 0")
    );
}

/// Functions of the previous version are running while the schema is upgraded.
#[tokio::test]
async fn functions_keep_their_right_to_a_replaced_status() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute("COMMENT ON COLUMN orders.status IS 'of an earlier version'")
        .await
        .unwrap();
    let may = "SELECT has_column_privilege('fn_payment', 'orders', 'status', 'SELECT')";
    assert_eq!(ask(&client, may).await.as_deref(), Some("t"));
    client.batch_execute(SCHEMA).await.unwrap();
    assert_eq!(ask(&client, may).await.as_deref(), Some("t"));
}

/// A database of the version before traces: its orders have none, also after their next steps by hand, and new orders have one.
#[tokio::test]
async fn schema_without_traces_is_upgraded() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place_as(&mut client, "o-1", APPROVED).await;
    let current = shape(&client).await;
    client
        .batch_execute(
            "DROP TRIGGER continue_trace ON orders; ALTER TABLE orders DROP COLUMN trace_id; ALTER TABLE order_history DROP COLUMN trace_id; \
             DROP FUNCTION trace_of_change, continue_trace, continue_trace_of_order",
        )
        .await
        .unwrap();
    client.batch_execute(SCHEMA).await.unwrap();
    assert_eq!(shape(&client).await, current);

    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    client
        .batch_execute(&format!(
            "BEGIN; SET LOCAL hasura.tracecontext = '{{\"trace_id\": \"{trace}\", \"span_id\": \"00f067aa0ba902b7\"}}'; \
             UPDATE orders SET driver_assigned = true WHERE order_id = 'o-1'; \
             INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('o-2', 'me', 1, 'a'); COMMIT"
        ))
        .await
        .unwrap();
    let traces = "SELECT concat_ws(' ', (SELECT trace_id IS NULL FROM orders WHERE order_id = 'o-1'), \
                    (SELECT count(*) FROM order_history WHERE order_id = 'o-1' AND trace_id IS NOT NULL), \
                    (SELECT trace_id FROM orders WHERE order_id = 'o-2'))";
    assert_eq!(
        ask(&client, traces).await.as_deref(),
        Some(&*format!("t 0 {trace}"))
    );
}

/// The events of a step belong to its span, and to the trace of its order; whether the trace is recorded is passed on as well.
#[tokio::test]
async fn change_of_an_order_continues_its_trace() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place_as(&mut client, "o-1", APPROVED).await;
    let order = "1".repeat(32);
    let other = "2".repeat(32);
    let context = "current_setting('hasura.tracecontext', true)::json";
    let of = |statement: &str| {
        format!(
            "BEGIN; {statement}; CREATE TEMPORARY TABLE seen ON COMMIT PRESERVE ROWS AS SELECT {context} AS context; COMMIT"
        )
    };
    client
        .batch_execute(&format!("UPDATE orders SET trace_id = '{order}'"))
        .await
        .unwrap();
    for (sampling, expected) in [
        (r#", "sampling_state": "0""#, r#", "sampling_state": "0""#),
        (r#", "sampling_state": "1""#, r#", "sampling_state": "1""#),
        ("", ""),
        (r#", "sampling_state": "x""#, ""),
    ] {
        let given = format!(r#"{{"trace_id": "{other}", "span_id": "00f067aa0ba902b7"{sampling}}}"#);
        let statement = format!(
            "SET LOCAL hasura.tracecontext = '{given}'; UPDATE orders SET refund_requests = refund_requests + 1"
        );
        client.batch_execute(&of(&statement)).await.unwrap();
        let expected = format!(r#"{{"trace_id": "{order}", "span_id": "00f067aa0ba902b7"{expected}}}"#);
        let same = format!("SELECT context::jsonb = '{expected}'::jsonb FROM seen");
        assert_eq!(ask(&client, &same).await.as_deref(), Some("t"), "{sampling}");
        client.batch_execute("DROP TABLE seen").await.unwrap();
    }
    for (traceparent, expected) in [
        (format!("'00-{other}-00f067aa0ba902b7-00'"), "0"),
        (format!("'00-{other}-00f067aa0ba902b7-01'"), "1"),
    ] {
        let statement = format!("SELECT continue_trace('{order}', {traceparent})");
        client.batch_execute(&of(&statement)).await.unwrap();
        let seen = ask(
            &client,
            "SELECT concat_ws(' ', context ->> 'trace_id', context ->> 'sampling_state') FROM seen",
        )
        .await;
        assert_eq!(seen, Some(format!("{order} {expected}")));
        client.batch_execute("DROP TABLE seen").await.unwrap();
    }
    for malformed in ["NULL", "''", "'00-1-2-3'"] {
        let continued = format!("SELECT continue_trace(NULL, {malformed}) IS NULL");
        assert_eq!(ask(&client, &continued).await.as_deref(), Some("t"));
    }
}

/// Hasura's event log has no index for failed events, and that of the engine has one.
#[tokio::test]
async fn failed_events_of_hasura_get_an_index() {
    let own = "CREATE INDEX own_idx ON hdb_catalog.event_log (created_at) WHERE error AND NOT archived";
    for (before, expected) in [
        ("SELECT 1", "event_log_given_up_idx event_log_pkey"),
        (own, "event_log_pkey own_idx"),
    ] {
        let database = TestDatabase::new().await;
        let client = database.connect().await;
        client
            .batch_execute(&format!(
                "CREATE SCHEMA hdb_catalog; \
                 CREATE TABLE hdb_catalog.event_log (id text PRIMARY KEY, created_at timestamp DEFAULT now(), \
                   error boolean NOT NULL DEFAULT false, archived boolean NOT NULL DEFAULT false); \
                 INSERT INTO hdb_catalog.event_log (id, error) SELECT n::text, n % 500 = 0 FROM generate_series(1, 5000) AS n; {before}"
            ))
            .await
            .unwrap();
        for _ in 0..2 {
            client.batch_execute(SCHEMA).await.unwrap();
            let indexes = "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'hdb_catalog'";
            assert_eq!(ask(&client, indexes).await.as_deref(), Some(expected));
        }
        client
            .batch_execute("ANALYZE hdb_catalog.event_log")
            .await
            .unwrap();
        let plan = "EXPLAIN (FORMAT JSON) SELECT id FROM hdb_catalog.event_log WHERE error AND NOT archived ORDER BY created_at DESC LIMIT 1000";
        let plan = ask(&client, plan).await.unwrap_or_default();
        assert!(plan.contains("Index Scan"), "{plan}");
    }
}

/// Of two transactions that add dishes at the same time, the later one waits for the other. It is refused if both are too many, and fails
/// if its isolation level keeps it from seeing the other's dishes.
#[tokio::test]
async fn concurrent_dishes_do_not_exceed_a_menu() {
    // The menu of restaurant 6 has seven dishes.
    let add = |prefix: &str| {
        format!(
            "SET LOCAL \"hasura.user\" = '{{\"x-hasura-role\": \"restaurant\"}}'; \
             INSERT INTO menu_items (restaurant_id, name) SELECT 6, '{prefix} ' || n FROM generate_series(1, 60) AS n"
        )
    };
    for (level, refusal) in [
        ("READ COMMITTED", SqlState::CHECK_VIOLATION),
        ("REPEATABLE READ", SqlState::T_R_SERIALIZATION_FAILURE),
    ] {
        let database = TestDatabase::new().await;
        let client = database.connect().await;
        let (first, second) = (database.connect().await, database.connect().await);
        for session in [&first, &second] {
            session
                .batch_execute(&format!(
                    "BEGIN ISOLATION LEVEL {level}; SELECT count(*) FROM menu_items"
                ))
                .await
                .unwrap();
        }
        first.batch_execute(&add("soup")).await.unwrap();
        let later = add("stew");
        let adding = tokio::spawn(async move { second.batch_execute(&later).await });
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("the second transaction waits", async || {
            (ask(&client, waiting).await.as_deref() == Some("1")).then_some(())
        })
        .await;
        first.batch_execute("COMMIT").await.unwrap();
        let error = adding.await.unwrap().unwrap_err();
        assert_eq!(error.code(), Some(&refusal), "{level}: {error}");
        let dishes = "SELECT count(*) FROM menu_items WHERE restaurant_id = 6";
        assert_eq!(ask(&client, dishes).await.as_deref(), Some("67"));
    }
}

#[tokio::test]
async fn schema_replaces_other_definition_of_status() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let expected = shape(&client).await;
    place_as(&mut client, "o-1", APPROVED).await;
    client
        .batch_execute(
            "ALTER TABLE orders DROP COLUMN status CASCADE; \
             ALTER TABLE orders ADD COLUMN status text GENERATED ALWAYS AS \
               (CASE WHEN approved THEN 'ok' ELSE 'new' END) STORED; \
             CREATE VIEW orders_by_status AS SELECT 1 AS position, status, count(*) AS count FROM orders GROUP BY status; \
             DROP VIEW IF EXISTS step_times; DROP TRIGGER items_inserted ON items; DROP INDEX orders_created_idx; \
             ALTER TABLE payments DROP COLUMN decline_code; ALTER TABLE items DROP CONSTRAINT items_quantity_check",
        )
        .await
        .unwrap();
    client.batch_execute(SCHEMA).await.unwrap();
    assert_eq!(shape(&client).await, expected);
    assert_eq!(status(&client, "o-1").await, "approved");
}

#[tokio::test]
async fn schema_applies_over_nodejs_example_with_data() {
    let database = TestDatabase::empty().await;
    let client = database.connect().await;
    client.batch_execute(ORIGINAL).await.unwrap();
    client.batch_execute(SCHEMA).await.unwrap();

    let fresh = TestDatabase::new().await;
    assert_eq!(
        shape(&client).await,
        shape(&fresh.connect().await).await,
        "the same schema as in an empty database"
    );

    assert_eq!(
        ask(&client, "SELECT count(*) FROM orders").await.as_deref(),
        Some("3")
    );
    let payments =
        "SELECT string_agg(concat(attempt, status), ' ' ORDER BY id) FROM payments WHERE order_id = 'done'";
    assert_eq!(
        ask(&client, payments).await.as_deref(),
        Some("1succeeded 2duplicate")
    );
    let driver = "SELECT string_agg(driver_id::text, ' ') FROM assignment WHERE order_id = 'done'";
    assert_eq!(ask(&client, driver).await.as_deref(), Some("99"));
    assert_eq!(
        ask(&client, "SELECT name FROM drivers WHERE id = 99")
            .await
            .as_deref(),
        Some("Driver 99")
    );
    assert_eq!(
        history(&client, "done").await,
        [
            "agent-assignment duplicate removed: driver 7",
            "agent-assignment duplicate removed: driver 12"
        ]
    );
    assert_eq!(
        ask(
            &client,
            "SELECT string_agg(restaurant_id::text, ' ' ORDER BY restaurant_id) FROM menu_items WHERE name = 'pizza'"
        )
        .await
        .as_deref(),
        Some("1 2 3")
    );
    assert_eq!(
        order(&client, "validated").await["total"],
        1000,
        "a validated order can be paid"
    );

    let before = (shape(&client).await, contents(&client).await);
    client.batch_execute(SCHEMA).await.unwrap();
    assert_eq!((shape(&client).await, contents(&client).await), before);
}

/// Earlier versions had one menu for all restaurants, three restaurants, and four time limits.
#[tokio::test]
async fn schema_upgrades_a_single_menu() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let expected = (shape(&client).await, contents(&client).await);
    client
        .batch_execute(
            "DROP VIEW order_tracking, restaurant_figures, orders_reached_per_quarter_hour, orders_reached_per_six_hours; \
             DROP TABLE driver_positions; \
             DELETE FROM menu_items WHERE restaurant_id <> 1; DELETE FROM restaurants WHERE id > 3; \
             INSERT INTO restaurants (id, name) VALUES (1001, 'The Thistle'); \
             ALTER TABLE menu_items DROP CONSTRAINT menu_items_pkey, DROP COLUMN restaurant_id CASCADE, \
               DROP COLUMN category CASCADE, DROP COLUMN description CASCADE, DROP COLUMN picture, DROP COLUMN position, \
               ADD CONSTRAINT menu_items_pkey PRIMARY KEY (name); \
             UPDATE menu_items SET price = 999 WHERE name = 'pizza'; INSERT INTO menu_items (name, price) VALUES ('haggis', 900); \
             DROP VIEW orders_to_pick_up, orders_to_accept, orders_to_deliver; \
             ALTER TABLE restaurants DROP COLUMN cuisine, DROP COLUMN description, DROP COLUMN picture, DROP COLUMN x CASCADE, \
               DROP COLUMN y CASCADE, DROP COLUMN preparation_minutes; \
             DROP VIEW orders_reached_per_ten_seconds, orders_reached_per_minute; DROP FUNCTION orders_reached_over_time; \
             CREATE FUNCTION orders_reached(bucket_seconds integer, buckets integer) RETURNS TABLE ( \
               bucket timestamptz, placed bigint, refused bigint, validated bigint, paid bigint, approved bigint, \
               assigned bigint, picked_up bigint, delivered bigint) LANGUAGE sql STABLE AS \
               $$SELECT now(), 1::bigint, 1::bigint, 1::bigint, 1::bigint, 1::bigint, 1::bigint, 1::bigint, 1::bigint$$; \
             CREATE VIEW orders_reached_per_minute AS SELECT * FROM orders_reached(60, 60); \
             ALTER TABLE workflow_settings DROP CONSTRAINT workflow_settings_check; DROP VIEW stuck_orders; \
             ALTER TABLE workflow_settings DROP COLUMN pick_up_within, DROP COLUMN deliver_within, \
               ADD CONSTRAINT workflow_settings_check CHECK (pay_within + answer_within + assign_within + accept_within <= look_back); \
             UPDATE workflow_settings SET pay_within = '47 hours'",
        )
        .await
        .unwrap();
    client.batch_execute(SCHEMA).await.unwrap();
    assert_eq!(shape(&client).await, expected.0);
    // What was changed manually is kept; the dishes of earlier versions get the new columns.
    let pizza = "SELECT concat_ws(' ', restaurant_id, price, category, picture) FROM menu_items WHERE name = 'pizza' ORDER BY restaurant_id";
    assert_eq!(ask(&client, pizza).await.as_deref(), Some("1 999 Mains pizza"));
    let haggis = "SELECT concat_ws(' ', restaurant_id, price, category) FROM menu_items WHERE name = 'haggis' ORDER BY restaurant_id";
    assert_eq!(ask(&client, haggis).await.as_deref(), Some("1 900 Dishes"));
    // Restaurants that are not those of the demo keep the dishes.
    let kept = "SELECT string_agg(name || ' ' || price, ', ' ORDER BY name) FROM menu_items WHERE restaurant_id = 1001";
    assert_eq!(
        ask(&client, kept).await.as_deref(),
        Some(
            "burger 650, chocolate milkshake 450, haggis 900, idli 300, mangoes 350, pizza 999, truffle risotto 1900"
        )
    );
    client
        .batch_execute("DELETE FROM restaurants WHERE id = 1001")
        .await
        .unwrap();
    assert_eq!(
        ask(
            &client,
            "SELECT string_agg(cuisine, ', ' ORDER BY id) FROM restaurants"
        )
        .await
        .as_deref(),
        Some("Italian and more, Home cooking, Late night, Japanese, Indian, Mexican")
    );
    let settings = "SELECT concat_ws(' ', pay_within, look_back >= pay_within + interval '2 hours') FROM workflow_settings";
    assert_eq!(ask(&client, settings).await.as_deref(), Some("47:00:00 t"));
    client
        .batch_execute(
            "UPDATE workflow_settings SET pay_within = DEFAULT, look_back = DEFAULT; \
             DELETE FROM menu_items WHERE name = 'haggis'; UPDATE menu_items SET price = 500 WHERE price = 999",
        )
        .await
        .unwrap();
    let sorted = |text: &str| {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters
    };
    assert_eq!(
        sorted(&contents(&client).await),
        sorted(&expected.1),
        "the same rows, in any order"
    );
}

#[tokio::test]
async fn inserts_with_only_original_columns_work() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('o-1', 'u', 1, 'a'); \
             INSERT INTO items (order_id, item) VALUES ('o-1', 'pizza'); \
             INSERT INTO payments (order_id, type, amount) VALUES ('o-1', 'credit_card', 500); \
             INSERT INTO assignment (order_id, driver_id) VALUES ('o-1', 1); \
             INSERT INTO menu_items (name) VALUES ('tea')",
        )
        .await
        .unwrap();
    let tea = "SELECT concat_ws(' ', restaurant_id, price, category) FROM menu_items WHERE name = 'tea'";
    assert_eq!(ask(&client, tea).await.as_deref(), Some("1 500 Dishes"));
    let row = order(&client, "o-1").await;
    assert_eq!(
        (row["order_valid"].as_bool(), row["payment_valid"].is_null()),
        (Some(false), true)
    );
}

#[tokio::test]
async fn constraints_refuse_invalid_rows_by_name() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place_as(&mut client, "decided", "order_valid = true, total = 500").await;
    place_as(&mut client, "refused", "problem = 'closed'").await;
    place(
        &mut client,
        &NewOrder {
            id: "open",
            ..NewOrder::default()
        },
    )
    .await;
    client
        .batch_execute(
            "INSERT INTO payments (order_id, type, amount, attempt) VALUES ('decided', 'credit_card', 500, 1); \
             INSERT INTO assignment (order_id, driver_id) VALUES ('decided', 1)",
        )
        .await
        .unwrap();
    for (constraint, sql) in [
        (
            "items_of_undecided_order",
            "INSERT INTO items (order_id, item) VALUES ('decided', 'idli')",
        ),
        (
            "items_of_undecided_order",
            "INSERT INTO items (order_id, item) VALUES ('open', 'idli'), ('refused', 'idli')",
        ),
        (
            "items_of_undecided_order",
            "UPDATE items SET quantity = 2 WHERE order_id = 'decided'",
        ),
        (
            "items_of_undecided_order",
            "UPDATE items SET order_id = 'decided' WHERE order_id = 'open'",
        ),
        (
            "items_of_undecided_order",
            "UPDATE items SET order_id = 'open' WHERE order_id = 'decided'",
        ),
        (
            "items_of_undecided_order",
            "DELETE FROM items WHERE order_id = 'decided'",
        ),
        (
            "items_of_undecided_order",
            "BEGIN; UPDATE orders SET order_valid = true WHERE order_id = 'open'; \
             INSERT INTO items (order_id, item) VALUES ('open', 'idli')",
        ),
        (
            "items_quantity_check",
            "INSERT INTO items (order_id, item, quantity) VALUES ('open', 'idli', 0)",
        ),
        (
            "items_quantity_check",
            "INSERT INTO items (order_id, item, quantity) VALUES ('open', 'idli', 100)",
        ),
        (
            "items_order_id_fkey",
            "INSERT INTO items (order_id, item) VALUES ('none', 'idli')",
        ),
        (
            "payments_one_succeeded_per_order",
            "INSERT INTO payments (order_id, type, amount, attempt) VALUES ('decided', 'x', 500, 2)",
        ),
        (
            "payments_order_id_attempt_key",
            "INSERT INTO payments (order_id, type, amount, status) VALUES ('decided', 'x', 500, 'declined')",
        ),
        (
            "payments_amount_check",
            "INSERT INTO payments (order_id, type, amount) VALUES ('open', 'x', -5)",
        ),
        (
            "payments_status_check",
            "INSERT INTO payments (order_id, type, amount, status) VALUES ('open', 'x', 5, 'maybe')",
        ),
        (
            "payments_card_last4_check",
            "INSERT INTO payments (order_id, type, amount, card_last4) VALUES ('open', 'x', 5, '4242424242424242')",
        ),
        (
            "assignment_pkey",
            "INSERT INTO assignment (order_id, driver_id) VALUES ('decided', 2)",
        ),
        (
            "assignment_driver_id_fkey",
            "INSERT INTO assignment (order_id, driver_id) VALUES ('open', 4711)",
        ),
        (
            "menu_items_pkey",
            "INSERT INTO menu_items (name) VALUES ('pizza')",
        ),
        ("menu_items_price_check", "UPDATE menu_items SET price = 0"),
        (
            "menu_items_restaurant_id_fkey",
            "INSERT INTO menu_items (restaurant_id, name) VALUES (77, 'pizza')",
        ),
        (
            "menu_items_name_check",
            "INSERT INTO menu_items (name) VALUES (' ')",
        ),
        ("menu_items_category_check", "UPDATE menu_items SET category = ''"),
        (
            "menu_items_description_check",
            "UPDATE menu_items SET description = repeat('d', 1001)",
        ),
        (
            "menu_items_picture_check",
            "UPDATE menu_items SET picture = '../x'",
        ),
        ("restaurants_place_check", "UPDATE restaurants SET x = 101"),
        (
            "driver_positions_place_check",
            "INSERT INTO driver_positions (driver_id, x, y) VALUES (1, 'NaN', 5)",
        ),
        (
            "driver_positions_place_check",
            "INSERT INTO driver_positions (driver_id, x, y) VALUES (1, 5, -0.1)",
        ),
        (
            "workflow_settings_check",
            "UPDATE workflow_settings SET pick_up_within = '24 hours'",
        ),
        (
            "orders_problem_check",
            "UPDATE orders SET problem = 'x' WHERE order_id = 'decided'",
        ),
        (
            "orders_order_id_check",
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('', 'u', 1, 'a')",
        ),
        (
            "orders_address_check",
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('long', 'u', 1, repeat('a', 1001))",
        ),
        (
            "orders_address_check",
            "UPDATE orders SET address = repeat('\u{00e9}', 501) WHERE order_id = 'open'",
        ),
        (
            "orders_user_id_check",
            "INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('long', repeat('u', 201), 1, 'a')",
        ),
        (
            "items_item_check",
            "INSERT INTO items (order_id, item) VALUES ('open', repeat('i', 201))",
        ),
        (
            "items_per_order",
            "INSERT INTO items (order_id, item) SELECT 'open', 'idli' FROM generate_series(1, 101)",
        ),
        (
            "items_per_order",
            "INSERT INTO items (order_id, item) SELECT 'open', 'idli' FROM generate_series(1, 60); \
             INSERT INTO items (order_id, item) SELECT 'open', 'idli' FROM generate_series(1, 60)",
        ),
    ] {
        let error = client.batch_execute(sql).await.expect_err(sql);
        let refused_by = error
            .as_db_error()
            .and_then(|error| error.constraint())
            .unwrap_or_default();
        assert_eq!(refused_by, constraint, "{sql}: {error:?}");
        client.batch_execute("ROLLBACK").await.unwrap();
    }
    let error = client
        .batch_execute("DELETE FROM items WHERE order_id = 'decided'")
        .await
        .unwrap_err();
    let error = error.as_db_error().unwrap();
    assert_eq!(
        error.message(),
        "items of order \"decided\" cannot change: the order is already decided"
    );
    assert!(error.hint().unwrap().contains("one mutation"));

    client
        .batch_execute("UPDATE items SET quantity = 3 WHERE order_id = 'open'")
        .await
        .unwrap();
    client
        .batch_execute("DELETE FROM items WHERE order_id = 'open'")
        .await
        .unwrap();
}

#[tokio::test]
async fn manual_changes_are_in_history() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    place(&mut client, &NewOrder::default()).await;
    for (set, expected) in [
        ("order_valid = true, total = 500", "validated"),
        ("payment_valid = true, placed = true", "paid"),
        ("approved = true", "approved"),
        ("driver_assigned = true", "assigned"),
        ("food_picked = true", "picked_up"),
        ("delivered = true", "delivered"),
        ("delivered = true, address = 'elsewhere'", "delivered"),
    ] {
        set_order(&client, "o-1", set).await;
        assert_eq!(status(&client, "o-1").await, expected);
    }
    assert_eq!(
        history(&client, "o-1").await,
        [
            "payment paid",
            "restaurant-approval approved",
            "pick-up picked_up",
            "delivery delivered"
        ]
    );
}
