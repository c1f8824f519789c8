//! A sequence of metadata commands, one JSON document per line, on metadata in memory: no panic; a refused command changes nothing; after
//! each command the state is what resolving its document gives, and the exported metadata is read again as the same.

#![no_main]

use engine_admin::{AdminContext, DryRun};
use engine_model::metadata::versions;
use engine_model::session::Session;
use engine_plan::schema_cache::ResolvedMetadata;
use fuzz::metadata::{admin, schema};
use fuzz::server::runtime;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;

/// Maximum number of commands of an input: their checks resolve all metadata.
const MAX_COMMANDS: usize = 12;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(runtime);
static ADMIN: LazyLock<AdminContext> = LazyLock::new(|| {
    let _inside = RUNTIME.enter();
    admin(schema())
});

fuzz_target!(|data: &[u8]| {
    let session = Session::admin();
    RUNTIME.block_on(async {
        let mut dry_run = DryRun::begin(&ADMIN, &session).await;
        for line in data.split(|&byte| byte == b'\n').take(MAX_COMMANDS) {
            let Ok(command) = serde_json::from_slice::<Value>(line) else {
                continue;
            };
            let is_bulk = command["type"].as_str().is_some_and(|kind| kind.contains("bulk"));
            let before = dry_run.now();
            let result = dry_run.run(command).await;
            let now = dry_run.now();
            if let Err(error) = result {
                assert!(!error.message.is_empty());
                if is_bulk {
                    // Only the outermost transaction undoes the earlier commands of a bulk.
                    return;
                }
                unchanged(&before, &now);
            }
            consistent(&now);
            stable(&now);
        }
    });
});

fn unchanged(before: &ResolvedMetadata, now: &ResolvedMetadata) {
    assert_eq!(before.metadata, now.metadata);
    assert_eq!(before.inconsistent, now.inconsistent);
    assert_eq!(before.permissions, now.permissions);
    assert_eq!(tables(before), tables(now));
}

/// The state must equal that of the whole document.
fn consistent(now: &ResolvedMetadata) {
    let expected = ResolvedMetadata::new(Arc::clone(&now.metadata), Arc::clone(&now.catalog));
    assert_eq!(now.inconsistent, expected.inconsistent);
    assert_eq!(now.permissions, expected.permissions);
    assert_eq!(tables(now), tables(&expected));
}

fn tables(state: &ResolvedMetadata) -> String {
    format!("{:?}", state.tracked.tables)
}

/// Stored metadata must be readable as the same metadata.
fn stable(now: &ResolvedMetadata) {
    let exported = serde_json::to_string(&*now.metadata).expect("metadata is JSON");
    let document = serde_json::from_str(&exported).expect("exported metadata is JSON");
    let read = versions::read(document).expect("exported metadata is valid");
    assert_eq!(serde_json::to_string(&read).expect("metadata is JSON"), exported);
}
