use super::*;
use crate::events::claimed::Claimed;
use engine_model::trigger::types::RetryConf;
use http::{HeaderMap, HeaderValue, StatusCode};
use std::time::Duration;

fn event(tries: u32) -> Claimed {
    Claimed {
        id: "e".to_owned(),
        schema: "public".to_owned(),
        table: "orders".to_owned(),
        trigger: "t".to_owned(),
        fresh: tries == 0,
        tries,
        created_at: "2018-09-05T07:14:21.601701Z".to_owned(),
        payload: None,
    }
}

fn limits(retries: u32) -> RetryLimits {
    let conf = RetryConf {
        interval_sec: 7,
        ..RetryConf::default()
    };
    RetryLimits {
        retries,
        backoff: Backoff::new(&conf),
        retries_after: 1000,
    }
}

fn retry(seconds: u64) -> DeliveryOutcome {
    DeliveryOutcome::Retry(Duration::from_secs(seconds))
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
    settle(
        &event(tries),
        limits(num_retries),
        LoggedRequest::default(),
        answer,
    )
    .outcome
}

#[test]
fn only_2xx_is_a_delivery() {
    assert_eq!(outcome(0, 0, response(200, None)), DeliveryOutcome::Delivered);
    assert_eq!(outcome(0, 0, response(299, None)), DeliveryOutcome::Delivered);
    assert_eq!(outcome(0, 0, response(302, None)), DeliveryOutcome::Failed);
    assert_eq!(outcome(0, 1, response(404, None)), retry(7));
}

#[test]
fn there_are_one_more_tries_than_retries() {
    assert_eq!(outcome(3, 4, response(500, None)), retry(7));
    assert_eq!(outcome(4, 4, response(500, None)), DeliveryOutcome::Failed);
}

#[test]
fn retry_after_rules_over_interval_and_number() {
    assert_eq!(outcome(0, 4, response(503, Some("2"))), retry(2));
    assert_eq!(outcome(9, 4, response(400, Some(" 2 "))), retry(2));
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
        limits(0),
        LoggedRequest::default(),
        Answer::None {
            reason: "refused".to_owned(),
            is_final: false,
        },
    );
    assert_eq!(settlement.status, 1000);
    assert_eq!(
        settlement.response,
        r#"{"data":{"message":"refused"},"type":"client_error","version":"2"}"#
    );
}

#[test]
fn retry_after_ends_after_the_documented_number_of_retries() {
    let response = || response(503, Some("1"));
    assert_eq!(outcome(39, 0, response()), retry(1));
    assert_eq!(outcome(999, 0, response()), retry(239));
    assert_eq!(outcome(1000, 0, response()), DeliveryOutcome::Failed);
    assert_eq!(outcome(1000, 2000, response()), retry(240));
    let duration = |tries| match outcome(tries, 0, response()) {
        DeliveryOutcome::Retry(delay) => delay,
        other => panic!("{other:?}"),
    };
    let hours = (0..1000).map(duration).sum::<Duration>().as_secs() / 3600;
    assert_eq!(hours, 31);
}

#[test]
fn retry_after_is_at_most_a_day() {
    let long = response(503, Some("4000000000"));
    assert_eq!(outcome(0, 0, long), retry(86_400));
}

#[test]
fn final_reason_is_not_retried() {
    let answer = Answer::None {
        reason: "too large".to_owned(),
        is_final: true,
    };
    assert_eq!(outcome(0, 5, answer), DeliveryOutcome::Failed);
}

#[test]
fn panicking_delivery_uses_up_its_tries() {
    let broken = |tries| Settlement::broken("e".to_owned(), "t".to_owned(), tries, limits(2)).outcome;
    assert_eq!(broken(1), retry(60));
    assert_eq!(broken(2), DeliveryOutcome::Failed);
}
