//! A running `dev`: its lines, its processes and its addresses.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use local_process::ports;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

pub(crate) fn bin_dir() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_local"))
        .parent()
        .unwrap()
        .to_path_buf()
}

pub(crate) fn local(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .args(args)
        .env_remove("DATABASE_URL")
        .env_remove("HASURA_GRAPHQL_ADMIN_SECRET");
    command
}

/// A running `dev` without apps, on new data.
pub(crate) struct Dev {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    pub(crate) addresses: Value,
    _dir: tempfile::TempDir,
}

impl Dev {
    /// Starts `dev` and waits until it is ready.
    pub(crate) fn start(change: impl FnOnce(&mut Command)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("addresses.json");
        let offset = free_offset().to_string();
        let mut command = local(&["dev", "--ephemeral", "--no-apps", "--concurrency", "1"]);
        command
            .args(["--log-level", "error", "--port-offset", &offset, "--addresses"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let read = lines.clone();
        let reader = thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                read.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let mut dev = Self {
            child,
            lines,
            reader: Some(reader),
            addresses: Value::Null,
            _dir: dir,
        };
        eventually("dev is not ready", || {
            let exited = dev.child.try_wait().unwrap();
            assert_eq!(exited, None, "{:?}", dev.lines());
            file.exists()
        });
        dev.addresses = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        dev
    }

    pub(crate) fn address(&self, name: &str) -> &str {
        self.addresses[name].as_str().unwrap()
    }

    /// Lines that `dev` has written so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lines of restarts.
    pub(crate) fn restarts(&self) -> Vec<String> {
        let restart =
            |line: &String| line.contains("restarting") || line.contains("starting another process");
        self.lines().into_iter().filter(restart).collect()
    }

    /// The process of this program that `dev` has started.
    pub(crate) fn process(&self, program: &str) -> Option<Pid> {
        children(self.child.id())
            .into_iter()
            .find(|pid| name(*pid) == program)
            .and_then(|pid| Pid::from_raw(i32::try_from(pid).unwrap()))
    }

    /// Every process that `dev` or one of its processes has started.
    pub(crate) fn descendants(&self) -> Vec<(u32, String)> {
        let mut found = Vec::new();
        let mut parents = vec![self.child.id()];
        while let Some(parent) = parents.pop() {
            for child in children(parent) {
                parents.push(child);
                found.push((child, name(child)));
            }
        }
        found
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits until `dev` has exited; returns its status and its lines.
    pub(crate) fn exited(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        (status, self.lines())
    }

    /// Ports of the services.
    pub(crate) fn ports(&self) -> Vec<u16> {
        ["engine", "functions", "postgres", "pgbouncer"]
            .into_iter()
            .map(|service| {
                let (_, port) = self.address(service).rsplit_once(':').unwrap();
                port.split('/').next().unwrap().parse().unwrap()
            })
            .collect()
    }
}

impl Drop for Dev {
    /// After a failed assertion, the watchdog ends the processes.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Fails if a process or a port of a stopped stack is still in use.
pub(crate) fn assert_gone(processes: &[(u32, String)], ports: &[u16]) {
    eventually("a process is still running", || {
        processes.iter().all(|(pid, program)| name(*pid) != *program)
    });
    for port in ports {
        assert!(!is_open(*port), "port {port} is still open");
    }
}

pub(crate) fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A free offset. That of Postgres' port is reserved against other tests.
fn free_offset() -> u16 {
    loop {
        let offset = ports::free().unwrap() - 15_432;
        if [6_432, 8_080, 8_081]
            .iter()
            .all(|base: &u16| ports::is_free(base + offset))
        {
            return offset;
        }
    }
}

/// Ids of the child processes.
fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| parent_of(*pid) == Some(parent))
        .collect()
}

/// The field after the name, which is in parentheses, and the state.
fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(1)?.parse().ok()
}

/// Name of the program; empty if the process does not exist.
fn name(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}
