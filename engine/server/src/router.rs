//! Paths and their handlers.

use super::app::App;
use super::cross_site::METADATA_PATHS;
use super::error_response::{no_resource, plain_response};
use super::{explain, graphql, info, metadata, middleware, websocket};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use engine_error::{Code, Error};
use std::sync::Arc;
use tower_http::compression::CompressionLayer;

/// Builds the router for the enabled endpoints.
pub fn router(app: Arc<App>) -> Router {
    let endpoints = app.options.endpoints;
    let mut router = Router::new()
        .route("/healthz", get(info::healthz))
        .route("/hasura/healthz", get(info::healthz))
        .route("/v1/version", get(info::version));
    if endpoints.config {
        router = router.route("/v1alpha1/config", get(info::config));
    }
    if endpoints.graphql {
        router = router
            .route("/v1/graphql", post(graphql::v1).get(websocket::v1))
            .route(
                "/v1alpha1/graphql",
                post(graphql::v1alpha1).get(websocket::v1alpha1),
            );
    }
    if endpoints.graphql {
        router = router
            .route("/v1/graphql/explain", post(explain::handle))
            .route("/v1alpha1/graphql/explain", post(explain::handle));
    }
    if endpoints.metadata {
        for path in METADATA_PATHS {
            router = router.route(path, post(metadata::handle));
        }
    }
    router
        .fallback(async || plain_response(&no_resource(), false))
        .method_not_allowed_fallback(async || {
            plain_response(&Error::new(Code::MethodNotAllowed, "method not allowed"), false)
        })
        .layer(DefaultBodyLimit::max(app.options.max_body_bytes))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(Arc::clone(&app), middleware::middleware))
        .with_state(app)
}
