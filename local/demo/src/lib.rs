//! `cargo xtask demo`: follows orders to their drivers, or to the end that is planned for them, and verifies that none is lost or
//! duplicated, and that the ledger of the payment gateway balances.
//!
//! [`run`] drives the orders with [`client`] (HTTP), [`socket`] (WebSocket) and [`staff`] as [`plan`] determines; [`invariants`]
//! reads the audit afterwards; [`report`] formats the result. [`bench`] offers the same to benchmarks, in separate steps.

mod bench;
mod client;
mod invariants;
mod plan;
mod report;
mod run;
mod socket;
mod staff;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

pub use self::bench::{CompletedOrders, start_stack};
use self::client::Customer;
use self::invariants::OrderAudit;
use self::plan::{Ending, Shares};
pub use self::report::Report;
pub use self::run::PlacementMode;
use self::run::{Outcome, People};
use self::socket::Settings;
use self::staff::{Operator, Restaurant};
use local_process::dirs;
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::signals::Signals;
use local_stack::addresses::Addresses;
use local_stack::setup::Metadata;
use local_stack::{Access, ConcurrencyArgs, Database, Options, PortChoice, Stack};

/// Time without progress after which incomplete orders count as lost. Longer than the slowest valid case: a call that
/// exceeds every time-out (30 s) and is delivered again.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(45);

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Number of orders
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    orders: u32,
    /// Target all orders in one mutation, instead of the next one when the previous is assigned
    #[arg(long)]
    burst: bool,
    /// Share of the orders that their customer cancels, from 0 to 1: before, during or after the payment
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = share)]
    cancel: f64,
    /// Share of the orders that the restaurant rejects after the payment, from 0 to 1
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = share)]
    reject: f64,
    /// Share of the orders whose deadline passes before or after the payment, from 0 to 1
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = share, conflicts_with = "url")]
    expire: f64,
    /// Seed that determines which orders are closed, and when. Default: a random one; that of a failed demo is printed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print one JSON object as the last line of standard output, instead of a table
    #[arg(long)]
    json: bool,
    /// Use the engine at this URL instead of a dedicated stack
    #[arg(long, value_name = "ENGINE", requires = "functions_url")]
    url: Option<String>,
    /// URL of the functions that belong to this engine
    #[arg(long, value_name = "F", requires = "url")]
    functions_url: Option<String>,
    /// Admin secret of this engine
    #[arg(
        long,
        value_name = "SECRET",
        env = "HASURA_GRAPHQL_ADMIN_SECRET",
        hide_env_values = true
    )]
    admin_secret: Option<String>,
    /// Token of a customer without orders, for payments at these functions. Default: log in there by user name
    #[arg(
        long,
        value_name = "JWT",
        env = "DEMO_TOKEN",
        hide_env_values = true,
        requires = "url"
    )]
    token: Option<String>,
    /// Kill a process of each function at this interval, e.g. 1s
    #[arg(long, value_name = "DUR", value_parser = duration, conflicts_with = "url")]
    kill_functions: Option<Duration>,
    /// Kill and restart the engine at this interval, e.g. 3s
    #[arg(long, value_name = "DUR", value_parser = duration, conflicts_with = "url")]
    kill_engine: Option<Duration>,
    #[command(flatten)]
    concurrency: ConcurrencyArgs,
    /// Log level of the engine and the functions, on standard error
    #[arg(long, value_enum, default_value = "error")]
    log_level: LogLevel,
}

/// Runs the demo. Exit code 1 if an order was lost or duplicated.
pub async fn run(args: DemoArgs) -> Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let logs = Logs::new(Destination::Stderr);
    if let (Some(engine), Some(functions)) = (&args.url, &args.functions_url) {
        let target = Target {
            engine,
            functions,
            database: None,
            webhook_secret: None,
            token: args.token.as_deref(),
        };
        return tokio::select! {
            report = args.run_orders(&target, &logs) => conclude(&args, report?),
            received = signals.next() => Ok(ExitCode::from(received.exit_code())),
        };
    }
    let options = options(args.concurrency, args.log_level, &logs)?;
    let Some(mut stack) = Stack::start_unless(options, signals.next()).await? else {
        return Ok(ExitCode::FAILURE);
    };
    let addresses = stack.addresses().clone();
    let database_url = stack.engine().database_url().to_owned();
    let webhook_secret = stack.engine().webhook_secret().to_owned();
    let target = Target::of(&addresses, &database_url, &webhook_secret);
    let result = tokio::select! {
        report = args.run_orders(&target, &logs) => report.map(Some),
        error = inject_faults(&args, &mut stack, &logs) => Err(error),
        received = signals.next() => {
            stack.stop().await;
            return Ok(ExitCode::from(received.exit_code()));
        }
    };
    tokio::select! {
        () = stack.stop() => {}
        received = signals.next() => return Ok(ExitCode::from(received.exit_code())),
    }
    match result? {
        Some(report) => conclude(&args, report),
        None => Ok(ExitCode::FAILURE),
    }
}

fn options(concurrency: ConcurrencyArgs, log_level: LogLevel, logs: &Logs) -> Result<Options> {
    Ok(Options {
        database: Database::Ephemeral,
        ports: PortChoice::Free,
        limits: concurrency.limits(),
        bare: false,
        access: Access::Secured,
        log_format: LogFormat::Text,
        log_level,
        logs: logs.clone(),
        bin_dir: dirs::bin_dir()?,
        root: dirs::root(),
        apps: false,
        engine_env: Vec::new(),
        function_env: Vec::new(),
    })
}

impl DemoArgs {
    async fn run_orders(&self, target: &Target<'_>, logs: &Logs) -> Result<RunResult> {
        let mode = if self.burst {
            PlacementMode::Burst
        } else {
            PlacementMode::OneByOne
        };
        let shares = Shares {
            cancel: self.cancel,
            reject: self.reject,
            expire: self.expire,
        }
        .check()?;
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
        let endings = shares.endings(seed, usize::try_from(self.orders)?);
        let result = run_orders(endings, mode, self.admin_secret.as_deref(), target, logs).await;
        let failed = result
            .as_ref()
            .map_or(true, |(report, wrong)| report.lost > 0 || !wrong.is_empty());
        if failed && !shares.is_empty() {
            eprintln!("3factor: repeat these orders with --seed {seed}");
        }
        result
    }
}

/// Addresses of the stack under test.
struct Target<'a> {
    engine: &'a str,
    functions: &'a str,
    /// For the audit; without it the engine's `run_sql` is used.
    database: Option<&'a str>,
    /// Secret of the event steps, of a dedicated stack.
    webhook_secret: Option<&'a str>,
    /// Token of a customer; without it the customer logs in.
    token: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// The audit uses the engine's role: a superuser must not read tables of a role that could replace them with views.
    fn of(addresses: &'a Addresses, database_url: &'a str, webhook_secret: &'a str) -> Self {
        Self {
            engine: &addresses.engine,
            functions: &addresses.functions,
            database: Some(database_url),
            webhook_secret: Some(webhook_secret),
            token: None,
        }
    }
}

impl Target<'_> {
    /// The customer, and the staff that the endings require.
    async fn people(&self, customer: Customer, secret: Option<&str>, endings: &[Ending]) -> Result<People> {
        let restaurant = if endings.contains(&Ending::Rejected) {
            let staff = Restaurant::log_in(self.engine, self.functions, secret, PROGRESS_TIMEOUT).await?;
            Some(staff)
        } else {
            None
        };
        let expires = endings
            .iter()
            .any(|ending| matches!(ending, Ending::Expired { .. }));
        let operator = match (self.database, self.webhook_secret) {
            (Some(url), Some(secret)) if expires => {
                Some(Operator::connect(url, self.functions, secret, PROGRESS_TIMEOUT).await?)
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
            let audit = match self.database {
                Some(url) => OrderAudit::from_postgres(url, user).await?,
                None => OrderAudit::from_engine(&Metadata::new(self.engine, secret)?, user).await?,
            };
            if audit.unreturned == 0 || Instant::now() > deadline {
                return Ok(audit);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// The report, and descriptions of the problems.
type RunResult = (Report, Vec<String>);

async fn run_orders(
    endings: Vec<Ending>,
    mode: PlacementMode,
    secret: Option<&str>,
    target: &Target<'_>,
    logs: &Logs,
) -> Result<RunResult> {
    let bar = progress_bar(endings.len() as u64, logs);
    let progress = |done: usize| bar.set_position(done as u64);
    let count = endings.len();
    let driven = drive(endings, mode, secret, target, progress).await;
    bar.finish_and_clear();
    logs.draw_around(None);
    let (user, outcome) = driven?;

    let audit = target.audit_after_refunds(secret, &user).await?;
    let mut wrong = outcome.problems.clone();
    wrong.extend(audit.violations());
    Ok((Report::new(count, &outcome, &audit), wrong))
}

/// Runs orders of a new customer, or of the token's; returns the customer's name and what the customer observed.
async fn drive(
    endings: Vec<Ending>,
    mode: PlacementMode,
    secret: Option<&str>,
    target: &Target<'_>,
    progress: impl Fn(usize),
) -> Result<(String, Outcome)> {
    let customer = Customer::log_in(
        target.engine,
        target.functions,
        secret,
        target.token,
        PROGRESS_TIMEOUT,
    )
    .await?;
    let user = customer.user.clone();
    let settings = Settings {
        engine: target.engine.to_owned(),
        user: user.clone(),
        headers: customer.graphql.headers.clone(),
    };
    let people = target.people(customer, secret, &endings).await?;
    let outcome = run::run(people, settings, endings, mode, PROGRESS_TIMEOUT, progress).await?;
    Ok((user, outcome))
}

/// Prints the report; the exit code tells whether the run succeeded.
fn conclude(args: &DemoArgs, (report, wrong): RunResult) -> Result<ExitCode> {
    for problem in &wrong {
        eprintln!("3factor: {problem}");
    }
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{}", report.table());
    }
    let succeeded = report.lost == 0 && wrong.is_empty();
    if !args.json {
        println!(
            "{}",
            if succeeded {
                "No order lost, none duplicated."
            } else {
                "Orders were lost or duplicated."
            }
        );
    }
    Ok(if succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Kills processes at the configured intervals for as long as the future is polled. Returns only with an error: a
/// service exited on its own, or did not restart.
async fn inject_faults(args: &DemoArgs, stack: &mut Stack, logs: &Logs) -> anyhow::Error {
    let every = |period: Option<Duration>| {
        period.map(|period| tokio::time::interval_at(tokio::time::Instant::now() + period, period))
    };
    let (mut functions, mut engine) = (every(args.kill_functions), every(args.kill_engine));
    loop {
        tokio::select! {
            () = tick(&mut functions) => {
                stack.functions().kill_one_of_each();
            }
            () = tick(&mut engine) => {
                logs.log_line("killing the engine");
                stack.engine().kill().await;
                if let Err(error) = stack.engine_mut().start_again().await {
                    return error.context("the engine did not restart");
                }
            }
            failure = stack.failed(logs) => return anyhow::anyhow!(failure),
        }
    }
}

async fn tick(interval: &mut Option<tokio::time::Interval>) {
    match interval {
        Some(interval) => {
            interval.tick().await;
        }
        None => std::future::pending().await,
    }
}

fn progress_bar(orders: u64, logs: &Logs) -> ProgressBar {
    let bar = ProgressBar::new(orders);
    if !std::io::stderr().is_terminal() {
        return bar;
    }
    let bars = MultiProgress::new();
    logs.draw_around(Some(bars.clone()));
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} orders assigned, {per_sec}, {elapsed}");
    bars.add(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}

/// Parses a share of a whole.
fn share(text: &str) -> Result<f64> {
    let share: f64 = text.parse().context("expected a number from 0 to 1")?;
    ensure!((0.0..=1.0).contains(&share), "must be between 0 and 1");
    Ok(share)
}

/// Parses `1s`, `500ms`, `2m`, or a number of seconds.
fn duration(text: &str) -> Result<Duration> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().context("expected for example 1s or 500ms")?;
    let seconds = match unit {
        "ms" => number / 1_000.0,
        "s" | "" => number,
        "m" => number * 60.0,
        _ => bail!("invalid unit {unit:?}; expected for example 1s or 500ms"),
    };
    ensure!(
        (0.01..=3_600.0).contains(&seconds),
        "must be between 10ms and 60m"
    );
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_parsed() {
        assert!((share("0.25").unwrap() - 0.25).abs() < f64::EPSILON);
        for wrong in ["", "-0.1", "1.1", "NaN", "10%"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_parsed() {
        assert_eq!(duration("1s").unwrap(), Duration::from_secs(1));
        assert_eq!(duration("500ms").unwrap(), Duration::from_millis(500));
        assert_eq!(duration("1.5").unwrap(), Duration::from_millis(1_500));
        assert_eq!(duration("2m").unwrap(), Duration::from_mins(2));
        for wrong in ["", "s", "1h", "0s", "-1s", "1 s", "2h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
