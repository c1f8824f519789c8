//! Hosts one Lambda binary until Ctrl-C: `run PROGRAM [PORT]`. The function is called with `POST /NAME`, where NAME is
//! the name of the binary.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use lambda_host::{FunctionSpec, Functions, Limits, Options};
use local_process::dirs;
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::signals::Signals;
use local_process::watchdog::Watchdog;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let program = PathBuf::from(args.next().context("usage: run PROGRAM [PORT]")?);
    let port = args.next().map_or(Ok(8081), |port| port.parse())?;
    let name = program
        .file_name()
        .context("PROGRAM is not a file")?
        .to_string_lossy()
        .into_owned();
    let route = format!("/{name}");
    let options = Options {
        functions: vec![FunctionSpec {
            name,
            program,
            routes: vec![(http::Method::POST, route.clone())],
            env: Vec::new(),
        }],
        host: std::net::Ipv4Addr::LOCALHOST.into(),
        port,
        allowed_origins: Vec::new(),
        limits: Limits::default(),
        env: Vec::new(),
        inherited_env: Vec::new(),
        log_format: LogFormat::Text,
        log_level: LogLevel::Info,
    };
    let mut signals = Signals::listen()?;
    let logs = Logs::new(Destination::Stderr);
    let functions = Functions::start(options, &logs, &Watchdog::start(&dirs::bin_dir()?)).await?;
    println!("POST {}{route}", functions.url());
    signals.next().await;
    functions.stop().await;
    Ok(())
}
