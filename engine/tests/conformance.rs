//! Conformance with Hasura: runs cases from a directory next to the checkout (`../shared/conformance`, or the value of
//! `CONFORMANCE_DIR`) against the engine's binary with its own database. Without the directory the run is skipped. Prints
//! a line per class, the failures, the totals, and finally `N passed, N failed, N skipped`.
//!
//! `conformance-passes.txt` contains the number of passes of each group of classes: a run with fewer in one of them fails,
//! and `CONFORMANCE_RECORD=1` updates it.
//! An argument (`cargo test -p engine --test conformance -- TestRunSQL`) selects the classes whose name contains it.

#[path = "conformance/case.rs"]
mod case;
#[path = "conformance/compare.rs"]
mod compare;
#[path = "conformance/manifest.rs"]
mod manifest;
#[path = "conformance/passes.rs"]
mod passes;
#[path = "conformance/process.rs"]
mod process;
#[path = "conformance/report.rs"]
mod report;
#[path = "conformance/request.rs"]
mod request;
#[path = "conformance/socket.rs"]
mod socket;

use manifest::{Class, Kind};
use report::Report;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use testkit::TestDatabase;

/// Name of the only test in this binary.
const NAME: &str = "conformance";

#[tokio::main]
async fn main() -> ExitCode {
    // cargo-nextest lists the tests of a binary and runs each by its name.
    if std::env::args().any(|argument| argument == "--list") {
        if !std::env::args().any(|argument| argument == "--ignored") {
            println!("{NAME}: test");
        }
        return ExitCode::SUCCESS;
    }
    let Some(folder) = folder() else {
        println!(
            "conformance: skipped; ../shared/conformance does not exist, and CONFORMANCE_DIR is not set"
        );
        println!("0 passed, 0 failed, 0 skipped");
        return ExitCode::SUCCESS;
    };
    let filter = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-') && argument != NAME);
    let classes = manifest::load(&folder);
    let database = TestDatabase::create("meta_conformance").await;
    let Some(engine) = process::Engine::start(database.url(), &BTreeMap::new()).await else {
        eprintln!("conformance: the engine does not start");
        return ExitCode::FAILURE;
    };
    let mut report = Report::new(filter.is_none());
    for class in classes
        .iter()
        .filter(|class| filter.as_ref().is_none_or(|part| class.name.contains(part)))
    {
        report.begin(class);
        if !class.needs.is_empty() {
            report.skip_class(&format!("requires {}", class.needs.join(", ")));
        } else if class.engine_options.is_empty() {
            run_class(&engine, &folder, class, &mut report).await;
        } else {
            let database = TestDatabase::create("meta_conformance").await;
            match process::Engine::start(database.url(), &class.engine_options).await {
                Some(engine) => {
                    run_class(&engine, &folder, class, &mut report).await;
                    engine.stop().await;
                }
                None => report.fail_class("the engine does not start with the options of the class"),
            }
        }
        report.end();
    }
    engine.stop().await;
    report.finish()
}

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance");
    let folder = std::env::var_os("CONFORMANCE_DIR").map_or_else(beside, PathBuf::from);
    folder.join("manifest.json").exists().then_some(folder)
}

async fn run_class(engine: &process::Engine, folder: &Path, class: &Class, report: &mut Report) {
    engine.reset().await;
    let geography = ["postgis", "geometry", "geography", "raster"];
    if class.mentions(folder, &geography) && !engine.has_extension("postgis").await {
        report.excuse_class("PostGIS is not installed");
        return;
    }
    if class.mentions(folder, &["en_us"]) && !engine.takes("SET lc_monetary TO 'en_US.utf-8'").await {
        report.excuse_class("the locale en_US.UTF-8 is not installed");
        return;
    }
    let once = class.setup_once();
    if let Err(reason) = engine.post_files(folder, &once).await {
        report.fail_class(&format!("setup: {reason}"));
        return;
    }
    for test in &class.tests {
        let each = class.setup_each();
        let result = match engine.post_files(folder, &each).await {
            Ok(()) => engine.run(folder, test).await,
            Err(reason) => Err(format!("setup: {reason}")),
        };
        report.test(test, result);
        if let Err(reason) = engine.post_files(folder, &class.teardown_each()).await {
            report.note(&format!("{}: teardown: {reason}", test.name));
            if class.kind == Kind::PerMethod {
                engine.reset().await;
            }
        }
    }
    if let Err(reason) = engine.post_files(folder, &class.teardown_once()).await {
        report.note(&format!("teardown: {reason}"));
    }
}
