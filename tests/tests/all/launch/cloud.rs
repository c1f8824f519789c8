//! An installation on the emulator: the commands of an operator and their effects.

use std::{
    env,
    ffi::OsStr,
    fs::{self, File},
    io::Write as _,
    path::Path,
    process::Command,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use local_process::dirs;
use local_process::logs::{Destination, Logs};
use local_services::functions::{Caller, functions as listed};
use local_services::postgres;
use local_stack::engine::Engine;
use local_stack::functions::{self, Architecture, Output};
use serde_json::Value;
use shared::token::SigningKeys;
use tests::{
    calls::payment,
    deployed::Deployed,
    ministack::{Ministack, REGION},
    tokens::TestIssuer,
};
use tokio_postgres::Client;

use super::commands::{ARCHITECTURE, Commands, Ran, STAGE, named};

/// The functions of an installation with another identity provider than the login function.
pub(super) fn deployed_functions() -> impl Iterator<Item = &'static str> {
    let all = &listed().expect("functions.json").all;
    all.iter()
        .map(|function| function.name.as_str())
        .filter(|name| *name != "login")
}

/// The functions that the event system calls over HTTP.
pub(super) fn webhook_functions() -> impl Iterator<Item = &'static str> {
    let all = &listed().expect("functions.json").all;
    all.iter()
        .filter(|function| function.caller == Caller::Trigger)
        .map(|function| function.name.as_str())
}

/// Database name in the templates.
pub(super) const DATABASE: &str = "food";

/// The emulator, Postgres and the pool.
pub(super) struct Cloud {
    pub(super) deployed: Deployed,
    /// Direct connection to the database as superuser.
    pub(super) database: Client,
    pub(super) http: reqwest::Client,
    pub(super) logs: Logs,
    /// Identity provider of the installation.
    pub(super) issuer: TestIssuer,
}

/// A function as AWS describes it.
pub(super) struct Described {
    /// Version of the alias `live`.
    pub(super) version: String,
    /// Configuration without the code.
    pub(super) settings: Value,
}

impl Cloud {
    pub(super) async fn open() -> Self {
        let deployed = Deployed::start().await;
        zips(&deployed.ministack);
        local_stack::apps::build::build(&dirs::root()).expect("the web apps");
        deployed
            .database
            .batch_execute(&format!("CREATE DATABASE {DATABASE}"))
            .await
            .expect("the database is created");
        // The fixture admits the superuser and the functions' role; this test also needs Hasura's role.
        let rules = deployed.dir().join("data/pg_hba.conf");
        let mut rules = File::options().append(true).open(rules).expect("pg_hba.conf");
        writeln!(rules, "host all hasura 127.0.0.1/32 scram-sha-256").expect("pg_hba.conf is written");
        deployed
            .database
            .batch_execute("SELECT pg_reload_conf()")
            .await
            .expect("the configuration is reloaded");
        let url = deployed.direct_url().replace("/postgres?", "/food?");
        let url = url
            .strip_suffix("/postgres")
            .map_or(url.clone(), |server| format!("{server}/{DATABASE}"));
        let database = postgres::connect(&url).await.expect("the database");
        Self {
            deployed,
            database,
            http: local_process::http_client().expect("an HTTP client"),
            logs: Logs::new(Destination::Kept),
            issuer: TestIssuer::start().await,
        }
    }

    /// Runs `cargo xtask …` with the emulator's credentials.
    pub(super) async fn xtask(&self, args: &[&str]) -> Ran {
        self.commands().xtask(args, &[]).await
    }

    /// Runs `cargo xtask deploy` without the resources that the emulator does not support, and with the existing pool.
    pub(super) async fn deploy(&self, args: &[&str]) -> Ran {
        self.deploy_as(args, &[]).await
    }

    /// Runs `cargo xtask deploy` with this engine as Hasura.
    pub(super) async fn deploy_with(&self, engine: &Engine, args: &[&str]) -> Ran {
        let url = engine.url();
        let mut all = vec!["--hasura-url", &url, "--set", "EnableHasura=true"];
        all.extend(args);
        let secret = self.secret("AdminSecretArn").await;
        self.deploy_as(&all, &[("HASURA_GRAPHQL_ADMIN_SECRET", &secret)])
            .await
    }

    /// Runs `cargo xtask deploy` of another directory with this engine as Hasura.
    pub(super) async fn deploy_from(&self, root: &Path, engine: &Engine) -> Ran {
        let url = engine.url();
        let args = ["--hasura-url", &url, "--set", "EnableHasura=true"];
        let secret = self.secret("AdminSecretArn").await;
        let commands = Commands {
            root: root.to_path_buf(),
            bin_dir: root.join("target/bin"),
            ..self.commands()
        };
        self.deploy_by(&commands, &args, &[("HASURA_GRAPHQL_ADMIN_SECRET", &secret)])
            .await
    }

    async fn deploy_as(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        self.deploy_by(&self.commands(), args, env).await
    }

    async fn deploy_by(&self, commands: &Commands<'_>, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let pool = self.deployed.pool_url("localhost", "sslmode=verify-full");
        let pool = format!(
            "ExistingConnectionString={}",
            pool.replace("/postgres?", "/food?")
        );
        let certificate = format!("PoolCertificateSecretArn={}", self.deployed.tls_secret());
        let issuer = format!("OidcIssuer={}", self.issuer.url());
        let mut all = vec![
            "deploy",
            "--stage",
            STAGE,
            "--architecture",
            ARCHITECTURE,
            "--skip-build",
        ];
        for set in [
            "EnableNat=false",
            "CloudFrontPrefixListId=pl-12345678",
            "DatabaseManagedMasterPassword=false",
            &pool,
            "ExistingPoolerCidr=127.0.0.1/32",
            &certificate,
            "IdentityProvider=oidc",
            "OidcAudience=3factor",
            &issuer,
        ] {
            all.extend(["--set", set]);
        }
        all.extend(args);
        commands.xtask(&all, env).await
    }

    /// Runs `cargo lambda deploy` for one function of this installation.
    pub(super) async fn cargo_lambda_deploy(&self, function: &str, args: &[&str]) -> Ran {
        let name = format!("threefactor-{STAGE}-{function}");
        let manifest = dirs::root().join("functions").join(function).join("Cargo.toml");
        let manifest = manifest.display().to_string();
        let lambda_dir = functions::dir().expect("the functions").display().to_string();
        let mut all = vec!["lambda", "deploy", &name, "--binary-name", function];
        all.extend(["--manifest-path", &manifest, "--lambda-dir", &lambda_dir]);
        all.extend(["--alias", "live", "--merge-env"]);
        all.extend(args);
        let program = self.deployed.ministack.tools().program("cargo-lambda");
        self.run(&program, &all, &[]).await
    }

    async fn run(&self, program: &Path, args: &[&str], env: &[(&str, &str)]) -> Ran {
        self.commands().run(program, args, env).await
    }

    pub(super) fn commands(&self) -> Commands<'_> {
        Commands {
            ministack: &self.deployed.ministack,
            home: self.deployed.dir(),
            root: dirs::root(),
            bin_dir: dirs::bin_dir().expect("the binaries"),
        }
    }

    /// Output of the AWS CLI, if the command succeeds.
    pub(super) async fn aws(&self, args: &[&str]) -> Option<Value> {
        self.commands().aws(args, &[]).await
    }

    /// Description of the stack, if it exists.
    pub(super) async fn stack(&self) -> Option<Value> {
        self.commands().stack(&[]).await
    }

    pub(super) async fn output(&self, name: &str) -> String {
        let stack = self.stack().await.expect("the stack");
        let output = named(&stack["Outputs"], "OutputKey", name);
        output["OutputValue"].as_str().expect("an output").to_owned()
    }

    /// Value of a parameter of the stack.
    pub(super) async fn parameter(&self, name: &str) -> String {
        let stack = self.stack().await.expect("the stack");
        let parameter = named(&stack["Parameters"], "ParameterKey", name);
        parameter["ParameterValue"].as_str().expect("a value").to_owned()
    }

    /// Value of the secret that a stack output names.
    pub(super) async fn secret(&self, output: &str) -> String {
        self.secret_of(&self.output(output).await).await
    }

    pub(super) async fn secret_of(&self, arn: &str) -> String {
        let answer = self
            .aws(&["secretsmanager", "get-secret-value", "--secret-id", arn])
            .await
            .expect("the secret");
        answer["SecretString"].as_str().expect("a text").to_owned()
    }

    /// Address of payment.
    pub(super) async fn api(&self) -> String {
        self.api_of("FunctionsUrl").await
    }

    /// Address of the event steps.
    pub(super) async fn events_api(&self) -> String {
        self.api_of("EventsUrl").await
    }

    /// Limits of the routes of the API in a stack output, as (route, requests per second, burst). Not by the AWS CLI: the emulator
    /// stores the names of the template, which the CLI skips.
    pub(super) async fn route_limits(&self, output: &str) -> Vec<(String, u64, u64)> {
        let id = self.api_id(output).await;
        let stage = format!(
            "{}/v2/apis/{id}/stages/$default",
            self.deployed.ministack.endpoint()
        );
        let stage = self.get(&stage).await;
        let routes = stage["routeSettings"].as_object().expect("settings of routes");
        let number = |settings: &Value, name: &str| settings[name].as_u64().expect("a number");
        let mut limits: Vec<_> = routes
            .iter()
            .map(|(route, settings)| {
                let rate = number(settings, "ThrottlingRateLimit");
                (route.clone(), rate, number(settings, "ThrottlingBurstLimit"))
            })
            .collect();
        limits.sort();
        limits
    }

    /// Address of the API in a stack output. On AWS it is a host name; the emulator also accepts a path, which needs no DNS.
    pub(super) async fn api_of(&self, output: &str) -> String {
        let id = self.api_id(output).await;
        format!(
            "{}/_aws/execute-api/{id}/$default",
            self.deployed.ministack.endpoint()
        )
    }

    async fn api_id(&self, output: &str) -> String {
        let url = self.output(output).await;
        let host = url.trim_start_matches("http://");
        host.split('.').next().expect("an id").to_owned()
    }

    /// Pays an order as a customer of the identity provider, or without a token.
    pub(super) async fn pay(
        &self,
        api: &str,
        order: &str,
        customer: Option<&str>,
    ) -> (u16, Value, Option<String>) {
        let token = customer.map(|name| self.issuer.token(name));
        self.pay_with(api, order, token.as_deref().unwrap_or_default())
            .await
    }

    /// Pays an order with this token; without one if it is empty.
    pub(super) async fn pay_with(&self, api: &str, order: &str, token: &str) -> (u16, Value, Option<String>) {
        let body = payment(order, 500, "4242 4242 4242 4242");
        let mut request = self.http.post(format!("{api}/payment")).json(&body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        Self::answer(request).await
    }

    /// Document of an API.
    pub(super) async fn get(&self, url: &str) -> Value {
        let answer = self.http.get(url).send().await.expect("the API answers");
        assert_eq!(answer.status(), 200, "{url}");
        answer.json().await.expect("JSON")
    }

    /// Posts to the API; returns the status, the body, and Retry-After if there is one.
    pub(super) async fn post(
        &self,
        url: &str,
        body: &Value,
        secret: Option<&str>,
    ) -> (u16, Value, Option<String>) {
        let mut request = self.http.post(url).json(body);
        if let Some(secret) = secret {
            request = request.header("x-webhook-secret", secret);
        }
        Self::answer(request).await
    }

    async fn answer(request: reqwest::RequestBuilder) -> (u16, Value, Option<String>) {
        let request = request.timeout(Duration::from_secs(40));
        let answer = request.send().await.expect("the API answers");
        let retry_after = answer
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default(), retry_after)
    }

    /// Address of a bucket, which is a stack output.
    pub(super) async fn bucket_url(&self, bucket: &str) -> String {
        let bucket = self.output(bucket).await;
        format!("{}/{bucket}", self.deployed.ministack.endpoint())
    }

    /// Content security policy of the pages, with the engine's address in place of Hasura's.
    pub(super) async fn page_policy(&self, engine: &Engine) -> String {
        let policies = ["cloudfront", "list-response-headers-policies", "--type", "custom"];
        let policies = self.aws(&policies).await.expect("the policies");
        let items = policies["ResponseHeadersPolicyList"]["Items"].as_array();
        let policy = items
            .into_iter()
            .flatten()
            .map(|item| &item["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"])
            .find(|policy| policy["Name"] == format!("threefactor-{STAGE}-{REGION}"))
            .unwrap_or_else(|| panic!("no policy of the stage in {policies}"));
        let policy = policy["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
            .as_str()
            .expect("a content security policy");
        let hasura = self.output("HasuraUrl").await;
        assert!(policy.contains(&hasura), "{policy}");
        let socket = |url: &str| format!("ws{}", url.trim_start_matches("http"));
        policy
            .replace(&socket(&hasura), &socket(&engine.url()))
            .replace(&hasura, &engine.url())
    }

    /// Content of an object; `bucket` is a stack output.
    pub(super) async fn object(&self, bucket: &str, key: &str) -> String {
        let url = format!("{}/{key}", self.bucket_url(bucket).await);
        let answer = self.http.get(&url).send().await.expect("the bucket answers");
        assert_eq!(answer.status(), 200, "{url}");
        answer.text().await.expect("a text")
    }

    /// Description of a function.
    pub(super) async fn function(&self, function: &str) -> Described {
        let name = format!("threefactor-{STAGE}-{function}");
        let alias = ["lambda", "get-alias", "--function-name", &name, "--name", "live"];
        let alias = self.aws(&alias).await.expect("the alias");
        let configuration = ["lambda", "get-function-configuration", "--function-name", &name];
        let mut settings = self.aws(&configuration).await.expect("the function");
        for changes in [
            "CodeSha256",
            "CodeSize",
            "LastModified",
            "LastUpdateStatus",
            "LastUpdateStatusReason",
            "LastUpdateStatusReasonCode",
            "RevisionId",
            "State",
            "StateReason",
            "StateReasonCode",
        ] {
            settings.as_object_mut().expect("an object").remove(changes);
        }
        Described {
            version: alias["FunctionVersion"].as_str().expect("a version").to_owned(),
            settings,
        }
    }

    /// ARN of the secret with the signing keys, and the ids of its keys; the first one signs.
    pub(super) async fn signing_keys(&self) -> (String, Vec<String>) {
        let stack = self.stack().await.expect("the stack");
        let arn = named(&stack["Parameters"], "ParameterKey", "SigningKeysSecretArn");
        let arn = arn["ParameterValue"].as_str().expect("an ARN").to_owned();
        let keys = SigningKeys::parse(&self.secret_of(&arn).await).expect("good keys");
        (arn, key_ids(&keys.jwks()))
    }

    /// Changes the time of publication of the next signing key, as if a day had passed.
    pub(super) async fn predate_next_key(&self, arn: &str) {
        let text = self.secret_of(arn).await;
        let (before, after) = text.split_once("published at ").expect("a next key");
        let (_, after) = after.split_once('\n').expect("a line");
        let text = format!("{before}published at 2026-01-01T00:00:00Z\n{after}");
        self.deployed.ministack.change_secret(arn, &text).await;
    }

    /// Number of log entries of a function; each invocation adds some.
    pub(super) async fn log_lines(&self, function: &str) -> usize {
        let group = format!("/aws/lambda/threefactor-{STAGE}-{function}");
        let entries = ["logs", "filter-log-events", "--log-group-name", &group];
        let entries = self.aws(&entries).await.expect("the log group");
        entries["events"].as_array().map_or(0, Vec::len)
    }

    pub(super) async fn close(self) {
        self.deployed.stop().await;
    }
}

/// Ids of the keys in a JWKS document.
pub(super) fn key_ids(document: &Value) -> Vec<String> {
    let keys = document["keys"].as_array().expect("a list of keys");
    keys.iter()
        .map(|key| key["kid"].as_str().expect("an id").to_owned())
        .collect()
}

/// Id of the key that signed a token.
pub(super) fn signed_with(token: &str) -> String {
    let header = token.split('.').next().expect("a header");
    let header = URL_SAFE_NO_PAD.decode(header).expect("Base64");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("an id").to_owned()
}

/// Creates the zip files from the build of the binaries that other tests execute.
fn zips(ministack: &Ministack) {
    let dir = functions::dir().expect("the functions");
    fs::create_dir_all(&dir).expect("a directory under target/");
    let lock = File::create(dir.join("lock")).expect("a lock");
    lock.lock().expect("locking");
    if env::var_os("THREEFACTOR_FUNCTIONS_BUILT").as_deref() != Some(OsStr::new("1")) {
        functions::build(ministack.tools(), Architecture::Host, Output::Zip)
            .expect("the functions are built");
        return;
    }
    for function in listed().expect("functions.json").deployed() {
        let zipped = Command::new(ministack.tools().program("python"))
            .args(["-m", "zipfile", "-c", "bootstrap.zip", "bootstrap"])
            .current_dir(dir.join(function))
            .status()
            .expect("python");
        assert!(zipped.success(), "{function}");
    }
}
