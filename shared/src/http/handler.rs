//! Life cycle of a request.

use std::{borrow::Cow, convert::Infallible, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use lambda_http::{
    aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    lambda_runtime::LambdaEvent,
};
use serde_json::Value;
use telemetry::{Kind, Spans};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span, error, field::Empty, info, info_span, warn};

use super::{
    error::HttpError,
    functions::{Answer, Function, RequestContext},
    request,
    response::Reply,
};
use crate::{
    config::Config,
    database::Database,
    metrics::Metrics,
    secrets::WebhookSecret,
    trace::{self, Trace},
};

/// Maximum duration of a request. The timeout of the Lambda functions is 10 s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(9);

/// Maximum time that a response waits for the export of its span, if spans are exported.
const EXPORT_TIMEOUT: Duration = Duration::from_millis(500);

/// A function with its dependencies. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handler<F> {
    function: F,
    database: Database,
    webhook_secret: Option<WebhookSecret>,
    metrics: Option<Metrics>,
    spans: Spans,
}

/// Outcome of a request, for its metric: that of the step, or the code of an error. It is a word of this code, never one of the request.
type Outcome = Cow<'static, str>;

impl<F: Function> Handler<F> {
    pub fn new(config: &Config, database: Database, function: F) -> Self {
        let spans = Spans::start(config.spans.clone()).unwrap_or_else(|error| {
            warn!(%error, "cannot create the HTTP client for spans; none is exported");
            Spans::default()
        });
        let spans = spans.clone().with_segments(config.xray).unwrap_or_else(|error| {
            warn!(%error, "cannot open a UDP socket for X-Ray; no segment is sent");
            spans
        });
        Self {
            function,
            database,
            webhook_secret: config.webhook_secret.clone(),
            metrics: config.metrics.clone(),
            spans,
        }
    }

    /// Handles an event of the Lambda runtime.
    pub async fn handle(
        self,
        event: LambdaEvent<ApiGatewayV2httpRequest>,
    ) -> Result<ApiGatewayV2httpResponse, Infallible> {
        let response = self.answer(&event.payload).await;
        // Lambda may freeze the process after the response.
        self.spans.flush(EXPORT_TIMEOUT).await;
        Ok(response)
    }

    /// Returns a response to any request: errors and panics are converted too.
    pub async fn answer(&self, request: &ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        let span = info_span!(
            "request",
            function = F::NAME,
            order.id = Empty,
            event.id = Empty,
            trigger = Empty,
            attempt = Empty,
            trace_id = Empty
        );
        let trace = Trace::of_headers(&request.headers);
        // Whether it is recorded is decided at its end: the trace of the order may be known only then.
        let exported = self
            .spans
            .is_on()
            .then(|| telemetry::Span::start(F::NAME, Kind::Server, trace.context(), trace.parent()));
        let answered = AssertUnwindSafe(trace.scope(self.reply(request).instrument(span.clone())))
            .catch_unwind()
            .await;
        let (reply, outcome) = answered.unwrap_or_else(|_| {
            // The panic hook has logged message and location.
            span.in_scope(|| error!(status = 500, "request handler panicked"));
            let error = HttpError::internal();
            let outcome = error.code().to_owned().into();
            (error.into(), outcome)
        });
        if let Some(metrics) = &self.metrics {
            metrics.count_request(F::NAME, &outcome);
        }
        let response = reply.into_response(F::CALLER);
        if let Some(mut exported) = exported {
            exported.context = trace.context();
            exported.parent = trace.parent();
            exported.is_error = response.status_code >= 500;
            exported.set("http.response.status_code", response.status_code);
            if let Some(order_id) = trace.order_id() {
                exported.set("order.id", order_id.to_owned());
            }
            exported.set("outcome", outcome.into_owned());
            self.spans.end(exported);
        }
        response
    }

    async fn reply(&self, request: &ApiGatewayV2httpRequest) -> (Reply, Outcome) {
        if request::is_preflight::<F>(request) {
            return (Reply::no_content(), "preflight".into());
        }
        match self.respond(request).await {
            Ok((reply, outcome)) => (reply, outcome.into()),
            Err(error) => {
                let (status, code) = (error.status(), error.code());
                match error.cause() {
                    None => info!(status, code, reason = error.message(), "request rejected"),
                    Some(cause) if status == 503 => {
                        warn!(status, code, cause, "request failed; the client may retry");
                    }
                    Some(cause) => error!(status, code, cause, "request failed"),
                }
                let outcome = error.code().to_owned().into();
                (error.into(), outcome)
            }
        }
    }

    async fn respond(&self, request: &ApiGatewayV2httpRequest) -> Result<(Reply, &'static str), HttpError> {
        if let Some(path) = request::path_of_get(request)
            && let Some(document) = self.function.document(path).await?
        {
            return Ok((Reply::document(&document), "document"));
        }
        let answer = self.step(request).await;
        // Known only now: the step may have read it with its order.
        if let Some(trace_id) = trace::current_id() {
            Span::current().record("trace_id", tracing::field::display(trace_id));
        }
        let answer = answer?;
        info!(outcome = answer.outcome(), "step completed");
        Ok((Reply::ok(&answer), answer.outcome()))
    }

    async fn step(&self, request: &ApiGatewayV2httpRequest) -> Result<F::Output, HttpError> {
        let deadline = Instant::now() + REQUEST_TIMEOUT;
        request::check_route::<F>(request)?;
        request::check_secret::<F>(request, self.webhook_secret.as_ref()).await?;
        let caller = self.function.authenticate(request).await?;
        let body = request::body(request)?;
        let body: Value = serde_json::from_slice(&body).map_err(|error| {
            HttpError::bad_request(
                "invalid_json",
                format!("request body is not valid JSON: {error}"),
                "$",
            )
        })?;
        let input = F::read(&body)?;
        record_context::<F>(&input);

        let database = self.database.with_deadline(deadline);
        // Later than the deadline of the database, so that the running statement fails first.
        let limit = deadline + Duration::from_millis(250);
        match timeout_at(limit, self.function.run(&database, &caller, &input)).await {
            Ok(result) => result.map_err(|error| HttpError::of_step(error, F::context(&input).path)),
            Err(_) => Err(HttpError::timed_out()),
        }
    }
}

/// Adds the context of the request to the span, and so to each of its log lines.
fn record_context<F: Function>(input: &F::Input) {
    let span = Span::current();
    let RequestContext {
        order_id, delivery, ..
    } = F::context(input);
    if let Some(order_id) = order_id {
        span.record("order.id", order_id.as_str());
        trace::is_about(order_id);
    }
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

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, UdpSocket};

    use lambda_http::http::{HeaderValue, Method};
    use serde::Serialize;
    use telemetry::XraySettings;

    use super::super::{
        body::BodyError,
        functions::{Answer, Caller, CallerKind, any_object},
    };
    use super::*;
    use crate::steps::StepError;

    /// Traces of which X-Ray records one, and one not, with a share of half: the remainder of the lower half, divided by 100, is 10 and 80.
    const RECORDED: &str = "65a4f0c12b3d4e5f6071829300000022";
    const NOT_RECORDED: &str = "65a4f0c12b3d4e5f6071829300000004";

    /// As a payment: the trace of its order is known only after its first statement.
    #[derive(Clone)]
    struct OfAnOrder(&'static str);

    #[derive(Serialize)]
    struct Done {}

    impl Answer for Done {
        fn outcome(&self) -> &'static str {
            "done"
        }
    }

    impl Function for OfAnOrder {
        const NAME: &'static str = "of-an-order";
        const CALLER: CallerKind = CallerKind::Browser;
        type Input = ();
        type Output = Done;

        fn read(body: &Value) -> Result<(), BodyError> {
            any_object(body)
        }

        fn context((): &()) -> RequestContext<'_> {
            RequestContext::WITHOUT_ORDER
        }

        async fn run(&self, _: &Database, _: &Caller, (): &()) -> Result<Done, StepError> {
            trace::belongs_to_order(Some(self.0));
            Ok(Done {})
        }
    }

    /// Whether X-Ray receives the span of a request of one trace about an order of another one.
    async fn is_recorded(request: &str, order: &'static str) -> bool {
        let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        daemon.set_nonblocking(true).unwrap();
        let address = daemon.local_addr().unwrap().to_string();
        let mut config = Config::from_values(Some("postgres://127.0.0.1/x"), None, None).unwrap();
        config.xray = XraySettings::of(|name| match name {
            "XRAY_PERCENT" => Some("50".to_owned()),
            _ => Some(address.clone()),
        })
        .unwrap();
        let handler = Handler::new(&config, Database::new(&config), OfAnOrder(order));
        let mut event = ApiGatewayV2httpRequest::default();
        event.request_context.http.method = Method::POST;
        event.raw_path = Some("/of-an-order".to_owned());
        event.body = Some("{}".to_owned());
        for (name, value) in [
            ("content-type", "application/json"),
            ("traceparent", &format!("00-{request}-00f067aa0ba902b7-01")),
        ] {
            event.headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        assert_eq!(handler.answer(&event).await.status_code, 200);
        // UDP on the loopback is delivered when it is sent.
        daemon.recv(&mut [0; 2000]).is_ok()
    }

    #[tokio::test]
    async fn trace_of_the_order_decides_whether_a_segment_is_sent() {
        assert!(is_recorded(NOT_RECORDED, RECORDED).await);
        assert!(!is_recorded(RECORDED, NOT_RECORDED).await);
        assert!(is_recorded(RECORDED, RECORDED).await);
    }
}
