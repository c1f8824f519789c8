//! Set-up of a new database and engine: the schema, tracked tables and relationships, event and cron triggers, permissions.
//! Each step is idempotent; existing objects are kept.

mod cron_triggers;
mod introspection;
mod permissions;

use std::collections::{BTreeSet, HashSet};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio_postgres::Client;

pub use cron_triggers::{CRON_TRIGGERS, load_cron_triggers, read_cron_triggers};
pub use introspection::limit_introspection;
pub use permissions::load_permissions;

/// Client of the commands of the engine or of Hasura.
#[derive(Debug, Clone)]
pub struct Metadata {
    url: String,
    admin_secret: Option<String>,
    http: reqwest::Client,
}

/// Error response in Hasura's format.
#[derive(Debug, thiserror::Error)]
#[error("{error} (code {code}, at {path})")]
pub struct MetadataError {
    pub(crate) code: String,
    pub(crate) error: String,
    /// Location in the request.
    pub(crate) path: String,
}

impl MetadataError {
    /// Whether the command may succeed later: the database was not available.
    pub fn may_be_temporary(&self) -> bool {
        self.code == "unexpected"
    }
}

impl Metadata {
    /// `engine` is the engine's base URL.
    pub fn new(engine: &str, admin_secret: Option<&str>) -> Result<Self> {
        Ok(Self::with_client(
            engine,
            admin_secret,
            local_process::http_client()?,
        ))
    }

    /// [`Self::new`] with the caller's HTTP client.
    pub fn with_client(engine: &str, admin_secret: Option<&str>, http: reqwest::Client) -> Self {
        Self {
            url: engine.trim_end_matches('/').to_owned(),
            admin_secret: admin_secret.map(str::to_owned),
            http,
        }
    }

    /// Sends one command. Returns a [`MetadataError`] if the engine rejects it.
    pub async fn query(&self, command: &Value) -> Result<Value> {
        self.post("v1/query", command).await
    }

    /// Sends one of the commands that Hasura accepts at its newer endpoint only. Returns a [`MetadataError`] if the engine rejects it.
    pub(crate) async fn change(&self, command: &Value) -> Result<Value> {
        self.post("v1/metadata", command).await
    }

    async fn post(&self, path: &str, command: &Value) -> Result<Value> {
        let url = format!("{}/{path}", self.url);
        let mut request = self.http.post(&url).json(command);
        if let Some(secret) = &self.admin_secret {
            request = request.header("x-hasura-admin-secret", secret);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("cannot reach {url}"))?;
        let status = response.status();
        let body = response
            .text()
            .await
            .with_context(|| format!("{url} closed the connection during its response"))?;
        let answer: Value = serde_json::from_str(&body)
            .with_context(|| format!("{url} responded {status}; the body is not valid JSON: {body:.200}"))?;
        if status.is_success() {
            return Ok(answer);
        }
        let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let mut error = field("error");
        // For SQL errors the engine's own message is generic; the cause is Postgres' message.
        if let Some(cause) = answer["internal"]["error"]["message"].as_str() {
            error = format!("{error}: {cause}");
        }
        Err(MetadataError {
            code: field("code"),
            error,
            path: field("path"),
        }
        .into())
    }
}

/// Accounts with which users of a demo log in by name.
pub const DEMO_ACCOUNTS: &str = include_str!("../../../demo-accounts.sql");

/// Deletes the accounts of [`DEMO_ACCOUNTS`], whose names are reserved for staff.
pub const DELETE_DEMO_ACCOUNTS: &str =
    "DELETE FROM identity.accounts WHERE username = 'manager' OR username ~ '^(restaurant|driver)-[0-9]+$'";

/// Applies `schema.sql` as one transaction. An error contains Postgres' message and the line.
pub async fn apply_schema(database: &Client, schema: &str) -> Result<()> {
    database
        .batch_execute(schema)
        .await
        .map_err(|error| match error.as_db_error() {
            Some(cause) => {
                let at = match cause.position() {
                    Some(tokio_postgres::error::ErrorPosition::Original(position)) => {
                        let before = schema.chars().take(usize::try_from(*position).unwrap_or(0));
                        format!(" (line {})", before.filter(|c| *c == '\n').count() + 1)
                    }
                    _ => String::new(),
                };
                anyhow::anyhow!("schema.sql{at}: {}", cause.message())
            }
            None => anyhow::anyhow!("schema.sql: {error}"),
        })
}

/// Runs SQL through the engine in one transaction, for databases that only the engine can reach.
pub async fn run_sql(metadata: &Metadata, sql: &str) -> Result<()> {
    metadata
        .query(&run_sql_command(sql, false))
        .await
        .map_err(|error| {
            // Postgres' message is part of the cause (see `query`).
            error.context("the engine rejected the SQL")
        })?;
    Ok(())
}

fn run_sql_command(sql: &str, read_only: bool) -> Value {
    json!({"type": "run_sql", "args": {"sql": sql, "cascade": false, "read_only": read_only}})
}

/// Tracks every table and view of the schema public and creates a relationship in both directions for each foreign
/// key, with the names that Hasura's console proposes. Tracked objects are kept.
pub async fn track(database: &Client, metadata: &Metadata) -> Result<()> {
    let mut rows = [Vec::new(), Vec::new()];
    for (rows, sql) in rows.iter_mut().zip([TABLES, FOREIGN_KEYS]) {
        for row in database.query(sql, &[]).await? {
            let columns = (0..row.len()).map(|column| row.try_get::<_, String>(column));
            rows.push(columns.collect::<Result<Vec<_>, _>>()?);
        }
    }
    let [tables, keys] = rows;
    track_these(metadata, tables, keys).await
}

/// [`track`] for databases that only the engine can reach, of the objects that `schema` creates: others in the same database belong to
/// another application.
pub async fn track_remotely(metadata: &Metadata, schema: &str) -> Result<()> {
    let mut rows = [Vec::new(), Vec::new()];
    for (rows, sql) in rows.iter_mut().zip([TABLES, FOREIGN_KEYS]) {
        let answer = metadata
            .query(&run_sql_command(sql, true))
            .await
            .context("cannot read the tables through the engine")?;
        // The first row contains the columns' names.
        for row in answer["result"].as_array().into_iter().flatten().skip(1) {
            let columns = row.as_array().into_iter().flatten();
            rows.push(
                columns
                    .map(|column| column.as_str().unwrap_or_default().to_owned())
                    .collect::<Vec<_>>(),
            );
        }
    }
    let [mut tables, mut keys] = rows;
    let own = objects(schema);
    let is_own = |name: &String| own.contains(name.as_str());
    tables.retain(|row| row.first().is_some_and(is_own));
    keys.retain(|row| matches!(row.as_slice(), [table, _, target] if is_own(table) && is_own(target)));
    track_these(metadata, tables, keys).await
}

/// Names of the tables and views that a schema creates in the schema public.
fn objects(schema: &str) -> BTreeSet<&str> {
    schema.lines().filter_map(object).collect()
}

/// Name of the table or view that a line creates.
fn object(line: &str) -> Option<&str> {
    let mut rest = line.strip_prefix("CREATE ")?;
    for word in ["OR REPLACE ", "MATERIALIZED "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    rest = rest
        .strip_prefix("TABLE ")
        .or_else(|| rest.strip_prefix("VIEW "))?;
    rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
    rest = rest.strip_prefix("public.").unwrap_or(rest);
    let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
    // Of another schema.
    (!name.is_empty() && !after.starts_with('.')).then_some(name)
}

const TABLES: &str = include_str!("setup/tables.sql");
const FOREIGN_KEYS: &str = include_str!("setup/foreign_keys.sql");

async fn track_these(metadata: &Metadata, tables: Vec<Vec<String>>, keys: Vec<Vec<String>>) -> Result<()> {
    let export = metadata
        .query(&json!({"type": "export_metadata", "args": {}}))
        .await
        .context("cannot read the engine's metadata")?;
    let known = Known::from_export(&export);
    let tables: Vec<Table> = tables
        .into_iter()
        .filter_map(|row| {
            let [name, is_enum] = row.try_into().ok()?;
            Some(Table {
                name,
                is_enum: is_enum == "true",
            })
        })
        .collect();
    let keys: Vec<ForeignKey> = keys
        .into_iter()
        .filter_map(|row| {
            let [table, column, target] = row.try_into().ok()?;
            Some(ForeignKey {
                table,
                column,
                target,
            })
        })
        .collect();
    let commands = commands(&tables, &keys, &known);
    if commands.is_empty() {
        return Ok(());
    }
    metadata
        .query(&json!({"type": "bulk", "args": commands}))
        .await
        .context("the engine rejected the tracking of the tables")?;
    Ok(())
}

/// Loads `event-triggers.json`. A trigger with the same definition is not an error; one whose definition has changed
/// is replaced and not deleted first, because deletion would archive its pending events.
pub async fn load_triggers(metadata: &Metadata, file: &str) -> Result<()> {
    let mut command: Value = serde_json::from_str(file).context("event-triggers.json is not valid JSON")?;
    let Err(error) = metadata.query(&command).await else {
        return Ok(());
    };
    let exists = error
        .downcast_ref::<MetadataError>()
        .is_some_and(|error| error.code == "already-exists");
    if exists {
        let export = metadata
            .query(&json!({"type": "export_metadata", "args": {}}))
            .await?;
        replace_existing(&mut command, &Known::from_export(&export));
        metadata.query(&command).await.context("event-triggers.json")?;
        return Ok(());
    }
    Err(error.context("event-triggers.json"))
}

fn replace_existing(command: &mut Value, known: &Known) {
    for trigger in command["args"].as_array_mut().into_iter().flatten() {
        let exists = trigger["args"]["name"]
            .as_str()
            .is_some_and(|name| known.triggers.contains(name));
        if exists {
            trigger["args"]["replace"] = Value::Bool(true);
        }
    }
}

struct Table {
    name: String,
    /// Whether its rows are the values of a GraphQL enum.
    is_enum: bool,
}

struct ForeignKey {
    table: String,
    column: String,
    target: String,
}

/// Existing metadata of the schema public, from an export.
#[derive(Debug, Default)]
struct Known {
    tables: HashSet<String>,
    enum_tables: HashSet<String>,
    /// (table, relationship)
    relationships: HashSet<(String, String)>,
    triggers: HashSet<String>,
}

impl Known {
    fn from_export(export: &Value) -> Self {
        let mut known = Self::default();
        for entry in table_entries(export) {
            let name = table_name(&entry["table"]);
            let names = |list: &str| -> Vec<String> {
                let entries = entry[list].as_array().into_iter().flatten();
                entries
                    .filter_map(|entry| entry["name"].as_str().map(str::to_owned))
                    .collect()
            };
            for list in ["object_relationships", "array_relationships"] {
                known.relationships.extend(
                    names(list)
                        .into_iter()
                        .map(|relationship| (name.clone(), relationship)),
                );
            }
            known.triggers.extend(names("event_triggers"));
            if entry["is_enum"] == true {
                known.enum_tables.insert(name.clone());
            }
            known.tables.insert(name);
        }
        known
    }
}

/// The tables of the schema public in an export. Reads version 3 (with sources) and version 2, with or without the
/// envelope `metadata`.
fn table_entries(export: &Value) -> impl Iterator<Item = &Value> {
    let metadata = export.get("metadata").unwrap_or(export);
    let sources = metadata["sources"].as_array();
    let default = sources
        .into_iter()
        .flatten()
        .find(|source| source["name"] == "default");
    let tables = default.unwrap_or(metadata)["tables"].as_array();
    tables.into_iter().flatten().filter(|entry| {
        let schema = entry["table"]["schema"].as_str();
        schema.is_none_or(|schema| schema == "public")
    })
}

/// Name of a table: `"orders"`, or `{"schema": "public", "name": "orders"}`.
fn table_name(table: &Value) -> String {
    let name = table.as_str().or_else(|| table["name"].as_str());
    name.unwrap_or_default().to_owned()
}

/// The commands for missing objects.
fn commands(tables: &[Table], keys: &[ForeignKey], known: &Known) -> Vec<Value> {
    let public = |name: &str| json!({"schema": "public", "name": name});
    let mut commands: Vec<Value> = tables
        .iter()
        .filter(|table| !known.tables.contains(&table.name))
        .map(|table| json!({"type": "track_table", "args": public(&table.name)}))
        .collect();
    let enum_tables = || tables.iter().filter(|table| table.is_enum);
    let new = enum_tables().filter(|table| !known.enum_tables.contains(&table.name));
    commands.extend(new.map(
        |table| json!({"type": "set_table_is_enum", "args": {"table": public(&table.name), "is_enum": true}}),
    ));
    // The type of the column expresses a key of an enum table.
    let keys = keys
        .iter()
        .filter(|key| !enum_tables().any(|table| table.name == key.target));
    let mut taken = known.relationships.clone();
    for ForeignKey {
        table,
        column,
        target,
    } in keys
    {
        let object = column.strip_suffix("_id").unwrap_or(target);
        if taken.insert((table.clone(), object.to_owned())) {
            commands.push(json!({"type": "create_object_relationship", "args": {
                "table": public(table), "name": object,
                "using": {"foreign_key_constraint_on": column},
            }}));
        }
        if taken.insert((target.clone(), table.clone())) {
            commands.push(json!({"type": "create_array_relationship", "args": {
                "table": public(target), "name": table,
                "using": {"foreign_key_constraint_on": {"table": public(table), "column": column}},
            }}));
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(table: &str, column: &str, target: &str) -> ForeignKey {
        ForeignKey {
            table: table.into(),
            column: column.into(),
            target: target.into(),
        }
    }

    #[test]
    fn objects_of_the_schema_are_its_tables_and_views() {
        let text = std::fs::read_to_string(local_process::dirs::root().join("schema.sql")).unwrap();
        let found = objects(&text);
        for own in [
            "orders",
            "items",
            "order_history",
            "stuck_orders",
            "given_up_events",
        ] {
            assert!(found.contains(own), "{own} in {found:?}");
        }
        assert!(
            !found.contains("accounts") && !found.contains("identity"),
            "{found:?}"
        );
        assert_eq!(object("CREATE TABLE public.a (id int);"), Some("a"));
        assert_eq!(object("CREATE MATERIALIZED VIEW b AS"), Some("b"));
        assert_eq!(object("CREATE TABLE other.c (id int);"), None);
        assert_eq!(object("CREATE INDEX d ON a (id);"), None);
    }

    #[test]
    fn only_missing_objects_are_created() {
        let table = |name: &str, is_enum| Table {
            name: name.to_owned(),
            is_enum,
        };
        let tables = [table("items", false), table("orders", false)];
        let keys = [key("items", "order_id", "orders")];
        let all = commands(&tables, &keys, &Known::default());
        let kinds: Vec<_> = all
            .iter()
            .map(|command| command["type"].as_str().unwrap())
            .collect();
        assert_eq!(
            kinds,
            [
                "track_table",
                "track_table",
                "create_object_relationship",
                "create_array_relationship"
            ]
        );
        assert_eq!(all[2]["args"]["name"], "order");
        assert_eq!(all[3]["args"]["name"], "items");

        let export = json!({"version": 3, "sources": [{"name": "default", "tables": [
            {"table": {"schema": "public", "name": "orders"},
             "array_relationships": [{"name": "items"}], "event_triggers": [{"name": "validate-order"}]},
            {"table": {"schema": "other", "name": "items"}},
        ]}]});
        let known = Known::from_export(&export);
        let rest = commands(&tables, &keys, &known);
        let kinds: Vec<_> = rest
            .iter()
            .map(|command| command["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["track_table", "create_object_relationship"]);
        assert_eq!(rest[0]["args"]["name"], "items");
        assert!(known.triggers.contains("validate-order"));

        let older =
            json!({"resource_version": 1, "metadata": {"version": 2, "tables": [{"table": "orders"}]}});
        assert!(Known::from_export(&older).tables.contains("orders"));
    }

    #[test]
    fn enum_tables_are_types_instead_of_relationships() {
        let tables = ["refunds", "refund_statuses"].map(|name| Table {
            name: name.to_owned(),
            is_enum: name == "refund_statuses",
        });
        let keys = [key("refunds", "status", "refund_statuses")];
        let all = commands(&tables, &keys, &Known::default());
        let kinds: Vec<_> = all
            .iter()
            .map(|command| command["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["track_table", "track_table", "set_table_is_enum"]);
        assert_eq!(all[2]["args"]["table"]["name"], "refund_statuses");

        let export = json!({"version": 3, "sources": [{"name": "default", "tables": [
            {"table": {"schema": "public", "name": "refunds"}},
            {"table": {"schema": "public", "name": "refund_statuses"}, "is_enum": true},
        ]}]});
        let none: [Value; 0] = [];
        assert_eq!(commands(&tables, &keys, &Known::from_export(&export)), none);
    }

    #[test]
    fn two_keys_to_one_table_get_distinct_names() {
        let keys = [key("trips", "from_id", "places"), key("trips", "to_id", "places")];
        let names: Vec<_> = commands(&[], &keys, &Known::default())
            .iter()
            .map(|command| command["args"]["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, ["from", "trips", "to"]);
    }

    #[test]
    fn only_existing_triggers_are_replaced() {
        let mut command = json!({"type": "bulk", "args": [
            {"type": "create_event_trigger", "args": {"name": "old"}},
            {"type": "create_event_trigger", "args": {"name": "new"}},
        ]});
        let known = Known {
            triggers: ["old".to_owned()].into(),
            ..Known::default()
        };
        replace_existing(&mut command, &known);
        assert_eq!(command["args"][0]["args"]["replace"], true);
        assert_eq!(command["args"][1]["args"].get("replace"), None);
    }
}
