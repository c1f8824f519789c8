//! Python tools of the AWS deployment, in a virtual environment under target/: cargo-lambda, the AWS CLI, cfn-lint,
//! pytest and the emulator ministack. Versions: `infra/tests/requirements.txt`.
//!
//! The first process that needs the tools installs them and reports that on stderr; others wait. They are installed
//! again if the requirements change or target/ is copied.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::programs;
use local_process::dirs;
use local_process::environment::{self, Kind};

#[derive(Debug, Clone)]
pub struct Tools {
    dir: PathBuf,
}

impl Tools {
    /// Returns the tools and installs them if necessary, which takes about half a minute.
    pub fn ready() -> Result<Self> {
        let bin_dir = dirs::bin_dir()?;
        let target = bin_dir.parent().unwrap_or(&bin_dir);
        Self::ready_in(&target.join("python"), &requirements("requirements.txt"))
    }

    /// [`Self::ready`] in a directory of the caller's choice.
    pub fn ready_in(dir: &Path, requirements: &Path) -> Result<Self> {
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
        }
        let tools = Self {
            dir: dir.to_path_buf(),
        };
        // Several test processes may need them at the same time.
        let _lock = tools.lock()?;
        let pins = read(requirements)?;
        // Scripts of a virtual environment contain its path: a copied or moved one does not work.
        let stamp = format!("{}\n{pins}", dir.display());
        let stamp_file = dir.join("installed.txt");
        if fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
            return Ok(tools);
        }
        let python = programs::python()?;
        let names: Vec<&str> = pins
            .lines()
            .filter(|line| !line.starts_with('#'))
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
        run(environment::restrict(&mut Command::new(python), Kind::Packages)
            .args(["-m", "venv"])
            .arg(dir))?;
        tools.install(requirements)?;
        fs::write(&stamp_file, stamp).with_context(|| format!("cannot write {}", stamp_file.display()))?;
        Ok(tools)
    }

    /// Installs the packages for cross-compilation.
    pub fn add_cross(&self) -> Result<()> {
        let _lock = self.lock()?;
        let requirements = requirements("requirements-cross.txt");
        let pins = read(&requirements)?;
        let stamp_file = self.dir.join("installed-cross.txt");
        if fs::read_to_string(&stamp_file).is_ok_and(|found| found == pins) {
            return Ok(());
        }
        eprintln!("installing the cross-compiler (ziglang, 400 MB)");
        self.install(&requirements)?;
        fs::write(&stamp_file, pins).with_context(|| format!("cannot write {}", stamp_file.display()))
    }

    /// Path of one of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// Directory of the programs, to be put first on a PATH: `cargo lambda` and cargo-lambda search there.
    pub(crate) fn bin(&self) -> PathBuf {
        self.dir.join("bin")
    }

    /// A PATH with the programs first.
    pub fn path(&self) -> std::ffi::OsString {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let dirs = std::iter::once(self.bin()).chain(std::env::split_paths(&others));
        std::env::join_paths(dirs).unwrap_or(others)
    }

    fn install(&self, requirements: &Path) -> Result<()> {
        run(
            environment::restrict(&mut Command::new(self.program("python")), Kind::Packages)
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .args(["--no-deps", "--require-hashes", "--requirement"])
                .arg(requirements),
        )
    }

    /// The lock is held until the file is closed.
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

/// Standard output is reserved for results, so the command's output goes to stderr.
fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    ensure!(
        status.success(),
        "{} {} failed ({status}); see its output above",
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
