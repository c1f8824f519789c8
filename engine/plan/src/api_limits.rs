//! API limits of roles that follow from the document: depth and number of nodes, where a node is a field with a selection. They are
//! checked before the operation is bound, with work that the length of the document bounds.

use crate::document::Document;
use apollo_compiler::ast::Selection;
use engine_error::{Code, Error, Result};
use engine_model::metadata::api_limits::RoleLimits;
use engine_model::session::Session;
use std::collections::HashMap;

/// Maximum nesting that is measured, which protects the stack; a deeper operation exceeds every limit.
const MAX_NESTING: usize = 500;

/// Size of selections with their fragments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Size {
    /// Nesting of nodes, except those of introspection.
    depth: u64,
    nodes: u64,
}

impl Size {
    const ENDLESS: Self = Self {
        depth: u64::MAX,
        nodes: u64::MAX,
    };

    /// Adds other selections of the same field.
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            nodes: self.nodes.saturating_add(other.nodes),
        }
    }

    /// Returns the size of a field with these selections.
    fn node(self) -> Self {
        Self {
            depth: self.depth.saturating_add(1),
            nodes: self.nodes.saturating_add(1),
        }
    }
}

/// Checks an operation of a document against the limits of a session's role.
pub(crate) fn check(
    document: &Document,
    operation: usize,
    session: &Session,
    limits: &RoleLimits<'_>,
) -> Result<()> {
    if limits.depth.is_none() && limits.nodes.is_none() {
        return Ok(());
    }
    let mut measure = Measure {
        document,
        fragments: HashMap::new(),
        nesting: 0,
    };
    let size = measure.selections(&document.operations[operation].selection_set);
    let role = &session.role;
    if let Some(limit) = limits.depth.filter(|limit| size.depth > *limit) {
        let message = format!(
            "the operation nests deeper than {limit} levels, the depth limit of role \"{role}\"; select fewer levels"
        );
        return Err(Error::new(Code::DepthLimitExceeded, message));
    }
    if let Some(limit) = limits.nodes.filter(|limit| size.nodes > *limit) {
        let message = format!(
            "the operation has more than {limit} fields with selections, the node limit of role \"{role}\"; send several operations"
        );
        return Err(Error::new(Code::NodeLimitExceeded, message));
    }
    Ok(())
}

struct Measure<'d> {
    document: &'d Document,
    /// Sizes of fragments, each measured once.
    fragments: HashMap<&'d str, Size>,
    nesting: usize,
}

impl<'d> Measure<'d> {
    fn selections(&mut self, selections: &'d [Selection]) -> Size {
        if self.nesting == MAX_NESTING {
            return Size::ENDLESS;
        }
        self.nesting += 1;
        let mut size = Size::default();
        for selection in selections {
            size = size.beside(self.selection(selection));
        }
        self.nesting -= 1;
        size
    }

    fn selection(&mut self, selection: &'d Selection) -> Size {
        match selection {
            Selection::Field(field) if field.selection_set.is_empty() => Size::default(),
            Selection::Field(field) => {
                let node = self.selections(&field.selection_set).node();
                match field.name.as_str() {
                    "__schema" | "__type" => Size { depth: 0, ..node },
                    _ => node,
                }
            }
            Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set),
            Selection::FragmentSpread(spread) => self.fragment(spread.fragment_name.as_str()),
        }
    }

    fn fragment(&mut self, name: &'d str) -> Size {
        if let Some(size) = self.fragments.get(name) {
            return *size;
        }
        // The binder rejects unknown fragments; fragments have no cycles.
        let document = self.document;
        let fragment = document.fragments.get(name);
        let size = fragment.map_or_else(Size::default, |fragment| self.selections(&fragment.selection_set));
        self.fragments.insert(name, size);
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn size(query: &str) -> (u64, u64) {
        let document = Document::parse(query).unwrap();
        let mut measure = Measure {
            document: &document,
            fragments: HashMap::new(),
            nesting: 0,
        };
        let Size { depth, nodes } = measure.selections(&document.operations[0].selection_set);
        (depth, nodes)
    }

    #[test]
    fn nodes_are_fields_with_selections_as_documented_by_hasura() {
        assert_eq!(
            size("{ author { name articles { id title } } homepage_entries { article_id } }"),
            (2, 3)
        );
        assert_eq!(size("{ viewer { name } }"), (1, 1));
        assert_eq!(size("{ viewer { ... on User { name } } }"), (1, 1));
        let fragments =
            "{ viewer { albums { ...info songs { ...info } } } } fragment info on Music { id artists }";
        assert_eq!(size(fragments), (3, 3));
    }

    #[test]
    fn introspection_has_no_depth() {
        assert_eq!(size("{ __schema { types { fields { name } } } }"), (0, 3));
        assert_eq!(
            size("{ a { b } __type(name: \"x\") { fields { type { name } } } }"),
            (1, 4)
        );
    }

    #[test]
    fn fragments_are_measured_once_however_often_they_are_spread() {
        let mut query = "{ ...f0 }".to_owned();
        for number in 0..200 {
            let next = number + 1;
            write!(
                query,
                " fragment f{number} on query_root {{ a {{ x }} ...f{next} ...f{next} }}"
            )
            .unwrap();
        }
        query += " fragment f200 on query_root { a { b { x } } }";
        assert_eq!(size(&query), (2, u64::MAX));
    }

    #[test]
    fn endless_nesting_exceeds_every_limit() {
        let mut query = "{ ...f0 }".to_owned();
        for number in 0..1000 {
            write!(query, " fragment f{number} on t {{ a {{ ...f{} }} }}", number + 1).unwrap();
        }
        query += " fragment f1000 on t { x }";
        assert_eq!(size(&query), (u64::MAX, u64::MAX));
    }
}
