//! Paths and their handlers.

use super::api_version::ApiVersion;
use super::app::App;
use super::client_address::ClientAddress;
use super::error_response::{no_resource, plain_response};
use super::{console, explain, graphql, info, metadata, middleware, rest, status, websocket};
use axum::extract::State;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use axum::{Extension, Router};
use engine_error::{Code, Error};
use std::sync::Arc;

/// Builds the router for the enabled endpoints.
pub fn router(app: &Arc<App>) -> Router {
    let endpoints = app.options.endpoints;
    let mut router = Router::new()
        .route("/healthz", get(info::healthz))
        .route("/hasura/healthz", get(info::healthz))
        .route("/v1/version", get(info::version));
    if endpoints.config {
        router = router
            .route("/v1alpha1/config", get(info::config))
            .route("/v1alpha1/status", get(status::handle));
    }
    if endpoints.graphql {
        router = router
            .route("/v1/graphql", graphql(ApiVersion::V1))
            .route("/v1alpha1/graphql", graphql(ApiVersion::V1Alpha1))
            .route("/v1/graphql/explain", post(explain::handle))
            .route("/v1alpha1/graphql/explain", post(explain::handle))
            .route("/api/rest/{*path}", any(rest::handle))
            .route("/api/swagger/json", get(rest::describe));
    }
    if endpoints.metadata {
        router = router
            .route("/v1/query", post(metadata::handle))
            .route("/v2/query", post(metadata::handle_admin))
            .route("/v1/metadata", post(metadata::handle_admin));
    }
    router = console::add_routes(router, app.options.console.as_ref());
    router = router
        .fallback(async |app: State<Arc<App>>, address: ClientAddress| {
            refuse(app, address, &no_resource()).await
        })
        .method_not_allowed_fallback(async |app: State<Arc<App>>, address: ClientAddress| {
            let error = Error::new(Code::MethodNotAllowed, "method not allowed");
            refuse(app, address, &error).await
        });
    middleware::add_layers(router, app)
}

async fn refuse(State(app): State<Arc<App>>, address: ClientAddress, error: &Error) -> Response {
    app.refused(address).await;
    plain_response(error, false)
}

/// Handlers of a GraphQL endpoint; extractors read the version from the request.
fn graphql(version: ApiVersion) -> MethodRouter<Arc<App>> {
    post(graphql::handle)
        .get(websocket::handle)
        .layer(Extension(version))
}
