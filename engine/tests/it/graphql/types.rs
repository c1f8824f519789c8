//! Columns of uncommon types: domains, `PostGIS`, types without comparison.

use super::TestStack;
use serde_json::json;

#[tokio::test]
async fn domain_is_exposed_as_base_type() {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql(
            "CREATE DOMAIN email AS text CHECK (value LIKE '%@%'); CREATE DOMAIN work_email AS email; CREATE DOMAIN doc AS jsonb;
             CREATE DOMAIN tags AS text[]; CREATE DOMAIN amount AS int;
             CREATE TABLE person (id int PRIMARY KEY, mail work_email, doc doc, tags tags, amount amount)",
        )
        .await;
    stack.engine.command("track_table", json!("person")).await;
    let data = stack
        .data(
            "mutation ($mail: String!, $doc: jsonb, $n: Int!) {
               insert_person_one(object: {id: 1, mail: $mail, doc: $doc, tags: [\"a\", \"b\"], amount: $n}) { mail doc(path: \"a\") tags amount }
               update_person_many(updates: [{where: {id: {_eq: 1}}, _inc: {amount: 2}, _append: {doc: {b: 2}}}]) { affected_rows } }",
            json!({"mail": "a@b", "doc": {"a": 5}, "n": 1}),
        )
        .await;
    assert_eq!(
        data["insert_person_one"],
        json!({"mail": "a@b", "doc": 5, "tags": ["a", "b"], "amount": 1})
    );
    let data = stack
        .data(
            "{ person(where: {mail: {_like: \"a%\"}, doc: {_contains: {b: 2}}, tags: {_contains: [\"a\"]}, amount: {_in: [3]}}) { id }
               none: person(where: {mail: {_eq: \"no address\"}}) { id }
               person_aggregate { aggregate { sum { amount } } } }",
            json!({}),
        )
        .await;
    assert_eq!(data["person"], json!([{"id": 1}]));
    assert_eq!(
        data["none"],
        json!([]),
        "the domain's check fails does not apply to conditions"
    );
    assert_eq!(data["person_aggregate"]["aggregate"]["sum"]["amount"], 3);
    let (code, ..) = stack
        .error(
            "mutation { insert_person_one(object: {id: 2, mail: \"no\"}) { id } }",
            json!({}),
        )
        .await;
    assert_eq!(code, "permission-error", "the domain's check fails");
}

#[tokio::test]
async fn geojson_is_accepted_in_every_position() {
    let stack = TestStack::new().await;
    if !stack.has_extension("postgis").await {
        return;
    }
    stack
        .engine
        .sql(
            "CREATE EXTENSION postgis;
             CREATE TABLE place (id int PRIMARY KEY, plane geometry(Point, 4326), globe geography)",
        )
        .await;
    stack.engine.command("track_table", json!("place")).await;
    let point = json!({"type": "Point", "coordinates": [5, 6]});
    let data = stack
        .data(
            "mutation ($plane: geometry!, $globe: geography!) {
               insert_place_one(object: {id: 1, plane: $plane}) { id }
               update_place(where: {plane: {_eq: $plane}}, _set: {globe: $globe}) { affected_rows }
               update_place_by_pk(pk_columns: {id: 1}, _set: {plane: $plane}) { plane globe } }",
            json!({"plane": point, "globe": point}),
        )
        .await;
    assert_eq!(data["update_place"]["affected_rows"], 1);
    for column in ["plane", "globe"] {
        let coordinates = &data["update_place_by_pk"][column]["coordinates"];
        assert_eq!(coordinates, &json!([5, 6]), "{data}");
    }
    let text = "{ place(where: {plane: {_eq: \"SRID=4326;POINT(5 6)\"}}) { id } }";
    assert_eq!(stack.data(text, json!({})).await["place"], json!([{"id": 1}]));
}

#[tokio::test]
async fn unsupported_operation_of_type_is_reported() {
    let stack = TestStack::new().await;
    for query in [
        "{ odd(where: {doc: {_eq: {a: 1}}}) { select } }",
        "{ odd(order_by: {doc: asc}) { select } }",
        "{ odd(distinct_on: doc) { select } }",
        "{ odd_aggregate { aggregate { count(columns: doc, distinct: true) } } }",
    ] {
        let (code, _, message) = stack.error(query, json!({})).await;
        assert_eq!(code, "not-supported", "{query}: {message}");
        assert!(message.contains("json"), "{query}: {message}");
    }
    // Postgres reports this invalid value as a syntax error.
    stack
        .engine
        .sql("CREATE TABLE words (id int PRIMARY KEY, v tsvector)")
        .await;
    stack.engine.command("track_table", json!("words")).await;
    let query = "{ words(where: {v: {_eq: \"'\"}}) { id } }";
    let (code, _, message) = stack.error(query, json!({})).await;
    assert_eq!(code, "data-exception", "{message}");
}

#[tokio::test]
async fn arrays_are_lists() {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql(
            "CREATE DOMAIN word AS text CHECK (value <> '');
             CREATE TYPE pos AS (x int);
             CREATE TABLE recipe (id int PRIMARY KEY, tags text[], years int[] NOT NULL DEFAULT '{}', moods mood[], words word[], grid int[][], docs jsonb[], places pos[], UNIQUE (tags));
             CREATE TABLE path (nodes int[] PRIMARY KEY, n int);
             INSERT INTO recipe (id, tags, years) VALUES (1, '{soup,hot}', '{2024}');
             INSERT INTO path VALUES ('{1,2}', 5)",
        )
        .await;
    for table in ["recipe", "path"] {
        stack.engine.command("track_table", json!(table)).await;
    }
    let found = json!([{"id": 1, "tags": ["soup", "hot"]}]);
    for (declared, condition, value) in [
        ("[String!]", "_contains: $t", json!(["hot"])),
        ("_text", "_contains: $t", json!(["hot"])),
        ("[String!]!", "_eq: $t", json!(["soup", "hot"])),
        ("[[String!]!]", "_in: $t", json!([["x"], ["soup", "hot"]])),
        ("[_text!]", "_in: $t", json!([["x"], "{soup,hot}"])),
        ("[String!]", "_contained_in: $t", json!(["hot", "soup", "x"])),
    ] {
        let query =
            format!("query ($t: {declared}) {{ recipe(where: {{tags: {{{condition}}}}}) {{ id tags }} }}");
        assert_eq!(
            stack.data(&query, json!({"t": value})).await["recipe"],
            found,
            "{query}"
        );
    }
    let data = stack
        .data(
            "mutation ($t: [String!], $y: [Int!]!, $m: [mood!], $w: [String!], $d: [jsonb!], $p: [pos!]) {
               update_recipe(where: {id: {_eq: 1}}, _set: {tags: $t}) { returning { tags } }
               insert_recipe_one(object: {id: 2, tags: [\"a\", null, \"{b}\"], years: $y, moods: $m, words: $w, grid: [[1, 2], [3, 4]], docs: $d, places: $p}) {
                 tags years moods words grid docs places }
               update_recipe_by_pk(pk_columns: {id: 2}, _set: {years: 7, moods: \"{sad}\"}) { years moods } }",
            json!({"t": ["cold"], "y": [1, 2], "m": ["glad"], "w": ["v"], "d": [{"a": [1]}, [1, 2]], "p": [{"x": 1}]}),
        )
        .await;
    assert_eq!(data["update_recipe"]["returning"], json!([{"tags": ["cold"]}]));
    assert_eq!(
        data["insert_recipe_one"],
        json!({"tags": ["a", null, "{b}"], "years": [1, 2], "moods": ["glad"], "words": ["v"], "grid": [[1, 2], [3, 4]],
               "docs": [{"a": [1]}, [1, 2]], "places": [{"x": 1}]})
    );
    assert_eq!(
        data["update_recipe_by_pk"],
        json!({"years": [7], "moods": ["sad"]})
    );
    let data = stack
        .data(
            "query ($nodes: [Int!]!) { path_by_pk(nodes: $nodes) { n } recipe_aggregate { aggregate { max { tags years } } } }",
            json!({"nodes": [1, 2]}),
        )
        .await;
    assert_eq!(data["path_by_pk"]["n"], 5);
    assert_eq!(
        data["recipe_aggregate"]["aggregate"]["max"]["tags"],
        json!(["cold"])
    );

    let types = stack
        .data(
            "{ row: __type(name: \"recipe\") { fields { name type { ...t } } }
               exp: __type(name: \"recipe_bool_exp\") { inputFields { name type { ...t } } }
               compare: __type(name: \"String_array_comparison_exp\") { inputFields { name type { ...t } } }
               row_input: __type(name: \"recipe_insert_input\") { inputFields { name type { ...t } } }
               old: __type(name: \"_text\") { name } }
             fragment t on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } }",
            json!({}),
        )
        .await;
    let ty = |of: &str, list: &str, name: &str| {
        let members = types[of][list].as_array().unwrap();
        notation(&members.iter().find(|member| member["name"] == name).unwrap()["type"])
    };
    for (name, expected) in [
        ("tags", "[String!]"),
        ("years", "[Int!]!"),
        ("moods", "[mood!]"),
        ("words", "[String!]"),
        ("grid", "[Int!]"),
        ("docs", "[jsonb!]"),
        ("places", "[pos!]"),
    ] {
        assert_eq!(ty("row", "fields", name), expected);
        assert_eq!(
            ty("row_input", "inputFields", name),
            expected.trim_end_matches("]!").trim_end_matches(']').to_owned() + "]"
        );
    }
    assert_eq!(ty("exp", "inputFields", "tags"), "String_array_comparison_exp");
    assert_eq!(ty("compare", "inputFields", "_eq"), "[String!]");
    assert_eq!(ty("compare", "inputFields", "_in"), "[[String!]!]");
    assert_eq!(ty("compare", "inputFields", "_contains"), "[String!]");
    assert_eq!(types["old"], json!(null));
}

#[tokio::test]
async fn extensions_may_be_in_any_schema() {
    let stack = TestStack::new().await;
    stack
        .engine
        .sql(
            "CREATE SCHEMA \"Ext 1\"; CREATE EXTENSION citext SCHEMA \"Ext 1\"; CREATE EXTENSION ltree SCHEMA \"Ext 1\";
             CREATE TABLE person (id int PRIMARY KEY, email \"Ext 1\".citext UNIQUE, path \"Ext 1\".ltree, others \"Ext 1\".citext[]);
             CREATE TABLE mail (id int PRIMARY KEY, sender \"Ext 1\".citext REFERENCES person (email));
             INSERT INTO person VALUES (1, 'Foo@Example.org', 'a.b.c', '{X}'), (2, 'bar@example.org', 'a.d', NULL);
             INSERT INTO mail VALUES (1, 'FOO@example.ORG')",
        )
        .await;
    for table in ["person", "mail"] {
        stack.engine.command("track_table", json!(table)).await;
    }
    stack
        .engine
        .command(
            "create_object_relationship",
            json!({"table": "mail", "name": "by", "using": {"foreign_key_constraint_on": "sender"}}),
        )
        .await;
    stack
        .engine
        .command(
            "create_array_relationship",
            json!({"table": "person", "name": "sent", "using": {"foreign_key_constraint_on": {"table": "mail", "column": "sender"}}}),
        )
        .await;
    for condition in [
        "{email: {_eq: \"foo@example.org\"}}",
        "{email: {_in: [\"foo@example.org\"]}}",
        "{email: {_nin: [\"BAR@example.org\"]}}",
        "{email: {_neq: \"BAR@example.org\"}}",
        "{email: {_like: \"foo%\"}}",
        "{email: {_similar: \"(foo|x)%\"}}",
        "{email: {_nsimilar: \"(BAR|x)%\"}}",
        "{email: {_regex: \"^foo\"}}",
        "{email: {_gt: \"EZZ\"}}",
        "{others: {_contains: [\"x\"]}}",
        "{others: {_eq: [\"x\"]}}",
        "{path: {_descendant: \"a.b\"}}",
        "{path: {_matches: \"*.b.*\"}}",
        "{path: {_matches_any: [\"*.b.*\", \"x\"]}}",
        "{path: {_matches_fulltext: \"c\"}}",
        "{path: {_eq: \"a.b.c\"}}",
        "{path: {_in: [\"a.b.c\"]}}",
        "{path: {_ancestor_any: [\"a.b.c.d\"]}}",
        "{sent: {sender: {_eq: \"foo@EXAMPLE.org\"}}}",
    ] {
        let data = stack
            .data(&format!("{{ person(where: {condition}) {{ id }} }}"), json!({}))
            .await;
        assert_eq!(data["person"], json!([{"id": 1}]), "{condition}");
    }
    let data = stack
        .data(
            "{ mail { by { id } } person_by_pk(id: 1) { sent { id } }
               person_aggregate { aggregate { max { email } min { email } } } }",
            json!({}),
        )
        .await;
    assert_eq!(data["mail"], json!([{"by": {"id": 1}}]));
    assert_eq!(data["person_by_pk"]["sent"], json!([{"id": 1}]));
    let aggregate = &data["person_aggregate"]["aggregate"];
    assert_eq!(
        aggregate["max"]["email"], "Foo@Example.org",
        "not the maximum of text"
    );
    let args = json!({"table": "person", "columns": ["id"], "where": {"email": {"$in": ["FOO@example.org"]}, "path": {"_matches": "a.*"}}});
    assert_eq!(stack.engine.command("select", args).await, json!([{"id": 1}]));
}

#[tokio::test]
async fn postgis_may_be_in_any_schema() {
    let stack = TestStack::new().await;
    if !stack.has_extension("postgis").await {
        return;
    }
    stack
        .engine
        .sql(
            "CREATE SCHEMA gis; CREATE EXTENSION postgis SCHEMA gis;
             CREATE TABLE place (id int PRIMARY KEY, at gis.geography(Point), plane gis.geometry, route gis.geometry[], n int)",
        )
        .await;
    stack.engine.command("track_table", json!("place")).await;
    let data = stack
        .data(
            "mutation ($at: geography) {
               insert_place_one(object: {id: 1, at: {type: \"Point\", coordinates: [1, 2]}}) { id at }
               insert_place(objects: [{id: 2, at: $at}, {id: 3, plane: \"POINT(1 2)\", n: 1}, {id: 4}]) { affected_rows }
               update_place(where: {at: {_eq: $at}}, _set: {at: $at}) { affected_rows } }",
            json!({"at": {"type": "Point", "coordinates": [3, 4]}}),
        )
        .await;
    assert_eq!(
        data["insert_place_one"]["at"],
        json!({"type": "Point", "coordinates": [1, 2], "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}})
    );
    assert_eq!(data["insert_place"]["affected_rows"], 3);
    assert_eq!(data["update_place"]["affected_rows"], 1);
    // The default reference system of GeoJSON applies inside lists, too.
    let data = stack
        .data(
            "mutation ($p: geometry, $list: [geometry!]) {
               update_place_by_pk(pk_columns: {id: 4}, _set: {plane: $p, route: $list}) { route }
               one: update_place(where: {plane: {_in: $list}}, _set: {n: 2}) { affected_rows }
               same: update_place(where: {route: {_eq: $list}, _and: {plane: {_in: [$p]}}}, _set: {n: 3}) { affected_rows } }",
            json!({"p": {"type": "Point", "coordinates": [5, 6]}, "list": [{"type": "Point", "coordinates": [5, 6]}]}),
        )
        .await;
    assert_eq!(
        (&data["one"]["affected_rows"], &data["same"]["affected_rows"]),
        (&json!(1), &json!(1)),
        "{data}"
    );
    let data = stack.data("{ place_by_pk(id: 3) { plane } }", json!({})).await;
    assert_eq!(data["place_by_pk"]["plane"]["coordinates"], json!([1, 2]));
}

/// A type reference in GraphQL's notation.
pub(super) fn notation(ty: &serde_json::Value) -> String {
    match ty["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", notation(&ty["ofType"])),
        Some("LIST") => format!("[{}]", notation(&ty["ofType"])),
        _ => ty["name"].as_str().unwrap_or_default().to_owned(),
    }
}
