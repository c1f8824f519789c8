//! Values of enum tables in events.

use super::{TestStack, everything};
use serde_json::json;

#[tokio::test]
async fn an_enum_value_is_text_in_a_payload() {
    let stack = TestStack::new().await;
    stack.trigger("all", everything()).await;
    stack
        .engine
        .sql(
            "CREATE TABLE kind (word text PRIMARY KEY); INSERT INTO kind VALUES ('x');
              ALTER TABLE t ADD FOREIGN KEY (name) REFERENCES kind",
        )
        .await;
    let kind = json!({"table": "kind", "is_enum": true});
    stack.engine.command("track_table", kind).await;
    let insert = "mutation { insert_t_one(object: {id: 1, name: x}) { name } }";
    let answer = stack.engine.graphql(insert, json!({})).await;
    assert_eq!(answer, json!({"data": {"insert_t_one": {"name": "x"}}}));
    let payloads = stack.payloads().await;
    assert_eq!(payloads[0]["data"]["new"]["name"], "x");
}
