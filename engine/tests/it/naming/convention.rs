//! Names by `graphql-default`.

use super::{Named, first_result, graphql};
use serde_json::json;
use testkit::Socket;

#[tokio::test]
async fn queries_have_camel_case_fields_arguments_and_operators() {
    let named = Named::new(graphql()).await;
    let query = r#"query ($where: UserOrdersBoolExp, $order: [UserOrdersOrderBy!], $state: OrderStateEnum = DONE) {
        userOrders(where: $where, orderBy: $order) { orderId userName orderState doublePrice: double_price }
        first: userOrders(distinctOn: userName, orderBy: {userName: DESC}, limit: 1) { userName }
        nulls: userOrders(where: {unitPrice: {_isNull: true}}) { orderId }
        states: userOrders(where: {orderState: {_eq: $state}}) { orderId orderState }
        keys: userOrders(where: {extraData: {_hasKeysAny: ["a"], _containedIn: {a: 1}}, orderState: {_in: [DONE]}}) { orderId }
        userOrdersByPk(orderId: 1) { __typename line_items(orderBy: {itemId: ASC}) { itemWeight user_order { orderId } }
            lineItemsAggregate { aggregate { count stddevPop { itemWeight } varSamp { __typename } } } }
        userOrdersAggregate { aggregate { sum { unitPrice double_price } max { userName } } nodes { orderId } }
        heavy: userOrders(where: {heavy_items: {itemWeight: {_gt: 3}}}) { orderId heavy_items { itemId } }
        many: userOrders(where: {line_itemsAggregate: {count: {predicate: {_gt: 1}}}}) { orderId }
        sorted: userOrders(orderBy: [{line_itemsAggregate: {count: DESC}}, {orderId: ASC}]) { orderId }
        heaviest: userOrders(orderBy: [{heavy_itemsAggregate: {max: {itemWeight: DESC_NULLS_LAST}}}, {orderId: ASC}]) { orderId }
        shopLineItems(where: {user_order: {userName: {_eq: "bob"}}}) { itemId }
        cheapOrders(args: {max_price: 10}) { orderId }
        cheapOrdersAggregate(args: {max_price: 10}) { aggregate { count } } }"#;
    let variables = json!({
        "where": {"orderId": {"_lte": 2}},
        "order": [{"unitPrice": "ASC_NULLS_FIRST"}],
    });
    let data = named.data(query, variables).await;
    let orders = |ids: &[i32]| ids.iter().map(|id| json!({"orderId": id})).collect::<Vec<_>>();
    let expected = json!({
        // Results contain the text of the database.
        "userOrders": [
            {"orderId": 2, "userName": "bob", "orderState": "in_work", "doublePrice": null},
            {"orderId": 1, "userName": "ann", "orderState": "done", "doublePrice": 20}],
        "first": [{"userName": "bob"}],
        "nulls": orders(&[2]),
        "states": [{"orderId": 1, "orderState": "done"}],
        "keys": orders(&[1]),
        "userOrdersByPk": {
            "__typename": "UserOrders",
            "line_items": [{"itemWeight": 0.5, "user_order": {"orderId": 1}}, {"itemWeight": 1.5, "user_order": {"orderId": 1}}],
            "lineItemsAggregate": {"aggregate": {
                "count": 2, "stddevPop": {"itemWeight": 0.5}, "varSamp": {"__typename": "ShopLineItemsVarSampFields"}}}},
        "userOrdersAggregate": {
            "aggregate": {"sum": {"unitPrice": 40, "double_price": 80}, "max": {"userName": "bob"}},
            "nodes": orders(&[1, 2, 3])},
        "heavy": [{"orderId": 2, "heavy_items": [{"itemId": 3}]}],
        "many": orders(&[1]),
        "sorted": orders(&[1, 2, 3]),
        "heaviest": orders(&[2, 1, 3]),
        "shopLineItems": [{"itemId": 3}],
        "cheapOrders": orders(&[1]),
        "cheapOrdersAggregate": {"aggregate": {"count": 1}},
    });
    assert_eq!(data, expected);
}

#[tokio::test]
async fn mutations_have_camel_case_arguments_and_responses() {
    let named = Named::new(graphql()).await;
    let mutation = r#"mutation ($rows: [UserOrdersInsertInput!]!, $set: UserOrdersSetInput) {
        insertUserOrders(objects: $rows, onConflict: {constraint: user_orders_pkey, updateColumns: [userName]}) {
            affectedRows returning { orderId userName } }
        insertShopLineItemsOne(object: {itemId: 9, itemWeight: 2, user_order: {data: {orderId: 9, userName: "eve", orderState: IN_WORK}}}) {
            user_order { orderState } }
        updateUserOrders(where: {orderId: {_eq: 2}}, _set: $set) { affectedRows }
        updateUserOrdersByPk(pkColumns: {orderId: 1}, _inc: {unitPrice: 5}, _deleteKey: {extraData: "a"}) { unitPrice extraData }
        updateUserOrdersMany(updates: [{where: {orderId: {_eq: 3}}, _set: {userName: "ned"}}]) { affectedRows }
        deleteShopLineItemsByPk(itemId: 3) { itemId }
        deleteShopLineItems(where: {itemId: {_eq: 2}}) { affectedRows } }"#;
    let variables = json!({
        "rows": [{"orderId": 2, "userName": "rob"}, {"orderId": 4, "userName": "joe", "orderState": "DONE"}],
        "set": {"orderState": "DONE"},
    });
    let data = named.data(mutation, variables).await;
    let expected = json!({
        "insertUserOrders": {"affectedRows": 2, "returning": [
            {"orderId": 2, "userName": "rob"}, {"orderId": 4, "userName": "joe"}]},
        "insertShopLineItemsOne": {"user_order": {"orderState": "in_work"}},
        "updateUserOrders": {"affectedRows": 1},
        "updateUserOrdersByPk": {"unitPrice": 15, "extraData": {}},
        "updateUserOrdersMany": [{"affectedRows": 1}],
        "deleteShopLineItemsByPk": {"itemId": 3},
        "deleteShopLineItems": {"affectedRows": 1},
    });
    assert_eq!(data, expected);
    let (path, message) = named
        .error(
            "mutation { insertUserOrdersOne(object: {orderId: 1}, onConflict: {constraint: x}) { orderId } }",
        )
        .await;
    assert_eq!(
        path,
        "$.selectionSet.insertUserOrdersOne.args.onConflict.constraint"
    );
    assert!(message.contains("for type \"UserOrdersConstraint\""), "{message}");
    let (_, message) = named
        .error("mutation { updateUserOrders(where: {}) { affectedRows } }")
        .await;
    assert!(message.contains("_deleteAtPath"), "{message}");
}

#[tokio::test]
async fn names_of_the_other_convention_do_not_exist() {
    let named = Named::new(graphql()).await;
    for (query, expected) in [
        (
            "{ user_orders { orderId } }",
            "field \"user_orders\" not found in type: 'query_root'",
        ),
        (
            "{ userOrders { order_id } }",
            "field \"order_id\" not found in type: 'UserOrders'",
        ),
        (
            "{ userOrders(order_by: {orderId: ASC}) { orderId } }",
            "\"userOrders\" has no argument named \"order_by\"",
        ),
        (
            "{ userOrders(orderBy: {orderId: asc}) { orderId } }",
            "expected one of the values [\"ASC\", \"ASC_NULLS_FIRST\", \"ASC_NULLS_LAST\", \"DESC\", \"DESC_NULLS_FIRST\", \
             \"DESC_NULLS_LAST\"] for type \"OrderBy\", but found \"asc\"",
        ),
        (
            "{ userOrders(where: {unitPrice: {_is_null: true}}) { orderId } }",
            "field \"_is_null\" not found in type: 'IntComparisonExp'",
        ),
        (
            "{ userOrders(where: {orderState: {_eq: done}}) { orderId } }",
            "expected one of the values DONE or IN_WORK for type \"OrderStateEnum\", but found \"done\"",
        ),
    ] {
        assert_eq!(named.error(query).await.1, expected, "{query}");
    }
}

#[tokio::test]
async fn no_argument_and_no_key_has_a_name_of_the_other_convention() {
    let named = Named::new(graphql()).await;
    let row = "object: {orderId: 9, userName: \"a\"}";
    let update = "where: {orderId: {_eq: 9}}";
    for (name, operation) in [
        ("distinct_on", "{ userOrders(distinct_on: userName) { orderId } }".to_owned()),
        ("_contained_in", "{ userOrders(where: {extraData: {_contained_in: {}}}) { orderId } }".to_owned()),
        ("_has_key", "{ userOrders(where: {extraData: {_has_key: \"a\"}}) { orderId } }".to_owned()),
        ("_has_keys_any", "{ userOrders(where: {extraData: {_has_keys_any: \"a\"}}) { orderId } }".to_owned()),
        ("_has_keys_all", "{ userOrders(where: {extraData: {_has_keys_all: \"a\"}}) { orderId } }".to_owned()),
        (
            "stddev_pop",
            "{ userOrdersByPk(orderId: 1) { lineItemsAggregate { aggregate { stddev_pop { itemWeight } } } } }".to_owned(),
        ),
        (
            "var_samp",
            "{ userOrders(orderBy: {line_itemsAggregate: {var_samp: {itemWeight: ASC}}}) { orderId } }".to_owned(),
        ),
        (
            "on_conflict",
            format!("mutation {{ insertUserOrdersOne({row}, on_conflict: {{constraint: user_orders_pkey}}) {{ orderId }} }}"),
        ),
        (
            "update_columns",
            format!(
                "mutation {{ insertUserOrdersOne({row}, onConflict: {{constraint: user_orders_pkey, update_columns: []}}) {{ orderId }} }}"
            ),
        ),
        (
            "on_conflict",
            "mutation { insertShopLineItemsOne(object: {itemId: 9, itemWeight: 2, user_order: {data: {orderId: 9}, on_conflict: {constraint: user_orders_pkey}}}) { itemId } }".to_owned(),
        ),
        (
            "pk_columns",
            "mutation { updateUserOrdersByPk(pk_columns: {orderId: 1}, _inc: {unitPrice: 5}) { orderId } }".to_owned(),
        ),
        (
            "order_id",
            "mutation { updateUserOrdersByPk(pkColumns: {order_id: 1}, _inc: {unitPrice: 5}) { orderId } }".to_owned(),
        ),
        (
            "_delete_key",
            format!("mutation {{ updateUserOrders({update}, _delete_key: {{extraData: \"a\"}}) {{ affectedRows }} }}"),
        ),
        (
            "_delete_elem",
            format!("mutation {{ updateUserOrders({update}, _delete_elem: {{extraData: 1}}) {{ affectedRows }} }}"),
        ),
        (
            "_delete_at_path",
            format!(
                "mutation {{ updateUserOrdersMany(updates: {{{update}, _delete_at_path: {{extraData: \"a\"}}}}) {{ affectedRows }} }}"
            ),
        ),
        (
            "affected_rows",
            format!("mutation {{ deleteUserOrders({update}) {{ affected_rows }} }}"),
        ),
    ] {
        let (_, message) = named.error(&operation).await;
        let refused = [
            format!("field \"{name}\" not found in type"),
            format!("has no argument named \"{name}\""),
        ];
        assert!(refused.iter().any(|text| message.contains(text)), "{operation}: {message}");
    }
    // Nor has a key of a variable.
    let query = "query ($where: UserOrdersBoolExp) { userOrders(where: $where) { orderId } }";
    let body = json!({"query": query, "variables": {"where": {"unitPrice": {"_is_null": true}}}});
    let (_, answer) = named.engine.post("/v1/graphql", &[], &body).await;
    let message = answer["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("field \"_is_null\" not found"), "{answer}");
    let expected = json!({"userOrdersAggregate": {"aggregate": {"count": 3}}});
    let count = "{ userOrdersAggregate { aggregate { count } } }";
    assert_eq!(named.data(count, json!({})).await, expected);
}

#[tokio::test]
async fn introspection_describes_the_names() {
    let named = Named::new(graphql()).await;
    let types = named.types().await;
    for expected in [
        "UserOrders",
        "UserOrdersAggregateFields",
        "UserOrdersStddevPopFields",
        "UserOrdersAggregateOrderBy",
        "UserOrdersPkColumnsInput",
        "UserOrdersDeleteAtPathInput",
        "UserOrdersUpdates",
        "UserOrdersStreamCursorValueInput",
        "ShopLineItemsSelectColumn",
        "ShopLineItemsAggregateBoolExp",
        "OrderStateEnum",
        "OrderStateEnumComparisonExp",
        "OrderBy",
        "CursorOrdering",
        "JsonbComparisonExp",
        "JsonbCastExp",
        "StringComparisonExp",
        "cheapOrdersArgs",
        // As in Hasura, scalars keep their names.
        "jsonb",
        "float8",
        "query_root",
    ] {
        assert!(types.iter().any(|ty| ty == expected), "{expected} in {types:?}");
    }
    // As in Hasura, the names of functions in conditions are custom names.
    let is_condition = |ty: &str| ty.contains("AggregateBoolExp");
    let snake = |ty: &&String| {
        ty.contains('_') && !ty.starts_with("__") && !ty.ends_with("_root") && !is_condition(ty.as_str())
    };
    let left: Vec<_> = types.iter().filter(snake).collect();
    assert!(left.is_empty(), "{left:?}");
    let query = r#"{ state: __type(name: "OrderStateEnum") { enumValues { name description } }
        order: __type(name: "OrderBy") { enumValues { name } } }"#;
    let data = named.data(query, json!({})).await;
    let values =
        json!([{"name": "DONE", "description": null}, {"name": "IN_WORK", "description": "Being made"}]);
    assert_eq!(data["state"]["enumValues"], values);
    assert_eq!(data["order"]["enumValues"][5], json!({"name": "DESC_NULLS_LAST"}));
}

#[tokio::test]
async fn custom_names_are_used_as_written() {
    let named = Named::new(graphql()).await;
    let configuration = json!({
        "custom_name": "my_orders",
        "custom_root_fields": {"select_by_pk": "one_order", "insert": "addOrders"},
        "column_config": {"unit_price": {"custom_name": "unit_price"}, "user_name": {"custom_name": "Buyer"}},
    });
    let args = json!({"table": "user_orders", "configuration": configuration});
    named.engine.command("set_table_customization", args).await;
    let query = r#"{ my_orders(where: {Buyer: {_eq: "bob"}}, orderBy: {unit_price: ASC}) { Buyer orderId __typename }
        one_order(orderId: 1) { unit_price } my_ordersAggregate { aggregate { count } } }"#;
    let expected = json!({
        "my_orders": [{"Buyer": "bob", "orderId": 2, "__typename": "my_orders"}],
        "one_order": {"unit_price": 10},
        "my_ordersAggregate": {"aggregate": {"count": 3}},
    });
    assert_eq!(named.data(query, json!({})).await, expected);
    let mutation = r#"mutation { addOrders(objects: {orderId: 7, Buyer: "x"}) { affectedRows }
        deleteMy_ordersByPk(orderId: 7) { Buyer } }"#;
    let expected = json!({"addOrders": {"affectedRows": 1}, "deleteMy_ordersByPk": {"Buyer": "x"}});
    assert_eq!(named.data(mutation, json!({})).await, expected);
}

#[tokio::test]
async fn subscriptions_and_streams_have_the_names() {
    let named = Named::new(graphql()).await;
    let mut socket = Socket::graphql_transport_ws(&named.engine.url).await;
    let stream = "subscription { userOrdersStream(batchSize: 2, cursor: {initialValue: {orderId: 1}, ordering: ASC}) { userName } }";
    let expected = json!({"data": {"userOrdersStream": [{"userName": "bob"}, {"userName": "ann"}]}});
    assert_eq!(first_result(&mut socket, stream).await, expected);
    let live = "subscription { userOrdersByPk(orderId: 1) { unitPrice } }";
    let expected = json!({"data": {"userOrdersByPk": {"unitPrice": 10}}});
    assert_eq!(first_result(&mut socket, live).await, expected);
}

#[tokio::test]
async fn commands_permissions_and_events_keep_the_names_of_the_database() {
    let named = Named::new(graphql()).await;
    let permission = json!({"table": "user_orders", "role": "user", "permission": {
        "columns": ["order_id", "order_state"],
        "filter": {"user_name": {"_eq": "X-Hasura-User-Id"}, "order_state": {"_eq": "done"}}}});
    named.engine.command("create_select_permission", permission).await;
    let headers = [("x-hasura-role", "user"), ("x-hasura-user-id", "ann")];
    let body = json!({"query": "{ userOrders { orderId orderState } }"});
    let (_, answer) = named.engine.post("/v1/graphql", &headers, &body).await;
    assert_eq!(
        answer,
        json!({"data": {"userOrders": [{"orderId": 1, "orderState": "done"}]}})
    );
    let select =
        json!({"table": "user_orders", "columns": ["order_id"], "where": {"unit_price": {"$gt": 10}}});
    assert_eq!(
        named.engine.command("select", select).await,
        json!([{"order_id": 3}])
    );
}
