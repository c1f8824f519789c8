//! Zips of the functions: built for the target architecture, checked and hashed.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{Architecture, root_of_target};
use local_services::functions::{functions as listed, hash_parameter};
use local_stack::functions::{self, Output};
use local_tools::python::Tools;

/// glibc version of Lambda's provided.al2023.
const LAMBDA_GLIBC: (u32, u32) = (2, 34);

/// Builds natively if this machine has the target architecture, otherwise with zig.
pub(super) fn build(architecture: Architecture) -> Result<()> {
    root_of_target()?;
    let native = cfg!(target_os = "linux")
        && match architecture {
            Architecture::Arm64 => cfg!(target_arch = "aarch64"),
            Architecture::X86 => cfg!(target_arch = "x86_64"),
        };
    let wanted = match architecture {
        _ if native => functions::Architecture::Host,
        Architecture::Arm64 => functions::Architecture::Arm64,
        Architecture::X86 => functions::Architecture::X86,
    };
    eprintln!(
        "building the functions for {} (the first build takes minutes)",
        architecture.name()
    );
    functions::build(&Tools::ready()?, wanted, Output::Zip)
}

/// Existing zips of all functions.
#[derive(Debug)]
pub(super) struct Zips(Vec<Zip>);

#[derive(Debug)]
struct Zip {
    function: &'static str,
    sha256: String,
    bytes: usize,
}

impl Zips {
    /// Finds those of the named functions, or all of them. Returns an error if one is missing, has another architecture, or needs a newer
    /// glibc.
    pub(super) fn find(architecture: Architecture, only: &[String]) -> Result<Self> {
        let dir = root_of_target()?.join("target/lambda");
        let zips = listed()?
            .deployed()
            .filter(|function| only.is_empty() || only.iter().any(|name| name == function))
            .map(|function| Zip::read(&dir, function, architecture));
        Ok(Self(zips.collect::<Result<_>>()?))
    }

    /// The hash parameters, which make a new zip a new version.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let pairs = self.0.iter();
        pairs
            .map(|zip| (hash_parameter(zip.function), zip.sha256.clone()))
            .collect()
    }

    /// Names and sizes.
    pub(super) fn describe(&self) -> String {
        let each = self
            .0
            .iter()
            .map(|zip| format!("{} {} kB", zip.function, zip.bytes / 1000));
        each.collect::<Vec<_>>().join(", ")
    }
}

impl Zip {
    fn read(dir: &Path, function: &'static str, architecture: Architecture) -> Result<Self> {
        let path = dir.join(function).join("bootstrap.zip");
        let zip = fs::read(&path)
            .with_context(|| format!("{} is missing; omit --skip-build to build it", path.display()))?;
        let program = program(&zip, &path)?;
        check(&program, architecture).with_context(|| path.display().to_string())?;
        Ok(Self {
            function,
            sha256: STANDARD.encode(Sha256::digest(&zip)),
            bytes: zip.len(),
        })
    }
}

/// Extracts `bootstrap`.
fn program(zip: &[u8], path: &Path) -> Result<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip))
        .with_context(|| format!("{} is not a zip archive", path.display()))?;
    let mut file = archive
        .by_name("bootstrap")
        .with_context(|| format!("{} does not contain bootstrap", path.display()))?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut file, &mut bytes)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(bytes)
}

/// Returns an error if provided.al2023 cannot run this ELF file.
fn check(program: &[u8], architecture: Architecture) -> Result<()> {
    // Field e_machine of the ELF header.
    let machine = program
        .get(18..20)
        .filter(|_| program.starts_with(b"\x7fELF"))
        .context("not a Linux executable")?;
    let wanted = match architecture {
        Architecture::Arm64 => [183, 0],
        Architecture::X86 => [62, 0],
    };
    ensure!(
        machine == wanted,
        "executable is not for {}; rebuild it, or choose the other --architecture",
        architecture.name()
    );
    let needed = glibc(program);
    ensure!(
        needed <= LAMBDA_GLIBC,
        "executable requires glibc {}.{}, but Lambda's provided.al2023 has {}.{}; build it on an older Linux, or for the \
         other architecture, which is built with zig",
        needed.0,
        needed.1,
        LAMBDA_GLIBC.0,
        LAMBDA_GLIBC.1
    );
    Ok(())
}

/// Highest glibc version among the program's symbols, as in `GLIBC_2.34`.
fn glibc(program: &[u8]) -> (u32, u32) {
    const PREFIX: &[u8] = b"GLIBC_";
    let mut newest = (0, 0);
    for start in memchr::memmem::find_iter(program, PREFIX) {
        let rest = &program[start + PREFIX.len()..];
        let end = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit() && *byte != b'.');
        let version = String::from_utf8_lossy(&rest[..end.unwrap_or(0)]).into_owned();
        if let Some((major, minor)) = version.split_once('.')
            && let (Ok(major), Ok(minor)) =
                (major.parse(), minor.split('.').next().unwrap_or_default().parse())
        {
            newest = newest.max((major, minor));
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(machine: u8, symbols: &str) -> Vec<u8> {
        let mut program = b"\x7fELF".to_vec();
        program.resize(18, 0);
        program.extend([machine, 0]);
        program.extend(symbols.as_bytes());
        program
    }

    #[test]
    fn executables_that_lambda_cannot_run_are_rejected() {
        let good = elf(62, "GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_PRIVATE\0");
        assert_eq!(glibc(&good), (2, 34));
        check(&good, Architecture::X86).unwrap();
        let other = check(&good, Architecture::Arm64).unwrap_err().to_string();
        assert!(other.contains("arm64"), "{other}");
        let newer = check(&elf(183, "GLIBC_2.39\0"), Architecture::Arm64)
            .unwrap_err()
            .to_string();
        assert!(newer.contains("2.39"), "{newer}");
        assert!(check(b"#!/bin/sh", Architecture::X86).is_err());
    }
}
