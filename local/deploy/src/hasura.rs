//! Configures Hasura after each deployment through its API, the only route to a database in a private network. Every
//! command is idempotent.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::aws::Aws;
use super::stack::Stack;
use super::{Plan, is_demo_stage, read};
use local_services::function_roles;
use local_services::functions::{Caller, functions};
use local_stack::setup::{self, Metadata};

/// Maximum time for a newly started Hasura to become reachable.
const HEALTH_TIMEOUT: Duration = Duration::from_mins(10);

/// A Hasura instance.
#[derive(Debug)]
pub(super) struct Hasura {
    url: String,
    admin_secret: Option<String>,
}

/// The Hasura instance of the user or of the stack; `None` if there is none or it must not be changed.
pub(super) async fn find(aws: &Aws, plan: &Plan, stack: &Stack) -> Result<Option<Hasura>> {
    if plan.skip_hasura {
        return Ok(None);
    }
    if let Some(url) = &plan.hasura_url {
        let admin_secret = std::env::var("HASURA_GRAPHQL_ADMIN_SECRET").ok();
        if admin_secret.is_none() {
            eprintln!("HASURA_GRAPHQL_ADMIN_SECRET is not set; calling {url} without a secret");
        }
        return Ok(Some(Hasura {
            url: url.trim_end_matches('/').to_owned(),
            admin_secret,
        }));
    }
    let Some(url) = stack.output("HasuraUrl") else {
        return Ok(None);
    };
    let arn = stack
        .output("AdminSecretArn")
        .context("the stack has no admin secret")?;
    Ok(Some(Hasura {
        url: url.to_owned(),
        admin_secret: Some(aws.secret(arn).await?),
    }))
}

/// Returns the warning for an image that the registry could replace, as it can any tag; `None` if its digest is pinned, or the stack has no
/// engine. `parameter`: current value of a parameter.
pub(super) fn unpinned_image<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let name = match parameter("EventEngine") {
        Some("threefactor") => "EngineImage",
        _ => "HasuraImage",
    };
    let image = parameter(name).filter(|image| !image.contains("@sha256:"))?;
    if parameter("EnableHasura") == Some("false") {
        return None;
    }
    Some(format!(
        "image \"{image}\" is not pinned by its digest; pass --set {name}={image}@sha256:… (docs/security.md, Supply chain)"
    ))
}

impl Hasura {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Applies the schema and adds the rights of the functions' roles. Takes nothing from the functions that run.
    pub(super) async fn expand(&self) -> Result<()> {
        let metadata = self.metadata().await?;
        eprintln!(
            "applying schema.sql through {}, while the deployed code runs",
            self.url
        );
        setup::run_sql(&metadata, &read("schema.sql")?)
            .await
            .context("schema.sql")?;
        eprintln!("adding the rights of the functions' roles");
        setup::run_sql(&metadata, &function_roles::additions()?)
            .await
            .context("infra/function-roles.sql")
    }

    /// Client of its API, when it is healthy.
    async fn metadata(&self) -> Result<Metadata> {
        // With proxies: unlike local services, this Hasura is remote.
        let http = local_process::proxied_http_client()?;
        self.wait(&http).await?;
        Ok(Metadata::with_client(
            &self.url,
            self.admin_secret.as_deref(),
            http,
        ))
    }

    /// Applies the schema, tracks tables, loads triggers and permissions, and grants privileges. An error names the step.
    pub(super) async fn configure(&self, stack: &Stack) -> Result<()> {
        let metadata = self.metadata().await?;
        eprintln!("applying schema.sql through {}", self.url);
        let schema = read("schema.sql")?;
        setup::run_sql(&metadata, &schema).await.context("schema.sql")?;

        let (verb, accounts) = if demo_login(stack) {
            ("adding", setup::DEMO_ACCOUNTS)
        } else {
            ("removing", setup::DELETE_DEMO_ACCOUNTS)
        };
        eprintln!("{verb} the demo accounts");
        setup::run_sql(&metadata, accounts)
            .await
            .context("demo-accounts.sql")?;

        eprintln!("tracking tables and relationships");
        setup::track_remotely(&metadata, &schema).await?;

        eprintln!("loading event-triggers.json");
        let loaded = setup::load_triggers(&metadata, &read("event-triggers.json")?).await;
        loaded.with_context(|| {
            format!(
                "the triggers need FUNCTIONS_URL ({}) and WEBHOOK_SECRET (the value of {}) in Hasura's environment",
                stack.output("EventsUrl").unwrap_or_default(),
                stack.output("WebhookSecretArn").unwrap_or_default()
            )
        })?;

        if let Some(file) = setup::read_cron_triggers(&local_process::dirs::root())? {
            eprintln!("loading {}", setup::CRON_TRIGGERS);
            // Rules of EventBridge call these functions, also when Hasura is down (infra/functions.yaml).
            let all = functions()?.all.iter();
            let scheduled = all.filter(|function| function.caller == Caller::Schedule);
            let scheduled: Vec<&str> = scheduled.map(|function| function.name.as_str()).collect();
            setup::load_cron_triggers(&metadata, &file, &scheduled).await?;
        }

        eprintln!("loading permissions.json");
        setup::load_permissions(&metadata, &read("permissions.json")?).await?;

        let is_production = !stack.parameter("Stage").is_some_and(is_demo_stage);
        setup::limit_introspection(&metadata, is_production).await?;

        // Last, because the grants need their objects: Hasura creates its event log with the first trigger at the
        // latest. The roles and their passwords come from the task of Hasura or of roles.yaml.
        eprintln!("granting the privileges of the functions' roles, and revoking others");
        setup::run_sql(&metadata, function_roles::rights()?)
            .await
            .context("infra/function-roles.sql")
    }

    async fn wait(&self, http: &reqwest::Client) -> Result<()> {
        let health = format!("{}/healthz", self.url);
        let began = Instant::now();
        let mut told = false;
        loop {
            let answer = http.get(&health).timeout(Duration::from_secs(10)).send().await;
            let problem = match answer {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => format!("{health} responds {}", answer.status()),
                Err(error) => format!("{health} cannot be reached: {error}"),
            };
            if began.elapsed() > HEALTH_TIMEOUT {
                bail!(
                    "Hasura is not healthy: {problem}; see the CloudWatch log group /threefactor/STAGE/hasura"
                );
            }
            if !told {
                eprintln!("waiting for Hasura: {problem}");
                told = true;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
}

/// Whether users of the stack log in by name.
fn demo_login(stack: &Stack) -> bool {
    stack.parameter("IdentityProvider") == Some("login") && stack.parameter("DemoLogin") == Some("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_without_digest_is_reported() {
        const IMAGE: &str = "hasura/graphql-engine:v2.46.0";
        const PINNED: &str = "hasura/graphql-engine:v2.46.0@sha256:0000000000000000000000000000000000000000000000000000000000000000";
        let of = |parameters: &[(&str, &'static str)]| {
            unpinned_image(|name| {
                let found = parameters.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| *value)
            })
        };
        let warning = of(&[("EnableHasura", "true"), ("HasuraImage", IMAGE)]).unwrap();
        assert!(
            warning.contains(&format!("--set HasuraImage={IMAGE}@sha256:")),
            "{warning}"
        );
        let warning = of(&[
            ("EventEngine", "threefactor"),
            ("EngineImage", "engine:1"),
            ("HasuraImage", PINNED),
        ]);
        assert!(warning.is_some_and(|warning| warning.contains("--set EngineImage=engine:1@sha256:")));
        assert_eq!(of(&[("EnableHasura", "true"), ("HasuraImage", PINNED)]), None);
        assert_eq!(of(&[("EnableHasura", "false"), ("HasuraImage", IMAGE)]), None);
        assert_eq!(of(&[]), None);
    }
}
