//! Body of an event trigger: the envelope of Hasura, or a bare order for calls with curl.
//!
//! ```json
//! {"id": "…", "trigger": {"name": "validate-order"}, "table": {"schema": "public", "name": "orders"},
//!  "event": {"op": "INSERT", "data": {"old": null, "new": {"order_id": "…"}}},
//!  "delivery_info": {"current_retry": 0, "max_retries": 100}}
//! ```
//!
//! Only the order id is taken from the event. All other data is read from the order's row, because an event may be outdated
//! when it arrives.

use serde_json::Value;

use super::body::{BodyError, at, text_at};
use crate::order::{Delivery, OrderId};

const TABLE: &str = "orders";

/// Request for a step.
#[derive(Debug, PartialEq, Eq)]
pub struct OrderEvent {
    pub order_id: OrderId,
    /// JSON path of the order id.
    pub path: &'static str,
    pub delivery: Delivery,
}

/// Parses an envelope or a bare order.
pub fn read(body: &Value) -> Result<OrderEvent, BodyError> {
    if body.get("event").is_none() {
        let order_id = order_id(body, &["order_id"])?;
        return Ok(OrderEvent {
            order_id,
            path: "$.order_id",
            delivery: Delivery::default(),
        });
    }
    if body.get("table").is_some() {
        let path = ["table", "name"];
        let table = text_at(body, &path)?;
        if table != TABLE {
            let rule = format!("must be \"{TABLE}\"; this function handles no other table");
            return Err(BodyError {
                code: "wrong_table",
                ..BodyError::invalid_value(&path, &rule)
            });
        }
    }
    let order_id = order_id(body, &["event", "data", "new", "order_id"])?;
    Ok(OrderEvent {
        order_id,
        path: "$.event.data.new.order_id",
        delivery: delivery(body),
    })
}

fn order_id(body: &Value, path: &[&str]) -> Result<OrderId, BodyError> {
    OrderId::parse(text_at(body, path)?).map_err(|rule| BodyError::invalid_value(path, rule))
}

/// Missing and invalid fields are omitted: the delivery is only used for history and logs.
fn delivery(body: &Value) -> Delivery {
    let text = |path: &[&str]| {
        let text = text_at(body, path).ok()?;
        (text.len() <= OrderId::MAX_BYTES).then(|| text.to_owned())
    };
    let attempt = at(body, &["delivery_info", "current_retry"])
        .ok()
        .and_then(Value::as_i64);
    Delivery {
        event_id: text(&["id"]),
        trigger: text(&["trigger", "name"]),
        attempt: attempt
            .and_then(|attempt| i32::try_from(attempt).ok())
            .filter(|attempt| *attempt >= 0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn envelope() -> Value {
        json!({
            "id": "e-1",
            "trigger": {"name": "validate-order"},
            "table": {"schema": "public", "name": "orders"},
            "event": {"op": "INSERT", "data": {"old": null, "new": {"order_id": "o-1", "user_id": "u"}}},
            "delivery_info": {"current_retry": 2, "max_retries": 100},
        })
    }

    #[test]
    fn envelope_contains_order_and_delivery() {
        let OrderEvent {
            order_id,
            path,
            delivery,
        } = read(&envelope()).unwrap();
        assert_eq!((order_id.as_str(), path), ("o-1", "$.event.data.new.order_id"));
        assert_eq!(
            delivery,
            Delivery {
                event_id: Some("e-1".to_owned()),
                trigger: Some("validate-order".to_owned()),
                attempt: Some(2)
            }
        );
    }

    #[test]
    fn bare_order_needs_only_its_id() {
        let OrderEvent {
            order_id,
            path,
            delivery,
        } = read(&json!({"order_id": "abc-ad21-adf"})).unwrap();
        assert_eq!(
            (order_id.as_str(), delivery),
            ("abc-ad21-adf", Delivery::default())
        );
        assert_eq!(path, "$.order_id");
    }

    #[test]
    fn minimal_envelope_is_accepted() {
        let OrderEvent {
            order_id,
            path,
            delivery,
        } = read(&json!({"event": {"data": {"new": {"order_id": "o"}}}})).unwrap();
        assert_eq!((order_id.as_str(), delivery), ("o", Delivery::default()));
        assert_eq!(path, "$.event.data.new.order_id");
    }

    #[test]
    fn invalid_attempts_are_omitted() {
        for attempt in [json!(-1), json!(i64::MAX), json!(0.5), json!("1"), json!(null)] {
            let mut body = envelope();
            body["delivery_info"]["current_retry"] = attempt.clone();
            assert_eq!(read(&body).unwrap().delivery.attempt, None, "{attempt}");
        }
    }

    #[test]
    fn errors_name_the_invalid_field() {
        let mut other_table = envelope();
        other_table["table"]["name"] = json!("items");
        let mut deleted = envelope();
        deleted["event"]["data"]["new"] = json!(null);
        for (body, code, path) in [
            (other_table, "wrong_table", "$.table.name"),
            (deleted, "invalid_type", "$.event.data.new"),
            (json!({}), "missing_field", "$.order_id"),
            (json!({"order_id": 5}), "invalid_type", "$.order_id"),
            (json!({"order_id": ""}), "invalid_value", "$.order_id"),
            (json!({"event": {}}), "missing_field", "$.event.data"),
            (
                json!({"event": {"data": {"new": {}}}}),
                "missing_field",
                "$.event.data.new.order_id",
            ),
            (json!("order"), "invalid_type", "$"),
        ] {
            let error = read(&body).unwrap_err();
            assert_eq!((error.code, error.path.as_str()), (code, path), "{body}");
        }
    }
}
