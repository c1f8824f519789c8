//! Commands that create and drop endpoints and queries of collections.

use super::{Stack, endpoint, stack};
use serde_json::{Value, json};

#[tokio::test]
async fn definitions_of_endpoints_are_checked() {
    let stack = Stack::served(&[]).await;
    let engine = &stack.engine;
    let create = async |endpoint: Value| {
        let (status, code, path, message) = engine.refused("create_rest_endpoint", endpoint).await;
        assert_eq!(status, 400, "{message}");
        (code, path, message)
    };
    let inconsistent = "cannot continue due to new inconsistent metadata";
    for (name, url, expected) in [
        (
            "all",
            "other",
            (
                "already-exists",
                "$.args",
                "Endpoint with name: all already exists",
            ),
        ),
        (
            "two",
            "two",
            (
                "bad-request",
                "$.args",
                "query \"two\" of a REST endpoint must contain exactly one operation",
            ),
        ),
        (
            "absent",
            "absent",
            (
                "not-exists",
                "$.args",
                "query with name \"absent\" does not exist in query collection \"people\"",
            ),
        ),
        ("", "x", ("parse-failed", "$.name", "empty string not allowed")),
        ("x", "", ("parse-failed", "$.url", "empty string not allowed")),
    ] {
        let (code, path, message) = create(endpoint(name, url, &["GET"])).await;
        assert_eq!((&*code, &*path, &*message), expected);
    }
    let mut ambiguous = endpoint("all", "person/me", &["GET"]);
    ambiguous["name"] = json!("me");
    let (code, _, message) = create(ambiguous).await;
    assert_eq!((&*code, &*message), ("unexpected", inconsistent));
    let (_, code, _, message) = engine
        .refused("drop_rest_endpoint", json!({"name": "absent"}))
        .await;
    assert_eq!(
        (&*code, &*message),
        ("not-exists", "endpoint with name: absent does not exist")
    );
    // A query that an endpoint serves is not dropped.
    let query = json!({"collection_name": "people", "query_name": "all"});
    let (_, code, _, message) = engine.refused("drop_query_from_collection", query.clone()).await;
    assert_eq!((&*code, &*message), ("unexpected", inconsistent));
    engine.command("drop_rest_endpoint", json!({"name": "all"})).await;
    engine.command("drop_query_from_collection", query).await;
    assert_eq!(stack.get("people").await.0, 404);
    let rename = json!({"name": "people", "new_name": "persons"});
    engine.command("rename_query_collection", rename).await;
    assert_eq!(stack.get("person/1").await.0, 200);
    // The document can be imported again, and an endpoint without its query is inconsistent.
    let mut metadata = engine.command("export_metadata", json!({})).await;
    assert_eq!(
        metadata["rest_endpoints"][0]["definition"]["query"]["collection_name"],
        "persons"
    );
    engine.command("replace_metadata", metadata.clone()).await;
    assert_eq!(stack.get("person/1").await.0, 200);
    metadata["query_collections"] = json!([]);
    let args = json!({"metadata": metadata, "allow_inconsistent_metadata": true});
    engine.command("replace_metadata", args).await;
    assert_eq!(stack.get("person/1").await.0, 404);
    let answer = engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(answer["inconsistent_objects"][0]["type"], "endpoint");
    engine.command("drop_inconsistent_metadata", json!({})).await;
    let metadata = engine.command("export_metadata", json!({})).await;
    assert_eq!(metadata.get("rest_endpoints"), None);
}

#[tokio::test]
async fn queries_of_collections_are_parsed() {
    let stack = stack(&[]).await;
    let definition = json!({"queries": [{"name": "q", "query": "{ a"}]});
    let args = json!({"name": "c", "definition": definition});
    let (_, code, path, _) = stack.engine.refused("create_query_collection", args).await;
    assert_eq!(
        (&*code, &*path),
        ("parse-failed", "$.definition.queries[0].query")
    );
    let args = json!({"collection_name": "people", "query_name": "q", "query": "no query"});
    let (_, code, path, _) = stack.engine.refused("add_query_to_collection", args).await;
    assert_eq!((&*code, &*path), ("parse-failed", "$.query"));
}
