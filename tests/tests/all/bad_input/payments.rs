//! Invalid bodies of payment requests.

use serde_json::{Value, json};
use tests::calls::{payment, post};

use super::{Case, with};

/// Cases of invalid payment bodies.
pub(super) fn bad_payments() -> Vec<Case> {
    let good = payment("o-1", 500, "1234 1234 1234 1234");
    let changed =
        |pointer: &str, value: Value| post("/payment", &with(good.clone(), pointer, value).to_string());
    let mut cases = vec![
        (
            "unknown",
            changed("/order_id", json!("none")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        (
            "SQL",
            changed("/order_id", json!("'; DROP TABLE orders; --")),
            404,
            "order_not_found",
            "$.order_id",
        ),
        (
            "id a number",
            changed("/order_id", json!(1)),
            400,
            "invalid_type",
            "$.order_id",
        ),
        (
            "id empty",
            changed("/order_id", json!("")),
            400,
            "invalid_value",
            "$.order_id",
        ),
        (
            "not validated",
            changed("/order_id", json!("o-2")),
            409,
            "order_not_validated",
            "$.order_id",
        ),
        (
            "refused",
            changed("/order_id", json!("o-3")),
            409,
            "order_refused",
            "$.order_id",
        ),
        (
            "too little",
            changed("/metadata/amount", json!(499)),
            409,
            "amount_mismatch",
            "$.metadata.amount",
        ),
        (
            "far too much",
            changed("/metadata/amount", json!(i64::MAX)),
            409,
            "amount_mismatch",
            "$.metadata.amount",
        ),
    ];
    for amount in [json!(0), json!(-5), json!(500.5), json!(1e300), json!(u64::MAX)] {
        cases.push((
            "amount",
            changed("/metadata/amount", amount),
            400,
            "invalid_value",
            "$.metadata.amount",
        ));
    }
    for amount in [json!("500"), json!(null), json!([500]), json!(true)] {
        cases.push((
            "amount",
            changed("/metadata/amount", amount),
            400,
            "invalid_type",
            "$.metadata.amount",
        ));
    }
    for number in [
        "",
        "1234",
        "1234 1234 1234 123x",
        "12345678901234567890",
        "' OR 1=1 --",
    ] {
        let pointer = "/info/credit_card_number";
        cases.push((
            "card",
            changed(pointer, json!(number)),
            400,
            "invalid_value",
            "$.info.credit_card_number",
        ));
    }
    cases.extend([
        (
            "card a number",
            changed("/info/credit_card_number", json!(1234)),
            400,
            "invalid_type",
            "$.info.credit_card_number",
        ),
        (
            "cvv a number",
            changed("/info/cvv", json!(111)),
            400,
            "invalid_type",
            "$.info.cvv",
        ),
        (
            "cvv",
            changed("/info/cvv", json!("1")),
            400,
            "invalid_value",
            "$.info.cvv",
        ),
        (
            "name",
            changed("/info/full_name", json!(" ")),
            400,
            "invalid_value",
            "$.info.full_name",
        ),
        (
            "type",
            changed("/metadata/type", json!("")),
            400,
            "invalid_value",
            "$.metadata.type",
        ),
        (
            "type with NUL",
            changed("/metadata/type", json!("a\0")),
            400,
            "invalid_value",
            "$.metadata.type",
        ),
        (
            "info null",
            changed("/info", json!(null)),
            400,
            "invalid_type",
            "$.info",
        ),
        (
            "metadata a list",
            changed("/metadata", json!([])),
            400,
            "invalid_type",
            "$.metadata",
        ),
    ]);
    for (parent, key, path) in [
        ("", "order_id", "$.order_id"),
        ("", "info", "$.info"),
        ("", "metadata", "$.metadata"),
        ("/info", "full_name", "$.info.full_name"),
        ("/info", "credit_card_number", "$.info.credit_card_number"),
        ("/info", "cvv", "$.info.cvv"),
        ("/metadata", "amount", "$.metadata.amount"),
        ("/metadata", "type", "$.metadata.type"),
    ] {
        let mut body = good.clone();
        body.pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("an object")
            .remove(key);
        cases.push((
            "missing",
            post("/payment", &body.to_string()),
            400,
            "missing_field",
            path,
        ));
    }
    cases
}
