//! Children: each in a process group of its own, its output read line by line, ended when its handle goes.
//!
//! A group of its own means that Ctrl-C on the terminal reaches only us, so that we can end the children in order.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::watch;

use crate::logs::Logs;
use crate::users::User;
use crate::watchdog::Watchdog;

/// A program to be started.
#[derive(Debug)]
pub struct Program {
    name: String,
    command: tokio::process::Command,
    path: PathBuf,
    on_parent_exit: Signal,
}

impl Program {
    /// `name` is what its log lines and error messages call it.
    pub fn new(name: impl Into<String>, path: &Path) -> Self {
        let mut command = tokio::process::Command::new(path);
        command.stdin(Stdio::null()).process_group(0).kill_on_drop(true);
        Self {
            name: name.into(),
            command,
            path: path.to_path_buf(),
            on_parent_exit: Signal::KILL,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Keeps an environment variable of ours from the child.
    #[must_use]
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Starts it in this directory.
    #[must_use]
    pub fn directory(mut self, path: &Path) -> Self {
        self.command.current_dir(path);
        self
    }

    /// Runs it as this user; `None` is ourselves.
    #[must_use]
    pub fn user(mut self, user: Option<User>) -> Self {
        if let Some(User { uid, gid }) = user {
            self.command.uid(uid).gid(gid);
        }
        self
    }

    /// The signal that the watchdog sends when we die without having ended this child. SIGKILL by default.
    #[must_use]
    pub fn on_parent_exit(mut self, signal: Signal) -> Self {
        self.on_parent_exit = signal;
        self
    }

    /// Starts it; its lines go to `logs`.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(mut self, logs: &Logs, watchdog: &Watchdog) -> Result<Running> {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        if !logs.is_coloured() {
            // They write into a pipe and cannot see what becomes of it.
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

    /// Starts it; what it prints is appended to a file.
    ///
    /// # Errors
    /// When the file cannot be opened or the program cannot be started.
    pub fn start_logging_to(mut self, file: &Path, watchdog: &Watchdog) -> Result<Running> {
        let open = || -> Result<File> {
            File::options()
                .create(true)
                .append(true)
                .open(file)
                .with_context(|| format!("cannot write {}", file.display()))
        };
        self.command.stdout(open()?).stderr(open()?);
        let (child, name) = self.spawn()?;
        Running::new(&name, child, self.on_parent_exit, watchdog)
    }

    /// Runs it to its end; on failure the error holds what it printed.
    ///
    /// # Errors
    /// When it cannot be started or does not succeed.
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

/// A child that runs, or did. Dropping it kills its whole group.
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
            .with_context(|| format!("{name} ended before it could be watched"))?;
        watchdog.watch(pid, on_parent_exit);
        let (sender, exit) = watch::channel(None);
        tokio::spawn(async move {
            let status = child.wait().await.unwrap_or_default();
            // Whatever the leader left behind in its group goes with it.
            let _ = kill_process_group(pid, Signal::KILL);
            sender.send_replace(Some(status));
        });
        Ok(Self {
            pid,
            exit,
            watchdog: watchdog.clone(),
        })
    }

    /// Its process id, which is its group's too.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// How it ended, if it has.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits until it has ended.
    pub async fn exited(&self) -> ExitStatus {
        let mut exit = self.exit.clone();
        loop {
            if let Some(status) = *exit.borrow_and_update() {
                return status;
            }
            if exit.changed().await.is_err() {
                // The runtime is going down and took the waiting task along.
                return ExitStatus::default();
            }
        }
    }

    /// Sends a signal to its group; nothing happens when it has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.status().is_none() {
            let _ = kill_process_group(self.pid, signal);
        }
    }

    /// Asks it to end by `signal`, waits up to `grace`, then kills its group. Returns when it is gone.
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

    /// Kills it at once and waits until it is gone.
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
