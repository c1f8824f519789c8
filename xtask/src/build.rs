//! Building the workspace's binaries, and becoming the one that does the work.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// The one profile that dev, demo, bench and test share, so that nothing is compiled twice.
pub(crate) const PROFILE: &str = "fast";

/// The workspace's directory.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
}

/// The cargo that started us, in the workspace's directory.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Runs a command to its end.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .status()
        .map_err(|error| format!("cannot run {name}: {error}"))
}

/// Builds every binary of the workspace in one go, with cargo's own progress on the terminal. Without that a first
/// `cargo xtask dev` would look as if it hung.
pub(crate) fn binaries() -> Result<(), String> {
    workspace(&[])
}

/// Builds every binary and every test. In one go, because what tests alone depend on adds features to crates that the
/// binaries depend on too: one after the other, those would be compiled twice.
pub(crate) fn binaries_and_tests() -> Result<(), String> {
    workspace(&["--bins", "--tests", "--examples"])
}

fn workspace(targets: &[&str]) -> Result<(), String> {
    let built = status(
        cargo()
            .args(["build", "--profile", PROFILE, "--workspace"])
            .args(targets),
    )?;
    if built.success() {
        Ok(())
    } else {
        Err("the build failed; cargo says why above".to_owned())
    }
}

/// Where cargo puts the binaries: our own directory, since cargo built us with the same profile. That respects
/// `CARGO_TARGET_DIR` and `build.target-dir` alike.
fn bin_dir() -> Result<PathBuf, String> {
    let me = env::current_exe().map_err(|error| format!("cannot find my own path: {error}"))?;
    me.parent()
        .map(Path::to_path_buf)
        .ok_or_else(|| "my own path has no directory".to_owned())
}

/// The command that runs `local` with these arguments.
pub(crate) fn local(args: &[impl AsRef<OsStr>]) -> Result<Command, String> {
    let bin_dir = bin_dir()?;
    let mut command = Command::new(bin_dir.join("local"));
    command
        .args(args)
        .env("THREEFACTOR_BIN_DIR", &bin_dir)
        .env("THREEFACTOR_ROOT", root());
    Ok(command)
}

/// Replaces this process by `local`, so that signals and exit codes are its own. Returns only on failure.
pub(crate) fn become_local(args: &[OsString]) -> String {
    match local(args) {
        Ok(mut command) => {
            use std::os::unix::process::CommandExt as _;
            let error = command.exec();
            format!("cannot run {}: {error}", command.get_program().to_string_lossy())
        }
        Err(message) => message,
    }
}
