//! Values of columns: what is shown can be sent back, and every write takes the same values.

use super::TestStack;
use serde_json::{Value, json};

#[tokio::test]
async fn insert_keeps_order_for_any_number_of_key_sets() {
    let stack = TestStack::new().await;
    stack
        .create(
            "CREATE TABLE item (id serial PRIMARY KEY, a int, b int DEFAULT -1, c text DEFAULT 'c', d int[] DEFAULT '{7}')",
            &["item"],
        )
        .await;
    let query = "mutation ($rows: [item_insert_input!]!) { insert_item(objects: $rows) { affected_rows returning { id a b c d } } }";
    // Two and four key sets in turn, an empty key set among others, and empty ones only.
    let object = |sets: usize, n: usize| match n % sets {
        0 => json!({"a": n}),
        1 => json!({"b": n, "a": n}),
        2 => json!({}),
        _ => json!({"d": [n, null], "a": n, "c": format!("\"{n}\\ '{{")}),
    };
    let mut serial = 0;
    for (sets, count) in [(2, 70), (2, 1300), (4, 200), (3, 3)] {
        let rows: Vec<Value> = (0..count).map(|n| object(sets, n)).collect();
        let data = stack.data(query, json!({"rows": rows})).await;
        let expected: Vec<Value> = (0..count)
            .map(|n| {
                serial += 1;
                let mut row = json!({"id": serial, "a": null, "b": -1, "c": "c", "d": [7]});
                for (key, value) in object(sets, n).as_object().unwrap() {
                    row[key] = value.clone();
                }
                row
            })
            .collect();
        assert_eq!(
            data["insert_item"],
            json!({"affected_rows": count, "returning": expected}),
            "{sets}"
        );
    }
    let data = stack.data(query, json!({"rows": [{}, {}, {}]})).await;
    let ids: Vec<i64> = data["insert_item"]["returning"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["id"].as_i64())
        .collect();
    assert_eq!(ids, [serial + 1, serial + 2, serial + 3]);
    // Variables inside objects of different keys, and an upsert.
    let data = stack
        .data(
            "mutation ($a: Int, $c: String) { insert_item(
               objects: [{id: 1, a: $a}, {id: 2, c: $c, a: 5}, {id: 3, a: 6}],
               on_conflict: {constraint: item_pkey, update_columns: [a, c]}) { returning { id a c } } }",
            json!({"a": 4, "c": "it's {\"x\", NULL}"}),
        )
        .await;
    let row = |id, a, c: &str| json!({"id": id, "a": a, "c": c});
    assert_eq!(
        data["insert_item"]["returning"],
        json!([row(1, 4, "c"), row(2, 5, "it's {\"x\", NULL}"), row(3, 6, "c")])
    );
}

#[tokio::test]
async fn insert_takes_every_value_that_update_takes() {
    let stack = TestStack::new().await;
    stack
        .create(
            "CREATE TABLE doc (id int PRIMARY KEY, body json, more jsonb NOT NULL DEFAULT '0', parts json[], t text, x xml, b bit(3), r int4range, ok bool)",
            &["doc"],
        )
        .await;
    let values = [
        ("body", json!({"a": "x\u{0}y", "\u{0}": 1})),
        ("body", json!("\u{0}")),
        ("body", json!({"a": 1, "b": [1, null, {"c": "\\u0000 \" {"}]})),
        ("body", json!([])),
        ("more", json!(null)),
        ("more", json!([1, "a", null])),
        ("parts", json!([{"a": "\u{0}"}, [1, 2], "x", 3])),
        ("t", json!("\\u0000 {\"a\"}\n\t")),
        ("x", json!("<a b=\"c\">d</a>")),
        ("b", json!("101")),
        ("r", json!("[1,5)")),
        ("ok", json!(true)),
    ];
    let mut id = 0;
    for (column, value) in values {
        let ty = match column {
            "body" => "json",
            "more" => "jsonb",
            "parts" => "[json!]",
            "t" => "String",
            "x" => "xml",
            "b" => "bit",
            "r" => "int4range",
            _ => "Boolean",
        };
        id += 1;
        let query = format!(
            "mutation ($v: {ty}) {{
               one: insert_doc_one(object: {{id: {id}, {column}: $v}}) {{ {column} }}
               update_doc(where: {{id: {{_eq: {id}}}}}, _set: {{{column}: $v}}) {{ returning {{ {column} }} }}
               insert_doc(objects: [{{id: {0}, {column}: $v}}, {{id: {1}}}]) {{ returning {{ {column} }} }} }}",
            1000 + id,
            2000 + id
        );
        let data = stack.data(&query, json!({"v": value})).await;
        assert_eq!(data["one"][column], value);
        assert_eq!(data["update_doc"]["returning"][0][column], value);
        assert_eq!(data["insert_doc"]["returning"][0][column], value);
        // The same value inside a variable of the whole row, and by the data command.
        let row = json!({"id": 3000 + id, column: value});
        let query =
            format!("mutation ($row: doc_insert_input!) {{ insert_doc_one(object: $row) {{ {column} }} }}");
        let data = stack.data(&query, json!({"row": row})).await;
        assert_eq!(data["insert_doc_one"][column], value);
        if !value.is_null() {
            let row = json!({"id": 4000 + id, column: value});
            let args = json!({"table": "doc", "objects": [row], "returning": [column]});
            let answer = stack.engine.command("insert", args).await;
            assert_eq!(answer["returning"][0][column], value);
        }
    }
}

#[tokio::test]
async fn large_numbers_inside_other_values_are_strings() {
    let stack = TestStack::new().await;
    stack
        .create(
            "CREATE DOMAIN amount AS bigint;
             CREATE TYPE inner_price AS (n numeric, small int);
             CREATE TYPE price AS (net amount, parts float8[], one inner_price, many inner_price[], note text);
             CREATE TABLE batch (id bigint PRIMARY KEY, ids bigint[], prices numeric[], grid float8[][], amounts amount[], counts int[],
               price price, prices_of price[], doc jsonb, n int);
             INSERT INTO batch VALUES (9007199254740993, '{9007199254740993,NULL}', '{0.12345678901234567890}', '{{1,2},{3,4.5}}', '{9007199254740995}', '{1}',
               ROW(9007199254740997, '{1.5}', ROW(1.25, 2), ARRAY[ROW(0.12345678901234567890, 3)::inner_price, NULL], 'x'),
               ARRAY[ROW(1, NULL, NULL, '{}', NULL)::price, NULL], '{\"n\": 9007199254740999}', 5),
               (1, '{}', NULL, NULL, NULL, NULL, ROW(NULL, NULL, NULL, NULL, NULL), '{}', NULL, 6)",
            &["batch"],
        )
        .await;
    let query = "{ batch(order_by: {id: desc}) { id ids prices grid amounts counts price prices_of doc } }";
    let empty = json!({"net": null, "parts": null, "one": null, "many": null, "note": null});
    // Numbers of composite values are strings only where JavaScript cannot represent them.
    let price = json!({"net": "9007199254740997", "parts": ["1.5"], "one": {"n": 1.25, "small": 2},
                       "many": [{"n": "0.12345678901234567890", "small": 3}, null], "note": "x"});
    let one = json!({"net": 1, "parts": null, "one": null, "many": [], "note": null});
    let doc: Value = serde_json::from_str("{\"n\": 9007199254740999}").unwrap();
    let data = stack.data(query, json!({})).await;
    assert_eq!(
        data["batch"],
        json!([
            {"id": "9007199254740993", "ids": ["9007199254740993", null], "prices": ["0.12345678901234567890"],
             "grid": [["1", "2"], ["3", "4.5"]], "amounts": ["9007199254740995"], "counts": [1],
             "price": price, "prices_of": [one, null], "doc": doc},
            {"id": "1", "ids": [], "prices": null, "grid": null, "amounts": null, "counts": null,
             "price": empty, "prices_of": [], "doc": null},
        ])
    );
    let data = stack
        .data(
            "mutation ($price: price, $many: [price!]) {
               insert_batch_one(object: {id: \"2\", price: $price, prices_of: $many}) { id price prices_of } }",
            json!({"price": price, "many": [one, price]}),
        )
        .await;
    assert_eq!(
        data["insert_batch_one"],
        json!({"id": "2", "price": price, "prices_of": [one, price]})
    );
    let plain = TestStack::with(&[]).await;
    plain
        .create(
            "CREATE TABLE batch (id bigint PRIMARY KEY, ids bigint[])",
            &["batch"],
        )
        .await;
    let data = plain
        .data(
            "mutation { insert_batch_one(object: {id: 1, ids: [2]}) { id ids } }",
            json!({}),
        )
        .await;
    assert_eq!(data["insert_batch_one"], json!({"id": 1, "ids": [2]}));
}

#[tokio::test]
async fn aggregates_are_strings_by_the_type_of_their_column() {
    let stack = TestStack::new().await;
    stack
        .create(
            "CREATE TABLE stock (id int PRIMARY KEY, n int, small smallint, big bigint, num numeric, double float8, real real, bigs bigint[]);
             INSERT INTO stock VALUES (1, 1, 1, 9007199254740993, 1.10, 1.5, 1.5, '{9007199254740993}'), (2, 2, 2, 1, 2.20, 2.5, 2.5, '{1}')",
            &["stock"],
        )
        .await;
    let fields = "n small big num double real";
    let query = format!(
        "{{ stock_aggregate {{ aggregate {{ count max {{ {fields} bigs }} min {{ {fields} }} sum {{ {fields} }} avg {{ {fields} }}
           stddev {{ {fields} }} stddev_pop {{ {fields} }} variance {{ {fields} }} var_samp {{ {fields} }} }} }} }}"
    );
    let data = stack.data(&query, json!({})).await;
    let aggregate = &data["stock_aggregate"]["aggregate"];
    assert_eq!(aggregate["count"], 2);
    assert_eq!(aggregate["max"]["big"], "9007199254740993");
    assert_eq!(aggregate["max"]["bigs"], json!(["9007199254740993"]));
    assert_eq!(aggregate["sum"]["big"], "9007199254740994");
    assert_eq!(aggregate["sum"]["num"], "3.30");
    assert_eq!(
        aggregate["sum"]["n"], 3,
        "a sum of integers is a bigint, which stays a number"
    );
    for function in [
        "max",
        "min",
        "sum",
        "avg",
        "stddev",
        "stddev_pop",
        "variance",
        "var_samp",
    ] {
        for column in ["big", "num", "double"] {
            assert!(
                aggregate[function][column].is_string(),
                "{function} {column}: {aggregate}"
            );
        }
        for column in ["n", "small", "real"] {
            assert!(
                aggregate[function][column].is_number(),
                "{function} {column}: {aggregate}"
            );
        }
    }
}

#[tokio::test]
async fn columns_of_all_types_take_strings() {
    let stack = TestStack::new().await;
    stack
        .create(
            "CREATE TABLE form (id int PRIMARY KEY, small smallint, real real, double float8, ok bool, ids int[])",
            &["form"],
        )
        .await;
    let data = stack
        .data(
            "mutation ($id: Int!, $real: Float, $ok: Boolean) {
               insert_form_one(object: {id: $id, small: \"2\", real: $real, double: \"-1e3\", ok: $ok, ids: [\"1\", 2]}) { id small real double ok ids }
               update_form(where: {id: {_eq: \"5\"}, ok: {_in: [\"t\", false]}}, _set: {ok: \"off\"}, _inc: {id: \"1\"}) { returning { id ok } }
               update_form_by_pk(pk_columns: {id: \"6\"}, _set: {real: \"NaN\"}) { id real } }",
            json!({"id": "5", "real": "1.5", "ok": "true"}),
        )
        .await;
    assert_eq!(
        data["insert_form_one"],
        json!({"id": 5, "small": 2, "real": 1.5, "double": "-1000", "ok": true, "ids": [1, 2]})
    );
    assert_eq!(data["update_form"]["returning"], json!([{"id": 6, "ok": false}]));
    assert_eq!(data["update_form_by_pk"], json!({"id": 6, "real": "NaN"}));
    let data = stack
        .data(
            "query ($id: Int!) { form_by_pk(id: $id) { id } }",
            json!({"id": "6"}),
        )
        .await;
    assert_eq!(data["form_by_pk"]["id"], 6);
    let (code, ..) = stack
        .error(
            "query ($id: Int) { form(where: {id: {_eq: $id}}) { id } }",
            json!({"id": "six"}),
        )
        .await;
    assert_eq!(code, "data-exception");
    let (code, ..) = stack
        .error("query ($n: Int) { form(limit: $n) { id } }", json!({"n": "1"}))
        .await;
    assert_eq!(
        code, "validation-failed",
        "an argument of Hasura's own is not a column"
    );
}
