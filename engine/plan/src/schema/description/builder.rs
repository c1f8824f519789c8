//! Construction of a [`Description`].

use super::built_in;
use super::field::FieldDescription;
use super::store::{Description, DirectiveRow, Kind, Member, MemberRow, MemberType, Text, TypeRow, Wrapping};
use indexmap::IndexSet;
use std::collections::HashSet;
use std::collections::hash_map::{Entry, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

/// The scalars that are part of the API only if a field refers to them.
const OPTIONAL_SCALARS: [&str; 3] = ["Int", "Float", "ID"];

/// A description under construction.
pub(super) struct StoreBuilder {
    description: Description,
    /// Indexes of the types by name.
    types: HashMap<Text, u32>,
    hasher: RandomState,
    /// Texts by hash; a text whose hash is taken is stored at the next free one.
    texts: HashMap<u64, Text>,
    /// Type names that members refer to. [`MemberType::Named`] is an index of it until [`Self::finish`].
    references: IndexSet<Text>,
}

impl StoreBuilder {
    /// Starts with the types and directives of GraphQL itself.
    pub(super) fn new() -> Self {
        let mut builder = Self {
            description: Description::default(),
            types: HashMap::new(),
            hasher: RandomState::new(),
            texts: HashMap::new(),
            references: IndexSet::new(),
        };
        for (kind, name, description, members) in built_in::types() {
            builder.add(kind, name, Some(description), &members);
        }
        for (name, description, locations, arguments) in built_in::directives() {
            let row = DirectiveRow {
                name: builder.intern(name),
                description: Some(builder.intern(description)),
                locations,
                arguments: builder.members(&arguments),
            };
            builder.description.directives.push(row);
        }
        builder
    }

    /// Adds a type unless its name is taken. Of several members of one name the first is kept.
    pub(super) fn add(
        &mut self,
        kind: Kind,
        name: &str,
        description: Option<&str>,
        members: &[FieldDescription],
    ) {
        let name = self.intern(name);
        let Entry::Vacant(entry) = self.types.entry(name) else {
            return;
        };
        entry.insert(index(self.description.types.len()));
        let description = description.map(|text| self.intern_description(text));
        let members = self.members(members);
        self.description.types.push(TypeRow {
            name,
            description,
            kind,
            members,
            hidden: false,
            has_required: false,
        });
    }

    fn members(&mut self, members: &[FieldDescription]) -> Range<u32> {
        if members.is_empty() {
            return 0..0;
        }
        let mut rows: Vec<MemberRow> = Vec::with_capacity(members.len());
        let mut names = HashSet::with_capacity(members.len());
        for member in members {
            let row = self.member(member);
            if names.insert(row.name) {
                rows.push(row);
            }
        }
        let start = index(self.description.members.len());
        self.description.members.extend(rows);
        start..index(self.description.members.len())
    }

    fn member(&mut self, member: &FieldDescription) -> MemberRow {
        let (named, wrapping) = parse_type(&member.ty);
        let ty = if named.is_empty() {
            MemberType::None
        } else {
            let name = self.intern(named);
            MemberType::Named(index(self.references.insert_full(name).0))
        };
        MemberRow {
            name: self.intern(&member.name),
            description: member
                .description
                .as_ref()
                .map(|text| self.intern_description(text)),
            default: member.default.map(|text| self.intern(text)),
            ty,
            wrapping,
            arguments: self.members(&member.arguments),
        }
    }

    /// Stores a description as a block string would: without blank lines around it and with one kind of line end.
    fn intern_description(&mut self, text: &str) -> Text {
        let text = text.trim();
        if text.contains('\r') {
            self.intern(&text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            self.intern(text)
        }
    }

    fn intern(&mut self, text: &str) -> Text {
        let mut hash = self.hasher.hash_one(text);
        loop {
            match self.texts.entry(hash) {
                Entry::Vacant(entry) => {
                    let start = index(self.description.text.len());
                    self.description.text.push_str(text);
                    let end = index(self.description.text.len());
                    return *entry.insert(Text { start, end });
                }
                Entry::Occupied(entry) if self.description.text(*entry.get()) == text => return *entry.get(),
                Entry::Occupied(_) => hash = hash.wrapping_add(1),
            }
        }
    }

    /// Resolves the references between types.
    pub(super) fn finish(self) -> Description {
        let mut description = self.description;
        let targets: Vec<MemberType> = self
            .references
            .iter()
            .map(|name| {
                self.types
                    .get(name)
                    .map_or(MemberType::Missing, |&ty| MemberType::Named(ty))
            })
            .collect();
        let mut referenced = vec![false; description.types.len()];
        for member in &mut description.members {
            if let MemberType::Named(reference) = member.ty {
                member.ty = targets[reference as usize];
            }
            if let MemberType::Named(ty) = member.ty {
                referenced[ty as usize] = true;
            }
        }
        for (ty, referenced) in referenced.into_iter().enumerate() {
            let optional = OPTIONAL_SCALARS.contains(&description.text(description.types[ty].name));
            description.types[ty].hidden = optional && !referenced;
        }
        description.types[0].hidden = true;
        for ty in 0..description.types.len() {
            let row = &description.types[ty];
            let has_required =
                row.kind == Kind::InputObject && description.members(&row.members).any(Member::is_required);
            description.types[ty].has_required = has_required;
        }
        hide_empty_types(&mut description);
        sort(&mut description);
        description.text.shrink_to_fit();
        description.types.shrink_to_fit();
        description.members.shrink_to_fit();
        description
    }
}

/// Removes types without members and the members that refer to them. An enum is empty if the names of all its values
/// are reserved (`true`, `false`, `null`).
fn hide_empty_types(description: &mut Description) {
    loop {
        let empty: Vec<usize> = description
            .types
            .iter()
            .enumerate()
            .filter(|(_, ty)| {
                !ty.hidden && ty.kind != Kind::Scalar && description.members(&ty.members).next().is_none()
            })
            .map(|(index, _)| index)
            .collect();
        if empty.is_empty() {
            return;
        }
        for ty in empty {
            description.types[ty].hidden = true;
        }
        let Description { types, members, .. } = description;
        for member in members {
            if let MemberType::Named(ty) = member.ty
                && types[ty as usize].hidden
            {
                member.ty = MemberType::Missing;
            }
        }
    }
}

fn sort(description: &mut Description) {
    let mut types: Vec<u32> = (0..index(description.types.len())).collect();
    types.sort_unstable_by_key(|&ty| description.text(description.types[ty as usize].name));
    let mut members: Vec<u32> = (0..index(description.members.len())).collect();
    for ty in &description.types {
        members[ty.members.start as usize..ty.members.end as usize]
            .sort_unstable_by_key(|&member| description.text(description.members[member as usize].name));
    }
    description.types_by_name = types;
    description.members_by_name = members;
}

/// Splits a type in GraphQL's notation into the named type and its modifiers.
fn parse_type(ty: &str) -> (&str, Wrapping) {
    let (ty, required) = strip_bang(ty);
    let (ty, list) = strip_list(ty);
    let (name, inner) = strip_list(ty);
    (
        name,
        Wrapping {
            required,
            list,
            inner,
        },
    )
}

/// Returns the element of a list and whether it is required, or the type itself.
fn strip_list(ty: &str) -> (&str, Option<bool>) {
    match ty.strip_prefix('[').and_then(|element| element.strip_suffix(']')) {
        Some(element) => {
            let (element, required) = strip_bang(element);
            (element, Some(required))
        }
        None => (ty, None),
    }
}

fn strip_bang(ty: &str) -> (&str, bool) {
    ty.strip_suffix('!').map_or((ty, false), |inner| (inner, true))
}

/// An index of a table. A description with 2³² texts or members would exceed every limit of the metadata.
fn index(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
