//! `demo --show`: a stack with both apps and simulated people, to look at.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::{DemoArgs, options};
use local_process::logs::Logs;
use local_process::signals::Signals;
use local_stack::{Options, Stack};

/// Starts the stack and keeps it running until a signal arrives.
pub(crate) async fn run(args: &DemoArgs, signals: &mut Signals, logs: &Logs) -> Result<ExitCode> {
    let people = args.simulate.options(true, args.seed)?;
    let options = Options {
        apps: !args.no_apps,
        ..options(args.concurrency, args.log_level, logs)?
    };
    let Some(stack) = Stack::start_unless(options, signals.next()).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    if !args.no_apps && !stack.addresses().has_apps() {
        stack.stop().await;
        bail!(
            "demo --show shows the browser apps, which could not be built for the reason above; correct it, or add --no-apps to \
             use the simulated people over GraphQL only"
        );
    }
    println!("{}", stack.addresses().table());
    println!("3factor is ready; simulated people use it until Ctrl-C");
    local_simulate::keep_running(stack, people.as_ref(), signals, logs).await
}
