//! Requests to endpoints.

use super::{Stack, refused};
use crate::support::TestEngine;
use serde_json::json;
use testkit::TestDatabase;

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
