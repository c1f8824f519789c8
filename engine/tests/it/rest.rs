//! REST endpoints, and the allow list, which both serve queries of collections.

mod open_api;

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

struct Stack {
    engine: TestEngine,
    _database: TestDatabase,
}

/// An engine with a table, a role that sees a part of it, and a collection of queries.
async fn stack(options: &[&str]) -> Stack {
    let database = TestDatabase::create("rest").await;
    let engine = TestEngine::start(&database, options).await;
    engine
        .sql("CREATE TABLE person (id int PRIMARY KEY, name text, born date); INSERT INTO person VALUES (1, 'Ada', '1815-12-10'), (2, 'a b', NULL)")
        .await;
    engine.command("track_table", json!("person")).await;
    for (command, permission) in [
        (
            "create_select_permission",
            json!({"columns": ["id", "name"], "filter": {"id": "x-hasura-user-id"}}),
        ),
        (
            "create_update_permission",
            json!({"columns": ["name"], "filter": {"id": "x-hasura-user-id"}}),
        ),
    ] {
        let args = json!({"table": "person", "role": "user", "permission": permission});
        engine.command(command, args).await;
    }
    let queries = json!([
        {"name": "all", "query": "query All { person(order_by: {id: asc}) { id name } }"},
        {"name": "one", "query": "query One($id: Int!, $name: String) { person(where: {id: {_eq: $id}, name: {_eq: $name}}) { id } }"},
        {"name": "by_key", "query": "query ByKey($id: Int!) { person_by_pk(id: $id) { name } }"},
        {"name": "since", "query": "query Since($day: date!) { person(where: {born: {_gte: $day}}) { id } }"},
        {"name": "rename", "query": "mutation Rename($id: Int!, $name: String!) { update_person_by_pk(pk_columns: {id: $id}, _set: {name: $name}) { name } }"},
        {"name": "live", "query": "subscription { person { id } }"},
        {"name": "two", "query": "query A { person { id } } query B { person { id } }"},
    ]);
    engine
        .command(
            "create_query_collection",
            json!({"name": "people", "definition": {"queries": queries}}),
        )
        .await;
    Stack {
        engine,
        _database: database,
    }
}

fn endpoint(name: &str, url: &str, methods: &[&str]) -> Value {
    let query = json!({"collection_name": "people", "query_name": name});
    json!({"name": name, "url": url, "methods": methods, "definition": {"query": query}})
}

impl Stack {
    async fn served(options: &[&str]) -> Self {
        let stack = stack(options).await;
        for endpoint in [
            endpoint("all", "people", &["GET"]),
            endpoint("one", "people/one", &["GET", "POST"]),
            endpoint("by_key", "person/:id", &["GET"]),
            endpoint("since", "people/since", &["GET", "POST"]),
            endpoint("rename", "person/:id", &["PATCH", "PUT"]),
            endpoint("live", "live", &["GET"]),
        ] {
            stack.engine.command("create_rest_endpoint", endpoint).await;
        }
        stack
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, &str)>,
    ) -> (u16, Value) {
        let url = format!("{}/api/rest/{path}", self.engine.url);
        let mut request = testkit::http_client().request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((content_type, body)) = body {
            request = request.header("content-type", content_type).body(body.to_owned());
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, &[], None).await
    }

    async fn graphql_as(&self, role: &str, query: &str) -> Value {
        let session = [("x-hasura-role", role), ("x-hasura-user-id", "1")];
        let body = json!({"query": query});
        self.engine.post("/v1/graphql", &session, &body).await.1
    }
}

fn refused(code: &str, message: &str) -> Value {
    json!({"path": "$", "code": code, "error": message})
}

#[tokio::test]
async fn endpoint_answers_with_the_data_of_its_query() {
    let stack = Stack::served(&[]).await;
    let all = json!({"person": [{"id": 1, "name": "Ada"}, {"id": 2, "name": "a b"}]});
    assert_eq!(stack.get("people").await, (200, all));
    let one = |id: i32| json!({"person": [{"id": id}]});
    let none = json!({"person": []});
    for (path, expected) in [
        ("people/one?id=1&name=Ada", one(1)),
        ("people/one?id=2&name=a%20b", one(2)),
        ("people/one?name=a+b&id=2", one(2)),
        ("people/one?id=1&name=x", none),
        ("person/1", json!({"person_by_pk": {"name": "Ada"}})),
        ("person/%31", json!({"person_by_pk": {"name": "Ada"}})),
        ("person/9", json!({"person_by_pk": null})),
    ] {
        assert_eq!(stack.get(path).await, (200, expected), "{path}");
    }
    let json = Some(("application/json", r#"{"id": 2, "name": "a b"}"#));
    assert_eq!(stack.send("POST", "people/one", &[], json).await, (200, one(2)));
    let form = Some(("application/x-www-form-urlencoded", "id=2&name=a+b"));
    assert_eq!(stack.send("POST", "people/one", &[], form).await, (200, one(2)));
    let day = Some(("application/json", r#"{"day": "1800-01-01"}"#));
    assert_eq!(stack.send("POST", "people/since", &[], day).await, (200, one(1)));
    let name = Some(("application/json", r#"{"name": "Countess"}"#));
    let renamed = json!({"update_person_by_pk": {"name": "Countess"}});
    assert_eq!(stack.send("PATCH", "person/1", &[], name).await, (200, renamed));
}

#[tokio::test]
async fn session_decides_as_for_graphql() {
    let stack = Stack::served(&[]).await;
    let session = [("x-hasura-role", "user"), ("x-hasura-user-id", "2")];
    let own = json!({"person": [{"id": 2, "name": "a b"}]});
    assert_eq!(stack.send("GET", "people", &session, None).await, (200, own));
    let guest = [("x-hasura-role", "guest")];
    let (status, answer) = stack.send("GET", "people", &guest, None).await;
    assert_eq!((status, &answer["code"]), (400, &json!("validation-failed")));
}

#[tokio::test]
async fn credentials_are_required() {
    let database = TestDatabase::create("rest").await;
    let engine = TestEngine::start(&database, &["--admin-secret", "0123456789abcdef"]).await;
    let response = testkit::http_client()
        .get(format!("{}/api/rest/people", engine.url))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 401);
}

#[tokio::test]
async fn requests_that_fit_no_endpoint_are_refused() {
    let stack = Stack::served(&[]).await;
    for (method, path, expected) in [
        (
            "GET",
            "nothing",
            (404, refused("not-found", "Endpoint not found")),
        ),
        (
            "GET",
            "people/",
            (404, refused("not-found", "Endpoint not found")),
        ),
        (
            "DELETE",
            "people",
            (405, refused("method-not-allowed", "Allowed methods: GET")),
        ),
        (
            "DELETE",
            "person/1",
            (
                405,
                refused("method-not-allowed", "Allowed methods: GET,PUT,PATCH"),
            ),
        ),
        (
            "GET",
            "people/one",
            (
                400,
                refused(
                    "validation-failed",
                    "expecting a value for non-nullable variable: \"id\"",
                ),
            ),
        ),
        (
            "GET",
            "people/one?id",
            (
                400,
                refused("bad-request", "Expected Int for variable id got Bool"),
            ),
        ),
        (
            "GET",
            "people/one?id=1&x=2",
            (400, refused("bad-request", "Unexpected variable x")),
        ),
        (
            "GET",
            "people?x=2",
            (400, refused("bad-request", "Unexpected variable x")),
        ),
        (
            "GET",
            "people/since?day=1800-01-01",
            (
                400,
                refused(
                    "bad-request",
                    "Type of URL parameter for variable day not supported - Consider putting it in the request body: date!",
                ),
            ),
        ),
    ] {
        assert_eq!(
            stack.send(method, path, &[], None).await,
            expected,
            "{method} {path}"
        );
    }
    let list = Some(("application/json", "[1]"));
    let (status, answer) = stack.send("POST", "people/one", &[], list).await;
    assert_eq!((status, &answer["code"]), (400, &json!("bad-request")));
    let (status, answer) = stack
        .send("POST", "people/one", &[], Some(("application/json", "{")))
        .await;
    assert_eq!((status, &answer["code"]), (400, &json!("invalid-json")));
    let (status, answer) = stack.get("live").await;
    assert_eq!((status, &answer["code"]), (400, &json!("unexpected-payload")));
}

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
async fn roles_run_the_operations_of_the_allow_list_only() {
    let stack = Stack::served(&["--enable-allowlist"]).await;
    let all = "query All { person(order_by: {id: asc}) { id name } }";
    let data = json!({"data": {"person": [{"id": 1, "name": "Ada"}]}});
    let denied = json!({"errors": [{
        "extensions": {"path": "$", "code": "validation-failed"}, "message": "query is not allowed"}]});
    assert_eq!(stack.graphql_as("user", all).await, denied);
    assert_eq!(
        stack.graphql_as("admin", "{ person_by_pk(id: 1) { id } }").await["data"]["person_by_pk"]["id"],
        1
    );
    let session = [("x-hasura-role", "user"), ("x-hasura-user-id", "1")];
    assert_eq!(
        stack.send("GET", "people", &session, None).await,
        (400, refused("validation-failed", "query is not allowed"))
    );
    let engine = &stack.engine;
    engine
        .command("add_collection_to_allowlist", json!({"collection": "people"}))
        .await;
    assert_eq!(stack.graphql_as("user", all).await, data);
    assert_eq!(stack.send("GET", "people", &session, None).await.0, 200);
    let other = "query All { person(order_by: {id: asc}) { name id } }";
    assert_eq!(stack.graphql_as("user", other).await, denied);
    // Introspection has to be listed too.
    assert_eq!(
        stack
            .graphql_as("user", "{ __schema { queryType { name } } }")
            .await,
        denied
    );
    let scope = |scope: Value| json!({"collection": "people", "scope": scope});
    let roles = scope(json!({"global": false, "roles": ["editor"]}));
    engine
        .command("update_scope_of_collection_in_allowlist", roles)
        .await;
    assert_eq!(stack.graphql_as("user", all).await, denied);
    let roles = scope(json!({"global": false, "roles": ["editor", "user"]}));
    engine
        .command("update_scope_of_collection_in_allowlist", roles)
        .await;
    assert_eq!(stack.graphql_as("user", all).await, data);
    for invalid in [
        json!({"global": false}),
        json!({"global": true, "roles": ["user"]}),
        json!("all"),
    ] {
        let (_, code, ..) = engine
            .refused("update_scope_of_collection_in_allowlist", scope(invalid))
            .await;
        assert_eq!(code, "parse-failed");
    }
    let drop = json!({"collection": "people"});
    engine
        .command("drop_collection_from_allowlist", drop.clone())
        .await;
    assert_eq!(stack.graphql_as("user", all).await, denied);
    let (_, _, _, message) = engine.refused("drop_collection_from_allowlist", drop).await;
    assert_eq!(message, "collection \"people\" doesn't exist in allowlist");
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

#[tokio::test]
async fn introspection_is_disabled_for_roles() {
    let stack = stack(&[]).await;
    let command = "set_graphql_schema_introspection_options";
    let set = |roles: Value| json!({"disabled_for_roles": roles});
    stack
        .engine
        .command(command, set(json!(["user", "unknown"])))
        .await;
    let query = "{ __schema { queryType { name } } }";
    for role in ["user", "unknown"] {
        let error = &stack.graphql_as(role, query).await["errors"][0];
        assert_eq!(
            error["message"],
            format!("introspection is disabled for role: \"{role}\"")
        );
        assert_eq!(error["extensions"], json!({"path": "$", "code": "not-supported"}));
    }
    let data = stack
        .graphql_as("user", "{ __typename person { __typename } }")
        .await;
    assert_eq!(data["data"]["person"][0]["__typename"], "person");
    assert!(stack.graphql_as("admin", query).await["data"].is_object());
    let (_, code, ..) = stack.engine.refused(command, set(json!(["admin"]))).await;
    assert_eq!(code, "not-supported");
    stack.engine.command(command, set(json!([]))).await;
    assert!(stack.graphql_as("user", query).await["data"].is_object());
}

#[tokio::test]
async fn other_sites_cannot_open_endpoints() {
    let stack = Stack::served(&[]).await;
    let open = async |site: Option<&str>, origin: Option<&str>| {
        let mut request = reqwest::Client::new().get(format!("{}/api/rest/people", stack.engine.url));
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        request.send().await.unwrap().status().as_u16()
    };
    // A link or an image of another site sends cookies, and on a loopback address needs none.
    for site in ["cross-site", "same-site"] {
        assert_eq!(open(Some(site), None).await, 403, "{site}");
    }
    for site in [None, Some("same-origin"), Some("none")] {
        assert_eq!(open(site, None).await, 200, "{site:?}");
    }
    // With CORS, the origin decides.
    let own = stack.engine.url.clone();
    assert_eq!(open(Some("same-origin"), Some(&own)).await, 200);
    assert_eq!(open(Some("cross-site"), Some("https://evil.example")).await, 403);
}

#[tokio::test]
async fn forms_have_a_limited_number_of_fields() {
    let stack = Stack::served(&[]).await;
    let send = async |form: &str| {
        let form = Some(("application/x-www-form-urlencoded", form));
        stack.send("POST", "people/one", &[], form).await
    };
    assert_eq!(send("id=1&name=Ada").await.0, 200);
    let (status, answer) = send(&"id&".repeat(2000)).await;
    assert_eq!(
        (status, &answer["code"]),
        (400, &json!("size-limit-exceeded")),
        "{answer}"
    );
}
