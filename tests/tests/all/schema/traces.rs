//! The trace of an order, as the capture triggers of its events read it.

use tests::{
    database::TestDatabase,
    orders::{APPROVED, ask, place_as},
};

/// Records the trace context at the time at which the capture triggers of Hasura and of the engine read it.
const CAPTURE: &str = "
    CREATE TABLE captured (what text, context text);
    CREATE FUNCTION capture() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO captured VALUES (coalesce(to_jsonb(NEW) ->> 'order_id', TG_TABLE_NAME), current_setting('hasura.tracecontext', true));
      RETURN NULL;
    END $$;
    CREATE TRIGGER notify_hasura_test_UPDATE AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION capture();
    CREATE TRIGGER notify_hasura_test_UPDATE AFTER UPDATE ON restaurants FOR EACH ROW EXECUTE FUNCTION capture()";

/// Other rows that the transaction changes belong to the trace of the request: an order without a trace, a new order, another table.
#[tokio::test]
async fn trace_of_an_order_reaches_no_other_row() {
    let database = TestDatabase::new().await;
    let mut client = database.connect().await;
    for order in ["o-1", "o-2", "o-3"] {
        place_as(&mut client, order, APPROVED).await;
    }
    client.batch_execute(CAPTURE).await.unwrap();
    let (first, third, request) = ("1".repeat(32), "3".repeat(32), "f".repeat(32));
    client
        .batch_execute(&format!(
            "UPDATE orders SET trace_id = CASE order_id WHEN 'o-1' THEN '{first}' WHEN 'o-3' THEN '{third}' END; \
             DELETE FROM captured; \
             -- A change of o-1 causes one of o-3, before the events of o-1 are recorded. \n\
             CREATE FUNCTION change_another() RETURNS trigger LANGUAGE plpgsql AS $$ \
             BEGIN UPDATE orders SET refund_requests = refund_requests + 1 WHERE order_id = 'o-3'; RETURN NULL; END $$; \
             CREATE TRIGGER continue_trace_of_another AFTER UPDATE ON orders FOR EACH ROW \
               WHEN (NEW.order_id = 'o-1') EXECUTE FUNCTION change_another()"
        ))
        .await
        .unwrap();
    client
        .batch_execute(&format!(
            "BEGIN; SET LOCAL hasura.tracecontext = '{{\"trace_id\": \"{request}\", \"span_id\": \"00f067aa0ba902b7\"}}'; \
             UPDATE orders SET refund_requests = refund_requests + 1 WHERE order_id = 'o-1'; \
             UPDATE orders SET refund_requests = refund_requests + 1 WHERE order_id = 'o-2'; \
             UPDATE restaurants SET open = open WHERE id = 1; \
             INSERT INTO orders (order_id, user_id, restaurant_id, address) VALUES ('o-4', 'me', 1, 'a'); \
             INSERT INTO captured SELECT 'the end', current_setting('hasura.tracecontext'); COMMIT"
        ))
        .await
        .unwrap();
    let captured = "SELECT string_agg(what || ' ' || left(context::json ->> 'trace_id', 1), ', ' ORDER BY what) FROM captured";
    assert_eq!(
        ask(&client, captured).await.as_deref(),
        Some("o-1 1, o-2 f, o-3 3, restaurants f, the end f")
    );
    let inserted = "SELECT trace_id FROM orders WHERE order_id = 'o-4'";
    assert_eq!(ask(&client, inserted).await, Some(request));
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
    client
        .batch_execute(&format!("UPDATE orders SET trace_id = '{order}'"))
        .await
        .unwrap();
    client.batch_execute(CAPTURE).await.unwrap();
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
        client
            .batch_execute(&format!("BEGIN; {statement}; COMMIT"))
            .await
            .unwrap();
        let expected = format!(r#"{{"trace_id": "{order}", "span_id": "00f067aa0ba902b7"{expected}}}"#);
        let same = format!("SELECT context::jsonb = '{expected}'::jsonb FROM captured");
        assert_eq!(ask(&client, &same).await.as_deref(), Some("t"), "{sampling}");
        client.batch_execute("DELETE FROM captured").await.unwrap();
    }
    let of = |statement: &str| {
        format!(
            "BEGIN; {statement}; CREATE TEMPORARY TABLE seen ON COMMIT PRESERVE ROWS AS SELECT {context} AS context; COMMIT"
        )
    };
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
