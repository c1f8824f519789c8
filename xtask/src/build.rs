//! Builds the workspace's binaries and replaces this process by `local`.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::OnceLock;

/// Profile of this executable, which is that of every other build too, so that nothing is compiled twice: `fast`, in CI `ci`.
pub(crate) fn profile() -> Result<String, String> {
    let bin_dir = bin_dir()?;
    let name = bin_dir.file_name().unwrap_or_default().to_string_lossy();
    Ok(match &*name {
        "debug" => "dev".to_owned(),
        name => name.to_owned(),
    })
}

/// The workspace's root: `THREEFACTOR_ROOT`, or else its location at compile time.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        env::var_os("THREEFACTOR_ROOT").map_or_else(
            || {
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .parent()
                    .unwrap_or(Path::new("."))
                    .to_path_buf()
            },
            PathBuf::from,
        )
    })
}

/// The cargo that started this process, in the workspace's root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

pub(crate) fn status(command: &mut Command) -> Result<ExitStatus, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .status()
        .map_err(|error| format!("cannot run {name}: {error}"))
}

/// Builds every binary of the workspace, with cargo's progress on the terminal: a first `cargo xtask dev` would
/// otherwise appear to hang.
pub(crate) fn binaries() -> Result<(), String> {
    workspace(&[])
}

/// Builds every binary and every test in one invocation: dependencies of the tests add features to crates that the
/// binaries use too, and two invocations would compile those twice.
pub(crate) fn binaries_and_tests() -> Result<(), String> {
    workspace(&["--bins", "--tests", "--examples"])
}

fn workspace(targets: &[&str]) -> Result<(), String> {
    let built = status(
        cargo()
            .args(["build", "--profile", &profile()?, "--workspace"])
            .args(targets),
    )?;
    if built.success() {
        Ok(())
    } else {
        Err("the build failed; see cargo's output above".to_owned())
    }
}

/// Cargo's output directory: that of this executable, since cargo built it with the same profile. Respects
/// `CARGO_TARGET_DIR` and `build.target-dir`.
pub(crate) fn bin_dir() -> Result<PathBuf, String> {
    let me = env::current_exe()
        .map_err(|error| format!("cannot determine the path of the executable: {error}"))?;
    me.parent()
        .map(Path::to_path_buf)
        .ok_or_else(|| "cannot determine the directory of the executable".to_owned())
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
