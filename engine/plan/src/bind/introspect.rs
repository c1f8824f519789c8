//! `__schema` and `__type`. The field is put into a document of its own, with the fragments it reaches, and answered
//! over the role's type system.

use super::selection::{CollectedField, open_fragment};
use super::{Binder, invalid};
use apollo_compiler::Node;
use apollo_compiler::ast::{self, Definition, DirectiveList, OperationDefinition, OperationType, Selection};
use engine_error::Result;
use serde_json::Map;
use std::collections::HashSet;

/// What introspection may cost for each type there is; what tools ask for costs about 1500.
const COST_PER_TYPE: u64 = 15_000;

impl<'a> Binder<'a> {
    /// The field's value as JSON.
    pub(super) fn introspect(
        &self,
        operation: &'a OperationDefinition,
        field: &CollectedField<'a>,
    ) -> Result<String> {
        let mut selected = field.field.clone();
        selected.selection_set = field
            .selections
            .iter()
            .flat_map(|set| set.iter().cloned())
            .collect();
        let types = self.schema.introspection()?.types() as u64;
        // One budget for all root fields of the operation.
        let mut budget = self.introspection.get().unwrap_or(COST_PER_TYPE * types);
        for set in &field.selections {
            self.spend(&mut budget, types, 1, set, &mut HashSet::new())?;
        }
        self.introspection.set(Some(budget));
        let mut document = ast::Document::new();
        let mut reached = HashSet::new();
        self.fragments(&selected.selection_set, &mut reached, &mut document);
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

    /// Takes what a selection may cost from the budget: a field counts as often as objects may have it. Without that a
    /// document of some kilobytes, the same fields selected under many names, has an answer of gigabytes.
    fn spend(
        &self,
        budget: &mut u64,
        types: u64,
        times: u64,
        set: &'a [Selection],
        open: &mut HashSet<&'a str>,
    ) -> Result<()> {
        for selection in set {
            let Some(rest) = budget.checked_sub(times) else {
                return Err(invalid("this asks for too much of the schema at once"));
            };
            *budget = rest;
            match selection {
                Selection::Field(field) => {
                    let each = match field.name.as_str() {
                        "types" => types,
                        "fields" | "inputFields" | "enumValues" => 10,
                        "args" | "directives" => 5,
                        _ => 1,
                    };
                    let times = times.saturating_mul(each);
                    self.spend(budget, types, times, &field.selection_set, open)?;
                }
                Selection::InlineFragment(fragment) => {
                    self.spend(budget, types, times, &fragment.selection_set, open)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    let Some(fragment) = self.document.fragments.get(name) else {
                        return Err(invalid(format!("reference to undefined fragment \"{name}\"")));
                    };
                    open_fragment(open, name)?;
                    self.spend(budget, types, times, &fragment.selection_set, open)?;
                    open.remove(name);
                }
            }
        }
        Ok(())
    }

    fn fragments(&self, set: &'a [Selection], reached: &mut HashSet<&'a str>, document: &mut ast::Document) {
        for selection in set {
            match selection {
                Selection::Field(field) => self.fragments(&field.selection_set, reached, document),
                Selection::InlineFragment(fragment) => {
                    self.fragments(&fragment.selection_set, reached, document);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    if !reached.insert(name) {
                        continue;
                    }
                    let Some(fragment) = self.document.fragments.get(name) else {
                        // Whoever counted the cost has seen each.
                        continue;
                    };
                    document
                        .definitions
                        .push(Definition::FragmentDefinition(fragment.clone()));
                    self.fragments(&fragment.selection_set, reached, document);
                }
            }
        }
    }
}
