//! What an event trigger sends: Hasura's envelope, or, from somebody trying a function with curl, the bare order.
//!
//! ```json
//! {"id": "…", "trigger": {"name": "validate-order"}, "table": {"schema": "public", "name": "orders"},
//!  "event": {"op": "INSERT", "data": {"old": null, "new": {"order_id": "…"}}},
//!  "delivery_info": {"current_retry": 0, "max_retries": 100}}
//! ```
//!
//! Only the order's id is taken from the event: everything else about the order is read from its row, because an event
//! may be old when it arrives.

use serde_json::Value;

use super::body::{BadBody, at, text_at};
use crate::order::{Delivery, OrderId};

const TABLE: &str = "orders";

/// A step, asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct OrderEvent {
    /// The order.
    pub order_id: OrderId,
    /// Where in the body its id stood.
    pub path: &'static str,
    /// The delivery that asks for it.
    pub delivery: Delivery,
}

/// Reads an envelope or a bare order.
pub fn read(body: &Value) -> Result<OrderEvent, BadBody> {
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
            let rule = format!("must be \"{TABLE}\": this function handles events of no other table");
            return Err(BadBody {
                code: "wrong_table",
                ..BadBody::invalid_value(&path, &rule)
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

fn order_id(body: &Value, path: &[&str]) -> Result<OrderId, BadBody> {
    OrderId::parse(text_at(body, path)?).map_err(|rule| BadBody::invalid_value(path, rule))
}

/// For history and logs only, so what is not there, or not what it should be, is left out.
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
        attempt: attempt.and_then(|attempt| i32::try_from(attempt).ok()),
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
    fn an_envelope_names_the_order_and_the_delivery() {
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
    fn a_bare_order_needs_nothing_but_its_id() {
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
    fn an_envelope_without_extras_is_enough() {
        let OrderEvent {
            order_id,
            path,
            delivery,
        } = read(&json!({"event": {"data": {"new": {"order_id": "o"}}}})).unwrap();
        assert_eq!((order_id.as_str(), delivery), ("o", Delivery::default()));
        assert_eq!(path, "$.event.data.new.order_id");
    }

    #[test]
    fn each_fault_is_named() {
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
