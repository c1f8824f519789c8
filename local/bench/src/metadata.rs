//! Metadata of many tables: a bulk that tracks them, one that adds relationships, one that untracks them, compared with
//! `replace_metadata` of the same metadata; and the first introspection.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::engine::client::{self, Client};
use super::engine::{memory_mb, start};
use super::figures::{Goal, Table, count, ms};
use super::rig::Rig;
use local_process::logs::Logs;

/// Tables of the bulks.
const TABLES: usize = 1_200;
/// Tables of the introspection.
const INTROSPECTED: usize = 400;

const INTROSPECTION: &str = "query IntrospectionQuery { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { ...FullType }
  directives { name description locations args { ...InputValue } } } }
fragment FullType on __Type { kind name description
  fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields { ...InputValue } interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

pub(crate) async fn measure(runs: u32, logs: &Logs) -> Result<Table> {
    let mut table = Table::new("metadata");
    for run in 1..=runs {
        logs.log_line(&format!("metadata: run {run} of {runs}"));
        let rig = Rig::start(50, None).await?;
        create_tables(&rig).await?;
        bulks(&mut table, &rig, logs).await?;
        introspection(&mut table, &rig, logs).await?;
        rig.stop().await;
    }
    Ok(table)
}

/// Creates tables `t0`, `t1`, …; each but the first has a foreign key to the previous one.
async fn create_tables(rig: &Rig) -> Result<()> {
    let sql = format!(
        "DO $$ BEGIN
           FOR n IN 0..{TABLES} - 1 LOOP
             EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, name text NOT NULL, price numeric, created timestamptz,
                             parent_id int)', n);
             IF n > 0 THEN
               EXECUTE format('ALTER TABLE t%s ADD FOREIGN KEY (parent_id) REFERENCES t%s', n, n - 1);
             END IF;
           END LOOP;
         END $$"
    );
    Ok(rig.database.batch_execute(&sql).await?)
}

fn track(tables: usize) -> Vec<Value> {
    let command = |n| json!({"type": "track_table", "args": format!("t{n}")});
    (0..tables).map(command).collect()
}

/// Both directions of every foreign key.
fn relationships(tables: usize) -> Vec<Value> {
    let pair = |n: usize| {
        let child = json!({"table": format!("t{n}"), "column": "parent_id"});
        [
            json!({"type": "create_object_relationship", "args": {
                "table": format!("t{n}"), "name": "parent", "using": {"foreign_key_constraint_on": "parent_id"}}}),
            json!({"type": "create_array_relationship", "args": {
                "table": format!("t{}", n - 1), "name": "children", "using": {"foreign_key_constraint_on": child}}}),
        ]
    };
    (1..tables).flat_map(pair).collect()
}

fn untrack(tables: usize) -> Vec<Value> {
    let command = |n| json!({"type": "untrack_table", "args": {"table": format!("t{n}"), "cascade": true}});
    (0..tables).map(command).collect()
}

async fn bulks(table: &mut Table, rig: &Rig, logs: &Logs) -> Result<()> {
    let engine = start(rig, &[], logs).await?;
    let mut client = Client::connect(&engine.url()).await?;
    let tracking = command(&mut client, "bulk", &json!(track(TABLES))).await?.0;
    let relating = command(&mut client, "bulk", &json!(relationships(TABLES)))
        .await?
        .0;
    let metadata = command(&mut client, "export_metadata", &json!({})).await?.1;
    let untracking = command(&mut client, "bulk", &json!(untrack(TABLES))).await?.0;
    let replacing = command(&mut client, "replace_metadata", &metadata).await?.0;
    engine.stop().await;

    let both = tracking + relating;
    table.add("bulk of 1200 track_table", "ms", ms(tracking));
    table.add("bulk of 2398 create_…_relationship", "ms", ms(relating));
    table.add_with_goal("both bulks", "ms", ms(both), Goal::AtMost(2_000.0));
    table.add("bulk of 1200 untrack_table with cascade", "ms", ms(untracking));
    table.add("replace_metadata of the same metadata", "ms", ms(replacing));
    for (name, time) in [("track_table", tracking), ("relationships", relating)] {
        let ratio = ms(time) / ms(replacing);
        table.add_with_goal(
            &format!("{name} ÷ replace_metadata"),
            "×",
            ratio,
            Goal::AtMost(2.0),
        );
    }
    Ok(())
}

async fn introspection(table: &mut Table, rig: &Rig, logs: &Logs) -> Result<()> {
    let engine = start(rig, &[], logs).await?;
    let mut client = Client::connect(&engine.url()).await?;
    let metadata = json!({"version": 3, "sources": []});
    command(&mut client, "replace_metadata", &metadata).await?;
    command(&mut client, "bulk", &json!(track(INTROSPECTED))).await?;
    command(&mut client, "bulk", &json!(relationships(INTROSPECTED))).await?;

    table.add(
        "400 tables: memory before introspection",
        "MB",
        memory_mb(&engine)?,
    );
    let request = client::post("/v1/graphql", &json!({"query": INTROSPECTION}).to_string());
    let (time, size) = introspect(&mut client, &request).await?;
    table.add("400 tables: first introspection", "ms", ms(time));
    table.add("400 tables: its response", "MB", size);
    table.add("400 tables: memory after it", "MB", memory_mb(&engine)?);
    let (time, _) = introspect(&mut client, &request).await?;
    table.add("400 tables: second introspection", "ms", ms(time));
    table.add("400 tables: memory after both", "MB", memory_mb(&engine)?);
    engine.stop().await;
    Ok(())
}

/// Returns the time and the size of the response in megabytes.
async fn introspect(client: &mut Client, request: &[u8]) -> Result<(Duration, f64)> {
    let begin = Instant::now();
    let response = client.send(request).await?;
    let time = begin.elapsed();
    ensure!(
        response.starts_with(b"{\"data\":"),
        "introspection failed: {}",
        String::from_utf8_lossy(&response[..response.len().min(1_000)])
    );
    Ok((time, count(response.len() as u64) / 1e6))
}

/// Runs a metadata command; returns its time and response.
async fn command(client: &mut Client, kind: &str, args: &Value) -> Result<(Duration, Value)> {
    let request = client::post("/v1/metadata", &json!({"type": kind, "args": args}).to_string());
    let begin = Instant::now();
    let response = client.send(&request).await?;
    Ok((begin.elapsed(), serde_json::from_slice(response)?))
}
