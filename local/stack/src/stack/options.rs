//! What a stack is started with.

use std::path::PathBuf;

use anyhow::Result;

use lambda_host::Limits;
use local_process::dirs;
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};

/// Which database a stack uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// The one that this checkout keeps for its port offset.
    Persistent,
    /// A fresh one, removed at the end.
    Ephemeral,
    /// One that is there.
    Existing {
        /// The connection string.
        url: String,
        /// The same through a pgBouncer that is there too; without it one is started.
        pool_url: Option<String>,
    },
}

/// Which ports a stack uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortChoice {
    /// The well-known ones plus this.
    Offset(u16),
    /// Free ones, so that stacks can live side by side.
    Free,
}

/// What a stack is started with. [`Options::for_tests`] is what tests begin with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database.
    pub database: Database,
    /// The ports.
    pub ports: PortChoice,
    /// The functions' concurrency, queue length and time-outs.
    pub limits: Limits,
    /// Whether schema, tracking and event triggers are left to somebody else, as in docs/guide.md.
    pub bare: bool,
    /// Whether the functions demand the webhook secret.
    pub secure: bool,
    /// How the engine and the functions log.
    pub log_format: LogFormat,
    /// How much they log.
    pub log_level: LogLevel,
    /// Where their lines go.
    pub logs: Logs,
    /// Where the binaries are.
    pub bin_dir: PathBuf,
    /// Where `schema.sql` and `event-triggers.json` are.
    pub root: PathBuf,
    /// Whether the browser apps are built ([`crate::apps::build`]) and served, too.
    pub apps: bool,
    /// More environment for the engine.
    pub engine_env: Vec<(String, String)>,
    /// More environment for the functions.
    pub function_env: Vec<(String, String)>,
}

impl Options {
    /// A stack of its own: an ephemeral database, free ports, nothing on the terminal.
    ///
    /// # Errors
    /// When the binaries' directory cannot be found.
    pub fn for_tests() -> Result<Self> {
        Ok(Self {
            database: Database::Ephemeral,
            ports: PortChoice::Free,
            limits: Limits {
                concurrency: 4,
                ..Limits::default()
            },
            bare: false,
            secure: false,
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
            logs: Logs::new(Destination::Kept),
            bin_dir: dirs::bin_dir()?,
            root: dirs::root(),
            apps: false,
            engine_env: Vec::new(),
            function_env: Vec::new(),
        })
    }
}
