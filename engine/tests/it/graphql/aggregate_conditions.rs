//! Conditions over aggregates in further positions: relationships, mutations, composite keys, views.

use super::TestStack;
use serde_json::{Value, json};

async fn stack() -> TestStack {
    let stack = TestStack::new().await;
    let engine = &stack.engine;
    engine
        .sql(
            "CREATE TABLE region (id int PRIMARY KEY);
             CREATE TABLE branch (region_id int REFERENCES region, code text, open bool, PRIMARY KEY (region_id, code));
             CREATE TABLE receipt (id int PRIMARY KEY, region_id int, code text, total float8, tip float8, paid bool, kind text,
               FOREIGN KEY (region_id, code) REFERENCES branch (region_id, code));
             CREATE VIEW busy_branch AS SELECT * FROM branch WHERE open;
             INSERT INTO region VALUES (1), (2), (3);
             INSERT INTO branch VALUES (1, 'a', true), (1, 'b', true), (2, 'a', false);
             INSERT INTO receipt VALUES (1, 1, 'a', 10, 1, true, 'x'), (2, 1, 'a', 20, 2, true, 'y'), (3, 1, 'b', 5, 0, false, 'x'),
               (4, 2, 'a', 7, 7, true, 'x'), (5, 2, 'a', NULL, 1, NULL, 'x')",
        )
        .await;
    for table in ["region", "branch", "receipt", "busy_branch"] {
        engine.command("track_table", json!(table)).await;
    }
    let receipts = |table: &str| {
        json!({"table": table, "name": "receipts", "using": {"manual_configuration": {
            "remote_table": "receipt", "column_mapping": {"region_id": "region_id", "code": "code"}}}})
    };
    for args in [receipts("branch"), receipts("busy_branch")] {
        engine.command("create_array_relationship", args).await;
    }
    let branches = json!({"table": "region", "name": "branches",
        "using": {"foreign_key_constraint_on": {"table": "branch", "column": "region_id"}}});
    engine.command("create_array_relationship", branches).await;
    let region =
        json!({"table": "branch", "name": "region", "using": {"foreign_key_constraint_on": "region_id"}});
    engine.command("create_object_relationship", region).await;
    stack
}

/// Keys of the branches that a condition selects.
async fn branches(stack: &TestStack, table: &str, condition: &str) -> Vec<String> {
    let query = format!(
        "{{ rows: {table}(where: {condition}, order_by: [{{region_id: asc}}, {{code: asc}}]) {{ region_id code }} }}"
    );
    let data = stack.data(&query, json!({})).await;
    let rows = data["rows"].as_array().unwrap().iter();
    rows.map(|row| format!("{}{}", row["region_id"], row["code"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn aggregates_over_composite_keys_and_views() {
    let stack = stack().await;
    for (condition, expected) in [
        (
            "{receipts_aggregate: {sum: {arguments: total, predicate: {_gt: 7}}}}",
            &["1a"][..],
        ),
        (
            "{receipts_aggregate: {count: {predicate: {_gte: 2}}}}",
            &["1a", "2a"],
        ),
        // A null is not counted, and does not change the sum.
        (
            "{receipts_aggregate: {count: {arguments: total, predicate: {_eq: 1}}}}",
            &["1b", "2a"],
        ),
        (
            "{receipts_aggregate: {avg: {arguments: total, predicate: {_eq: 7}}}}",
            &["2a"],
        ),
        (
            "{receipts_aggregate: {max: {arguments: tip, filter: {kind: {_eq: \"x\"}}, predicate: {_lte: 1}}}}",
            &["1a", "1b"],
        ),
        (
            "{receipts_aggregate: {bool_or: {arguments: paid, predicate: {_eq: false}}}}",
            &["1b"],
        ),
        (
            "{receipts_aggregate: {bool_and: {arguments: paid, filter: {total: {_is_null: false}}, predicate: {_eq: true}}}}",
            &["1a", "2a"],
        ),
        (
            "{receipts_aggregate: {corr: {arguments: {X: total, Y: tip}, predicate: {_gt: 0.99}}}}",
            &["1a"],
        ),
        (
            "{receipts_aggregate: {stddev_samp: {arguments: total, predicate: {_is_null: true}}}}",
            &["1b", "2a"],
        ),
        (
            "{receipts_aggregate: {min: {arguments: total, predicate: {_in: [5, \"10\"]}}}}",
            &["1a", "1b"],
        ),
        (
            "{_or: [{receipts_aggregate: {sum: {arguments: tip, predicate: {_eq: 0}}}}, {_not: {receipts_aggregate: {count: {predicate: {_lt: 2}, filter: {paid: {_eq: true}}}}}}]}",
            &["1a", "1b"],
        ),
        (
            "{region: {branches: {receipts_aggregate: {sum: {arguments: total, predicate: {_eq: 5}}}}}}",
            &["1a", "1b"],
        ),
        (
            "{region: {branches_aggregate: {count: {filter: {receipts_aggregate: {var_samp: {arguments: total, predicate: {_eq: 50}}}}, predicate: {_eq: 1}}}}}",
            &["1a", "1b"],
        ),
    ] {
        assert_eq!(
            branches(&stack, "branch", condition).await,
            expected,
            "{condition}"
        );
        if !condition.contains("region") {
            let open: Vec<&str> = expected.iter().copied().filter(|key| *key != "2a").collect();
            assert_eq!(
                branches(&stack, "busy_branch", condition).await,
                open,
                "{condition}"
            );
        }
    }
}

#[tokio::test]
async fn aggregates_decide_which_rows_are_changed() {
    let stack = stack().await;
    let data = stack
        .data(
            "mutation ($limit: float8!) {
               update_branch(where: {receipts_aggregate: {sum: {arguments: total, predicate: {_lt: $limit}}}}, _set: {open: false}) {
                 affected_rows }
               delete_region(where: {branches_aggregate: {count: {predicate: {_eq: 0}}}}) { returning { id } } }",
            json!({"limit": 8}),
        )
        .await;
    assert_eq!(
        data,
        json!({"update_branch": {"affected_rows": 2}, "delete_region": {"returning": [{"id": 3}]}})
    );
    let data = stack
        .data(
            "query ($where: branch_bool_exp!) { branch_aggregate(where: $where) { aggregate { count } } }",
            json!({"where": {"receipts_aggregate": {"avg": {"arguments": "total", "predicate": {"_eq": "15"}}}}}),
        )
        .await;
    assert_eq!(data["branch_aggregate"]["aggregate"]["count"], 1);
    for (aggregate, code) in [
        ("sum: {arguments: kind, predicate: {_gt: 1}}", "validation-failed"),
        ("sum: {arguments: total}", "validation-failed"),
        ("sum: {predicate: {_gt: 1}}", "validation-failed"),
        (
            "sum: {arguments: total, predicate: {_gt: null}}",
            "validation-failed",
        ),
        (
            "median: {arguments: total, predicate: {_gt: 1}}",
            "validation-failed",
        ),
        (
            "corr: {arguments: total, predicate: {_gt: 1}}",
            "validation-failed",
        ),
        (
            "bool_or: {arguments: total, predicate: {_eq: true}}",
            "validation-failed",
        ),
    ] {
        let query = format!("{{ branch(where: {{receipts_aggregate: {{{aggregate}}}}}) {{ code }} }}");
        let error = stack.error(&query, Value::Null).await;
        assert_eq!(error.0, code, "{aggregate}: {error:?}");
    }
}
