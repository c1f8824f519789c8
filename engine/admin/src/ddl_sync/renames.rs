//! Applies the difference between two catalogs to the names in the metadata.

use super::catalog_diff::CatalogDiff;
use engine_model::catalog::TableName;
use engine_model::metadata::permissions::{self, ReferenceKind};
use engine_model::metadata::types::{ForeignKeyOn, Metadata, RelationshipEntry, Using};
use engine_model::trigger::types::{Columns, OperationSpec};
use engine_plan::schema_cache::ResolvedMetadata;

impl CatalogDiff {
    pub(super) fn apply(&self, metadata: &mut Metadata, before: &ResolvedMetadata) {
        metadata.source_mut().tables.update(|entry| {
            let table = entry.table.clone();
            let relationships = entry
                .object_relationships
                .iter_mut()
                .chain(entry.array_relationships.iter_mut());
            for relationship in relationships {
                self.relationship(&table, relationship);
            }
            if let Some(configuration) = &mut entry.configuration {
                self.columns(&table, &mut configuration.custom_column_names);
                self.columns(&table, &mut configuration.column_config);
            }
            for trigger in entry.event_triggers.iter_mut() {
                let definition = &mut trigger.definition;
                for spec in [
                    &mut definition.insert,
                    &mut definition.update,
                    &mut definition.delete,
                ]
                .into_iter()
                .flatten()
                {
                    self.operation(&table, spec);
                }
            }
            permissions::visit(entry, &before.tracked, &mut |_, table, name, kind| {
                if kind != ReferenceKind::Relationship {
                    self.column(table, name);
                }
            });
            permissions::visit_exists(entry, |_, table| self.table(table));
            self.table(&mut entry.table);
        });
    }

    fn operation(&self, table: &TableName, spec: &mut OperationSpec) {
        for columns in std::iter::once(&mut spec.columns).chain(&mut spec.payload) {
            if let Columns::Named(names) = columns {
                for name in names {
                    self.column(table, name);
                }
            }
        }
    }

    fn relationship(&self, own: &TableName, relationship: &mut RelationshipEntry) {
        match &mut relationship.using {
            Using::ForeignKeyConstraintOn(on) => match on {
                ForeignKeyOn::Column(column) => self.column(own, column),
                ForeignKeyOn::Columns(columns) => {
                    for column in columns {
                        self.column(own, column);
                    }
                }
                ForeignKeyOn::Remote { table, column } => {
                    self.column(table, column);
                    self.table(table);
                }
                ForeignKeyOn::RemoteColumns { table, columns } => {
                    for column in columns {
                        self.column(table, column);
                    }
                    self.table(table);
                }
            },
            Using::ManualConfiguration(manual) => {
                let mapping = std::mem::take(&mut manual.column_mapping);
                manual.column_mapping = mapping
                    .into_iter()
                    .map(|(mut here, mut there)| {
                        self.column(own, &mut here);
                        self.column(&manual.remote_table, &mut there);
                        (here, there)
                    })
                    .collect();
                self.table(&mut manual.remote_table);
            }
        }
    }
}
