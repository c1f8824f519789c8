//! The functions: their paths, callers, body formats and steps.

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use serde::Serialize;
use serde_json::Value;

use super::{
    access::PaymentAccess,
    body::BodyError,
    envelope::{self, OrderEvent},
    error::HttpError,
    payment_request,
};
use crate::{
    config::Config,
    database::Database,
    gateway::{PaymentGateway, SimulatedGateway},
    identity::UserId,
    order::{Delivery, OrderId, StepResponse},
    steps::{
        self, StepError,
        expire_orders::{Expired, PickUps},
        payment::PaymentRequest,
        validate_order::Menu,
    },
};

/// Amount that the apps of the Node.js example send for every order.
const NODEJS_EXAMPLE_AMOUNT: i64 = 500;

/// Kind of client that calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// Event trigger or cron trigger. Sends the webhook secret, if one is configured.
    EventTrigger,
    /// Browser, from any origin: preflight requests are answered, and all responses have CORS headers.
    Browser,
}

/// Caller of a function, as authenticated by [`Function::authenticate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// An event trigger, or a browser without identity where that is permitted.
    Unidentified,
    /// User of a verified token.
    User(UserId),
}

/// Response of a function that succeeded.
pub trait Answer: Serialize + Send {
    /// Outcome, for the log.
    fn outcome(&self) -> &'static str;
}

impl Answer for Expired {
    fn outcome(&self) -> &'static str {
        "expired"
    }
}

impl Answer for StepResponse {
    fn outcome(&self) -> &'static str {
        self.outcome.as_str()
    }
}

/// Context of a request, for logs and for errors that name the field.
#[derive(Debug, Clone, Copy)]
pub struct RequestContext<'a> {
    /// `None` for a request that is not about an order.
    pub order_id: Option<&'a OrderId>,
    /// JSON path of the order id, or of the field that the request is about.
    pub path: &'static str,
    /// Delivery, if an event trigger calls.
    pub delivery: Option<&'a Delivery>,
}

impl RequestContext<'_> {
    /// That of a call by time.
    pub(super) const WITHOUT_ORDER: Self = Self {
        order_id: None,
        path: "$",
        delivery: None,
    };
}

/// Checks the body of a call by time, whose content is not used.
pub(super) fn any_object(body: &Value) -> Result<(), BodyError> {
    match body {
        Value::Object(_) => Ok(()),
        other => Err(BodyError::invalid_type(&[], "an object", other)),
    }
}

/// Properties of one function.
pub trait Function: Clone + Send + Sync + 'static {
    /// Name of the function and last segment of its path.
    const NAME: &'static str;
    const CALLER: CallerKind;
    /// Parsed body.
    type Input: Send + Sync;
    /// Body of the response.
    type Output: Answer;

    /// Parses the body.
    fn read(body: &Value) -> Result<Self::Input, BodyError>;

    fn context(input: &Self::Input) -> RequestContext<'_>;

    /// Authenticates the caller, before the body is read. The webhook secret of an event trigger has been checked already.
    fn authenticate(
        &self,
        _: &ApiGatewayV2httpRequest,
    ) -> impl Future<Output = Result<Caller, HttpError>> + Send {
        async { Ok(Caller::Unidentified) }
    }

    /// Returns the public document at a path, for GET requests; `None` if there is none.
    fn document(&self, _: &str) -> impl Future<Output = Result<Option<Value>, HttpError>> + Send {
        async { Ok(None) }
    }

    /// Runs the step.
    fn run(
        &self,
        database: &Database,
        caller: &Caller,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Self::Output, StepError>> + Send;
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
            type Output = StepResponse;

            fn read(body: &Value) -> Result<Self::Input, BodyError> {
                envelope::read(body)
            }

            fn context(input: &OrderEvent) -> RequestContext<'_> {
                RequestContext {
                    order_id: Some(&input.order_id),
                    path: input.path,
                    delivery: Some(&input.delivery),
                }
            }

            async fn run(
                &self,
                database: &Database,
                _: &Caller,
                input: &OrderEvent,
            ) -> Result<StepResponse, StepError> {
                steps::$step::run(database, &input.order_id, &input.delivery).await
            }
        }
    };
}

/// `POST /validate-order`, after an order was inserted.
#[derive(Debug, Clone, Copy, Default)]
pub struct ValidateOrder {
    menu: Menu,
}

impl ValidateOrder {
    /// Validates as this configuration says.
    pub fn new(config: &Config) -> Self {
        let menu = if config.nodejs_example_apps {
            Menu::OfAllRestaurants
        } else {
            Menu::OfRestaurant
        };
        Self { menu }
    }
}

impl Function for ValidateOrder {
    const NAME: &'static str = "validate-order";
    const CALLER: CallerKind = CallerKind::EventTrigger;
    type Input = OrderEvent;
    type Output = StepResponse;

    fn read(body: &Value) -> Result<Self::Input, BodyError> {
        envelope::read(body)
    }

    fn context(input: &OrderEvent) -> RequestContext<'_> {
        RequestContext {
            order_id: Some(&input.order_id),
            path: input.path,
            delivery: Some(&input.delivery),
        }
    }

    async fn run(
        &self,
        database: &Database,
        _: &Caller,
        input: &OrderEvent,
    ) -> Result<StepResponse, StepError> {
        steps::validate_order::run_on(database, self.menu, &input.order_id, &input.delivery).await
    }
}

function_of_an_event_trigger! {
    /// `POST /restaurant-approval`, after `payment_valid` of an order changed.
    RestaurantApproval, "restaurant-approval", restaurant_approval
}
function_of_an_event_trigger! {
    /// `POST /agent-assignment`, after `approved` of an order changed, or a driver released it.
    AgentAssignment, "agent-assignment", agent_assignment
}

/// `POST /refund-payment`, after an order was closed that is paid or being paid.
#[derive(Debug, Clone)]
pub struct RefundPayment<G> {
    gateway: G,
}

impl<G> RefundPayment<G> {
    /// Refunds through a gateway.
    pub fn by(gateway: G) -> Self {
        Self { gateway }
    }
}

impl RefundPayment<SimulatedGateway> {
    /// Refunds through the simulated gateway, which returns no money.
    pub fn simulated(database: &Database) -> Self {
        Self::by(SimulatedGateway::new(database.clone()))
    }
}

impl<G: PaymentGateway + Clone + 'static> Function for RefundPayment<G> {
    const NAME: &'static str = "refund-payment";
    const CALLER: CallerKind = CallerKind::EventTrigger;
    type Input = OrderEvent;
    type Output = StepResponse;

    fn read(body: &Value) -> Result<Self::Input, BodyError> {
        envelope::read(body)
    }

    fn context(input: &OrderEvent) -> RequestContext<'_> {
        RequestContext {
            order_id: Some(&input.order_id),
            path: input.path,
            delivery: Some(&input.delivery),
        }
    }

    async fn run(
        &self,
        database: &Database,
        _: &Caller,
        input: &OrderEvent,
    ) -> Result<StepResponse, StepError> {
        steps::refund_payment::run(database, &self.gateway, &input.order_id, &input.delivery).await
    }
}

/// `POST /expire-orders`, from a cron trigger. The body contains nothing that the step needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExpireOrders {
    pick_ups: PickUps,
}

impl ExpireOrders {
    /// Closes and releases as this configuration says.
    pub fn new(config: &Config) -> Self {
        let pick_ups = if config.nodejs_example_apps {
            PickUps::NotExpected
        } else {
            PickUps::InTime
        };
        Self { pick_ups }
    }
}

impl Function for ExpireOrders {
    const NAME: &'static str = "expire-orders";
    const CALLER: CallerKind = CallerKind::EventTrigger;
    type Input = ();
    type Output = Expired;

    fn read(body: &Value) -> Result<(), BodyError> {
        any_object(body)
    }

    fn context((): &()) -> RequestContext<'_> {
        RequestContext::WITHOUT_ORDER
    }

    async fn run(&self, database: &Database, _: &Caller, (): &()) -> Result<Expired, StepError> {
        steps::expire_orders::run_with(database, self.pick_ups).await
    }
}

/// `POST /payment`, from the customer's browser.
#[derive(Debug, Clone)]
pub struct Payment<G> {
    gateway: G,
    access: PaymentAccess,
}

impl<G> Payment<G> {
    /// Payments through a gateway.
    pub fn by(gateway: G, access: PaymentAccess) -> Self {
        Self { gateway, access }
    }
}

impl Payment<SimulatedGateway> {
    /// Payments through the simulated gateway, which charges no money.
    pub fn simulated(database: &Database, access: PaymentAccess) -> Self {
        Self::by(SimulatedGateway::new(database.clone()), access)
    }
}

impl<G: PaymentGateway + Clone + 'static> Function for Payment<G> {
    const NAME: &'static str = "payment";
    const CALLER: CallerKind = CallerKind::Browser;
    type Input = PaymentRequest;
    type Output = StepResponse;

    fn read(body: &Value) -> Result<Self::Input, BodyError> {
        payment_request::read(body)
    }

    fn context(input: &PaymentRequest) -> RequestContext<'_> {
        RequestContext {
            order_id: Some(&input.order_id),
            path: "$.order_id",
            delivery: None,
        }
    }

    async fn authenticate(&self, request: &ApiGatewayV2httpRequest) -> Result<Caller, HttpError> {
        self.access.caller(request).await
    }

    async fn run(
        &self,
        database: &Database,
        caller: &Caller,
        input: &Self::Input,
    ) -> Result<StepResponse, StepError> {
        let payer = match caller {
            Caller::User(user) => Some(user),
            Caller::Unidentified => None,
        };
        if matches!(self.access, PaymentAccess::NodejsExampleApps)
            && input.amount == Some(NODEJS_EXAMPLE_AMOUNT)
        {
            let whole = PaymentRequest {
                amount: None,
                ..input.clone()
            };
            return steps::payment::run(database, &self.gateway, payer, &whole).await;
        }
        steps::payment::run(database, &self.gateway, payer, input).await
    }
}
