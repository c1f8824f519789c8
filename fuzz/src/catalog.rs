//! Tables of the golden plans, as a catalog.

use engine_model::catalog::Catalog;
use std::sync::Arc;

#[expect(dead_code, reason = "one of its two sets of tables is enough here")]
#[path = "../../engine/plan/tests/plans/fixture.rs"]
mod fixture;

/// Returns the tables `author`, `article` and `author_view`.
pub fn catalog() -> Arc<Catalog> {
    let tables = fixture::tracked().tables;
    let tables = tables
        .into_iter()
        .map(|(name, tracked)| (name, Arc::clone(&tracked.table)));
    Arc::new(Catalog {
        tables: tables.collect(),
        server_version: 150_000,
        ..Catalog::default()
    })
}
