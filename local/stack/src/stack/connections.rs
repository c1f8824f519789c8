//! How many connections to Postgres the parts of a stack may hold.

use anyhow::{Context as _, Result, ensure};

/// Connections from pgBouncer to Postgres. Two cores do not go faster with more.
pub const POOL_SIZE: u32 = 20;
/// The engine's own default for `HASURA_GRAPHQL_PG_CONNECTIONS`.
const DEFAULT_ENGINE_POOL: u32 = 50;
/// What the engine holds beside its pool (LISTEN, its instance lock, the small pools of deliveries and live queries), what
/// Postgres reserves for superusers (3), and a few for people with psql.
pub(super) const OTHER_CONNECTIONS: u32 = 28;

/// The engine's pool, as it will read it from its environment, which is ours.
pub(super) fn engine_pool() -> Result<u32> {
    match std::env::var("HASURA_GRAPHQL_PG_CONNECTIONS") {
        Ok(number) => number
            .parse()
            .context("HASURA_GRAPHQL_PG_CONNECTIONS must be a whole number"),
        Err(_) => Ok(DEFAULT_ENGINE_POOL),
    }
}

/// The pools have to fit into what Postgres accepts; otherwise a busy minute would fail with errors that nobody could
/// explain.
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
        "Postgres accepts {accepted} connections, and this stack may need {needed} (engine {engine_pool}, pgBouncer \
         {POOL_SIZE}, others {OTHER_CONNECTIONS}): raise its max_connections, or set HASURA_GRAPHQL_PG_CONNECTIONS lower"
    );
    Ok(())
}
