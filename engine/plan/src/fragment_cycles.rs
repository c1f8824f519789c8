//! Fragments that spread themselves. The check runs once for each operation of a document.

use apollo_compiler::ast::{FragmentDefinition, OperationDefinition, Selection};
use engine_error::{Code, Error, Result};
use std::collections::{HashMap, HashSet};

/// Maximum depth of the check.
const MAX_DEPTH: usize = 500;

/// Finds fragments that spread themselves directly or through other fields and fragments.
pub(super) struct FragmentCycleCheck<'d> {
    fragments: &'d HashMap<String, apollo_compiler::Node<FragmentDefinition>>,
    /// Checked fragments.
    done: HashSet<&'d str>,
    /// Fragments being checked.
    open: Vec<&'d str>,
    depth: usize,
}

impl<'d> FragmentCycleCheck<'d> {
    /// Returns an error if the operation's fragments form a cycle.
    pub(super) fn find(
        fragments: &'d HashMap<String, apollo_compiler::Node<FragmentDefinition>>,
        operation: &'d OperationDefinition,
    ) -> Result<()> {
        let mut cycles = Self {
            fragments,
            done: HashSet::new(),
            open: Vec::new(),
            depth: 0,
        };
        cycles.selections(&operation.selection_set)
    }

    /// The paths are those of Hasura, which has replaced the fragments by their contents at this point.
    fn selections(&mut self, selections: &'d [Selection]) -> Result<()> {
        self.depth += 1;
        // The binder rejects deeper nesting; here the limit protects the stack.
        if self.depth <= MAX_DEPTH {
            for selection in selections {
                self.selection(selection).map_err(|e| e.at("selectionSet"))?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn selection(&mut self, selection: &'d Selection) -> Result<()> {
        match selection {
            Selection::Field(field) => self
                .selections(&field.selection_set)
                .map_err(|e| e.at(field.name.as_str())),
            Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set),
            Selection::FragmentSpread(spread) => {
                let name = spread.fragment_name.as_str();
                if let Some(place) = self.open.iter().position(|open| *open == name) {
                    return Err(cycle(&self.open[place..]));
                }
                let Some(fragment) = self.fragments.get(name).filter(|_| self.done.insert(name)) else {
                    return Ok(());
                };
                self.open.push(name);
                let result = self.selections(&fragment.selection_set);
                self.open.pop();
                result.map_err(|e| e.at(name))
            }
        }
    }
}

fn cycle(names: &[&str]) -> Error {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let list = match names.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        names => names.concat(),
    };
    let message = format!("the fragment definition(s) {list} form a cycle");
    Error::new(Code::ValidationFailed, message)
}
