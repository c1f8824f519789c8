//! An AWS account on the emulator: the templates are launched with functions that cannot run, and without services behind them. For
//! what happens to an installation, not for orders.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use local_process::dirs;
use local_services::functions::functions as listed;
use serde_json::Value;
use tests::ministack::Ministack;

use super::commands::{ARCHITECTURE, Commands, Ran, STAGE, named};

/// The functions of an installation with the login function.
pub(super) fn functions() -> impl Iterator<Item = &'static str> {
    let all = &listed().expect("functions.json").all;
    all.iter().map(|function| function.name.as_str())
}

/// A new account, and a directory with templates and zips.
pub(super) struct Account {
    pub(super) ministack: Ministack,
    root: tempfile::TempDir,
}

impl Account {
    pub(super) async fn open() -> Self {
        let account = Self {
            ministack: Ministack::start().await,
            root: tempfile::tempdir().expect("a directory"),
        };
        let infra = account.root.path().join("infra");
        fs::create_dir(&infra).expect("infra/");
        for entry in fs::read_dir(dirs::root().join("infra")).expect("infra/") {
            let path = entry.expect("a file").path();
            if path.is_file() {
                fs::copy(&path, infra.join(path.file_name().expect("a name"))).expect("a copy");
            }
        }
        let list = "functions/functions.json";
        fs::create_dir(account.root.path().join("functions")).expect("functions/");
        fs::copy(dirs::root().join(list), account.root.path().join(list)).expect("a copy");
        for function in listed().expect("functions.json").deployed() {
            account.write_zip(function, "first");
        }
        account
    }

    /// Writes the zip of a function; its program differs by `content`.
    pub(super) fn write_zip(&self, function: &str, content: &str) {
        let dir = self.zips().join(function);
        fs::create_dir_all(&dir).expect("a directory");
        // An ELF header with the machine of the architecture.
        let mut program = b"\x7fELF".to_vec();
        program.resize(18, 0);
        program.extend([if ARCHITECTURE == "arm64" { 183 } else { 62 }, 0]);
        program.extend(content.as_bytes());
        fs::write(dir.join("bootstrap"), program).expect("a program");
        let zipped = Command::new(self.ministack.tools().program("python"))
            .args(["-m", "zipfile", "-c", "bootstrap.zip", "bootstrap"])
            .current_dir(&dir)
            .status()
            .expect("python");
        assert!(zipped.success(), "{function}");
    }

    /// Directory of the zips.
    pub(super) fn zips(&self) -> PathBuf {
        self.root.path().join("target/lambda")
    }

    pub(super) fn commands(&self) -> Commands<'_> {
        let root: &Path = self.root.path();
        Commands {
            ministack: &self.ministack,
            home: root,
            root: root.to_path_buf(),
            bin_dir: root.join("target/bin"),
        }
    }

    /// Runs `cargo xtask deploy` for the stage.
    pub(super) async fn deploy(&self, args: &[&str]) -> Ran {
        self.deploy_in(args, &[]).await
    }

    pub(super) async fn deploy_in(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let all = [&["deploy", "--stage", STAGE, "--skip-hasura"][..], args].concat();
        self.commands().xtask(&all, env).await
    }

    /// Value of a parameter of the stack.
    pub(super) async fn parameter(&self, name: &str) -> String {
        let stack = self.commands().stack(&[]).await.expect("the stack");
        let parameter = named(&stack["Parameters"], "ParameterKey", name);
        parameter["ParameterValue"].as_str().expect("a value").to_owned()
    }

    /// Description of the database, if it exists.
    pub(super) async fn database(&self) -> Option<Value> {
        let id = format!("threefactor-{STAGE}");
        let describe = ["rds", "describe-db-instances", "--db-instance-identifier", &id];
        Some(self.commands().aws(&describe, &[]).await?["DBInstances"][0].clone())
    }

    /// Number of snapshots of databases.
    pub(super) async fn snapshots(&self) -> usize {
        let listed = self.commands().aws(&["rds", "describe-db-snapshots"], &[]).await;
        listed.expect("a list")["DBSnapshots"]
            .as_array()
            .map_or(0, Vec::len)
    }

    pub(super) async fn close(self) {
        self.ministack.stop().await;
    }
}
