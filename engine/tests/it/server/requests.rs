//! Requests and responses: paths, bodies, formats, headers.

use super::raw::RawConnection;
use super::{client, engine};
use serde_json::{Value, json};

#[tokio::test]
async fn graphql_paths_differ_only_in_status() {
    let (_database, engine) = engine(&[]).await;
    let bad = json!({"query": "{ nothing { id } }"});
    let (status, v1) = engine.post("/v1/graphql", &[], &bad).await;
    assert_eq!(status, 200);
    let (status, v1alpha1) = engine.post("/v1alpha1/graphql", &[], &bad).await;
    assert_eq!(status, 400);
    assert_eq!(v1, v1alpha1);
    assert!(v1.get("data").is_none());
    assert_eq!(
        v1["errors"][0]["extensions"],
        json!({"path": "$.selectionSet.nothing", "code": "validation-failed"})
    );
}

#[tokio::test]
async fn batch_returns_results_and_errors_in_order() {
    let (_database, engine) = engine(&[]).await;
    let batch =
        json!([{"query": "{ author { name } }"}, {"query": "{ nothing }"}, {"query": "{ __typename }"}]);
    let (status, answer) = engine.post("/v1/graphql", &[], &batch).await;
    assert_eq!(status, 200);
    assert_eq!(answer[0], json!({"data": {"author": [{"name": "a"}]}}));
    assert_eq!(answer[1]["errors"][0]["extensions"]["code"], "validation-failed");
    assert_eq!(answer[2], json!({"data": {"__typename": "query_root"}}));
}

#[tokio::test]
async fn subscription_over_http_is_refused() {
    let (_database, engine) = engine(&[]).await;
    let answer = engine.graphql("subscription { author { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "unexpected-payload");
}

#[tokio::test]
async fn invalid_bodies_are_reported() {
    let (_database, engine) = engine(&[]).await;
    let send = async |path: &str, body: &'static str| {
        let response = client()
            .post(format!("{}{path}", engine.url))
            .body(body)
            .send()
            .await
            .unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    let (status, answer) = send("/v1/query", "{").await;
    assert_eq!(
        (status, &answer["code"], &answer["path"]),
        (400, &json!("invalid-json"), &json!("$"))
    );
    let (status, answer) = send("/v1alpha1/graphql", "nonsense").await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (400, &json!("invalid-json"))
    );
    let (status, answer) = send("/v1alpha1/graphql", "{}").await;
    assert_eq!(
        (status, &answer["errors"][0]["message"]),
        (400, &json!("key \"query\" not found"))
    );
    let (status, _) = send(
        "/v1alpha1/graphql",
        r#"{"query": "{ __typename }", "variables": 3}"#,
    )
    .await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let (_database, engine) = engine(&[]).await;
    let (status, answer) = engine.post("/v1/nothing", &[], &json!({})).await;
    assert_eq!(status, 404);
    assert_eq!(
        answer,
        json!({"path": "$", "error": "resource does not exist", "code": "not-found"})
    );
    let response = client()
        .get(format!("{}/v1/query", engine.url))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(
        response.json::<Value>().await.unwrap()["code"],
        "method-not-allowed"
    );
}

#[tokio::test]
async fn every_response_has_request_id_and_content_type() {
    let (_database, engine) = engine(&[]).await;
    let url = format!("{}/v1/version", engine.url);
    let response = client()
        .get(&url)
        .header("x-request-id", "mine")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["x-request-id"], "mine");
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    assert!(response.json::<Value>().await.unwrap()["version"].is_string());
    let response = client().get(&url).send().await.unwrap();
    assert!(response.headers()["x-request-id"].len() > 30);
}

#[tokio::test]
async fn unsafe_request_ids_are_replaced() {
    let (_database, engine) = engine(&[]).await;
    let longest = "a".repeat(128);
    let too_long = "a".repeat(129);
    let unsafe_ids: [&[u8]; 6] = [
        too_long.as_bytes(),
        b"",
        b"a b",
        b"<script>",
        b"a\tb",
        "\u{e9}".as_bytes(),
    ];
    let send = async |ids: &[&[u8]]| {
        let mut request = client().get(format!("{}/v1/version", engine.url));
        for id in ids {
            request = request.header("x-request-id", *id);
        }
        let response = request.send().await.unwrap();
        response.headers()["x-request-id"].as_bytes().to_vec()
    };
    for id in [&*longest, "Root=1-67891233-abc", "a_b.c:d/e+f@g~h"] {
        assert_eq!(send(&[id.as_bytes()]).await, id.as_bytes());
    }
    for ids in unsafe_ids
        .map(|id| vec![id])
        .into_iter()
        .chain([vec![&b"a"[..], b"b"]])
    {
        let own = String::from_utf8(send(&ids).await).unwrap();
        assert_eq!(own.len(), 36, "{own}");
    }
}

#[tokio::test]
async fn request_needs_exactly_one_host() {
    let (_database, engine) = engine(&[]).await;
    let address = engine.url.trim_start_matches("http://");
    for (head, status) in [
        ("GET /v1/version HTTP/1.1\r\n".to_owned(), 400),
        (format!("GET http://{address}/v1/version HTTP/1.1\r\n"), 400),
        (
            format!("GET /v1/version HTTP/1.1\r\nHost: {address}\r\nHost: {address}\r\n"),
            400,
        ),
        ("GET /v1/version HTTP/1.1\r\nHost: a b\r\n".to_owned(), 400),
        (format!("GET /v1/version HTTP/1.1\r\nHost: {address}\r\n"), 200),
    ] {
        let mut connection = RawConnection::open(&engine).await;
        connection.send(&format!("{head}\r\n")).await;
        let response = connection.response().await;
        assert_eq!(response.status, status, "{head} {response:?}");
    }
}

#[tokio::test]
async fn vary_names_all_headers_in_one_line() {
    let (_database, engine) = engine(&[]).await;
    engine
        .sql("INSERT INTO author (name) SELECT repeat('x', 100) FROM generate_series(1, 100)")
        .await;
    let request = client()
        .post(format!("{}/v1/graphql", engine.url))
        .header("accept-encoding", "gzip")
        .json(&json!({"query": "{ author { name } }"}));
    let response = request.send().await.unwrap();
    let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
    assert_eq!(vary, ["accept-encoding, origin"]);
}

#[tokio::test]
async fn responses_are_compressed_on_request() {
    let (_database, engine) = engine(&[]).await;
    engine
        .sql("INSERT INTO author (name) SELECT repeat('x', 100) FROM generate_series(1, 100)")
        .await;
    let send = async |accept: &str| {
        let request = client()
            .post(format!("{}/v1/graphql", engine.url))
            .header("accept-encoding", accept);
        request
            .json(&json!({"query": "{ author { name } }"}))
            .send()
            .await
            .unwrap()
    };
    let response = send("gzip").await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert!(response.bytes().await.unwrap().len() < 2000);
    assert!(send("identity").await.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn explain_returns_sql_and_plan() {
    let (_database, engine) = engine(&[]).await;
    let explain = async |query: &str, headers: &[(&str, &str)]| {
        let body = json!({"query": {"query": query}});
        engine.post("/v1/graphql/explain", headers, &body).await
    };
    let (status, answer) = explain("{ a: author(where: {id: {_eq: 7}}) { id } __typename }", &[]).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer[0]["field"], "a");
    let sql = answer[0]["sql"].as_str().unwrap();
    assert!(
        sql.contains("\"public\".\"author\"") && sql.contains("('7')::integer"),
        "{sql}"
    );
    assert!(
        answer[0]["plan"].as_array().is_some_and(|lines| lines.len() > 1),
        "{answer}"
    );
    assert_eq!(
        answer[1],
        json!({"field": "__typename", "sql": null, "plan": null})
    );
    let (status, answer) = explain("subscription { author { id } }", &[]).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["sql"].is_string() && answer["plan"].is_array(), "{answer}");
    let (status, answer) = explain("mutation { delete_author(where: {}) { affected_rows } }", &[]).await;
    assert_eq!(
        (status, answer["code"].as_str()),
        (400, Some("not-supported")),
        "{answer}"
    );
    let (status, answer) = explain("{ author { id } }", &[("X-Hasura-Role", "user")]).await;
    assert_eq!(
        (status, answer["code"].as_str()),
        (400, Some("access-denied")),
        "{answer}"
    );
}
