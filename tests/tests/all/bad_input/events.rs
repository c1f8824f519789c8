//! Invalid bodies of events.

use serde_json::{Value, json};
use shared::http::functions::Function;
use tests::calls::{envelope, post};

use super::{Case, with};

/// Cases of invalid event bodies.
pub(super) fn bad_events<F: Function>() -> Vec<Case> {
    let good = envelope(F::NAME, "o-1", "e-1", 0);
    let event = |body: Value| post(&format!("/{}", F::NAME), &body.to_string());
    let bare = |id: Value| event(json!({ "order_id": id }));
    let wrapped = |pointer: &str, value: Value| event(with(good.clone(), pointer, value));
    let in_envelope = "$.event.data.new.order_id";
    vec![
        ("nothing", event(json!({})), 400, "missing_field", "$.order_id"),
        ("a number", bare(json!(1)), 400, "invalid_type", "$.order_id"),
        ("null", bare(json!(null)), 400, "invalid_type", "$.order_id"),
        ("a list", bare(json!(["o-1"])), 400, "invalid_type", "$.order_id"),
        ("empty", bare(json!("")), 400, "invalid_value", "$.order_id"),
        ("NUL", bare(json!("o-1\0")), 400, "invalid_value", "$.order_id"),
        (
            "too long",
            bare(json!("x".repeat(1001))),
            400,
            "invalid_value",
            "$.order_id",
        ),
        (
            "unknown",
            bare(json!("abc-ad21-adf")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        (
            "SQL",
            bare(json!("'; DROP TABLE orders; --")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        (
            "SQL, quoted",
            bare(json!("o-1' OR '1'='1")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        ("wildcard", bare(json!("%")), 404, "order_not_found", "$.order_id"),
        (
            "another table",
            wrapped("/table/name", json!("items")),
            400,
            "wrong_table",
            "$.table.name",
        ),
        (
            "a table without name",
            wrapped("/table", json!({})),
            400,
            "missing_field",
            "$.table.name",
        ),
        (
            "a table that is none",
            wrapped("/table", json!(5)),
            400,
            "invalid_type",
            "$.table",
        ),
        (
            "event null",
            wrapped("/event", json!(null)),
            400,
            "invalid_type",
            "$.event",
        ),
        (
            "no data",
            wrapped("/event", json!({})),
            400,
            "missing_field",
            "$.event.data",
        ),
        (
            "deleted",
            wrapped("/event/data/new", json!(null)),
            400,
            "invalid_type",
            "$.event.data.new",
        ),
        (
            "no id",
            wrapped("/event/data/new", json!({})),
            400,
            "missing_field",
            in_envelope,
        ),
        (
            "id a number",
            wrapped("/event/data/new/order_id", json!(7)),
            400,
            "invalid_type",
            in_envelope,
        ),
        (
            "id unknown",
            wrapped("/event/data/new/order_id", json!("none")),
            404,
            "order_not_found",
            in_envelope,
        ),
    ]
}
