use super::*;
use crate::events::claimed::Claimed;
use engine_model::trigger::types::RetryConf;
use http::{HeaderMap, HeaderValue, StatusCode};

fn event(tries: u32) -> Claimed {
    Claimed {
        id: "e".to_owned(),
        schema: "public".to_owned(),
        table: "orders".to_owned(),
        trigger: "t".to_owned(),
        fresh: tries == 0,
        tries,
        created_at: "2018-09-05T07:14:21.601701Z".to_owned(),
        payload: r#"{"op":"INSERT"}"#.to_owned(),
        trace_id: None,
        span_id: None,
    }
}

fn conf(num_retries: u32) -> RetryConf {
    RetryConf {
        num_retries,
        interval_sec: 7,
        timeout_sec: 1,
    }
}

fn response(status: u16, retry_after: Option<&'static str>) -> Answer {
    let mut headers = HeaderMap::new();
    if let Some(value) = retry_after {
        headers.insert("Retry-After", HeaderValue::from_static(value));
    }
    Answer::Response {
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        body: String::new(),
    }
}

fn outcome(tries: u32, num_retries: u32, answer: Answer) -> DeliveryOutcome {
    settle(&event(tries), &conf(num_retries), "{}".to_owned(), answer).outcome
}

#[test]
fn only_2xx_is_a_delivery() {
    assert_eq!(outcome(0, 0, response(200, None)), DeliveryOutcome::Delivered);
    assert_eq!(outcome(0, 0, response(299, None)), DeliveryOutcome::Delivered);
    assert_eq!(outcome(0, 0, response(302, None)), DeliveryOutcome::Failed);
    assert_eq!(outcome(0, 1, response(404, None)), DeliveryOutcome::Retry(7));
}

#[test]
fn there_are_one_more_tries_than_retries() {
    assert_eq!(outcome(3, 4, response(500, None)), DeliveryOutcome::Retry(7));
    assert_eq!(outcome(4, 4, response(500, None)), DeliveryOutcome::Failed);
}

#[test]
fn retry_after_rules_over_interval_and_number() {
    assert_eq!(outcome(0, 4, response(503, Some("2"))), DeliveryOutcome::Retry(2));
    assert_eq!(
        outcome(9, 4, response(400, Some(" 2 "))),
        DeliveryOutcome::Retry(2)
    );
    for ignored in ["0", "-1", "1.5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"] {
        assert_eq!(
            outcome(4, 4, response(503, Some(ignored))),
            DeliveryOutcome::Failed,
            "{ignored}"
        );
    }
}

#[test]
fn no_answer_has_hasuras_number() {
    let settlement = settle(
        &event(0),
        &conf(0),
        "{}".to_owned(),
        Answer::None {
            reason: "refused".to_owned(),
        },
    );
    assert_eq!(settlement.status, 1000);
    assert_eq!(
        settlement.response,
        r#"{"data":{"message":"refused"},"type":"client_error","version":"2"}"#
    );
}
