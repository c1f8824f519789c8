//! Names that are SQL, placeholders or parts of literals, in each place where a name reaches SQL: the features work, and no
//! statement runs that the engine did not intend.
//!
//! An administrator tracks tables whose names another role of the database has chosen, so a name must never be executed.

use crate::support::TestEngine;
use serde_json::{Value, json};
use testkit::{TestDatabase, Webhook, eventually};

/// A statement that a broken template would run.
const INJECTED: &str = "CREATE TABLE public.pwned()";

// Names of at most 63 bytes. Each is used as schema, table, column, type, enum value, constraint and role.

const QUOTES: [&str; 5] = ["a\"b", "a'b", "a\\b", "\\'", "a\nb\r\nc"];

const PLACEHOLDERS: [&str; 5] = [
    "%I %L %s %%",
    "{name} {body} {table} {trigger} {schema}",
    "{{FUNCTIONS_URL}} ${name}",
    "$1 $2 $$ $body$ $function$",
    "? :name @name",
];

const WORDS: [&str; 5] = [
    "select",
    "old",
    "row_data",
    "hdb_catalog.event_log",
    "notify_hasura_one_INSERT",
];

/// Text before and after [`INJECTED`].
const AROUND: [(&str, &str); 9] = [
    ("\"; ", "; --"),
    ("'; ", "; --"),
    ("$$; ", "; --"),
    ("$body$; ", "; --"),
    ("*/ ", "; /*"),
    ("\n", ";\n--"),
    ("E'\\'; ", "; --"),
    ("{name}\"; ", "; --"),
    ("%I\"; ", "; --"),
];

#[tokio::test]
async fn quotes_in_names_are_not_executed() {
    never_executed(QUOTES.map(str::to_owned)).await;
}

#[tokio::test]
async fn placeholders_in_names_are_not_filled_in() {
    never_executed(PLACEHOLDERS.map(str::to_owned)).await;
}

#[tokio::test]
async fn names_with_other_meanings_are_names() {
    never_executed(WORDS.map(str::to_owned)).await;
}

#[tokio::test]
async fn names_of_full_length_are_not_truncated() {
    let multibyte = format!("{}x", "é".repeat(31));
    let [letters, single, double] = ["x", "'", "\""].map(|part| part.repeat(63));
    never_executed([multibyte, letters, single, double]).await;
}

#[tokio::test]
async fn statements_in_names_are_not_executed() {
    never_executed(AROUND.map(|(before, after)| format!("{before}{INJECTED}{after}"))).await;
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

struct Stack {
    engine: TestEngine,
    webhook: Webhook,
    client: tokio_postgres::Client,
    // Dropped last: the other fields are connected to it.
    _database: TestDatabase,
}

impl Stack {
    async fn new() -> Self {
        let database = TestDatabase::create("hn").await;
        let client = database.connect().await;
        let engine = TestEngine::start(&database, &[]).await;
        // Each statement of DDL, also of those inside functions and scripts.
        client
            .batch_execute(
                "CREATE SCHEMA audit; CREATE TABLE audit.ddl (tag text, object text, by_engine boolean);
                 CREATE FUNCTION audit.record() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
                   INSERT INTO audit.ddl SELECT command_tag, object_identity, current_setting('application_name') = 'engine'
                   FROM pg_event_trigger_ddl_commands();
                 END $$;
                 CREATE EVENT TRIGGER audited ON ddl_command_end EXECUTE FUNCTION audit.record()",
            )
            .await
            .unwrap();
        Self {
            engine,
            webhook: Webhook::start().await,
            client,
            _database: database,
        }
    }

    /// Creates a schema with this name and in it a table, a type and a constraint with the same name.
    async fn create(&self, name: &str) {
        let (quoted, label) = (identifier(name), literal(name));
        // A table's row type has its name, so the type is in another schema.
        let sql = format!(
            "CREATE SCHEMA {quoted}; CREATE SCHEMA IF NOT EXISTS types;
             CREATE TYPE types.{quoted} AS ENUM ({label}, 'other');
             CREATE TABLE {quoted}.{quoted} (
               id int CONSTRAINT \"the key\" PRIMARY KEY, {quoted} text, kind types.{quoted}, parent int,
               CONSTRAINT {quoted} CHECK (id < 1000), FOREIGN KEY (parent) REFERENCES {quoted}.{quoted} (id));
             CREATE INDEX ON {quoted}.{quoted} ({quoted})"
        );
        self.client
            .batch_execute(&sql)
            .await
            .unwrap_or_else(|error| panic!("{name:?}: {error:?}"));
    }

    async fn graphql(&self, headers: &[(&str, &str)], query: &str, variables: Value) -> Value {
        let body = json!({"query": query, "variables": variables});
        let (_, response) = self.engine.post("/v1/graphql", headers, &body).await;
        assert!(response["errors"].is_null(), "{query}: {response}");
        response["data"].clone()
    }
}

/// Uses each name everywhere; then asserts that only DDL of capture functions ran.
async fn never_executed<const N: usize>(names: [String; N]) {
    let stack = Stack::new().await;
    for name in names {
        assert!(name.len() <= 63, "{name:?}");
        stack.create(&name).await;
        track(&stack, &name).await;
        capture(&stack, &name).await;
        query(&stack, &name).await;
        permissions(&stack, &name).await;
        follow_sql(&stack, &name).await;
        refuse(&stack, &name).await;
        let table = json!({"schema": name, "name": name});
        stack
            .engine
            .command("untrack_table", json!({"table": table, "cascade": true}))
            .await;
        let left = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'hdb_catalog'::regnamespace AND proname LIKE 'notify\\_hasura%'";
        let left: i64 = stack.client.query_one(left, &[]).await.unwrap().get(0);
        assert_eq!(left, 0, "{name:?}: capture functions remain");
    }
    let pwned: bool = stack
        .client
        .query_one("SELECT to_regclass('public.pwned') IS NOT NULL", &[])
        .await
        .unwrap()
        .get(0);
    assert!(!pwned, "a name was executed");
    // REVOKE has no object of its own.
    let unexpected = r#"SELECT DISTINCT concat_ws(' ', tag, object) FROM audit.ddl WHERE by_engine
        AND NOT (tag = 'REVOKE' AND object IS NULL)
        AND NOT (tag = 'CREATE FUNCTION' AND object ~ '^hdb_catalog\."?notify_hasura_')
        AND NOT (tag = 'CREATE TRIGGER' AND object ~ '^"?notify_hasura_')
        AND NOT (tag = 'ALTER TABLE')"#;
    let rows = stack.client.query(unexpected, &[]).await.unwrap();
    let unexpected: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
}

async fn track(stack: &Stack, name: &str) {
    let table = json!({"schema": name, "name": name});
    let configuration = json!({"custom_name": "odd", "column_config": {name: {"custom_name": "col"}}});
    let mut commands = vec![
        json!({"type": "track_table", "args": {"table": table, "configuration": configuration}}),
        json!({"type": "create_object_relationship",
               "args": {"table": table, "name": "above", "using": {"foreign_key_constraint_on": "parent"}}}),
    ];
    for (relationship, mapping) in [("below", json!({"id": "parent"})), ("same", json!({name: name}))] {
        let using = json!({"manual_configuration": {"remote_table": table, "column_mapping": mapping}});
        let args = json!({"table": table, "name": relationship, "using": using});
        commands.push(json!({"type": "create_array_relationship", "args": args}));
    }
    stack.engine.command("bulk", json!(commands)).await;
}

async fn capture(stack: &Stack, name: &str) {
    let spec = json!({"columns": [name, "id"], "payload": [name, "id", "kind"]});
    let trigger = json!({
        "name": "one", "table": {"schema": name, "name": name}, "webhook": stack.webhook.url,
        "insert": {"columns": "*"}, "update": spec, "delete": spec,
    });
    stack.engine.command("create_event_trigger", trigger).await;
    let (quoted, label) = (identifier(name), literal(name));
    stack
        .client
        .batch_execute(&format!(
            "INSERT INTO {quoted}.{quoted} VALUES (1, 'v', {label}, 1); UPDATE {quoted}.{quoted} SET {quoted} = {label};
             UPDATE {quoted}.{quoted} SET kind = 'other'"
        ))
        .await
        .unwrap();
    let table = json!({"schema": name, "name": name});
    let calls = eventually("both events are delivered", async || {
        let mut calls = stack.webhook.received();
        calls.retain(|call| call.body["table"] == table);
        (calls.len() == 2).then_some(calls)
    })
    .await;
    for call in calls {
        let new = &call.body["event"]["data"]["new"];
        assert_eq!(new["kind"], name);
        let text = if call.body["event"]["op"] == "INSERT" {
            "v"
        } else {
            name
        };
        assert_eq!(new[name], text, "{name:?}");
    }
    let log = stack
        .engine
        .command("get_event_logs", json!({"name": "one"}))
        .await;
    assert_eq!(log[0]["table_name"], name);
    assert_eq!(log[0]["schema_name"], name);
}

async fn query(stack: &Stack, name: &str) {
    let insert = "mutation ($name: String!) {
        insert_odd(objects: [{id: 2, col: $name, parent: 1, below: {data: [{id: 3, col: $name}]}}]) { affected_rows } }";
    let data = stack.graphql(&[], insert, json!({"name": name})).await;
    assert_eq!(data["insert_odd"]["affected_rows"], 2, "{name:?}");
    let read = "query ($name: String!) {
        odd(where: {col: {_eq: $name}, above: {col: {_eq: $name}}}, order_by: [{col: asc}, {above: {col: desc}}, {id: asc}], limit: 5) {
          id col above { col } below(where: {col: {_in: [$name]}}) { id col } same(distinct_on: col) { col }
          below_aggregate { aggregate { count max { col } } } }
        odd_aggregate { aggregate { count(columns: col, distinct: true) min { col } } } }";
    let data = stack.graphql(&[], read, json!({"name": name})).await;
    assert_eq!(data["odd"][1]["col"], name, "{data}");
    assert_eq!(data["odd"][1]["below"][0]["id"], 3, "{data}");
    assert_eq!(data["odd"][1]["same"], json!([{"col": name}]), "{data}");
    let update = "mutation ($name: String!) {
        update_odd(where: {id: {_eq: 3}}, _set: {col: $name}) { returning { col } }
        delete_odd(where: {id: {_eq: 3}, col: {_eq: $name}}) { affected_rows } }";
    let data = stack.graphql(&[], update, json!({"name": name})).await;
    assert_eq!(data["delete_odd"]["affected_rows"], 1, "{data}");
    let table = json!({"schema": name, "name": name});
    let select = json!({"table": table, "columns": [name, "id"], "where": {name: {"$eq": name}}, "order_by": format!("-{name}")});
    let (status, rows) = stack
        .engine
        .post("/v1/query", &[], &json!({"type": "select", "args": select}))
        .await;
    assert!(status < 500, "{name:?}: {rows}");
}

async fn permissions(stack: &Stack, name: &str) {
    let table = json!({"schema": name, "name": name});
    let permission = json!({"columns": [name, "id"], "filter": {name: {"_in": [name, "X-Hasura-User-Id"]}}});
    // A role with control characters cannot be in a header.
    let is_header = name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && name.trim() == name;
    for role in ["user", name] {
        let args = json!({"table": table, "role": role, "permission": permission});
        let body = json!({"type": "create_select_permission", "args": args});
        let (status, response) = stack.engine.post("/v1/query", &[], &body).await;
        assert!(status < 500, "{name:?}: {response}");
        if status == 200 && (role == "user" || is_header) {
            let headers = [("x-hasura-role", role), ("x-hasura-user-id", "1")];
            let data = stack
                .graphql(&headers, "{ odd(order_by: {id: asc}) { id col } }", json!({}))
                .await;
            assert_eq!(data["odd"][0]["col"], name, "{name:?} as {role:?}");
        }
    }
}

/// Metadata follows changes by `run_sql`.
async fn follow_sql(stack: &Stack, name: &str) {
    let quoted = identifier(name);
    for (sql, column) in [
        (
            format!("ALTER TABLE {quoted}.{quoted} RENAME COLUMN {quoted} TO renamed"),
            "renamed",
        ),
        (
            format!("ALTER TABLE {quoted}.{quoted} RENAME COLUMN renamed TO {quoted}"),
            name,
        ),
    ] {
        stack.engine.sql(&sql).await;
        let metadata = stack.engine.command("export_metadata", json!({})).await;
        let trigger = &metadata["sources"][0]["tables"][0]["event_triggers"][0];
        assert_eq!(trigger["definition"]["update"]["payload"][0], column, "{name:?}");
    }
    stack
        .client
        .batch_execute(&format!("UPDATE {quoted}.{quoted} SET kind = NULL"))
        .await
        .unwrap();
    let reload = json!({"recreate_event_triggers": true});
    let reloaded = stack.engine.command("reload_metadata", reload).await;
    assert_eq!(reloaded["is_consistent"], true, "{name:?}: {reloaded}");
}

/// Names that the engine itself gives to objects are checked.
async fn refuse(stack: &Stack, name: &str) {
    let table = json!({"schema": name, "name": name});
    let webhook = &stack.webhook.url;
    for (kind, args) in [
        (
            "create_event_trigger",
            json!({"name": name, "table": table, "webhook": webhook, "delete": {"columns": "*"}}),
        ),
        ("delete_event_trigger", json!({"name": name})),
        ("invoke_event_trigger", json!({"name": name, "payload": {}})),
        ("redeliver_event", json!({"event_id": name})),
        ("get_event_by_id", json!({"event_id": name})),
        ("get_event_logs", json!({"name": name})),
        ("drop_relationship", json!({"table": table, "relationship": name})),
        (
            "set_table_customization",
            json!({"table": table, "configuration": {"custom_name": format!("{name} ")}}),
        ),
        (
            "rename_relationship",
            json!({"table": table, "name": "above", "new_name": format!("{name} ")}),
        ),
    ] {
        let body = json!({"type": kind, "args": args});
        let (status, response) = stack.engine.post("/v1/query", &[], &body).await;
        // `select` and others are valid names of triggers.
        if kind == "create_event_trigger" && status == 200 {
            stack
                .engine
                .command("delete_event_trigger", json!({"name": name}))
                .await;
            continue;
        }
        if status == 200 && kind == "rename_relationship" {
            let back = json!({"table": table, "name": format!("{name} "), "new_name": "above"});
            stack.engine.command("rename_relationship", back).await;
            continue;
        }
        assert!(
            (400..500).contains(&status),
            "{kind} {name:?}: {status} {response}"
        );
    }
}
