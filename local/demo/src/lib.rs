//! `cargo xtask demo`: follows orders to their drivers and verifies that none is lost or duplicated.
//!
//! [`run`] drives the orders with [`client`] (HTTP) and [`socket`] (WebSocket); [`invariants`] reads the audit
//! afterwards; [`report`] formats the result.

mod client;
mod invariants;
mod report;
mod run;
mod socket;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use self::client::Customer;
use self::invariants::OrderAudit;
use self::report::Report;
pub use self::run::PlacementMode;
use self::socket::Settings;
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
    let target = Target::of(&addresses, &database_url);
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

/// Runs this number of orders on a dedicated stack, for benchmarks. Returns an error if an invariant is violated.
pub async fn measure(orders: u32, mode: PlacementMode, logs: &Logs) -> Result<Report> {
    let stack = Stack::start(options(ConcurrencyArgs::from_env(), LogLevel::Error, logs)?).await?;
    let addresses = stack.addresses().clone();
    let database_url = stack.engine().database_url().to_owned();
    let target = Target::of(&addresses, &database_url);
    let found = run_orders(orders, mode, None, &target, logs).await;
    stack.stop().await;
    let (report, wrong) = found?;
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    Ok(report)
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
        run_orders(self.orders, mode, self.admin_secret.as_deref(), target, logs).await
    }
}

/// Addresses of the stack under test.
struct Target<'a> {
    engine: &'a str,
    functions: &'a str,
    /// For the audit; without it the engine's `run_sql` is used.
    database: Option<&'a str>,
    /// Token of a customer; without it the customer logs in.
    token: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// The audit uses the engine's role: a superuser must not read tables of a role that could replace them with views.
    fn of(addresses: &'a Addresses, database_url: &'a str) -> Self {
        Self {
            engine: &addresses.engine,
            functions: &addresses.functions,
            database: Some(database_url),
            token: None,
        }
    }
}

/// The report, and descriptions of the problems.
type RunResult = (Report, Vec<String>);

async fn run_orders(
    orders: u32,
    mode: PlacementMode,
    secret: Option<&str>,
    target: &Target<'_>,
    logs: &Logs,
) -> Result<RunResult> {
    let count = usize::try_from(orders)?;
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
        headers: customer.headers.clone(),
    };
    let bar = progress_bar(u64::from(orders), logs);
    let progress = |done: usize| bar.set_position(done as u64);
    let outcome = run::run(customer, settings, count, mode, PROGRESS_TIMEOUT, progress).await;
    bar.finish_and_clear();
    logs.draw_around(None);
    let outcome = outcome?;

    let audit = match target.database {
        Some(url) => OrderAudit::from_postgres(url, &user).await?,
        None => OrderAudit::from_engine(&Metadata::new(target.engine, secret)?, &user).await?,
    };
    let mut wrong = outcome.problems.clone();
    wrong.extend(audit.violations());
    Ok((Report::new(count, &outcome, &audit), wrong))
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
