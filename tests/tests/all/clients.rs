//! GraphQL clients from npm, each used as in an app: the scripts in `tests/clients` run against the engine with the food
//! schema and an admin secret.

use std::process::Output;

use local_process::dirs;
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::ports;
use local_process::watchdog::Watchdog;
use local_stack::engine::{Engine, Options};
use local_stack::setup::{self, Metadata};
use local_tools::node::Node;
use tests::database::TestDatabase;

const SECRET: &str = "clients-secret";

#[tokio::test]
async fn apollo_client() {
    run("apollo.mjs").await;
}

#[tokio::test]
async fn urql_with_graphql_ws() {
    run("urql.mjs").await;
}

#[tokio::test]
async fn subscriptions_transport_ws() {
    run("subscriptions-transport-ws.mjs").await;
}

#[tokio::test]
async fn react_admin_by_ra_data_hasura() {
    run("admin.mjs").await;
}

#[tokio::test]
async fn graphiql_loads_the_schema() {
    run("graphiql.mjs").await;
}

#[tokio::test]
async fn graphql_codegen_and_typescript() {
    run("codegen.mjs").await;
}

/// Runs a script against its own engine; panics with the output of the script if it fails.
async fn run(script: &'static str) {
    let clients = dirs::root().join("tests/clients");
    let database = TestDatabase::new().await;
    let dir = tempfile::tempdir().expect("a directory");
    let logs = Logs::new(Destination::Kept);
    let bin_dir = dirs::bin_dir().expect("the binaries");
    let watchdog = Watchdog::start(&bin_dir);
    let engine = Engine::start(
        Options {
            program: bin_dir.join("engine"),
            dir: dir.path().to_path_buf(),
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: ports::free().expect("a port"),
            database_url: database.direct_url(),
            functions_url: "http://127.0.0.1:9".to_owned(),
            webhook_secret: String::new(),
            allowed_origins: Vec::new(),
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
            env: vec![("HASURA_GRAPHQL_ADMIN_SECRET".to_owned(), SECRET.to_owned())],
        },
        &logs,
        &watchdog,
    )
    .await
    .expect("the engine starts");
    let url = engine.url();
    let metadata = Metadata::new(&url, Some(SECRET)).expect("a client");
    setup::track(&database.connect().await, &metadata)
        .await
        .expect("tables to track");

    let output = tokio::task::spawn_blocking(move || -> anyhow::Result<Output> {
        let node = Node::find()?;
        node.install_packages(&clients)?;
        Ok(node
            .command()
            .arg(clients.join(script))
            .env("ENGINE_URL", url)
            .env("ADMIN_SECRET", SECRET)
            .output()?)
    })
    .await
    .expect("it does not panic")
    .expect("Node.js and the clients' packages");
    engine.stop().await;
    assert!(
        output.status.success(),
        "{script} failed ({}):\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
