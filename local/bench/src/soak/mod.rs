//! `cargo xtask soak`: honest clients of a whole stack, first alone and then beside clients that try to harm them.
//!
//! The comparison is a ratio within one run, because machines differ. [`honest`] measures, [`attacks`] sends what a client
//! without rights or with those of a customer can send. Both share this machine with the stack. Attackers of a real server compute on
//! machines of their own: their thread uses only the time that the processors are idle otherwise. What the stack computes because of
//! them is the server's, at its own priority.

mod attacks;
mod honest;

use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use tokio::sync::oneshot;

use super::figures::{Goal, Table, count, percentile_ms};
use super::load::Load;
use super::process_cpu::{CpuMeter, CpuTimes, Group};
use super::process_memory::peak_bytes;
use attacks::Attacks;
use honest::{Honest, Period};
use local_process::logs::{Destination, LogLevel, Logs};
use local_process::signals::Signals;
use local_stack::addresses::Addresses;
use local_stack::{Access, Options, Stack};

/// Most that the honest clients' p99 may grow by under attack.
const P99_RATIO: f64 = 3.0;
/// End of the names of figures that compare durations.
const RATIO: &str = "p99, with ÷ without";
/// Highest resident memory of the engine, in megabytes (10⁶ bytes).
const ENGINE_MB: f64 = 300.0;
/// Part of the time without attacks that is not measured: caches fill and connections open.
const WARM_UP: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Args)]
pub struct SoakArgs {
    /// Duration: half of it without attacks, half with them
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u64).range(20..=3_000))]
    seconds: u64,
    /// Run only this attack, e.g. "20 000 fields"; may be repeated
    #[arg(long, value_name = "NAME")]
    attack: Vec<String>,
    /// Fail also if the p99 of the honest clients grows by more than a factor of three; for machines without other load
    #[arg(long)]
    enforce: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// Runs the soak. Exit code 1 if the engine exceeds its memory, an honest client is refused, or an order is lost; with `--enforce`
/// also if the honest clients become slow, which depends on the other load of the machine.
pub async fn run(args: SoakArgs) -> Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let logs = Logs::new(Destination::Stderr);
    let options = Options {
        access: Access::Secured,
        log_level: LogLevel::Error,
        // The attacks fill a log; it is read only after a failed start.
        logs: Logs::new(Destination::Kept),
        ..Options::for_tests()?
    };
    let Some(stack) = Stack::start_unless(options, signals.next()).await? else {
        return Ok(ExitCode::FAILURE);
    };
    let measured = tokio::select! {
        table = apart(measure(Target::of(&stack), args.clone(), logs.clone()))? => {
            table.context("the thread of the honest clients panicked")?
        }
        received = signals.next() => {
            stack.stop().await;
            return Ok(ExitCode::from(received.exit_code()));
        }
    };
    stack.stop().await;
    let table = measured?;
    if args.json {
        println!("{}", table.json(1));
    } else {
        println!("{}", table.text(1));
    }
    let missed = table.missed();
    let is_failure = missed
        .iter()
        .any(|figure| args.enforce || !figure.ends_with(RATIO));
    for figure in &missed {
        eprintln!("3factor: the goal of \"{figure}\" is missed; see the table above");
    }
    Ok(if is_failure {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Stack under test.
struct Target {
    addresses: Addresses,
    /// Process of the engine.
    engine: i32,
    processors: CpuMeter,
}

impl Target {
    fn of(stack: &Stack) -> Self {
        Self {
            addresses: stack.addresses().clone(),
            engine: stack.engine().running().pid().as_raw_nonzero().get(),
            processors: CpuMeter::start(stack),
        }
    }
}

/// Runs the honest clients in a thread of their own. The other threads of this process run the gateway of the functions, whose
/// requests would delay the measurement, although clients of a real gateway are on other machines.
fn apart<T: Send + 'static>(
    clients: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<oneshot::Receiver<Result<T>>> {
    let (sender, receiver) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new()
        .name("honest clients".to_owned())
        .spawn(move || {
            // The receiver is gone after an interruption.
            let _ = sender.send(runtime.block_on(clients));
        })?;
    Ok(receiver)
}

async fn measure(target: Target, args: SoakArgs, logs: Logs) -> Result<Table> {
    let phase = Duration::from_secs(args.seconds) / 2;
    let honest = Honest::log_in(&target.addresses).await?;
    honest.run(WARM_UP.min(phase)).await?;
    logs.log_line(&format!("soak: {} s without attacks", phase.as_secs()));
    let (alone, cpu_alone) = metered(&target.processors, honest.run(phase)).await;
    let alone = alone?;
    logs.log_line(&format!("soak: {} s with attacks", phase.as_secs()));
    let attacks = Attacks::start(&target.addresses, &args.attack).await?;
    let (attacked, cpu_attacked) = metered(&target.processors, honest.run(phase)).await;
    let answers = attacks.stop().await;
    let (attacked, (answers, attackers_ms)) = (attacked?, answers?);

    let mut table = Table::new("soak");
    for (name, without, with) in [
        ("queries and mutations", alone.graphql, attacked.graphql),
        ("payments", alone.payments, attacked.payments),
    ] {
        compare(&mut table, name, without, with);
    }
    let lost = alone.lost + attacked.lost;
    table.add_with_goal("orders lost or doubled", "", count(lost), Goal::AtMost(0.0));
    let peak = count(peak_bytes(target.engine)?) / 1e6;
    table.add_with_goal("engine: highest memory", "MB", peak, Goal::AtMost(ENGINE_MB));
    for (name, cpu) in [("without", &cpu_alone), ("with", &cpu_attacked)] {
        add_processors(&mut table, name, cpu, phase);
    }
    let attackers = attackers_ms / phase.as_secs_f64() / 10.0;
    table.add(
        "processor time of the attackers themselves",
        "% of one",
        attackers,
    );
    for (attack, answer, times) in answers {
        table.add(&format!("attack {attack}: {answer}"), "times", count(times));
    }
    Ok(table)
}

/// Runs a period and measures the processor time that it takes.
async fn metered(
    meter: &CpuMeter,
    period: impl Future<Output = Result<Period>>,
) -> (Result<Period>, CpuTimes) {
    let meter = meter.restarted();
    let (running, ended) = mpsc::channel();
    let sampler = thread::spawn(move || meter.run_until(&ended));
    let period = period.await;
    drop(running);
    // Without a measurement the figures are NaN.
    let times = sampler.join().unwrap_or_default();
    (period, times)
}

fn add_processors(table: &mut Table, name: &str, times: &CpuTimes, period: Duration) {
    let percent = |ms: f64| ms / period.as_secs_f64() / 10.0;
    for (what, part) in [
        ("engine", percent(times.of(Group::Engine))),
        ("Postgres", percent(times.sum(Group::is_postgres))),
        ("functions", percent(times.of(Group::Functions))),
        ("gateway and clients", percent(times.of(Group::Host))),
    ] {
        table.add(
            &format!("processor time {name} attacks: {what}"),
            "% of one",
            part,
        );
    }
}

fn compare(table: &mut Table, name: &str, mut alone: Load, mut attacked: Load) {
    let before = percentile_ms(&mut alone.times, 99);
    let after = percentile_ms(&mut attacked.times, 99);
    for (when, times, p99) in [
        ("without", &mut alone.times, before),
        ("with", &mut attacked.times, after),
    ] {
        for percent in [50, 90] {
            let time = percentile_ms(times, percent);
            table.add(&format!("{name} {when} attacks, p{percent}"), "ms", time);
        }
        table.add(&format!("{name} {when} attacks, p99"), "ms", p99);
        table.add(
            &format!("{name} {when} attacks, slowest"),
            "ms",
            percentile_ms(times, 100),
        );
    }
    let calls = attacked.times.len() as u64;
    table.add(&format!("{name} with attacks"), "calls", count(calls));
    let goal = Goal::AtMost(P99_RATIO);
    table.add_with_goal(&format!("{name}: {RATIO}"), "×", after / before, goal);
    let refused = alone.errors + attacked.errors;
    table.add_with_goal(
        &format!("{name} that failed"),
        "",
        count(refused),
        Goal::AtMost(0.0),
    );
}
