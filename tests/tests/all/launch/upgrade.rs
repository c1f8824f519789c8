//! An upgrade of the running stage: the schema and the rights of the functions come before the code that needs them, and orders continue.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use local_process::dirs;
use local_stack::engine::Engine;
use serde_json::json;

use super::cloud::Cloud;
use super::{place, until};

/// Column that the next release adds, reads and may read.
const COLUMN: &str = "ALTER TABLE orders ADD COLUMN IF NOT EXISTS recalled boolean NOT NULL DEFAULT false;\n";
const FUNCTION: &str = "restaurant-approval";
/// In the statement of the function, with texts of the same length, because it is replaced in the program.
const STATEMENT: [&str; 2] = [
    "o.problem IS NOT NULL                     AS refused",
    "o.problem IS NOT NULL OR o.recalled       AS refused",
];
/// In its rights.
const RIGHTS: [&str; 2] = [
    "'SELECT (order_id, trace_id, restaurant_id, problem, order_valid, payment_valid, approved, closed) ON public.orders'",
    "'SELECT (order_id, trace_id, restaurant_id, problem, order_valid, payment_valid, approved, closed, recalled) ON public.orders'",
];

/// The new version is checked with an order (`VersionCheck`): without the column and the right to read it, its callers would not receive it.
pub(super) async fn orders_continue(cloud: &Cloud, engine: &Engine, api: &str) {
    let before = cloud.function(FUNCTION).await;
    let release = next_release(cloud);
    let deployed = Cell::new(false);
    let deployment = async {
        let ran = cloud.deploy_from(release.path(), engine).await;
        deployed.set(true);
        ran
    };
    let orders = async {
        let mut number = 0;
        while number == 0 || !deployed.get() {
            number += 1;
            complete(cloud, engine, api, &format!("during-{number}")).await;
        }
    };
    let (ran, ()) = tokio::join!(deployment, orders);
    assert!(ran.success, "{ran:?}");
    let at = |step: &str| ran.stderr.find(step).unwrap_or_else(|| panic!("{step}: {ran:?}"));
    assert!(
        at("adding the rights of the functions' roles") < at("updating threefactor-ci"),
        "{ran:?}"
    );
    complete(cloud, engine, api, "after").await;
    assert_ne!(before.version, cloud.function(FUNCTION).await.version);
    let refused = "SELECT count(*) FROM hdb_catalog.event_invocation_logs AS l JOIN hdb_catalog.event_log AS e ON e.id = l.event_id
                   WHERE e.trigger_name = 'restaurant-approval' AND l.status IS DISTINCT FROM 200";
    let row = cloud.database.query_one(refused, &[]).await.expect("the log");
    assert_eq!(row.get::<_, i64>(0), 0, "each call of either version succeeded");
    assert_eq!(
        cloud.parameter("NewSchema").await,
        "false",
        "checked with an order: {ran:?}"
    );
}

async fn complete(cloud: &Cloud, engine: &Engine, api: &str, order: &str) {
    place(cloud, engine, order).await;
    until(cloud, order, "validated").await;
    let (status, answer, _) = cloud.pay(api, order, Some("me")).await;
    assert_eq!(
        (status, &answer["outcome"]),
        (200, &json!("paid")),
        "{order}: {answer}"
    );
    until(cloud, order, "assigned").await;
}

/// A directory with the next release: schema, rights, and the program of one function differ.
fn next_release(cloud: &Cloud) -> tempfile::TempDir {
    let release = tempfile::tempdir().expect("a directory");
    let (old, new) = (dirs::root(), release.path());
    link_all(&old, new, &["target", "infra", "schema.sql", ".git"]);
    let schema = fs::read_to_string(old.join("schema.sql")).expect("schema.sql");
    fs::write(new.join("schema.sql"), schema + COLUMN).expect("schema.sql");

    let infra = new.join("infra");
    fs::create_dir(&infra).expect("infra/");
    link_all(&old.join("infra"), &infra, &["function-roles.sql"]);
    let roles = fs::read_to_string(old.join("infra/function-roles.sql")).expect("function-roles.sql");
    let roles = replaced(roles.as_bytes(), RIGHTS);
    fs::write(infra.join("function-roles.sql"), roles).expect("function-roles.sql");

    let lambda = local_stack::functions::dir().expect("the functions");
    let zips = new.join("target/lambda");
    fs::create_dir_all(&zips).expect("target/lambda/");
    link_all(&lambda, &zips, &[FUNCTION]);
    let function = zips.join(FUNCTION);
    fs::create_dir(&function).expect("a directory");
    let program = fs::read(lambda.join(FUNCTION).join("bootstrap")).expect("the program");
    assert_eq!(STATEMENT[0].len(), STATEMENT[1].len());
    fs::write(function.join("bootstrap"), replaced(&program, STATEMENT)).expect("the program");
    make_executable(&function.join("bootstrap"));
    let zipped = Command::new(cloud.deployed.ministack.tools().program("python"))
        .args(["-m", "zipfile", "-c", "bootstrap.zip", "bootstrap"])
        .current_dir(&function)
        .status()
        .expect("python");
    assert!(zipped.success());
    release
}

/// Links the entries of a directory, apart from some.
fn link_all(from: &Path, to: &Path, apart: &[&str]) {
    for entry in fs::read_dir(from).expect("a directory") {
        let path: PathBuf = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        if apart.iter().all(|other| name != *other) {
            symlink(&path, to.join(name)).expect("a link");
        }
    }
}

fn make_executable(program: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("the permissions are set");
}

/// The content with one text in place of another, which it contains once.
fn replaced(content: &[u8], [old, new]: [&str; 2]) -> Vec<u8> {
    let found: Vec<usize> = content
        .windows(old.len())
        .enumerate()
        .filter_map(|(at, window)| (window == old.as_bytes()).then_some(at))
        .collect();
    let [at] = found.as_slice() else {
        panic!("{} times: {old}", found.len());
    };
    [&content[..*at], new.as_bytes(), &content[at + old.len()..]].concat()
}
