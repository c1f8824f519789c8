//! The build of a pgBouncer refuses a source that differs from its hash.

use local_tools::pgbouncer::{DEBIAN_13, Source, build_in};

#[test]
fn source_that_differs_from_its_hash_is_not_built() {
    let dir = tempfile::tempdir().unwrap();
    let sha256 = "0".repeat(64);
    let other = Source {
        sha256: &sha256,
        ..DEBIAN_13
    };
    build_in(dir.path(), other).unwrap_err();
    assert!(!dir.path().join("pgbouncer-1.24.1").exists());
}
