//! Endpoints for health, version and configuration.

use super::app::App;
use super::auth::RequestSession;
use super::client_address::ClientAddress;
use super::error_response::{json_response, plain_response};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use engine_console::Console;
use engine_error::{Code, Error};
use engine_model::metadata::naming::NamingConvention;
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// Responds with `OK`, a warning, or `ERROR` with status 500 if the database is unreachable.
pub(super) async fn healthz(State(app): State<Arc<App>>) -> Response {
    match app.health.run().await {
        Ok(()) if app.graphql.schema.load().resolved.inconsistent.is_empty() => "OK".into_response(),
        Ok(()) => "WARN: inconsistent objects in schema".into_response(),
        Err(error) => {
            tracing::warn!(%error, "health check failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "ERROR").into_response()
        }
    }
}

pub(super) async fn version(State(app): State<Arc<App>>, address: ClientAddress) -> Response {
    app.refused(address).await;
    json_response(
        StatusCode::OK,
        json!({
            "version": app.options.reported_version,
            "server_type": "3factor",
            "engine_version": env!("CARGO_PKG_VERSION"),
        })
        .to_string(),
    )
}

/// Returns the public part of the configuration; for admins only.
pub(super) async fn config(State(app): State<Arc<App>>, RequestSession(session): RequestSession) -> Response {
    if !session.is_admin() {
        // Hasura's wording
        let message = "You have to be an admin to access this endpoint";
        return plain_response(&Error::new(Code::AccessDenied, message), false);
    }
    let auth = &app.options.auth;
    let schema = &app.graphql.options.schema;
    let jwt = match &auth.jwt[..] {
        [] => Value::Null,
        [one] => one.clone(),
        several => several.into(),
    };
    let body = json!({
        "version": app.options.reported_version,
        "engine_version": env!("CARGO_PKG_VERSION"),
        "is_function_permissions_inferred": !schema.explicit_function_permissions,
        "is_remote_schema_permissions_enabled": false,
        "is_admin_secret_set": auth.admin_secret_set,
        "is_auth_hook_set": auth.auth_hook_set,
        "is_jwt_set": !auth.jwt.is_empty(),
        "jwt": jwt,
        "is_allow_list_enabled": schema.allow_list,
        "live_queries": {
            "batch_size": app.options.live.batch_size,
            "refetch_delay": app.options.live.refetch_interval.as_secs_f64(),
        },
        "console_assets_dir": app.options.console.as_ref().and_then(Console::directory),
        "experimental_features": [],
        "default_naming_convention": NamingConvention::default_of_process().name(),
        "is_prometheus_metrics_enabled": false,
    });
    json_response(StatusCode::OK, body.to_string())
}
