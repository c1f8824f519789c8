//! Tests of the layers and of sessions over a real socket. No request of them reaches the database.

use crate::App;
use crate::auth::{Authenticated, Authentication, Authenticator, Credentials};
use crate::body_budget::BodyBudget;
use crate::cors::Cors;
use crate::cross_site::CrossSite;
use crate::middleware::add_layers;
use crate::options::{AuthSummary, Endpoints, ServerOptions};
use crate::router;
use arc_swap::ArcSwap;
use axum::Router;
use axum::routing::get;
use connection::Secret;
use engine_admin::{AdminContext, AdminOptions};
use engine_error::Result;
use engine_model::metadata::Metadata;
use engine_model::session::Session;
use engine_plan::document::DocumentCache;
use engine_plan::schema::SchemaOptions;
use engine_plan::schema_cache::{CurrentSchema, ResolvedMetadata, SchemaCache};
use engine_postgres::health::HealthCheck;
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::limit::ResponseLimit;
use engine_postgres::pool::{self, PoolOptions};
use engine_runtime::graphql::{CostOptions, GraphqlContext, GraphqlOptions};
use engine_runtime::live::{self, LiveOptions};
use engine_runtime::rate_limiter::RateLimiter;
use engine_runtime::wake::Waker;
use futures_util::future::{BoxFuture, ready};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use telemetry::Spans;
use testkit::socket::{GRAPHQL_TRANSPORT_WS, Socket, SocketEvent};
use testkit::{EngineClient, http_client};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Creates the state of handlers without metadata. No connection to the database is made.
fn app(auth: impl Authenticator + 'static) -> Arc<App> {
    let pool_options = PoolOptions {
        database_url: Secret::new("postgres://localhost/unused").unwrap(),
        isolation: IsolationLevel::default(),
        operation_timeout: 0,
        client_percent: 0,
    };
    let pool = pool::build(&pool_options, 1).unwrap();
    let resolved = ResolvedMetadata::new(Metadata::default(), Arc::default());
    let schema: CurrentSchema = Arc::new(ArcSwap::from_pointee(SchemaCache::new(1, resolved)));
    let (waker, shutdown) = (Waker::default(), CancellationToken::new());
    let live_options = LiveOptions {
        refetch_interval: Duration::from_secs(1),
        batch_size: 1,
        batch_response: ResponseLimit {
            bytes: 10_000,
            option: "",
        },
    };
    let cost = CostOptions {
        time: None,
        role_time: None,
        response_bytes: 10_000,
        role_response_bytes: 1_000,
    };
    let live = live::Context::new(
        &pool_options,
        &pool,
        live_options.clone(),
        Arc::clone(&schema),
        waker.clone(),
        shutdown.clone(),
    );
    let graphql_options = GraphqlOptions {
        cost,
        max_query_bytes: 1000,
        max_depth: 10,
        schema: SchemaOptions::default(),
    };
    let admin_options = AdminOptions {
        pool: pool_options,
        cost,
        schema: SchemaOptions::default(),
        schema_sync_interval: Duration::ZERO,
    };
    let health = HealthCheck::new(&admin_options.pool).unwrap();
    Arc::new(App {
        graphql: Arc::new(GraphqlContext {
            pool: pool.clone(),
            documents: DocumentCache::default(),
            schema: Arc::clone(&schema),
            waker: waker.clone(),
            rates: RateLimiter::default(),
            spans: Spans::default(),
            options: graphql_options,
        }),
        admin: Arc::new(AdminContext::new(pool, schema, waker, admin_options)),
        live: Arc::new(live::Registry::new(live.unwrap())),
        auth: Box::new(auth),
        cors: Cors::Any,
        cross_site: CrossSite::new(false, true, &[]),
        options: ServerOptions {
            endpoints: Endpoints {
                graphql: true,
                metadata: true,
                config: true,
            },
            max_body_bytes: 10_000,
            max_role_body_bytes: 1_000,
            body_timeout: Duration::from_mins(1),
            websocket_keepalive: Duration::from_mins(1),
            websocket_init_timeout: Duration::from_mins(1),
            dev_mode: false,
            admin_internal_errors: true,
            websocket_read_cookie: false,
            auth: AuthSummary::default(),
            live: live_options,
            reported_version: "v2.45.0".to_owned(),
            console: None,
        },
        bodies: BodyBudget::new(1_000_000),
        health,
        shutdown,
        commands: TaskTracker::new(),
        slow: crate::SlowRequests::default(),
    })
}

fn secret() -> Authentication {
    Authentication {
        admin_secrets: vec![Secret::new("right").unwrap()],
        ..Authentication::default()
    }
}

/// Starts a server on a free port; returns its base URL.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// Returns the status line for a request whose body is announced and not sent.
async fn status_without_body(url: &str, path: &str, headers: &str) -> String {
    let address = url.trim_start_matches("http://");
    let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
    let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: 1000\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut status = String::new();
    socket.read_line(&mut status).await.unwrap();
    status.trim_end().to_owned()
}

#[tokio::test]
async fn request_without_access_is_rejected_before_its_body_is_read() {
    let url = serve(router(&app(secret()))).await;
    for path in ["/v1/query", "/v1alpha1/graphql", "/v1/graphql/explain"] {
        let status = status_without_body(&url, path, "").await;
        assert_eq!(status, "HTTP/1.1 401 Unauthorized", "{path}");
    }
}

#[tokio::test]
async fn foreign_origin_is_rejected_before_the_body_is_read() {
    let mut app = app(Authentication::default());
    Arc::get_mut(&mut app).unwrap().cors = Cors::Only(Vec::new());
    let url = serve(router(&app)).await;
    for path in [
        "/v1/query",
        "/v2/query",
        "/v1/metadata",
        "/v1/graphql",
        "/v1alpha1/graphql",
    ] {
        for (headers, expected) in [
            (
                "Origin: https://evil.test\r\nContent-Type: application/json\r\n",
                "403 Forbidden",
            ),
            (
                "Origin: null\r\nContent-Type: application/json\r\n",
                "403 Forbidden",
            ),
            (
                "Sec-Fetch-Site: cross-site\r\nContent-Type: text/plain\r\n",
                "415 Unsupported Media Type",
            ),
        ] {
            let status = status_without_body(&url, path, headers).await;
            assert_eq!(status, format!("HTTP/1.1 {expected}"), "{path} {headers}");
        }
    }
}

#[tokio::test]
async fn rejection_has_the_error_format_of_its_endpoint() {
    let client = EngineClient::new(serve(router(&app(secret()))).await);
    let body = json!({"query": "{ __typename }"});
    let post = async |path: &str, role: &str| {
        let headers = [("x-hasura-admin-secret", "right"), ("x-hasura-role", role)];
        client.post(path, &headers, &body).await
    };
    let long = "r".repeat(64);
    let message = "x-hasura-role is too long: 64 bytes; the limit is 63 bytes";
    let graphql = json!({"errors": [{
        "extensions": {"path": "$", "code": "invalid-headers"}, "message": message,
    }]});
    assert_eq!(post("/v1/graphql", &long).await, (200, graphql.clone()));
    assert_eq!(post("/v1alpha1/graphql", &long).await, (400, graphql));
    let metadata = json!({"path": "$", "error": message, "code": "invalid-headers"});
    assert_eq!(post("/v1/query", &long).await, (400, metadata));
    let admin_only = json!({"path": "$", "error": "restricted access : admin only", "code": "access-denied"});
    assert_eq!(post("/v1/graphql/explain", "user").await, (400, admin_only));
}

#[tokio::test]
async fn missing_query_is_reported_in_batches_too() {
    let client = EngineClient::new(serve(router(&app(Authentication::default()))).await);
    let batch = json!([{"query": "{ __typename }"}, {}]);
    let (status, response) = client.post("/v1alpha1/graphql", &[], &batch).await;
    assert_eq!(status, 400);
    assert_eq!(
        response["errors"][0],
        json!({"extensions": {"path": "$[1]", "code": "parse-failed"}, "message": "key \"query\" not found"})
    );
    let (_, response) = client
        .post("/v1alpha1/graphql", &[], &json!({"query": null}))
        .await;
    let message = response["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("invalid type: null"), "{message}");
}

#[tokio::test]
async fn panic_becomes_an_error_response_with_all_headers() {
    let app = app(Authentication::default());
    let router = Router::new().route("/panic", get(async || -> String { panic!("handler") }));
    let url = serve(add_layers(router, &app)).await;
    let response = http_client()
        .get(format!("{url}/panic"))
        .header("x-request-id", "mine")
        .header("origin", "https://app.example.com")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()["x-request-id"], "mine");
    assert_eq!(
        response.headers()["access-control-allow-origin"],
        "https://app.example.com"
    );
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({"path": "$", "error": "internal error", "code": "unexpected"})
    );
}

/// Sessions that end when they begin.
struct Expired;

impl Authenticator for Expired {
    fn authenticate<'a>(&'a self, _: Credentials<'a>) -> BoxFuture<'a, Result<Authenticated>> {
        let session = Authenticated::new(Session::of_role("user"));
        Box::pin(ready(session.map(|session| session.expiring_in(Duration::ZERO))))
    }
}

#[tokio::test]
async fn connection_is_closed_when_the_session_expires() {
    let url = serve(router(&app(Expired))).await;
    let mut socket = Socket::open(&url, "/v1/graphql", GRAPHQL_TRANSPORT_WS).await;
    socket.send(&json!({"type": "connection_init"})).await;
    assert_eq!(
        socket.receive().await,
        SocketEvent::Message(json!({"type": "connection_ack"}))
    );
    assert_eq!(socket.closed().await, 1000);
}
