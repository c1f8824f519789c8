//! The processor time of the attackers: only what the stack leaves.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// Control groups of version 1, as in containers of many build services.
const GROUPS: &str = "/sys/fs/cgroup/cpu";

/// Gives the calling thread only the time that the processors are idle otherwise, until the result is dropped. A thread of another policy
/// with a low priority would not do: it keeps its processor until the end of its slice, and each step of a request of the honest
/// clients waits for that.
///
/// The policy of a thread counts within its group only. Each backend of Postgres is a session of its own, and so has a group of its own
/// where Linux groups processes by session (`sched_autogroup_enabled`). There the thread needs an idle group, which only root can
/// create.
pub(super) fn run_when_idle() -> Result<Group> {
    // The path is PROCESS/task/THREAD.
    let thread = fs::read_link("/proc/thread-self").context("cannot read /proc/thread-self")?;
    let thread = thread.file_name().context("/proc/thread-self names no thread")?;
    let thread = thread.to_str().context("/proc/thread-self names no number")?;
    let set = Command::new("chrt")
        .args(["--idle", "--pid", "0", thread])
        .output()
        .context("cannot run chrt, which is part of util-linux")?;
    ensure!(
        set.status.success(),
        "chrt cannot change the scheduling policy of the attacks: {}",
        String::from_utf8_lossy(&set.stderr).trim()
    );
    Ok(Group::enter(thread).unwrap_or(Group(None)))
}

/// Idle group of a thread, if there is one.
pub(super) struct Group(Option<PathBuf>);

impl Group {
    fn enter(thread: &str) -> std::io::Result<Self> {
        let path = PathBuf::from(format!("{GROUPS}/3factor-soak-{}", std::process::id()));
        fs::create_dir(&path)?;
        let group = Self(Some(path.clone()));
        fs::write(path.join("cpu.idle"), "1")?;
        fs::write(path.join("tasks"), thread)?;
        Ok(group)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let Some(path) = self.0.take() else { return };
        for thread in fs::read_to_string(path.join("tasks")).unwrap_or_default().lines() {
            // A thread that has ended need not leave.
            let _ = fs::write(format!("{GROUPS}/tasks"), thread);
        }
        // Without threads this succeeds.
        let _ = fs::remove_dir(path);
    }
}
