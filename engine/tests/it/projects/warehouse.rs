//! A wholesaler: metadata of version 2, with enum tables, custom names and computed fields; extensions in a schema of
//! their own.

use super::features::{Features, assert_features};
use super::{Fixture, Project, introspection, parse};
use serde_json::json;
use testkit::Socket;

static WAREHOUSE: Fixture = Fixture {
    schema: include_str!("warehouse/schema.sql"),
    rows: include_str!("warehouse/rows.sql"),
    metadata: include_str!("warehouse/metadata.json"),
    operations: include_str!("warehouse/operations.yaml"),
    hooks: "WAREHOUSE_HOOKS",
    key: "WAREHOUSE_TOKEN",
};

#[tokio::test]
async fn warehouse_with_metadata_of_version_2_is_imported() {
    let project = Project::import(&WAREHOUSE).await;
    project.assert_imported().await;
    introspection::assert_served(&project, 62).await;
}

#[tokio::test]
async fn operations_of_warehouse() {
    Project::import(&WAREHOUSE).await.assert_operations().await;
}

/// `graphql-default` over tables with custom root fields and columns in several schemas.
#[tokio::test]
async fn features_of_warehouse_work_together() {
    // As text, numbers keep their digits.
    let exact = |text: &str| parse("answer", text);
    let features = Features {
        tables: 62,
        commands: vec![],
        customization: json!({"naming_convention": "graphql-default"}),
        operations: vec![
            (
                "query ($status: OrderStatusEnum = PLACED) {
                    orders(where: {_or: [{status: {_eq: $status}}, {total: {_eq: 89}}]}, orderBy: {total: DESC}) {
                        id status total lines(orderBy: {lineNo: ASC}) { lineNo unitPrice } linesAggregate { aggregate { count } } }
                    salesOrderAggregate { aggregate { sum { total } } }
                    catalogSearchProduct(args: {query: \"gloves\"}) { listPrice taxClassCode }
                    shippingShipmentAggregate(where: {status: {_nin: [LOST]}}) { aggregate { __typename } } }",
                exact(r#"{
                    "orders": [
                        {"id": 1, "status": "placed", "total": 1840.00, "lines": [
                            {"lineNo": 1, "unitPrice": 154.00}, {"lineNo": 2, "unitPrice": 7.50}],
                         "linesAggregate": {"aggregate": {"count": 2}}},
                        {"id": 2, "status": "shipped", "total": 89.00, "lines": [{"lineNo": 1, "unitPrice": 89.00}],
                         "linesAggregate": {"aggregate": {"count": 1}}}],
                    "salesOrderAggregate": {"aggregate": {"sum": {"total": 1966.50}}},
                    "catalogSearchProduct": [{"listPrice": 7.50, "taxClassCode": "standard"}],
                    "shippingShipmentAggregate": {"aggregate": {"__typename": "ShippingShipmentAggregateFields"}}
                }"#),
            ),
            (
                "mutation { cancelOrder(args: {wanted: 3}) { status }
                    updateProduct(pkColumns: {id: 3}, _inc: {listPrice: 1}) { listPrice } }",
                exact(r#"{"cancelOrder": [{"status": "cancelled"}], "updateProduct": {"listPrice": 8.50}}"#),
            ),
        ],
        query: "query Own($limit: Int!) { orders(where: {status: {_eq: SHIPPED}}, limit: $limit) { id total } }",
        path: "orders/shipped/:limit",
        uri: "orders/shipped/5",
        response: exact(r#"{"orders": [{"id": 2, "total": 89.00}]}"#),
        session: &[
            ("x-hasura-role", "sales"),
            ("x-hasura-user-id", "10000000-0000-4000-8000-000000000001"),
        ],
    };
    assert_features(&WAREHOUSE, features).await;
}

#[tokio::test]
async fn changes_of_order_and_stock_are_delivered() {
    let project = Project::import(&WAREHOUSE).await;
    // The payload of the update is restricted to three columns.
    let mutation = "mutation { update_sales_order(where: {customer: {email: {_eq: \"ORDERS@builders.example\"}}, id: {_eq: 1}},
        _set: {notes: \"Back entrance\"}, _inc: {revision: 1}) { affected_rows } }";
    let answer = project.graphql(mutation, json!({})).await;
    assert_eq!(
        answer,
        json!({"data": {"update_sales_order": {"affected_rows": 1}}})
    );
    let order = json!({"id": 1, "status": "placed", "customer_id": 1});
    let deliveries = project.deliveries(1, "x-token").await;
    assert_eq!(
        deliveries[0],
        (
            "UPDATE".to_owned(),
            json!({"old": order, "new": order}),
            "secret key".to_owned()
        )
    );
    assert_eq!(project.webhook.received()[0].path, "/orders");
    // One upsert that inserts and updates.
    let content = |lot: i32, amount: i32| json!({"warehouse_code": "HAM", "zone_code": "A", "bin_number": 1, "lot_id": lot, "amount": amount});
    let upsert =
        "mutation ($rows: [stock_bin_content_insert_input!]!) { insert_stock_bin_content(objects: $rows,
        on_conflict: {constraint: bin_content_pkey, update_columns: amount}) { affected_rows } }";
    let rows = json!({"rows": [content(1, 30), content(3, 9)]});
    let answer = project.graphql(upsert, rows).await;
    assert_eq!(
        answer,
        json!({"data": {"insert_stock_bin_content": {"affected_rows": 2}}})
    );
    let mut deliveries = project.deliveries(3, "x-none").await.split_off(1);
    deliveries.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        deliveries,
        [
            (
                "INSERT".to_owned(),
                json!({"old": null, "new": content(3, 9)}),
                String::new()
            ),
            (
                "UPDATE".to_owned(),
                json!({"old": content(1, 25), "new": content(1, 30)}),
                String::new()
            ),
        ]
    );
}

/// Live query over a view of sums, followed by a change of a table below it.
#[tokio::test]
async fn stock_levels_are_live() {
    let project = Project::import(&WAREHOUSE).await;
    let mut socket = Socket::subscriptions_transport_ws(&project.engine.client.url, "/v1/graphql").await;
    let query = "subscription ($sku: citext!) { stock_levels(where: {product: {sku: {_eq: $sku}}}, order_by: {warehouse_code: asc}) {
        on_hand warehouse { name address { lines } } } }";
    socket.start("levels", query, json!({"sku": "dr-18"})).await;
    let levels = |hamburg: i32| {
        json!({"data": {"stock_levels": [
            {"on_hand": hamburg, "warehouse": {"name": "Hamburg", "address": {"lines": ["Hafenstraße 1"]}}},
            {"on_hand": 3, "warehouse": {"name": "Wien", "address": {"lines": ["c/o Müller, Top 4", "Ring 2"]}}},
        ]}})
    };
    assert_eq!(socket.expect("levels", "data").await, levels(30));
    let pick = "mutation { update_stock_bin_content(where: {lot_id: {_eq: 1}}, _inc: {amount: -4}) { affected_rows } }";
    project.graphql(pick, json!({})).await;
    assert_eq!(socket.expect("levels", "data").await, levels(26));
}
