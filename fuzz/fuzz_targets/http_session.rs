//! Any bytes of an HTTP client, with each method of authentication: no panic, bounded work, and sessions that follow from the
//! credentials. Without the admin secret no client is admin, and no session variable comes from its headers.
//!
//! The first byte of an input selects the method, the rest is what the client sends.

#![no_main]

use connection::Secret;
use engine_model::session::{ROLE, Session};
use engine_server::auth::jwt::{Jwt, JwtConfig};
use engine_server::auth::webhook::{Mode, Webhook};
use engine_server::auth::{Authentication, Method, UnauthorizedRole};
use fuzz::server::{SECRET, Server, runtime, sends_secret};
use fuzz::wire::exchange;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::sync::LazyLock;
use tokio::runtime::Runtime;

const KEY: &str = "fuzz-key-of-32-bytes-0123456789ab";

/// Token of this key with the allowed roles `user` and `editor` and the user id 1, without expiry.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJodHRwczovL2hhc3VyYS5pby9qd3QvY2xhaW1zIjp7IngtaGFzdXJhLWFsbG93ZWQtcm9sZXMiOlsidXNlciIsImVkaXRvciJdLCJ4LWhhc3VyYS1kZWZhdWx0LXJvbGUiOiJ1c2VyIiwieC1oYXN1cmEtdXNlci1pZCI6IjEifX0.vfxE-YdIrvkBp8wVllrsNGPJgPqdidp33e3Q2itaGTs";

/// Minimum length in bytes of a request, `GET / HTTP/1.1`.
const MIN_REQUEST: usize = 14;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(runtime);

static SERVERS: LazyLock<[Server; 5]> = LazyLock::new(|| {
    RUNTIME.block_on(async {
        let webhook = webhook().await;
        let hook = |mode| Method::Webhook(Box::new(Webhook::new(&webhook, mode).expect("a valid address")));
        [
            Server::new(authentication(None, None), check_secret),
            Server::new(authentication(None, Some("anonymous")), check_anonymous),
            Server::new(
                authentication(Some(Method::Jwt(jwt().await)), Some("anonymous")),
                check_token,
            ),
            Server::new(authentication(Some(hook(Mode::Get)), None), check_webhook),
            Server::new(
                authentication(Some(hook(Mode::Post { sends_request: true })), None),
                check_webhook,
            ),
        ]
    })
});

fuzz_target!(|data: &[u8]| {
    let Some((&choice, request)) = data.split_first() else {
        return;
    };
    let server = &SERVERS[usize::from(choice) % SERVERS.len()];
    let response = RUNTIME.block_on(exchange(server.router(), request, false));
    let sessions = server.take_sessions();
    assert!(sessions <= request.len() / MIN_REQUEST, "{sessions} sessions");
    if !response.is_empty() {
        let status = response.strip_prefix(b"HTTP/1.").and_then(|rest| rest.get(2..5));
        let status = std::str::from_utf8(status.expect("a status line")).expect("a number");
        assert!((100..=599).contains(&status.parse::<u16>().expect("a number")));
    }
});

fn authentication(method: Option<Method>, unauthorized: Option<&str>) -> Authentication {
    Authentication {
        admin_secrets: vec![Secret::new(SECRET).expect("a value")],
        unauthorized: unauthorized.map(|role| UnauthorizedRole {
            role: role.to_owned(),
            trusts_headers: false,
        }),
        method,
    }
}

/// Tokens in the header `Authorization` and in a cookie.
async fn jwt() -> Jwt {
    let configs = [json!({}), json!({"type": "Cookie", "name": "token"})].map(|header| {
        let header = header.get("type").map(|_| header.clone());
        let config = json!({"type": "HS256", "key": KEY, "header": header});
        JwtConfig::parse(&config.to_string()).expect("a valid configuration")
    });
    Jwt::load(configs.into()).await.expect("no keys to fetch")
}

/// Starts a webhook that gives every client the same session; returns its address.
async fn webhook() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    let session = async || axum::Json(json!({"x-hasura-role": "user", "x-hasura-user-id": "7"}));
    let router = axum::Router::new().fallback(session);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// With the secret alone.
fn check_secret(headers: &HeaderMap, _: &Session) {
    assert!(sends_secret(headers), "a session without the secret");
}

fn check_anonymous(headers: &HeaderMap, session: &Session) {
    if !sends_secret(headers) {
        assert_eq!(*session, Session::of_role("anonymous"));
    }
}

fn check_token(headers: &HeaderMap, session: &Session) {
    if sends_secret(headers) || *session == Session::of_role("anonymous") {
        return;
    }
    let has_token = |value: &http::HeaderValue| {
        let value = value.as_bytes();
        value.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes())
    };
    assert!(headers.values().any(has_token), "a session without the token");
    check_session(session, &["user", "editor"], "1");
}

fn check_webhook(headers: &HeaderMap, session: &Session) {
    if !sends_secret(headers) {
        check_session(session, &["user"], "7");
    }
}

fn check_session(session: &Session, roles: &[&str], user: &str) {
    assert!(roles.contains(&session.role.as_str()), "role {}", session.role);
    assert!(!session.backend_only);
    let variables = session.variables.iter().filter(|(name, _)| *name != ROLE);
    let variables: Vec<_> = variables
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(variables, [("x-hasura-user-id", user)]);
}
