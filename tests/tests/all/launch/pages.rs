//! The web apps in their buckets, served as CloudFront does: a path without a dot is a page of the app, and each response has the
//! content security policy of the template.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use tokio::net::TcpListener;

/// A bucket and the policy of its pages.
#[derive(Debug)]
struct Site {
    bucket: String,
    policy: String,
    http: reqwest::Client,
}

/// Serves a bucket at a free port of this machine; returns its origin.
pub(super) async fn serve(bucket: String, policy: String, http: reqwest::Client) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let site = Arc::new(Site { bucket, policy, http });
    let router = Router::new().fallback(object).with_state(site);
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

async fn object(State(site): State<Arc<Site>>, uri: Uri) -> Response {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    let path = if last.contains('.') {
        uri.path()
    } else {
        "/index.html"
    };
    let answer = site.http.get(format!("{}{path}", site.bucket)).send().await;
    let answer = answer.expect("the bucket answers");
    if !answer.status().is_success() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    let kind = kind.expect("objects have a content type");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            HeaderName::from_static("content-security-policy"),
            site.policy.parse().expect("a header"),
        ),
    ];
    (headers, answer.bytes().await.expect("the object")).into_response()
}
