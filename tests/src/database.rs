//! A database per test: cloned from a template that holds `schema.sql`, dropped when the test ends.
//!
//! `TEST_DATABASE_URL` names a superuser's direct connection, `TEST_POOL_URL` the same server through pgBouncer in
//! transaction mode, as the role that the functions have (`infra/app-role.sql`). Only the database's name is replaced in them.
//! `cargo xtask test` starts both and sets the variables.

use std::{
    collections::hash_map::DefaultHasher,
    env,
    hash::{Hash, Hasher},
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use local_services::app_role;
use local_services::login::Login;
use shared::Config;
use tokio_postgres::{Client, NoTls};

/// The schema under test.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// Advisory lock under which the template is made, so that a hundred test processes make it once.
const TEMPLATE_LOCK: i64 = 0x0003_FAC7_0123;

/// A database of this test's own.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// A database with `schema.sql` and its demo data.
    pub async fn new() -> Self {
        let admin = connect(&direct_url()).await;
        let template = template(&admin).await;
        Self::create(&admin, &format!("TEMPLATE \"{template}\"")).await
    }

    /// A database with nothing in it.
    pub async fn empty() -> Self {
        let admin = connect(&direct_url()).await;
        // The functions' role comes with it.
        template(&admin).await;
        Self::create(&admin, "TEMPLATE template0").await
    }

    async fn create(admin: &Client, from: &str) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "test_{}_{}",
            process::id(),
            COUNTER.fetch_add(1, Ordering::Relaxed)
        );
        // FILE_COPY waits for a checkpoint; for a small template WAL_LOG, the default since 15, is far quicker.
        let sql =
            format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE); CREATE DATABASE \"{name}\" {from}");
        for statement in sql.split("; ") {
            admin
                .batch_execute(statement)
                .await
                .expect("creating the test's database");
        }
        Self { name }
    }

    /// A direct connection, for setting up and for looking.
    pub async fn connect(&self) -> Client {
        connect(&self.direct_url()).await
    }

    /// The connection string of this database on the server itself.
    pub fn direct_url(&self) -> String {
        with_database(&direct_url(), &self.name)
    }

    /// The connection string of this database through pgBouncer, as functions use it.
    pub fn pool_url(&self) -> String {
        with_database(&pool_url(), &self.name)
    }

    /// A function's configuration for this database, through pgBouncer, with this many connections.
    pub fn config(&self, connections: u32) -> Config {
        Config::from_values(Some(&self.pool_url()), None, Some(&connections.to_string()))
            .expect("the test's own connection string")
    }

    /// The database as a step sees it, through pgBouncer.
    pub fn pool(&self, connections: u32) -> shared::database::Database {
        shared::database::Database::new(&self.config(connections))
    }
}

/// Also when the test failed. In a thread of its own, because a runtime may be going down around us.
impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name);
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&direct_url(), NoTls).await?;
                tokio::spawn(connection);
                client.batch_execute(&sql).await?;
                anyhow::Ok(())
            })
        });
        if let Ok(Err(error)) = dropping.join() {
            eprintln!("could not drop {}: {error}", self.name);
        }
    }
}

/// The template's name, made if it is not there. Named after the schema's content, so that a changed schema gets a new one.
async fn template(admin: &Client) -> String {
    let mut hasher = DefaultHasher::new();
    SCHEMA.hash(&mut hasher);
    let name = format!("template_{:016x}", hasher.finish());
    admin
        .execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK])
        .await
        .expect("locking the template");
    let there = admin
        .query_one(
            "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datallowconn = false)",
            &[&name],
        )
        .await
        .expect("looking for the template")
        .get::<_, bool>(0);
    if !there {
        // What a killed run left half made is made again; only a finished template refuses connections.
        for statement in [
            format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"),
            format!("CREATE DATABASE \"{name}\" TEMPLATE template0"),
        ] {
            admin
                .batch_execute(&statement)
                .await
                .expect("creating the template");
        }
        let inside = connect(&with_database(&direct_url(), &name)).await;
        inside.batch_execute(SCHEMA).await.expect("applying schema.sql");
        app_role::apply(&inside, &app())
            .await
            .expect("applying app-role.sql");
        drop(inside);
        let finish = format!("ALTER DATABASE \"{name}\" WITH ALLOW_CONNECTIONS false");
        admin
            .batch_execute(&finish)
            .await
            .expect("finishing the template");
    }
    admin
        .execute("SELECT pg_advisory_unlock($1)", &[&TEMPLATE_LOCK])
        .await
        .expect("unlocking the template");
    name
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("connecting to the test server");
    tokio::spawn(connection);
    client
}

/// The functions' role and password.
pub fn app() -> Login {
    let url: tokio_postgres::Config = pool_url().parse().expect("TEST_POOL_URL");
    Login {
        user: url.get_user().expect("a user in TEST_POOL_URL").to_owned(),
        password: String::from_utf8_lossy(url.get_password().unwrap_or_default()).into_owned(),
    }
}

fn direct_url() -> String {
    variable("TEST_DATABASE_URL")
}

fn pool_url() -> String {
    variable("TEST_POOL_URL")
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}

/// The same URL with another database: what stands between the host and the options.
fn with_database(url: &str, database: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, None), |(address, options)| (address, Some(options)));
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{database}{options}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_databases_name_is_replaced() {
        for (url, expected) in [
            ("postgres://u:p@h:1/postgres", "postgres://u:p@h:1/mine"),
            ("postgres://u:p@h:1", "postgres://u:p@h:1/mine"),
            (
                "postgres://u:p@h:1/a?sslmode=disable",
                "postgres://u:p@h:1/mine?sslmode=disable",
            ),
        ] {
            assert_eq!(with_database(url, "mine"), expected);
        }
    }
}
