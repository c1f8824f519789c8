//! `cargo xtask test`: every test of the workspace, with the services that they need.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::build::{PROFILE, become_local, binaries_and_tests, cargo, local, status};

/// Builds the binaries (whole-stack tests start them, and some the ones that are deployed) and the tests, runs the
/// documentation's examples, and then becomes `local with-services` around the test runner, whose summary is the last thing printed. `args`
/// go to the runner; with some of them given, tests build what they need of the deployed binaries themselves.
pub(crate) fn run(args: Vec<OsString>) -> Result<ExitCode, String> {
    binaries_and_tests()?;
    let everything = args.is_empty();
    if everything {
        // The runner below does not know them, and they need no services.
        let passed = status(cargo().args(["test", "--quiet", "--doc", "--workspace", "--profile", PROFILE]))?;
        if !passed.success() {
            return Err("an example in the documentation failed; cargo says which above".to_owned());
        }
        let built = status(&mut local(&["build-functions"])?)?;
        if !built.success() {
            return Err(
                "the functions could not be built as they are deployed; it says why above".to_owned(),
            );
        }
    }
    let cargo_path = cargo().get_program().to_owned();
    let mut command: Vec<OsString> = vec!["with-services".into(), "--".into()];
    if everything {
        command.extend(["env".into(), "THREEFACTOR_FUNCTIONS_BUILT=1".into()]);
    }
    command.push(cargo_path);
    if has_nextest() {
        command.extend(["nextest", "run", "--workspace", "--cargo-profile", PROFILE].map(OsString::from));
    } else {
        eprintln!(
            "xtask: cargo-nextest is not installed (cargo install cargo-nextest --locked); using `cargo test`"
        );
        command.extend(
            [
                "test",
                "--workspace",
                "--lib",
                "--bins",
                "--tests",
                "--examples",
                "--profile",
                PROFILE,
            ]
            .map(OsString::from),
        );
    }
    command.extend(args);
    Err(become_local(&command))
}

fn has_nextest() -> bool {
    cargo()
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}
