//! Presets that cannot be used. The permission must not be granted without them: the role could write rows that lack the
//! values which restrict it.

use super::{ANN, Stack, error};
use serde_json::{Value, json};

/// Permissions of the role `user` on articles, both with a preset of `author_id` and of `words`.
async fn stack() -> Stack {
    let stack = Stack::new().await;
    let set = json!({"author_id": "X-Hasura-User-Id", "words": 7});
    stack
        .permit("select", "article", json!({"columns": ["id"], "filter": {}}))
        .await;
    let insert = json!({"columns": ["id", "title"], "check": {}, "set": set});
    stack.permit("insert", "article", insert).await;
    let update = json!({"columns": ["title"], "filter": {}, "set": set});
    stack.permit("update", "article", update).await;
    stack
}

const WRITES: [&str; 2] = [
    "mutation { insert_article(objects: [{id: 9, title: \"t\"}]) { affected_rows } }",
    "mutation { update_article(where: {id: {_eq: 1}}, _set: {title: \"t\"}) { affected_rows } }",
];

/// Asserts that the role can neither insert nor update, and that no row was written.
async fn assert_denied(stack: &Stack) {
    for query in WRITES {
        assert_eq!(
            stack.error(ANN, query).await,
            error("validation-failed", "$", "no mutations exist"),
            "{query}"
        );
    }
    let object = json!({"id": 9, "title": "t"});
    for (kind, args) in [
        ("insert", json!({"table": "article", "objects": [object]})),
        (
            "update",
            json!({"table": "article", "$set": {"title": "t"}, "where": {}}),
        ),
    ] {
        let (code, _, message) = stack.denied(ANN, kind, args).await;
        assert_eq!(code, "permission-denied", "{message}");
    }
    assert_eq!(
        stack
            .count("SELECT count(*) FROM article WHERE title = 't'")
            .await,
        0
    );
}

async fn inconsistent(stack: &Stack) -> Vec<(String, String)> {
    let found = stack.engine.command("get_inconsistent_metadata", json!({})).await;
    let objects = found["inconsistent_objects"].as_array().cloned();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    objects
        .unwrap_or_default()
        .iter()
        .map(|object| (text(&object["name"]), text(&object["reason"])))
        .collect()
}

#[tokio::test]
async fn permission_whose_preset_names_a_dropped_column_is_not_granted() {
    let stack = stack().await;
    for query in WRITES {
        let data = stack.data(ANN, query).await;
        assert_eq!(
            data.to_string().matches("\"affected_rows\":1").count(),
            1,
            "{data}"
        );
    }
    let preset = "SELECT count(*) FROM article WHERE words = 7 AND author_id = 1";
    assert_eq!(stack.count(preset).await, 2);
    // By SQL outside of the engine, which would refuse it because of the permissions.
    let client = stack.database.connect().await;
    client
        .batch_execute("ALTER TABLE article DROP COLUMN words; UPDATE article SET title = 'a'; DELETE FROM article WHERE id = 9")
        .await
        .unwrap();
    stack.engine.command("reload_metadata", json!({})).await;
    assert_denied(&stack).await;
    let missing = |operation: &str| {
        (
            format!("{operation}_permission user in table article in source default"),
            "Inconsistent object: in table \"article\": in permission for role \"user\": column \"words\" not found in table \"article\"".to_owned(),
        )
    };
    assert_eq!(inconsistent(&stack).await, [missing("insert"), missing("update")]);
    // What does not depend on the preset remains.
    assert_eq!(stack.ids(ANN, "{ article { id } }").await.len(), 4);
}

#[tokio::test]
async fn permission_whose_preset_has_no_value_of_the_type_is_not_granted() {
    let stack = stack().await;
    let mut metadata = stack.engine.command("export_metadata", json!({})).await;
    let tables = metadata["sources"][0]["tables"].as_array_mut().unwrap();
    let article = tables
        .iter_mut()
        .find(|table| table["table"]["name"] == "article" || table["table"] == "article")
        .unwrap();
    for list in ["insert_permissions", "update_permissions"] {
        article[list][0]["permission"]["set"]["words"] = json!({"seven": 7});
    }
    let strict = json!({"metadata": metadata, "allow_inconsistent_metadata": false});
    let body = json!({"type": "replace_metadata", "version": 2, "args": strict});
    let (status, answer) = stack.engine.post("/v1/metadata", &[], &body).await;
    assert_eq!(status, 400, "{answer}");
    // Nothing has changed.
    assert_eq!(inconsistent(&stack).await, []);
    let body = json!({"type": "replace_metadata", "version": 2,
                      "args": {"metadata": metadata, "allow_inconsistent_metadata": true}});
    let (status, answer) = stack.engine.post("/v1/metadata", &[], &body).await;
    assert_eq!(status, 200, "{answer}");
    assert_denied(&stack).await;
    let names: Vec<String> = inconsistent(&stack)
        .await
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "insert_permission user in table article in source default",
            "update_permission user in table article in source default"
        ]
    );
}

#[tokio::test]
async fn permission_with_an_unusable_preset_cannot_be_created() {
    let stack = Stack::new().await;
    for set in [json!({"word": 1}), json!({"words": {"seven": 7}})] {
        for (operation, permission) in [
            ("insert", json!({"columns": ["id"], "check": {}, "set": set})),
            ("update", json!({"columns": ["title"], "filter": {}, "set": set})),
        ] {
            let args = json!({"table": "article", "role": "user", "permission": permission});
            let refused = stack
                .engine
                .refused(&format!("create_{operation}_permission"), args)
                .await;
            assert_eq!(
                (refused.0, &*refused.1),
                (400, "invalid-configuration"),
                "{refused:?}"
            );
        }
    }
    assert_denied(&stack).await;
    assert_eq!(inconsistent(&stack).await, []);
}
