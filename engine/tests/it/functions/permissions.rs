//! Permissions to call functions, and permissions of their tables on what they return.

use super::{Library, error};
use serde_json::{Value, json};

const READER: &[(&str, &str)] = &[("x-hasura-role", "reader"), ("x-hasura-user-id", "1")];

async fn permit(library: &Library, role: &str, permission: Value) {
    let args = json!({"table": "book", "role": role, "permission": permission});
    library.engine.command("create_select_permission", args).await;
}

async fn permit_function(library: &Library, function: &str, role: &str) {
    let args = json!({"function": function, "role": role});
    library.engine.command("create_function_permission", args).await;
}

#[tokio::test]
async fn permission_of_the_table_applies_to_the_result() {
    let library = Library::tracked(&[]).await;
    let permission =
        json!({"columns": ["id", "title"], "filter": {"shelf_id": "X-Hasura-User-Id"}, "limit": 1});
    permit(&library, "reader", permission).await;
    let query = "{ all_books(order_by: {id: desc}) { id title } a: book_of(args: {wanted: 2}) { id } b: book_of(args: {wanted: 3}) { id } }";
    assert_eq!(
        library.data_as(READER, query).await,
        json!({"all_books": [{"id": 2, "title": "Beta"}], "a": {"id": 2}, "b": null})
    );
    assert_eq!(
        library.error_as(READER, "{ all_books { pages } }").await,
        error(
            "validation-failed",
            "$.selectionSet.all_books.selectionSet.pages",
            "field \"pages\" not found in type: 'book'"
        )
    );
    let filtered = "{ all_books(where: {pages: {_gt: 1}}) { id } }";
    assert_eq!(library.error_as(READER, filtered).await.0, "validation-failed");
    // Aggregates are not permitted.
    let aggregate = "{ all_books_aggregate { aggregate { count } } }";
    assert_eq!(
        library.error_as(READER, aggregate).await.2,
        "field \"all_books_aggregate\" not found in type: 'query_root'"
    );
    // A role that may not read the table has none of the functions.
    let other = [("x-hasura-role", "other")];
    assert_eq!(
        library.error_as(&other, "{ all_books { id } }").await.0,
        "validation-failed"
    );
}

#[tokio::test]
async fn mutations_always_need_a_function_permission() {
    let library = Library::tracked(&[]).await;
    permit(
        &library,
        "reader",
        json!({"columns": ["id"], "filter": {"shelf_id": "X-Hasura-User-Id"}}),
    )
    .await;
    let mutation = "mutation { extend(args: {amount: 1}) { id } }";
    assert_eq!(library.error_as(READER, mutation).await.2, "no mutations exist");
    permit_function(&library, "extend", "reader").await;
    assert_eq!(
        library.data_as(READER, mutation).await,
        json!({"extend": [{"id": 1}, {"id": 2}]})
    );
    let args = json!({"function": "extend", "role": "reader"});
    library
        .engine
        .command("drop_function_permission", args.clone())
        .await;
    assert_eq!(library.error_as(READER, mutation).await.2, "no mutations exist");
    assert_eq!(
        library.engine.refused("drop_function_permission", args).await,
        (
            400,
            "not-exists".to_owned(),
            "$.args".to_owned(),
            "permission of role \"reader\" does not exist for function \"extend\" in source: \"default\""
                .to_owned()
        )
    );
}

#[tokio::test]
async fn queries_need_a_function_permission_if_it_is_not_inferred() {
    let library = Library::tracked(&["--infer-function-permissions", "false"]).await;
    for role in ["reader", "writer"] {
        permit(&library, role, json!({"columns": ["id"], "filter": {}})).await;
    }
    let query = "{ book_of(args: {wanted: 1}) { id } }";
    assert_eq!(library.error_as(READER, query).await.0, "validation-failed");
    permit_function(&library, "book_of", "reader").await;
    assert_eq!(
        library.data_as(READER, query).await,
        json!({"book_of": {"id": 1}})
    );
    assert_eq!(library.data(query).await, json!({"book_of": {"id": 1}}));
    // An inherited role has the permissions of its parents.
    let inherited = json!({"role_name": "both", "role_set": ["reader", "writer"]});
    library.engine.command("add_inherited_role", inherited).await;
    let both = [("x-hasura-role", "both")];
    assert_eq!(library.data_as(&both, query).await, json!({"book_of": {"id": 1}}));
    let writer = [("x-hasura-role", "writer")];
    assert_eq!(library.error_as(&writer, query).await.0, "validation-failed");
    // The console asks for this setting.
    for (library, expected) in [(library, false), (Library::tracked(&[]).await, true)] {
        let url = format!("{}/v1alpha1/config", library.engine.url);
        let response = library
            .engine
            .http
            .get(url)
            .send()
            .await
            .expect("the engine answers");
        let config: Value = response.json().await.expect("JSON");
        assert_eq!(config["is_function_permissions_inferred"], expected);
    }
}

#[tokio::test]
async fn function_permissions_are_checked() {
    let library = Library::tracked(&[]).await;
    let args = json!({"function": "book_of", "role": "reader"});
    assert_eq!(
        library.engine.refused("create_function_permission", args.clone()).await,
        (
            400,
            "not-supported".to_owned(),
            "$.args".to_owned(),
            "function permission can only be added when the function's return table \"book\" has select permission \
             configured for role: \"reader\""
                .to_owned()
        )
    );
    permit(&library, "reader", json!({"columns": ["id"], "filter": {}})).await;
    library
        .engine
        .command("create_function_permission", args.clone())
        .await;
    let (_, code, _, message) = library.engine.refused("create_function_permission", args).await;
    assert_eq!(
        (&*code, &*message),
        (
            "already-exists",
            "permission of role \"reader\" already exists for function \"book_of\" in source: \"default\""
        )
    );
    let metadata = library.engine.command("export_metadata", json!({})).await;
    let functions = metadata["sources"][0]["functions"].as_array().unwrap();
    let stored = functions
        .iter()
        .find(|entry| entry["function"]["name"] == "book_of")
        .unwrap();
    assert_eq!(stored["permissions"], json!([{"role": "reader"}]));
}
