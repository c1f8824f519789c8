//! The console, and responses to browsers that open an address of the API.

use super::app::App;
use super::client_address::ClientAddress;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use engine_console::{Console, Frame, PATH};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use std::sync::Arc;

/// Adds the paths of the console if it is enabled.
pub(super) fn add_routes(router: Router<Arc<App>>, console: Option<&Console>) -> Router<Arc<App>> {
    let Some(console) = console else {
        return router;
    };
    let (page, sub_page, assets) = (console.clone(), console.clone(), console.clone());
    router
        .route("/", get(async || Redirect::to(PATH)))
        .route("/console/", get(async || Redirect::to(PATH)))
        .route(
            "/console",
            get(async move |app: State<Arc<App>>, address, uri| show(app, address, &uri, &page).await),
        )
        .route(
            "/console/{*path}",
            get(async move |app: State<Arc<App>>, address, uri| show(app, address, &uri, &sub_page).await),
        )
        .route(
            "/console/assets/{*path}",
            get(
                async move |State(app): State<Arc<App>>,
                            address: ClientAddress,
                            Path(path): Path<String>,
                            headers: HeaderMap| {
                    app.refused(address).await;
                    respond(assets.asset(&path, accepts_gzip(&headers)).await)
                },
            ),
        )
}

async fn show(State(app): State<Arc<App>>, address: ClientAddress, uri: &Uri, console: &Console) -> Response {
    app.refused(address).await;
    let frame = Frame {
        path: uri.path(),
        admin_secret_set: app.options.auth.admin_secret_set,
        version: &app.options.reported_version,
    };
    respond(console.page(&frame).await)
}

fn respond(response: http::Response<bytes::Bytes>) -> Response {
    response.map(axum::body::Body::from)
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("gzip") && parts.all(|weight| !matches!(weight, "q=0" | "q=0.0"))
        })
}

/// Whether the request is that of a browser whose user has opened the address.
pub(super) fn is_navigation(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.split(',').any(|kind| kind.trim() == "text/html"))
}

/// Explains that the address is that of an API, and where the console is.
pub(super) fn explain(app: &App) -> Response {
    let remedy = if app.options.console.is_some() {
        "Write and run queries in <a href=\"/console/api\">the console</a>."
    } else {
        "To write and run queries here, start the engine with <code>HASURA_GRAPHQL_ENABLE_CONSOLE=true</code>."
    };
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>GraphQL endpoint</title>\n</head>\n<body>\n<h1>GraphQL endpoint</h1>\n\
         <p>Clients send queries and mutations to this address with POST, and subscriptions with a WebSocket.</p>\n\
         <p>{remedy}</p>\n</body>\n</html>\n"
    );
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    (
        StatusCode::METHOD_NOT_ALLOWED,
        [
            (header::ALLOW, HeaderValue::from_static("POST")),
            (header::CONTENT_SECURITY_POLICY, policy),
        ],
        Html(page),
    )
        .into_response()
}
