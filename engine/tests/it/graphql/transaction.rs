//! Mutations: one transaction, session variables, and schema changes.

use super::TestStack;
use serde_json::{Value, json};

#[tokio::test]
async fn failing_field_rolls_back_mutation() {
    let stack = TestStack::new().await;
    for failing in [
        "b: insert_author(objects: [{name: \"Ann\"}]) { affected_rows }",
        // The result through a relationship is a separate statement.
        "b: update_article(where: {id: {_eq: 1}}, _set: {author_id: 99}) { returning { author { id } } }",
        "b: insert_author(objects: [{name: \"Hal\", articles: {data: [{title: \"x\", words: -1}]}}]) { affected_rows }",
    ] {
        let first =
            "a: insert_author(objects: [{name: \"New\"}]) { affected_rows returning { articles { id } } }";
        stack
            .error(
                &format!(
                    "mutation {{ {first} {failing} c: delete_article(where: {{}}) {{ affected_rows }} }}"
                ),
                json!({}),
            )
            .await;
        assert_eq!(
            stack
                .column("SELECT count(*) FROM author WHERE name IN ('New', 'Hal')")
                .await,
            ["0"],
            "{failing}"
        );
        assert_eq!(stack.column("SELECT count(*) FROM article").await, ["4"]);
    }
    let query = "mutation { a: insert_author(objects: [{name: \"New\"}]) { affected_rows } b: update_author(where: {name: {_eq: \"New\"}}, _set: {name: \"Newer\"}) { affected_rows } __typename }";
    let data = stack.data(query, json!({})).await;
    let one = json!({"affected_rows": 1});
    assert_eq!(
        data,
        json!({"a": one, "b": one, "__typename": "mutation_root"}),
        "a field sees the effects of the previous ones"
    );
}

#[tokio::test]
async fn database_triggers_see_session_and_trace() {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql(
            "CREATE TABLE seen (session json, trace json);
             CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               INSERT INTO seen VALUES (current_setting('hasura.user', true)::json, current_setting('hasura.tracecontext', true)::json);
               RETURN new; END $$;
             CREATE TRIGGER see AFTER INSERT ON author FOR EACH ROW EXECUTE FUNCTION see();",
        )
        .await;
    let body = json!({"query": "mutation { insert_author_one(object: {name: \"x\"}) { id } }"});
    let headers = [
        ("X-Hasura-Role", "admin"),
        ("X-Hasura-User-Id", "7"),
        ("X-Other", "no"),
    ];
    let (status, answer) = stack.engine.post("/v1/graphql", &headers, &body).await;
    assert_eq!((status, answer["errors"].clone()), (200, Value::Null));
    assert_eq!(
        stack.column("SELECT session FROM seen").await,
        ["{\"x-hasura-role\":\"admin\",\"x-hasura-user-id\":\"7\"}"]
    );
    assert_eq!(
        stack
            .column("SELECT count(*) FROM seen WHERE length(trace->>'trace_id') = 32")
            .await,
        ["1"]
    );
}

#[tokio::test]
async fn deferred_constraint_fails_at_commit() {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql("ALTER TABLE article ADD CONSTRAINT late FOREIGN KEY (id) REFERENCES author (id) DEFERRABLE INITIALLY DEFERRED NOT VALID")
        .await;
    let query =
        "mutation { insert_article(objects: [{title: \"t\", author_id: 1, id: 77}]) { affected_rows } }";
    let (code, _, message) = stack.error(query, json!({})).await;
    assert_eq!(code, "constraint-violation", "{message}");
    assert_eq!(
        stack.column("SELECT count(*) FROM article WHERE id = 77").await,
        ["0"]
    );
}

#[tokio::test]
async fn prepared_statements_survive_schema_changes() {
    let stack = TestStack::new().await;
    let query = "query ($name: String) { author(where: {name: {_eq: $name}}, order_by: {id: asc}) { id name info emails } }";
    let mutation = "mutation { update_author_by_pk(pk_columns: {id: 1}, _set: {name: \"Ann\"}) { id name info emails } }";
    for change in [
        "SELECT 1",
        "ALTER TABLE author ADD COLUMN extra integer",
        "ALTER TABLE author ALTER COLUMN emails TYPE varchar[]",
        "ALTER TABLE author DROP COLUMN extra; DISCARD PLANS",
        "ALTER TABLE author ALTER COLUMN info TYPE json",
    ] {
        stack.engine.sql(change).await;
        for _ in 0..7 {
            let rows = stack.data(query, json!({"name": "Ann"})).await;
            assert_eq!(rows["author"][0]["name"], "Ann", "{change}");
            let changed = stack.data(mutation, json!({})).await;
            assert_eq!(changed["update_author_by_pk"]["name"], "Ann", "{change}");
        }
    }
}

#[tokio::test]
async fn deallocated_statement_is_prepared_again() {
    let stack = TestStack::with(&["--pg-connections", "1"]).await;
    let query = "{ author(order_by: {id: asc}) { id } }";
    stack.data(query, json!({})).await;
    stack.engine.sql("DEALLOCATE ALL").await;
    stack.data(query, json!({})).await;
    let mutation = "mutation { update_author(where: {}, _set: {emails: []}) { affected_rows } }";
    stack.data(mutation, json!({})).await;
    stack.engine.sql("DEALLOCATE ALL").await;
    assert_eq!(
        stack.data(mutation, json!({})).await["update_author"]["affected_rows"],
        3
    );
}
