//! Reads the catalog.

use super::Catalog;
use crate::error::Result;

/// Reads the whole catalog in one round trip.
pub async fn load(_client: &tokio_postgres::Client) -> Result<Catalog> {
    todo!()
}
