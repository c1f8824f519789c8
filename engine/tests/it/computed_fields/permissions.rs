//! Computed fields of roles: scalars are granted one by one, rows follow the permissions on their table.

use super::Shop;
use serde_json::json;

#[tokio::test]
async fn scalars_need_to_be_granted() {
    let shop = Shop::computed().await;
    shop.permit(
        "customer",
        "user",
        json!({"columns": ["id"], "filter": {"id": {"_lt": 3}}, "computed_fields": ["full_name"]}),
    )
    .await;
    shop.permit("customer", "guest", json!({"columns": ["id"], "filter": {}}))
        .await;
    // The function reads columns that the role cannot.
    assert_eq!(
        shop.data_as("user", "{ customer(order_by: {full_name: desc}) { full_name } }")
            .await,
        json!({"customer": [{"full_name": "Bo"}, {"full_name": "Ada Lovelace"}]})
    );
    for (role, query) in [
        ("guest", "{ customer { full_name } }"),
        ("guest", "{ customer(where: {full_name: {_eq: \"Bo\"}}) { id } }"),
        ("guest", "{ customer(order_by: {full_name: asc}) { id } }"),
        ("user", "{ customer { spent } }"),
        ("user", "{ customer { greeting(args: {word: \"x\"}) } }"),
        ("user", "{ customer { all_purchases { id } } }"),
        ("user", "{ customer(where: {all_purchases: {}}) { id } }"),
    ] {
        let message = shop.message_as(role, query).await;
        assert!(message.contains("not found in type"), "{query}: {message}");
    }
}

#[tokio::test]
async fn rows_have_the_permissions_of_their_table() {
    let shop = Shop::computed().await;
    shop.permit("customer", "user", json!({"columns": ["id"], "filter": {}}))
        .await;
    shop.permit(
        "purchase",
        "user",
        json!({"columns": ["id"], "filter": {"id": {"_neq": 1}}, "limit": 1}),
    )
    .await;
    let query = "{ customer(where: {all_purchases: {}}, order_by: {id: asc}) { id all_purchases { id } } }";
    assert_eq!(
        shop.data_as("user", query).await,
        json!({"customer": [{"id": 1, "all_purchases": [{"id": 2}]}, {"id": 2, "all_purchases": [{"id": 3}]}]})
    );
    let message = shop
        .message_as("user", "{ customer { all_purchases { amount } } }")
        .await;
    assert_eq!(message, "field \"amount\" not found in type: 'purchase'");
}

#[tokio::test]
async fn inherited_roles_have_the_fields_that_all_parents_grant() {
    let shop = Shop::computed().await;
    let granted = |columns: &[&str], filter, fields: &[&str]| json!({"columns": columns, "filter": filter, "computed_fields": fields});
    let one = granted(
        &["id", "first_name"],
        json!({"id": {"_eq": 1}}),
        &["full_name", "spent"],
    );
    shop.permit("customer", "one", one).await;
    let two = granted(&["id", "last_name"], json!({"id": {"_eq": 3}}), &["full_name"]);
    shop.permit("customer", "two", two).await;
    let both = json!({"role_name": "both", "role_set": ["one", "two"]});
    shop.engine.command("add_inherited_role", both).await;
    let query = "{ customer(order_by: {id: asc}) { first_name last_name full_name } }";
    // The function does not see what the role does not see.
    assert_eq!(
        shop.data_as("both", query).await,
        json!({"customer": [
            {"first_name": "Ada", "last_name": null, "full_name": "Ada"},
            {"first_name": null, "last_name": "Young", "full_name": "Young"},
        ]})
    );
    let message = shop.message_as("both", "{ customer { spent } }").await;
    assert!(message.contains("not found in type"), "{message}");
}

#[tokio::test]
async fn function_that_fails_reveals_no_other_rows() {
    let shop = Shop::new().await;
    shop.engine
        .sql(
            "CREATE FUNCTION fails(person customer) RETURNS int LANGUAGE plpgsql STABLE COST 1 AS
               $$ BEGIN IF person.id = 3 THEN RAISE EXCEPTION 'row of %', person.first_name; END IF; RETURN person.id; END $$;
             CREATE FUNCTION slow(id int) RETURNS boolean LANGUAGE plpgsql STABLE COST 10000 AS $$ BEGIN RETURN id < 3; END $$;
             CREATE VIEW seen AS SELECT id FROM customer WHERE slow(id);",
        )
        .await;
    shop.add("fails", "fails", json!({})).await;
    shop.engine.command("track_table", json!("seen")).await;
    let seen = json!({"table": "customer", "name": "seen", "using": {"manual_configuration": {
        "remote_table": "seen", "column_mapping": {"id": "id"}}}});
    shop.engine.command("create_object_relationship", seen).await;
    shop.permit(
        "customer",
        "user",
        json!({"columns": ["id"], "filter": {"seen": {"id": {"_lt": 3}}}, "computed_fields": ["fails"]}),
    )
    .await;
    let query = "{ customer(where: {fails: {_gt: 0}}, order_by: {id: asc}) { id fails } }";
    assert_eq!(
        shop.data_as("user", query).await,
        json!({"customer": [{"id": 1, "fails": 1}, {"id": 2, "fails": 2}]})
    );
}
