//! The functions as they are deployed: built by cargo-lambda, in release, with the feature `aws`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use http::Method;

use lambda_host::FunctionSpec;
use local_process::dirs;
use local_tools::python::Tools;

/// Secrets of the engine and of this process that the functions must not inherit.
const HIDDEN_ENV: [&str; 5] = [
    "WEBHOOK_SECRET",
    "DATABASE_URL",
    "HASURA_GRAPHQL_DATABASE_URL",
    "HASURA_GRAPHQL_ADMIN_SECRET",
    "HASURA_GRAPHQL_JWT_SECRET",
];

/// What a function is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// This machine's own, for tests: needs no cross compiler.
    Host,
    /// Graviton.
    Arm64,
    /// Intel and AMD.
    X86,
}

/// The functions, as zip files for AWS or as programs for this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// `NAME/bootstrap`.
    Binary,
    /// `NAME/bootstrap.zip`.
    Zip,
}

/// [`HIDDEN_ENV`] as the function host takes it.
pub fn hidden_env() -> Vec<String> {
    HIDDEN_ENV.map(str::to_owned).into()
}

/// The four functions of the application, by the routes in the workspace's Cargo.toml.
pub fn application(bin_dir: &Path) -> Vec<FunctionSpec> {
    [
        ("validate-order", &[Method::POST][..]),
        // A browser calls this one from another origin and asks first.
        ("payment", &[Method::POST, Method::OPTIONS][..]),
        ("restaurant-approval", &[Method::POST][..]),
        ("agent-assignment", &[Method::POST][..]),
    ]
    .into_iter()
    .map(|(name, methods)| FunctionSpec {
        name: name.to_owned(),
        program: bin_dir.join(name),
        routes: methods
            .iter()
            .map(|method| (method.clone(), format!("/{name}")))
            .collect(),
    })
    .collect()
}

/// The directory that [`build`] builds into: under target/, and so under what cargo cleans.
///
/// # Errors
/// When our own place is unknown.
pub fn dir() -> Result<PathBuf> {
    let bin_dir = dirs::bin_dir()?;
    Ok(bin_dir.parent().unwrap_or(&bin_dir).join("lambda"))
}

/// Builds all four; what is up to date is not built again. The first time takes minutes: cargo shows its progress on stderr.
///
/// # Errors
/// When the build fails; cargo says why on stderr.
pub fn build(tools: &Tools, architecture: Architecture, output: Output) -> Result<()> {
    let dir = dir()?;
    let target = dir.parent().unwrap_or(&dir);
    if architecture != Architecture::Host {
        tools.add_cross()?;
    }
    let mut command = Command::new(tools.program("cargo-lambda"));
    command
        .args(["lambda", "build", "--release", "--locked", "--features", "aws"])
        .args([
            "--output-format",
            if output == Output::Zip { "zip" } else { "binary" },
        ])
        .arg("--lambda-dir")
        .arg(&dir)
        .args(match architecture {
            Architecture::Host => ["--compiler", "cargo", "--skip-target-check"].as_slice(),
            Architecture::Arm64 => &["--compiler", "cargo-zigbuild", "--arm64"],
            Architecture::X86 => &["--compiler", "cargo-zigbuild", "--x86-64"],
        });
    for function in application(Path::new("")) {
        command.args(["--package", &function.name]);
    }
    // What cargo tells the program that it runs (`cargo xtask`, a test) is not for this build: ring's build script watches it,
    // and everything above ring would be compiled again, each time.
    for (name, _) in std::env::vars_os() {
        let known = name.to_string_lossy();
        if known.starts_with("CARGO_PKG_") || known.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    let status = command
        .current_dir(dirs::root())
        .env("PATH", tools.path())
        // Not `--target-dir`: cargo-lambda 1.9.2 hands it on to `cargo metadata`, which does not know it.
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .context("cannot run cargo-lambda")?;
    ensure!(
        status.success(),
        "the functions could not be built; cargo says why above"
    );
    Ok(())
}

/// The four, as [`build`] has left them for this machine.
///
/// # Errors
/// When they are not built.
pub fn built() -> Result<Vec<FunctionSpec>> {
    let dir = dir()?;
    let mut application = application(&dir);
    for function in &mut application {
        function.program.push("bootstrap");
        ensure!(
            function.program.is_file(),
            "{} is missing: `cargo xtask test` builds it",
            function.program.display()
        );
    }
    Ok(application)
}
