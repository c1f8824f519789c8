//! Root fields with a namespace, prefixes and suffixes; types with prefixes and suffixes.

use super::{Named, first_result};
use serde_json::{Value, json};
use testkit::Socket;

fn customization() -> Value {
    json!({
        "root_fields": {"namespace": "shop", "prefix": "my_", "suffix": "_s"},
        "type_names": {"prefix": "My_", "suffix": "_t"},
    })
}

#[tokio::test]
async fn queries_and_mutations_are_nested_in_the_namespace() {
    let named = Named::new(customization()).await;
    let query = r"query ($where: My_user_orders_bool_exp_t) {
        __typename
        shop { my_user_orders_by_pk_s(order_id: 1) { user_name } ...Rest __typename }
        again: shop { my_user_orders_s(where: $where, order_by: {order_id: asc}) { order_id __typename } }
        shop { my_cheap_orders_s(args: {max_price: 10}) { order_id } }
        none: shop { my_user_orders_s @skip(if: true) { order_id } } }
        fragment Rest on My_shop_query_t { my_user_orders_aggregate_s { aggregate { count __typename } } }";
    let data = named
        .data(query, json!({"where": {"user_name": {"_eq": "ann"}}}))
        .await;
    let expected = json!({
        "__typename": "query_root",
        "shop": {
            "my_user_orders_by_pk_s": {"user_name": "ann"},
            "my_user_orders_aggregate_s": {"aggregate": {"count": 3, "__typename": "My_user_orders_aggregate_fields_t"}},
            "__typename": "My_shop_query_t",
            "my_cheap_orders_s": [{"order_id": 1}]},
        "again": {"my_user_orders_s": [
            {"order_id": 1, "__typename": "My_user_orders_t"}, {"order_id": 3, "__typename": "My_user_orders_t"}]},
        "none": {},
    });
    assert_eq!(data, expected);
    let mutation = r"mutation ($row: My_user_orders_insert_input_t!) {
        shop { one: my_insert_user_orders_one_s(object: $row) { order_id } } }";
    let row = json!({"row": {"order_id": 8, "user_name": "z"}});
    let data = named.data(mutation, row).await;
    assert_eq!(data, json!({"shop": {"one": {"order_id": 8}}}));
    // The mutations of all namespaces are one transaction.
    let mutation = r#"mutation { a: shop { my_delete_user_orders_by_pk_s(order_id: 8) { order_id } }
        b: shop { my_insert_user_orders_s(objects: {order_id: 1, user_name: "x"}) { affected_rows } } }"#;
    let (path, message) = named.error(mutation).await;
    assert_eq!(
        path,
        "$.selectionSet.shop.selectionSet.my_insert_user_orders_s.args.objects"
    );
    assert!(message.contains("Uniqueness violation"), "{message}");
    let count = "{ shop { my_user_orders_aggregate_s { aggregate { count } } } }";
    let expected = json!({"shop": {"my_user_orders_aggregate_s": {"aggregate": {"count": 4}}}});
    assert_eq!(named.data(count, json!({})).await, expected);
}

#[tokio::test]
async fn subscriptions_select_one_field_of_the_namespace() {
    let named = Named::new(customization()).await;
    let mut socket = Socket::graphql_transport_ws(&named.engine.url).await;
    let live = "subscription { s: shop { my_user_orders_by_pk_s(order_id: 2) { user_name } } }";
    let expected = json!({"data": {"s": {"my_user_orders_by_pk_s": {"user_name": "bob"}}}});
    assert_eq!(first_result(&mut socket, live).await, expected);
    let stream = "subscription { shop { my_user_orders_stream_s(batch_size: 1, \
        cursor: {initial_value: {order_id: 2}}) { order_id __typename } } }";
    let expected = json!({"data": {"shop": {"my_user_orders_stream_s": [{"order_id": 3, "__typename": "My_user_orders_t"}]}}});
    assert_eq!(first_result(&mut socket, stream).await, expected);
    let both = "subscription { shop { a: my_user_orders_s { order_id } b: my_user_orders_s { order_id } } }";
    let payload = json!({"query": both});
    socket
        .send(&json!({"type": "subscribe", "id": "2", "payload": payload}))
        .await;
    let errors = socket.expect("2", "error").await;
    assert_eq!(
        errors[0]["message"],
        "subscriptions must select one top level field"
    );
}

#[tokio::test]
async fn introspection_describes_the_namespace() {
    let named = Named::new(customization()).await;
    let types = named.types().await;
    for expected in [
        "My_shop_query_t",
        "My_shop_mutation_frontend_t",
        "My_shop_subscription_t",
        "My_user_orders_stddev_pop_fields_t",
        "My_user_orders_set_input_t",
        "My_order_state_enum_t",
        "My_order_state_enum_t_comparison_exp",
        "My_cursor_ordering_t",
        "My_cheap_orders_args_t",
        // As in Hasura, these are not customized.
        "order_by",
        "Int_comparison_exp",
    ] {
        assert!(types.iter().any(|ty| ty == expected), "{expected} in {types:?}");
    }
    let query = r#"{ __type(name: "query_root") { fields { name type { kind name } } } }"#;
    let data = named.data(query, json!({})).await;
    let field = json!([{"name": "shop", "type": {"kind": "OBJECT", "name": "My_shop_query_t"}}]);
    assert_eq!(data["__type"]["fields"], field);
}

#[tokio::test]
async fn roles_without_permissions_have_no_namespace() {
    let named = Named::new(customization()).await;
    let post = async |query: &str, headers: &[(&str, &str)]| {
        let body = json!({"query": query});
        named.engine.post("/v1/graphql", headers, &body).await.1
    };
    let guest = [("x-hasura-role", "guest")];
    let answer = post("{ shop { __typename } }", &guest).await;
    assert_eq!(
        answer["errors"][0]["message"],
        "field \"shop\" not found in type: 'query_root'"
    );
    assert_eq!(
        post("{ no_queries_available }", &guest).await,
        json!({"data": {"no_queries_available": null}})
    );
    let insert = json!({"table": "user_orders", "role": "service", "permission": {
        "columns": ["order_id", "user_name"], "check": {}, "backend_only": true}});
    named.engine.command("create_insert_permission", insert).await;
    let service = [
        ("x-hasura-role", "service"),
        ("x-hasura-use-backend-only-permissions", "true"),
    ];
    let mutation = r#"mutation { shop { __typename my_insert_user_orders_s(objects: {order_id: 20, user_name: "s"}) { affected_rows } } }"#;
    let expected =
        json!({"__typename": "My_shop_mutation_backend_t", "my_insert_user_orders_s": {"affected_rows": 1}});
    assert_eq!(
        post(mutation, &service).await,
        json!({"data": {"shop": expected}})
    );
    let answer = post(mutation, &service[..1]).await;
    assert_eq!(answer["errors"][0]["message"], "no mutations exist");
}

#[tokio::test]
async fn rest_endpoints_and_explain_work_in_the_namespace() {
    let named = Named::new(json!({"root_fields": {"namespace": "shop"}})).await;
    let query = "query ($id: Int!) { shop { user_orders_by_pk(order_id: $id) { user_name } } }";
    let queries = json!({"queries": [{"name": "one", "query": query}]});
    let collection = json!({"name": "c", "definition": queries});
    named.engine.command("create_query_collection", collection).await;
    let definition = json!({"query": {"collection_name": "c", "query_name": "one"}});
    let endpoint = json!({"name": "one", "url": "one/:id", "methods": ["GET"], "definition": definition});
    named.engine.command("create_rest_endpoint", endpoint).await;
    let answer = named
        .engine
        .http
        .get(format!("{}/api/rest/one/2", named.engine.url));
    let answer: Value = answer.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        answer,
        json!({"shop": {"user_orders_by_pk": {"user_name": "bob"}}})
    );
    let body = json!({"query": {"query": "{ shop { user_orders { order_id } } }"}});
    let (status, explained) = named.engine.post("/v1/graphql/explain", &[], &body).await;
    assert_eq!((status, &explained[0]["field"]), (200, &json!("user_orders")));
}
