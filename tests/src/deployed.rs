//! The functions and their connections to the database as on AWS, without the cloud: Postgres that requires TLS,
//! pgBouncer configured by the template's own script from secrets in the emulator, with TLS and SCRAM, and the deployed
//! binaries.

use std::{
    collections::HashMap,
    env,
    ffi::OsStr,
    fs::{self, File},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
    sync::Mutex,
    time::Duration,
};

use lambda_host::{FunctionSpec, Functions, Limits, Options};
use local_process::dirs::{self, DataDir};
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::ports;
use local_process::process::{Program, Running, Signal};
use local_process::users::{self, User};
use local_process::watchdog::Watchdog;
use local_services::function_roles;
use local_services::functions::functions as listed;
use local_services::login::{FunctionLogins, Login};
use local_services::pgbouncer::executable;
use local_services::postgres::{self, Postgres};
use local_stack::functions::{self, Architecture, Output};
use local_stack::setup;
use local_tools::programs;
use serde_json::{Value, json};
use testkit::eventually;
use tokio::sync::{OnceCell, RwLock};
use tokio_postgres::Client;

use crate::{
    certificates::{Authority, Certificate},
    database::SCHEMA,
    ministack::Ministack,
    tokens::new_key,
};

/// Webhook secret that event triggers send; see [`Deployed::webhook_secret`].
pub const WEBHOOK_SECRET: &str = "the webhook's s3cret";

/// Connections from the pool to Postgres.
const POOL_SIZE: u32 = 5;

/// The running services behind the functions.
pub struct Deployed {
    /// Emulator that stores the secrets.
    pub ministack: Ministack,
    /// Direct connection to Postgres as superuser.
    pub database: Client,
    /// Authority of the certificates of the pool (`localhost`) and of the database (127.0.0.1).
    pub authority: Authority,
    /// ARNs of the secrets with the functions' roles, in the order of functions.json.
    secrets: Vec<String>,
    /// ARN of the secret with the signing key of the login function.
    signing_keys: String,
    /// ARN of the secret with [`WEBHOOK_SECRET`].
    pub webhook_secret: String,
    pool_port: u16,
    tls_secret: String,
    logins: Mutex<FunctionLogins>,
    /// ARN of the function that rotates secrets.
    rotation: OnceCell<String>,
    pgbouncer: RwLock<Running>,
    postgres: Postgres,
    watchdog: Watchdog,
    user: Option<User>,
    // Dropped last: contains the files of the other services.
    dir: DataDir,
}

impl Deployed {
    /// Starts all services; returns after a query through the pool succeeded.
    pub async fn start() -> Self {
        programs::jq().expect("jq");
        let watchdog = Watchdog::start(&dirs::bin_dir().expect("the binaries"));
        let user = users::unprivileged().expect("an unprivileged user exists");
        let ministack = Ministack::start().await;
        let dir = DataDir::ephemeral(user, &watchdog).expect("a directory");
        let authority = Authority::new();
        let postgres = Postgres::start(
            postgres::Options {
                programs: local_services::programs::postgres().expect("Postgres"),
                dir: dir.path().to_path_buf(),
                port: ports::free().expect("a free port"),
                max_connections: 100,
                user,
                ephemeral: true,
                fsync_off: true,
            },
            &watchdog,
        )
        .await
        .expect("Postgres starts");
        let database = postgres::connect(&postgres.url()).await.expect("Postgres");
        let logins = FunctionLogins::generate().expect("functions.json");
        setup::apply_schema(&database, SCHEMA).await.expect("the schema");
        database
            .batch_execute(setup::DEMO_ACCOUNTS)
            .await
            .expect("the demo accounts");
        function_roles::apply(&database, &logins)
            .await
            .expect("the roles");
        demand_tls(&database, dir.path(), user, &authority).await;

        let pool_port = ports::free().expect("a free port");
        let pool = authority.certify(&["localhost"]);
        let mut secrets = Vec::new();
        for login in logins.all() {
            secrets.push(ministack.create_secret(&login.user, &secret_of(login)).await);
        }
        let signing_keys = ministack.create_secret("signing-keys", &new_key()).await;
        let tls = json!({"certificate": pool.certificate, "key": pool.key, "ca": authority.pem()});
        let tls_secret = ministack.create_secret("pool-tls", &tls.to_string()).await;
        let webhook = json!({"secret": WEBHOOK_SECRET}).to_string();
        let webhook_secret = ministack.create_secret("webhook", &webhook).await;

        let script = Script {
            dir: dir.path(),
            ministack: &ministack,
            database_port: postgres.port(),
            pool_port,
            secrets: secrets.join(" "),
            tls_secret: &tls_secret,
            user,
        };
        script.run("refresh", "true");
        let pgbouncer = start_pgbouncer(dir.path(), user, &watchdog);
        script.run("check", "false");
        Self {
            ministack,
            database,
            authority,
            secrets,
            signing_keys,
            webhook_secret,
            pool_port,
            tls_secret,
            logins: Mutex::new(logins),
            rotation: OnceCell::new(),
            pgbouncer: RwLock::new(pgbouncer),
            postgres,
            watchdog,
            user,
            dir,
        }
    }

    /// Makes the pool read its secrets and check itself, as its timer does every minute.
    pub async fn refresh_pool(&self) {
        let pid = self.pgbouncer.read().await.pid().as_raw_nonzero();
        self.script().run("refresh", &format!("kill -HUP {pid}"));
        self.script().run("check", "false");
    }

    /// Makes the pool publish its metrics, as its timer does every minute.
    pub fn tick_pool(&self) {
        self.script().run("tick", "true");
    }

    /// Restarts pgBouncer, as an update of the pool does; its clients have to log in again.
    pub async fn restart_pool(&self) {
        let mut pgbouncer = self.pgbouncer.write().await;
        stop_pgbouncer(&pgbouncer).await;
        *pgbouncer = start_pgbouncer(self.dir.path(), self.user, &self.watchdog);
    }

    /// Role of a function with its current password in Postgres.
    pub fn login(&self, function: &str) -> Login {
        let logins = self.logins.lock().expect("the mutex is not poisoned");
        logins.of(function).expect("a function").clone()
    }

    /// Rotates the passwords of the functions' roles with the deployed rotate-secret, which the emulator calls as Secrets Manager does. The
    /// pool reads them later.
    pub async fn rotate_passwords(&self) {
        let function = self.rotation.get_or_init(|| self.create_rotation()).await;
        let mut passwords = HashMap::new();
        for (secret, login) in self.secrets.iter().zip(self.current_logins().all()) {
            let before = self.ministack.secret(secret).await;
            self.ministack.rotate_secret(secret, function).await;
            let value = eventually(&format!("{} has a new password", login.user), async || {
                let value = self.ministack.secret(secret).await;
                (value != before).then_some(value)
            })
            .await;
            let value: Value = serde_json::from_str(&value).expect("JSON");
            assert_eq!(value["username"], login.user);
            passwords.insert(
                login.user.clone(),
                value["password"].as_str().expect("a password").to_owned(),
            );
        }
        let logins = FunctionLogins::new(|role| passwords[role].clone()).expect("functions.json");
        *self.logins.lock().expect("the mutex is not poisoned") = logins;
    }

    /// Creates the function that rotates secrets, with the settings of infra/rotation.yaml; returns its ARN.
    async fn create_rotation(&self) -> String {
        let mut env = self.ministack.environment();
        let address = format!(
            "postgres://127.0.0.1:{}/postgres?sslmode=verify-full",
            self.postgres.port()
        );
        env.push(("POSTGRES_CONNECTION_STRING".to_owned(), address));
        env.push(("POSTGRES_CA_CERTIFICATE".to_owned(), self.authority.pem()));
        env.push(("CHECKED_ARNS".to_owned(), self.secrets.join(",")));
        let program = functions::dir()
            .expect("the binaries")
            .join("rotate-secret/bootstrap");
        self.ministack
            .create_function("rotate-secret", &program, env)
            .await
    }

    fn current_logins(&self) -> FunctionLogins {
        self.logins.lock().expect("the mutex is not poisoned").clone()
    }

    /// Stores these passwords in the secrets.
    pub async fn change_secrets(&self, logins: &FunctionLogins) {
        for (secret, login) in self.secrets.iter().zip(logins.all()) {
            self.ministack.change_secret(secret, &secret_of(login)).await;
        }
    }

    /// Terminates all connections from the pool to Postgres; new ones have to authenticate.
    pub async fn cut_pool_from_postgres(&self) {
        self.database
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY($1)",
                &[&roles()],
            )
            .await
            .expect("the connections are terminated");
    }

    /// Connection string through the pool without user and password; `settings` is its query string.
    pub fn pool_url(&self, host: &str, settings: &str) -> String {
        format!("postgres://{host}:{}/postgres?{settings}", self.pool_port)
    }

    /// Connection string through the pool with user and password.
    pub fn pool_url_as(&self, login: &Login, host: &str, settings: &str) -> String {
        let Login { user, password } = login;
        format!(
            "postgres://{user}:{password}@{host}:{}/postgres?{settings}",
            self.pool_port
        )
    }

    /// Direct connection string of the superuser.
    pub fn direct_url(&self) -> String {
        self.postgres.url()
    }

    /// Environment of the deployed functions. Each also has the ARN of its own secret, unless this contains one.
    pub fn function_environment(&self) -> Vec<(String, String)> {
        let mut environment = self.ministack.environment();
        environment.extend(
            [
                (
                    "POSTGRES_CONNECTION_STRING",
                    self.pool_url("localhost", "sslmode=verify-full"),
                ),
                ("POSTGRES_CA_CERTIFICATE", self.authority.pem()),
                ("LOGIN_SIGNING_KEYS_ARN", self.signing_keys.clone()),
                ("JWT_ISSUER", "https://login.example.com".to_owned()),
                ("DEMO_LOGIN", "true".to_owned()),
                ("PAYMENT_ACCESS", "open".to_owned()),
                ("WEBHOOK_SECRET_ARN", self.webhook_secret.clone()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        environment
    }

    /// Starts the deployed functions with the local gateway.
    pub async fn start_functions(&self, env: Vec<(String, String)>) -> (Functions, Logs) {
        let logs = Logs::new(Destination::Kept);
        let mut specs = binaries(&self.ministack, self.dir.path());
        if env.iter().all(|(name, _)| name != "POSTGRES_SECRET_ARN") {
            for function in &mut specs {
                let listed = &listed().expect("functions.json").all;
                let position = listed.iter().position(|known| known.name == function.name);
                let secret = self.secrets[position.expect("a role")].clone();
                function.env.push(("POSTGRES_SECRET_ARN".to_owned(), secret));
            }
        }
        let options = Options {
            functions: specs,
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: 0,
            allowed_origins: Vec::new(),
            limits: Limits::default().with_concurrency(2, true),
            env,
            inherited_env: functions::inherited_env(),
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
        };
        let functions = Functions::start(options, &logs, &self.watchdog)
            .await
            .expect("the functions start");
        (functions, logs)
    }

    /// ARN of the secret with the pool's certificate and its authority.
    pub fn tls_secret(&self) -> &str {
        &self.tls_secret
    }

    /// Log of pgBouncer.
    pub fn pool_log(&self) -> String {
        fs::read_to_string(self.dir.path().join("pgbouncer.log")).unwrap_or_default()
    }

    /// Directory for further files of the test.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Watchdog that stops the services if this process dies.
    pub fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }

    /// Stops all services.
    pub async fn stop(self) {
        stop_pgbouncer(&*self.pgbouncer.read().await).await;
        self.postgres.stop().await;
        self.ministack.stop().await;
    }

    fn script(&self) -> Script<'_> {
        Script {
            dir: self.dir.path(),
            ministack: &self.ministack,
            database_port: self.postgres.port(),
            pool_port: self.pool_port,
            secrets: self.secrets.join(" "),
            tls_secret: &self.tls_secret,
            user: self.user,
        }
    }
}

/// `infra/pgbouncer/bootstrap.sh` with the environment of an instance.
struct Script<'a> {
    dir: &'a Path,
    ministack: &'a Ministack,
    database_port: u16,
    pool_port: u16,
    secrets: String,
    tls_secret: &'a str,
    user: Option<User>,
}

impl Script<'_> {
    fn run(&self, command: &str, reload: &str) {
        let owner = self.user.map(|user| format!("{}:{}", user.uid, user.gid));
        let output = Command::new("bash")
            .arg(dirs::root().join("infra/pgbouncer/bootstrap.sh"))
            .arg(command)
            .env_clear()
            .env("PATH", self.ministack.tools().path())
            .env("HOME", self.dir)
            .envs(self.ministack.environment())
            .env("POOL_DIR", self.dir)
            .env("POOL_OWNER", owner.unwrap_or_default())
            .env("POOL_LISTEN_ADDR", "127.0.0.1")
            .env("POOL_PORT", self.pool_port.to_string())
            .env("POOL_SIZE", POOL_SIZE.to_string())
            .env("POOL_DATABASE_HOST", "127.0.0.1")
            .env("POOL_DATABASE_PORT", self.database_port.to_string())
            .env("POOL_SERVER_CA_FILE", self.dir.join("database-ca.pem"))
            .env("POOL_SECRET_ARNS", &self.secrets)
            .env("POOL_TLS_SECRET_ARN", self.tls_secret)
            .env("POOL_TLS_NAME", "localhost")
            .env("POOL_RELOAD", reload)
            .env("POOL_STAGE", "test")
            .env(
                "POOL_PROGRAM",
                local_services::programs::pgbouncer().expect("pgBouncer"),
            )
            .stdin(Stdio::null())
            .output()
            .expect("bash");
        assert!(
            output.status.success(),
            "bootstrap.sh {command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn start_pgbouncer(dir: &Path, user: Option<User>, watchdog: &Watchdog) -> Running {
    let program = local_services::programs::pgbouncer().expect("pgBouncer");
    let program = executable(&program, dir, user).expect("the program is copied");
    Program::new("pgbouncer", &program)
        .args([dir.join("pgbouncer.ini")])
        .directory(dir)
        .user(user)
        .on_parent_exit(Signal::TERM)
        .start_logging_to(&dir.join("pgbouncer.log"), watchdog)
        .expect("pgBouncer starts")
}

async fn stop_pgbouncer(pgbouncer: &Running) {
    pgbouncer.stop(Signal::TERM, Duration::from_secs(5)).await;
}

/// Roles of all functions.
fn roles() -> Vec<&'static str> {
    let functions = &listed().expect("functions.json").all;
    functions.iter().map(|function| function.role.as_str()).collect()
}

fn secret_of(login: &Login) -> String {
    json!({"username": login.user, "password": login.password}).to_string()
}

/// Makes Postgres accept the functions' roles only over TLS, like `rds.force_ssl` on RDS.
async fn demand_tls(database: &Client, dir: &Path, user: Option<User>, authority: &Authority) {
    let Certificate { certificate, key } = authority.certify(&["127.0.0.1"]);
    let hba = format!(
        "hostssl all {} 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 scram-sha-256\n",
        roles().join(",")
    );
    for (name, content) in [
        ("data/server.crt", certificate.as_str()),
        ("data/server.key", &key),
        ("data/pg_hba.conf", &hba),
        ("database-ca.pem", &authority.pem()),
    ] {
        let path = dir.join(name);
        fs::write(&path, content).expect("the file is written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("the permissions are set");
        users::change_owner(&path, user).expect("the owner is set");
    }
    for statement in ["ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()"] {
        database.batch_execute(statement).await.expect("TLS is enabled");
    }
}

/// Copies of the deployed binaries, built unless `cargo xtask test` has built them. Copies, because a running
/// executable cannot be overwritten by a build.
fn binaries(ministack: &Ministack, dir: &Path) -> Vec<FunctionSpec> {
    let lambda_dir = functions::dir().expect("the binaries");
    fs::create_dir_all(&lambda_dir).expect("a directory under target/");
    let lock = File::create(lambda_dir.join("lock")).expect("a lock");
    lock.lock().expect("locking");
    if env::var_os("THREEFACTOR_FUNCTIONS_BUILT").as_deref() != Some(OsStr::new("1")) {
        functions::build(ministack.tools(), Architecture::Host, Output::Binary)
            .expect("the functions are built");
    }
    let mut functions = functions::built().expect("the functions");
    for function in &mut functions {
        let copy = dir.join(&function.name);
        fs::copy(&function.program, &copy).expect("the function is copied");
        function.program = copy;
    }
    functions
}
