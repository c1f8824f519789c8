//! Formats Rust files, so that the lints accept generated lines.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Returns the text as rustfmt prints it with the settings of the workspace.
pub(super) fn format(root: &Path, path: &Path, text: &str) -> Result<String, String> {
    let failed = |reason: &str| format!("cannot format {}: {reason}", path.display());
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&format!("rustfmt: {error}; run `rustup component add rustfmt`")))?;
    let mut stdin = rustfmt.stdin.take().ok_or_else(|| failed("no input"))?;
    let input = text.to_owned();
    // In a thread, because the output of a long file fills the pipe before all of the input is read.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = rustfmt
        .wait_with_output()
        .map_err(|error| failed(&error.to_string()))?;
    let written = writer.join().is_ok_and(|written| written.is_ok());
    if !written || !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(&error.to_string()))
}
