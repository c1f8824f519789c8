//! `__schema` and `__type`. The field is put into a document of its own, with the fragments it reaches, and answered
//! over the role's type system.

use super::fields::Selected;
use super::{Walker, invalid};
use crate::error::Result;
use apollo_compiler::Node;
use apollo_compiler::ast::{self, Definition, DirectiveList, OperationDefinition, OperationType, Selection};
use serde_json::Map;
use std::collections::HashSet;

impl<'a> Walker<'a> {
    /// The field's value as JSON.
    pub(super) fn introspect(
        &self,
        operation: &'a OperationDefinition,
        field: &Selected<'a>,
    ) -> Result<String> {
        let mut selected = field.field.clone();
        selected.selection_set = field
            .selections
            .iter()
            .flat_map(|set| set.iter().cloned())
            .collect();
        let mut document = ast::Document::new();
        let mut reached = HashSet::new();
        self.fragments(&selected.selection_set, &mut reached, &mut document)?;
        document
            .definitions
            .push(Definition::OperationDefinition(Node::new(OperationDefinition {
                operation_type: OperationType::Query,
                name: None,
                variables: operation.variables.clone(),
                directives: DirectiveList::default(),
                selection_set: vec![Selection::Field(Node::new(selected))],
            })));
        let mut variables = Map::new();
        for definition in &operation.variables {
            if let Some(value) = self.variables.any(&definition.name)? {
                variables.insert(definition.name.to_string(), self.json(value)?);
            }
        }
        let mut data = self.schema.introspection()?.execute(&document, &variables)?;
        Ok(data.remove(field.key).unwrap_or_default().to_string())
    }

    fn fragments(
        &self,
        set: &'a [Selection],
        reached: &mut HashSet<&'a str>,
        document: &mut ast::Document,
    ) -> Result<()> {
        for selection in set {
            match selection {
                Selection::Field(field) => self.fragments(&field.selection_set, reached, document)?,
                Selection::InlineFragment(fragment) => {
                    self.fragments(&fragment.selection_set, reached, document)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if !reached.insert(name) {
                        continue;
                    }
                    let Some(fragment) = self.document.fragments.get(name) else {
                        return Err(invalid(format!("reference to undefined fragment \"{name}\"")));
                    };
                    document
                        .definitions
                        .push(Definition::FragmentDefinition(fragment.clone()));
                    self.fragments(&fragment.selection_set, reached, document)?;
                }
            }
        }
        Ok(())
    }
}
