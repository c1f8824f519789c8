//! Records the processes of a stack in its directory. If the stack and its watchdog are both killed (for example by
//! `killall -9 local`), the next stack that uses the directory ends them first.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::environment::{self, Kind};
use crate::private_file;
use crate::process::Running;

/// Records a process. `mark` is a text that only this process's command line contains; it distinguishes the process
/// from another one that later gets the same id.
pub fn record(dir: &Path, running: &Running, mark: &Path) -> Result<()> {
    let mut file = private_file::append(&notes(dir))?;
    writeln!(file, "{} {}", running.pid().as_raw_nonzero(), mark.display())?;
    Ok(())
}

/// Ends the recorded processes of an abandoned directory. The caller holds the directory's lock.
pub fn end(dir: &Path) {
    let path = notes(dir);
    let noted = fs::read_to_string(&path).unwrap_or_default();
    for (pid, mark) in noted.lines().filter_map(|line| line.split_once(' ')) {
        let Some(pid) = pid.parse().ok().and_then(Pid::from_raw) else {
            continue;
        };
        if runs(pid, mark) {
            terminate(pid);
        }
    }
    let _ = fs::remove_file(&path);
}

fn notes(dir: &Path) -> PathBuf {
    dir.join("processes")
}

fn terminate(pid: Pid) {
    let _ = kill_process(pid, Signal::TERM);
    let deadline = Instant::now() + Duration::from_secs(5);
    while test_kill_process(pid).is_ok() {
        if Instant::now() > deadline {
            let _ = kill_process(pid, Signal::KILL);
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether the process exists and its command line contains `mark`.
pub fn runs(pid: Pid, mark: &str) -> bool {
    command_line(pid).is_some_and(|command| command.contains(mark))
}

/// Reads /proc on Linux and runs `ps` elsewhere; `None` if the process does not exist.
fn command_line(pid: Pid) -> Option<String> {
    let pid = pid.as_raw_nonzero().to_string();
    if Path::new("/proc/self").exists() {
        let raw = fs::read(Path::new("/proc").join(pid).join("cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&raw).replace('\0', " "));
    }
    let output = environment::restrict(&mut Command::new("ps"), Kind::Plain)
        .args(["-o", "command=", "-p", &pid])
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::{Destination, Logs};
    use crate::process::Program;
    use crate::watchdog::Watchdog;

    #[tokio::test]
    async fn only_recorded_processes_with_their_mark_are_ended() {
        let dir = tempfile::tempdir().unwrap();
        let watchdog = Watchdog::start(Path::new("/nowhere"));
        let logs = Logs::new(Destination::Kept);
        let start = || {
            Program::new("sleep", Path::new("/bin/sleep"))
                .args(["611"])
                .start(&logs, &watchdog)
                .unwrap()
        };
        let (ours, stranger) = (start(), start());
        // Between exec and its first instruction a process has no command line yet.
        for process in [&ours, &stranger] {
            let deadline = Instant::now() + Duration::from_secs(10);
            while !runs(process.pid(), "611") {
                assert!(Instant::now() < deadline, "sleep did not start");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        record(dir.path(), &ours, Path::new("611")).unwrap();
        record(dir.path(), &stranger, Path::new("/var/tmp/another-stack")).unwrap();
        let path = dir.path().to_path_buf();
        tokio::task::spawn_blocking(move || end(&path)).await.unwrap();
        ours.exited().await;
        assert_eq!(stranger.status(), None);
        assert!(!notes(dir.path()).exists());
    }
}
