//! Memory of processes, from /proc.

use std::fs;

use anyhow::{Context as _, Result};

use super::figures::count;
use local_stack::Stack;

/// Resident memory in bytes.
pub(crate) fn resident_bytes(pid: i32) -> Result<u64> {
    bytes(pid, "status", "VmRSS")
}

/// Highest resident memory since the start of the process, in bytes.
pub(crate) fn peak_bytes(pid: i32) -> Result<u64> {
    bytes(pid, "status", "VmHWM")
}

/// Resident memory in bytes, of which a page that several processes share counts in proportion.
fn proportional_bytes(pid: i32) -> Result<u64> {
    bytes(pid, "smaps_rollup", "Pss")
}

/// Memory of a group of processes, in megabytes (10⁶ bytes); NaN where it is not available.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) resident_mb: f64,
    pub(crate) proportional_mb: f64,
}

/// Memory of the parts of a stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StackMemory {
    pub(crate) functions: Memory,
    pub(crate) engine: Memory,
}

pub(crate) fn of_stack(stack: &Stack) -> StackMemory {
    let functions: Vec<i32> = stack
        .functions()
        .all_pids()
        .into_iter()
        .map(|pid| pid.as_raw_nonzero().get())
        .collect();
    let engine = stack.engine().running().pid().as_raw_nonzero().get();
    StackMemory {
        functions: of_processes(&functions),
        engine: of_processes(&[engine]),
    }
}

fn of_processes(pids: &[i32]) -> Memory {
    let sum = |bytes: fn(i32) -> Result<u64>| -> f64 {
        let all: Result<u64> = pids.iter().map(|pid| bytes(*pid)).sum();
        all.map_or(f64::NAN, |bytes| count(bytes) / 1e6)
    };
    Memory {
        resident_mb: sum(resident_bytes),
        proportional_mb: sum(proportional_bytes),
    }
}

fn bytes(pid: i32, file: &str, field: &str) -> Result<u64> {
    let file = format!("/proc/{pid}/{file}");
    let text = fs::read_to_string(&file)
        .with_context(|| format!("cannot read {file}; memory is measured on Linux, of a running process"))?;
    kib(&text, field)
        .map(|kib| kib * 1024)
        .with_context(|| format!("no {field} in {file}"))
}

/// The value of a line such as `VmRSS:     1234 kB`.
fn kib(text: &str, field: &str) -> Option<u64> {
    let mut lines = text.lines();
    let rest = lines.find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_is_found_by_its_whole_name() {
        let text = "Rss:                1500 kB\nPss_Dirty:           7 kB\nPss:                 432 kB\n";
        assert_eq!(kib(text, "Pss"), Some(432));
        assert_eq!(kib(text, "Swap"), None);
        assert_eq!(kib("Pss:\n", "Pss"), None);
    }
}
