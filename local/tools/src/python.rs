//! The Python tools of the AWS path, in a virtual environment under target/: cargo-lambda, the AWS CLI, cfn-lint, pytest
//! and ministack, the emulator. Which versions: `infra/tests/requirements.txt`.
//!
//! The first who asks installs them and says so; the others wait. A changed requirements file or a copied target/
//! directory makes them anew.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::programs;
use local_process::dirs;

/// Installed tools.
#[derive(Debug, Clone)]
pub struct Tools {
    dir: PathBuf,
}

impl Tools {
    /// The tools, installed if they are not there yet: about half a minute, once.
    ///
    /// # Errors
    /// When there is no Python and it cannot be installed, or when pip fails; it says why on stderr.
    pub fn ready() -> Result<Self> {
        let bin_dir = dirs::bin_dir()?;
        let target = bin_dir.parent().unwrap_or(&bin_dir);
        Self::ready_in(&target.join("python"), &requirements("requirements.txt"))
    }

    /// The same in a directory of the caller's choice.
    ///
    /// # Errors
    /// As [`Self::ready`].
    pub fn ready_in(dir: &Path, requirements: &Path) -> Result<Self> {
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        let tools = Self {
            dir: dir.to_path_buf(),
        };
        // Several test processes may need them at the same moment.
        let _lock = tools.lock()?;
        let pins = read(requirements)?;
        // Scripts of a virtual environment hold its path: one that was copied or moved works no more.
        let stamp = format!("{}\n{pins}", dir.display());
        let stamp_file = dir.join("installed.txt");
        if fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
            return Ok(tools);
        }
        let python = programs::python()?;
        let names: Vec<&str> = pins
            .lines()
            .filter_map(|line| line.split_once("==").map(|(name, _)| name))
            .collect();
        eprintln!(
            "installing {} Python packages ({}, …) into {}",
            names.len(),
            names.iter().take(3).copied().collect::<Vec<_>>().join(", "),
            dir.display()
        );
        if dir.exists() {
            fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
        run(Command::new(python).args(["-m", "venv"]).arg(dir))?;
        tools.install(requirements)?;
        fs::write(&stamp_file, stamp).with_context(|| format!("cannot write {}", stamp_file.display()))?;
        Ok(tools)
    }

    /// Adds what building for another architecture needs.
    ///
    /// # Errors
    /// When pip fails; it says why on stderr.
    pub fn add_cross(&self) -> Result<()> {
        let _lock = self.lock()?;
        let requirements = requirements("requirements-cross.txt");
        let pins = read(&requirements)?;
        let stamp_file = self.dir.join("installed-cross.txt");
        if fs::read_to_string(&stamp_file).is_ok_and(|found| found == pins) {
            return Ok(());
        }
        eprintln!("installing what building for another architecture needs (ziglang, 400 MB)");
        self.install(&requirements)?;
        fs::write(&stamp_file, pins).with_context(|| format!("cannot write {}", stamp_file.display()))
    }

    /// A program of theirs, by its name.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// The directory of their programs, to be put first on a PATH: `cargo lambda` and cargo-lambda itself look there.
    pub(crate) fn bin(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// A PATH with their programs first.
    pub fn path(&self) -> std::ffi::OsString {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let dirs = std::iter::once(self.bin()).chain(std::env::split_paths(&others));
        std::env::join_paths(dirs).unwrap_or(others)
    }

    fn install(&self, requirements: &Path) -> Result<()> {
        run(Command::new(self.program("python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--requirement"])
            .arg(requirements))
    }

    /// Held until the file is closed.
    fn lock(&self) -> Result<File> {
        let path = self.dir.with_extension("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        file.lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(file)
    }
}

fn requirements(name: &str) -> PathBuf {
    dirs::root().join("infra/tests").join(name)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Runs it with its output on stderr: standard output is for results.
fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    ensure!(
        status.success(),
        "{} {} failed ({status}); it says why above",
        command.get_program().display(),
        command
            .get_args()
            .take(3)
            .map(|arg| arg.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    );
    Ok(())
}
