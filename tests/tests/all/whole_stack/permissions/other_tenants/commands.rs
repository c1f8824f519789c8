//! Commands of `/v1/query`: those for rows, for each table and view of the database, and those of an admin.

use serde_json::{Map, Value, json};

use super::writes::value;
use super::{MANAGER, Tenant, is_own, is_public};

impl Tenant<'_> {
    pub(super) async fn commands_read_nothing(&self) {
        for table in self.tables().await {
            let name = table["name"].as_str().unwrap_or_default();
            // The list of all columns is that of the role, or an error without a permission.
            let args = json!({"table": table, "columns": ["*"]});
            let (status, rows) = self.command("/v1/query", "select", args).await;
            if status == 200 {
                self.assert_own(name, "select", &rows);
            }
            assert!(
                status == 200 || status == 400,
                "{}: {table}: {status} {rows}",
                self.role
            );
            let (counted, count) = self.command("/v1/query", "count", json!({"table": table})).await;
            // Aggregates may be denied where rows are not.
            assert!(
                counted == 400 || counted == status,
                "{}: {table}: {count}",
                self.role
            );
            if counted == 200 && !is_public(self.role, name) {
                let own = rows
                    .as_array()
                    .map_or(0, |rows| rows.iter().filter(|row| is_own(row)).count());
                assert_eq!(count, json!({"count": own}), "{}: {table}", self.role);
            }
        }
    }

    /// The columns that a role may update are excepted for managers, who may update all rows.
    pub(super) async fn commands_change_nothing(&self) {
        for table in self.tables().await {
            let name = table["name"].as_str().unwrap_or_default().to_owned();
            let before = self.snapshot().await;
            let fields = self.fields(&format!("{name}_insert_input"), "inputFields").await;
            let mut object: Map<String, Value> = fields
                .iter()
                .filter(|(_, _, is_scalar)| *is_scalar)
                .map(|(column, kind, _)| (column.clone(), value(column, kind)))
                .collect();
            // Other rows of these tables are those of the sender.
            match name.as_str() {
                "menu_items" | "opening_hours" => drop(object.insert("restaurant_id".to_owned(), json!(2))),
                "driver_positions" => drop(object.insert("driver_id".to_owned(), json!(7))),
                _ => {}
            }
            let insert = json!({"table": table, "objects": [object]});
            self.refused("insert", insert).await;
            let delete = json!({"table": table, "where": {}});
            // Own dishes and hours only, which the snapshot does not contain.
            if self.role == "restaurant" && ["menu_items", "opening_hours"].contains(&name.as_str()) {
                let (status, answer) = self.command("/v1/query", "delete", delete).await;
                assert_eq!(status, 200, "{}: {table}: {answer}", self.role);
            } else {
                self.refused("delete", delete).await;
            }
            let settable = self.settable(&name).await;
            for (column, kind) in self.columns_of(&table).await {
                let is_settable = settable.iter().any(|(name, _)| *name == column);
                let set = Map::from_iter([(column, kind)]);
                let update = json!({"table": table, "where": {}, "$set": set});
                if !is_settable {
                    self.refused("update", update).await;
                } else if self.role != MANAGER {
                    self.command("/v1/query", "update", update).await;
                }
            }
            assert_eq!(before, self.snapshot().await, "{}: {table}", self.role);
        }
    }

    pub(super) async fn has_no_commands_of_an_admin(&self) {
        let before = self.snapshot().await;
        let delete = json!({"sql": "DELETE FROM items"});
        for (path, kind, args) in [
            ("/v1/query", "run_sql", delete.clone()),
            ("/v2/query", "run_sql", delete.clone()),
            ("/v1/query", "export_metadata", json!({})),
            ("/v1/metadata", "export_metadata", json!({})),
            (
                "/v1/query",
                "track_table",
                json!({"schema": "identity", "name": "accounts"}),
            ),
            (
                "/v1/query",
                "bulk",
                json!([{"type": "run_sql", "args": delete.clone()}]),
            ),
        ] {
            let (status, answer) = self.command(path, kind, args).await;
            assert!(
                (400..500).contains(&status),
                "{}: {kind} at {path}: {status} {answer}",
                self.role
            );
        }
        assert_eq!(before, self.snapshot().await, "{}", self.role);
    }

    async fn refused(&self, kind: &str, args: Value) {
        let (status, answer) = self.command("/v1/query", kind, args.clone()).await;
        assert_eq!(status, 400, "{}: {kind} {args}: {answer}", self.role);
    }

    async fn command(&self, path: &str, kind: &str, args: Value) -> (u16, Value) {
        let body = json!({"type": kind, "args": args});
        self.stack.post_with(&self.headers, path, &body).await
    }

    /// All tables and views, as arguments of commands.
    async fn tables(&self) -> Vec<Value> {
        let sql = "SELECT table_schema::text, table_name::text FROM information_schema.tables
                   WHERE table_schema IN ('public', 'identity', 'figures', 'hdb_catalog') ORDER BY 1, 2";
        let rows = self.stack.database.query(sql, &[]).await.expect("the tables");
        rows.iter()
            .map(|row| json!({"schema": row.get::<_, String>(0), "name": row.get::<_, String>(1)}))
            .collect()
    }

    /// Columns of a table, each with a value that it accepts.
    async fn columns_of(&self, table: &Value) -> Vec<(String, Value)> {
        let sql = "SELECT column_name::text, data_type::text FROM information_schema.columns
                   WHERE table_schema = $1::text AND table_name = $2::text";
        let text = |key: &str| table[key].as_str().unwrap_or_default().to_owned();
        let rows = self
            .stack
            .database
            .query(sql, &[&text("schema"), &text("name")])
            .await
            .expect("the columns");
        rows.iter()
            .map(|row| {
                let value = match row.get(1) {
                    "integer" | "bigint" | "real" | "double precision" => json!(1),
                    "boolean" => json!(true),
                    "uuid" => json!("00000000-0000-4000-8000-000000000000"),
                    "json" | "jsonb" => json!({}),
                    kind if kind.starts_with("timestamp") => json!("2020-01-01T00:00:00Z"),
                    _ => json!("pizza"),
                };
                (row.get(0), value)
            })
            .collect()
    }
}
