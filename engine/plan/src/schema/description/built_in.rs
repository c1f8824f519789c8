//! Types and directives of GraphQL itself. Names, order and descriptions are those of the specification.

use super::field::{FieldDescription, field};
use super::store::Kind;

/// Types: kind, name, description and members.
pub(super) fn types() -> Vec<(Kind, &'static str, &'static str, Vec<FieldDescription>)> {
    vec![
        (
            Kind::Object,
            "",
            "Fields that the query root has without listing them.",
            vec![
                field("__schema", "__Schema!"),
                field("__type", "__Type").with(vec![field("name", "String!")]),
            ],
        ),
        (
            Kind::Object,
            "__Schema",
            "A GraphQL Schema defines the capabilities of a GraphQL server. It exposes all available types and directives on the server, as well as the entry points for query, mutation, and subscription operations.",
            vec![
                field("description", "String"),
                field("types", "[__Type!]!").about("A list of all types supported by this server."),
                field("queryType", "__Type!").about("The type that query operations will be rooted at."),
                field("mutationType", "__Type").about(
                    "If this server supports mutation, the type that mutation operations will be rooted at.",
                ),
                field("subscriptionType", "__Type").about(
                    "If this server support subscription, the type that subscription operations will be rooted at.",
                ),
                field("directives", "[__Directive!]!")
                    .about("A list of all directives supported by this server."),
            ],
        ),
        (
            Kind::Object,
            "__Type",
            "The fundamental unit of any GraphQL Schema is the type. There are many kinds of types in GraphQL as represented by the `__TypeKind` enum.\n\nDepending on the kind of a type, certain fields describe information about that type. Scalar types provide no information beyond a name, description and optional `specifiedByURL`, while Enum types provide their values. Object and Interface types provide the fields they describe. Abstract types, Union and Interface, provide the Object types possible at runtime. List and NonNull types compose other types.",
            vec![
                field("kind", "__TypeKind!"),
                field("name", "String"),
                field("description", "String"),
                deprecable("fields", "[__Field!]"),
                field("interfaces", "[__Type!]"),
                field("possibleTypes", "[__Type!]"),
                deprecable("enumValues", "[__EnumValue!]"),
                deprecable("inputFields", "[__InputValue!]"),
                field("ofType", "__Type"),
                field("specifiedByURL", "String"),
            ],
        ),
        (
            Kind::Enum,
            "__TypeKind",
            "An enum describing what kind of type a given `__Type` is.",
            values(&[
                ("SCALAR", "Indicates this type is a scalar."),
                ("OBJECT", "Indicates this type is an object. `fields` and `interfaces` are valid fields."),
                (
                    "INTERFACE",
                    "Indicates this type is an interface. `fields`, `interfaces`, and `possibleTypes` are valid fields.",
                ),
                ("UNION", "Indicates this type is a union. `possibleTypes` is a valid field."),
                ("ENUM", "Indicates this type is an enum. `enumValues` is a valid field."),
                ("INPUT_OBJECT", "Indicates this type is an input object. `inputFields` is a valid field."),
                ("LIST", "Indicates this type is a list. `ofType` is a valid field."),
                ("NON_NULL", "Indicates this type is a non-null. `ofType` is a valid field."),
            ]),
        ),
        (
            Kind::Object,
            "__Field",
            "Object and Interface types are described by a list of Fields, each of which has a name, potentially a list of arguments, and a return type.",
            vec![
                field("name", "String!"),
                field("description", "String"),
                deprecable("args", "[__InputValue!]!"),
                field("type", "__Type!"),
                field("isDeprecated", "Boolean!"),
                field("deprecationReason", "String"),
            ],
        ),
        (
            Kind::Object,
            "__InputValue",
            "Arguments provided to Fields or Directives and the input fields of an InputObject are represented as Input Values which describe their type and optionally a default value.",
            vec![
                field("name", "String!"),
                field("description", "String"),
                field("type", "__Type!"),
                field("defaultValue", "String").about(
                    "A GraphQL-formatted string representing the default value for this input value.",
                ),
                field("isDeprecated", "Boolean!"),
                field("deprecationReason", "String"),
            ],
        ),
        (
            Kind::Object,
            "__EnumValue",
            "One possible value for a given Enum. Enum values are unique values, not a placeholder for a string or numeric value. However an Enum value is returned in a JSON response as a string.",
            vec![
                field("name", "String!"),
                field("description", "String"),
                field("isDeprecated", "Boolean!"),
                field("deprecationReason", "String"),
            ],
        ),
        (
            Kind::Object,
            "__Directive",
            "A Directive provides a way to describe alternate runtime execution and type validation behavior in a GraphQL document.\n\nIn some cases, you need to provide options to alter GraphQL's execution behavior in ways field arguments will not suffice, such as conditionally including or skipping a field. Directives provide this by describing additional information to the executor.",
            vec![
                field("name", "String!"),
                field("description", "String"),
                field("locations", "[__DirectiveLocation!]!"),
                deprecable("args", "[__InputValue!]!"),
                field("isRepeatable", "Boolean!"),
            ],
        ),
        (
            Kind::Enum,
            "__DirectiveLocation",
            "A Directive can be adjacent to many parts of the GraphQL language, a __DirectiveLocation describes one such possible adjacencies.",
            values(&[
                ("QUERY", "Location adjacent to a query operation."),
                ("MUTATION", "Location adjacent to a mutation operation."),
                ("SUBSCRIPTION", "Location adjacent to a subscription operation."),
                ("FIELD", "Location adjacent to a field."),
                ("FRAGMENT_DEFINITION", "Location adjacent to a fragment definition."),
                ("FRAGMENT_SPREAD", "Location adjacent to a fragment spread."),
                ("INLINE_FRAGMENT", "Location adjacent to an inline fragment."),
                ("VARIABLE_DEFINITION", "Location adjacent to a variable definition."),
                ("SCHEMA", "Location adjacent to a schema definition."),
                ("SCALAR", "Location adjacent to a scalar definition."),
                ("OBJECT", "Location adjacent to an object type definition."),
                ("FIELD_DEFINITION", "Location adjacent to a field definition."),
                ("ARGUMENT_DEFINITION", "Location adjacent to an argument definition."),
                ("INTERFACE", "Location adjacent to an interface definition."),
                ("UNION", "Location adjacent to a union definition."),
                ("ENUM", "Location adjacent to an enum definition."),
                ("ENUM_VALUE", "Location adjacent to an enum value definition."),
                ("INPUT_OBJECT", "Location adjacent to an input object type definition."),
                ("INPUT_FIELD_DEFINITION", "Location adjacent to an input object field definition."),
            ]),
        ),
        (
            Kind::Scalar,
            "Int",
            "The `Int` scalar type represents non-fractional signed whole numeric values. Int can represent values between -(2^31) and 2^31 - 1.",
            Vec::new(),
        ),
        (
            Kind::Scalar,
            "Float",
            "The `Float` scalar type represents signed double-precision fractional values as specified by [IEEE 754](https://en.wikipedia.org/wiki/IEEE_floating_point).",
            Vec::new(),
        ),
        (
            Kind::Scalar,
            "String",
            "The `String` scalar type represents textual data, represented as UTF-8 character sequences. The String type is most often used by GraphQL to represent free-form human-readable text.",
            Vec::new(),
        ),
        (
            Kind::Scalar,
            "Boolean",
            "The `Boolean` scalar type represents `true` or `false`.",
            Vec::new(),
        ),
        (
            Kind::Scalar,
            "ID",
            "The `ID` scalar type represents a unique identifier, often used to refetch an object or as key for a cache. The ID type appears in a JSON response as a String; however, it is not intended to be human-readable. When expected as an input type, any string (such as `\"4\"`) or integer (such as `4`) input value will be accepted as an ID.",
            Vec::new(),
        ),
    ]
}

/// A directive: name, description, locations and arguments.
type DirectiveDescription = (
    &'static str,
    &'static str,
    &'static [&'static str],
    Vec<FieldDescription>,
);

/// Directives. `@cached` is Hasura's; it is accepted and has no effect.
pub(super) fn directives() -> Vec<DirectiveDescription> {
    const SELECTION: &[&str] = &["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"];
    vec![
        (
            "skip",
            "Directs the executor to skip this field or fragment when the `if` argument is true.",
            SELECTION,
            vec![field("if", "Boolean!").about("Skipped when true.")],
        ),
        (
            "include",
            "Directs the executor to include this field or fragment only when the `if` argument is true.",
            SELECTION,
            vec![field("if", "Boolean!").about("Included when true.")],
        ),
        (
            "deprecated",
            "Marks an element of a GraphQL schema as no longer supported.",
            &["FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION", "ENUM_VALUE"],
            vec![field("reason", "String").or("\"No longer supported\"").about(
                "Explains why this element was deprecated, usually also including a suggestion for how to access supported similar data. Formatted using the Markdown syntax, as specified by [CommonMark](https://commonmark.org/).",
            )],
        ),
        (
            "specifiedBy",
            "Exposes a URL that specifies the behavior of this scalar.",
            &["SCALAR"],
            vec![field("url", "String!").about("The URL that specifies the behavior of this scalar.")],
        ),
        (
            "cached",
            "whether this query should be cached (Hasura Cloud only)",
            &["QUERY"],
            vec![
                field("ttl", "Int!").or("60").about("measured in seconds"),
                field("refresh", "Boolean!").or("false").about("refresh the cache entry"),
            ],
        ),
    ]
}

/// A field whose list can leave out deprecated elements.
fn deprecable(name: &str, ty: &str) -> FieldDescription {
    field(name, ty).with(vec![field("includeDeprecated", "Boolean").or("false")])
}

fn values(values: &[(&str, &str)]) -> Vec<FieldDescription> {
    values
        .iter()
        .map(|(name, text)| field(*name, "").about(*text))
        .collect()
}
