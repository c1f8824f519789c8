//! Values of computed fields, in selections, conditions and orders.

use super::Shop;
use serde_json::{Value, json};
use testkit::Socket;

#[tokio::test]
async fn scalars_are_selected_like_columns() {
    let shop = Shop::computed().await;
    let query = "{ customer(order_by: {id: asc}) { full_name spent tags viewer options(path: \"$.a\") } }";
    assert_eq!(
        shop.data(query).await,
        json!({"customer": [
            {"full_name": "Ada Lovelace", "spent": "30.50", "tags": ["Ada", "x"], "viewer": "admin sees Ada", "options": {"b": 1}},
            {"full_name": "Bo", "spent": "5", "tags": ["Bo", "x"], "viewer": "admin sees Bo", "options": {"b": 1}},
            {"full_name": "Cy Young", "spent": "0", "tags": ["Cy", "x"], "viewer": "admin sees Cy", "options": {"b": 1}},
        ]})
    );
    // In related rows, rows by key and nodes of aggregates.
    let query = "{ purchase_by_pk(id: 3) { customer { full_name } }
        customer_by_pk(id: 1) { full_name }
        customer_aggregate(where: {id: {_gt: 2}}) { nodes { full_name } } }";
    assert_eq!(
        shop.data(query).await,
        json!({
            "purchase_by_pk": {"customer": {"full_name": "Bo"}},
            "customer_by_pk": {"full_name": "Ada Lovelace"},
            "customer_aggregate": {"nodes": [{"full_name": "Cy Young"}]},
        })
    );
}

#[tokio::test]
async fn arguments_are_given_by_name() {
    let shop = Shop::computed().await;
    let query = "query ($word: String, $times: Int) { customer_by_pk(id: 1) {
        a: greeting(args: {word: $word}) b: greeting(args: {word: $word, times: $times}) c: greeting(args: {word: \"Hi\", mark: null}) } }";
    let variables = json!({"word": "Hello", "times": 3});
    let answer = shop.graphql_as(&[], query, variables).await;
    let expected = json!({"a": "Hello Ada!", "b": "Hello Ada!!!", "c": null});
    assert_eq!(answer, json!({"data": {"customer_by_pk": expected}}));
    assert_eq!(
        shop.message_as("admin", "{ customer { greeting } }").await,
        "missing required field \"args\""
    );
    assert_eq!(
        shop.message_as("admin", "{ customer { greeting(args: {mark: \"?\"}) } }")
            .await,
        "Non default arguments cannot be omitted"
    );
    assert_eq!(
        shop.message_as("admin", "{ customer { greeting(args: {person: \"x\"}) } }")
            .await,
        "field \"person\" not found in type: 'greeting_customer_args'"
    );
}

#[tokio::test]
async fn rows_are_selected_like_a_relationship() {
    let shop = Shop::computed().await;
    let query = "{ customer(order_by: {id: asc}) {
        large_purchases(args: {at_least: 10}, order_by: {amount: desc}, limit: 1) { id customer { full_name } }
        all_purchases(where: {amount: {_lt: 20}}, order_by: {id: asc}) { id } } }";
    assert_eq!(
        shop.data(query).await,
        json!({"customer": [
            {"large_purchases": [{"id": 2, "customer": {"full_name": "Ada Lovelace"}}], "all_purchases": [{"id": 1}]},
            {"large_purchases": [], "all_purchases": [{"id": 3}]},
            {"large_purchases": [], "all_purchases": []},
        ]})
    );
}

#[tokio::test]
async fn fields_without_arguments_are_compared_and_sorted_by() {
    let shop = Shop::computed().await;
    let query = "{
        name: customer(where: {full_name: {_like: \"%Y%\"}}) { id }
        number: customer(where: {_not: {spent: {_gt: 5}}}, order_by: {spent: desc}) { id }
        cast: customer(where: {options: {_cast: {String: {_like: \"%b%\"}}}}, order_by: {full_name: desc}, limit: 1) { id }
        rows: customer(where: {all_purchases: {amount: {_eq: 5}}}) { id }
        nested: purchase(where: {customer: {full_name: {_eq: \"Bo\"}}}) { id }
        order: purchase(order_by: [{customer: {spent: asc}}, {id: desc}]) { id }
        session: customer(where: {viewer: {_eq: \"admin sees Cy\"}}) { id }
    }";
    assert_eq!(
        shop.data(query).await,
        json!({
            "name": [{"id": 3}], "number": [{"id": 2}, {"id": 3}], "cast": [{"id": 3}], "rows": [{"id": 2}], "nested": [{"id": 3}],
            "order": [{"id": 3}, {"id": 2}, {"id": 1}], "session": [{"id": 3}],
        })
    );
    let message = shop
        .message_as("admin", "{ customer(where: {greeting: {_eq: \"x\"}}) { id } }")
        .await;
    assert_eq!(
        message,
        "field \"greeting\" not found in type: 'customer_bool_exp'"
    );
}

#[tokio::test]
async fn changed_rows_have_the_fields() {
    let shop = Shop::computed().await;
    let mutation = "mutation {
        insert_customer_one(object: {id: 4, first_name: \"Di\"}) { full_name all_purchases { id } }
        update_customer(where: {full_name: {_eq: \"Bo\"}}, _set: {last_name: \"Diddley\"}) { affected_rows returning { full_name spent } }
        delete_customer(where: {spent: {_eq: 0}, id: {_lt: 4}}) { returning { full_name } } }";
    assert_eq!(
        shop.data(mutation).await,
        json!({
            "insert_customer_one": {"full_name": "Di", "all_purchases": []},
            "update_customer": {"affected_rows": 1, "returning": [{"full_name": "Bo Diddley", "spent": "5"}]},
            "delete_customer": {"returning": [{"full_name": "Cy Young"}]},
        })
    );
    // The fields are not part of inputs.
    let message = shop
        .message_as(
            "admin",
            "mutation { insert_customer_one(object: {id: 5, first_name: \"x\", full_name: \"y\"}) { id } }",
        )
        .await;
    assert!(message.contains("full_name"), "{message}");
}

#[tokio::test]
async fn subscription_follows_the_tables_that_a_function_reads() {
    let shop = Shop::computed().await;
    let mut socket = Socket::subscriptions_transport_ws(&shop.engine.url, "/v1/graphql").await;
    let subscription = "subscription { customer(where: {id: {_eq: 3}}) { spent viewer } }";
    socket.start("s", subscription, json!({})).await;
    let result = |spent: &str| json!({"data": {"customer": [{"spent": spent, "viewer": "admin sees Cy"}]}});
    assert_eq!(socket.expect("s", "data").await, result("0"));
    shop.data("mutation { insert_purchase_one(object: {id: 9, customer_id: 3, amount: 7}) { id } }")
        .await;
    assert_eq!(socket.expect("s", "data").await, result("7"));
}

#[tokio::test]
async fn fields_are_described() {
    let shop = Shop::computed().await;
    let query = "{
        customer: __type(name: \"customer\") { fields { name description args { name } type { kind name ofType { kind name ofType { name } } } } }
        args: __type(name: \"greeting_customer_args\") { kind inputFields { name type { name } } }
        none: __type(name: \"full_name_customer_args\") { kind } }";
    let data = shop.data(query).await;
    let fields = data["customer"]["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap().clone();
    assert_eq!(
        field("full_name"),
        json!({
            "name": "full_name", "description": "A computed field, executes function \"full_name\"", "args": [],
            "type": {"kind": "SCALAR", "name": "String", "ofType": null},
        })
    );
    assert_eq!(
        field("all_purchases")["type"],
        json!({"kind": "LIST", "name": null, "ofType": {"kind": "NON_NULL", "name": null, "ofType": {"name": "purchase"}}})
    );
    assert_eq!(field("options")["args"], json!([{"name": "path"}]));
    assert_eq!(
        data["args"],
        json!({"kind": "INPUT_OBJECT", "inputFields": [
            {"name": "word", "type": {"name": "String"}}, {"name": "mark", "type": {"name": "String"}},
            {"name": "times", "type": {"name": "Int"}},
        ]})
    );
    assert_eq!(data["none"], json!(null));
}

#[tokio::test]
async fn data_command_selects_fields() {
    let shop = Shop::computed().await;
    shop.permit(
        "customer",
        "user",
        json!({"columns": ["id"], "filter": {}, "computed_fields": ["viewer"]}),
    )
    .await;
    let select = |columns: Value| json!({"type": "select", "args": {"table": "customer", "columns": columns, "where": {"id": 1}}});
    let columns = json!([
        "full_name", {"name": "greeting", "alias": "hi", "arguments": {"word": "Hi"}},
        {"name": "all_purchases", "columns": ["id"], "order_by": "id"},
    ]);
    let (status, rows) = shop.engine.post("/v1/query", &[], &select(columns)).await;
    let expected =
        json!([{"full_name": "Ada Lovelace", "hi": "Hi Ada!", "all_purchases": [{"id": 1}, {"id": 2}]}]);
    assert_eq!((status, rows), (200, expected));
    let user = [("x-hasura-role", "user")];
    let (_, rows) = shop
        .engine
        .post("/v1/query", &user, &select(json!(["viewer"])))
        .await;
    assert_eq!(rows, json!([{"viewer": "user sees Ada"}]));
    let unknown = json!([{"name": "greeting", "arguments": {"person": "x"}}]);
    for (session, columns, code) in [
        (&user[..], json!(["full_name"]), "not-exists"),
        (&[], json!(["greeting"]), "not-supported"),
        (&[], unknown, "not-exists"),
    ] {
        let (_, answer) = shop.engine.post("/v1/query", session, &select(columns)).await;
        assert_eq!(answer["code"], code, "{answer}");
    }
}
