//! Connection budget of a stack.

use anyhow::{Context as _, Result, ensure};

use crate::concurrency::MAX_CONCURRENCY;

/// Connections from pgBouncer to Postgres for each function. On two cores, more do not increase throughput.
pub const FUNCTION_POOL_SIZE: u32 = 3;
/// The engine's default for `HASURA_GRAPHQL_PG_CONNECTIONS`.
const DEFAULT_ENGINE_POOL: u32 = 50;
/// Connections of the engine outside its pool (LISTEN, the instance lock, the small pools of deliveries and live
/// queries), Postgres' reserve for superusers (3), and a few for psql.
pub(super) const OTHER_CONNECTIONS: u32 = 28;

/// Connections from pgBouncer to Postgres for all functions.
pub(super) fn pool_size(functions: usize) -> u32 {
    u32::try_from(functions)
        .unwrap_or(u32::MAX)
        .saturating_mul(FUNCTION_POOL_SIZE)
}

/// Connections that pgBouncer accepts: one per concurrent call of each function.
pub(super) fn pool_clients(functions: usize) -> u32 {
    u32::try_from(functions)
        .unwrap_or(u32::MAX)
        .saturating_mul(u32::from(MAX_CONCURRENCY))
}

/// Size of a Postgres that the stack starts. Without pgBouncer each concurrent call of each function has a connection of its own.
pub(super) fn max_connections(engine_pool: u32, functions: usize, calls: usize) -> u32 {
    let of_functions = u32::try_from(functions * calls).unwrap_or(u32::MAX);
    (engine_pool + OTHER_CONNECTIONS)
        .saturating_add(of_functions.max(pool_size(functions)))
        .max(100)
}

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
    pool_size: u32,
) -> Result<()> {
    let row = database
        .query_one("SELECT current_setting('max_connections')::int", &[])
        .await?;
    let accepted = u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or(0);
    let needed = engine_pool + pool_size + OTHER_CONNECTIONS;
    ensure!(
        needed <= accepted,
        "Postgres accepts {accepted} connections, but this stack may need {needed} (engine {engine_pool}, pgBouncer \
         {pool_size}, others {OTHER_CONNECTIONS}); raise max_connections, or lower HASURA_GRAPHQL_PG_CONNECTIONS"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pool_has_a_share_for_each_function() {
        assert_eq!(
            (pool_size(7), pool_clients(7)),
            (21, 7 * u32::from(MAX_CONCURRENCY))
        );
    }

    #[test]
    fn postgres_accepts_the_functions_without_a_pool() {
        assert_eq!(max_connections(10, 7, 1), 100);
        assert_eq!(max_connections(50, 7, 8), 50 + OTHER_CONNECTIONS + 56);
        assert_eq!(max_connections(90, 7, 1), 90 + OTHER_CONNECTIONS + 21);
    }
}
