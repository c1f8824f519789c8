//! The engine under test, started in the test's process.

use engine::Server;
use engine::config::Config;
use engine::engine::Engine;
use engine::run::StartError;
use std::ops::Deref;
use std::sync::Arc;
use testkit::{EngineClient, TestDatabase, eventually};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A running engine with access to its internal state. Dereferences to its HTTP client.
pub(crate) struct TestEngine {
    /// Internal state.
    pub(crate) engine: Arc<Engine>,
    client: EngineClient,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
}

impl TestEngine {
    /// Starts an engine on a database, with further command-line options.
    pub(crate) async fn start(database: &TestDatabase, options: &[&str]) -> Self {
        Self::start_on(database.url(), options).await
    }

    /// Starts an engine on a connection string.
    pub(crate) async fn start_on(url: &str, options: &[&str]) -> Self {
        let mut all = options.to_vec();
        if !options.contains(&"--pg-connections") {
            all.extend(["--pg-connections", "8"]);
        }
        let server = Server::start(config(url, &all)).await.expect("the engine starts");
        let client = EngineClient::new(format!("http://{}", server.address));
        let engine = Arc::clone(&server.engine);
        let stop = CancellationToken::new();
        let token = stop.clone();
        let running = tokio::spawn(async move { server.run(token).await.expect("the engine runs") });
        Self {
            engine,
            client,
            stop,
            running: Some(running),
        }
    }

    /// Requests the shutdown and waits until the engine accepts no connections. Requests in flight may still run.
    pub(crate) async fn begin_stop(&self) {
        self.stop.cancel();
        let address = self.url.trim_start_matches("http://");
        eventually("the engine accepts no connections", async || {
            tokio::net::TcpStream::connect(address)
                .await
                .is_err()
                .then_some(())
        })
        .await;
    }

    /// Stops the engine and waits until it has released everything.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        if let Some(running) = self.running.take() {
            running.await.expect("the engine stops without an error");
        }
    }
}

impl Deref for TestEngine {
    type Target = EngineClient;

    fn deref(&self) -> &EngineClient {
        &self.client
    }
}

impl Drop for TestEngine {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An engine that can end as if its process were killed.
pub(crate) struct KillableEngine {
    /// Runtime of this engine alone: its shutdown closes the engine's connections without any statement.
    runtime: Option<Runtime>,
}

impl KillableEngine {
    /// Starts an engine on a database.
    pub(crate) fn start(database: &TestDatabase) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("threads can be started");
        let config = config(database.url(), &[]);
        runtime.spawn(engine::serve(config, CancellationToken::new()));
        Self {
            runtime: Some(runtime),
        }
    }

    /// Ends the engine.
    pub(crate) fn kill(self) {
        drop(self);
    }
}

impl Drop for KillableEngine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Returns the configuration for these options on a free port.
pub(crate) fn config(url: &str, options: &[&str]) -> Config {
    let mut arguments = vec!["engine", "--database-url", url];
    arguments.extend(["--server-host", "127.0.0.1"]);
    if !options.contains(&"--server-port") {
        arguments.extend(["--server-port", "0"]);
    }
    let arguments = arguments
        .iter()
        .chain(options)
        .map(|&argument| argument.to_owned());
    Config::from_arguments(arguments).expect("the options are valid")
}

/// Returns the error of a start that must fail.
pub(crate) async fn start_error(url: &str, options: &[&str]) -> String {
    match Server::start(config(url, options)).await {
        Ok(_) => panic!("the engine must not start"),
        Err(error) => StartError::to_string(&error),
    }
}

/// Holds the advisory lock for which the SQL of a test waits ([`LOCKED`]).
pub(crate) async fn hold_lock(database: &TestDatabase) -> tokio_postgres::Client {
    let client = database.connect().await;
    client
        .batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))
        .await
        .expect("the lock is free");
    client
}

/// Releases the lock of [`hold_lock`].
pub(crate) async fn release_lock(holder: &tokio_postgres::Client) {
    holder
        .batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))
        .await
        .expect("the connection is open");
}

/// Waits until this number of sessions wait for the lock.
pub(crate) async fn until_waiting(holder: &tokio_postgres::Client, sessions: i64) {
    const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE wait_event = 'advisory' AND datname = current_database()";
    eventually(&format!("{sessions} sessions wait for the lock"), async || {
        let row = holder
            .query_one(WAITING, &[])
            .await
            .expect("the connection is open");
        (row.get::<_, i64>(0) == sessions).then_some(())
    })
    .await;
}

/// Key of the advisory lock of [`hold_lock`].
pub(crate) const LOCK: i64 = 42;

/// A FROM item that waits for the lock and releases it at the end of the transaction. Shared: sessions do not wait for
/// each other.
pub(crate) const LOCKED: &str = "pg_advisory_xact_lock_shared(42)";
