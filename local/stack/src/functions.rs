//! The application's functions: their routes, and their build with cargo-lambda in release mode with the feature
//! `aws`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use http::Method;

use lambda_host::FunctionSpec;
use local_process::dirs;
use local_process::environment::{self, Kind};
use local_services::functions::{Caller, Function, functions};
use local_tools::python::Tools;
use shared::token::signing::{DISCOVERY_PATH, JWKS_PATH};

/// Settings of the functions that are not secret; the stack itself sets the others.
const INHERITED_ENV: [&str; 7] = [
    "OTEL_*",
    "POSTGRES_CA_CERTIFICATE",
    "POSTGRES_PREPARED_STATEMENTS",
    "JWT_JWKS_URL",
    "TOKEN_LIFETIME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// The function that also publishes the keys of its tokens.
const LOGIN: &str = "login";

/// Target of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// This machine, for tests: needs no cross compiler.
    Host,
    /// Graviton.
    Arm64,
    /// Intel and AMD.
    X86,
}

/// Output format of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// `NAME/bootstrap`, for this machine.
    Binary,
    /// `NAME/bootstrap.zip`, for AWS.
    Zip,
}

/// The value of [`lambda_host::Options::inherited_env`].
pub fn inherited_env() -> Vec<String> {
    INHERITED_ENV.map(str::to_owned).into()
}

/// The functions, with the routes of the workspace's Cargo.toml.
pub fn application(bin_dir: &Path) -> Result<Vec<FunctionSpec>> {
    let spec = |function: &Function| FunctionSpec {
        name: function.name.clone(),
        program: bin_dir.join(&function.name),
        routes: routes(function),
        env: Vec::new(),
    };
    Ok(functions()?.all.iter().map(spec).collect())
}

fn routes(function: &Function) -> Vec<(Method, String)> {
    let own = |method| (method, format!("/{}", function.name));
    let mut routes = vec![own(Method::POST)];
    // A browser calls the function from another origin and sends a preflight request.
    if function.caller == Caller::Browser {
        routes.push(own(Method::OPTIONS));
    }
    if function.name == LOGIN {
        routes.extend([DISCOVERY_PATH, JWKS_PATH].map(|path| (Method::GET, path.to_owned())));
    }
    routes
}

/// Output directory of [`build`], under target/, so that `cargo clean` removes it.
pub fn dir() -> Result<PathBuf> {
    let bin_dir = dirs::bin_dir()?;
    Ok(bin_dir.parent().unwrap_or(&bin_dir).join("lambda"))
}

/// Builds all of them incrementally. The first build takes minutes; cargo reports its progress on stderr.
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
    for function in functions()?.deployed() {
        command.args(["--package", function]);
    }
    // Variables that cargo sets for the running program (`cargo xtask`, a test) must not reach this build: ring's
    // build script depends on them, and ring and its dependents would be compiled again each time.
    let status = environment::restrict(&mut command, Kind::Cargo)
        .current_dir(dirs::root())
        .env("PATH", tools.path())
        // Not `--target-dir`: cargo-lambda 1.9.2 passes it to `cargo metadata`, which rejects it.
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .context("cannot run cargo-lambda")?;
    ensure!(
        status.success(),
        "build of the functions failed; see cargo's output above"
    );
    Ok(())
}

/// The functions as [`build`] wrote them for this machine; an error if one is missing.
pub fn built() -> Result<Vec<FunctionSpec>> {
    let dir = dir()?;
    let mut application = application(&dir)?;
    for function in &mut application {
        function.program.push("bootstrap");
        ensure!(
            function.program.is_file(),
            "{} is missing; `cargo xtask test` builds it",
            function.program.display()
        );
    }
    Ok(application)
}
