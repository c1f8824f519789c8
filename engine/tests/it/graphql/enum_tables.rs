//! Enum tables: the types of columns that refer to them, and their values in operations.

use super::TestStack;
use serde_json::json;
use testkit::Socket;

const SQL: &str = "
    CREATE TABLE stage (name text PRIMARY KEY, meaning text);
    INSERT INTO stage VALUES ('draft', 'Not yet sent'), ('sent', NULL), ('paid', 'Money has arrived');
    CREATE TABLE invoice (
        id int PRIMARY KEY,
        stage text NOT NULL DEFAULT 'draft' REFERENCES stage,
        former varchar REFERENCES stage (name),
        UNIQUE (id, stage));
    CREATE TABLE rate (stage text REFERENCES stage, year int, percent int, PRIMARY KEY (stage, year));";

async fn stack() -> TestStack {
    let stack = TestStack::new().await;
    stack.engine.sql(SQL).await;
    let stage = json!({"table": "stage", "is_enum": true});
    stack.engine.command("track_table", stage).await;
    for table in ["invoice", "rate"] {
        stack.engine.command("track_table", json!(table)).await;
    }
    stack
}

#[tokio::test]
async fn columns_have_the_enum_in_every_position() {
    let stack = stack().await;
    let query = "{
        values: __type(name: \"stage_enum\") { kind enumValues { name description } }
        compared: __type(name: \"stage_enum_comparison_exp\") { inputFields { name } }
        row: __type(name: \"invoice\") { fields { name type { kind name ofType { name } } } }
        own: __type(name: \"stage\") { fields { name type { ofType { name } } } }
        largest: __type(name: \"invoice_max_fields\") { fields { name } }
        cursor: __type(name: \"invoice_stream_cursor_value_input\") { inputFields { name type { name } } }
        inserted: __type(name: \"invoice_insert_input\") { inputFields { name type { name } } }
        root: __type(name: \"query_root\") { fields { name args { name type { ofType { name } } } } } }";
    let data = stack.data(query, json!({})).await;
    let values = json!([
        {"name": "draft", "description": "Not yet sent"},
        {"name": "paid", "description": "Money has arrived"},
        {"name": "sent", "description": null},
    ]);
    assert_eq!(data["values"], json!({"kind": "ENUM", "enumValues": values}));
    let operators = ["_eq", "_in", "_is_null", "_neq", "_nin"].map(|name| json!({"name": name}));
    assert_eq!(data["compared"]["inputFields"], json!(operators));
    let row = &data["row"]["fields"];
    assert_eq!(
        row[0]["type"],
        json!({"kind": "ENUM", "name": "stage_enum", "ofType": null})
    );
    assert_eq!(row[2]["type"]["ofType"]["name"], "stage_enum");
    assert_eq!(data["own"]["fields"][1]["type"]["ofType"]["name"], "String");
    assert_eq!(data["largest"]["fields"], json!([{"name": "id"}]));
    for input in ["cursor", "inserted"] {
        for field in ["former", "stage"] {
            let expected = json!({"name": field, "type": {"name": "stage_enum"}});
            let fields = data[input]["inputFields"].as_array().unwrap();
            assert!(fields.contains(&expected), "{input}: {fields:?}");
        }
    }
    let roots = data["root"]["fields"].as_array().unwrap();
    let by_pk = roots.iter().find(|field| field["name"] == "rate_by_pk").unwrap();
    assert_eq!(by_pk["args"][0]["type"]["ofType"]["name"], "stage_enum");
}

#[tokio::test]
async fn values_are_read_and_written_as_enums() {
    let stack = stack().await;
    let insert = "mutation ($stage: stage_enum = sent, $rows: [invoice_insert_input!]!) {
        insert_rate_one(object: {stage: paid, year: 2020, percent: 3}) { stage }
        insert_invoice_one(object: {id: 1, stage: $stage}) { stage former }
        insert_invoice(objects: $rows) { returning { stage former } } }";
    let rows = json!({"rows": [{"id": 2}, {"id": 3, "stage": "paid", "former": "sent"}]});
    let data = stack.data(insert, rows.clone()).await;
    let expected = json!({
        "insert_rate_one": {"stage": "paid"},
        "insert_invoice_one": {"stage": "sent", "former": null},
        "insert_invoice": {"returning": [{"stage": "draft", "former": null}, {"stage": "paid", "former": "sent"}]},
    });
    assert_eq!(data, expected);
    let query = "query ($one: stage_enum!, $some: [stage_enum!]) {
        eq: invoice(where: {stage: {_eq: $one}}) { id }
        neq: invoice(where: {stage: {_neq: draft}}, order_by: {stage: asc}) { id }
        in: invoice(where: {stage: {_in: $some}}, order_by: {id: asc}) { id }
        nin: invoice(where: {stage: {_nin: [paid, sent]}}) { id }
        null: invoice(where: {former: {_is_null: false}}) { id }
        rate_by_pk(stage: $one, year: 2020) { percent } }";
    let data = stack
        .data(query, json!({"one": "paid", "some": ["draft", "paid"]}))
        .await;
    let expected = json!({
        "eq": [{"id": 3}], "neq": [{"id": 3}, {"id": 1}], "in": [{"id": 2}, {"id": 3}], "nin": [{"id": 2}], "null": [{"id": 3}],
        "rate_by_pk": {"percent": 3},
    });
    assert_eq!(data, expected);
    let write = "mutation ($to: stage_enum) {
        upsert: insert_invoice_one(
            object: {id: 1, stage: paid},
            on_conflict: {constraint: invoice_pkey, update_columns: [stage], where: {stage: {_eq: sent}}}) { stage }
        update_invoice_by_pk(pk_columns: {id: 2}, _set: {stage: $to, former: null}) { stage }
        delete_rate_by_pk(stage: paid, year: 2020) { stage } }";
    let data = stack.data(write, json!({"to": "sent"})).await;
    let expected = json!({
        "upsert": {"stage": "paid"}, "update_invoice_by_pk": {"stage": "sent"}, "delete_rate_by_pk": {"stage": "paid"},
    });
    assert_eq!(data, expected);
}

#[tokio::test]
async fn other_values_are_refused_at_their_position() {
    let stack = stack().await;
    let refused = "expected one of the values draft, paid, or sent for type \"stage_enum\", but found";
    let (code, path, message) = stack
        .error(
            "{ invoice(where: {stage: {_in: [paid, lost]}}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "validation-failed");
    assert!(
        path.starts_with("$.selectionSet.invoice.args.where.stage._in"),
        "{path}"
    );
    assert_eq!(message, format!("{refused} \"lost\""));
    let (code, path, message) = stack
        .error("{ invoice(where: {stage: {_eq: \"paid\"}}) { id } }", json!({}))
        .await;
    assert_eq!(
        (&*code, &*path),
        ("validation-failed", "$.selectionSet.invoice.args.where.stage._eq")
    );
    assert_eq!(
        message,
        "expected an enum value for type \"stage_enum\", but found a string"
    );
    // The plan of the first request is cached.
    let query = "query ($s: stage_enum) { invoice(where: {stage: {_eq: $s}}) { id } }";
    stack.data(query, json!({"s": "paid"})).await;
    for (value, found) in [(json!("lost"), None), (json!(5), Some("a number"))] {
        let (code, path, message) = stack.error(query, json!({"s": value})).await;
        assert_eq!(
            (&*code, &*path),
            ("validation-failed", "$.selectionSet.invoice.args.where.stage._eq")
        );
        match found {
            None => assert_eq!(message, format!("{refused} \"lost\"")),
            Some(found) => assert!(message.ends_with(found), "{message}"),
        }
    }
    let text = "query ($s: String) { invoice(where: {stage: {_eq: $s}}) { id } }";
    let (.., message) = stack.error(text, json!({"s": "paid"})).await;
    assert!(message.contains("\"stage_enum\" is expected"), "{message}");
    let (.., message) = stack
        .error("{ invoice(where: {stage: {_like: paid}}) { id } }", json!({}))
        .await;
    assert!(message.contains("_like"), "{message}");
}

#[tokio::test]
async fn a_stream_continues_after_a_value() {
    let stack = stack().await;
    let rows = "INSERT INTO invoice VALUES (1, 'draft'), (2, 'paid'), (3, 'sent')";
    stack.engine.sql(rows).await;
    let mut socket = Socket::subscriptions_transport_ws(&stack.engine.url, "/v1/graphql").await;
    let stream = "subscription ($from: stage_enum) {
        invoice_stream(batch_size: 5, cursor: {initial_value: {stage: $from}}) { id stage } }";
    socket.start("s", stream, json!({"from": "draft"})).await;
    let payload = socket.expect("s", "data").await;
    let expected = json!([{"id": 2, "stage": "paid"}, {"id": 3, "stage": "sent"}]);
    assert_eq!(payload["data"]["invoice_stream"], expected);
}

#[tokio::test]
async fn reloading_the_metadata_replaces_the_values_of_cached_plans() {
    let stack = stack().await;
    let query = "query ($s: stage_enum) { invoice(where: {stage: {_eq: $s}}) { id } }";
    stack.data(query, json!({"s": "paid"})).await;
    stack
        .engine
        .sql("DELETE FROM stage WHERE name = 'paid'; INSERT INTO stage VALUES ('void')")
        .await;
    stack.data(query, json!({"s": "paid"})).await;
    stack.engine.command("reload_metadata", json!({})).await;
    stack.data(query, json!({"s": "void"})).await;
    let (.., message) = stack.error(query, json!({"s": "paid"})).await;
    assert!(message.contains("draft, sent, or void"), "{message}");
}

#[tokio::test]
async fn tracked_functions_return_rows_with_enums() {
    let stack = stack().await;
    let sql = "
        INSERT INTO invoice VALUES (1, 'draft'), (2, 'paid');
        CREATE FUNCTION invoices(lowest int) RETURNS SETOF invoice LANGUAGE sql STABLE AS
          $$ SELECT * FROM invoice WHERE id >= lowest $$;";
    stack.engine.sql(sql).await;
    stack.engine.command("track_function", json!("invoices")).await;
    let query = "{ invoices(args: {lowest: 1}, where: {stage: {_eq: paid}}) { id stage } }";
    let expected = json!({"invoices": [{"id": 2, "stage": "paid"}]});
    assert_eq!(stack.data(query, json!({})).await, expected);

    // The catalog of the empty metadata contains neither the rows of the enum table nor the function.
    let metadata = stack.engine.command("export_metadata", json!({})).await;
    stack.engine.command("clear_metadata", json!({})).await;
    stack.engine.command("replace_metadata", metadata).await;
    assert_eq!(stack.data(query, json!({})).await, expected);
}
