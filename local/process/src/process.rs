//! Child processes: each in its own process group, its output read line by line, ended when its handle is dropped.
//!
//! With its own group, Ctrl-C on the terminal reaches only this process, which then ends its children in order.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::watch;

use crate::environment;
use crate::logs::Logs;
use crate::private_file;
use crate::users::User;
use crate::watchdog::Watchdog;

/// A program to start.
#[derive(Debug)]
pub struct Program {
    name: String,
    command: tokio::process::Command,
    path: PathBuf,
    on_parent_exit: Signal,
}

impl Program {
    /// `name` identifies the process in log lines and error messages. The process inherits the common variables only
    /// ([`environment::COMMON`]).
    pub fn new(name: impl Into<String>, path: &Path) -> Self {
        let mut command = tokio::process::Command::new(path);
        command.stdin(Stdio::null()).process_group(0).kill_on_drop(true);
        let none: [&str; 0] = [];
        command.env_clear().envs(environment::inherited(&none));
        Self {
            name: name.into(),
            command,
            path: path.to_path_buf(),
            on_parent_exit: Signal::KILL,
        }
    }

    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Adds the variables of this process that match the patterns ([`environment::inherited`]) to those that every
    /// child inherits. Variables are set after this call.
    #[must_use]
    pub fn inherit(mut self, patterns: &[impl AsRef<str>]) -> Self {
        self.command.envs(environment::inherited(patterns));
        self
    }

    #[must_use]
    pub fn directory(mut self, path: &Path) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Runs the program as this user; `None` is the current one.
    #[must_use]
    pub fn user(mut self, user: Option<User>) -> Self {
        if let Some(User { uid, gid }) = user {
            self.command.uid(uid).gid(gid);
        }
        self
    }

    /// Signal that the watchdog sends if this process dies before it has ended the child. SIGKILL by default.
    #[must_use]
    pub fn on_parent_exit(mut self, signal: Signal) -> Self {
        self.on_parent_exit = signal;
        self
    }

    /// Starts the program; its output goes to `logs`.
    pub fn start(mut self, logs: &Logs, watchdog: &Watchdog) -> Result<Running> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if !logs.is_coloured() {
            // The children write into a pipe and cannot detect a terminal.
            self.command.env("NO_COLOR", "1");
        }
        let (mut child, name) = self.spawn()?;
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(forward(stdout, name.clone(), logs.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(forward(stderr, name.clone(), logs.clone()));
        }
        Running::new(&name, child, self.on_parent_exit, watchdog)
    }

    /// Starts the program; its output is appended to a file.
    pub fn start_logging_to(mut self, file: &Path, watchdog: &Watchdog) -> Result<Running> {
        self.command
            .stdout(private_file::append(file)?)
            .stderr(private_file::append(file)?);
        let (child, name) = self.spawn()?;
        Running::new(&name, child, self.on_parent_exit, watchdog)
    }

    /// Runs the program to completion; on failure the error contains its output.
    pub async fn run(mut self) -> Result<()> {
        let output = self
            .command
            .output()
            .await
            .with_context(|| format!("cannot start {} ({})", self.name, self.path.display()))?;
        anyhow::ensure!(
            output.status.success(),
            "{} failed ({}): {}",
            self.name,
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Ok(())
    }

    fn spawn(&mut self) -> Result<(Child, String)> {
        let child = self
            .command
            .spawn()
            .with_context(|| format!("cannot start {} ({})", self.name, self.path.display()))?;
        Ok((child, self.name.clone()))
    }
}

/// A child process, running or exited. Dropping the handle kills its process group.
#[derive(Debug)]
pub struct Running {
    pid: Pid,
    exit: watch::Receiver<Option<ExitStatus>>,
    watchdog: Watchdog,
}

impl Running {
    fn new(name: &str, mut child: Child, on_parent_exit: Signal, watchdog: &Watchdog) -> Result<Self> {
        let pid = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
            .with_context(|| format!("{name} exited before it could be monitored"))?;
        watchdog.watch(pid, on_parent_exit);
        let (sender, exit) = watch::channel(None);
        tokio::spawn(async move {
            let status = child.wait().await.unwrap_or_default();
            // Ends processes that the group's leader left behind.
            let _ = kill_process_group(pid, Signal::KILL);
            sender.send_replace(Some(status));
        });
        Ok(Self {
            pid,
            exit,
            watchdog: watchdog.clone(),
        })
    }

    /// Process id, which is also the group's id.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Exit status, or `None` while the process runs.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits until the process has exited.
    pub async fn exited(&self) -> ExitStatus {
        let mut exit = self.exit.clone();
        loop {
            if let Some(status) = *exit.borrow_and_update() {
                return status;
            }
            if exit.changed().await.is_err() {
                // The runtime is shutting down and has dropped the waiting task.
                return ExitStatus::default();
            }
        }
    }

    /// Signals the process group; does nothing after the process has exited.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.status().is_none() {
            let _ = kill_process_group(self.pid, signal);
        }
    }

    /// Sends `signal`, waits up to `grace`, then kills the process group. Returns when the process has exited.
    pub async fn stop(&self, signal: Signal, grace: Duration) -> ExitStatus {
        self.signal(signal);
        let status = if let Ok(status) = tokio::time::timeout(grace, self.exited()).await {
            status
        } else {
            self.signal(Signal::KILL);
            self.exited().await
        };
        self.watchdog.forget(self.pid);
        status
    }

    /// Kills the process group and waits until the process has exited.
    pub async fn kill(&self) -> ExitStatus {
        self.stop(Signal::KILL, Duration::from_secs(5)).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        self.watchdog.forget(self.pid);
    }
}

async fn forward(stream: impl AsyncRead + Unpin, name: String, logs: Logs) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while matches!(stream.read_until(b'\n', &mut line).await, Ok(n) if n > 0) {
        logs.child(
            &name,
            String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']),
        );
        line.clear();
    }
}
