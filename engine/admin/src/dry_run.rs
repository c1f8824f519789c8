//! Metadata commands without storing their effects, for tools that check commands and need no database.

use crate::commands::{self, Answer, Command};
use crate::context::AdminContext;
use crate::metadata_transaction::MetadataTransaction;
use engine_error::Result;
use engine_model::session::Session;
use engine_plan::schema_cache::ResolvedMetadata;

/// Commands on a copy of the current metadata of the context. The copy is dropped with this value: no command stores it, publishes it or
/// changes capture triggers. Commands on data, SQL and logs use the pool of the context, and fail if it is closed.
pub struct DryRun<'e> {
    transaction: MetadataTransaction<'e>,
}

impl<'e> DryRun<'e> {
    /// Copies the current metadata. Other commands of the context wait until this value is dropped.
    pub async fn begin(admin: &'e AdminContext, session: &'e Session) -> Self {
        Self {
            transaction: MetadataTransaction::on_current_schema(admin, session).await,
        }
    }

    /// Runs one command, or a bulk. An error of a bulk leaves the effects of its earlier commands in the copy.
    pub async fn run(&mut self, body: serde_json::Value) -> Result<Answer> {
        let command = Command::parse(body)?;
        // The checks of an outermost bulk apply to each command.
        self.transaction.in_bulk = false;
        commands::run(&mut self.transaction, command).await
    }

    /// Returns the metadata with the effects of the commands so far.
    pub fn now(&self) -> ResolvedMetadata {
        self.transaction.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AdminOptions;
    use arc_swap::ArcSwap;
    use connection::Secret;
    use engine_model::metadata::Metadata;
    use engine_plan::schema::SchemaOptions;
    use engine_plan::schema_cache::SchemaCache;
    use engine_postgres::isolation::IsolationLevel;
    use engine_postgres::pool::{self, PoolOptions};
    use engine_runtime::graphql::CostOptions;
    use engine_runtime::wake::Waker;
    use serde_json::json;
    use std::sync::Arc;
    use std::time::Duration;

    fn admin() -> AdminContext {
        let pool_options = PoolOptions {
            database_url: Secret::new("postgres://localhost/unused").unwrap(),
            isolation: IsolationLevel::default(),
            operation_timeout: 0,
            client_percent: 0,
        };
        let pool = pool::build(&pool_options, 1).unwrap();
        pool.close();
        let resolved = ResolvedMetadata::new(Metadata::default(), Arc::default());
        let options = AdminOptions {
            pool: pool_options,
            cost: CostOptions {
                time: None,
                role_time: None,
                response_bytes: 0,
                role_response_bytes: 0,
            },
            schema: SchemaOptions::default(),
            schema_sync_interval: Duration::ZERO,
        };
        let schema = Arc::new(ArcSwap::from_pointee(SchemaCache::new(1, resolved)));
        AdminContext::new(pool, schema, Waker::default(), options)
    }

    #[tokio::test]
    async fn commands_change_the_copy_only() {
        let (admin, session) = (admin(), Session::admin());
        let mut dry_run = DryRun::begin(&admin, &session).await;
        let command = json!({
            "type": "create_query_collection",
            "args": {"name": "c", "definition": {"queries": []}},
        });
        dry_run.run(command.clone()).await.unwrap();
        let changed = dry_run.now().metadata;
        assert_ne!(changed, admin.schema.load().resolved.metadata);
        // Refused commands leave the copy as it is.
        dry_run.run(command).await.unwrap_err();
        let error = dry_run
            .run(json!({"type": "run_sql", "args": {"sql": "SELECT 1"}}))
            .await;
        assert!(error.unwrap_err().retry_after.is_some());
        assert_eq!(dry_run.now().metadata, changed);
        drop(dry_run);
        let again = DryRun::begin(&admin, &session).await;
        assert_ne!(again.now().metadata, changed);
    }
}
