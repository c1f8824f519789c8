//! REST endpoints, and the allow list, which both serve queries of collections.

mod allow_list;
mod commands;
mod open_api;
mod requests;

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
