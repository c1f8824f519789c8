//! Checks over the network: the engine, its metadata, its queue, stuck orders, and the APIs.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::Finding;
use crate::stage::StageAddresses;

/// Maximum time of a request.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Age of the oldest undelivered event above which it is a problem, in seconds.
const MAX_AGE: f64 = 300.0;

const BACKLOG: &str = "SELECT failed::text, coalesce(oldest, 0)::text FROM event_backlog()";

const STUCK: &str = "SELECT count(*)::text, coalesce(min(order_id), '') FROM (SELECT order_id FROM stuck_orders LIMIT 1000) AS stuck";

/// Makes all checks.
pub(super) async fn check(addresses: &StageAddresses) -> Vec<Finding> {
    let http = match local_process::proxied_http_client() {
        Ok(http) => http,
        Err(error) => return vec![Finding::of("engine", Err(error))],
    };
    let service = Service { http, addresses };
    vec![
        Finding::of("engine", service.engine().await),
        Finding::of("metadata", service.metadata().await),
        Finding::of("events", service.events().await),
        Finding::of("stuck orders", service.stuck_orders().await),
        Finding::of("payment API", service.payment().await),
        Finding::of("login", service.login().await),
    ]
}

struct Service<'a> {
    http: Client,
    addresses: &'a StageAddresses,
}

impl Service<'_> {
    async fn engine(&self) -> Result<Finding> {
        let url = format!("{}/healthz", self.addresses.engine);
        let response = self.http.get(&url).timeout(TIMEOUT).send().await?;
        Ok(if response.status().is_success() {
            Finding::good("engine", format!("{} is healthy", self.addresses.engine))
        } else {
            let found = format!("{url} responds {}", response.status());
            Finding::problem(
                "engine",
                found,
                "read the log of the task; see docs/operations.md",
            )
        })
    }

    async fn metadata(&self) -> Result<Finding> {
        let body = json!({"type": "get_inconsistent_metadata", "args": {}});
        let answer = self.post("/v1/metadata", &body).await?;
        let objects = answer["inconsistent_objects"].as_array().map_or(0, Vec::len);
        Ok(if answer["is_consistent"] == true {
            Finding::good("metadata", "consistent")
        } else {
            let found = format!("{objects} inconsistent objects");
            Finding::problem(
                "metadata",
                found,
                "repeat the deployment, which applies schema and metadata",
            )
        })
    }

    async fn events(&self) -> Result<Finding> {
        let row = self.row(BACKLOG).await?;
        let failed: u64 = row[0].parse().context("event_backlog()")?;
        let oldest: f64 = row[1].parse().context("event_backlog()")?;
        let found = format!("{failed} given up; the oldest undelivered one is {oldest:.0} s old");
        Ok(if failed > 0 {
            Finding::problem(
                "events",
                found,
                "redeliver them; see docs/operations.md, Failed events",
            )
        } else if oldest > MAX_AGE {
            Finding::problem(
                "events",
                found,
                "the functions do not answer or are throttled; read their logs",
            )
        } else {
            Finding::good("events", found)
        })
    }

    async fn stuck_orders(&self) -> Result<Finding> {
        let row = self.row(STUCK).await?;
        Ok(if row[0] == "0" {
            Finding::good("stuck orders", "none")
        } else {
            let found = format!("{}, for example {}", row[0], row[1]);
            Finding::problem(
                "stuck orders",
                found,
                "see the page Needs attention of the dashboard",
            )
        })
    }

    /// The API itself refuses a request without a token; so no order is changed.
    async fn payment(&self) -> Result<Finding> {
        let url = format!("{}/payment", self.addresses.functions.trim_end_matches('/'));
        let request = self.http.post(&url).json(&json!({})).timeout(TIMEOUT);
        let status = request.send().await?.status();
        Ok(if status == StatusCode::UNAUTHORIZED {
            Finding::good("payment API", "refuses requests without a token")
        } else {
            let found = format!("responds {status} to a request without a token");
            Finding::problem(
                "payment API",
                found,
                "expected 401: read the log of the function payment",
            )
        })
    }

    async fn login(&self) -> Result<Finding> {
        let Some(login) = &self.addresses.login else {
            return Ok(Finding::good("login", "by another identity provider"));
        };
        let base = login.trim_end_matches("/login");
        let url = format!("{base}/.well-known/jwks.json");
        let response = self.http.get(&url).timeout(TIMEOUT).send().await?;
        let status = response.status();
        let document: Value = response.json().await.unwrap_or_default();
        let keys = document["keys"].as_array().map_or(0, Vec::len);
        Ok(if status.is_success() && keys > 0 {
            Finding::good("login", format!("publishes {keys} keys"))
        } else {
            let found = format!("{url} responds {status} with {keys} keys");
            Finding::problem("login", found, "read the log of the function login")
        })
    }

    /// Returns the only row of a read-only statement, as text.
    async fn row(&self, sql: &str) -> Result<Vec<String>> {
        let body = json!({"type": "run_sql", "args": {"sql": sql, "read_only": true, "source": "default"}});
        let answer = self.post("/v2/query", &body).await?;
        // The first row has the names of the columns.
        let row = answer["result"][1]
            .as_array()
            .context("the engine returned no row")?;
        Ok(row
            .iter()
            .map(|value| value.as_str().unwrap_or_default().to_owned())
            .collect())
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}{path}", self.addresses.engine);
        let request = self.http.post(&url).timeout(TIMEOUT).json(body);
        let request = request.header("x-hasura-admin-secret", &self.addresses.admin_secret);
        let response = request.send().await?;
        let status = response.status();
        if status == StatusCode::FORBIDDEN {
            bail!(
                "{url} responds 403: this path is for administrators' addresses only (parameter AdminCidrs)"
            );
        }
        let answer: Value = response.json().await.unwrap_or_default();
        ensure!(
            status.is_success(),
            "{url} responds {status}: {}",
            answer["error"]
        );
        Ok(answer)
    }
}
