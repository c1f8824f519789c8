//! Any bytes as the body of an event, and as the API Gateway event around it: no panic, no step without the webhook secret, and accepted
//! events have fields that the database can store.

#![no_main]

use futures_util::FutureExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use shared::Config;
use shared::database::Database;
use shared::gateway::SimulatedGateway;
use shared::http::body::BodyError;
use shared::http::envelope::{self, OrderEvent};
use shared::http::functions::{Answer, Caller, CallerKind, Function, RequestContext};
use shared::http::{AgentAssignment, Handler, RefundPayment, RestaurantApproval, ValidateOrder};
use shared::order::OrderId;
use shared::steps::StepError;
use std::marker::PhantomData;
use std::sync::LazyLock;
use tokio::runtime::Runtime;

const SECRET: &str = "fuzz-webhook-secret";

/// Function whose step only checks the event.
#[derive(Clone)]
struct Checking<F>(PhantomData<F>);

impl<F: Function<Input = OrderEvent>> Function for Checking<F> {
    const NAME: &'static str = F::NAME;
    const CALLER: CallerKind = F::CALLER;
    type Input = OrderEvent;
    type Output = Checked;

    fn read(body: &Value) -> Result<OrderEvent, BodyError> {
        F::read(body)
    }

    fn context(input: &OrderEvent) -> RequestContext<'_> {
        F::context(input)
    }

    async fn run(&self, _: &Database, _: &Caller, input: &OrderEvent) -> Result<Checked, StepError> {
        check(input);
        Ok(Checked {})
    }
}

/// Response of the replaced step.
#[derive(serde::Serialize)]
struct Checked {}

impl Answer for Checked {
    fn outcome(&self) -> &'static str {
        "checked"
    }
}

// The deadline of a request belongs to a runtime, even if it is never reached.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(fuzz::server::runtime);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::from_values(None, Some(SECRET.to_owned()), None).expect("valid values"));

fuzz_target!(|data: &[u8]| {
    if let Ok(body) = serde_json::from_slice::<Value>(data)
        && let Ok(event) = envelope::read(&body)
    {
        check(&event);
    }
    let Ok(event) = serde_json::from_slice::<ApiGatewayV2httpRequest>(data) else {
        return;
    };
    answer::<ValidateOrder>(&event);
    answer::<RestaurantApproval>(&event);
    answer::<AgentAssignment>(&event);
    answer::<RefundPayment<SimulatedGateway>>(&event);
});

fn answer<F: Function<Input = OrderEvent>>(event: &ApiGatewayV2httpRequest) {
    let _inside = RUNTIME.enter();
    let handler = Handler::new(&CONFIG, Database::new(&CONFIG), Checking::<F>(PhantomData));
    let response = handler
        .answer(event)
        .now_or_never()
        .expect("completes without waiting");
    let status = response.status_code;
    assert!(matches!(status, 200 | 400..=499), "unexpected status {status}");
    let sent = event.headers.get("x-webhook-secret");
    if sent.is_none_or(|sent| sent.as_bytes() != SECRET.as_bytes()) {
        assert!(status != 200, "a step without the secret");
    }
}

fn check(event: &OrderEvent) {
    text(event.order_id.as_str());
    assert!(!event.order_id.as_str().is_empty());
    event
        .delivery
        .event_id
        .iter()
        .chain(&event.delivery.trigger)
        .for_each(|value| text(value));
    assert!(event.delivery.attempt.is_none_or(|attempt| attempt >= 0));
}

fn text(value: &str) {
    assert!(value.len() <= OrderId::MAX_BYTES && !value.contains('\0'));
}
