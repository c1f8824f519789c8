//! Clippy with warnings denied: the workspace, code that only deployed functions contain, and the fuzz targets.

use std::env;

use crate::build::{bin_dir, binaries_and_tests, cargo, profile, root, status};

/// Returns whether Clippy accepts the code.
pub(super) fn passes() -> Result<bool, String> {
    if builds_are_linted() {
        // The fuzz targets and the functions follow in `.ci/run`, which builds them too.
        return Ok(binaries_and_tests().is_ok());
    }
    let profile = profile()?;
    let mut passed = true;
    for what in [
        ["--workspace", "--all-targets"].as_slice(),
        &["--package", "shared", "--features", "aws", "--all-targets"],
    ] {
        let mut command = cargo();
        command.args(["clippy", "--profile", &profile]).args(what);
        passed &= status(command.args(["--", "-D", "warnings"]))?.success();
    }
    Ok(passed & fuzz_targets_pass(&profile)?)
}

/// Whether the compiler wrapper of CI, which is Clippy, is in use.
fn builds_are_linted() -> bool {
    env::var_os("RUSTC_WORKSPACE_WRAPPER").is_some_and(|wrapper| root().join(".ci/clippy-driver") == wrapper)
}

/// They are a workspace of their own.
fn fuzz_targets_pass(profile: &str) -> Result<bool, String> {
    let binaries = bin_dir()?;
    let output = binaries
        .parent()
        .ok_or("cannot determine cargo's output directory")?;
    let mut command = cargo();
    command.current_dir(root().join("fuzz"));
    command.args([
        "clippy",
        "--locked",
        "--bins",
        "--profile",
        profile,
        "--target-dir",
    ]);
    let status = status(command.arg(output).args(["--", "-D", "warnings"]))?;
    Ok(status.success())
}
