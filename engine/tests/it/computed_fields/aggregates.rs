//! Computed fields in aggregates, and orders by aggregates of the rows of a computed field.

use super::Shop;
use serde_json::{Value, json};

#[tokio::test]
async fn aggregate_functions_apply_to_scalars() {
    let shop = Shop::computed().await;
    shop.engine
        .sql("CREATE FUNCTION purchases_number(person customer, at_least int DEFAULT 0) RETURNS int LANGUAGE sql STABLE
              AS 'SELECT count(*)::int FROM purchase WHERE customer_id = person.id AND amount >= at_least'")
        .await;
    shop.add("number", "purchases_number", json!({})).await;
    let query = "{ customer_aggregate(where: {id: {_lt: 3}}) { aggregate {
            count
            sum { spent number big: number(args: {at_least: 11}) }
            avg { number }
            max { full_name spent first_name greeting(args: {word: \"Hi\"}) }
            min { full_name __typename } }
            nodes { full_name } } }";
    let average: Value = serde_json::from_str("1.5000000000000000").unwrap();
    let expected = json!({"customer_aggregate": {
        "aggregate": {
            "count": 2,
            "sum": {"spent": "35.50", "number": 3, "big": 1},
            "avg": {"number": average},
            "max": {"full_name": "Bo", "spent": "30.50", "first_name": "Bo", "greeting": "Hi Bo!"},
            "min": {"full_name": "Ada Lovelace", "__typename": "customer_min_fields"}},
        "nodes": [{"full_name": "Ada Lovelace"}, {"full_name": "Bo"}]}});
    assert_eq!(shop.data(query).await, expected);
    let types = shop
        .data("{ __type(name: \"customer_avg_fields\") { fields { name type { name } } } }")
        .await;
    // The average of integers has a fraction.
    let number = json!({"name": "number", "type": {"name": "Float"}});
    assert!(
        types["__type"]["fields"].as_array().unwrap().contains(&number),
        "{types}"
    );
}

#[tokio::test]
async fn aggregates_of_a_role_have_the_scalars_that_it_can_select() {
    let shop = Shop::computed().await;
    let permission =
        json!({"columns": ["id"], "filter": {}, "allow_aggregations": true, "computed_fields": ["spent"]});
    shop.permit("customer", "user", permission).await;
    let query = "{ customer_aggregate { aggregate { sum { spent } max { id } } } }";
    assert_eq!(
        shop.data_as("user", query).await,
        json!({"customer_aggregate": {"aggregate": {"sum": {"spent": "35.50"}, "max": {"id": 3}}}})
    );
    let message = shop
        .message_as(
            "user",
            "{ customer_aggregate { aggregate { max { full_name } } } }",
        )
        .await;
    assert_eq!(
        message,
        "field \"full_name\" not found in type: 'customer_max_fields'"
    );
    let message = shop
        .message_as(
            "admin",
            "{ customer_aggregate { aggregate { max { options } } } }",
        )
        .await;
    assert_eq!(
        message,
        "field \"options\" not found in type: 'customer_max_fields'"
    );
}

#[tokio::test]
async fn orders_sort_by_aggregates_of_computed_rows() {
    let shop = Shop::computed().await;
    let ids = |ids: [i32; 3]| json!({"customer": ids.map(|id| json!({"id": id}))});
    for (order, expected) in [
        ("{all_purchases_aggregate: {count: desc}}", [1, 2, 3]),
        (
            "{all_purchases_aggregate: {max: {amount: asc_nulls_first}}}",
            [3, 2, 1],
        ),
        ("[{all_purchases_aggregate: {count: asc}}, {id: asc}]", [3, 2, 1]),
    ] {
        let query = format!("{{ customer(order_by: {order}) {{ id }} }}");
        assert_eq!(shop.data(&query).await, ids(expected), "{order}");
    }
    // Rows that the role cannot read do not count.
    shop.permit("customer", "user", json!({"columns": ["id"], "filter": {}}))
        .await;
    let permission = json!({"columns": ["id"], "filter": {"id": {"_eq": 3}}, "allow_aggregations": true});
    shop.permit("purchase", "user", permission).await;
    let query = "{ customer(order_by: [{all_purchases_aggregate: {count: desc}}, {id: asc}]) { id } }";
    assert_eq!(shop.data_as("user", query).await, ids([2, 1, 3]));
    shop.permit("customer", "guest", json!({"columns": ["id"], "filter": {}}))
        .await;
    let message = shop.message_as("guest", query).await;
    assert!(
        message.contains("\"all_purchases_aggregate\" not found"),
        "{message}"
    );
}
