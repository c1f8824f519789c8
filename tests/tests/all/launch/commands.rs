//! Commands of an operator of an installation on the emulator.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use local_process::dirs;
use serde_json::{Map, Value};
use tests::ministack::{Ministack, REGION};

/// Stage name of the installation.
pub(super) const STAGE: &str = "ci";

/// Role with which CloudFormation changes resources, by its name in infra/pipeline/roles.yaml.
const CLOUDFORMATION_ROLE: &str = "arn:aws:iam::000000000000:role/threefactor-ci-cloudformation";

/// Lambda architecture of this machine's binaries.
pub(super) const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") {
    "arm64"
} else {
    "x86_64"
};

/// Result of a command.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) success: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Runs commands with the emulator's credentials.
pub(super) struct Commands<'a> {
    pub(super) ministack: &'a Ministack,
    pub(super) home: &'a Path,
    /// Directory of the project, and that of its binaries.
    pub(super) root: PathBuf,
    pub(super) bin_dir: PathBuf,
}

impl Commands<'_> {
    pub(super) async fn run(&self, program: &Path, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let output = tokio::process::Command::new(program)
            .args(args)
            .envs(self.ministack.environment())
            .env("PATH", self.ministack.tools().path())
            .env("HOME", self.home)
            .env("THREEFACTOR_ROOT", &self.root)
            .env("THREEFACTOR_BIN_DIR", &self.bin_dir)
            .envs(env.iter().copied())
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("the command runs");
        Ran {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs `cargo xtask …`, and CloudFormation with the role of the pipeline. The emulator records what the commands of the pipeline call.
    pub(super) async fn xtask(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let program = dirs::bin_dir().expect("the binaries").join("local");
        let is_pipeline =
            args.first() != Some(&"destroy") && env.iter().all(|(name, _)| *name != "AWS_REGION");
        let mut all = vec![("THREEFACTOR_CLOUDFORMATION_ROLE", CLOUDFORMATION_ROLE)];
        all.extend(is_pipeline.then_some(("AWS_EXECUTION_ENV", "threefactor-pipeline")));
        all.extend(env);
        self.run(&program, args, &all).await
    }

    /// Everything that was called so far is permitted by the role of the pipeline (infra/pipeline/roles.yaml).
    pub(super) async fn the_pipeline_has_the_rights(&self) {
        let calls = self.ministack.calls();
        let compare = dirs::root().join("infra/tests/rights.py");
        let args = [compare.to_str(), calls.to_str(), Some(STAGE), Some(REGION)];
        let args = args.map(|argument| argument.expect("UTF-8"));
        let ran = self
            .run(&self.ministack.tools().program("python"), &args, &[])
            .await;
        assert!(ran.success && ran.stdout.contains(" calls of "), "{ran:?}");
    }

    /// Output of the AWS CLI, if the command succeeds.
    pub(super) async fn aws(&self, args: &[&str], env: &[(&str, &str)]) -> Option<Value> {
        let program = self.ministack.tools().program("aws");
        let env = [&[("AWS_DEFAULT_OUTPUT", "json")][..], env].concat();
        let ran = self.run(&program, args, &env).await;
        ran.success
            .then(|| serde_json::from_str(&ran.stdout).unwrap_or_default())
    }

    /// Description of the stack, if it exists.
    pub(super) async fn stack(&self, env: &[(&str, &str)]) -> Option<Value> {
        let name = format!("threefactor-{STAGE}");
        let describe = ["cloudformation", "describe-stacks", "--stack-name", &name];
        Some(self.aws(&describe, env).await?["Stacks"][0].clone())
    }

    /// Settings of a function that a version contains, with its code; of the version behind `live`, or of the newest one.
    pub(super) async fn settings(&self, function: &str, live: bool) -> Map<String, Value> {
        let name = format!("threefactor-{STAGE}-{function}");
        let mut describe = vec!["lambda", "get-function-configuration", "--function-name", &name];
        if live {
            describe.extend(["--qualifier", "live"]);
        }
        let found = self.aws(&describe, &[]).await.expect("the function");
        let found = found.as_object().expect("an object");
        let settings = [
            "Architectures",
            "CodeSha256",
            "Environment",
            "Handler",
            "Layers",
            "LoggingConfig",
            "MemorySize",
            "Role",
            "Runtime",
            "Timeout",
            "TracingConfig",
            "VpcConfig",
        ];
        found
            .iter()
            .filter(|(name, _)| settings.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// Callers use the alias `live`: its settings are those that the stack has configured last.
    pub(super) async fn callers_use_the_newest_settings(
        &self,
        functions: impl IntoIterator<Item = &'static str>,
    ) {
        for function in functions {
            let live = self.settings(function, true).await;
            assert!(live.contains_key("Environment"), "{live:?}");
            assert_eq!(live, self.settings(function, false).await, "{function}");
        }
    }

    /// Version behind `live`.
    pub(super) async fn live_version(&self, function: &str) -> String {
        let name = format!("threefactor-{STAGE}-{function}");
        let alias = ["lambda", "get-alias", "--function-name", &name, "--name", "live"];
        let alias = self.aws(&alias, &[]).await.expect("the alias");
        alias["FunctionVersion"].as_str().expect("a version").to_owned()
    }
}

/// Returns the entry of a list whose field `key` has this value.
pub(super) fn named<'a>(list: &'a Value, key: &str, value: &str) -> &'a Value {
    let entries = list.as_array().into_iter().flatten();
    entries
        .into_iter()
        .find(|entry| entry[key] == value)
        .unwrap_or_else(|| panic!("no {key} {value} in {list}"))
}
