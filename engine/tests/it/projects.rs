//! Whole projects of different fields, each with more than 50 tables: their metadata is imported by `replace_metadata`,
//! and their typical operations run.
//!
//! Each project has a directory with `schema.sql`, `rows.sql`, `metadata.json` as an older tool exported it, and
//! `operations.yaml`: operations that run in this order, with their complete answers.

mod campus;
mod clinic;
mod features;
mod introspection;
mod normalized;
mod warehouse;

use normalized::normalized;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use testkit::{EngineProcess, TestDatabase, Webhook};

/// Files of a project, and the environment variables to which its metadata refers.
struct Fixture {
    schema: &'static str,
    rows: &'static str,
    metadata: &'static str,
    operations: &'static str,
    /// Variable with the URL of the webhooks.
    hooks: &'static str,
    /// Variable with the value of a header.
    key: &'static str,
}

/// One of `operations.yaml`. Variables and answer are JSON text, so that numbers keep their digits.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    name: String,
    query: String,
    variables: Option<String>,
    answer: String,
}

/// A project in an engine that runs as a process with the project's environment.
struct Project {
    fixture: &'static Fixture,
    engine: EngineProcess,
    webhook: Webhook,
    // Dropped last: the engine is connected to it.
    _database: TestDatabase,
}

impl Project {
    /// Starts an engine on an empty database, applies the migrations and imports the metadata.
    async fn import(fixture: &'static Fixture) -> Self {
        Self::import_with(fixture, &[]).await
    }

    /// Imports with further options of the engine.
    async fn import_with(fixture: &'static Fixture, options: &[&str]) -> Self {
        let database = TestDatabase::create_with("project", "TEMPLATE template0").await;
        let webhook = Webhook::start().await;
        let environment = [(fixture.hooks, &*webhook.url), (fixture.key, "secret key")];
        let binary = Path::new(env!("CARGO_BIN_EXE_engine"));
        let own = ["--pg-connections", "8", "--events-fetch-interval", "50"];
        let options = [&own, options].concat();
        let engine = EngineProcess::start(binary, database.url(), &options, &environment).await;
        for sql in [fixture.schema, fixture.rows] {
            engine.client.sql(sql).await;
        }
        let answer = engine.client.command("replace_metadata", metadata(fixture)).await;
        assert_eq!(answer, json!({"message": "success"}));
        Self {
            fixture,
            engine,
            webhook,
            _database: database,
        }
    }

    async fn command(&self, kind: &str, args: Value) -> Value {
        self.engine.client.command(kind, args).await
    }

    async fn graphql(&self, query: &str, variables: Value) -> Value {
        self.engine.client.graphql(query, variables).await
    }

    async fn assert_consistent(&self) {
        let answer = self.command("get_inconsistent_metadata", json!({})).await;
        assert_eq!(answer, json!({"is_consistent": true, "inconsistent_objects": []}));
    }

    /// Asserts that nothing is inconsistent, and that the export has the content of the import and can be imported.
    async fn assert_imported(&self) {
        self.assert_consistent().await;
        let exported = self.command("export_metadata", json!({})).await;
        assert_eq!(
            normalized(&exported),
            normalized(&metadata(self.fixture)),
            "the content of the metadata is unchanged"
        );
        self.command("replace_metadata", exported.clone()).await;
        assert_eq!(self.command("export_metadata", json!({})).await, exported);
        self.assert_consistent().await;
    }

    /// Runs `operations.yaml` and compares the complete answers.
    async fn assert_operations(&self) {
        let operations: Vec<Operation> =
            serde_saphyr::from_str(self.fixture.operations).expect("the operations are valid");
        for operation in operations {
            let name = operation.name;
            let variables = operation
                .variables
                .map_or(Value::Null, |text| parse(&name, &text));
            let answer = self.graphql(&operation.query, variables).await;
            assert_eq!(answer, parse(&name, &operation.answer), "{name}: {answer}");
        }
    }

    /// Waits for this number of deliveries and returns `event.op`, `event.data` and the value of the header for each,
    /// in the order of arrival.
    async fn deliveries(&self, count: usize, header: &str) -> Vec<(String, Value, String)> {
        let received = self.webhook.wait_for(count).await;
        let delivery = received.iter().map(|request| {
            let event = &request.body["event"];
            let header = request.headers.get(header).map(|value| value.to_str().unwrap());
            (
                event["op"].as_str().unwrap().to_owned(),
                event["data"].clone(),
                header.unwrap_or_default().to_owned(),
            )
        });
        delivery.collect()
    }
}

fn metadata(fixture: &Fixture) -> Value {
    parse("metadata.json", fixture.metadata)
}

fn parse(name: &str, text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}
