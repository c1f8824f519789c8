//! Computed fields in the conditions of permissions and of data commands.

use super::Shop;
use serde_json::{Value, json};

impl Shop {
    /// Runs an operation of the role `user` with a session variable.
    async fn as_user(&self, query: &str) -> Value {
        let session = [("x-hasura-role", "user"), ("x-hasura-name", "Ada Lovelace")];
        self.graphql_as(&session, query, json!({})).await
    }

    async fn permit_operation(&self, operation: &str, table: &str, permission: Value) {
        let args = json!({"table": table, "role": "user", "permission": permission});
        let command = format!("create_{operation}_permission");
        self.engine.command(&command, args).await;
    }
}

#[tokio::test]
async fn filters_compare_scalars_without_a_permission_for_them() {
    let shop = Shop::computed().await;
    for (filter, expected) in [
        (json!({"full_name": {"_eq": "X-Hasura-Name"}}), vec![1]),
        (json!({"full_name": "Bo"}), vec![2]),
        (
            json!({"full_name": {"_like": "%o%"}, "spent": {"_gt": 5}}),
            vec![1],
        ),
        (json!({"_not": {"spent": {"_in": [5, 0]}}}), vec![1]),
        // The function receives the whole session.
        (json!({"viewer": {"_eq": "user sees Cy"}}), vec![3]),
        (
            json!({"options": {"_contains": {"a": {"b": 1}}}, "tags": {"_contains": ["Bo"]}}),
            vec![2],
        ),
        (json!({"all_purchases": {"amount": {"_gt": 15}}}), vec![1]),
        (json!({"all_purchases": {}}), vec![1, 2]),
        (
            json!({"all_purchases": {"customer": {"full_name": {"_eq": "Bo"}}}}),
            vec![2],
        ),
        (
            json!({"_exists": {"_table": "customer", "_where": {"full_name": "Nobody"}}}),
            vec![],
        ),
    ] {
        shop.permit("customer", "user", json!({"columns": ["id"], "filter": filter}))
            .await;
        let answer = shop.as_user("{ customer(order_by: {id: asc}) { id } }").await;
        let ids: Vec<Value> = expected.iter().map(|id| json!({"id": id})).collect();
        assert_eq!(answer, json!({"data": {"customer": ids}}), "{filter}");
        let drop = json!({"table": "customer", "role": "user"});
        shop.engine.command("drop_select_permission", drop).await;
    }
}

#[tokio::test]
async fn changes_are_checked_and_filtered() {
    let shop = Shop::computed().await;
    shop.permit("customer", "user", json!({"columns": "*", "filter": {}}))
        .await;
    shop.permit("purchase", "user", json!({"columns": "*", "filter": {}}))
        .await;
    let own = json!({"customer": {"full_name": {"_eq": "X-Hasura-Name"}}});
    shop.permit_operation("insert", "purchase", json!({"columns": "*", "check": own}))
        .await;
    shop.permit_operation(
        "insert",
        "customer",
        json!({"columns": "*", "check": {"full_name": {"_like": "A%"}}}),
    )
    .await;
    let update = json!({"columns": ["first_name"], "filter": {"full_name": {"_eq": "Bo"}}, "check": {"full_name": {"_neq": "Al"}}});
    shop.permit_operation("update", "customer", update).await;
    shop.permit_operation("delete", "purchase", json!({"filter": own}))
        .await;
    let affected = |answer: Value, field: &str| answer["data"][field]["affected_rows"].clone();
    let refused = |answer: Value| {
        answer["errors"][0]["extensions"]["code"]
            .as_str()
            .map(ToOwned::to_owned)
    };
    let insert = |id: i32, customer: i32| {
        format!(
            "mutation {{ insert_purchase(objects: {{id: {id}, customer_id: {customer}, amount: 1}}) {{ affected_rows }} }}"
        )
    };
    assert_eq!(affected(shop.as_user(&insert(10, 1)).await, "insert_purchase"), 1);
    assert_eq!(
        refused(shop.as_user(&insert(11, 2)).await).as_deref(),
        Some("permission-error")
    );
    let add = |name: &str| {
        format!(
            "mutation {{ insert_customer(objects: {{id: 9, first_name: \"{name}\", settings: {{}}}}) {{ affected_rows returning {{ id }} }} }}"
        )
    };
    assert_eq!(
        refused(shop.as_user(&add("Zed")).await).as_deref(),
        Some("permission-error")
    );
    assert_eq!(affected(shop.as_user(&add("Al")).await, "insert_customer"), 1);
    let rename = |name: &str| {
        format!(
            "mutation {{ update_customer(where: {{}}, _set: {{first_name: \"{name}\"}}) {{ affected_rows }} }}"
        )
    };
    assert_eq!(
        refused(shop.as_user(&rename("Al")).await).as_deref(),
        Some("permission-error")
    );
    assert_eq!(affected(shop.as_user(&rename("Bob")).await, "update_customer"), 1);
    let delete = "mutation { delete_purchase(where: {}) { affected_rows } }";
    assert_eq!(affected(shop.as_user(delete).await, "delete_purchase"), 3);
}

#[tokio::test]
async fn fields_with_arguments_are_refused() {
    let shop = Shop::computed().await;
    let permission = json!({"columns": ["id"], "filter": {"greeting": {"_eq": "Hi"}}});
    let args = json!({"table": "customer", "role": "user", "permission": permission});
    let (_, _, _, message) = shop.engine.refused("create_select_permission", args).await;
    let reason = "Computed columns with input arguments can not be part of the where clause";
    assert!(message.contains(reason), "{message}");
}

#[tokio::test]
async fn permissions_depend_on_the_fields_of_their_conditions() {
    let shop = Shop::computed().await;
    shop.permit(
        "customer",
        "user",
        json!({"columns": ["id"], "filter": {"full_name": "Bo"}}),
    )
    .await;
    shop.permit(
        "purchase",
        "other",
        json!({"columns": ["id"], "filter": {"customer": {"all_purchases": {"customer": {"full_name": "Bo"}}}}}),
    )
    .await;
    let drop = |name: &str| json!({"table": "customer", "name": name});
    let (_, code, _, message) = shop
        .engine
        .refused("drop_computed_field", drop("full_name"))
        .await;
    assert_eq!(code, "dependency-error");
    for permission in [
        "permission customer.user.select",
        "permission purchase.other.select",
    ] {
        assert!(message.contains(permission), "{message}");
    }
    let (_, code, _, message) = shop
        .engine
        .refused("drop_computed_field", drop("all_purchases"))
        .await;
    assert_eq!(code, "dependency-error");
    assert!(message.contains("permission purchase.other.select"), "{message}");
    let sql = json!({"sql": "DROP FUNCTION full_name(customer)"});
    let (_, code, ..) = shop.engine.refused("run_sql", sql).await;
    assert_eq!(code, "dependency-error");
    // Without the engine's knowledge, the permissions grant nothing, and the rest is served.
    let client = shop.database.connect().await;
    client
        .batch_execute("DROP FUNCTION full_name(customer)")
        .await
        .unwrap();
    shop.engine.command("reload_metadata", json!({})).await;
    let inconsistent = shop.engine.command("get_inconsistent_metadata", json!({})).await;
    let types: Vec<&str> = inconsistent["inconsistent_objects"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|object| object["type"].as_str())
        .collect();
    assert_eq!(
        types,
        ["computed_field", "select_permission", "select_permission"]
    );
    let answer = shop.as_user("{ customer { id } }").await;
    assert!(
        answer["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("not found"),
        "{answer}"
    );
    shop.data("{ customer { id spent } }").await;
}

#[tokio::test]
async fn data_commands_compare_the_fields_that_the_role_can_select() {
    let shop = Shop::computed().await;
    shop.permit(
        "purchase",
        "user",
        json!({"columns": ["id", "amount"], "filter": {"id": {"_neq": 2}}}),
    )
    .await;
    let permission = json!({"columns": ["id"], "filter": {}, "computed_fields": ["full_name", "viewer"]});
    shop.permit("customer", "user", permission).await;
    let user = [("x-hasura-role", "user")];
    let select = async |condition: Value| {
        let args = json!({"table": "customer", "columns": ["id"], "where": condition});
        let command = json!({"type": "select", "args": args});
        shop.engine.post("/v1/query", &user, &command).await
    };
    for (condition, expected) in [
        (json!({"full_name": {"$like": "A%"}}), json!([{"id": 1}])),
        (json!({"viewer": "user sees Bo"}), json!([{"id": 2}])),
        // The rows are those that the role can read.
        (json!({"all_purchases": {"amount": {"$gt": 15}}}), json!([])),
        (
            json!({"all_purchases": {"amount": {"$gt": 9}}}),
            json!([{"id": 1}]),
        ),
    ] {
        assert_eq!(select(condition.clone()).await, (200, expected), "{condition}");
    }
    let (status, answer) = select(json!({"spent": {"$gt": 1}})).await;
    assert_eq!(
        (status, &answer["code"]),
        (400, &json!("permission-denied")),
        "{answer}"
    );
}
