//! Connection budget of a stack.

use anyhow::{Context as _, Result, ensure};

/// Connections from pgBouncer to Postgres. On two cores, more do not increase throughput.
pub const POOL_SIZE: u32 = 20;
/// Share of each function in [`POOL_SIZE`].
pub const FUNCTION_POOL_SIZE: u32 = POOL_SIZE / 5;
/// The engine's default for `HASURA_GRAPHQL_PG_CONNECTIONS`.
const DEFAULT_ENGINE_POOL: u32 = 50;
/// Connections of the engine outside its pool (LISTEN, the instance lock, the small pools of deliveries and live
/// queries), Postgres' reserve for superusers (3), and a few for psql.
pub(super) const OTHER_CONNECTIONS: u32 = 28;

/// The size of the engine's pool; the engine inherits this environment.
pub(super) fn engine_pool() -> Result<u32> {
    match std::env::var("HASURA_GRAPHQL_PG_CONNECTIONS") {
        Ok(number) => number
            .parse()
            .context("HASURA_GRAPHQL_PG_CONNECTIONS must be an integer"),
        Err(_) => Ok(DEFAULT_ENGINE_POOL),
    }
}

/// The pools must fit into `max_connections`; otherwise connections fail under load with unrelated-looking errors.
pub(super) async fn ensure_enough_connections(
    database: &tokio_postgres::Client,
    engine_pool: u32,
) -> Result<()> {
    let row = database
        .query_one("SELECT current_setting('max_connections')::int", &[])
        .await?;
    let accepted = u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or(0);
    let needed = engine_pool + POOL_SIZE + OTHER_CONNECTIONS;
    ensure!(
        needed <= accepted,
        "Postgres accepts {accepted} connections, but this stack may need {needed} (engine {engine_pool}, pgBouncer \
         {POOL_SIZE}, others {OTHER_CONNECTIONS}); raise max_connections, or lower HASURA_GRAPHQL_PG_CONNECTIONS"
    );
    Ok(())
}
