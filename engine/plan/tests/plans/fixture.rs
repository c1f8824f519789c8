//! What the golden plans are about: authors and their articles, a view of them, and a table of odd types.

use engine_model::catalog::{
    Column, Coupling, ForeignKey, Key, PgType, Table, TableKind, TableName, TypeExtension, TypeKind,
};
use engine_model::metadata::naming::{Identifier, Naming, TableNames};
use engine_model::metadata::tracked::{Relationship, RelationshipKind, TrackedObjects, TrackedTable};
use std::sync::Arc;

fn ty(name: &str) -> PgType {
    let sql = match name {
        "int4" => "integer",
        "int8" => "bigint",
        "bool" => "boolean",
        "timestamptz" => "timestamp with time zone",
        "bpchar" => "character",
        "float8" => "double precision",
        "_text" => "text[]",
        "citext" => "\"my ext\".citext",
        "ltree" => "\"my ext\".ltree",
        "geometry" => "\"my ext\".geometry",
        other => other,
    };
    let kind = match name {
        "_text" => TypeKind::Array(Box::new(ty("text"))),
        _ => TypeKind::Base,
    };
    PgType {
        name: name.to_owned(),
        sql: sql.to_owned(),
        kind,
        base: name.to_owned(),
        extension: extension(name),
    }
}

/// The extensions of the fixture are in a schema of their own.
fn extension(name: &str) -> Option<Arc<TypeExtension>> {
    let (operators, aggregates): (&[&str], &[&str]) = match name {
        "citext" => (
            &[
                "=", "<>", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*",
            ],
            &["max", "min"],
        ),
        "ltree" => (&["=", "<>", "<", ">", "<=", ">=", "@>", "<@", "~", "?", "@"], &[]),
        "geometry" => (&["=", "~", "&&"], &[]),
        _ => return None,
    };
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Some(Arc::new(TypeExtension {
        schema: "my ext".to_owned(),
        operators: names(operators),
        aggregates: names(aggregates),
    }))
}

fn column(number: i16, name: &str, of: &str, modifiers: &str) -> Column {
    Column {
        name: name.to_owned(),
        number,
        ty: ty(of),
        nullable: !modifiers.contains("not null"),
        has_default: modifiers.contains("default") || modifiers.contains("generated"),
        generated: modifiers.contains("generated"),
        comment: modifiers
            .contains("comment")
            .then(|| "What it is \"called\"".to_owned()),
    }
}

fn table(name: &str, columns: &[(&str, &str, &str)]) -> Table {
    let columns = columns
        .iter()
        .zip(1..)
        .map(|((name, of, modifiers), number)| column(number, name, of, modifiers));
    let key = |name: &str, columns: &[&str]| Key {
        name: name.to_owned(),
        columns: columns.iter().map(|&c| c.to_owned()).collect(),
    };
    let is_view = name.ends_with("_view");
    Table {
        name: TableName::new("public", name),
        oid: 1,
        kind: if is_view {
            TableKind::View
        } else {
            TableKind::Table
        },
        columns: columns.collect(),
        primary_key: (!is_view).then(|| key(&format!("{name}_pkey"), &["id"])),
        unique: if name == "author" {
            vec![key("author_name_key", &["name"])]
        } else {
            Vec::new()
        },
        foreign_keys: if name == "article" {
            vec![ForeignKey {
                name: "article_author_id_fkey".to_owned(),
                target: TableName::new("public", "author"),
                mapping: vec![("author_id".to_owned(), "id".to_owned())],
            }]
        } else {
            Vec::new()
        },
        insertable: !is_view,
        updatable: !is_view,
        deletable: !is_view,
        coupling: Coupling {
            inherits: false,
            has_side_effects: is_view,
            has_row_security: false,
        },
        comment: (name == "author").then(|| "Author of articles".to_owned()),
    }
}

fn relationship(name: &str, kind: RelationshipKind, target: &str, here: &str, there: &str) -> Relationship {
    Relationship {
        name: name.to_owned(),
        aggregates: Naming::default().aggregates(name),
        kind,
        target: TableName::new("public", target),
        mapping: vec![(here.to_owned(), there.to_owned())],
        equality_schemas: vec![None],
        nullable: kind == RelationshipKind::Object,
        insert_before_parent: kind == RelationshipKind::Object,
    }
}

fn track(table: Table, relationships: Vec<Relationship>) -> (TableName, Arc<TrackedTable>) {
    let columns = table
        .columns
        .iter()
        .map(|column| (column.name.clone(), column.clone()))
        .collect();
    let tracked = TrackedTable {
        enumeration: None,
        names: TableNames::new(&Arc::default(), Identifier::of(&table.name)),
        in_graphql: true,
        custom_root_fields: indexmap::IndexMap::new(),
        comment: None,
        columns,
        relationships: relationships.into_iter().map(|r| (r.name.clone(), r)).collect(),
        table: Arc::new(table),
        computed_fields: indexmap::IndexMap::new(),
    };
    (tracked.table.name.clone(), Arc::new(tracked))
}

/// The tables, tracked.
pub(crate) fn tracked() -> TrackedObjects {
    let author = table(
        "author",
        &[
            ("id", "int4", "not null default"),
            ("name", "text", "comment"),
            ("info", "jsonb", ""),
            ("emails", "_text", ""),
        ],
    );
    let article = table(
        "article",
        &[
            ("id", "int4", "not null default"),
            ("title", "text", "not null"),
            ("author_id", "int4", "not null"),
            ("is_published", "bool", ""),
            ("published_on", "timestamptz", ""),
            ("words", "int8", ""),
            ("rating", "float8", ""),
            ("code", "bpchar", ""),
            ("slug", "text", "generated"),
        ],
    );
    let view = table("author_view", &[("id", "int4", ""), ("name", "text", "")]);
    TrackedObjects {
        tables: [
            track(
                author,
                vec![relationship(
                    "articles",
                    RelationshipKind::Array,
                    "article",
                    "id",
                    "author_id",
                )],
            ),
            track(
                article,
                vec![relationship(
                    "author",
                    RelationshipKind::Object,
                    "author",
                    "author_id",
                    "id",
                )],
            ),
            track(
                view,
                vec![relationship(
                    "author",
                    RelationshipKind::Object,
                    "author",
                    "name",
                    "name",
                )],
            ),
        ]
        .into_iter()
        .collect(),
        ..TrackedObjects::default()
    }
}

/// The tables with one more, whose types have operators of their own.
pub(crate) fn tracked_with_special_types() -> TrackedObjects {
    let mut objects = tracked();
    let place = table(
        "place",
        &[
            ("id", "uuid", "not null"),
            ("path", "ltree", ""),
            ("alias", "citext", ""),
            ("area", "numeric", ""),
            ("open", "bool", "not null"),
            ("tags", "jsonb", "not null"),
            ("outline", "geometry", ""),
        ],
    );
    let (name, table) = track(place, Vec::new());
    objects.tables.insert(name, table);
    objects
}
