//! `cargo xtask dev`: the whole stack, until Ctrl-C.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;

use local_process::dirs;
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::signals::Signals;
use local_simulate::{People, SimulateArgs};
use local_stack::{Access, ConcurrencyArgs, Database, MAX_OFFSET, Options, PortChoice, Stack, traces_port};
use local_traces::Collector;

use crate::network::NetworkArgs;

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate command-line switch"
)]
pub(crate) struct DevArgs {
    /// Add N to every port: apps 3000 and 3001, engine 8080, functions 8081, pgBouncer 6432, Postgres 15432
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=i64::from(MAX_OFFSET)))]
    port_offset: u16,
    /// Use a new database and remove it at exit
    #[arg(long, conflicts_with = "database_url")]
    ephemeral: bool,
    #[command(flatten)]
    network: NetworkArgs,
    /// Do not apply the schema or track tables (used by docs/guide.md)
    #[arg(long, conflicts_with = "simulate")]
    bare: bool,
    /// Use this Postgres instead of starting one; also set by the environment variable `DATABASE_URL`
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// With --database-url: let the engine and the functions use the role of the URL, even a superuser's. By default they get
    /// restricted roles, and a superuser's tables are handed over to that of the engine
    #[arg(long)]
    use_url_role: bool,
    /// Pass this environment variable to the engine and the functions, for example for `{{NAME}}` in an event trigger;
    /// repeatable. Otherwise they receive their own settings only
    #[arg(long, value_name = "NAME")]
    pass_env: Vec<String>,
    /// Neither build nor serve the browser apps
    #[arg(long)]
    no_apps: bool,
    /// Write the addresses to this file, as JSON, when the stack is ready
    #[arg(long, value_name = "FILE")]
    addresses: Option<PathBuf>,
    /// Stop as soon as the stack is ready
    #[arg(long, conflicts_with = "simulate")]
    exit_when_ready: bool,
    #[command(flatten)]
    concurrency: ConcurrencyArgs,
    /// Identify no caller, as the Node.js example: no admin secret, no tokens. Each process of this machine and each page of
    /// the apps has all rights (used by docs/guide.md)
    #[arg(long, conflicts_with = "simulate")]
    open: bool,
    /// Collect the traces of orders in memory, and show them as waterfalls on a page of this machine: port 4318 plus the offset
    #[arg(long)]
    traces: bool,
    /// Log format of the engine and the functions
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
    /// Log level of the engine and the functions
    #[arg(long, value_enum, default_value_t)]
    log_level: LogLevel,
    #[command(flatten)]
    simulate: SimulateArgs,
    /// Seed of the decisions of simulated customers. Default: a random one
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// Starts the stack and keeps it running until a signal arrives or a service exits again after each restart; the other
/// services are stopped before the error is returned.
pub(crate) async fn run(args: DevArgs) -> Result<ExitCode> {
    let mut signals = Signals::listen()?;
    let logs = Logs::new(Destination::Stderr);
    args.network.check(args.open)?;
    let people = args.simulate.options(false, args.seed)?;
    let collector = if args.traces {
        Some(Collector::start(traces_port(args.port_offset)?).await?)
    } else {
        None
    };
    let options = options(&args, collector.as_ref(), &logs)?;
    let warning = simulation_warning(people.as_ref(), &options.database);
    let Some(stack) = Stack::start_unless(options, signals.next()).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    if let Err(error) = announce(&args, collector.as_ref(), &stack, &logs) {
        stack.stop().await;
        return Err(error);
    }
    if args.exit_when_ready {
        tokio::select! {
            () = stack.stop() => return Ok(ExitCode::SUCCESS),
            // The remaining processes are killed when their handles are dropped.
            received = signals.next() => return Ok(ExitCode::from(received.exit_code())),
        }
    }
    if let Some(warning) = warning {
        logs.log_line(&warning);
    }
    local_simulate::keep_running(stack, people.as_ref(), &mut signals, &logs).await
}

/// Returns a warning if simulated people act on data that other clients may use.
fn simulation_warning(people: Option<&local_simulate::Options>, database: &Database) -> Option<String> {
    let is_shared = matches!(database, Database::Existing { .. });
    people.filter(|_| is_shared).map(|options| {
        let place = "warning: simulated people use the existing database";
        if options.people == [People::Customers] {
            format!("{place}: they place orders, which its restaurants and drivers have to answer")
        } else {
            format!(
                "{place}: kitchens and drivers also answer the orders of its other customers. Use --simulate=customers to place orders \
                 only, or --ephemeral for a new database"
            )
        }
    })
}

/// Writes and prints the addresses.
fn announce(args: &DevArgs, collector: Option<&Collector>, stack: &Stack, logs: &Logs) -> Result<()> {
    if let Some(file) = &args.addresses {
        stack.addresses().write(file)?;
    }
    if let Some(warning) = args.network.warning(args.open) {
        logs.log_line(&warning);
    }
    println!("{}", stack.addresses().table());
    if let Some(collector) = collector {
        println!("Traces: {}", collector.url());
    }
    println!("3factor is ready");
    Ok(())
}

fn options(args: &DevArgs, collector: Option<&Collector>, logs: &Logs) -> Result<Options> {
    let from_env = || std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty());
    let existing = |url| Database::Existing {
        url,
        pool_url: None,
        restrict: !args.use_url_role,
    };
    let database = match args.database_url.clone().or_else(from_env) {
        Some(url) if !args.ephemeral => existing(url),
        _ if args.ephemeral => Database::Ephemeral,
        _ => Database::Persistent,
    };
    let passed = passed_env(&args.pass_env)?;
    let options = Options {
        database,
        ports: PortChoice::Offset(args.port_offset),
        host: args.network.host(),
        limits: args.concurrency.limits(),
        bare: args.bare,
        access: if args.open { Access::Open } else { Access::Secured },
        log_format: args.log_format,
        log_level: args.log_level,
        logs: logs.clone(),
        bin_dir: dirs::bin_dir()?,
        root: dirs::root(),
        apps: !args.no_apps,
        trace_url: None,
        engine_env: passed.clone(),
        function_env: passed,
    };
    Ok(match collector {
        Some(collector) => options.traced(&collector.url(), collector.trace_url()),
        None => options,
    })
}

fn passed_env(names: &[String]) -> Result<Vec<(String, String)>> {
    let passed = names.iter().map(|name| {
        let value = std::env::var(name).ok();
        let value = value.with_context(|| {
            format!("cannot pass the environment variable \"{name}\": it is not set, or is not UTF-8")
        })?;
        Ok((name.clone(), value))
    });
    passed.collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        args: DevArgs,
    }

    #[test]
    fn simulation_on_an_existing_database_is_a_warning() {
        for (args, expected) in [
            (&["--database-url", "postgres://x"][..], None),
            (&["--simulate", "--ephemeral"], None),
            (
                &["--simulate", "--database-url", "postgres://x"],
                Some("also answer the orders of its other customers"),
            ),
            (
                &["--simulate=customers", "--database-url", "postgres://x"],
                Some("they place orders"),
            ),
        ] {
            let args = Command::try_parse_from(["test"].iter().chain(args)).unwrap().args;
            let options = options(&args, None, &Logs::new(Destination::Kept)).unwrap();
            let people = args.simulate.options(false, None).unwrap();
            let warning = simulation_warning(people.as_ref(), &options.database);
            match expected {
                None => assert_eq!(warning, None),
                Some(expected) => assert!(warning.as_ref().unwrap().contains(expected), "{warning:?}"),
            }
        }
    }
}
