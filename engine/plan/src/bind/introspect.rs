//! `__schema` and `__type`: the selection is checked here; `crate::schema::introspection` writes the response.

use super::arguments::check_argument_names;
use super::input_value::mismatch;
use super::selection::{CollectedField, open_fragment};
use super::{Binder, WithPath as _, invalid, no_field};
use crate::schema::description::{Kind, Member, Type};
use crate::schema::introspection::{self, MetaField, MetaSelection};
use apollo_compiler::ast::Selection;
use engine_error::{Error, Result};
use std::collections::HashSet;

/// Maximum cost of the introspection fields of an operation, per type of the schema; tools request about 1500.
const COST_PER_TYPE: u64 = 15_000;

/// Maximum number of nested lists of fields and types: they multiply the response. Tools nest one.
const MAX_NESTED_LISTS: usize = 2;

/// Maximum nesting of objects; the standard query has 12.
const MAX_NESTING: usize = 100;

impl<'a> Binder<'a> {
    /// Returns the field's value as JSON.
    pub(super) fn introspect(&self, field: &CollectedField<'a>) -> Result<String> {
        let description = self.schema.description();
        let types = description.types().count() as u64;
        // One budget for all root fields of the operation.
        let mut budget = self.introspection.get().unwrap_or(COST_PER_TYPE * types);
        for set in &field.selections {
            self.charge(&mut budget, types, 1, set, &mut HashSet::new())?;
        }
        self.introspection.set(Some(budget));
        let Some((ty, _)) = field.member.and_then(Member::ty) else {
            return Err(no_field(field.name, "query_root"));
        };
        self.check_selections(&field.selections, ty)?;
        if field.name == "__schema" {
            let selections = self.meta_fields(field, ty, 0, 0)?;
            return Ok(introspection::schema(description, &selections));
        }
        let name = self.required_argument(field, "name")?;
        let name = name
            .as_str()
            .ok_or_else(|| mismatch("a string", "String", name).at("name").at("args"))?;
        let selections = self.meta_fields(field, ty, 0, 0)?;
        Ok(introspection::ty(description, name, &selections))
    }

    /// The fields selected of an introspection type. The limit on the depth of an operation
    /// (`HASURA_GRAPHQL_MAX_DEPTH`) does not apply: tools nest deeper than other operations.
    fn meta_fields(
        &self,
        field: &CollectedField<'a>,
        ty: Type<'a>,
        lists: usize,
        nesting: usize,
    ) -> Result<Vec<MetaSelection<'a>>> {
        if field.selections.iter().all(|set| set.is_empty()) {
            return Err(missing_selection_set(ty));
        }
        if nesting > MAX_NESTING {
            return Err(invalid(format!(
                "introspection nests deeper than {MAX_NESTING} levels"
            )));
        }
        let selected = self
            .fields(&field.selections, ty.name(), field.depth)
            .at("selectionSet")?;
        let selections = selected.iter().map(|child| {
            self.meta_field(child, ty, lists, nesting)
                .at(child.name)
                .at("selectionSet")
        });
        selections.collect()
    }

    fn meta_field(
        &self,
        field: &CollectedField<'a>,
        parent: Type<'a>,
        lists: usize,
        nesting: usize,
    ) -> Result<MetaSelection<'a>> {
        let selection = |meta, children| MetaSelection {
            key: field.key,
            field: meta,
            ty: parent.name(),
            children,
        };
        let meta = MetaField::of(field.name).ok_or_else(|| no_field(field.name, parent.name()))?;
        // Nothing is deprecated, so the value has no effect.
        let argument = "includeDeprecated";
        if let Some(value) = self.argument(field, argument)?
            && !value.is_null()
            && value.as_bool().is_none()
        {
            return Err(mismatch("a boolean", "Boolean", value).at(argument).at("args"));
        }
        let children = match field.member.and_then(Member::ty) {
            Some((ty, _)) if ty.kind() == Kind::Object => {
                let lists = lists + usize::from(multiplies(meta));
                if lists > MAX_NESTED_LISTS {
                    return Err(invalid("Maximum introspection depth exceeded"));
                }
                self.meta_fields(field, ty, lists, nesting + 1)?
            }
            _ => Vec::new(),
        };
        Ok(selection(meta, children))
    }

    /// Checks all selections, also those that a directive or a type condition leaves out, as GraphQL's validation does.
    /// Each fragment is checked once.
    fn check_selections(&self, sets: &[&'a [Selection]], ty: Type<'a>) -> Result<()> {
        let mut fragments = Vec::new();
        for set in sets {
            self.check_selection_set(set, ty, &mut fragments)?;
        }
        let mut checked = HashSet::new();
        while let Some(name) = fragments.pop() {
            if checked.insert(name)
                && let Some(fragment) = self.document.fragments.get(name)
            {
                let ty = self.type_condition(&fragment.type_condition)?;
                self.check_selection_set(&fragment.selection_set, ty, &mut fragments)?;
            }
        }
        Ok(())
    }

    fn check_selection_set(
        &self,
        set: &'a [Selection],
        ty: Type<'a>,
        fragments: &mut Vec<&'a str>,
    ) -> Result<()> {
        for selection in set {
            match selection {
                Selection::Field(field) => {
                    self.included(&field.directives, "field")?;
                    let name = field.name.as_str();
                    let member = ty.member(name);
                    let object = member
                        .and_then(Member::ty)
                        .map(|(ty, _)| ty)
                        .filter(|ty| ty.kind() == Kind::Object);
                    let checked = if member.is_none() && name != "__typename" {
                        Err(no_field(name, ty.name()))
                    } else {
                        let accepts =
                            |argument: &str| member.is_some_and(|member| member.argument(argument).is_some());
                        check_argument_names(field, accepts).and_then(|()| match object {
                            Some(object) if field.selection_set.is_empty() => {
                                Err(missing_selection_set(object))
                            }
                            Some(object) => self.check_selection_set(&field.selection_set, object, fragments),
                            None if field.selection_set.is_empty() => Ok(()),
                            None => Err(invalid("unexpected subselection set for non-object field")),
                        })
                    };
                    checked.at(name).at("selectionSet")?;
                }
                Selection::InlineFragment(fragment) => {
                    self.included(&fragment.directives, "inline fragment")?;
                    let ty = match &fragment.type_condition {
                        Some(name) => self.type_condition(name)?,
                        None => ty,
                    };
                    self.check_selection_set(&fragment.selection_set, ty, fragments)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.included(&spread.directives, "fragment spread")?;
                    fragments.push(spread.fragment_name.as_str());
                }
            }
        }
        Ok(())
    }

    fn type_condition(&self, name: &str) -> Result<Type<'a>> {
        let ty = self.schema.description().ty(name);
        ty.filter(|ty| ty.kind() == Kind::Object)
            .ok_or_else(|| invalid(format!("fragment on \"{name}\", which is not an object type")))
    }

    /// Subtracts the cost of a selection set from the budget: a field costs as much as the number of objects that may
    /// have it. Without the budget, a document of some kilobytes that selects the same fields under many keys has a
    /// response of gigabytes.
    fn charge(
        &self,
        budget: &mut u64,
        types: u64,
        times: u64,
        set: &'a [Selection],
        open: &mut HashSet<&'a str>,
    ) -> Result<()> {
        for selection in set {
            *budget = budget
                .checked_sub(times)
                .ok_or_else(|| invalid("introspection query exceeds the cost limit"))?;
            match selection {
                Selection::Field(field) => {
                    let each = match field.name.as_str() {
                        "types" => types,
                        "fields" | "inputFields" | "enumValues" => 10,
                        "args" | "directives" => 5,
                        _ => 1,
                    };
                    let times = times.saturating_mul(each);
                    self.charge(budget, types, times, &field.selection_set, open)?;
                }
                Selection::InlineFragment(fragment) => {
                    self.charge(budget, types, times, &fragment.selection_set, open)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.fragment_name.as_str();
                    let Some(fragment) = self.document.fragments.get(name) else {
                        return Err(invalid(format!("reference to undefined fragment \"{name}\"")));
                    };
                    open_fragment(open, name)?;
                    self.charge(budget, types, times, &fragment.selection_set, open)?;
                    open.remove(name);
                }
            }
        }
        Ok(())
    }
}

fn missing_selection_set(ty: Type<'_>) -> Error {
    invalid(format!("missing selection set for \"{}\"", ty.name()))
}

fn multiplies(field: MetaField) -> bool {
    matches!(
        field,
        MetaField::Fields | MetaField::Interfaces | MetaField::PossibleTypes | MetaField::InputFields
    )
}
