//! One request, from its arrival to its answer.

use std::{convert::Infallible, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use lambda_http::{
    aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    lambda_runtime::LambdaEvent,
};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span, error, field::Empty, info, info_span, warn};

use super::{
    functions::{About, Function},
    request,
    response::{HttpError, Reply},
};
use crate::{config::Config, database::Database, order::Answer, secrets::WebhookSecret};

/// How long a request may take; a Lambda function's own limit is 10 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(9);

/// A function with what it needs, ready to answer. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handler<F> {
    function: F,
    database: Database,
    webhook_secret: Option<WebhookSecret>,
}

impl<F: Function> Handler<F> {
    /// A handler of this function.
    pub fn new(config: &Config, database: Database, function: F) -> Self {
        Self {
            function,
            database,
            webhook_secret: config.webhook_secret.clone(),
        }
    }

    /// Answers an event of the Lambda runtime.
    pub async fn handle(
        self,
        event: LambdaEvent<ApiGatewayV2httpRequest>,
    ) -> Result<ApiGatewayV2httpResponse, Infallible> {
        Ok(self.answer(&event.payload).await)
    }

    /// Answers a request, whatever it is: errors and panics become answers too.
    pub async fn answer(&self, request: &ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        let span = info_span!(
            "request",
            function = F::NAME,
            order.id = Empty,
            event.id = Empty,
            trigger = Empty,
            attempt = Empty
        );
        let answered = AssertUnwindSafe(self.reply(request).instrument(span.clone()))
            .catch_unwind()
            .await;
        let reply = answered.unwrap_or_else(|_| {
            // The panic hook has written what and where.
            span.in_scope(|| error!(status = 500, "panicked; answered 500"));
            HttpError::internal().into()
        });
        reply.into_response(F::CALLER)
    }

    async fn reply(&self, request: &ApiGatewayV2httpRequest) -> Reply {
        if request::is_preflight::<F>(request) {
            return Reply::no_content();
        }
        match self.step(request).await {
            Ok(answer) => {
                info!(
                    outcome = answer.outcome.as_str(),
                    "{}: {}",
                    answer.order_id,
                    answer.outcome.as_str()
                );
                Reply::ok(&answer)
            }
            Err(error) => {
                let (status, code) = (error.status(), error.code());
                match error.cause() {
                    None => info!(status, code, "answered {status} {code}: {}", error.message()),
                    Some(cause) if status == 503 => warn!(status, code, "answered {status} {code}: {cause}"),
                    Some(cause) => error!(status, code, "answered {status} {code}: {cause}"),
                }
                error.into()
            }
        }
    }

    async fn step(&self, request: &ApiGatewayV2httpRequest) -> Result<Answer, HttpError> {
        let deadline = Instant::now() + ANSWER_WITHIN;
        let body = request::check::<F>(request, self.webhook_secret.as_ref()).await?;
        let body: Value = serde_json::from_slice(&body).map_err(|error| {
            HttpError::bad_request("invalid_json", format!("the body is not JSON: {error}"), "$")
        })?;
        let input = F::read(&body)?;
        record::<F>(&input);

        let database = self.database.until(deadline);
        // A little later than the database's own deadline, so that the statement in flight ends first.
        let limit = deadline + Duration::from_millis(250);
        match timeout_at(limit, self.function.run(&database, &input)).await {
            Ok(result) => result.map_err(|error| HttpError::of_step(error, F::about(&input).path)),
            Err(_) => Err(HttpError::timed_out()),
        }
    }
}

/// Puts what the request is about on the span, and so on each log line below it.
fn record<F: Function>(input: &F::Input) {
    let span = Span::current();
    let About {
        order_id, delivery, ..
    } = F::about(input);
    span.record("order.id", order_id.as_str());
    if let Some(delivery) = delivery {
        if let Some(id) = &delivery.event_id {
            span.record("event.id", id.as_str());
        }
        if let Some(trigger) = &delivery.trigger {
            span.record("trigger", trigger.as_str());
        }
        if let Some(attempt) = delivery.attempt {
            span.record("attempt", attempt);
        }
    }
}
