//! Child processes of another process.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::Pid;

use crate::environment::{self, Kind};

/// Returns the children of a process. Reads /proc on Linux and runs `ps` elsewhere.
pub fn children(parent: Pid) -> Vec<Pid> {
    let pairs = if Path::new("/proc/self").exists() {
        from_proc()
    } else {
        from_ps()
    };
    let own = pairs
        .into_iter()
        .filter(|&(_, of)| of == parent.as_raw_nonzero().get());
    own.filter_map(|(pid, _)| Pid::from_raw(pid)).collect()
}

/// Pairs of a process and its parent.
fn from_proc() -> Vec<(i32, i32)> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pair = |process: fs::DirEntry| {
        let pid = process.file_name().to_str()?.parse::<i32>().ok()?;
        let stat = fs::read_to_string(process.path().join("stat")).ok()?;
        // The name of the program is in parentheses and may contain any character; state and parent follow.
        let (_, after) = stat.rsplit_once(')')?;
        let parent = after.split_whitespace().nth(1)?.parse::<i32>().ok()?;
        Some((pid, parent))
    };
    processes.filter_map(pair).collect()
}

fn from_ps() -> Vec<(i32, i32)> {
    let output = environment::restrict(&mut Command::new("ps"), Kind::Plain)
        .args(["-A", "-o", "pid=,ppid="])
        .output();
    let lines = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let pair = |line: &str| {
        let (pid, parent) = line.trim().split_once(char::is_whitespace)?;
        Some((pid.parse::<i32>().ok()?, parent.trim().parse::<i32>().ok()?))
    };
    lines.unwrap_or_default().lines().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logs::{Destination, Logs};
    use crate::process::Program;
    use crate::watchdog::Watchdog;

    #[tokio::test]
    async fn child_has_this_process_as_its_parent() {
        let watchdog = Watchdog::start(Path::new("/nowhere"));
        let sleep = Program::new("sleep", Path::new("/bin/sleep"))
            .args(["612"])
            .start(&Logs::new(Destination::Kept), &watchdog)
            .unwrap();
        assert!(children(rustix::process::getpid()).contains(&sleep.pid()));
        assert!(children(sleep.pid()).is_empty());
    }
}
