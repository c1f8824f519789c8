//! Ends children and removes temporary directories even if this process is killed with SIGKILL.
//!
//! A second process (`local watchdog`) reads from a pipe. Each child and each temporary directory is announced when
//! it is created and when it has gone. When the pipe closes, the watchdog ends and removes the remaining ones, latest
//! first. After an orderly stop the list is empty.

use std::fs;
use std::io::{BufRead, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::environment::{self, Kind};

/// Maximum time between the signal and SIGKILL.
const GRACE: Duration = Duration::from_secs(10);

/// Handle of the watchdog, shared by its clones. The watchdog exits with the last one.
#[derive(Debug, Clone)]
pub struct Watchdog {
    pipe: Arc<Mutex<Option<Pipe>>>,
}

#[derive(Debug)]
struct Pipe {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.wait();
    }
}

impl Watchdog {
    /// Starts the watchdog from the `local` binary in `bin_dir`. If that binary does not exist (only a library was
    /// built), children still end with their handles, but not when this process is killed.
    pub fn start(bin_dir: &Path) -> Self {
        let child = environment::restrict(&mut Command::new(bin_dir.join("local")), Kind::Plain)
            .arg("watchdog")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let pipe = child.ok().map(|mut child| {
            let stdin = child.stdin.take();
            Pipe { child, stdin }
        });
        Self {
            pipe: Arc::new(Mutex::new(pipe)),
        }
    }

    /// Ends this process group with `signal` if this process dies.
    pub(crate) fn watch(&self, pid: Pid, signal: Signal) {
        self.send(&format!("watch {} {}", pid.as_raw_nonzero(), signal.as_raw()));
    }

    pub(crate) fn forget(&self, pid: Pid) {
        self.send(&format!("forget {}", pid.as_raw_nonzero()));
    }

    /// Removes this directory if this process dies.
    pub(crate) fn watch_dir(&self, path: &Path) {
        self.send(&format!("watch-dir {}", path.display()));
    }

    pub(crate) fn forget_dir(&self, path: &Path) {
        self.send(&format!("forget-dir {}", path.display()));
    }

    fn send(&self, line: &str) {
        let mut pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stdin) = pipe.as_mut().and_then(|pipe| pipe.stdin.as_mut()) {
            // The stack continues without its watchdog.
            let _ = stdin.write_all(format!("{line}\n").as_bytes());
        }
    }
}

/// Processes and directories to clean up.
#[derive(Debug, Default, PartialEq)]
struct Watched {
    processes: Vec<(i32, i32)>,
    dirs: Vec<PathBuf>,
}

impl Watched {
    fn apply(&mut self, line: &str) {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "watch" => {
                let numbers: Vec<i32> = rest.split(' ').filter_map(|word| word.parse().ok()).collect();
                if let [pid, signal] = numbers[..] {
                    self.processes.push((pid, signal));
                }
            }
            "forget" => self.processes.retain(|(pid, _)| pid.to_string() != rest),
            "watch-dir" => self.dirs.push(PathBuf::from(rest)),
            "forget-dir" => self.dirs.retain(|dir| dir != Path::new(rest)),
            _ => {}
        }
    }
}

/// Main loop of the watchdog process: reads `input` until it closes, then cleans up.
pub fn run(input: impl BufRead) {
    let mut watched = Watched::default();
    for line in input.lines().map_while(Result::ok) {
        watched.apply(&line);
    }
    for (pid, signal) in watched.processes.into_iter().rev() {
        end(pid, signal);
    }
    for dir in watched.dirs {
        let _ = fs::remove_dir_all(dir);
    }
}

/// Ends one group and waits until it has exited, because it may depend on the one before it in the list.
fn end(pid: i32, signal: i32) {
    let (Some(pid), Some(signal)) = (Pid::from_raw(pid), Signal::from_named_raw(signal)) else {
        return;
    };
    if kill_process_group(pid, signal).is_err() {
        return;
    }
    let deadline = Instant::now() + GRACE;
    while test_kill_process_group(pid).is_ok() {
        if Instant::now() > deadline {
            let _ = kill_process_group(pid, Signal::KILL);
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orderly_stop_empties_the_list() {
        let mut watched = Watched::default();
        for line in [
            "watch 12 15",
            "watch-dir /var/tmp/a b",
            "nonsense",
            "forget 12",
            "forget-dir /var/tmp/a b",
        ] {
            watched.apply(line);
        }
        assert_eq!(watched, Watched::default());
    }

    #[test]
    fn remaining_processes_and_directories_are_cleaned_up_when_the_pipe_closes() {
        let mut sleeper = Command::new("sleep").arg("600").process_group(0).spawn().unwrap();
        let dir = tempfile::tempdir().unwrap().keep();
        let input = format!("watch {} 9\nwatch-dir {}\n", sleeper.id(), dir.display());
        // The zombie keeps its group alive until it is reaped, as init would.
        let reaper = thread::spawn(move || sleeper.wait().unwrap());
        run(input.as_bytes());
        assert!(!reaper.join().unwrap().success());
        assert!(!dir.exists());
    }
}
