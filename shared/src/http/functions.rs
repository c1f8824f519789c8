//! The four functions, side by side.

use serde_json::Value;

use super::{
    body::BadBody,
    envelope::{self, OrderEvent},
    payment_request,
};
use crate::{
    database::Database,
    gateway::{PaymentGateway, SimulatedGateway},
    order::{Answer, Delivery, OrderId},
    steps::{self, StepError, payment::PaymentRequest},
};

/// Who calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// An event trigger. Shows the webhook secret, where one is configured.
    EventTrigger,
    /// A browser, from any origin. So each answer carries CORS headers, and there is a preflight.
    Browser,
}

/// What a request is about: for logs, and for errors that name the field.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The order.
    pub order_id: &'a OrderId,
    /// Where in the body its id stands.
    pub path: &'static str,
    /// The delivery, where an event trigger calls.
    pub delivery: Option<&'a Delivery>,
}

/// What makes one function different from another.
pub trait Function: Clone + Send + Sync + 'static {
    /// The last segment of its path, and its name.
    const NAME: &'static str;
    /// Who calls it.
    const CALLER: Caller;
    /// What it reads from a body.
    type Input: Send + Sync;

    /// Reads the body.
    fn read(body: &Value) -> Result<Self::Input, BadBody>;

    /// What it is about.
    fn about(input: &Self::Input) -> About<'_>;

    /// Runs the step.
    fn run(
        &self,
        database: &Database,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Answer, StepError>> + Send;
}

macro_rules! function_of_an_event_trigger {
    ($(#[$doc:meta])* $function:ident, $name:literal, $step:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $function;

        impl Function for $function {
            const NAME: &'static str = $name;
            const CALLER: Caller = Caller::EventTrigger;
            type Input = OrderEvent;

            fn read(body: &Value) -> Result<Self::Input, BadBody> {
                envelope::read(body)
            }

            fn about(input: &OrderEvent) -> About<'_> {
                About { order_id: &input.order_id, path: input.path, delivery: Some(&input.delivery) }
            }

            async fn run(&self, database: &Database, input: &OrderEvent) -> Result<Answer, StepError> {
                steps::$step::run(database, &input.order_id, &input.delivery).await
            }
        }
    };
}

function_of_an_event_trigger! {
    /// `POST /validate-order`, when an order was inserted.
    ValidateOrder, "validate-order", validate_order
}
function_of_an_event_trigger! {
    /// `POST /restaurant-approval`, when an order's `payment_valid` changed.
    RestaurantApproval, "restaurant-approval", restaurant_approval
}
function_of_an_event_trigger! {
    /// `POST /agent-assignment`, when an order's `approved` changed.
    AgentAssignment, "agent-assignment", agent_assignment
}

/// `POST /payment`, from the customer's browser.
#[derive(Debug, Clone)]
pub struct Payment<G> {
    gateway: G,
}

impl<G> Payment<G> {
    /// Payments by this gateway.
    pub fn by(gateway: G) -> Self {
        Self { gateway }
    }
}

impl Payment<SimulatedGateway> {
    /// Payments by the simulated gateway, which takes no money.
    pub fn simulated(database: &Database) -> Self {
        Self::by(SimulatedGateway::new(database.clone()))
    }
}

impl<G: PaymentGateway + Clone + 'static> Function for Payment<G> {
    const NAME: &'static str = "payment";
    const CALLER: Caller = Caller::Browser;
    type Input = PaymentRequest;

    fn read(body: &Value) -> Result<Self::Input, BadBody> {
        payment_request::read(body)
    }

    fn about(input: &PaymentRequest) -> About<'_> {
        About {
            order_id: &input.order_id,
            path: "$.order_id",
            delivery: None,
        }
    }

    async fn run(&self, database: &Database, input: &Self::Input) -> Result<Answer, StepError> {
        steps::payment::run(database, &self.gateway, input).await
    }
}
