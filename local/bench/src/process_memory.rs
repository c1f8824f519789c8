//! Memory of a process, from /proc.

use std::fs;

use anyhow::{Context as _, Result};

/// Resident memory in bytes.
pub(crate) fn resident_bytes(pid: i32) -> Result<u64> {
    bytes(pid, "VmRSS")
}

/// Highest resident memory since the start of the process, in bytes.
pub(crate) fn peak_bytes(pid: i32) -> Result<u64> {
    bytes(pid, "VmHWM")
}

fn bytes(pid: i32, field: &str) -> Result<u64> {
    let file = format!("/proc/{pid}/status");
    let status = fs::read_to_string(&file)
        .with_context(|| format!("cannot read {file}; memory is measured on Linux, of a running process"))?;
    let kib: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("no {field} in {file}"))?;
    Ok(kib * 1024)
}
