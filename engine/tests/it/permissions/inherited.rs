//! Inherited roles.

use super::{Stack, error};
use serde_json::{Value, json};

const BOTH: &[(&str, &str)] = &[("x-hasura-role", "both"), ("x-hasura-user-id", "1")];

async fn stack() -> Stack {
    let stack = Stack::new().await;
    stack
        .permit_role(
            "own",
            "select",
            "author",
            json!({"columns": ["id", "name", "email"], "filter": {"id": "X-Hasura-User-Id"}, "limit": 2}),
        )
        .await;
    stack
        .permit_role(
            "public",
            "select",
            "author",
            json!({"columns": ["id", "name"], "filter": {"id": {"_lt": 3}}, "allow_aggregations": true}),
        )
        .await;
    stack
        .engine
        .command(
            "add_inherited_role",
            json!({"role_name": "both", "role_set": ["own", "public"]}),
        )
        .await;
    stack
}

#[tokio::test]
async fn select_permissions_are_united() {
    let stack = stack().await;
    // Rows of either parent; a column that only one grants is visible in the rows of that parent.
    let query = "{ author(order_by: {id: asc}) { id name email } }";
    assert_eq!(
        stack.data(BOTH, query).await,
        json!({"author": [
            {"id": 1, "name": "Ann", "email": "ann@example.org"}, {"id": 2, "name": "Bob", "email": null},
        ]})
    );
    // The invisible value is not revealed by conditions, orders and aggregates.
    let by_email = "{ author(where: {email: {_eq: \"bob@example.org\"}}) { id } }";
    assert_eq!(stack.data(BOTH, by_email).await, json!({"author": []}));
    let maximum = "{ author_aggregate { aggregate { count max { email } } } }";
    assert_eq!(
        stack.data(BOTH, maximum).await,
        json!({"author_aggregate": {"aggregate": {"count": 2, "max": {"email": "ann@example.org"}}}})
    );
    let ordered = "{ author(order_by: {email: asc_nulls_first}) { id } }";
    assert_eq!(stack.ids(BOTH, ordered).await, [2, 1]);
    let ty = "{ __type(name: \"author\") { fields { name type { kind } } } }";
    let data = stack.data(BOTH, ty).await;
    let fields = data["__type"]["fields"].as_array().unwrap();
    let kind =
        |name: &str| fields.iter().find(|field| field["name"] == name).unwrap()["type"]["kind"].clone();
    assert_eq!((kind("id"), kind("email")), (json!("NON_NULL"), json!("SCALAR")));
    // A parent without a limit does not lift that of another.
    stack
        .engine
        .sql("INSERT INTO author VALUES (0, 'Zoe'), (-1, 'Yan')")
        .await;
    assert_eq!(stack.ids(BOTH, "{ author { id } }").await.len(), 2);
    // The variables of all parents are required.
    let without = &[BOTH[0]];
    assert_eq!(
        stack.error(without, "{ author { id } }").await,
        error(
            "not-found",
            "$",
            "missing session variables: \"x-hasura-user-id\""
        )
    );
}

#[tokio::test]
async fn parents_without_a_permission_on_the_table_do_not_count() {
    let stack = stack().await;
    stack
        .permit_role(
            "own",
            "select",
            "article",
            json!({"columns": ["id"], "filter": {"author_id": "X-Hasura-User-Id"}}),
        )
        .await;
    assert_eq!(
        stack.ids(BOTH, "{ article(order_by: {id: asc}) { id } }").await,
        [1, 2]
    );
    // An explicit permission of the inherited role takes precedence.
    stack
        .permit_role(
            "both",
            "select",
            "article",
            json!({"columns": ["id"], "filter": {"id": 4}}),
        )
        .await;
    assert_eq!(stack.ids(BOTH, "{ article { id } }").await, [4]);
    // Inherited roles may have inherited parents.
    stack
        .engine
        .command(
            "add_inherited_role",
            json!({"role_name": "all", "role_set": ["both"]}),
        )
        .await;
    let all = &[("x-hasura-role", "all"), BOTH[1]];
    assert_eq!(stack.ids(all, "{ article { id } }").await, [4]);
    assert_eq!(
        stack.ids(all, "{ author(order_by: {id: asc}) { id } }").await,
        [1, 2]
    );
}

#[tokio::test]
async fn mutations_are_inherited_if_the_parents_agree() {
    let stack = stack().await;
    let delete = "mutation { delete_article(where: {}) { affected_rows } }";
    let filter = |filter: Value| json!({"filter": filter});
    stack
        .permit_role(
            "own",
            "delete",
            "article",
            filter(json!({"_and": [{"id": 1}, {"published": true}]})),
        )
        .await;
    stack
        .permit_role(
            "public",
            "delete",
            "article",
            filter(json!({"_and": [{"published": true}, {"id": 1}]})),
        )
        .await;
    let inconsistent = async || {
        stack.engine.command("get_inconsistent_metadata", json!({})).await["inconsistent_objects"].clone()
    };
    assert_eq!(inconsistent().await, json!([]));
    assert_eq!(
        stack.data(BOTH, delete).await,
        json!({"delete_article": {"affected_rows": 1}})
    );
    let args = json!({"table": "article", "role": "public"});
    stack.engine.command("drop_delete_permission", args).await;
    stack
        .permit_role("public", "delete", "article", filter(json!({})))
        .await;
    assert_eq!(
        stack.error(BOTH, delete).await,
        error("validation-failed", "$", "no mutations exist")
    );
    let objects = inconsistent().await;
    assert_eq!(objects.as_array().map(Vec::len), Some(1), "{objects}");
    assert_eq!(objects[0]["type"], "inherited role permission inconsistency");
    assert_eq!(objects[0]["name"], "both");
    assert_eq!(
        objects[0]["reason"],
        "Could not inherit permission for the role 'both' for the entity: 'delete permission, table: article, source: 'default''"
    );
    // It is reported, and cannot be dropped.
    stack
        .engine
        .command("drop_inconsistent_metadata", json!({}))
        .await;
    assert_eq!(inconsistent().await, objects);
}

#[tokio::test]
async fn inherited_roles_are_added_replaced_and_dropped() {
    let stack = stack().await;
    let (status, code, path, message) = stack
        .engine
        .refused(
            "add_inherited_role",
            json!({"role_name": "own", "role_set": ["both"]}),
        )
        .await;
    assert_eq!((status, &*code, &*path), (400, "cyclic-dependency", "$.args"));
    assert_eq!(message, "found cycle(s) in roles: [\"own\"]");
    stack
        .engine
        .command(
            "add_inherited_role",
            json!({"role_name": "both", "role_set": ["public"]}),
        )
        .await;
    let exported = stack.engine.command("export_metadata", json!({})).await;
    assert_eq!(
        exported["inherited_roles"],
        json!([{"role_name": "both", "role_set": ["public"]}])
    );
    let (_, _, message) = stack.error(BOTH, "{ author { email } }").await;
    assert_eq!(message, "field \"email\" not found in type: 'author'");
    let drop = json!({"role_name": "both"});
    stack.engine.command("drop_inherited_role", drop.clone()).await;
    let (_, _, message) = stack.error(BOTH, "{ author { id } }").await;
    assert_eq!(message, "field \"author\" not found in type: 'query_root'");
    let (status, code, _, message) = stack.engine.refused("drop_inherited_role", drop).await;
    assert_eq!((status, &*code), (400, "not-exists"));
    assert_eq!(message, "\"both\" inherited role doesn't exist");
    let exported = stack.engine.command("export_metadata", json!({})).await;
    assert_eq!(exported.get("inherited_roles"), None);
}

#[tokio::test]
async fn unusable_permission_is_not_replaced_by_that_of_the_parents() {
    let stack = stack().await;
    let everything = json!({"columns": "*", "filter": {}});
    stack
        .permit_role("public", "select", "article", everything.clone())
        .await;
    stack
        .permit_role(
            "both",
            "select",
            "article",
            json!({"columns": "*", "filter": {"words": 10}}),
        )
        .await;
    let articles = "{ article(order_by: {id: asc}) { id } }";
    assert_eq!(stack.data(BOTH, articles).await, json!({"article": [{"id": 1}]}));
    // By SQL outside of the engine, which would refuse it because of the permission.
    let client = stack.database.connect().await;
    client
        .batch_execute("ALTER TABLE article DROP COLUMN words")
        .await
        .unwrap();
    stack.engine.command("reload_metadata", json!({})).await;
    let (code, ..) = stack.error(BOTH, articles).await;
    assert_eq!(code, "validation-failed");
}
