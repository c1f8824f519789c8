//! `cargo xtask demo`: follows orders to their drivers, or to the end that is planned for them, and verifies that none is lost or
//! duplicated, and that the ledger of the payment gateway balances.
//!
//! [`run`] drives the orders with [`client`] (HTTP), [`socket`] (WebSocket) and [`staff`] as [`plan`] determines, on a [`target`];
//! [`faults`] kills processes meanwhile; [`invariants`] reads the audit afterwards; [`report`] formats the result. [`bench`] offers
//! the same to benchmarks, in separate steps. [`show`] starts a stack with simulated people instead.

mod bench;
mod client;
mod faults;
mod invariants;
mod parse;
mod plan;
mod report;
mod run;
mod show;
mod socket;
mod staff;
mod target;

use std::io::IsTerminal as _;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clap::{ArgGroup, Args};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

pub use self::bench::{CompletedOrders, start_stack};
use self::faults::FaultArgs;
use self::parse::share;
use self::plan::Shares;
pub use self::report::Report;
pub use self::run::PlacementMode;
use self::target::{RunResult, Target, run_and_audit};
use local_process::dirs;
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::signals::Signals;
use local_simulate::SimulateArgs;
use local_stack::{Access, ConcurrencyArgs, Database, Options, PortChoice, Stack};

/// Orders in progress with `--faults`, unless `--in-progress` is passed.
const SOAK_IN_PROGRESS: usize = 32;

/// Time without progress after which incomplete orders count as lost. Longer than the slowest valid case: a call that
/// exceeds every time-out (30 s) and is delivered again.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(45);

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate command-line switch"
)]
#[command(group = ArgGroup::new("engine").args(["url", "stage"]).multiple(true))]
#[command(group = ArgGroup::new("functions").args(["functions_url", "stage"]).multiple(true))]
pub struct DemoArgs {
    /// Instead of placing orders: start a stack with both apps and simulated people, print its addresses, and keep it running until
    /// Ctrl-C
    #[arg(long, conflicts_with_all = ["orders", "burst", "in_progress", "cancel", "reject", "expire", "json", "url", "FaultArgs"])]
    show: bool,
    /// With --show: neither build nor serve the browser apps
    #[arg(long, requires = "show")]
    no_apps: bool,
    #[command(flatten)]
    simulate: SimulateArgs,
    /// Number of orders
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    orders: u32,
    /// Place all orders in one mutation, instead of the next one when the previous is complete
    #[arg(long)]
    burst: bool,
    /// Maximum number of orders in progress: the next one is placed when one is complete [default: 1; with --faults 32]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000), conflicts_with = "burst")]
    in_progress: Option<u32>,
    /// Share of the orders that their customer cancels, from 0 to 1: before, during or after the payment [default: 0]
    #[arg(long, value_name = "P", value_parser = share)]
    cancel: Option<f64>,
    /// Share of the orders that the restaurant rejects after the payment, from 0 to 1 [default: 0]
    #[arg(long, value_name = "P", value_parser = share)]
    reject: Option<f64>,
    /// Share of the orders whose deadline passes before or after the payment, from 0 to 1 [default: 0]
    #[arg(long, value_name = "P", value_parser = share, conflicts_with_all = ["url", "stage"])]
    expire: Option<f64>,
    /// Seed that determines which orders are closed, and when, the moments of --faults, and the decisions of simulated people.
    /// Default: a random one; that of a failed demo is printed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print one JSON object as the last line of standard output, instead of a table
    #[arg(long)]
    json: bool,
    /// Use this stage on AWS instead of a dedicated stack; the addresses are those of its stack, unless they are passed
    #[arg(long, value_name = "NAME", conflicts_with_all = ["show", "FaultArgs"])]
    stage: Option<String>,
    /// Use the engine at this URL instead of a dedicated stack
    #[arg(long, value_name = "ENGINE", requires = "functions")]
    url: Option<String>,
    /// URL of the functions that belong to this engine
    #[arg(long, value_name = "F", requires = "engine")]
    functions_url: Option<String>,
    /// Address of the login by name [default: /login below the functions, or that of the stage]
    #[arg(long, value_name = "L", requires = "engine")]
    login_url: Option<String>,
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
        requires = "engine"
    )]
    token: Option<String>,
    #[command(flatten)]
    faults: FaultArgs,
    #[command(flatten)]
    concurrency: ConcurrencyArgs,
    /// Log level of the engine and the functions, on standard error
    #[arg(long, value_enum, default_value = "error")]
    log_level: LogLevel,
}

impl DemoArgs {
    /// Stage on AWS, with the addresses of the arguments: engine, functions, login.
    pub fn stage(&self) -> Option<(&str, [Option<String>; 3])> {
        let addresses = [&self.url, &self.functions_url, &self.login_url].map(Clone::clone);
        Some((self.stage.as_deref()?, addresses))
    }

    /// Uses this installation. `admin_secret`: unless the arguments contain one.
    #[must_use]
    pub fn at(self, engine: String, functions: String, login: Option<String>, admin_secret: String) -> Self {
        Self {
            url: Some(engine),
            functions_url: Some(functions),
            login_url: login,
            admin_secret: self.admin_secret.or(Some(admin_secret)),
            ..self
        }
    }
}

/// Runs the demo. Exit code 1 if an order was lost or duplicated.
pub async fn run(args: DemoArgs) -> Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let logs = Logs::new(Destination::Stderr);
    if args.show {
        return show::run(&args, &mut signals, &logs).await;
    }
    ensure!(
        args.simulate.options(false, None)?.is_none(),
        "--simulate has no effect without --show; add it"
    );
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    if let (Some(engine), Some(functions)) = (&args.url, &args.functions_url) {
        let target = Target {
            engine,
            functions,
            database: None,
            webhook_secret: None,
            token: args.token.as_deref(),
            login: args.login_url.as_deref(),
        };
        return tokio::select! {
            report = args.run_orders(seed, &target, &logs) => conclude(&args, report?),
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
        report = args.run_orders(seed, &target, &logs) => report.map(Some),
        error = args.faults.inject(seed, &mut stack, &logs) => Err(error),
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
        host: Ipv4Addr::LOCALHOST.into(),
        limits: concurrency.limits(),
        bare: false,
        access: Access::Secured,
        log_format: LogFormat::Text,
        log_level,
        logs: logs.clone(),
        bin_dir: dirs::bin_dir()?,
        root: dirs::root(),
        apps: false,
        trace_url: None,
        engine_env: Vec::new(),
        // Longer than any run: the customer logs in once.
        function_env: vec![("TOKEN_LIFETIME".to_owned(), "86400".to_owned())],
    })
}

impl DemoArgs {
    async fn run_orders(&self, seed: u64, target: &Target<'_>, logs: &Logs) -> Result<RunResult> {
        let mixed = self.faults.are_mixed();
        let mode = match self.in_progress {
            _ if self.burst => PlacementMode::Burst,
            Some(number) => PlacementMode::InProgress(number as usize),
            None if mixed => PlacementMode::InProgress(SOAK_IN_PROGRESS),
            None => PlacementMode::InProgress(1),
        };
        let usual = if mixed { Shares::MIXED } else { Shares::default() };
        let shares = Shares {
            cancel: self.cancel.unwrap_or(usual.cancel),
            reject: self.reject.unwrap_or(usual.reject),
            expire: self.expire.unwrap_or(usual.expire),
        }
        .check()?;
        let endings = shares.endings(seed, usize::try_from(self.orders)?);
        let bar = progress_bar(endings.len() as u64, logs);
        let report = ProgressReport::new(endings.len());
        let progress = |done: usize| {
            bar.set_position(done as u64);
            if let Some(line) = report.line(done) {
                logs.log_line(&line);
            }
        };
        let result = run_and_audit(endings, mode, self.admin_secret.as_deref(), target, progress).await;
        bar.finish_and_clear();
        logs.draw_around(None);
        let failed = result
            .as_ref()
            .map_or(true, |(report, wrong)| report.lost > 0 || !wrong.is_empty());
        if failed && !shares.is_empty() {
            eprintln!("3factor: repeat these orders with --seed {seed}");
        }
        result
    }
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

/// Progress of many orders as lines, where a bar is not visible: one for each twentieth of them.
struct ProgressReport {
    orders: usize,
    /// Number of orders that are complete when the next line is due.
    next: AtomicUsize,
    started: Instant,
}

impl ProgressReport {
    /// Fewer orders are complete in seconds.
    const MIN_ORDERS: usize = 1_000;

    fn new(orders: usize) -> Self {
        let is_needed = orders >= Self::MIN_ORDERS && !std::io::stderr().is_terminal();
        Self {
            orders,
            next: AtomicUsize::new(if is_needed { orders / 20 } else { usize::MAX }),
            started: Instant::now(),
        }
    }

    /// The line, if one is due.
    fn line(&self, done: usize) -> Option<String> {
        if done < self.next.load(Ordering::Relaxed) {
            return None;
        }
        let step = self.orders / 20;
        self.next.store((done / step + 1) * step, Ordering::Relaxed);
        Some(format!(
            "{done} of {} orders are complete after {} s",
            self.orders,
            self.started.elapsed().as_secs()
        ))
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
