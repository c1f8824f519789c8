//! Every query on a table that the planner makes for a role, of GraphQL and of data commands, has the filter, the limit and
//! the redactions of that role, and refers to no column that the role cannot read.

use crate::described::generate;
use crate::permitted::schema;
use crate::sdl::introspect;
use crate::{cases_in, fixture, plan, variables};
use engine_model::catalog::Column;
use engine_model::metadata::tracked::TrackedTable;
use engine_plan::document::Document;
use engine_plan::ir::{
    Aggregate, AggregateValue, Aggregation, BoolExp, ChangedRows, Comparison, ComputedValue, Field,
    FieldValue, FunctionValue, Insert, ItemValue, Mutation, MutationField, MutationOutput, Operand,
    OrderTarget, QueryField, ResponseValue, Returned, RootFields, Select, SubscriptionFields,
};
use engine_plan::schema::RoleSchema;
use engine_plan::{Fields, Request, Step, bind};
use serde_json::{Map, Value};

/// Compares the queries and changes of an operation with the permissions of the role.
pub(crate) struct Checker<'s> {
    schema: &'s RoleSchema,
    pub(crate) selects: usize,
    pub(crate) changes: usize,
    /// Columns that clients select, compare, sort by or aggregate.
    pub(crate) columns: usize,
}

impl<'s> Checker<'s> {
    pub(crate) fn new(schema: &'s RoleSchema) -> Self {
        Self {
            schema,
            selects: 0,
            changes: 0,
            columns: 0,
        }
    }

    fn column(&mut self, table: &TrackedTable, column: &Column) {
        self.columns += 1;
        let schema = self.schema.readable(&table.table.name);
        assert!(
            schema.is_some_and(|schema| schema.can_read(column)),
            "{}.{}",
            table.table.name,
            column.name
        );
    }

    fn operation(&mut self, query: &str, variables: &Map<String, Value>) {
        let document = Document::parse(query).unwrap();
        let request = Request {
            operation_name: None,
            variables: Some(variables),
            max_depth: 50,
        };
        match bind(self.schema, &document, &request).unwrap().fields {
            RootFields::Query(fields) => fields.iter().for_each(|field| self.query(&field.value)),
            RootFields::Mutation(fields) => {
                for field in &fields {
                    let (changes, output) = match &field.value {
                        MutationField::Constant(_) => continue,
                        MutationField::Function(field) => {
                            self.query(field);
                            continue;
                        }
                        MutationField::Single(change, output) => (std::slice::from_ref(change), output),
                        MutationField::Many(changes, output) => (changes.as_slice(), output),
                    };
                    for change in changes {
                        self.change(change);
                    }
                    self.output(output);
                }
            }
            RootFields::Subscription(subscription) => match subscription.fields {
                SubscriptionFields::Live(fields) => {
                    for (_, field) in &fields {
                        self.query(field);
                    }
                }
                SubscriptionFields::Stream(_, stream) => {
                    self.select(&stream.rows, true);
                    self.column(stream.rows.table(), stream.cursor);
                }
            },
        }
    }

    fn query(&mut self, field: &QueryField<'_>) {
        match field {
            QueryField::Constant(_) => {}
            QueryField::Rows(rows) => self.select(rows, true),
            QueryField::Row(row) => self.select(row, false),
            QueryField::Aggregate(aggregate) => self.aggregate(aggregate),
        }
    }

    /// Checks a query whose rows are the outermost ones of its condition.
    pub(crate) fn select(&mut self, select: &Select<'_>, is_list: bool) {
        self.select_within(select, is_list, select.table());
    }

    fn select_within(&mut self, select: &Select<'_>, is_list: bool, root: &TrackedTable) {
        self.selects += 1;
        let table = self.schema.readable(&select.table().table.name);
        let table = table.expect("the role may read the table");
        assert_eq!(
            format!("{:?}", select.permission()),
            format!("{:?}", table.select_filter())
        );
        assert_eq!(
            format!("{:?}", select.redacted()),
            format!("{:?}", table.redactions())
        );
        if is_list {
            assert_eq!(select.max_rows(), table.row_limit());
        }
        self.condition(select.predicate(), select.table(), root);
        self.fields(&select.fields, select.table());
        for order in &select.order_by {
            self.order(&order.target, select.table());
        }
        for column in &select.distinct_on {
            self.column(select.table(), column);
        }
    }

    pub(crate) fn aggregate(&mut self, aggregate: &Aggregate<'_>) {
        self.select(&aggregate.rows, true);
        let table = aggregate.rows.table();
        for field in &aggregate.fields {
            match &field.value {
                AggregateValue::Nodes(nodes) => self.fields(nodes, table),
                AggregateValue::Aggregate(items) => items.iter().for_each(|item| match &item.value {
                    ItemValue::Count { columns, .. } => {
                        for column in columns {
                            self.column(table, column);
                        }
                    }
                    ItemValue::Function(_, values) => {
                        for (_, value) in values {
                            match value {
                                FunctionValue::Column(column) => self.column(table, column),
                                FunctionValue::Computed(value) => self.computed(value, table),
                                FunctionValue::Constant(_) => {}
                            }
                        }
                    }
                    ItemValue::Constant(_) => {}
                }),
                AggregateValue::Constant(_) => {}
            }
        }
    }

    fn fields(&mut self, fields: &[Field<'_>], table: &TrackedTable) {
        for field in fields {
            match &field.value {
                FieldValue::Column(column, _) => self.column(table, column),
                FieldValue::Constant(_) => {}
                FieldValue::Object(_, row) => self.select(row, false),
                FieldValue::Array(_, rows) | FieldValue::ComputedRows(rows) => self.select(rows, true),
                FieldValue::Aggregate(_, aggregate) => self.aggregate(aggregate),
                FieldValue::Computed(value, _) => self.computed(value, table),
            }
        }
    }

    /// A scalar that the role must have a permission for.
    fn computed(&self, value: &ComputedValue<'_>, table: &TrackedTable) {
        let schema = self.schema.readable(&table.table.name);
        let schema = schema.expect("the role may read the table");
        let mut granted = schema.computed_fields();
        assert!(
            granted.any(|field| field.function == *value.call.function && field.scalar() == Some(value.ty))
        );
    }

    fn order(&mut self, target: &OrderTarget<'_>, table: &TrackedTable) {
        match target {
            OrderTarget::Column(column) => self.column(table, column),
            OrderTarget::Computed(value) => self.computed(value, table),
            OrderTarget::Object(_, row, inner) => {
                self.select(row, false);
                self.order(inner, row.table());
            }
            OrderTarget::Count(_, rows) => self.select(rows, false),
            OrderTarget::Function(_, rows, _, column) => {
                self.select(rows, false);
                self.column(rows.table(), column);
            }
        }
    }

    /// A condition of the client on the rows of `table`; the outermost rows are those of `root`.
    fn condition(&mut self, condition: &BoolExp<'_>, table: &TrackedTable, root: &TrackedTable) {
        match condition {
            BoolExp::And(parts) | BoolExp::Or(parts) => {
                for part in parts {
                    self.condition(part, table, root);
                }
            }
            BoolExp::Not(inner) => self.condition(inner, table, root),
            BoolExp::Compare { column, with, .. } => {
                self.column(table, column);
                match with {
                    Comparison::Op(_, Operand::Column(other)) => self.column(table, other),
                    Comparison::Op(_, Operand::RootColumn(other)) => self.column(root, other),
                    _ => {}
                }
            }
            BoolExp::CompareComputed { value, .. } => self.computed(value, table),
            BoolExp::Related(_, rows) | BoolExp::ComputedRows(rows) | BoolExp::Exists(rows) => {
                self.select_within(rows, false, root);
            }
            BoolExp::Aggregated(aggregate) => {
                self.select(&aggregate.rows, false);
                let (Aggregation::Count { columns, .. } | Aggregation::Function { columns, .. }) =
                    &aggregate.value;
                for column in columns {
                    self.column(aggregate.rows.table(), column);
                }
            }
            BoolExp::RelatedUnfiltered(..)
            | BoolExp::ExistsUnfiltered(_)
            | BoolExp::ComputedRowsUnfiltered(..) => {
                panic!("only conditions of permissions read rows without a filter")
            }
        }
    }

    pub(crate) fn change(&mut self, change: &Mutation<'_>) {
        match change {
            Mutation::Insert(insert) => self.insert(insert),
            Mutation::Update(update) => {
                let table = self.schema.table(&update.rows.table().table.name).unwrap();
                let check = table.update_check().unwrap_or(BoolExp::ALL);
                assert_eq!(format!("{:?}", update.check), format!("{check:?}"));
                self.changed(&update.rows, &table.update_filter());
            }
            Mutation::Delete(delete) => {
                let table = self.schema.table(&delete.rows.table().table.name).unwrap();
                self.changed(&delete.rows, &table.delete_filter());
            }
        }
    }

    fn changed(&mut self, rows: &ChangedRows<'_>, filter: &BoolExp<'_>) {
        self.changes += 1;
        let table = self.schema.table(&rows.table().table.name).unwrap();
        assert_eq!(format!("{:?}", rows.permission()), format!("{filter:?}"));
        assert_eq!(
            format!("{:?}", rows.redacted()),
            format!("{:?}", table.redactions())
        );
        self.condition(rows.predicate(), rows.table(), rows.table());
    }

    fn insert(&mut self, insert: &Insert<'_>) {
        self.changes += 1;
        let table = self.schema.table(&insert.table.table.name).unwrap();
        assert_eq!(
            format!("{:?}", insert.check),
            format!("{:?}", table.insert_check())
        );
        if let Some(on_conflict) = &insert.on_conflict {
            assert_eq!(
                format!("{:?}", on_conflict.check),
                format!("{:?}", table.update_check())
            );
            self.changed(&on_conflict.rows, &table.update_filter());
        }
        for row in &insert.rows {
            for (column, value) in table.insert_presets() {
                let determined = row
                    .related
                    .iter()
                    .any(|related| related.relationship.insert_before_parent);
                let found = row.values.iter().find(|(other, _)| other.number == column.number);
                match found {
                    Some((_, found)) => assert_eq!(*found, value),
                    None => assert!(determined || column.name == "author_id"),
                }
            }
            row.related
                .iter()
                .for_each(|related| self.insert(&related.insert));
        }
    }

    pub(crate) fn output(&mut self, output: &MutationOutput<'_>) {
        match output {
            MutationOutput::Row(row) => self.returned(row),
            MutationOutput::Response(fields) => {
                for field in fields {
                    if let ResponseValue::Returning(rows) = &field.value {
                        self.returned(rows);
                    }
                }
            }
        }
    }

    fn returned(&mut self, returned: &Returned<'_>) {
        let table = self.schema.readable(&returned.table().table.name).unwrap();
        assert_eq!(
            format!("{:?}", returned.redacted()),
            format!("{:?}", table.redactions())
        );
        self.fields(returned.fields(), returned.table());
    }
}

/// Checks that a mutation of the role `member` reads columns that this role sees in some rows only as NULL in all others.
/// Permissions do not refer to these columns.
pub(crate) fn redacted(role: &str, step: &mut Step) {
    step.statements_mut(&mut |statement| {
        for column in ["words", "emails"] {
            let name = format!("\"_target\".\"{column}\"");
            for (index, _) in statement.sql.match_indices(&name) {
                let is_redacted = statement.sql[..index].ends_with("THEN ");
                assert!(is_redacted || role != "member", "{}", statement.sql);
            }
        }
    });
}

#[test]
fn every_query_of_generated_operations_has_the_filter_of_the_role() {
    for (role, least) in [("user", 1_500), ("both", 100), ("member", 500), ("reader", 40)] {
        let schema = schema(fixture::tracked(), role, false);
        for table in schema.tables().filter(|table| table.can_select()) {
            assert!(
                matches!(role, "reader" | "member") || !table.select_filter().is_all(),
                "{}",
                table.table_name()
            );
        }
        let response = introspect(&schema);
        let mut checker = Checker::new(&schema);
        let operations = generate(&schema, &response, |query, variables| {
            checker.operation(query, variables);
            if query.starts_with("mutation") {
                let mut plan = plan(&schema, query, variables).unwrap().plan;
                if let Fields::Mutation(fields) = &mut plan.fields {
                    for field in fields {
                        redacted(role, &mut field.value);
                    }
                }
            }
        })
        .operations;
        assert!(operations > least, "{role}: {operations}");
        assert!(checker.selects > operations / 10, "{role}: {}", checker.selects);
        assert!(checker.columns > operations / 5, "{role}: {}", checker.columns);
        assert!(
            !matches!(role, "user" | "member") || checker.changes > 100,
            "{}",
            checker.changes
        );
    }
}

#[test]
fn every_query_of_the_golden_plans_has_the_filter_of_the_role() {
    for (name, query) in cases_in("role_cases") {
        let role = query
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# role: "));
        let schema = schema(fixture::tracked(), role.expect(&name), false);
        let mut checker = Checker::new(&schema);
        checker.operation(&query, &variables(&query));
        assert!(checker.selects + checker.changes > 0, "{name}");
    }
}
