//! Any bytes as the body of any function: parsing must not panic, and errors must have the documented format.
//! The step is replaced, so no database is needed; everything before it is the code of the functions.

#![no_main]

use futures_util::FutureExt as _;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_http::aws_lambda_events::encodings::Body;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use shared::Config;
use shared::database::Database;
use shared::gateway::SimulatedGateway;
use shared::http::body::BodyError;
use shared::http::functions::{Answer, Caller, CallerKind, Function, RequestContext};
use shared::http::{
    AgentAssignment, ExpireOrders, Handler, Login, Payment, RefundPayment, RestaurantApproval, ValidateOrder,
};
use shared::steps::StepError;
use std::marker::PhantomData;
use std::sync::LazyLock;
use tokio::runtime::Runtime;

/// Function whose step always succeeds.
#[derive(Clone)]
struct Reading<F>(PhantomData<F>);

impl<F: Function> Function for Reading<F> {
    const NAME: &'static str = F::NAME;
    const CALLER: CallerKind = F::CALLER;
    type Input = F::Input;
    type Output = Read;

    fn read(body: &Value) -> Result<Self::Input, BodyError> {
        F::read(body)
    }

    fn context(input: &Self::Input) -> RequestContext<'_> {
        F::context(input)
    }

    async fn run(&self, _: &Database, _: &Caller, input: &Self::Input) -> Result<Read, StepError> {
        F::context(input);
        Ok(Read {})
    }
}

/// Response of the replaced step.
#[derive(serde::Serialize)]
struct Read {}

impl Answer for Read {
    fn outcome(&self) -> &'static str {
        "read"
    }
}

// The deadline of a request belongs to a runtime, even if it is never reached.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(fuzz::server::runtime);

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config::from_values(None, None, None).expect("defaults are valid"));

fn answer<F: Function>(event: &ApiGatewayV2httpRequest) {
    let _inside = RUNTIME.enter();
    // Never connects: the step is replaced.
    let handler = Handler::new(&CONFIG, Database::new(&CONFIG), Reading::<F>(PhantomData));
    let response = handler
        .answer(event)
        .now_or_never()
        .expect("completes without waiting");
    let status = response.status_code;
    assert!(matches!(status, 200 | 400..=499), "unexpected status {status}");
    if status >= 400 {
        let Some(Body::Text(body)) = response.body else {
            panic!("an error without text")
        };
        let body: Value = serde_json::from_str(&body).expect("errors are JSON");
        for key in ["code", "message", "path"] {
            assert!(body["error"][key].is_string(), "no error.{key} in {body}");
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let base64 = choice & 8 != 0;
    let path = [
        "/validate-order",
        "/restaurant-approval",
        "/agent-assignment",
        "/payment",
        "/login",
        "/refund-payment",
        "/expire-orders",
    ][usize::from(choice & 7) % 7];
    let event = json!({
        "version": "2.0",
        "rawPath": path,
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST", "path": path}},
        "isBase64Encoded": base64,
        "body": String::from_utf8_lossy(body),
    });
    let Ok(event) = serde_json::from_value::<ApiGatewayV2httpRequest>(event) else {
        return;
    };
    match (choice & 7) % 7 {
        0 => answer::<ValidateOrder>(&event),
        1 => answer::<RestaurantApproval>(&event),
        2 => answer::<AgentAssignment>(&event),
        3 => answer::<Payment<SimulatedGateway>>(&event),
        4 => answer::<Login>(&event),
        5 => answer::<RefundPayment<SimulatedGateway>>(&event),
        _ => answer::<ExpireOrders>(&event),
    }
});
