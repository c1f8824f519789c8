//! Composite and hstore values.

use super::TestStack;
use serde_json::json;

#[tokio::test]
async fn composite_values_are_accepted_as_they_are_shown() {
    let stack = TestStack::new().await;
    stack
        .create(
            "CREATE DOMAIN positive AS int CHECK (value > 0);
             CREATE TYPE point3 AS (x int, y positive);
             CREATE TYPE addr AS (street text, tags text[], \"at Point\" point3, more jsonb, ok bool);
             CREATE TABLE building (id int PRIMARY KEY, at addr, others addr[])",
            &["building"],
        )
        .await;
    let shown = json!({"street": "Main \"1\", \\ (x)", "tags": ["a,b", null, "\"q\""], "at Point": {"x": null, "y": 2}, "more": {"k": [1, "\\"]}, "ok": true});
    let empty = json!({"street": null, "tags": null, "at Point": null, "more": null, "ok": null});
    let blank = json!({"street": "", "tags": [], "at Point": null, "more": null, "ok": false});
    let mut partial = empty.clone();
    partial["street"] = json!("only");
    for (index, (sent, expected)) in [
        (shown.clone(), shown.clone()),
        (blank.clone(), blank),
        (json!({"street": "only"}), partial),
        (
            json!("(\"by text\",,,,t)"),
            json!({"street": "by text", "tags": null, "at Point": null, "more": null, "ok": true}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let id = index + 1;
        let query = format!(
            "mutation ($at: addr, $others: [addr!]) {{
               insert_building_one(object: {{id: {id}, at: $at, others: $others}}) {{ at others }}
               update_building(where: {{id: {{_eq: {id}}}}}, _set: {{at: $at, others: $others}}) {{ returning {{ at others }} }}
               same: update_building(where: {{at: {{_eq: $at}}, others: {{_eq: $others}}, _and: {{at: {{_in: [$at]}}}}}}, _set: {{at: $at}}) {{ affected_rows }} }}"
        );
        let data = stack
            .data(&query, json!({"at": sent, "others": [sent, sent]}))
            .await;
        let row = json!({"at": expected, "others": [expected, expected]});
        assert_eq!(data["insert_building_one"], row);
        assert_eq!(data["update_building"]["returning"], json!([row]));
        assert_eq!(data["same"]["affected_rows"], 1);
        let args = json!({"table": "building", "objects": [{"id": 100 + id, "at": sent, "others": [sent]}], "returning": ["at", "others"]});
        let answer = stack.engine.command("insert", args).await;
        assert_eq!(
            answer["returning"][0],
            json!({"at": expected, "others": [expected]})
        );
    }
    let literal = "mutation ($s: String, $at: addr) { insert_building_one(object: {id: 50, at: {street: $s, tags: [\"x\"]}, others: [{ok: true}, $at]}) { at others } }";
    let data = stack
        .data(literal, json!({"s": "v", "at": {"street": "w"}}))
        .await;
    assert_eq!(data["insert_building_one"]["at"]["street"], "v");
    assert_eq!(data["insert_building_one"]["others"][1]["street"], "w");
    let (code, path, message) = stack
        .error(
            "mutation ($at: addr) { insert_building_one(object: {id: 51, at: $at}) { id } }",
            json!({"at": {"stret": "x"}}),
        )
        .await;
    assert_eq!(code, "validation-failed");
    assert_eq!(path, "$.selectionSet.insert_building_one.args.object.at.stret");
    assert_eq!(message, "field \"stret\" not found in type: 'addr'");
    let (code, ..) = stack
        .error(
            "mutation ($at: addr) { insert_building_one(object: {id: 52, at: $at}) { id } }",
            json!({"at": {"at Point": {"y": -1}}}),
        )
        .await;
    assert_eq!(code, "permission-error", "the domain's check fails");
}

#[tokio::test]
async fn hstore_is_accepted_as_it_is_shown() {
    let stack = TestStack::new().await;
    if !stack.has_extension("hstore").await {
        return;
    }
    stack
        .create(
            "CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext;
             CREATE TABLE box (id int PRIMARY KEY, h ext.hstore, hs ext.hstore[])",
            &["box"],
        )
        .await;
    let shown = json!({"a": "1", "b \"=>\" c": null, "": "x\\y, \"z\""});
    let data = stack
        .data(
            "mutation ($h: hstore, $hs: [hstore!]) {
               insert_box(objects: [{id: 1, h: $h, hs: $hs}, {id: 2, h: \"a=>1\"}, {id: 3, h: {n: 1, t: true, s: \"x\"}}]) { returning { h hs } }
               update_box(where: {h: {_eq: $h}}, _set: {h: $h}) { returning { h } } }",
            json!({"h": shown, "hs": [shown, {}]}),
        )
        .await;
    let rows = &data["insert_box"]["returning"];
    assert_eq!(rows[0], json!({"h": shown, "hs": [shown, {}]}));
    assert_eq!(rows[1]["h"], json!({"a": "1"}));
    assert_eq!(rows[2]["h"], json!({"n": "1", "t": "true", "s": "x"}));
    assert_eq!(data["update_box"]["returning"], json!([{"h": shown}]));
    let (code, ..) = stack
        .error(
            "mutation { insert_box_one(object: {id: 9, h: {a: [1]}}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "validation-failed");
}
