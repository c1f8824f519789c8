//! Selection sets: fragments are spread, directives applied, fields of one key merged.

use super::expected_type::ExpectedType;
use super::{Binder, WithPath as _, invalid};
use crate::schema::description::Member;
use apollo_compiler::ast::{DirectiveList, Field as AstField, Selection};
use engine_error::{Error, Result};
use std::collections::{HashMap, HashSet};

/// Selected field with all its selection sets.
pub(super) struct CollectedField<'a> {
    /// Response key.
    pub(super) key: &'a str,
    /// Name of the field.
    pub(super) name: &'a str,
    /// Description of the field; `None` for `__typename`.
    pub(super) member: Option<Member<'a>>,
    /// First selection of the field, which has its arguments.
    pub(super) field: &'a AstField,
    /// Selection sets of all its selections.
    pub(super) selections: Vec<&'a [Selection]>,
    /// Nesting depth.
    pub(super) depth: usize,
}

impl CollectedField<'_> {
    /// Rejects a selection set of a field whose type is a scalar.
    pub(super) fn leaf(&self) -> Result<()> {
        if self.selections.iter().all(|set| set.is_empty()) {
            Ok(())
        } else {
            Err(invalid("unexpected subselection set for non-object field"))
        }
    }
}

/// Maximum depth of fragments that spread each other within one selection set.
const MAX_FRAGMENT_DEPTH: usize = 100;

/// Maximum number of fields for which a linear scan is faster than an index.
const LINEAR_SCAN_MAX_FIELDS: usize = 32;

/// Fields merged by key, in their order.
#[derive(Default)]
struct FieldSet<'a> {
    fields: Vec<CollectedField<'a>>,
    places: HashMap<&'a str, usize>,
}

/// Directives of Hasura in addition to those of GraphQL; accepted, without effect here.
const OPERATION_DIRECTIVES: [&str; 2] = ["cached", "_multiple_top_level_fields"];

impl<'a> Binder<'a> {
    /// Returns the selected fields of a type, merged by key, in their order. A fragment on another type selects nothing.
    pub(super) fn fields(
        &self,
        selections: &[&'a [Selection]],
        ty: &str,
        depth: usize,
    ) -> Result<Vec<CollectedField<'a>>> {
        let mut out = FieldSet::default();
        let mut open = HashSet::new();
        for set in selections {
            self.collect(set, ty, depth, &mut out, &mut open)?;
        }
        self.describe_fields(&mut out.fields, ty)?;
        Ok(out.fields)
    }

    /// Returns the selected fields of a field whose type is an object.
    pub(super) fn subfields(&self, field: &CollectedField<'a>, ty: &str) -> Result<Vec<CollectedField<'a>>> {
        if field.selections.iter().all(|set| set.is_empty()) {
            return Err(invalid(format!("missing selection set for \"{ty}\"")));
        }
        self.fields(&field.selections, ty, field.depth + 1)
            .at("selectionSet")
    }

    fn collect(
        &self,
        set: &'a [Selection],
        ty: &str,
        depth: usize,
        out: &mut FieldSet<'a>,
        open: &mut HashSet<&'a str>,
    ) -> Result<()> {
        for selection in set {
            self.count_field(depth)?;
            match selection {
                Selection::Field(field) => {
                    if self.included(&field.directives, "field")? {
                        out.merge(field, depth)?;
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let applies = fragment.type_condition.as_ref().is_none_or(|name| name == ty);
                    if self.included(&fragment.directives, "inline fragment")? && applies {
                        self.collect(&fragment.selection_set, ty, depth, out, open)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    let Some(fragment) = self.document.fragments.get(name) else {
                        return Err(invalid(format!("reference to undefined fragment \"{name}\"")));
                    };
                    if !self.included(&spread.directives, "fragment spread")? || fragment.type_condition != ty
                    {
                        continue;
                    }
                    open_fragment(open, name)?;
                    self.collect(&fragment.selection_set, ty, depth, out, open)?;
                    open.remove(name);
                }
            }
        }
        Ok(())
    }

    /// Evaluates `@include` and `@skip`.
    pub(super) fn included(&self, directives: &DirectiveList, place: &str) -> Result<bool> {
        let mut included = true;
        for directive in directives {
            let name = directive.name.as_str();
            if name != "include" && name != "skip" {
                return Err(unknown_directive(name, place));
            }
            let condition = directive.arguments.iter().find(|argument| argument.name == "if");
            let condition = match condition {
                Some(argument) => {
                    let value = match argument.value.as_variable() {
                        Some(variable) => self
                            .variables
                            .get(variable, ExpectedType::one("Boolean").required())?
                            .as_bool(),
                        None => argument.value.to_bool(),
                    };
                    value.ok_or_else(|| {
                        invalid("expected a boolean for type \"Boolean\"")
                            .at("if")
                            .at("args")
                            .at(name)
                    })?
                }
                None => {
                    return Err(invalid("missing required field \"if\"")
                        .at("if")
                        .at("args")
                        .at(name));
                }
            };
            included &= condition == (name == "include");
        }
        once(directives)?;
        Ok(included)
    }
}

/// Records that a fragment is being spread. Each uses a part of the stack, so a long chain of them is rejected.
pub(super) fn open_fragment<'a>(open: &mut HashSet<&'a str>, name: &'a str) -> Result<()> {
    if !open.insert(name) {
        return Err(invalid(format!(
            "the fragment definition(s) \"{name}\" form a cycle"
        )));
    }
    if open.len() > MAX_FRAGMENT_DEPTH {
        return Err(invalid(format!(
            "fragments nest deeper than {MAX_FRAGMENT_DEPTH} levels"
        )));
    }
    Ok(())
}

/// Checks the directives of the operation itself; true if `@_multiple_top_level_fields` is among them.
pub(super) fn operation_directives(directives: &DirectiveList, place: &str) -> Result<bool> {
    for directive in directives {
        let name = directive.name.as_str();
        if matches!(name, "include" | "skip") {
            return Err(invalid(format!(
                "directive \"{name}\" is not allowed on a {place}"
            )));
        }
        if !OPERATION_DIRECTIVES.contains(&name) {
            return Err(unknown_directive(name, place));
        }
    }
    once(directives)?;
    Ok(directives.has("_multiple_top_level_fields"))
}

fn unknown_directive(name: &str, place: &str) -> Error {
    if OPERATION_DIRECTIVES.contains(&name) {
        return invalid(format!("directive \"{name}\" is not allowed on a {place}"));
    }
    invalid(format!("directive \"{name}\" is not defined in the schema"))
}

fn once(directives: &DirectiveList) -> Result<()> {
    let mut seen = HashSet::new();
    let mut twice: Vec<&str> = Vec::new();
    for directive in directives {
        let name = directive.name.as_str();
        if !seen.insert(name) && !twice.contains(&name) {
            twice.push(name);
        }
    }
    if twice.is_empty() {
        return Ok(());
    }
    Err(invalid(format!(
        "the following directives are used more than once: {}",
        twice.join(", ")
    )))
}

impl<'a> FieldSet<'a> {
    fn merge(&mut self, field: &'a AstField, depth: usize) -> Result<()> {
        let key = field.response_name().as_str();
        let Some(place) = self.place(key) else {
            self.push(CollectedField {
                key,
                name: field.name.as_str(),
                member: None,
                field,
                selections: vec![&field.selection_set],
                depth,
            });
            return Ok(());
        };
        let same = &mut self.fields[place];
        if same.name != field.name.as_str() {
            return Err(invalid(format!(
                "selection of both \"{}\" and \"{}\" specify the same response name, \"{key}\"",
                same.name, field.name
            )));
        }
        if same.field.arguments.len() != field.arguments.len()
            || !same
                .field
                .arguments
                .iter()
                .all(|argument| field.arguments.contains(argument))
        {
            return Err(invalid(format!(
                "inconsistent arguments between multiple selections of field \"{}\"",
                field.name
            )));
        }
        same.selections.push(&field.selection_set);
        Ok(())
    }

    fn place(&self, key: &str) -> Option<usize> {
        if self.fields.len() <= LINEAR_SCAN_MAX_FIELDS {
            self.fields.iter().position(|selected| selected.key == key)
        } else {
            self.places.get(key).copied()
        }
    }

    fn push(&mut self, field: CollectedField<'a>) {
        self.fields.push(field);
        let place = self.fields.len() - 1;
        if place == LINEAR_SCAN_MAX_FIELDS {
            let all = self.fields.iter().enumerate();
            self.places = all.map(|(place, field)| (field.key, place)).collect();
        } else if place > LINEAR_SCAN_MAX_FIELDS {
            self.places.insert(self.fields[place].key, place);
        }
    }
}
