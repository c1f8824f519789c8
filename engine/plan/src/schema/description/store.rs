//! The description of a role's API as data: types, fields, arguments and directives in a few flat tables, so that a
//! hundred thousand fields take a few megabytes and are freed in one piece. Each distinct text is stored once.

use std::cmp::Ordering;
use std::ops::Range;

/// A stored text: its range in [`Description::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Text {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// `__TypeKind` of a named type. There are no interfaces and no unions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Scalar,
    Object,
    Enum,
    InputObject,
}

#[derive(Debug)]
pub(super) struct TypeRow {
    pub(super) name: Text,
    pub(super) description: Option<Text>,
    pub(super) kind: Kind,
    pub(super) members: Range<u32>,
    /// Set for types that are not part of the API.
    pub(super) hidden: bool,
    /// Whether an input field must be given.
    pub(super) has_required: bool,
}

/// Type of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberType {
    /// Index of the named type.
    Named(u32),
    /// The member is an enum value.
    None,
    /// The named type does not exist, so the member is not part of the API.
    Missing,
}

#[derive(Debug)]
pub(super) struct MemberRow {
    pub(super) name: Text,
    pub(super) description: Option<Text>,
    pub(super) default: Option<Text>,
    pub(super) ty: MemberType,
    pub(super) wrapping: Wrapping,
    pub(super) arguments: Range<u32>,
}

/// The modifiers of a named type, such as `Type!`, `[Type!]!` or `[[Type!]!]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wrapping {
    pub(crate) required: bool,
    /// For a list: whether its elements are required.
    pub(crate) list: Option<bool>,
    /// For a list of lists: whether the elements of its elements are required.
    pub(crate) inner: Option<bool>,
}

#[derive(Debug)]
pub(super) struct DirectiveRow {
    pub(super) name: Text,
    pub(super) description: Option<Text>,
    pub(super) locations: &'static [&'static str],
    pub(super) arguments: Range<u32>,
}

/// The API of a role.
#[derive(Debug, Default)]
pub(crate) struct Description {
    pub(super) text: String,
    /// The first one is hidden and has the fields `__schema` and `__type`.
    pub(super) types: Vec<TypeRow>,
    /// Indexes of `types`, sorted by name.
    pub(super) types_by_name: Vec<u32>,
    pub(super) members: Vec<MemberRow>,
    /// Indexes of `members`; the range of each type is sorted by name.
    pub(super) members_by_name: Vec<u32>,
    pub(super) directives: Vec<DirectiveRow>,
}

/// A named type.
#[derive(Clone, Copy)]
pub(crate) struct Type<'d> {
    description: &'d Description,
    row: &'d TypeRow,
}

/// A field, input field, argument or enum value.
#[derive(Clone, Copy)]
pub(crate) struct Member<'d> {
    description: &'d Description,
    row: &'d MemberRow,
}

/// A directive.
#[derive(Clone, Copy)]
pub(crate) struct Directive<'d> {
    description: &'d Description,
    row: &'d DirectiveRow,
}

impl Description {
    /// All types, those of GraphQL first.
    pub(crate) fn types(&self) -> impl Iterator<Item = Type<'_>> {
        let visible = self.types.iter().filter(|row| !row.hidden);
        visible.map(|row| self.named(row))
    }

    /// The type of a name.
    pub(crate) fn ty(&self, name: &str) -> Option<Type<'_>> {
        let row = |index: u32| &self.types[index as usize];
        let found = search(&self.types_by_name, |index| self.text(row(index).name).cmp(name))?;
        Some(self.named(row(found))).filter(|ty| !ty.row.hidden)
    }

    /// `__schema` or `__type`, which the query root has without listing them.
    pub(crate) fn meta_field(&self, name: &str) -> Option<Member<'_>> {
        self.named(self.types.first()?).member(name)
    }

    pub(crate) fn directives(&self) -> impl Iterator<Item = Directive<'_>> {
        self.directives.iter().map(|row| Directive {
            description: self,
            row,
        })
    }

    pub(super) fn text(&self, text: Text) -> &str {
        &self.text[text.start as usize..text.end as usize]
    }

    fn named<'d>(&'d self, row: &'d TypeRow) -> Type<'d> {
        Type {
            description: self,
            row,
        }
    }

    fn member<'d>(&'d self, row: &'d MemberRow) -> Option<Member<'d>> {
        (row.ty != MemberType::Missing).then_some(Member {
            description: self,
            row,
        })
    }

    pub(super) fn members(&self, range: &Range<u32>) -> impl Iterator<Item = Member<'_>> {
        let rows = &self.members[range.start as usize..range.end as usize];
        rows.iter().filter_map(|row| self.member(row))
    }
}

impl<'d> Type<'d> {
    pub(crate) fn name(self) -> &'d str {
        self.description.text(self.row.name)
    }

    pub(crate) fn description(self) -> Option<&'d str> {
        self.row.description.map(|text| self.description.text(text))
    }

    pub(crate) fn kind(self) -> Kind {
        self.row.kind
    }

    /// Fields, input fields or enum values.
    pub(crate) fn members(self) -> impl Iterator<Item = Member<'d>> {
        self.description.members(&self.row.members)
    }

    /// The input fields that must be given.
    pub(crate) fn required_members(self) -> impl Iterator<Item = Member<'d>> {
        let members = self.row.has_required.then(|| self.members());
        members
            .into_iter()
            .flatten()
            .filter(|member| member.is_required())
    }

    /// The field, input field or enum value of a name.
    pub(crate) fn member(self, name: &str) -> Option<Member<'d>> {
        let description = self.description;
        let row = |index: u32| &description.members[index as usize];
        let range = self.row.members.start as usize..self.row.members.end as usize;
        let found = search(&description.members_by_name[range], |index| {
            description.text(row(index).name).cmp(name)
        })?;
        description.member(row(found))
    }
}

impl<'d> Member<'d> {
    pub(crate) fn name(self) -> &'d str {
        self.description.text(self.row.name)
    }

    pub(crate) fn description(self) -> Option<&'d str> {
        self.row.description.map(|text| self.description.text(text))
    }

    /// Default value in GraphQL's notation.
    pub(crate) fn default(self) -> Option<&'d str> {
        self.row.default.map(|text| self.description.text(text))
    }

    /// Whether an argument or input field must be given.
    pub(crate) fn is_required(self) -> bool {
        self.row.wrapping.required && self.row.default.is_none()
    }

    pub(crate) fn arguments(self) -> impl Iterator<Item = Member<'d>> {
        self.description.members(&self.row.arguments)
    }

    /// The argument of a name. Fields have few arguments.
    pub(crate) fn argument(self, name: &str) -> Option<Member<'d>> {
        self.arguments().find(|argument| argument.name() == name)
    }

    /// The named type and its modifiers; `None` for an enum value.
    pub(crate) fn ty(self) -> Option<(Type<'d>, Wrapping)> {
        let MemberType::Named(index) = self.row.ty else {
            return None;
        };
        let row = &self.description.types[index as usize];
        Some((self.description.named(row), self.row.wrapping))
    }
}

impl<'d> Directive<'d> {
    pub(crate) fn name(self) -> &'d str {
        self.description.text(self.row.name)
    }

    pub(crate) fn description(self) -> Option<&'d str> {
        self.row.description.map(|text| self.description.text(text))
    }

    pub(crate) fn locations(self) -> &'d [&'static str] {
        self.row.locations
    }

    pub(crate) fn arguments(self) -> impl Iterator<Item = Member<'d>> {
        self.description.members(&self.row.arguments)
    }
}

fn search(sorted: &[u32], compare: impl Fn(u32) -> Ordering) -> Option<u32> {
    let position = sorted.binary_search_by(|&index| compare(index)).ok()?;
    Some(sorted[position])
}
