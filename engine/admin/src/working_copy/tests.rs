//! Random sequences of edits: after each, the working copy equals what resolving its document gives, and an edit fails
//! with the same error as if everything had been resolved.

use super::WorkingCopy;
use super::inconsistencies;
use super::references::References;
use crate::context::TableResolutions;
use crate::dependencies;
use engine_error::Error;
use engine_model::catalog::{Catalog, Column, Coupling, ForeignKey, PgType, Table, TableKind, TableName};
use engine_model::metadata::inconsistent::MetadataObjectId;
use engine_model::metadata::resolve;
use engine_model::metadata::tracked::RelationshipKind;
use engine_model::metadata::types::{Metadata, RelationshipEntry, TableConfiguration, TableEntry};
use engine_model::trigger::EventTrigger;
use engine_plan::schema_cache::ResolvedMetadata;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `a_aggregate` clashes with a type of `a`, and a column of `d` has a type named like the table `c`.
const TABLES: [&str; 6] = ["a", "b", "c", "d", "a_aggregate", "ghost"];
const RELATIONSHIPS: [&str; 4] = ["r", "s", "id", "9"];
const TRIGGERS: [&str; 3] = ["t", "u", "w"];

fn name(name: &str) -> TableName {
    TableName::new("public", name)
}

fn table(index: u32, own: &str, columns: &[(&str, &str)], keys: &[(&str, &str)]) -> (TableName, Arc<Table>) {
    let columns = columns.iter().zip(1..).map(|(&(column, ty), number)| Column {
        name: column.to_owned(),
        number,
        ty: PgType::built_in(ty, ty),
        nullable: true,
        has_default: false,
        generated: false,
        comment: None,
    });
    let foreign_keys = keys.iter().map(|&(column, target)| ForeignKey {
        name: format!("{own}_{column}_fkey"),
        target: name(target),
        mapping: vec![(column.to_owned(), "id".to_owned())],
    });
    let table = Table {
        name: name(own),
        oid: index,
        kind: TableKind::Table,
        columns: columns.collect(),
        primary_key: None,
        unique: Vec::new(),
        foreign_keys: foreign_keys.collect(),
        insertable: true,
        updatable: true,
        deletable: true,
        coupling: Coupling::default(),
        comment: None,
    };
    (name(own), Arc::new(table))
}

fn catalog() -> Arc<Catalog> {
    let tables = [
        table(1, "a", &[("id", "int4")], &[]),
        table(2, "b", &[("id", "int4"), ("a_id", "int4")], &[("a_id", "a")]),
        table(3, "c", &[("id", "int4"), ("b_id", "int4")], &[("b_id", "b")]),
        table(4, "d", &[("id", "int4"), ("c", "c")], &[]),
        table(
            5,
            "a_aggregate",
            &[("id", "int4"), ("a_id", "int4")],
            &[("a_id", "a")],
        ),
    ];
    Arc::new(Catalog {
        tables: BTreeMap::from(tables),
        server_version: 150_000,
        ..Catalog::default()
    })
}

/// Linear congruential generator: the sequences are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}

fn configuration(random: &mut Random) -> Option<TableConfiguration> {
    let configuration = match random.below(5) {
        0 => json!({"custom_name": random.of(&["a", "c", "x", "9"])}),
        1 => json!({"custom_column_names": {"id": random.of(&["r", "key"])}}),
        2 => json!({"custom_column_names": {"missing": "m"}}),
        _ => return None,
    };
    Some(serde_json::from_value(configuration).expect("a valid configuration"))
}

fn relationship(random: &mut Random, named: &str) -> RelationshipEntry {
    let remote = random.of(&TABLES);
    let using = match random.below(3) {
        0 => json!({"foreign_key_constraint_on": random.of(&["a_id", "b_id"])}),
        1 => json!({"foreign_key_constraint_on": {"table": remote, "column": random.of(&["a_id", "b_id"])}}),
        _ => json!({"manual_configuration": {"remote_table": remote, "column_mapping": {"id": "id"}}}),
    };
    serde_json::from_value(json!({"name": named, "using": using})).expect("a valid relationship")
}

fn trigger(random: &mut Random) -> EventTrigger {
    let columns = if random.below(4) == 0 {
        json!(["missing"])
    } else {
        json!("*")
    };
    let trigger = json!({
        "name": random.of(&TRIGGERS),
        "definition": {"insert": {"columns": columns}},
        "webhook": "http://localhost",
    });
    serde_json::from_value(trigger).expect("a valid event trigger")
}

/// Two working copies of the same state: one is edited, the other resolves everything.
struct Pair {
    edited: WorkingCopy,
    reference: WorkingCopy,
}

impl Pair {
    fn table(&self, table: &TableName) -> Option<&TableEntry> {
        self.edited.resolved().metadata.table(table)
    }

    fn is_taken(&self, table: &TableName, named: &str) -> bool {
        let columns = self.edited.resolved().tracked.tables.get(table);
        columns.is_some_and(|known| known.columns.contains_key(named))
            || self
                .table(table)
                .is_none_or(|entry| entry.relationships().any(|other| other.name == named))
    }

    fn compare(&self, step: &str, edited: Result<(), Error>, reference: Result<(), Error>) {
        let json = |result: Result<(), Error>| result.map_err(|error| error.to_json(true).to_string());
        assert_eq!(json(edited), json(reference), "{step}");
        let (now, expected) = (self.edited.resolved(), self.reference.resolved());
        assert_eq!(now.metadata, expected.metadata, "{step}");
        assert_eq!(now.inconsistent, expected.inconsistent, "{step}");
        assert_eq!(now.permissions, expected.permissions, "{step}");
        assert_eq!(
            format!("{:#?}", now.tracked.tables),
            format!("{:#?}", expected.tracked.tables),
            "{step}"
        );
        let triggers = |now: &ResolvedMetadata| {
            let triggers = now.tracked.event_triggers.iter();
            let triggers: BTreeMap<String, String> = triggers
                .map(|(name, trigger)| (name.clone(), format!("{trigger:?}")))
                .collect();
            triggers
        };
        assert_eq!(triggers(now), triggers(expected), "{step}");
        if let Some(types) = &self.edited.types {
            assert_eq!(
                *types,
                resolve::name_index(&now.metadata, &now.catalog, &now.tracked.tables),
                "{step}"
            );
        }
        if let Some(references) = &self.edited.references {
            let missing = |now: References| now.is_subset_of(references);
            assert!(missing(References::new(now)), "{step}");
        }
    }

    fn step(&mut self, random: &mut Random, step: &str) {
        let table = name(random.of(&TABLES));
        let named = random.of(&RELATIONSHIPS);
        let kind = random.of(&[RelationshipKind::Object, RelationshipKind::Array]);
        let known = self.table(&table).is_some();
        let related = self
            .table(&table)
            .is_some_and(|entry| entry.relationships().any(|r| r.name == named));
        let taken = self.is_taken(&table, named);
        let new = random.of(&["r", "s", "t", "9"]);
        let new_is_taken = self.is_taken(&table, new);
        let Self { edited, reference } = self;
        let relationship_id = |named: &str| MetadataObjectId::Relationship(table.clone(), named.to_owned());
        let results = match random.below(11) {
            0 | 1 if !known && table.name != "ghost" => {
                let mut entry = TableEntry::new(table.clone());
                entry.configuration = configuration(random);
                let id = MetadataObjectId::Table(table);
                let expected = reference.apply(Some(&id), |metadata| {
                    metadata.source_mut().tables.push(entry.clone());
                });
                (edited.add_table(entry), expected)
            }
            // With its dependents, as `untrack_table` with `cascade`, or without.
            2 if known => {
                let mut objects = if random.below(2) == 0 {
                    dependencies::on_table(edited, &table)
                } else {
                    Vec::new()
                };
                objects.push(MetadataObjectId::Table(table));
                remove(edited, reference, &objects)
            }
            3 | 4 if known && !taken => {
                let entry = relationship(random, named);
                let expected = reference.apply(Some(&relationship_id(named)), |metadata| {
                    let stored = metadata.table_mut(&table).expect("the table is in the document");
                    stored.relationships_mut(kind).push(entry.clone());
                });
                (edited.add_relationship(&table, kind, &entry), expected)
            }
            5 if related => {
                let mut objects = vec![relationship_id(named)];
                objects.extend(dependencies::permissions_on(edited, &objects));
                remove(edited, reference, &objects)
            }
            6 if related && !new_is_taken => {
                let expected = reference.rename_resolving_all(&table, named, new);
                (edited.rename_relationship(&table, named, new), expected)
            }
            7 if related => {
                let comment = Some(step.to_owned());
                let expected = reference.apply(None, |metadata| {
                    let stored = metadata
                        .table_mut(&table)
                        .and_then(|entry| entry.relationship_mut(named));
                    stored
                        .expect("the relationship is in the document")
                        .comment
                        .clone_from(&comment);
                });
                (edited.set_relationship_comment(&table, named, comment), expected)
            }
            8 if known => {
                let configuration = configuration(random);
                let id = MetadataObjectId::Table(table.clone());
                let expected = reference.apply(Some(&id), |metadata| {
                    let stored = metadata.table_mut(&table).expect("the table is in the document");
                    stored.configuration.clone_from(&configuration);
                });
                (edited.set_configuration(&table, configuration), expected)
            }
            9 if known => {
                let trigger = trigger(random);
                let metadata = Arc::clone(&edited.resolved().metadata);
                let owner = metadata.tables().iter().find_map(|entry| {
                    let mut triggers = entry.event_triggers.iter();
                    triggers
                        .any(|other| other.name == trigger.name)
                        .then_some(&entry.table)
                });
                let id =
                    |table: &TableName| MetadataObjectId::EventTrigger(table.clone(), trigger.name.clone());
                match owner {
                    None => {
                        let expected = reference.apply(Some(&id(&table)), |metadata| {
                            let stored = metadata.table_mut(&table).expect("the table is in the document");
                            stored.event_triggers.push(trigger.clone());
                        });
                        (edited.add_event_trigger(&table, trigger), expected)
                    }
                    Some(owner) if random.below(2) == 0 => remove(edited, reference, &[id(owner)]),
                    Some(owner) => {
                        let expected = reference.apply(Some(&id(owner)), |metadata| {
                            let stored = metadata.table_mut(owner).expect("the table is in the document");
                            let mut triggers = stored.event_triggers.iter_mut();
                            let stored = triggers.find(|other| other.name == trigger.name);
                            *stored.expect("the trigger is in the document") = trigger.clone();
                        });
                        (edited.replace_event_trigger(owner, trigger), expected)
                    }
                }
            }
            10 if known => {
                let permissions =
                    json!([{"role": "user", "permission": {"columns": "*", "filter": {named: {"r": {}}}}}]);
                reference.apply_allowing_inconsistency(|metadata| {
                    let stored = metadata.table_mut(&table).expect("the table is in the document");
                    stored
                        .rest
                        .insert("select_permissions".to_owned(), permissions.clone());
                });
                let result = edited.edit_permissions(&table, None, |rest| {
                    rest.insert("select_permissions".to_owned(), permissions.clone());
                    Ok(())
                });
                (result, Ok(()))
            }
            _ => return,
        };
        self.compare(step, results.0, results.1);
    }
}

fn remove(
    edited: &mut WorkingCopy,
    reference: &mut WorkingCopy,
    objects: &[MetadataObjectId],
) -> (Result<(), Error>, Result<(), Error>) {
    let before = reference.resolved().clone();
    reference.apply_allowing_inconsistency(|metadata| {
        for object in objects {
            metadata.remove(object);
        }
    });
    let after = Arc::clone(&reference.resolved().inconsistent);
    let expected = inconsistencies::refuse_new_after_removal(&before.inconsistent, &after);
    if expected.is_err() {
        reference.replace(before);
    }
    (edited.remove(objects), expected)
}

fn run(document: &Metadata, seed: u64) {
    let catalog = catalog();
    let copy = || {
        let now = ResolvedMetadata::new(document.clone(), Arc::clone(&catalog));
        WorkingCopy::new(now, TableResolutions::default())
    };
    let mut pair = Pair {
        edited: copy(),
        reference: copy(),
    };
    let mut random = Random(seed);
    for step in 0..60 {
        pair.step(&mut random, &format!("seed {seed}, step {step}"));
    }
}

#[test]
fn edits_equal_full_resolution() {
    for seed in 0..300 {
        run(&Metadata::default(), seed);
    }
}

/// The document contains what commands cannot add: tables that do not exist, relationships to tables that are not
/// tracked, duplicates, and clashing type names.
#[test]
fn edits_of_inconsistent_metadata_equal_full_resolution() {
    let by_key = |column: &str| json!({"foreign_key_constraint_on": column});
    let tables = json!([
        {"table": "ghost", "object_relationships": [{"name": "r", "using": by_key("a_id")}]},
        {
            "table": "b",
            "object_relationships": [
                {"name": "r", "using": by_key("a_id")},
                {"name": "s", "using": {"manual_configuration": {"remote_table": "d", "column_mapping": {"id": "id"}}}},
                {"name": "s", "using": by_key("a_id")},
                {"no": "name"},
            ],
            "event_triggers": [{"name": "t", "definition": {"insert": {"columns": "*"}}, "webhook": "http://localhost"}],
        },
        {"table": "c", "event_triggers": [
            {"name": "t", "definition": {"insert": {"columns": "*"}}, "webhook": "http://localhost"},
        ]},
        {"table": "c", "object_relationships": [{"name": "s", "using": by_key("b_id")}]},
        {"table": "a_aggregate", "object_relationships": [{"name": "r", "using": by_key("a_id")}]},
    ]);
    let document = json!({"version": 3, "sources": [
        {"name": "default", "kind": "postgres", "tables": tables, "configuration": {}},
        {"name": "other", "kind": "postgres", "tables": [], "configuration": {}},
    ]});
    let document: Metadata = serde_json::from_value(document).expect("a valid document");
    for seed in 0..300 {
        run(&document, seed);
    }
}
