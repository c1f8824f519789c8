//! A database per test: cloned from a template that contains `schema.sql`, dropped when the test ends.
//!
//! `TEST_DATABASE_URL` is a superuser's direct connection, `TEST_POOL_URL` the same server through pgBouncer in
//! transaction mode, as the role of a function (`infra/function-roles.sql`); those of the others have the same password. `cargo
//! xtask test` starts both and sets the variables.

use std::hash::{DefaultHasher, Hash, Hasher};

use local_services::function_roles;
use local_services::login::{FunctionLogins, as_login};
use shared::Config;
use testkit::database::{connect, server_url, variable, with_database};
use tokio_postgres::Client;

/// The schema under test.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// Its demo accounts, which only demos have.
pub use local_stack::setup::DEMO_ACCOUNTS;

const ROLES: &str = include_str!("../../infra/function-roles.sql");

/// Advisory lock that serialises the creation of the template between test processes.
const TEMPLATE_LOCK: i64 = 0x0003_FAC7_0123;

/// A database with direct and pooled connections.
#[derive(Debug)]
pub struct TestDatabase(testkit::TestDatabase);

impl TestDatabase {
    /// Creates a database with `schema.sql`, its demo data and the demo accounts.
    pub async fn new() -> Self {
        let template = template().await;
        Self(testkit::TestDatabase::create_with("test", &format!("TEMPLATE \"{template}\"")).await)
    }

    /// Creates an empty database.
    pub async fn empty() -> Self {
        // Creating the template also creates the functions' roles.
        template().await;
        Self(testkit::TestDatabase::create_with("test", "TEMPLATE template0").await)
    }

    /// Opens a direct connection as superuser.
    pub async fn connect(&self) -> Client {
        self.0.connect().await
    }

    /// Connection string without a pooler, as superuser.
    pub fn direct_url(&self) -> String {
        self.0.url().to_owned()
    }

    /// Connection string without a pooler, as the role of a function.
    pub fn direct_url_as(&self, function: &str) -> String {
        as_login(&self.direct_url(), logins().of(function).expect("a function"))
    }

    /// Name of the database.
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// Connection string through pgBouncer, as the role of a function.
    pub fn pool_url(&self, function: &str) -> String {
        let logins = logins();
        let login = logins.of(function).expect("a function");
        with_database(&as_login(&pool_url(), login), self.0.name())
    }

    /// Configuration of a function with this number of connections through pgBouncer.
    pub fn config(&self, function: &str, connections: u32) -> Config {
        Config::from_values(
            Some(&self.pool_url(function)),
            None,
            Some(&connections.to_string()),
        )
        .expect("the connection string is valid")
    }

    /// Pool of a function with this number of connections through pgBouncer.
    pub fn pool(&self, function: &str, connections: u32) -> shared::database::Database {
        shared::database::Database::new(&self.config(function, connections))
    }
}

/// Returns the name of the template; creates it if it does not exist. The name contains a hash of the schema and the
/// roles, so that a changed one gets its own template.
async fn template() -> String {
    let admin = connect(&server_url()).await;
    let mut hasher = DefaultHasher::new();
    (SCHEMA, DEMO_ACCOUNTS, ROLES).hash(&mut hasher);
    let name = format!("template_{:016x}", hasher.finish());
    admin
        .execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK])
        .await
        .expect("the template lock is granted");
    let exists = admin
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datallowconn = false)",
            &[&name],
        )
        .await
        .expect("pg_database is readable")
        .get::<_, bool>(0);
    if !exists {
        // A template without `ALLOW_CONNECTIONS false` was left incomplete by a killed run.
        for statement in [
            format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"),
            format!("CREATE DATABASE \"{name}\" TEMPLATE template0"),
        ] {
            admin
                .batch_execute(&statement)
                .await
                .expect("the template is created");
        }
        let inside = connect(&with_database(&server_url(), &name)).await;
        inside.batch_execute(SCHEMA).await.expect("schema.sql is valid");
        inside
            .batch_execute(DEMO_ACCOUNTS)
            .await
            .expect("demo-accounts.sql is valid");
        function_roles::apply(&inside, &logins())
            .await
            .expect("function-roles.sql is valid");
        drop(inside);
        let finish = format!("ALTER DATABASE \"{name}\" WITH ALLOW_CONNECTIONS false");
        admin
            .batch_execute(&finish)
            .await
            .expect("the template is closed for connections");
    }
    admin
        .execute("SELECT pg_advisory_unlock($1)", &[&TEMPLATE_LOCK])
        .await
        .expect("the template lock is released");
    name
}

/// Roles of the functions.
pub fn logins() -> FunctionLogins {
    let url: tokio_postgres::Config = pool_url().parse().expect("TEST_POOL_URL");
    FunctionLogins::with_password(&String::from_utf8_lossy(url.get_password().unwrap_or_default()))
        .expect("functions.json")
}

fn pool_url() -> String {
    variable("TEST_POOL_URL")
}
