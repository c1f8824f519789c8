//! What the tests share: a database of its own for each, and an engine in this process on a free port.
#![expect(dead_code, reason = "each test binary uses another part of it")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

pub mod socket;
pub mod webhook;

use engine::server::Server;
use engine::server::config::Config;
use engine::state::Engine;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_postgres::NoTls;
use tokio_util::sync::CancellationToken;

/// A database that exists as long as this value.
pub(crate) struct Database {
    /// Its URL.
    pub url: String,
    name: String,
    server: tokio_postgres::Config,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// Creates an empty database; `room` begins its name, so that a leftover can be told.
    pub(crate) async fn create(room: &str) -> Self {
        let server_url = std::env::var("TEST_DATABASE_URL").unwrap_or_else(|_| {
            panic!("TEST_DATABASE_URL is not set: run the tests by `cargo xtask test`, or set it to a superuser's URL")
        });
        let server: tokio_postgres::Config = server_url.parse().expect("TEST_DATABASE_URL is a Postgres URL");
        let name = format!(
            "{room}_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        execute(
            &server,
            &[
                format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                format!("CREATE DATABASE {name}"),
            ],
        )
        .await
        .expect("a superuser can create databases");
        let (base, query) = server_url
            .split_once('?')
            .map_or((&*server_url, String::new()), |(base, query)| {
                (base, format!("?{query}"))
            });
        let base = base.rsplit_once('/').expect("the URL has a path").0;
        Self {
            url: format!("{base}/{name}{query}"),
            name,
            server,
        }
    }

    /// A client of its own.
    pub(crate) async fn client(&self) -> tokio_postgres::Client {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls)
            .await
            .expect("the database is there");
        tokio::spawn(connection);
        client
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, sql) = (
            self.server.clone(),
            format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        );
        // A thread with a runtime of its own, because a destructor cannot wait in the test's.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map(|runtime| runtime.block_on(execute(&server, &[sql])))
        });
        drop(dropped.join());
    }
}

async fn execute(
    server: &tokio_postgres::Config,
    statements: &[String],
) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = server.connect(NoTls).await?;
    let connection = tokio::spawn(connection);
    for statement in statements {
        client.batch_execute(statement).await?;
    }
    drop(client);
    drop(connection.await);
    Ok(())
}

/// An engine in this process.
pub(crate) struct TestEngine {
    /// `http://127.0.0.1:port`.
    pub url: String,
    /// The engine itself.
    pub engine: Arc<Engine>,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
    http: reqwest::Client,
}

impl TestEngine {
    /// Starts an engine on a database, with further options as on the command line.
    pub(crate) async fn start(database: &Database, options: &[&str]) -> Self {
        Self::start_on(&database.url, options).await
    }

    /// The same on any URL.
    pub(crate) async fn start_on(url: &str, options: &[&str]) -> Self {
        let mut arguments = vec!["engine", "--database-url", url];
        arguments.extend(["--server-host", "127.0.0.1", "--server-port", "0"]);
        if !options.contains(&"--pg-connections") {
            arguments.extend(["--pg-connections", "8"]);
        }
        let arguments = arguments
            .iter()
            .chain(options)
            .map(|&argument| argument.to_owned());
        let config = Config::from_arguments(arguments).expect("the options are right");
        let server = Server::start(config).await.expect("the engine starts");
        let (url, engine) = (format!("http://{}", server.address), Arc::clone(&server.engine));
        let stop = CancellationToken::new();
        let token = stop.clone();
        let running = tokio::spawn(async move { server.run(token).await.expect("the engine serves") });
        drop(rustls::crypto::ring::default_provider().install_default());
        Self {
            url,
            engine,
            stop,
            running: Some(running),
            http: reqwest::Client::new(),
        }
    }

    /// Stops it and waits until it has.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        if let Some(running) = self.running.take() {
            running.await.expect("the engine stops cleanly");
        }
    }

    /// POSTs JSON; answers status and JSON.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        let mut request = self.http.post(format!("{}{path}", self.url)).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("the engine answers");
        let status = response.status().as_u16();
        (status, response.json().await.expect("the answer is JSON"))
    }

    /// A command of /v1/query that has to succeed; its answer.
    pub(crate) async fn command(&self, kind: &str, args: Value) -> Value {
        let (status, answer) = self
            .post("/v1/query", &[], &json!({"type": kind, "args": args}))
            .await;
        assert_eq!(status, 200, "{kind}: {answer}");
        answer
    }

    /// A command of /v1/query that has to fail; status, code, path and message.
    pub(crate) async fn refused(&self, kind: &str, args: Value) -> (u16, String, String, String) {
        let (status, answer) = self
            .post("/v1/query", &[], &json!({"type": kind, "args": args}))
            .await;
        let part = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        assert_ne!(status, 200, "{kind} was not refused: {answer}");
        (status, part("code"), part("path"), part("error"))
    }

    /// SQL by `run_sql`.
    pub(crate) async fn sql(&self, sql: &str) -> Value {
        self.command("run_sql", json!({"sql": sql})).await
    }

    /// A GraphQL operation, by admin; the whole answer.
    pub(crate) async fn graphql(&self, query: &str, variables: Value) -> Value {
        self.post(
            "/v1/graphql",
            &[],
            &json!({"query": query, "variables": variables}),
        )
        .await
        .1
    }
}

impl Drop for TestEngine {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Waits until `condition` gives a value; fails after ten seconds.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut condition: impl FnMut() -> F,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "waited in vain: {what}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
