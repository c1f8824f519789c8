//! The stack on which orders are run, and one run of them: people, orders, audit.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::PROGRESS_TIMEOUT;
use crate::client::{Customer, Retries};
use crate::invariants::OrderAudit;
use crate::plan::Ending;
use crate::report::Report;
use crate::run::{self, Outcome, People, PlacementMode};
use crate::socket::Settings;
use crate::staff::{Operator, Restaurant};
use local_client::Client;
use local_stack::addresses::Addresses;
use local_stack::setup::{Metadata, MetadataError};

/// Addresses of the stack under test.
pub(crate) struct Target<'a> {
    pub(crate) engine: &'a str,
    pub(crate) functions: &'a str,
    /// For the audit; without it the engine's `run_sql` is used.
    pub(crate) database: Option<&'a str>,
    /// Secret of the event steps, of a dedicated stack.
    pub(crate) webhook_secret: Option<&'a str>,
    /// Token of a customer; without it the customer logs in.
    pub(crate) token: Option<&'a str>,
    /// Address of the login by name; `None` for `/login` below the functions.
    pub(crate) login: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// The audit uses the engine's role: a superuser must not read tables of a role that could replace them with views.
    pub(crate) fn of(addresses: &'a Addresses, database_url: &'a str, webhook_secret: &'a str) -> Self {
        Self {
            engine: &addresses.engine,
            functions: &addresses.functions,
            database: Some(database_url),
            webhook_secret: Some(webhook_secret),
            token: None,
            login: None,
        }
    }
}

/// Transient failures are retried as long as other progress is awaited.
const RETRIES: Retries = Retries::within(PROGRESS_TIMEOUT);

impl Target<'_> {
    /// Without a time limit of its own: an order that is not placed is reported as missing progress.
    fn client(&self) -> Result<Client> {
        let client = Client::new(self.engine, self.functions, None)?;
        Ok(match self.login {
            Some(login) => client.with_login(login),
            None => client,
        })
    }

    /// The customer, and the staff that the endings require.
    async fn people(&self, customer: Customer, secret: Option<&str>, endings: &[Ending]) -> Result<People> {
        let restaurant = if endings.contains(&Ending::Rejected) {
            let staff = Restaurant::log_in(self.client()?, secret, RETRIES).await?;
            Some(staff)
        } else {
            None
        };
        let expires = endings
            .iter()
            .any(|ending| matches!(ending, Ending::Expired { .. }));
        let operator = match (self.database, self.webhook_secret) {
            (Some(url), Some(secret)) if expires => {
                Some(Operator::connect(url, self.functions, secret, RETRIES).await?)
            }
            _ => None,
        };
        Ok(People {
            customer,
            restaurant,
            operator,
        })
    }

    /// Reads the audit, again until the payments of all closed orders are returned.
    async fn audit_after_refunds(&self, secret: Option<&str>, user: &str) -> Result<OrderAudit> {
        let deadline = Instant::now() + PROGRESS_TIMEOUT;
        loop {
            let read = match self.database {
                Some(url) => OrderAudit::from_postgres(url, user).await,
                None => OrderAudit::from_engine(&Metadata::new(self.engine, secret)?, user).await,
            };
            let audit = match read {
                Ok(audit) => audit,
                Err(error) if Instant::now() < deadline && may_be_temporary(&error) => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if audit.unreturned == 0 || Instant::now() > deadline {
                return Ok(audit);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Whether a read that failed may succeed later: a service is being restarted. A refusal stays.
fn may_be_temporary(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<MetadataError>()
        .is_none_or(MetadataError::may_be_temporary)
}

/// The report, and descriptions of the problems.
pub(crate) type RunResult = (Report, Vec<String>);

pub(crate) async fn run_and_audit(
    endings: Vec<Ending>,
    mode: PlacementMode,
    secret: Option<&str>,
    target: &Target<'_>,
    progress: impl Fn(usize),
) -> Result<RunResult> {
    let count = endings.len();
    let (user, outcome) = drive(endings, mode, secret, target, progress).await?;

    let audit = target.audit_after_refunds(secret, &user).await?;
    let mut wrong = outcome.problems.clone();
    wrong.extend(audit.violations());
    Ok((Report::new(count, &outcome, &audit), wrong))
}

/// Runs orders of a new customer, or of the token's; returns the customer's name and what the customer observed.
pub(crate) async fn drive(
    endings: Vec<Ending>,
    mode: PlacementMode,
    secret: Option<&str>,
    target: &Target<'_>,
    progress: impl Fn(usize),
) -> Result<(String, Outcome)> {
    let customer = Customer::log_in(target.client()?, secret, target.token, RETRIES).await?;
    let user = customer.user.clone();
    let settings = Settings {
        engine: target.engine.to_owned(),
        user: user.clone(),
        headers: customer.session.headers.clone(),
    };
    let people = target.people(customer, secret, &endings).await?;
    let outcome = run::run(people, settings, endings, mode, PROGRESS_TIMEOUT, progress).await?;
    Ok((user, outcome))
}
