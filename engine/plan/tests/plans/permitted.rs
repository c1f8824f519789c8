//! Plans of roles other than admin: golden plans of `role_cases`, whose first line names the role, and the schemas of roles.

use crate::{OPTIONS, cases_in, fixture, plan, render, sdl, variables};
use engine_model::catalog::TableName;
use engine_model::metadata::Metadata;
use engine_model::metadata::tracked::TrackedObjects;
use engine_plan::permissions::Permissions;
use engine_plan::schema::RoleSchema;
use engine_plan::schema::api::ApiTables;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Permissions of a few roles on the tables of the fixture.
pub(crate) fn metadata() -> Metadata {
    let own = json!({"author_id": "X-Hasura-User-Id"});
    let visible = json!({"_or": [own, {"is_published": true}]});
    let permission = |role: &str, definition: Value| json!({"role": role, "permission": definition});
    let document = json!({"version": 3, "sources": [{"name": "default", "configuration": {}, "tables": [
        {
            "table": "author",
            "select_permissions": [
                permission("user", json!({
                    "columns": ["id", "name", "info"], "filter": {"id": "X-Hasura-User-Id"}, "allow_aggregations": true,
                })),
                permission("reader", json!({"columns": ["name"], "filter": {
                    "articles": {"is_published": {"_eq": true}},
                    "_exists": {"_table": "article", "_where": {"title": {"_ceq": ["$", "name"]}}},
                }})),
                permission("one", json!({"columns": ["id", "name"], "filter": {"id": {"_lt": 10}}, "limit": 5})),
                permission("other", json!({"columns": ["id", "info"], "filter": {"id": {"_gt": 5}}})),
                permission("owner", json!({
                    "columns": ["id", "name", "emails"], "filter": {"id": "X-Hasura-User-Id"}, "allow_aggregations": true,
                })),
                permission("guest", json!({"columns": ["name"], "filter": {}})),
            ],
            "insert_permissions": [
                permission("user", json!({
                    "check": {"id": "X-Hasura-User-Id"}, "set": {"info": {"by": "user"}}, "columns": ["name", "info"],
                })),
                permission("owner", json!({"check": {}, "columns": ["id", "name"]})),
            ],
            "update_permissions": [
                permission("user", json!({
                    "columns": ["name"], "filter": {"id": "X-Hasura-User-Id"}, "check": {"name": {"_ne": ""}},
                })),
                permission("other", json!({"columns": ["name"], "filter": {}, "set": {"info": 1}})),
                permission("owner", json!({"columns": ["name"], "filter": {}})),
            ],
            "delete_permissions": [
                permission("user", json!({"filter": {"_not": {"articles": {}}}})),
                permission("owner", json!({"filter": {"info": {"_is_null": true}}})),
            ],
        },
        {
            "table": "article",
            "select_permissions": [
                permission("user", json!({
                    "columns": "*", "filter": visible, "limit": 20, "allow_aggregations": true,
                })),
                permission("editor", json!({"columns": "*", "filter": {"author_id": {"_in": "X-Hasura-Ids"}}})),
                permission("reader", json!({
                    "columns": ["id"], "filter": {}, "query_root_fields": [], "subscription_root_fields": ["select"],
                })),
                permission("owner", json!({
                    "columns": ["id", "title", "author_id", "words"], "filter": own, "allow_aggregations": true,
                })),
                permission("guest", json!({"columns": ["id", "title"], "filter": {"is_published": true}, "limit": 3})),
            ],
            "insert_permissions": [
                permission("user", json!({"check": own, "set": {"author_id": "X-Hasura-User-Id", "words": 0}})),
                permission("writer", json!({"check": {}, "backend_only": true})),
                permission("owner", json!({"check": {}, "columns": ["id", "title"]})),
            ],
            "update_permissions": [
                permission("user", json!({
                    "columns": ["title", "is_published"], "filter": own, "check": {"title": {"_neq": "x"}},
                })),
                permission("owner", json!({"columns": ["title"], "filter": {"is_published": true}})),
            ],
            "delete_permissions": [
                permission("user", json!({"filter": own})),
                permission("writer", json!({"filter": {"is_published": false}})),
                permission("owner", json!({"filter": {}})),
            ],
        },
        {
            "table": "author_view",
            "select_permissions": [permission("user", json!({
                "columns": "*", "filter": {"author": {"id": {"_eq": "X-Hasura-User-Id"}}}, "allow_aggregations": true,
            }))],
        },
    ]}], "inherited_roles": [
        {"role_name": "both", "role_set": ["one", "other"]},
        // A member sees the columns of an owner in its own rows only, and may change all rows.
        {"role_name": "member", "role_set": ["owner", "guest"]},
    ]});
    serde_json::from_value(document).unwrap()
}

pub(crate) fn schema(tracked: TrackedObjects, role: &str, backend: bool) -> RoleSchema {
    let permissions = Permissions::resolve(&metadata(), &tracked);
    assert_eq!(permissions.inconsistent(&metadata()), []);
    let tables = ApiTables::new(Arc::new(tracked));
    RoleSchema::of_role(&tables, &permissions, role, backend, OPTIONS)
}

fn of_role(role: &str) -> RoleSchema {
    schema(fixture::tracked(), role, false)
}

#[test]
fn requests_of_roles_become_the_sql_they_became_before() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, query) in cases_in("role_cases") {
            let role = query
                .lines()
                .next()
                .and_then(|line| line.strip_prefix("# role: "));
            let schema = of_role(role.unwrap_or_else(|| panic!("{name} names no role")));
            let planned =
                plan(&schema, &query, &variables(&query)).unwrap_or_else(|error| panic!("{name}: {error}"));
            let plan = render::plan(&planned.plan, &planned.values);
            insta::assert_snapshot!(format!("role_{name}"), format!("{}\n{plan}", query.trim()));
        }
    });
}

#[test]
fn schema_of_role_contains_what_it_may_use() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for role in ["reader", "both", "other", "writer"] {
            insta::assert_snapshot!(format!("type_system_{role}"), sdl::of(&of_role(role)));
        }
    });
}

fn refused(schema: &RoleSchema, query: &str) -> String {
    plan(schema, query, &Map::new()).expect_err(query).message
}

#[test]
fn what_a_role_may_not_use_does_not_exist() {
    let user = of_role("user");
    for (query, message) in [
        (
            "{ author { emails } }",
            "field \"emails\" not found in type: 'author'",
        ),
        (
            "{ author(where: {emails: {_is_null: true}}) { id } }",
            "field \"emails\" not found in type: 'author_bool_exp'",
        ),
        (
            "{ author(order_by: {emails: asc}) { id } }",
            "field \"emails\" not found in type: 'author_order_by'",
        ),
        (
            "mutation { insert_author(objects: [{info: 1}]) { affected_rows } }",
            "field \"info\" not found in type: 'author_insert_input'",
        ),
        (
            "mutation { update_author(where: {}, _set: {id: 1}) { affected_rows } }",
            "field \"id\" not found in type: 'author_set_input'",
        ),
        (
            "mutation { insert_article(objects: [], on_conflict: {constraint: article_pkey, update_columns: [words]}) { affected_rows } }",
            "unexpected value \"words\" for enum: 'article_update_column'",
        ),
    ] {
        assert_eq!(refused(&user, query), message, "{query}");
    }
    let reader = of_role("reader");
    for (query, message) in [
        (
            "{ article { id } }",
            "field \"article\" not found in type: 'query_root'",
        ),
        (
            "{ author_aggregate { aggregate { count } } }",
            "field \"author_aggregate\" not found in type: 'query_root'",
        ),
        (
            "{ author_by_pk(id: 1) { name } }",
            "field \"author_by_pk\" not found in type: 'query_root'",
        ),
        (
            "{ author { articles_aggregate { aggregate { count } } } }",
            "field \"articles_aggregate\" not found in type: 'author'",
        ),
        (
            "subscription { article_stream(batch_size: 1, cursor: {initial_value: {id: 1}}) { id } }",
            "field \"article_stream\" not found in type: 'subscription_root'",
        ),
        (
            "mutation { delete_author(where: {}) { affected_rows } }",
            "no mutations exist",
        ),
    ] {
        assert_eq!(refused(&reader, query), message, "{query}");
    }
    for query in [
        "subscription { article { id } }",
        "{ author { articles { id } } }",
    ] {
        plan(&reader, query, &Map::new()).unwrap_or_else(|error| panic!("{query}: {error}"));
    }
}

#[test]
fn mutations_without_select_permission_have_conditions_without_columns() {
    let writer = of_role("writer");
    let delete = "mutation { delete_article(where: {}) { affected_rows } }";
    plan(&writer, delete, &Map::new()).unwrap();
    for (query, message) in [
        (
            "mutation { delete_article(where: {id: {_eq: 1}}) { affected_rows } }",
            "field \"id\" not found in type: 'article_bool_exp'",
        ),
        (
            "mutation { delete_article(where: {}) { returning { id } } }",
            "field \"returning\" not found in type: 'article_mutation_response'",
        ),
        (
            "mutation { delete_article_by_pk(id: 1) { id } }",
            "field \"delete_article_by_pk\" not found in type: 'mutation_root'",
        ),
        (
            "{ no_queries_available article { id } }",
            "field \"article\" not found in type: 'query_root'",
        ),
    ] {
        assert_eq!(refused(&writer, query), message, "{query}");
    }
}

#[test]
fn mutations_of_backends_exist_for_backends_only() {
    let insert = "mutation { insert_article(objects: [{title: \"t\"}]) { affected_rows } }";
    assert_eq!(
        refused(&of_role("writer"), insert),
        "field \"insert_article\" not found in type: 'mutation_root'"
    );
    let backend = schema(fixture::tracked(), "writer", true);
    plan(&backend, insert, &Map::new()).unwrap();
    // Without a select permission, a single row cannot be returned.
    assert_eq!(
        refused(
            &backend,
            "mutation { insert_article_one(object: {title: \"t\"}) { id } }"
        ),
        "field \"insert_article_one\" not found in type: 'mutation_root'"
    );
}

#[test]
fn permission_whose_preset_cannot_be_used_is_not_granted() {
    let permissions = Permissions::resolve(&metadata(), &fixture::tracked());
    // The catalog after the column of a preset was dropped.
    let mut tracked = fixture::tracked();
    let article = tracked
        .tables
        .get_mut(&TableName::new("public", "article"))
        .unwrap();
    let article = Arc::get_mut(article).unwrap();
    article.columns.shift_remove("words");
    let table = Arc::get_mut(&mut article.table).unwrap();
    table.columns.retain(|column| column.name != "words");
    let tables = ApiTables::new(Arc::new(tracked));
    let user = RoleSchema::of_role(&tables, &permissions, "user", false, OPTIONS);
    assert_eq!(
        refused(
            &user,
            "mutation { insert_article(objects: [{title: \"t\"}]) { affected_rows } }"
        ),
        "field \"insert_article\" not found in type: 'mutation_root'"
    );
    for query in [
        "mutation { update_article(where: {}, _set: {title: \"t\"}) { affected_rows } }",
        "mutation { insert_author(objects: [{name: \"n\"}]) { affected_rows } }",
        "{ article { id } }",
    ] {
        plan(&user, query, &Map::new()).unwrap_or_else(|error| panic!("{query}: {error}"));
    }
}

#[test]
fn upsert_without_updatable_columns_has_a_placeholder() {
    let permissions = json!([{"role": "r", "permission": {"columns": [], "filter": {}}}]);
    let document = json!({"version": 3, "sources": [{"name": "default", "configuration": {}, "tables": [{
        "table": "author",
        "insert_permissions": [{"role": "r", "permission": {"check": {}}}],
        "update_permissions": permissions,
    }]}]});
    let metadata: Metadata = serde_json::from_value(document).unwrap();
    let tracked = fixture::tracked();
    let permissions = Permissions::resolve(&metadata, &tracked);
    let tables = ApiTables::new(Arc::new(tracked));
    let schema = RoleSchema::of_role(&tables, &permissions, "r", false, OPTIONS);
    let upsert = |columns: &str| {
        format!(
            "mutation {{ insert_author(objects: [{{name: \"n\"}}], on_conflict: {{constraint: author_pkey, update_columns: [{columns}]}}) {{ affected_rows }} }}"
        )
    };
    plan(&schema, &upsert(""), &Map::new()).unwrap();
    assert_eq!(refused(&schema, &upsert("_PLACEHOLDER")), "erroneous column name");
    assert_eq!(
        refused(
            &schema,
            "mutation { update_author(where: {}, _set: {name: \"n\"}) { affected_rows } }"
        ),
        "field \"update_author\" not found in type: 'mutation_root'"
    );
}

#[test]
fn spatial_operators_of_permissions_are_functions() {
    let point = json!({"type": "Point", "coordinates": [1, 2]});
    let filter = json!({"_or": [
        {"outline": {"_st_d_within": {"distance": 1, "from": point}}},
        {"outline": {"$st_contains": "X-Hasura-Outline"}},
    ]});
    let document = json!({"version": 3, "sources": [{"name": "default", "configuration": {}, "tables": [{
        "table": "place",
        "select_permissions": [{"role": "r", "permission": {"columns": ["id"], "filter": filter}}],
    }]}]});
    let metadata: Metadata = serde_json::from_value(document).unwrap();
    let tracked = fixture::tracked_with_special_types();
    let permissions = Permissions::resolve(&metadata, &tracked);
    assert_eq!(permissions.inconsistent(&metadata), []);
    let tables = ApiTables::new(Arc::new(tracked));
    let schema = RoleSchema::of_role(&tables, &permissions, "r", false, OPTIONS);
    let planned = plan(&schema, "{ place { id } }", &Map::new()).unwrap();
    let text = render::plan(&planned.plan, &planned.values);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        r#""my ext".ST_DWithin("_t0"."outline", ("my ext".ST_GeomFromGeoJSON(($1)::text))::"my ext".geometry, ($2)::float8)"#,
        r#""my ext".ST_Contains("_t0"."outline", ($3)::"my ext".geometry)"#,
    ] {
        assert!(text.contains(part), "{text}");
    }
}

/// The reasons for which a permission on a table of the fixture is inconsistent.
#[test]
fn invalid_permissions_are_inconsistent_with_hasuras_reasons() {
    let tracked = fixture::tracked_with_special_types();
    let reason = |table: &str, list: &str, role: &str, permission: Value| {
        let document = json!({"version": 3, "sources": [{"name": "default", "configuration": {}, "tables": [
            {"table": table, list: [{"role": role, "permission": permission}]},
        ]}]});
        let metadata: Metadata = serde_json::from_value(document).unwrap();
        let permissions = Permissions::resolve(&metadata, &tracked);
        let [object] = permissions
            .inconsistent(&metadata)
            .try_into()
            .unwrap_or_else(|all| panic!("{all:?}"));
        let kind = list.trim_end_matches('s');
        assert_eq!(object.kind, kind);
        assert_eq!(
            object.name,
            format!("{kind} {role} in table {table} in source default")
        );
        let start = format!("Inconsistent object: in table \"{table}\": in permission for role \"{role}\": ");
        object
            .reason
            .strip_prefix(&start)
            .unwrap_or_else(|| panic!("{}", object.reason))
            .to_owned()
    };
    let select = |permission: Value| reason("author", "select_permissions", "r", permission);
    let filter = |filter: Value| select(json!({"columns": [], "filter": filter}));
    let place = |filter: Value| reason("place", "delete_permissions", "r", json!({"filter": filter}));
    for (found, expected) in [
        (
            select(json!({"columns": ["x"], "filter": {}})),
            "column \"x\" does not exist",
        ),
        (
            select(json!({"columns": ["articles"], "filter": {}})),
            "expecting a postgres column; but, \"articles\" is a relationship; permissions for relationships are automatically inferred",
        ),
        (
            select(json!({"columns": [], "filter": {}, "limit": -1})),
            "unexpected negative value",
        ),
        (
            select(json!({"columns": ["name"], "filter": {}, "query_root_fields": ["select_by_pk"]})),
            "The \"select_by_pk\" field cannot be included in the query_root_fields or subscription_root_fields because the role \"r\" does not have access to the primary key of the table \"author\" in the source \"default\"",
        ),
        (
            select(json!({"columns": [], "filter": {}, "subscription_root_fields": ["select_aggregate"]})),
            "The \"select_aggregate\" root field can only be enabled in the query_root_fields or  the subscription_root_fields when \"allow_aggregations\" is set to true",
        ),
        (
            reason(
                "author",
                "select_permissions",
                "admin",
                json!({"columns": [], "filter": {}}),
            ),
            "cannot define permission for admin role",
        ),
        (
            reason(
                "author",
                "insert_permissions",
                "r",
                json!({"check": {}, "set": {"x": 1}}),
            ),
            "column \"x\" not found in table \"author\"",
        ),
        (
            reason(
                "author",
                "update_permissions",
                "r",
                json!({"columns": ["articles"], "filter": {}}),
            ),
            "expecting a postgres column; but, \"articles\" is a relationship; relationships can't be used in update",
        ),
        (
            reason(
                "author",
                "insert_permissions",
                "r",
                json!({"check": {}, "validate_input": {"type": "http"}}),
            ),
            "\"validate_input\" is not supported; use \"check\"",
        ),
        (filter(json!({"id": {"_x": 1}})), "Unknown operator : _x"),
        (
            filter(json!({"id": {"_like": "a"}})),
            " is of type \"integer\"; this operator works only on columns of type \"text\"/\"varchar\"",
        ),
        (
            filter(json!({"id": {"_ceq": "x"}})),
            "column \"x\" does not exist",
        ),
        (
            filter(json!({"id": {"_ceq": "name"}})),
            "incompatible column types: \"id\" has type \"integer\", but \"name\" has type \"text\"",
        ),
        (
            filter(json!({"id": {"_ceq": "articles"}})),
            "expecting a postgres column; but, \"articles\" is a relationship; column operators can only compare postgres columns",
        ),
        (filter(json!({"id": {"_ceq": []}})), "path cannot be empty"),
        (
            filter(json!({"id": {"_ceq": 1}})),
            "a boolean expression JSON must be either a string or an array",
        ),
        (
            filter(json!({"id": {"_ceq": ["articles", "id"]}})),
            "Relationship references are not supported in column comparison RHS",
        ),
        (
            filter(json!({"info": {"_cast": {"geometry": {}}}})),
            "cannot cast column of type \"jsonb\" to type \"geometry\"",
        ),
        (
            place(json!({"area": {"_has_key": "a"}})),
            " is of type \"numeric\"; this operator works only on columns of type \"jsonb\"",
        ),
    ] {
        assert_eq!(found, expected);
    }
    assert!(select(json!({"columns": []})).contains("filter"));
}
