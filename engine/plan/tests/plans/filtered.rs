//! Every query on a table that the binder makes for a role has the filter, the limit and the redactions of that role.

use crate::described::generate;
use crate::permitted::schema;
use crate::sdl::introspect;
use crate::{cases_in, fixture, variables};
use engine_plan::document::Document;
use engine_plan::ir::{
    Aggregate, AggregateValue, BoolExp, ChangedRows, Field, FieldValue, Insert, Mutation, MutationField,
    MutationOutput, OrderTarget, QueryField, ResponseValue, Returned, RootFields, Select, Subscription,
};
use engine_plan::schema::RoleSchema;
use engine_plan::{Request, bind};
use serde_json::{Map, Value};

/// Compares the queries and changes of an operation with the permissions of the role.
struct Checker<'s> {
    schema: &'s RoleSchema,
    selects: usize,
    changes: usize,
}

impl Checker<'_> {
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
                        MutationField::Single(change, output) => (std::slice::from_ref(change), output),
                        MutationField::Many(changes, output) => (changes.as_slice(), output),
                    };
                    for change in changes {
                        self.change(change);
                    }
                    self.output(output);
                }
            }
            RootFields::Subscription(Subscription::Live(fields)) => {
                for (_, field) in &fields {
                    self.query(field);
                }
            }
            RootFields::Subscription(Subscription::Stream(_, stream)) => self.select(&stream.rows, true),
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

    fn select(&mut self, select: &Select<'_>, is_list: bool) {
        self.selects += 1;
        let table = self.schema.selectable(&select.table().table.name);
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
        self.condition(select.predicate());
        self.fields(&select.fields);
        for order in &select.order_by {
            self.order(&order.target);
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate<'_>) {
        self.select(&aggregate.rows, true);
        for field in &aggregate.fields {
            if let AggregateValue::Nodes(nodes) = &field.value {
                self.fields(nodes);
            }
        }
    }

    fn fields(&mut self, fields: &[Field<'_>]) {
        for field in fields {
            match &field.value {
                FieldValue::Column(..) | FieldValue::Constant(_) => {}
                FieldValue::Object(_, row) => self.select(row, false),
                FieldValue::Array(_, rows) => self.select(rows, true),
                FieldValue::Aggregate(_, aggregate) => self.aggregate(aggregate),
            }
        }
    }

    fn order(&mut self, target: &OrderTarget<'_>) {
        match target {
            OrderTarget::Column(_) => {}
            OrderTarget::Object(_, row, inner) => {
                self.select(row, false);
                self.order(inner);
            }
            OrderTarget::Count(_, rows) | OrderTarget::Function(_, rows, ..) => self.select(rows, false),
        }
    }

    /// A condition of the client.
    fn condition(&mut self, condition: &BoolExp<'_>) {
        match condition {
            BoolExp::And(parts) | BoolExp::Or(parts) => parts.iter().for_each(|part| self.condition(part)),
            BoolExp::Not(inner) => self.condition(inner),
            BoolExp::Compare { .. } => {}
            BoolExp::Related(_, rows) | BoolExp::Exists(rows) => self.select(rows, false),
            BoolExp::Aggregated(aggregate) => self.select(&aggregate.rows, false),
            BoolExp::RelatedUnfiltered(..) | BoolExp::ExistsUnfiltered(_) => {
                panic!("only conditions of permissions read rows without a filter")
            }
        }
    }

    fn change(&mut self, change: &Mutation<'_>) {
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
        self.condition(rows.predicate());
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

    fn output(&mut self, output: &MutationOutput<'_>) {
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
        let table = self.schema.selectable(&returned.table().table.name).unwrap();
        assert_eq!(
            format!("{:?}", returned.redacted()),
            format!("{:?}", table.redactions())
        );
        self.fields(returned.fields());
    }
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
        let mut checker = Checker {
            schema: &schema,
            selects: 0,
            changes: 0,
        };
        let operations = generate(&schema, &response, |query, variables| {
            checker.operation(query, variables);
        })
        .operations;
        assert!(operations > least, "{role}: {operations}");
        assert!(checker.selects > operations / 10, "{role}: {}", checker.selects);
        assert!(role != "user" || checker.changes > 100, "{}", checker.changes);
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
        let mut checker = Checker {
            schema: &schema,
            selects: 0,
            changes: 0,
        };
        checker.operation(&query, &variables(&query));
        assert!(checker.selects + checker.changes > 0, "{name}");
    }
}
