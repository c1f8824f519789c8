//! schema.sql applied to itself, to its earlier versions, and to the schema of the Node.js example: the same schema as in an empty database,
//! with the data and the manual changes of before.

use tests::{
    database::{DEMO_ACCOUNTS, SCHEMA, TestDatabase},
    orders::{APPROVED, ask, history, order, place_as, status},
};
use tokio_postgres::Client;

/// The schema of the Node.js example with data as after a day of use: five drivers from a duplicate event, a repeated
/// payment, a payment of −5, a duplicate menu entry, and a driver number without a name.
const ORIGINAL: &str = include_str!("original.sql");

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

/// A database of the version before pauses, preparation times of orders, and deliveries of drivers.
#[tokio::test]
async fn schema_upgrades_pauses_and_deliveries() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    let expected = shape(&client).await;
    place_as(&mut client, "o-1", APPROVED).await;
    client
        .batch_execute(
            "DROP VIEW driver_deliveries, restaurant_openings, order_tracking; DROP INDEX assignment_delivered_idx; \
             DROP TRIGGER orders_placed_in_pause ON orders; DROP FUNCTION check_pause_of_restaurant; \
             ALTER TABLE orders DROP COLUMN preparation_minutes CASCADE; ALTER TABLE restaurants DROP COLUMN paused_until; \
             CREATE VIEW restaurant_openings AS SELECT r.id AS restaurant_id, next.opens_at \
               FROM restaurants AS r CROSS JOIN LATERAL next_opening(r.id, now()) AS next WHERE next.opens_at IS NOT NULL",
        )
        .await
        .unwrap();
    client.batch_execute(SCHEMA).await.unwrap();
    assert_eq!(shape(&client).await, expected);
    let row = "SELECT concat_ws(' ', o.status, o.preparation_minutes, r.paused_until, (SELECT count(*) FROM restaurant_openings)) \
               FROM orders AS o JOIN restaurants AS r ON r.id = o.restaurant_id";
    assert_eq!(ask(&client, row).await.as_deref(), Some("approved 0"));
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
            "DROP TRIGGER continue_trace ON orders; DROP TRIGGER return_to_trace ON orders; ALTER TABLE orders DROP COLUMN trace_id; \
             ALTER TABLE order_history DROP COLUMN trace_id; \
             DROP FUNCTION trace_of_change, continue_trace, continue_trace_of_order, return_to_trace_of_request",
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
