//! Persistence of the metadata: one row of `hdb_catalog.hdb_metadata`, with a version by which engine instances and
//! clients detect concurrent changes.

use engine_error::{Code, Error, Result};
use engine_model::metadata::api_limits::ApiLimits;
use engine_model::metadata::introspection_options::IntrospectionOptions;
use engine_model::metadata::types::Metadata;
use engine_postgres::pool::driver_error;
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

/// Metadata as stored, with its `resource_version`.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Invalid entries are kept separately in each list.
    pub metadata: Metadata,
    /// Incremented by each write; 0 if the row does not exist.
    pub resource_version: i64,
}

pub async fn load(client: &impl GenericClient) -> Result<Stored> {
    let rows = client
        .query_typed(
            "SELECT metadata::text, resource_version::int8 FROM hdb_catalog.hdb_metadata WHERE id = 1",
            &[],
        )
        .await
        .map_err(|e| driver_error(&e))?;
    let Some(row) = rows.first() else {
        return Ok(Stored {
            metadata: Metadata::default(),
            resource_version: 0,
        });
    };
    let text: &str = row.try_get(0).map_err(|e| driver_error(&e))?;
    let resource_version = row.try_get(1).map_err(|e| driver_error(&e))?;
    let value = serde_json::from_str(text).map_err(|e| {
        Error::new(
            Code::Unexpected,
            format!("stored metadata is not valid JSON: {e}"),
        )
    })?;
    let metadata = engine_model::metadata::versions::read(value)?;
    // Commands refuse invalid limits, so that only a change of the stored document by other means leads here.
    if let Err(reason) = ApiLimits::of(&metadata) {
        tracing::error!(
            reason,
            "the stored API limits are invalid and have no effect; correct them with set_api_limits"
        );
    }
    if let Err(reason) = IntrospectionOptions::of(&metadata) {
        tracing::error!(
            reason,
            "the stored introspection options are invalid and have no effect; correct them with \
             set_graphql_schema_introspection_options"
        );
    }
    Ok(Stored {
        metadata,
        resource_version,
    })
}

/// Returns the version of the stored metadata. Cheap, because it is polled.
pub async fn version(client: &impl GenericClient) -> Result<i64> {
    let rows = client
        .query_typed(
            "SELECT resource_version::int8 FROM hdb_catalog.hdb_metadata WHERE id = 1",
            &[],
        )
        .await
        .map_err(|e| driver_error(&e))?;
    rows.first()
        .map_or(Ok(0), |row| row.try_get(0).map_err(|e| driver_error(&e)))
}

/// Writes the metadata if its version is still `expected`, and returns the new version. Otherwise fails with
/// `conflict`.
pub async fn save(client: &impl GenericClient, metadata: &Metadata, expected: i64) -> Result<i64> {
    let text = to_json(metadata)?;
    let rows = client
        .query_typed(
            include_str!("save_metadata.sql"),
            &[(&text, Type::TEXT), (&expected, Type::INT8)],
        )
        .await
        .map_err(|e| driver_error(&e))?;
    match rows.first() {
        Some(row) => row.try_get(0).map_err(|e| driver_error(&e)),
        None => Err(conflict(expected)),
    }
}

/// Error for a version sent by a client that is not the current one.
pub fn conflict(referenced: i64) -> Error {
    Error::new(
        Code::Conflict,
        format!("metadata resource version referenced ({referenced}) did not match current version"),
    )
}

fn to_json(metadata: &Metadata) -> Result<String> {
    serde_json::to_string(metadata)
        .map_err(|e| Error::new(Code::Unexpected, format!("cannot serialize metadata: {e}")))
}
