//! Data commands of roles: for each column of each table, a command for each place in which a command can name a column. The
//! command is accepted if the role can read the column, and its plan passes the checks of GraphQL's plans.

use crate::filtered::{Checker, redacted};
use crate::permitted::schema;
use crate::{fixture, session};
use engine_error::Code;
use engine_model::catalog::{Column, TableName};
use engine_model::metadata::tracked::{RelationshipKind, TrackedObjects};
use engine_model::session::Session;
use engine_plan::data_command::{DataCommand, Scope, Statements, bind};
use engine_plan::schema::RoleSchema;
use engine_plan::schema::table::TableSchema;
use engine_sql::guard::ByteLimit;
use serde_json::{Value, json};

/// Data commands of one role.
struct Commands<'s> {
    role: &'s str,
    schema: &'s RoleSchema,
    scope: Scope<'s>,
    checker: Checker<'s>,
    accepted: usize,
    refused: usize,
}

impl<'s> Commands<'s> {
    /// Binds a command, which must be accepted if the role can read the column that it names.
    fn run(&mut self, kind: &str, args: &Value, readable: bool) {
        match bind(&self.scope, kind, args.clone()) {
            Ok(command) => {
                assert!(readable, "{}: {kind} {args}", self.role);
                self.accepted += 1;
                match &command {
                    DataCommand::Select(rows) => self.checker.select(rows, true),
                    DataCommand::Count(aggregate) => self.checker.aggregate(aggregate),
                    DataCommand::Write(change, output) => {
                        self.checker.change(change);
                        self.checker.output(output);
                    }
                }
                if let Statements::Mutation(mut step) =
                    command.statements(true, ByteLimit::default()).unwrap()
                {
                    redacted(self.role, &mut step);
                }
            }
            Err(error) => {
                assert!(!readable, "{}: {kind} {args}: {error}", self.role);
                assert_eq!(error.code, Code::PermissionDenied, "{kind} {args}: {error}");
                self.refused += 1;
            }
        }
    }

    /// Runs each command on a table that can have a condition.
    fn with_condition(&mut self, table: &TableSchema, condition: &Value, readable: bool) {
        let name = &table.table_name().name;
        if table.can_list() {
            let args = json!({"table": name, "columns": [], "where": condition});
            self.run("select", &args, readable);
        }
        if table.can_count() {
            self.run("count", &json!({"table": name, "where": condition}), readable);
        }
        if table.has_update_permission() && table.update_columns().next().is_some() {
            let column = table
                .update_columns()
                .next()
                .map(|(_, column)| column.name.clone());
            let args = json!({"table": name, "$default": [column], "where": condition});
            self.run("update", &args, readable);
        }
        if table.has_delete_permission() {
            self.run("delete", &json!({"table": name, "where": condition}), readable);
        }
    }

    /// Names a column of the table itself.
    fn own_column(&mut self, table: &'s TableSchema, column: &Column) {
        let (name, readable) = (&table.table_name().name, table.can_read(column));
        let c = &column.name;
        let mut conditions = vec![
            json!({c: {"_is_null": false}}),
            json!({"$or": [{"$not": {c: {"$in": []}}}]}),
        ];
        for other in comparable(table, column) {
            conditions.push(json!({other: {"_ceq": c}}));
            conditions.push(json!({other: {"$cne": [c]}}));
            conditions.push(json!({other: {"_ceq": ["$", c]}}));
        }
        for (relationship, target) in self.related(table) {
            for other in comparable(target, column) {
                let compared = json!({other: {"_ceq": ["$", c]}});
                conditions.push(json!({relationship: compared}));
                conditions.push(json!({"_not": {"_and": [{relationship: compared}]}}));
            }
            for (next, target) in self.related(target) {
                for other in comparable(target, column) {
                    conditions.push(json!({relationship: {next: {other: {"_ceq": ["$", c]}}}}));
                }
            }
        }
        for any in self.schema.tables().filter(|any| any.can_list()) {
            for other in comparable(any, column) {
                let compared = json!({other: {"_ceq": ["$", c]}});
                conditions.push(json!({"_exists": {"_table": any.table_name().name, "_where": compared}}));
            }
        }
        for condition in conditions {
            self.with_condition(table, &condition, readable);
        }
        if table.can_list() {
            for args in [
                json!({"table": name, "columns": [c]}),
                json!({"table": name, "columns": [], "order_by": format!("-{c}")}),
                json!({"table": name, "columns": [], "order_by": [{"column": c, "type": "asc"}]}),
            ] {
                self.run("select", &args, readable);
            }
        }
        if table.can_count() {
            self.run("count", &json!({"table": name, "distinct": [c]}), readable);
        }
        if table.has_delete_permission() {
            let args = json!({"table": name, "where": {}, "returning": [c]});
            self.run("delete", &args, readable);
        }
        if table.has_insert_permission() {
            let args = json!({"table": name, "objects": [], "returning": [c]});
            self.run("insert", &args, readable);
            let conflict = json!({"action": "ignore", "constraint_on": [c]});
            let args = json!({"table": name, "objects": [], "on_conflict": conflict});
            let inserts = table.may_insert(column) || table.is_insert_preset(c);
            self.run("insert", &args, readable || inserts);
        }
    }

    /// Names a column of a related table, or of any table.
    fn other_column(&mut self, table: &'s TableSchema) {
        let name = &table.table_name().name;
        for (relationship, target) in self.related(table) {
            for column in &target.tracked().table.columns {
                let (c, readable) = (&column.name, target.can_read(column));
                self.with_condition(table, &json!({relationship: {c: {"_is_null": true}}}), readable);
                for other in comparable(target, column) {
                    self.with_condition(table, &json!({relationship: {other: {"_ceq": c}}}), readable);
                }
                if !table.can_list() {
                    continue;
                }
                let nested = json!({"name": relationship, "columns": [c]});
                self.run("select", &json!({"table": name, "columns": [nested]}), readable);
                for other in comparable(target, column) {
                    let nested =
                        json!({"name": relationship, "columns": [], "where": {other: {"_ceq": ["$", c]}}});
                    self.run("select", &json!({"table": name, "columns": [nested]}), readable);
                }
                let is_object = table.relationship(relationship).unwrap().kind == RelationshipKind::Object;
                if is_object {
                    let order = format!("{relationship}.{c}");
                    self.run(
                        "select",
                        &json!({"table": name, "columns": [], "order_by": order}),
                        readable,
                    );
                }
            }
        }
        for any in self.schema.tables().filter(|any| any.can_list()) {
            for column in &any.tracked().table.columns {
                let (c, readable) = (&column.name, any.can_read(column));
                let exists = |condition: Value| json!({"_exists": {"_table": any.table_name().name, "_where": condition}});
                self.with_condition(table, &exists(json!({c: {"_is_null": true}})), readable);
                for other in comparable(any, column) {
                    self.with_condition(table, &exists(json!({other: {"_ceq": c}})), readable);
                }
            }
        }
    }

    /// Returns the relationships to tables that the role can read.
    fn related(&self, table: &'s TableSchema) -> Vec<(&'s str, &'s TableSchema)> {
        let schema = self.schema;
        let relationships = table.relationships();
        relationships
            .filter_map(|(name, relationship)| Some((name, schema.readable(&relationship.target)?)))
            .collect()
    }
}

/// Returns the readable columns of the same type.
fn comparable<'s>(table: &'s TableSchema, column: &Column) -> Vec<&'s String> {
    let columns = table.columns().map(|(_, other)| other);
    let others = columns.filter(|other| other.ty == column.ty);
    others.map(|other| &other.name).collect()
}

fn commands<T>(role: &str, run: impl FnOnce(&mut Commands<'_>) -> T) -> T {
    let tracked: TrackedObjects = fixture::tracked();
    let schema = schema(fixture::tracked(), role, false);
    let session = Session::new(role.to_owned(), session().variables);
    let scope = Scope {
        tracked: &tracked,
        schema: &schema,
        session: &session,
    };
    run(&mut Commands {
        role,
        schema: &schema,
        scope,
        checker: Checker::new(&schema),
        accepted: 0,
        refused: 0,
    })
}

#[test]
fn commands_name_readable_columns_only_and_have_the_filter_of_the_role() {
    for (role, accepted, refused) in [
        ("user", 300, 30),
        ("member", 100, 60),
        ("both", 10, 5),
        ("reader", 5, 5),
    ] {
        commands(role, |commands| {
            let schema = commands.schema;
            for table in schema.tables().filter(|table| table.can_select()) {
                for column in &table.tracked().table.columns {
                    commands.own_column(table, column);
                }
                commands.other_column(table);
            }
            assert!(commands.accepted > accepted, "{role}: {}", commands.accepted);
            assert!(commands.refused > refused, "{role}: {}", commands.refused);
            let checker = &commands.checker;
            assert!(checker.selects > accepted, "{role}: {}", checker.selects);
            assert!(checker.columns > accepted, "{role}: {}", checker.columns);
            assert!(
                !matches!(role, "user" | "member") || checker.changes > 50,
                "{}",
                checker.changes
            );
        });
    }
}

#[test]
fn tables_without_root_fields_are_neither_listed_nor_counted() {
    commands("reader", |commands| {
        let article = commands
            .schema
            .table(&TableName::new("public", "article"))
            .unwrap();
        assert!(article.can_select() && !article.can_list() && !article.can_count());
        for (kind, args) in [
            ("select", json!({"table": "article", "columns": ["id"]})),
            ("count", json!({"table": "article"})),
        ] {
            commands.run(kind, &args, false);
        }
        let exists = json!({"table": "author", "columns": [], "where": {"_exists": {"_table": "article", "_where": {}}}});
        let error = bind(&commands.scope, "select", exists).unwrap_err();
        assert_eq!(error.code, Code::NotExists);
        let nested = json!({"table": "author", "columns": [{"name": "articles", "columns": ["id"]}]});
        commands.run("select", &nested, true);
    });
}
