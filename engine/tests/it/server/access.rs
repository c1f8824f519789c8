//! Access: the admin secret, roles, internal error details, disabled endpoints.

use super::raw::RawConnection;
use super::{client, engine};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

#[tokio::test]
async fn admin_secret_is_required_everywhere() {
    let database = TestDatabase::create("meta").await;
    let engine = TestEngine::start(&database, &["--admin-secret", "s3cret"]).await;
    let query = json!({"query": "{ __typename }"});
    let export = json!({"type": "export_metadata", "args": {}});
    let right = [("x-hasura-admin-secret", "s3cret")];
    let (status, answer) = engine.post("/v1/query", &[], &export).await;
    assert_eq!((status, &answer["code"]), (401, &json!("access-denied")));
    assert_eq!(
        answer["error"],
        "x-hasura-admin-secret/x-hasura-access-key required, but not found"
    );
    let (status, answer) = engine
        .post("/v1/query", &[("x-hasura-admin-secret", "wrong")], &export)
        .await;
    assert_eq!(status, 401);
    assert_eq!(
        answer["error"],
        "invalid x-hasura-admin-secret/x-hasura-access-key"
    );
    assert_eq!(engine.post("/v1/query", &right, &export).await.0, 200);
    let (status, answer) = engine.post("/v1/graphql", &[], &query).await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (200, &json!("access-denied"))
    );
    assert_eq!(engine.post("/v1alpha1/graphql", &[], &query).await.0, 401);
    assert_eq!(engine.post("/v1alpha1/graphql", &right, &query).await.0, 200);
    let config = format!("{}/v1alpha1/config", engine.url);
    assert_eq!(client().get(&config).send().await.unwrap().status(), 401);
    let answer: Value = client()
        .get(&config)
        .header(right[0].0, right[0].1)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(answer["is_admin_secret_set"], true);
}

#[tokio::test]
async fn request_without_access_is_refused_before_its_body() {
    let database = TestDatabase::create("meta").await;
    let key = json!({"type": "HS256", "key": "k".repeat(32)}).to_string();
    let engine = TestEngine::start(&database, &["--admin-secret", "s3cret", "--jwt-secret", &key]).await;
    for (path, status) in [
        ("/v1/graphql", None),
        ("/v1alpha1/graphql", Some(400)),
        ("/v1/graphql/explain", Some(400)),
        ("/v1alpha1/graphql/explain", Some(400)),
        ("/v1/query", Some(400)),
        ("/v2/query", Some(400)),
        ("/v1/metadata", Some(400)),
    ] {
        for (credentials, secret) in [
            ("x-hasura-admin-secret: wrong\r\n", true),
            ("x-hasura-access-key: wrong\r\n", true),
            ("Authorization: Bearer wrong\r\n", false),
            ("", false),
        ] {
            for body in ["Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"] {
                let mut connection = RawConnection::open(&engine).await;
                connection.send_head(path, &format!("{credentials}{body}")).await;
                let response = connection.response().await;
                let status = match status {
                    Some(_) if secret => 401,
                    Some(status) => status,
                    None => 200,
                };
                assert_eq!(response.status, status, "{path} {credentials} {response:?}");
                let is_error = response.body.contains("access-denied")
                    || response.body.contains("invalid-jwt")
                    || response.body.contains("invalid-headers");
                assert!(is_error, "{path} {credentials} {response:?}");
                assert_eq!(connection.closed().await, "");
            }
        }
    }
}

#[tokio::test]
async fn internal_error_details_follow_option() {
    let (_database, engine) = engine(&[]).await;
    let body = json!({"type": "run_sql", "args": {"sql": "nonsense"}});
    assert!(
        engine
            .post("/v1/query", &[], &body)
            .await
            .1
            .get("internal")
            .is_some()
    );
    let (_database, closed) = self::engine(&["--admin-internal-errors", "false"]).await;
    assert!(
        closed
            .post("/v1/query", &[], &body)
            .await
            .1
            .get("internal")
            .is_none()
    );
}

/// Without an admin secret every client is an admin: errors that a client can cause must not contain SQL.
#[tokio::test]
async fn expected_database_error_has_no_internal() {
    let (_database, engine) = engine(&["--dev-mode", "true"]).await;
    engine
        .sql(
            "CREATE TABLE item (id int PRIMARY KEY CHECK (id > 0), ref int REFERENCES item, name varchar(3) NOT NULL, doc json);
             INSERT INTO item VALUES (1, 1, 'a'), (3, 1, 'c');",
        )
        .await;
    engine.command("track_table", json!("item")).await;
    for (fields, code) in [
        (
            "insert_item(objects: [{id: 1, name: \"b\"}]) { affected_rows }",
            "constraint-violation",
        ),
        (
            "insert_item(objects: [{id: 2}]) { affected_rows }",
            "constraint-violation",
        ),
        (
            "insert_item(objects: [{id: 2, ref: 9, name: \"b\"}]) { affected_rows }",
            "constraint-violation",
        ),
        (
            "insert_item(objects: [{id: -1, name: \"b\"}]) { affected_rows }",
            "permission-error",
        ),
        (
            "insert_item(objects: [{id: 2, name: \"long name\"}]) { affected_rows }",
            "data-exception",
        ),
        (
            "update_item(where: {}, _set: {id: 2}) { affected_rows }",
            "constraint-violation",
        ),
    ] {
        let answer = engine
            .graphql(&format!("mutation {{ {fields} }}"), json!({}))
            .await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(extensions["code"], code, "{answer}");
        assert!(extensions.get("internal").is_none(), "{answer}");
    }
    let insert = json!({"type": "insert", "args": {"table": "item", "objects": [{"id": 1, "name": "b"}]}});
    let (status, answer) = engine.post("/v1/query", &[], &insert).await;
    assert_eq!(
        (status, &answer["code"]),
        (400, &json!("constraint-violation")),
        "{answer}"
    );
    assert!(answer.get("internal").is_none(), "{answer}");
    // An error that is not expected has the details.
    engine
        .sql("CREATE FUNCTION oops() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM * FROM missing; RETURN 1; END $$;
              CREATE VIEW unexpected AS SELECT oops() AS id")
        .await;
    engine.command("track_table", json!("unexpected")).await;
    let answer = engine.graphql("{ unexpected { id } }", json!({})).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(
        (
            &extensions["code"],
            &extensions["internal"]["error"]["status_code"]
        ),
        (&json!("unexpected"), &json!("42P01")),
        "{answer}"
    );
}

#[tokio::test]
async fn endpoint_groups_can_be_disabled() {
    let database = TestDatabase::create("meta").await;
    let engine = TestEngine::start(&database, &["--enabled-apis", "graphql"]).await;
    assert_eq!(engine.post("/v1/query", &[], &json!({})).await.0, 404);
    assert_eq!(
        engine
            .post("/v1/graphql", &[], &json!({"query": "{ __typename }"}))
            .await
            .0,
        200
    );
}

/// `/v1/query` accepts data commands of all roles, the newer endpoints commands of admins only.
#[tokio::test]
async fn newer_metadata_endpoints_are_for_admins() {
    let (_database, engine) = engine(&[]).await;
    let select = json!({"type": "select", "args": {"table": "author", "columns": ["id"]}});
    let bulk = json!({"type": "bulk", "args": [select]});
    let user = [("x-hasura-role", "user")];
    for path in ["/v2/query", "/v1/metadata"] {
        for body in [&select, &bulk] {
            let (status, answer) = engine.post(path, &user, body).await;
            let expected =
                json!({"path": "$.args", "error": "restricted access : admin only", "code": "access-denied"});
            assert_eq!((status, answer), (400, expected), "{path}");
        }
    }
    let (_, answer) = engine.post("/v1/query", &user, &select).await;
    assert_eq!(answer["code"], "permission-denied", "{answer}");
    let config = client()
        .get(format!("{}/v1alpha1/config", engine.url))
        .header("x-hasura-role", "user");
    let response = config.send().await.unwrap();
    assert_eq!(response.status(), 400);
    let answer: Value = response.json().await.unwrap();
    let message = "You have to be an admin to access this endpoint";
    assert_eq!(
        answer,
        json!({"path": "$", "error": message, "code": "access-denied"})
    );
}
