//! Names that two objects would have: the later object is inconsistent, and the others are served.

use super::{Named, graphql};
use serde_json::{Value, json};

impl Named {
    /// Returns the reasons of the inconsistent objects after SQL that the engine did not run.
    async fn reasons_after(&self, sql: &str) -> Vec<String> {
        self.database
            .connect()
            .await
            .batch_execute(sql)
            .await
            .expect("valid SQL");
        self.engine.command("reload_metadata", json!({})).await;
        self.reasons().await
    }

    async fn reasons(&self) -> Vec<String> {
        let inconsistent = self.engine.command("get_inconsistent_metadata", json!({})).await;
        let objects = inconsistent["inconsistent_objects"].as_array().cloned();
        let objects = objects.unwrap_or_default().into_iter();
        objects
            .filter_map(|object| object["reason"].as_str().map(ToOwned::to_owned))
            .collect()
    }

    /// Returns the reasons for which a customization is refused.
    async fn refusal_of(&self, customization: Value) -> String {
        let args = json!({"name": "default", "customization": customization});
        let body = json!({"type": "pg_update_source", "args": args});
        let (status, refusal) = self.engine.post("/v1/query", &[], &body).await;
        assert_eq!(status, 400, "{refusal}");
        let objects = refusal["internal"].as_array().cloned().unwrap_or_default();
        let reasons = objects.iter().filter_map(|object| object["reason"].as_str());
        reasons.collect::<Vec<_>>().join("\n")
    }
}

#[tokio::test]
async fn columns_of_one_name_make_their_table_inconsistent() {
    let named = Named::new(graphql()).await;
    let reasons = named
        .reasons_after("ALTER TABLE user_orders ADD COLUMN \"userName\" text")
        .await;
    let conflict = "Inconsistent object: the definitions of columns \"user_name\" and \"userName\" are in conflict: they are mapped to the same \
                    field name, \"userName\"";
    assert!(reasons.iter().any(|reason| reason == conflict), "{reasons:?}");
    named.data("{ shopLineItems { itemId } }", json!({})).await;
    // By the other convention they differ.
    named.customize(json!({})).await;
    assert_eq!(named.reasons().await, Vec::<String>::new());
    let refusal = named.refusal_of(graphql()).await;
    assert!(refusal.contains(conflict), "{refusal}");
    named
        .data("{ user_orders { user_name userName } }", json!({}))
        .await;
    let configuration = json!({"column_config": {"userName": {"custom_name": "otherName"}}});
    let args = json!({"table": "user_orders", "configuration": configuration});
    named.engine.command("set_table_customization", args).await;
    named.customize(graphql()).await;
    named
        .data("{ userOrders { userName otherName } }", json!({}))
        .await;
}

#[tokio::test]
async fn values_of_one_name_make_their_enum_table_inconsistent() {
    let named = Named::new(graphql()).await;
    let reasons = named
        .reasons_after("INSERT INTO order_state VALUES ('Done', 'x')")
        .await;
    let conflict = "Inconsistent object: the table \"order_state\" cannot be used as an enum because the values \"Done\" and \"done\" have the same \
                    name in GraphQL, \"DONE\"";
    assert_eq!(reasons, [conflict]);
    let data = named
        .data("{ userOrdersByPk(orderId: 1) { orderState } }", json!({}))
        .await;
    assert_eq!(data, json!({"userOrdersByPk": {"orderState": "done"}}));
}

#[tokio::test]
async fn tables_and_functions_of_one_name_are_refused() {
    let named = Named::new(graphql()).await;
    named
        .engine
        .sql("CREATE TABLE \"userOrders\" (id int PRIMARY KEY)")
        .await;
    let (_, code, _, message) = named.engine.refused("track_table", json!("userOrders")).await;
    assert_eq!(code, "invalid-configuration");
    assert!(
        message.contains(
            "the GraphQL type \"UserOrders\" of table \"userOrders\" is also one of table \"user_orders\""
        ),
        "{message}"
    );
    named
        .engine
        .sql("CREATE FUNCTION \"cheapOrders\"() RETURNS SETOF user_orders LANGUAGE sql STABLE AS 'SELECT * FROM user_orders'")
        .await;
    let (_, code, _, message) = named.engine.refused("track_function", json!("cheapOrders")).await;
    assert_eq!(code, "invalid-configuration");
    assert!(
        message.contains("the root field \"cheapOrders\" is also that of function \"cheap_orders\""),
        "{message}"
    );
}

#[tokio::test]
async fn relationships_have_other_names_than_columns_and_aggregates() {
    let named = Named::new(graphql()).await;
    let using = json!({"foreign_key_constraint_on": {"table": {"schema": "shop", "name": "line_items"}, "column": "order_id"}});
    for (name, message) in [
        (
            "userName",
            "field with name \"userName\" already exists in table \"user_orders\"",
        ),
        (
            "lineItemsAggregate",
            "the field \"lineItemsAggregate\" is already that of relationship \"line_items\"",
        ),
    ] {
        let args = json!({"table": "user_orders", "name": name, "using": using});
        let (_, _, _, refusal) = named.engine.refused("create_array_relationship", args).await;
        assert!(refusal.contains(message), "{refusal}");
    }
}

#[tokio::test]
async fn types_of_the_namespace_and_of_tables_differ() {
    let named = Named::new(json!({})).await;
    named
        .engine
        .sql("CREATE TABLE shop_query (id int PRIMARY KEY)")
        .await;
    named.engine.command("track_table", json!("shop_query")).await;
    let refusal = named
        .refusal_of(json!({"root_fields": {"namespace": "shop"}}))
        .await;
    assert!(
        refusal.contains("the GraphQL type \"shop_query\" of table \"shop_query\" is part of every schema"),
        "{refusal}"
    );
    named
        .customize(json!({"root_fields": {"namespace": "store"}}))
        .await;
    let data = named.data("{ store { shop_query { id } } }", json!({})).await;
    assert_eq!(data, json!({"store": {"shop_query": []}}));
}
