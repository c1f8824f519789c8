//! `/v1alpha1/status`: connections, pollers, pool and slow requests at this moment, for admins.

use super::app::App;
use super::auth::AdminSession;
use super::error_response::json_response;
use super::serve::Slot;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn handle(
    State(app): State<Arc<App>>,
    AdminSession(_): AdminSession,
    slot: Option<Extension<Arc<Slot>>>,
) -> Response {
    let pool = app.graphql.pool.status();
    let schema = app.graphql.schema.load();
    let body = json!({
        // Without the engine's own server, as in tests, connections are not counted.
        "connections": slot.map(|Extension(slot)| slot.counts()),
        "pollers": app.live.pollers(),
        "pool": {
            "size": pool.size,
            "available": pool.available,
            "waiting": pool.waiting,
            "max": pool.max_size,
        },
        "tables": schema.resolved.tracked.tables.len(),
        "inconsistent_objects": schema.resolved.inconsistent.len(),
        "slow_requests": app.slow.list(),
    });
    json_response(StatusCode::OK, body.to_string())
}
