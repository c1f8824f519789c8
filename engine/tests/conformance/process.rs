//! The engine process and the requests of the runner.

use super::case::{Case, Test, Transport, cases, read};
use super::compare::{Verdict, compare};
use super::manifest::Step;
use super::{request, socket};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use testkit::EngineProcess;

pub(crate) struct Engine {
    process: EngineProcess,
    http: reqwest::Client,
}

impl Engine {
    /// Starts an engine with the environment that the cases expect, and further variables; returns `None` if it refuses them.
    pub(crate) async fn start(database_url: &str, options: &BTreeMap<String, String>) -> Option<Self> {
        let mut environment = vec![
            ("HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES", "true"),
            ("HASURA_GRAPHQL_EVENTS_HTTP_POOL_SIZE", "8"),
            ("EVENT_WEBHOOK_HEADER", "MyEnvValue"),
            ("WEBHOOK_FROM_ENV", "http://127.0.0.1:5592"),
            ("TZ", "UTC"),
        ];
        environment.extend(options.iter().map(|(name, value)| (&**name, &**value)));
        let binary = Path::new(env!("CARGO_BIN_EXE_engine"));
        Some(Self {
            process: EngineProcess::try_start(binary, database_url, &[], &environment).await?,
            http: reqwest::Client::new(),
        })
    }

    pub(crate) async fn stop(self) {
        self.process.kill().await;
    }

    /// Posts JSON; the status is 0 if there is no response.
    async fn post(&self, path: &str, headers: &[(String, String)], body: &Value) -> (u16, Value) {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        match self.process.client.try_post(path, &headers, body).await {
            Ok(response) => response,
            Err(error) => (0, json!(error.to_string())),
        }
    }

    /// Restores the state that the cases expect: no metadata, and only the empty schemas `public` and `hge_tests`.
    pub(crate) async fn reset(&self) {
        let sql = "DO $$ DECLARE s text; BEGIN
            FOR s IN SELECT nspname FROM pg_namespace
              WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'hdb_catalog')
            LOOP EXECUTE format('DROP SCHEMA %I CASCADE', s); END LOOP; END $$;
            CREATE SCHEMA public; CREATE SCHEMA hge_tests; CREATE EXTENSION pgcrypto;
            TRUNCATE hdb_catalog.event_log CASCADE";
        for body in [
            json!({"type": "clear_metadata", "args": {}}),
            json!({"type": "run_sql", "args": {"sql": sql, "cascade": true, "check_metadata_consistency": false}}),
            json!({"type": "reload_metadata", "args": {}}),
        ] {
            let (status, answer) = self.post("/v1/query", &[], &body).await;
            assert_eq!(status, 200, "the reset must succeed: {answer}");
        }
    }

    pub(crate) async fn has_extension(&self, name: &str) -> bool {
        let sql = format!("SELECT 1 / count(*) FROM pg_available_extensions WHERE name = '{name}'");
        self.takes(&sql).await
    }

    /// Whether Postgres accepts this SQL.
    pub(crate) async fn takes(&self, sql: &str) -> bool {
        let body = json!({"type": "run_sql", "args": {"sql": sql}});
        self.post("/v1/query", &[], &body).await.0 == 200
    }

    pub(crate) async fn post_files(&self, folder: &Path, steps: &[Step]) -> Result<(), String> {
        for Step { file, path } in steps {
            let (status, answer) = self.post(path, &[], &read(folder, file)).await;
            if status != 200 {
                return Err(format!("{file}: {status} {answer}"));
            }
        }
        Ok(())
    }

    pub(crate) async fn run(&self, folder: &Path, test: &Test) -> Result<Verdict, String> {
        let mut verdict = Verdict::default();
        for file in &test.files {
            for case in cases(folder, file) {
                let result = match test.transport {
                    // A WebSocket test sends its metadata commands over HTTP.
                    _ if !case.url.ends_with("/graphql") => self.over_http(&case).await,
                    Transport::Http => self.over_http(&case).await,
                    transport => self.over_socket(&case, transport).await,
                };
                verdict.add(result.map_err(|reason| format!("{file}: {reason}"))?);
            }
        }
        Ok(verdict)
    }

    async fn over_http(&self, case: &Case) -> Result<Verdict, String> {
        let response = request::send(&self.http, &self.process.client.url, case).await?;
        if response.status != case.status {
            return Err(format!(
                "status {} instead of {}: {}",
                response.status, case.status, response.body
            ));
        }
        request::check_headers(case, &response)?;
        compare(case, &response.body)
    }

    async fn over_socket(&self, case: &Case, transport: Transport) -> Result<Verdict, String> {
        let mut payload = case.query.clone();
        if transport == Transport::Subscription {
            socket::make_subscription(&mut payload)?;
        }
        let url = &self.process.client.url;
        let answer = socket::ask(url, &case.url, &case.header_texts(), &payload).await?;
        compare(case, &answer)
    }
}
