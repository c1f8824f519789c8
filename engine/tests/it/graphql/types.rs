//! Columns of uncommon types: domains, `PostGIS`, types without comparison.

use super::TestStack;
use serde_json::json;

#[tokio::test]
async fn domain_is_exposed_as_base_type() {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql(
            "CREATE DOMAIN email AS text CHECK (value LIKE '%@%'); CREATE DOMAIN work_email AS email; CREATE DOMAIN doc AS jsonb;
             CREATE DOMAIN tags AS text[]; CREATE DOMAIN amount AS int;
             CREATE TABLE person (id int PRIMARY KEY, mail work_email, doc doc, tags tags, amount amount)",
        )
        .await;
    stack.engine.command("track_table", json!("person")).await;
    let data = stack
        .data(
            "mutation ($mail: String!, $doc: jsonb, $n: Int!) {
               insert_person_one(object: {id: 1, mail: $mail, doc: $doc, tags: [\"a\", \"b\"], amount: $n}) { mail doc(path: \"a\") tags amount }
               update_person_many(updates: [{where: {id: {_eq: 1}}, _inc: {amount: 2}, _append: {doc: {b: 2}}}]) { affected_rows } }",
            json!({"mail": "a@b", "doc": {"a": 5}, "n": 1}),
        )
        .await;
    assert_eq!(
        data["insert_person_one"],
        json!({"mail": "a@b", "doc": 5, "tags": ["a", "b"], "amount": 1})
    );
    let data = stack
        .data(
            "{ person(where: {mail: {_like: \"a%\"}, doc: {_contains: {b: 2}}, tags: {_contains: [\"a\"]}, amount: {_in: [3]}}) { id }
               none: person(where: {mail: {_eq: \"no address\"}}) { id }
               person_aggregate { aggregate { sum { amount } } } }",
            json!({}),
        )
        .await;
    assert_eq!(data["person"], json!([{"id": 1}]));
    assert_eq!(
        data["none"],
        json!([]),
        "the domain's check fails does not apply to conditions"
    );
    assert_eq!(data["person_aggregate"]["aggregate"]["sum"]["amount"], 3);
    let (code, ..) = stack
        .error(
            "mutation { insert_person_one(object: {id: 2, mail: \"no\"}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "permission-error", "the domain's check fails");
}

#[tokio::test]
async fn geojson_is_accepted_in_every_position() {
    let stack = TestStack::new().await;
    let there = "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'";
    if stack.column(there).await != ["1"] {
        eprintln!("skipped: PostGIS is not installed");
        return;
    }
    stack
        .engine
        .sql(
            "CREATE EXTENSION postgis;
             CREATE TABLE place (id int PRIMARY KEY, plane geometry(Point, 4326), globe geography)",
        )
        .await;
    stack.engine.command("track_table", json!("place")).await;
    let point = json!({"type": "Point", "coordinates": [5, 6]});
    let data = stack
        .data(
            "mutation ($plane: geometry!, $globe: geography!) {
               insert_place_one(object: {id: 1, plane: $plane}) { id }
               update_place(where: {plane: {_eq: $plane}}, _set: {globe: $globe}) { affected_rows }
               update_place_by_pk(pk_columns: {id: 1}, _set: {plane: $plane}) { plane globe } }",
            json!({"plane": point, "globe": point}),
        )
        .await;
    assert_eq!(data["update_place"]["affected_rows"], 1);
    for column in ["plane", "globe"] {
        let coordinates = &data["update_place_by_pk"][column]["coordinates"];
        assert_eq!(coordinates, &json!([5, 6]), "{data}");
    }
    let text = "{ place(where: {plane: {_eq: \"SRID=4326;POINT(5 6)\"}}) { id } }";
    assert_eq!(stack.data(text, json!({})).await["place"], json!([{"id": 1}]));
}

#[tokio::test]
async fn unsupported_operation_of_type_is_reported() {
    let stack = TestStack::new().await;
    for query in [
        "{ odd(where: {doc: {_eq: {a: 1}}}) { select } }",
        "{ odd(order_by: {doc: asc}) { select } }",
        "{ odd(distinct_on: doc) { select } }",
        "{ odd_aggregate { aggregate { count(columns: doc, distinct: true) } } }",
    ] {
        let (code, _, message) = stack.error(query, json!({})).await;
        assert_eq!(code, "not-supported", "{query}: {message}");
        assert!(message.contains("json"), "{query}: {message}");
    }
    // Postgres reports this invalid value as a syntax error.
    stack
        .engine
        .sql("CREATE TABLE words (id int PRIMARY KEY, v tsvector)")
        .await;
    stack.engine.command("track_table", json!("words")).await;
    let query = "{ words(where: {v: {_eq: \"'\"}}) { id } }";
    let (code, _, message) = stack.error(query, json!({})).await;
    assert_eq!(code, "data-exception", "{message}");
}
