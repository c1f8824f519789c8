//! Metadata with the tables of the catalog, and the context of commands. No database is needed: the pool is closed.

use arc_swap::ArcSwap;
use connection::Secret;
use engine_admin::{AdminContext, AdminOptions};
use engine_model::metadata::Metadata;
use engine_plan::schema::SchemaOptions;
use engine_plan::schema_cache::{CurrentSchema, ResolvedMetadata, SchemaCache};
use engine_postgres::isolation::IsolationLevel;
use engine_postgres::pool::{self, Connections, PoolOptions};
use engine_runtime::graphql::CostOptions;
use engine_runtime::wake::Waker;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Returns the parameters of a database that does not exist.
pub fn pool_options() -> PoolOptions {
    PoolOptions {
        database_url: Secret::new("postgres://127.0.0.1:1/unused").expect("a value"),
        isolation: IsolationLevel::default(),
        operation_timeout: 0,
        client_percent: 0,
    }
}

/// Returns limits of operations, of which none reaches the database.
pub fn cost() -> CostOptions {
    CostOptions {
        time: None,
        role_time: None,
        response_bytes: 0,
        role_response_bytes: 0,
    }
}

/// Returns a pool that refuses immediately.
pub fn closed_pool() -> Connections {
    let pool = pool::build(&pool_options(), 1).expect("valid options");
    pool.close();
    pool
}

/// Returns a schema in which the tables are tracked, with a relationship in each direction and a role `user`.
pub fn schema() -> CurrentSchema {
    let select =
        json!([{"role": "user", "permission": {"columns": "*", "filter": {"id": "X-Hasura-User-Id"}}}]);
    let metadata: Metadata = serde_json::from_value(json!({
        "version": 3,
        "sources": [{
            "name": "default",
            "kind": "postgres",
            "tables": [
                {
                    "table": {"schema": "public", "name": "author"},
                    "array_relationships": [{
                        "name": "articles",
                        "using": {"foreign_key_constraint_on": {
                            "table": {"schema": "public", "name": "article"}, "column": "author_id",
                        }},
                    }],
                    "select_permissions": select,
                },
                {
                    "table": {"schema": "public", "name": "article"},
                    "object_relationships": [{
                        "name": "author", "using": {"foreign_key_constraint_on": "author_id"},
                    }],
                },
            ],
            "configuration": {},
        }],
    }))
    .expect("valid metadata");
    let resolved = ResolvedMetadata::new(metadata, crate::catalog::catalog());
    assert!(resolved.inconsistent.is_empty(), "{:?}", resolved.inconsistent);
    Arc::new(ArcSwap::from_pointee(SchemaCache::new(1, resolved)))
}

/// Returns the context of commands.
pub fn admin(schema: CurrentSchema) -> AdminContext {
    let options = AdminOptions {
        pool: pool_options(),
        cost: cost(),
        schema: SchemaOptions::default(),
        schema_sync_interval: Duration::ZERO,
    };
    AdminContext::new(closed_pool(), schema, Waker::default(), options)
}
