//! Paths and their handlers.

use super::config::{Api, Config};
use super::cors::Cors;
use super::cross_site::{CrossSite, METADATA_PATHS};
use super::error::{no_resource, plain_response};
use super::{explain, frame, graphql, info, metadata, websocket};
use crate::state::Engine;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use engine_error::{Code, Error};
use std::sync::Arc;
use tokio_util::task::TaskTracker;
use tower_http::compression::CompressionLayer;

/// State of the handlers.
#[derive(Clone)]
pub struct App {
    pub engine: Arc<Engine>,
    /// Allowed origins of web pages.
    pub cors: Arc<Cors>,
    /// Check of `Host` and `Origin` before a request is read.
    pub cross_site: Arc<CrossSite>,
    /// Tasks of commands, which complete even if the client disconnects.
    pub commands: TaskTracker,
}

/// Builds the router for the enabled endpoints.
pub fn router(app: App) -> Router {
    let config: &Config = &app.engine.config;
    let mut router = Router::new()
        .route("/healthz", get(info::healthz))
        .route("/hasura/healthz", get(info::healthz))
        .route("/v1/version", get(info::version));
    if config.serves(Api::Config) {
        router = router.route("/v1alpha1/config", get(info::config));
    }
    if config.serves(Api::Graphql) {
        router = router
            .route("/v1/graphql", post(graphql::v1).get(websocket::v1))
            .route(
                "/v1alpha1/graphql",
                post(graphql::v1alpha1).get(websocket::v1alpha1),
            );
    }
    if config.serves(Api::Graphql) {
        router = router
            .route("/v1/graphql/explain", post(explain::handle))
            .route("/v1alpha1/graphql/explain", post(explain::handle));
    }
    if config.serves(Api::Metadata) {
        for path in METADATA_PATHS {
            router = router.route(path, post(metadata::handle));
        }
    }
    router
        .fallback(async || plain_response(&no_resource(), false))
        .method_not_allowed_fallback(async || {
            plain_response(&Error::new(Code::MethodNotAllowed, "method not allowed"), false)
        })
        .layer(DefaultBodyLimit::max(config.max_body_bytes as usize))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), frame::frame))
        .with_state(app)
}
