//! Commands of /v1/query, /v1/metadata and /v2/query: `{"type": …, "args": …}`. Each is implemented in the file of
//! its subject and receives the [`MetadataTransaction`] it is part of; the commands of a `bulk` share one transaction.

mod api_limits;
mod bulk;
mod catalog_state;
mod collections;
mod computed_fields;
mod cron_triggers;
mod event_log_cleanup;
mod event_selection;
mod event_triggers;
mod export;
mod functions;
mod inconsistency;
mod introspection_options;
mod lookup;
mod many;
mod permissions;
mod relationships;
mod replace;
mod rest_endpoints;
mod run_sql;
mod scheduled_events;
mod source_objects;
mod sources;
mod stored_json;
mod suggest;
mod tables;
mod unsupported;

use crate::args::check;
use crate::context::AdminContext;
use crate::metadata_transaction::MetadataTransaction;
use crate::{metadata_store, schema_sync};
use bytes::Bytes;
use engine_error::{Code, Error, Result};
use engine_model::session::Session;
use engine_postgres::pool;
use serde_json::{Map, Value, json};
use std::net::IpAddr;
use std::time::Instant;

/// Response of a command.
#[derive(Debug)]
pub enum Answer {
    Json(Value),
    /// JSON text as the database printed it.
    Raw(Bytes),
}

impl From<Value> for Answer {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}

impl Answer {
    /// Returns the response body.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Json(value) => Bytes::from(value.to_string()),
            Self::Raw(bytes) => bytes,
        }
    }
}

/// Returns `{"message":"success"}`.
pub fn success() -> Value {
    json!({"message": "success"})
}

/// Command as sent by the client.
#[derive(Debug)]
pub struct Command {
    /// Without the prefix `pg_`.
    pub kind: String,
    pub args: Value,
    /// 1 or 2.
    pub version: u64,
    /// Metadata version that the client has read.
    pub resource_version: Option<i64>,
    /// Commands of a bulk.
    nested: Vec<Command>,
}

impl Command {
    pub fn parse(body: Value) -> Result<Self> {
        let Value::Object(mut object) = body else {
            return Err(Error::new(
                Code::ParseFailed,
                "parsing Object failed, a command is an object with type and args",
            ));
        };
        let kind = match object.shift_remove("type") {
            Some(Value::String(kind)) => kind,
            Some(_) => {
                return Err(Error::new(Code::ParseFailed, "\"type\" is not a string").at("type"));
            }
            None => return Err(Error::new(Code::ParseFailed, "key \"type\" not found")),
        };
        let version = match object.shift_remove("version") {
            None | Some(Value::Null) => 1,
            Some(version) => {
                if let Some(version @ 1..=2) = version.as_u64() {
                    version
                } else {
                    let message = format!("expected 1 or 2, encountered {version}");
                    return Err(Error::new(Code::ParseFailed, message).at("version"));
                }
            }
        };
        let resource_version = match object.shift_remove("resource_version") {
            None | Some(Value::Null) => None,
            Some(number) => Some(number.as_i64().ok_or_else(|| {
                Error::new(Code::ParseFailed, "\"resource_version\" is not a number").at("resource_version")
            })?),
        };
        let args = object
            .shift_remove("args")
            .unwrap_or_else(|| Value::Object(Map::new()));
        let kind = kind.strip_prefix("pg_").map(ToOwned::to_owned).unwrap_or(kind);
        let mut command = Self {
            kind,
            args,
            version,
            resource_version,
            nested: Vec::new(),
        };
        if command.is_bulk() {
            command.nested = commands_of(command.args.take())?;
        }
        Ok(command)
    }

    fn is_dml(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "select" | "insert" | "update" | "delete" | "count"
        )
    }

    fn is_bulk(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "bulk" | "bulk_keep_going" | "bulk_atomic" | "concurrent_bulk"
        )
    }

    /// Whether the response of a bulk contains the errors of its commands.
    fn continues_after_errors(&self) -> bool {
        self.kind == "bulk_keep_going"
    }
}

/// Runs a request: one command or a bulk. `address`: that of the client; `exposes_internal`: whether its response contains
/// `internal` of errors.
pub async fn execute(
    admin: &AdminContext,
    session: &Session,
    address: Option<IpAddr>,
    exposes_internal: bool,
    body: Value,
) -> Result<Answer> {
    let command = Command::parse(body)?;
    if !command.is_dml() && session.is_admin() {
        schema_sync::check_for_changes(admin).await?;
    }
    let is_dml = command.is_dml();
    let mut transaction = MetadataTransaction::new(admin, session);
    transaction.address = address;
    transaction.exposes_internal = exposes_internal;
    if !session.is_admin() {
        // The commands of a bulk share the time limit of one operation.
        let limits = admin.options.cost.limits(session, address, None);
        transaction.deadline = limits.time.map(|limit| Instant::now() + limit);
    }
    if let Some(referenced) = command.resource_version {
        // Only the admin may see the version, and reading it takes the lock.
        admin_only(session)?;
        transaction.begin().await?;
        if referenced != transaction.resource_version() {
            return Err(metadata_store::conflict(referenced));
        }
    }
    let result = match run(&mut transaction, command).await {
        Ok(answer) => transaction.finish().await.map(|()| answer),
        Err(error) => {
            transaction.abandon().await;
            Err(error)
        }
    };
    if !is_dml && result.as_ref().is_err_and(|error| error.retry_after.is_some()) {
        // A pooled session may still be read-only after such a failure.
        pool::close_idle(&admin.pool);
    }
    result
}

pub(crate) async fn run(transaction: &mut MetadataTransaction<'_>, command: Command) -> Result<Answer> {
    if command.is_bulk() {
        return bulk::bulk(transaction, command).await;
    }
    if !command.is_dml() {
        admin_only(transaction.session)?;
    }
    dispatch(transaction, command).await
}

fn admin_only(session: &Session) -> Result<()> {
    if session.is_admin() {
        return Ok(());
    }
    Err(Error::admin_only().at("args"))
}

fn commands_of(args: Value) -> Result<Vec<Command>> {
    let Value::Array(list) = args else {
        return Err(Error::new(Code::ParseFailed, "\"args\" of a bulk is not a list of commands").at("args"));
    };
    list.into_iter()
        .enumerate()
        .map(|(index, body)| Command::parse(body).map_err(|e| e.at(index).at("args")))
        .collect()
}

async fn dispatch(transaction: &mut MetadataTransaction<'_>, command: Command) -> Result<Answer> {
    if command.is_dml() || matches!(command.kind.as_str(), "run_sql" | "invoke_event_trigger") {
        // SQL after metadata commands of the same bulk has to fire their triggers.
        transaction.reconcile_triggers().await?;
    }
    let Command {
        kind, args, version, ..
    } = command;
    if matches!(kind.as_str(), "select" | "insert" | "update" | "delete" | "count") {
        return crate::data_commands::run(transaction, &kind, args)
            .await
            .map(Answer::Raw);
    }
    if !matches!(kind.as_str(), "invoke_event_trigger" | "create_scheduled_event") {
        check(&args)?;
    }
    if let Some(action) = many::Action::of(&kind) {
        return many::run(transaction, action, args).await.map(Answer::Json);
    }
    let answer = match kind.as_str() {
        "run_sql" => run_sql::run_sql(transaction, args).await,
        "track_table" | "add_existing_table_or_view" => tables::track_table(transaction, args).await,
        "untrack_table" => tables::untrack_table(transaction, args).await,
        "set_table_customization" | "set_table_custom_fields" => {
            tables::set_customization(transaction, args).await
        }
        "set_table_is_enum" => tables::set_is_enum(transaction, args).await,
        "create_object_relationship" => relationships::create_object(transaction, args).await,
        "create_array_relationship" => relationships::create_array(transaction, args).await,
        "drop_relationship" => relationships::drop(transaction, args).await,
        "rename_relationship" => relationships::rename(transaction, args).await,
        "set_relationship_comment" => relationships::set_comment(transaction, args).await,
        "list_source_kinds" => Ok(source_objects::list_kinds()),
        "get_source_tables" => source_objects::tables(transaction, &args).await,
        "get_source_trackables" => source_objects::trackables(transaction, &args).await,
        "get_table_info" => source_objects::table(transaction, &args).await,
        "add_source" => sources::add(transaction, args).await,
        "update_source" => sources::update(transaction, args).await,
        "reload_source" => sources::reload(transaction, args).await,
        "suggest_relationships" => suggest::suggest_relationships(transaction, args).await,
        "export_metadata" => export::export_metadata(transaction, version),
        "dump_internal_state" => export::dump_internal_state(transaction),
        "clear_metadata" => replace::clear_metadata(transaction).await,
        "replace_metadata" => replace::replace_metadata(transaction, args, version).await,
        "reload_metadata" => replace::reload_metadata(transaction, args).await,
        "get_inconsistent_metadata" => Ok(inconsistency::get(transaction)),
        "drop_inconsistent_metadata" => inconsistency::drop(transaction).await,
        "track_function" => functions::track_function(transaction, args).await,
        "untrack_function" => functions::untrack_function(transaction, args).await,
        "set_function_customization" => functions::set_customization(transaction, args).await,
        "create_function_permission" => functions::create_permission(transaction, args).await,
        "drop_function_permission" => functions::drop_permission(transaction, args).await,
        "add_computed_field" => computed_fields::add_computed_field(transaction, args).await,
        "drop_computed_field" => computed_fields::drop_computed_field(transaction, args).await,
        "create_query_collection"
        | "drop_query_collection"
        | "rename_query_collection"
        | "add_query_to_collection"
        | "drop_query_from_collection"
        | "add_collection_to_allowlist"
        | "drop_collection_from_allowlist"
        | "update_scope_of_collection_in_allowlist" => collections::run(transaction, &kind, args).await,
        "set_graphql_schema_introspection_options" => introspection_options::set(transaction, args).await,
        "create_rest_endpoint" => rest_endpoints::create(transaction, args).await,
        "drop_rest_endpoint" => rest_endpoints::drop(transaction, args).await,
        "set_api_limits" => api_limits::set(transaction, args).await,
        "remove_api_limits" => api_limits::remove(transaction).await,
        "create_cron_trigger" => cron_triggers::create(transaction, args).await,
        "delete_cron_trigger" => cron_triggers::delete(transaction, args).await,
        "get_cron_triggers" => cron_triggers::get(transaction),
        "create_scheduled_event" => scheduled_events::create(transaction, args).await,
        "delete_scheduled_event" => scheduled_events::delete(transaction, args).await,
        "get_scheduled_events" => return scheduled_events::events(transaction, args).await,
        // The second is the name in Hasura 2.0.
        "get_scheduled_event_invocations" | "get_event_invocations" => {
            return scheduled_events::invocations(transaction, args).await;
        }
        "get_catalog_state" => catalog_state::get(transaction).await,
        "set_catalog_state" => catalog_state::set(transaction, args).await,
        "create_event_trigger"
        | "delete_event_trigger"
        | "redeliver_event"
        | "cancel_event"
        | "cleanup_event_trigger_logs"
        | "pause_event_trigger_cleanups"
        | "resume_event_trigger_cleanups"
        | "invoke_event_trigger"
        | "get_event_logs"
        | "get_event_invocation_logs"
        | "get_event_by_id" => return event_triggers::run(transaction, &kind, args).await,
        _ => match permissions::run(transaction, &kind, &args).await {
            Some(answer) => answer,
            None => Err(unsupported::error(&kind, &args)),
        },
    };
    answer.map(Answer::Json)
}
