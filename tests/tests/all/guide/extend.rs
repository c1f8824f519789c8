//! docs/extend.md in a copy of the project: its commands and changes, and a stack that contains the new function.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use local_process::{
    dirs,
    environment::{self, Kind},
    logs::{Destination, Logs},
    ports,
    process::{Program, Running, Signal},
    watchdog::Watchdog,
};
use local_stack::addresses::Addresses;
use testkit::eventually_within;

use super::{
    markdown::{self, Block},
    read,
    shell::{self, Shell, Step},
};

/// Function that the page adds.
const FUNCTION: &str = "notify-kitchen";

/// Time after which a stack counts as never starting.
const STARTING: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn extending_the_workflow_works_as_documented() {
    let copy = Copy::new();
    let page = markdown::blocks(&read("docs/extend.md"));
    let (mut before, mut after): (Vec<Block>, Vec<Block>) = page
        .into_iter()
        .partition(|block| !block.section.starts_with("4."));
    before.retain(|block| ["sh", "diff"].contains(&block.kind.as_str()));
    after.retain(|block| block.kind == "sh");
    assert!(before.len() >= 4 && after.len() >= 5);
    for block in &before {
        match block.kind.as_str() {
            "diff" => copy.apply(block),
            _ => copy.xtask(block),
        }
    }
    // The page says so.
    let again = copy.new_step(&["new-step", FUNCTION]);
    let reason = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && reason.contains("exists"), "{reason}");

    tokio::task::block_in_place(|| copy.build());
    let logs = Logs::new(Destination::Kept);
    let (stack, addresses) = copy.start(&logs).await;
    let mut shell = Shell::on(&addresses);
    for block in &after {
        shell.run(block, true).await;
    }
    stack.stop(Signal::INT, Duration::from_secs(30)).await;
}

/// A copy of the project, whose builds use the dependencies of this one.
struct Copy {
    directory: tempfile::TempDir,
    bin_dir: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        copy(&dirs::root(), directory.path());
        Self {
            directory,
            bin_dir: dirs::bin_dir().expect("the binaries"),
        }
    }

    fn root(&self) -> &Path {
        self.directory.path()
    }

    /// Runs `cargo xtask` of a block: the existing binary, for the copy.
    fn xtask(&self, block: &Block) {
        for Step { script, shown } in shell::steps(&block.text) {
            let words: Vec<&str> = script.split_whitespace().collect();
            let ["cargo", "xtask", arguments @ ..] = &words[..] else {
                panic!("line {}: the test cannot run {script}", block.line);
            };
            let output = self.new_step(arguments);
            let printed = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(
                output.status.success() && shell::matches(&shown, &printed),
                "line {}: {script}\n{printed}\n{}",
                block.line,
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }

    fn new_step(&self, arguments: &[&str]) -> Output {
        Command::new(self.bin_dir.join("xtask"))
            .args(arguments)
            .env("THREEFACTOR_ROOT", self.root())
            .current_dir(self.root())
            .stdin(Stdio::null())
            .output()
            .expect("xtask is built")
    }

    /// Applies the change in a block.
    fn apply(&self, block: &Block) {
        let patch = self.root().join("target-of-the-test.patch");
        fs::write(&patch, &block.text).expect("the patch is written");
        let output = Command::new("git")
            .args(["apply", "--verbose"])
            .arg(&patch)
            .current_dir(self.root())
            // The copy may be in a directory of another repository.
            .env("GIT_CEILING_DIRECTORIES", env::temp_dir())
            .output()
            .expect("git");
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "line {}: {printed}", block.line);
        fs::remove_file(patch).expect("the patch exists");
    }

    /// Builds the new function; `--locked`, because Cargo.lock has to contain it.
    fn build(&self) {
        let profile = self.bin_dir.file_name().expect("a directory of a profile");
        let target = self.bin_dir.parent().expect("a target directory");
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["build", "--quiet", "--locked", "--package", FUNCTION, "--profile"])
            .arg(if profile == "debug" {
                "dev".as_ref()
            } else {
                profile
            })
            .current_dir(self.root());
        // Variables that cargo sets for this test would change the fingerprints of dependencies.
        let output = environment::restrict(&mut cargo, Kind::Cargo)
            .env("CARGO_TARGET_DIR", target)
            .stdin(Stdio::null())
            .output()
            .expect("cargo");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Starts the stack of the copy.
    async fn start(&self, logs: &Logs) -> (Running, Addresses) {
        let file = self.root().join("addresses.json");
        let offset = offset().to_string();
        let watchdog = Watchdog::start(&self.bin_dir);
        let running = Program::new("local", &self.bin_dir.join("local"))
            .args([
                "dev",
                "--ephemeral",
                "--open",
                "--no-apps",
                "--port-offset",
                &offset,
            ])
            .args(["--addresses", &file.to_string_lossy()])
            .env("THREEFACTOR_ROOT", self.root())
            .env("THREEFACTOR_BIN_DIR", &self.bin_dir)
            .start(logs, &watchdog)
            .expect("local starts");
        eventually_within(STARTING, "the stack is ready", async || {
            let output = logs.last_output("local");
            assert!(running.status().is_none(), "local exited: {output:?}");
            file.exists().then_some(())
        })
        .await;
        let addresses = Addresses::read(&file).expect("the addresses");
        (running, addresses)
    }
}

impl Drop for Copy {
    /// Removes what the build has added to the directory of the binaries.
    fn drop(&mut self) {
        for file in [FUNCTION.to_owned(), format!("{FUNCTION}.d")] {
            let _ = fs::remove_file(self.bin_dir.join(file));
        }
    }
}

/// A port offset that is free for all services.
fn offset() -> u16 {
    loop {
        // The port of Postgres is reserved against other tests.
        let offset = ports::free().expect("a free port") - 15_432;
        let others = [6_432, 8_080, 8_081];
        if others.iter().all(|base: &u16| ports::is_free(base + offset)) {
            return offset;
        }
    }
}

/// Copies the files of the project without what is built or installed.
fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a readable directory").flatten() {
        let name = entry.file_name();
        if [".git", ".local", "target", "node_modules", "dist"].contains(&&*name.to_string_lossy()) {
            continue;
        }
        let (from, to) = (entry.path(), to.join(&name));
        if entry.file_type().expect("its kind").is_dir() {
            fs::create_dir(&to).expect("a new directory");
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a copied file");
        }
    }
}
