//! The description of the endpoints by `OpenAPI`, and directives of their queries.

use super::{Stack, endpoint};
use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::TestDatabase;

async fn described(engine: &TestEngine, headers: &[(&str, &str)]) -> (u16, Value) {
    let url = format!("{}/api/swagger/json", engine.url);
    let request = testkit::http_client().get(url);
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn endpoints_are_described_by_openapi() {
    let stack = Stack::served(&[]).await;
    let mut commented = endpoint("commented", "people/search", &["POST"]);
    commented["definition"]["query"]["query_name"] = json!("filtered");
    commented["comment"] = json!("Finds people");
    let query = "query Filtered($where: person_bool_exp!, $order: [person_order_by!]) {
        found: person(where: $where, order_by: $order) { ...Row __typename } }
        fragment Row on person { born }";
    let add = json!({"collection_name": "people", "query_name": "filtered", "query": query});
    stack.engine.command("add_query_to_collection", add).await;
    stack.engine.command("create_rest_endpoint", commented).await;

    let (status, description) = described(&stack.engine, &[]).await;
    assert_eq!(status, 200);
    assert_eq!(description["openapi"], "3.0.0");
    let paths = &description["paths"];
    let one = &paths["/api/rest/person/{id}"]["get"];
    assert_eq!(
        one["parameters"],
        json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}])
    );
    let row = json!({"type": "object", "nullable": true, "properties": {"name": {"type": "string", "nullable": true}}});
    assert_eq!(
        one["responses"]["200"]["content"]["application/json"]["schema"]["properties"],
        json!({"person_by_pk": row})
    );
    let listed = &paths["/api/rest/people/one"]["get"]["parameters"];
    assert_eq!(listed[0]["in"], "query");
    assert_eq!(
        (&listed[1]["name"], &listed[1]["required"]),
        (&json!("name"), &json!(false))
    );
    // A path has several methods; those with a body have the other variables there.
    let rename = &paths["/api/rest/person/{id}"]["patch"];
    assert_eq!(rename["parameters"][0]["in"], "path");
    let body = &rename["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(
        body,
        &json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}})
    );

    let found = &paths["/api/rest/people/search"]["post"];
    let text = found["description"].as_str().unwrap();
    assert!(
        text.starts_with("Finds people\n") && text.contains("query Filtered"),
        "{text}"
    );
    let properties = &found["requestBody"]["content"]["application/json"]["schema"]["properties"];
    let condition = json!({"$ref": "#/components/schemas/person_bool_exp"});
    assert_eq!(properties["where"], condition);
    let rows = &found["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["found"];
    let born = json!({"type": "string", "format": "date", "nullable": true});
    assert_eq!(
        rows["items"]["properties"],
        json!({"born": born, "__typename": {"type": "string"}})
    );
    // Every reference has a component.
    let components = &description["components"]["schemas"];
    let references = description.to_string();
    for reference in references.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert_eq!(components[name]["type"], "object", "{name}");
    }
    assert_eq!(
        components["person_bool_exp"]["properties"]["_not"]["allOf"],
        json!([condition])
    );
}

#[tokio::test]
async fn description_is_for_admins_only() {
    let database = TestDatabase::create("rest").await;
    let engine = TestEngine::start(&database, &["--admin-secret", "s3cret"]).await;
    let own = ("x-hasura-admin-secret", "s3cret");
    let (status, description) = described(&engine, &[own]).await;
    assert_eq!((status, &description["paths"]), (200, &json!({})));
    for headers in [&[own, ("x-hasura-role", "user")][..], &[]] {
        let (status, refused) = described(&engine, headers).await;
        assert!(status >= 400, "{refused}");
        assert_eq!(refused["code"], "access-denied");
    }
}

#[tokio::test]
async fn cached_is_accepted() {
    let stack = Stack::served(&[]).await;
    let query = "query Cached @cached(ttl: 120, refresh: true) { person_by_pk(id: 1) { name } }";
    let data = json!({"person_by_pk": {"name": "Ada"}});
    assert_eq!(
        stack.engine.graphql(query, Value::Null).await,
        json!({"data": data})
    );
    let add = json!({"collection_name": "people", "query_name": "cached", "query": query});
    stack.engine.command("add_query_to_collection", add).await;
    let mut cached = endpoint("cached", "cached", &["GET"]);
    cached["definition"]["query"]["query_name"] = json!("cached");
    stack.engine.command("create_rest_endpoint", cached).await;
    assert_eq!(stack.get("cached").await, (200, data));
    // Nothing is stored: the next response has the change.
    stack
        .engine
        .sql("UPDATE person SET name = 'Countess' WHERE id = 1")
        .await;
    assert_eq!(stack.get("cached").await.1["person_by_pk"]["name"], "Countess");
}
