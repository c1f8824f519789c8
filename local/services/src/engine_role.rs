//! The engine's database role of a local Postgres: owner of the application's objects, but not a superuser, so that SQL
//! that reaches the engine can neither run programs nor read files. On AWS, infra/hasura.yaml creates Hasura's.

use tokio_postgres::Client;

use crate::function_roles::literal;
use crate::login::Login;

const FILE: &str = include_str!("engine_role.sql");

/// Creates or updates the role, and hands the objects of the current role over to it. Requires a superuser.
pub async fn apply(database: &Client, login: &Login) -> Result<(), tokio_postgres::Error> {
    let secret = postgres_protocol::password::scram_sha_256(login.password.as_bytes());
    let sql = format!(
        "SELECT pg_catalog.set_config('threefactor.engine_role', {}, true), pg_catalog.set_config('threefactor.engine_password', {}, true);\n{FILE}",
        literal(&login.user),
        literal(&secret)
    );
    database.batch_execute(&sql).await
}
