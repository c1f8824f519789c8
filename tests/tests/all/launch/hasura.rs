//! Hasura's role in the installation: the database roles that its task creates, and this project's engine in its place.

use std::{collections::HashMap, fs, path::PathBuf, process::Stdio};

use local_process::dirs;
use local_process::logs::{LogFormat, LogLevel};
use local_process::ports;
use local_services::functions::functions;
use local_services::login::FunctionLogins;
use local_services::programs;
use local_stack::engine::{self, Engine};
use serde_json::{Value, json};
use tests::orders::ask;

use super::cloud::{Cloud, DATABASE};

impl Cloud {
    /// Runs the command of the first container of Hasura's task, taken from the template, on the real database. Then the
    /// pool reads the functions' passwords, as its timer does.
    pub(super) async fn create_roles_like_hasuras_task(&self) {
        let template = fs::read_to_string(dirs::root().join("infra/hasura.yaml")).expect("hasura.yaml");
        let lines: Vec<&str> = template.lines().collect();
        let from = lines
            .iter()
            .position(|line| line.contains("exec psql"))
            .expect("the command");
        let to = from
            + lines[from..]
                .iter()
                .position(|line| line.trim() == "SQL")
                .expect("the command has an end");
        let command = lines[from..=to]
            .iter()
            .map(|line| line.trim())
            .collect::<Vec<_>>()
            .join("\n");

        let mut passwords = HashMap::new();
        for function in &functions().expect("functions.json").all {
            let role = function.role.as_str();
            let secret = self.secret(&function.secret_output()).await;
            let secret: Value = serde_json::from_str(&secret).expect("JSON");
            assert_eq!(secret["username"], role);
            passwords.insert(role, secret["password"].as_str().expect("a password").to_owned());
        }
        let logins = FunctionLogins::new(|role| passwords[role].clone()).expect("functions.json");
        let hasura = self.hasura_password().await;
        let superuser = reqwest::Url::parse(&self.deployed.direct_url()).expect("a URL");
        let bin = programs::postgres().expect("Postgres").bin;
        // Twice, because every task repeats it. Before the second time, the roles are as an earlier version left them.
        for attempt in 0..2 {
            if attempt == 1 {
                self.database
                    .batch_execute(
                        "ALTER ROLE hasura CREATEROLE; GRANT fn_payment, fn_login TO hasura WITH ADMIN OPTION;
                         CREATE ROLE app LOGIN; ALTER ROLE app SET plan_cache_mode = 'force_generic_plan'",
                    )
                    .await
                    .expect("an earlier version");
            }
            let output = tokio::process::Command::new("/bin/sh")
                .args(["-c", &command])
                .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
                .env("PGHOST", "127.0.0.1")
                .env("PGPORT", superuser.port().expect("a port").to_string())
                .env("PGDATABASE", DATABASE)
                .env("PGSSLMODE", "verify-full")
                .env("PGSSLROOTCERT", self.authority_file())
                .env("PGUSER", superuser.username())
                .env("PGPASSWORD", superuser.password().unwrap_or_default())
                .env("HASURA_PASSWORD", &hasura)
                .envs(
                    passwords
                        .iter()
                        .map(|(role, password)| (format!("{}_PASSWORD", role.to_uppercase()), password)),
                )
                .stdin(Stdio::null())
                .output()
                .await
                .expect("sh");
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
            assert_eq!(said, "", "the task warns");
        }
        let query = "SELECT concat_ws(' ', rolcreaterole, rolsuper, EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid), \
                     (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'app')) \
                     FROM pg_roles WHERE rolname = 'hasura'";
        assert_eq!(ask(&self.database, query).await.as_deref(), Some("f f f f"));
        self.deployed.change_secrets(&logins).await;
        self.deployed.refresh_pool().await;
    }

    /// File with the authority that certifies Postgres, as the first container of Hasura's task stores it.
    pub(super) fn authority_file(&self) -> PathBuf {
        let file = self.deployed.dir().join("authority.pem");
        fs::write(&file, self.deployed.authority.pem()).expect("a file");
        file
    }

    async fn hasura_password(&self) -> String {
        let secrets = self
            .aws(&["secretsmanager", "list-secrets"])
            .await
            .expect("the secrets");
        let list = secrets["SecretList"].as_array().expect("a list");
        let arn = list
            .iter()
            .find(|secret| {
                secret["Name"]
                    .as_str()
                    .is_some_and(|name| name.contains("HasuraSecret"))
            })
            .and_then(|secret| secret["ARN"].as_str())
            .expect("Hasura's secret");
        let secret: Value = serde_json::from_str(&self.secret_of(arn).await).expect("JSON");
        let password = secret["password"].as_str().expect("a password");
        assert!(
            password.chars().all(|letter| letter.is_ascii_alphanumeric()),
            "Hasura's task and the engine read it within a URL, where other characters have a meaning"
        );
        password.to_owned()
    }

    /// Starts this project's engine in place of Hasura, with Hasura's role, secrets and identity provider.
    pub(super) async fn start_engine(&self, api: &str) -> Engine {
        let mut url = reqwest::Url::parse(&self.deployed.direct_url()).expect("a URL");
        url.set_username("hasura").expect("a user");
        url.set_password(Some(&self.hasura_password().await))
            .expect("a password");
        url.set_path(DATABASE);
        let options = engine::Options {
            program: dirs::bin_dir().expect("the binaries").join("engine"),
            dir: self.deployed.dir().to_path_buf(),
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: ports::free().expect("a free port"),
            database_url: url.into(),
            functions_url: api.to_owned(),
            webhook_secret: self.secret("WebhookSecretArn").await,
            allowed_origins: vec!["*".to_owned()],
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
            env: [
                ("HASURA_GRAPHQL_ADMIN_SECRET", self.secret("AdminSecretArn").await),
                ("HASURA_GRAPHQL_JWT_SECRET", self.jwt_configuration().await),
                ("HASURA_GRAPHQL_UNAUTHORIZED_ROLE", "anonymous".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        };
        Engine::start(options, &self.logs, self.deployed.watchdog())
            .await
            .expect("the engine starts")
    }

    /// Configuration of the stack; the address of keys in an API of the emulator needs no DNS.
    pub(super) async fn jwt_configuration(&self) -> String {
        let text = self.output("HasuraJwtConfiguration").await;
        let mut configuration: Value = serde_json::from_str(&text).expect("JSON");
        if text.contains("execute-api") {
            let login = self.api_of("LoginUrl").await;
            configuration["jwk_url"] = json!(format!("{login}/.well-known/jwks.json"));
        }
        configuration.to_string()
    }

    /// Runs a GraphQL operation as admin.
    pub(super) async fn graphql(&self, engine: &Engine, query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        self.as_admin(&format!("{}/v1/graphql", engine.url()), &body)
            .await
    }

    /// Runs a metadata command as admin.
    pub(super) async fn metadata(&self, engine: &Engine, command: &Value) -> Value {
        self.as_admin(&format!("{}/v1/metadata", engine.url()), command)
            .await
    }

    pub(super) async fn as_admin(&self, url: &str, body: &Value) -> Value {
        let secret = self.secret("AdminSecretArn").await;
        let request = self
            .http
            .post(url)
            .header("x-hasura-admin-secret", secret)
            .json(body);
        let answer = request.send().await.expect("the engine answers");
        answer.json().await.expect("JSON")
    }
}
