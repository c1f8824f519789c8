//! Responses of `__schema` and `__type`, written from the description of a role's API. A response needs no memory
//! beyond its own text.

use super::description::{Description, Directive, Kind, Member, Type, Wrapping};

/// A selected field of an introspection type. Fields of one key are merged.
#[derive(Debug)]
pub(crate) struct MetaSelection<'a> {
    /// Key in the response.
    pub(crate) key: &'a str,
    pub(crate) field: MetaField,
    /// Name of the type that has the field.
    pub(crate) ty: &'a str,
    /// Fields selected of the value.
    pub(crate) children: Vec<MetaSelection<'a>>,
}

macro_rules! meta_fields {
    ($($variant:ident = $name:literal,)*) => {
        /// The fields of the introspection types. A name has the same meaning in all types that have it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum MetaField {
            $($variant,)*
        }

        impl MetaField {
            pub(crate) fn of(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

meta_fields! {
    Typename = "__typename",
    Args = "args",
    DefaultValue = "defaultValue",
    DeprecationReason = "deprecationReason",
    Description = "description",
    Directives = "directives",
    EnumValues = "enumValues",
    Fields = "fields",
    InputFields = "inputFields",
    Interfaces = "interfaces",
    IsDeprecated = "isDeprecated",
    IsRepeatable = "isRepeatable",
    Kind = "kind",
    Locations = "locations",
    MutationType = "mutationType",
    Name = "name",
    OfType = "ofType",
    PossibleTypes = "possibleTypes",
    QueryType = "queryType",
    SpecifiedByUrl = "specifiedByURL",
    SubscriptionType = "subscriptionType",
    Type = "type",
    Types = "types",
}

/// A type with its remaining modifiers.
#[derive(Clone, Copy)]
struct TypeReference<'d> {
    ty: Type<'d>,
    wrapping: Wrapping,
}

impl<'d> TypeReference<'d> {
    fn named(ty: Type<'d>) -> Self {
        let wrapping = Wrapping {
            required: false,
            list: None,
            inner: None,
        };
        Self { ty, wrapping }
    }

    /// The type without its outermost modifier.
    fn inner(self) -> Option<Self> {
        let Wrapping {
            required,
            list,
            inner,
        } = self.wrapping;
        let wrapping = match (required, list) {
            (true, _) => Wrapping {
                required: false,
                list,
                inner,
            },
            (false, Some(required)) => Wrapping {
                required,
                list: inner,
                inner: None,
            },
            (false, None) => return None,
        };
        Some(Self { wrapping, ..self })
    }

    fn kind(self) -> &'static str {
        match (self.wrapping.required, self.wrapping.list, self.ty.kind()) {
            (true, _, _) => "NON_NULL",
            (false, Some(_), _) => "LIST",
            (false, None, Kind::Scalar) => "SCALAR",
            (false, None, Kind::Object) => "OBJECT",
            (false, None, Kind::Enum) => "ENUM",
            (false, None, Kind::InputObject) => "INPUT_OBJECT",
        }
    }

    /// The named type if no modifier remains.
    fn definition(self) -> Option<Type<'d>> {
        self.inner().is_none().then_some(self.ty)
    }
}

/// The value of `__schema` as JSON.
pub(crate) fn schema(description: &Description, selections: &[MetaSelection<'_>]) -> String {
    let mut writer = Writer { out: String::new() };
    writer.object(selections, |writer, selection| match selection.field {
        MetaField::Types => writer.list(description.types(), |writer, ty| {
            writer.ty(TypeReference::named(ty), &selection.children);
        }),
        MetaField::QueryType => writer.named(description, "query_root", &selection.children),
        MetaField::MutationType => writer.named(description, "mutation_root", &selection.children),
        MetaField::SubscriptionType => {
            writer.named(description, "subscription_root", &selection.children);
        }
        MetaField::Directives => writer.list(description.directives(), |writer, directive| {
            writer.directive(directive, &selection.children);
        }),
        _ => writer.null(),
    });
    writer.out
}

/// The value of `__type` as JSON.
pub(crate) fn ty(description: &Description, name: &str, selections: &[MetaSelection<'_>]) -> String {
    let mut writer = Writer { out: String::new() };
    writer.named(description, name, selections);
    writer.out
}

struct Writer {
    out: String,
}

impl Writer {
    fn object(
        &mut self,
        selections: &[MetaSelection<'_>],
        mut value: impl FnMut(&mut Self, &MetaSelection<'_>),
    ) {
        self.out.push('{');
        for (index, selection) in selections.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.string(selection.key);
            self.out.push(':');
            if selection.field == MetaField::Typename {
                self.string(selection.ty);
            } else {
                value(self, selection);
            }
        }
        self.out.push('}');
    }

    fn list<T>(&mut self, items: impl Iterator<Item = T>, mut value: impl FnMut(&mut Self, T)) {
        self.out.push('[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            value(self, item);
        }
        self.out.push(']');
    }

    fn null(&mut self) {
        self.out.push_str("null");
    }

    fn boolean(&mut self, value: bool) {
        self.out.push_str(if value { "true" } else { "false" });
    }

    fn string(&mut self, text: &str) {
        if text
            .bytes()
            .any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\'))
        {
            self.out.push_str(&serde_json::Value::from(text).to_string());
        } else {
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
        }
    }

    fn nullable_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.null(),
        }
    }

    fn named(&mut self, description: &Description, name: &str, selections: &[MetaSelection<'_>]) {
        self.nullable_type(description.ty(name).map(TypeReference::named), selections);
    }

    fn nullable_type(&mut self, ty: Option<TypeReference<'_>>, selections: &[MetaSelection<'_>]) {
        match ty {
            Some(ty) => self.ty(ty, selections),
            None => self.null(),
        }
    }

    fn ty(&mut self, ty: TypeReference<'_>, selections: &[MetaSelection<'_>]) {
        let definition = ty.definition();
        self.object(selections, |writer, selection| {
            let children = &selection.children;
            match selection.field {
                MetaField::Kind => writer.string(ty.kind()),
                MetaField::Name => writer.nullable_string(definition.map(Type::name)),
                MetaField::Description => writer.nullable_string(definition.and_then(Type::description)),
                MetaField::Fields => writer.members(definition, Kind::Object, children),
                MetaField::EnumValues => writer.members(definition, Kind::Enum, children),
                MetaField::InputFields => writer.members(definition, Kind::InputObject, children),
                // No type implements an interface.
                MetaField::Interfaces if definition.is_some_and(|ty| ty.kind() == Kind::Object) => {
                    writer.out.push_str("[]");
                }
                MetaField::OfType => writer.nullable_type(ty.inner(), children),
                _ => writer.null(),
            }
        });
    }

    /// The members of a type of this kind; null for other types.
    fn members(&mut self, ty: Option<Type<'_>>, kind: Kind, selections: &[MetaSelection<'_>]) {
        match ty.filter(|ty| ty.kind() == kind) {
            Some(ty) => self.list(ty.members(), |writer, member| writer.member(member, selections)),
            None => self.null(),
        }
    }

    fn member(&mut self, member: Member<'_>, selections: &[MetaSelection<'_>]) {
        self.object(selections, |writer, selection| {
            let children = &selection.children;
            match selection.field {
                MetaField::Name => writer.string(member.name()),
                MetaField::Description => writer.nullable_string(member.description()),
                MetaField::Args => writer.list(member.arguments(), |writer, argument| {
                    writer.member(argument, children);
                }),
                MetaField::Type => {
                    let ty = member.ty().map(|(ty, wrapping)| TypeReference { ty, wrapping });
                    writer.nullable_type(ty, children);
                }
                MetaField::DefaultValue => writer.nullable_string(member.default()),
                // Nothing is deprecated.
                MetaField::IsDeprecated => writer.boolean(false),
                _ => writer.null(),
            }
        });
    }

    fn directive(&mut self, directive: Directive<'_>, selections: &[MetaSelection<'_>]) {
        self.object(selections, |writer, selection| match selection.field {
            MetaField::Name => writer.string(directive.name()),
            MetaField::Description => writer.nullable_string(directive.description()),
            MetaField::Locations => {
                writer.list(directive.locations().iter(), |writer, location| {
                    writer.string(location);
                });
            }
            MetaField::Args => writer.list(directive.arguments(), |writer, argument| {
                writer.member(argument, &selection.children);
            }),
            // No directive may be repeated.
            MetaField::IsRepeatable => writer.boolean(false),
            _ => writer.null(),
        });
    }
}
