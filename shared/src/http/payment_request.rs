//! Body of a browser's request to `/payment`:
//!
//! ```json
//! {"order_id": "…", "metadata": {"amount": 500, "type": "credit_card"},
//!  "info": {"full_name": "…", "credit_card_number": "1234 1234 1234 1234", "cvv": "111"}}
//! ```

use serde_json::Value;

use super::body::{BodyError, positive_integer_at, text_at};
use crate::{card::Card, order::OrderId, steps::payment::PaymentRequest};

/// Parses the body; the error names the first invalid field.
pub fn read(body: &Value) -> Result<PaymentRequest, BodyError> {
    let order_id = OrderId::parse(text_at(body, &["order_id"])?)
        .map_err(|rule| BodyError::invalid_value(&["order_id"], rule))?;
    let amount = positive_integer_at(body, &["metadata", "amount"])?;
    let kind = text_at(body, &["metadata", "type"])?.trim();
    if kind.is_empty() || kind.len() > 100 {
        return Err(BodyError::invalid_value(
            &["metadata", "type"],
            "must be 1 to 100 characters",
        ));
    }
    let card = Card::parse(
        text_at(body, &["info", "full_name"])?,
        text_at(body, &["info", "credit_card_number"])?,
        text_at(body, &["info", "cvv"])?,
    )
    .map_err(|problem| BodyError::invalid_value(&["info", problem.field], problem.rule))?;
    Ok(PaymentRequest {
        order_id,
        amount: Some(amount),
        kind: kind.to_owned(),
        card,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent_by_the_browser() -> Value {
        json!({
            "info": {"full_name": "A. Customer", "credit_card_number": "1234 1234 1234 1234", "cvv": "111"},
            "metadata": {"amount": 500, "type": "credit_card"},
            "order_id": "o-1",
        })
    }

    #[test]
    fn request_of_the_browser_is_accepted() {
        let request = read(&sent_by_the_browser()).unwrap();
        assert_eq!((request.order_id.as_str(), request.amount), ("o-1", Some(500)));
        assert_eq!(
            (request.kind.as_str(), request.card.last4()),
            ("credit_card", "1234")
        );
    }

    #[test]
    fn each_field_is_required_and_validated() {
        for (pointer, wrong, code) in [
            ("/order_id", json!(1), "invalid_type"),
            ("/order_id", json!(""), "invalid_value"),
            ("/metadata", json!([]), "invalid_type"),
            ("/metadata/amount", json!("500"), "invalid_type"),
            ("/metadata/amount", json!(-5), "invalid_value"),
            ("/metadata/amount", json!(0.5), "invalid_value"),
            ("/metadata/type", json!(null), "invalid_type"),
            ("/metadata/type", json!(" "), "invalid_value"),
            ("/info/full_name", json!(""), "invalid_value"),
            (
                "/info/credit_card_number",
                json!(1_234_123_412_341_234_i64),
                "invalid_type",
            ),
            ("/info/credit_card_number", json!("1234"), "invalid_value"),
            ("/info/cvv", json!(111), "invalid_type"),
            ("/info/cvv", json!("1"), "invalid_value"),
        ] {
            let mut body = sent_by_the_browser();
            *body.pointer_mut(pointer).unwrap() = wrong;
            let error = read(&body).unwrap_err();
            assert_eq!(
                (error.code, error.path),
                (code, format!("${}", pointer.replace('/', ".")))
            );
        }
        for (parent, key) in [
            ("", "order_id"),
            ("", "metadata"),
            ("", "info"),
            ("/metadata", "amount"),
            ("/metadata", "type"),
            ("/info", "full_name"),
            ("/info", "credit_card_number"),
            ("/info", "cvv"),
        ] {
            let mut body = sent_by_the_browser();
            body.pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(key);
            let error = read(&body).unwrap_err();
            let path = format!("${}.{key}", parent.replace('/', "."));
            assert_eq!((error.code, error.path), ("missing_field", path));
        }
    }

    #[test]
    fn errors_do_not_contain_the_card() {
        let mut body = sent_by_the_browser();
        body["info"]["credit_card_number"] = json!("4000 0000 0000 000x");
        let error = format!("{:?}", read(&body).unwrap_err());
        assert!(!error.contains("4000"), "{error}");
    }
}
