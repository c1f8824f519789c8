//! The build of a pgBouncer refuses a source that differs from its hash. The source is a local archive, so that the hash is the only
//! possible reason.

use std::fs;
use std::path::Path;
use std::process::Command;

use local_tools::pgbouncer::{APT_HELPER, Source, build_in};

/// Replaces the script of a real source.
const CONFIGURE: &str = "#!/bin/sh\nprintf 'pgbouncer:\\n\\tcp source pgbouncer\\n' > Makefile\n";

/// Packs an archive with a program that is built by copying it; returns the SHA-256 of the archive.
fn pack(dir: &Path, archive: &Path) -> anyhow::Result<String> {
    let sources = dir.join("pgbouncer-1.99.0");
    fs::create_dir(&sources)?;
    fs::write(sources.join("configure"), CONFIGURE)?;
    fs::write(sources.join("source"), "#!/bin/sh\necho PgBouncer 1.99.0\n")?;
    let run = |program: &str, args: &[&str]| {
        let output = Command::new(program).current_dir(dir).args(args).output()?;
        anyhow::ensure!(output.status.success(), "{output:?}");
        anyhow::Ok(String::from_utf8(output.stdout)?)
    };
    run("chmod", &["+x", "pgbouncer-1.99.0/source"])?;
    let archive = archive.to_str().unwrap_or_default();
    run("tar", &["-czf", archive, "pgbouncer-1.99.0"])?;
    let hash = run("sha256sum", &[archive])?;
    Ok(hash.split(' ').next().unwrap_or_default().to_owned())
}

#[test]
fn only_the_source_with_the_right_hash_is_built() {
    if !Path::new(APT_HELPER).exists() {
        eprintln!("SKIPPED: only Debian's tools build a pgBouncer");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("archive.tar.gz");
    let right = pack(dir.path(), &archive).unwrap();
    let url = format!("copy:{}", archive.display());
    let target = dir.path().join("target");
    let build = |sha256: &str| {
        let source = Source {
            version: "1.99.0",
            url: &url,
            sha256,
        };
        build_in(&target, source)
    };
    let program = target.join("pgbouncer-1.99.0");

    let error = build(&"0".repeat(64)).unwrap_err().to_string();
    assert!(error.contains("Hash Sum mismatch"), "{error}");
    assert!(!program.exists());

    assert_eq!(build(&right).unwrap(), program);
    let output = Command::new(&program).output().unwrap();
    assert_eq!(output.stdout, b"PgBouncer 1.99.0\n");
}
