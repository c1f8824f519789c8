//! Exit statuses in messages.

use std::process::ExitStatus;

/// How a process ended, as the predicate of a sentence: "exited with status 4", "was killed by signal 9 (SIGKILL)".
pub fn cause(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exited with status {code}"),
        // The standard library knows the names of the signals.
        None => format!(
            "was killed by {}",
            status.to_string().replacen("signal: ", "signal ", 1)
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn cause_names_status_or_signal() {
        for (raw, expected) in [
            (0, "exited with status 0"),
            (4 << 8, "exited with status 4"),
            (9, "was killed by signal 9 (SIGKILL)"),
            (15, "was killed by signal 15 (SIGTERM)"),
        ] {
            assert_eq!(cause(ExitStatus::from_raw(raw)), expected);
        }
    }
}
