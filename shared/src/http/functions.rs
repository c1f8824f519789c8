//! The four functions: their paths, callers, body formats and steps.

use serde_json::Value;

use super::{
    body::BodyError,
    envelope::{self, OrderEvent},
    payment_request,
};
use crate::{
    database::Database,
    gateway::{PaymentGateway, SimulatedGateway},
    order::{Delivery, OrderId, StepResponse},
    steps::{self, StepError, payment::PaymentRequest},
};

/// Kind of client that calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// Event trigger. Sends the webhook secret, if one is configured.
    EventTrigger,
    /// Browser, from any origin: preflight requests are answered, and all responses have CORS headers.
    Browser,
}

/// Context of a request, for logs and for errors that name the field.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<'a> {
    pub order_id: &'a OrderId,
    /// JSON path of the order id.
    pub path: &'static str,
    /// Delivery, if an event trigger calls.
    pub delivery: Option<&'a Delivery>,
}

/// Properties of one function.
pub trait Function: Clone + Send + Sync + 'static {
    /// Name of the function and last segment of its path.
    const NAME: &'static str;
    const CALLER: CallerKind;
    /// Parsed body.
    type Input: Send + Sync;

    /// Parses the body.
    fn read(body: &Value) -> Result<Self::Input, BodyError>;

    fn context(input: &Self::Input) -> RequestContext<'_>;

    /// Runs the step.
    fn run(
        &self,
        database: &Database,
        input: &Self::Input,
    ) -> impl Future<Output = Result<StepResponse, StepError>> + Send;
}

macro_rules! function_of_an_event_trigger {
    ($(#[$doc:meta])* $function:ident, $name:literal, $step:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $function;

        impl Function for $function {
            const NAME: &'static str = $name;
            const CALLER: CallerKind = CallerKind::EventTrigger;
            type Input = OrderEvent;

            fn read(body: &Value) -> Result<Self::Input, BodyError> {
                envelope::read(body)
            }

            fn context(input: &OrderEvent) -> RequestContext<'_> {
                RequestContext { order_id: &input.order_id, path: input.path, delivery: Some(&input.delivery) }
            }

            async fn run(&self, database: &Database, input: &OrderEvent) -> Result<StepResponse, StepError> {
                steps::$step::run(database, &input.order_id, &input.delivery).await
            }
        }
    };
}

function_of_an_event_trigger! {
    /// `POST /validate-order`, after an order was inserted.
    ValidateOrder, "validate-order", validate_order
}
function_of_an_event_trigger! {
    /// `POST /restaurant-approval`, after `payment_valid` of an order changed.
    RestaurantApproval, "restaurant-approval", restaurant_approval
}
function_of_an_event_trigger! {
    /// `POST /agent-assignment`, after `approved` of an order changed.
    AgentAssignment, "agent-assignment", agent_assignment
}

/// `POST /payment`, from the customer's browser.
#[derive(Debug, Clone)]
pub struct Payment<G> {
    gateway: G,
}

impl<G> Payment<G> {
    /// Payments through a gateway.
    pub fn by(gateway: G) -> Self {
        Self { gateway }
    }
}

impl Payment<SimulatedGateway> {
    /// Payments through the simulated gateway, which charges no money.
    pub fn simulated(database: &Database) -> Self {
        Self::by(SimulatedGateway::new(database.clone()))
    }
}

impl<G: PaymentGateway + Clone + 'static> Function for Payment<G> {
    const NAME: &'static str = "payment";
    const CALLER: CallerKind = CallerKind::Browser;
    type Input = PaymentRequest;

    fn read(body: &Value) -> Result<Self::Input, BodyError> {
        payment_request::read(body)
    }

    fn context(input: &PaymentRequest) -> RequestContext<'_> {
        RequestContext {
            order_id: &input.order_id,
            path: "$.order_id",
            delivery: None,
        }
    }

    async fn run(&self, database: &Database, input: &Self::Input) -> Result<StepResponse, StepError> {
        steps::payment::run(database, &self.gateway, input).await
    }
}
