//! `/watchman`, which is called by time.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{
    body::BodyError,
    functions::{Answer, Caller, CallerKind, Function, RequestContext, any_object},
};
use crate::{
    certificate,
    config::Config,
    database::Database,
    metrics::{Metric, Metrics, Unit},
    secrets::SecretAges,
    steps::{
        StepError,
        watchman::{self, Observation},
    },
};

/// Number of seconds of a day.
const DAY: f64 = 86_400.0;

/// `POST /watchman`, each minute: from a cron trigger, on AWS from a rule of `EventBridge`. The body contains nothing that it needs.
#[derive(Debug, Clone)]
pub struct Watchman {
    metrics: Option<Metrics>,
    /// End of the validity of the pool's certificate authority, if it is known.
    certificate_end: Option<SystemTime>,
    secret_ages: Option<SecretAges>,
}

impl Watchman {
    /// Reports as this configuration says.
    pub fn new(config: &Config) -> Self {
        let authority = config.postgres_ca_certificate.as_deref();
        Self {
            metrics: config.metrics.clone(),
            certificate_end: authority.and_then(certificate::end_of_validity),
            secret_ages: config.secret_ages.clone(),
        }
    }

    fn record(&self, observation: &Observation, oldest_secret: Option<SystemTime>) {
        let Some(metrics) = &self.metrics else { return };
        let now = SystemTime::now();
        metrics.record(
            now,
            &[],
            &[
                Metric::new(
                    "StuckOrders",
                    Unit::Count,
                    observation.stuck_orders.map(f64::from),
                ),
                Metric::new(
                    "FailedEvents",
                    Unit::Count,
                    observation.failed_events.map(f64::from),
                ),
                Metric::new("OldestEventAge", Unit::Seconds, observation.oldest_event_age),
                Metric::new(
                    "CertificateDaysLeft",
                    Unit::Count,
                    self.certificate_end.map(|end| days_between(now, end)),
                ),
                Metric::new(
                    "OldestSecretDays",
                    Unit::Count,
                    oldest_secret.map(|changed| days_between(changed, now)),
                ),
            ],
        );
        if let Some(business) = &observation.business {
            metrics.record(
                SystemTime::UNIX_EPOCH + Duration::from_secs(business.start),
                &[],
                &[
                    Metric::new("OrdersPlaced", Unit::Count, f64::from(business.placed)),
                    Metric::new("OrdersPaid", Unit::Count, f64::from(business.paid)),
                    Metric::new("OrdersAssigned", Unit::Count, f64::from(business.assigned)),
                    Metric::new("OrdersRefunded", Unit::Count, f64::from(business.refunded)),
                    Metric::of_values("TimeToDriver", Unit::Seconds, business.to_driver.clone()),
                ],
            );
        }
    }
}

/// Negative if the end is before the start.
fn days_between(start: SystemTime, end: SystemTime) -> f64 {
    match end.duration_since(start) {
        Ok(between) => between.as_secs_f64() / DAY,
        Err(before) => -before.duration().as_secs_f64() / DAY,
    }
}

impl Answer for Observation {
    fn outcome(&self) -> &'static str {
        "observed"
    }
}

impl Function for Watchman {
    const NAME: &'static str = "watchman";
    const CALLER: CallerKind = CallerKind::EventTrigger;
    type Input = ();
    type Output = Observation;

    fn read(body: &Value) -> Result<(), BodyError> {
        any_object(body)
    }

    fn context((): &()) -> RequestContext<'_> {
        RequestContext::WITHOUT_ORDER
    }

    async fn run(&self, database: &Database, _: &Caller, (): &()) -> Result<Observation, StepError> {
        let oldest_secret = async {
            match &self.secret_ages {
                Some(ages) => ages.oldest().await,
                None => None,
            }
        };
        let ((observation, result), oldest_secret) = tokio::join!(watchman::run(database), oldest_secret);
        // Also what was read before a failure: only the metrics of the rest are missing.
        self.record(&observation, oldest_secret);
        result.map(|()| observation)
    }
}
