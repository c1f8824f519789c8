//! Columns of all types of Postgres, and of types that clients create: every write takes the values that a query shows, and
//! conditions find them.

use super::TestStack;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

const TYPES: &str = "
    CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE EXTENSION ltree SCHEMA ext;
    CREATE EXTENSION hstore SCHEMA ext; CREATE EXTENSION cube SCHEMA ext; CREATE EXTENSION isn SCHEMA ext;
    CREATE TYPE weather AS ENUM ('fair', 'snow & ice');
    CREATE DOMAIN short_text AS varchar(5);
    CREATE TYPE place AS (x int, label text);
    CREATE TYPE route AS (start place, stops place[], \"total km\" numeric);
    CREATE DOMAIN known_place AS place CHECK ((value).x > 0);
    CREATE DOMAIN labels AS text[];";

/// Types and a value of each, as Postgres reads it.
const VALUES: [(&str, &str); 70] = [
    ("smallint", "5"),
    ("int", "-7"),
    ("bigint", "9007199254740993"),
    ("numeric", "123456789012345678901234567890.1000"),
    ("numeric(5,2)", "3.10"),
    ("real", "1.5"),
    ("float8", "-2.25e-10"),
    ("float8", "NaN"),
    ("money", "12.5"),
    ("bool", "t"),
    ("text", "a \"b\" \\ {c}, (d) \n\t \\u0000"),
    ("varchar(5)", "abc"),
    ("char(4)", "ab"),
    ("\"char\"", "x"),
    ("name", "nm"),
    ("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
    ("bytea", "\\x00ff"),
    ("date", "0044-03-15 BC"),
    ("date", "infinity"),
    ("time", "10:11:12.5"),
    ("timetz", "10:11:12+02"),
    ("timestamp", "2026-01-02 03:04:05.5"),
    ("timestamptz", "2026-01-02 03:04:05+02"),
    ("interval", "1 year 2 mons -3 days 04:05:06"),
    ("json", r#"{"b": 1, "a": [1.10, null], "c": "\ud83d\ude00"}"#),
    ("jsonb", r#"[{"b": 1.10}, "x", null, true]"#),
    ("jsonpath", "$.a[*]"),
    ("xml", "<a b=\"c\">d</a>"),
    ("inet", "10.0.0.1/8"),
    ("cidr", "10.0.0.0/8"),
    ("macaddr", "08:00:2b:01:02:03"),
    ("point", "(1,2.5)"),
    ("line", "{1,2,3}"),
    ("lseg", "[(1,2),(3,4)]"),
    ("box", "(3,4),(1,2)"),
    ("path", "((1,2),(3,4))"),
    ("polygon", "((1,2),(3,4))"),
    ("circle", "<(1,2),3>"),
    ("bit(3)", "101"),
    ("varbit", "1011"),
    ("tsvector", "'a':1 'it''s':2"),
    ("tsquery", "'a' & !'b'"),
    ("int4range", "[1,5)"),
    ("int8range", "empty"),
    ("numrange", "(1.5,]"),
    ("daterange", "[2026-01-01,)"),
    ("tstzrange", "[\"2026-01-01 00:00:00+00\",)"),
    ("pg_lsn", "16/B374D848"),
    ("oid", "17"),
    ("regclass", "pg_class"),
    ("int[]", "{1,NULL,3}"),
    ("int[][]", "{{1,2},{3,4}}"),
    ("text[]", r#"{"a,b",NULL,"NULL","q\"x\\","","{}"}"#),
    ("numeric[]", "{1.1000,NaN}"),
    ("jsonb[]", r#"{"{\"a\": [1]}","[]",NULL}"#),
    ("timestamptz[]", "{2026-01-02 00:00:00+00}"),
    ("bytea[]", r#"{"\\x00ff"}"#),
    ("daterange[]", r#"{"[2026-01-01,2026-02-01)"}"#),
    ("ext.citext", "MiXed"),
    ("ext.citext[]", "{A,b}"),
    ("ext.ltree", "a.b"),
    ("ext.hstore", r#""a"=>"1", "b \" c"=>NULL"#),
    ("ext.hstore[]", r#"{"\"a\"=>\"1\"",NULL}"#),
    ("ext.cube", "(1, 2)"),
    ("ext.isbn13", "978-1-4493-7320-7"),
    ("weather", "snow & ice"),
    ("weather[]", r#"{fair,"snow & ice"}"#),
    ("short_text", "abc"),
    ("route", r#"("(1,""x y"")","{""(2,b)"",NULL}",1.50)"#),
    ("known_place[]", r#"{"(1,\"x, y\")"}"#),
];

/// Types without an operator for equality.
const NOT_COMPARABLE: [&str; 5] = ["json", "jsonpath", "xml", "point", "polygon"];

/// Types with an operator for equality, and none for inequality.
const WITHOUT_INEQUALITY: [&str; 3] = ["line", "box", "path"];

/// The table `sample (id, c0, c1, …)` with the values in the row 1.
struct Sample {
    stack: TestStack,
    /// Names of the columns without the key, with their GraphQL types.
    columns: Vec<(String, String)>,
    /// The row without its key, as a query shows it.
    shown: Map<String, Value>,
}

impl Sample {
    async fn new(options: &[&str]) -> Self {
        let stack = TestStack::with(options).await;
        let mut sql = format!("{TYPES} CREATE TABLE sample (id int PRIMARY KEY");
        for (index, (ty, _)) in VALUES.iter().enumerate() {
            write!(sql, ", c{index} {ty}").unwrap();
        }
        sql.push_str("); INSERT INTO sample VALUES (1");
        for (_, value) in VALUES {
            write!(sql, ", '{}'", value.replace('\'', "''")).unwrap();
        }
        sql.push(')');
        stack.engine.sql(&sql).await;
        stack.engine.command("track_table", json!("sample")).await;
        let query = "{ __type(name: \"sample_insert_input\") { inputFields { name type { ...t } } } }
            fragment t on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
        let data = stack.data(query, json!({})).await;
        let fields = data["__type"]["inputFields"].as_array().unwrap();
        let columns: Vec<(String, String)> = fields
            .iter()
            .filter(|field| field["name"] != "id")
            .map(|field| {
                (
                    field["name"].as_str().unwrap().to_owned(),
                    super::types::notation(&field["type"]),
                )
            })
            .collect();
        assert_eq!(columns.len(), VALUES.len());
        let names: Vec<&str> = columns.iter().map(|(name, _)| &**name).collect();
        let query = format!("{{ sample_by_pk(id: 1) {{ {} }} }}", names.join(" "));
        let mut data = stack.data(&query, json!({})).await;
        let Value::Object(shown) = data["sample_by_pk"].take() else {
            panic!("{data}")
        };
        Self {
            stack,
            columns,
            shown,
        }
    }

    /// The shown row with this key.
    fn row(&self, id: i32) -> Value {
        let mut row = self.shown.clone();
        row.insert("id".to_owned(), json!(id));
        Value::Object(row)
    }

    /// Runs a mutation whose `DECLARED` and `GIVEN` are a variable for each column.
    async fn with_variables(&self, mutation: &str) {
        let declared = self.columns.iter().map(|(name, ty)| format!("${name}: {ty}"));
        let given = self.columns.iter().map(|(name, _)| format!("{name}: ${name}"));
        let mutation = mutation
            .replace("DECLARED", &declared.collect::<Vec<_>>().join(", "))
            .replace("GIVEN", &given.collect::<Vec<_>>().join(", "));
        self.stack
            .data(&mutation, Value::Object(self.shown.clone()))
            .await;
    }
}

async fn every_write_takes_shown_values(options: &[&str]) {
    let sample = Sample::new(options).await;
    let rows = "mutation ($one: sample_insert_input!, $many: [sample_insert_input!]!) {
        insert_sample_one(object: $one) { id } insert_sample(objects: $many) { affected_rows } }";
    let empty = |id: i32| json!({ "id": id });
    let many = [sample.row(3), empty(4), empty(5), empty(6), empty(7)];
    let variables = json!({"one": sample.row(2), "many": many});
    sample.stack.data(rows, variables).await;
    sample
        .with_variables(
            "mutation (DECLARED) { update_sample_by_pk(pk_columns: {id: 4}, _set: {GIVEN}) { id } }",
        )
        .await;
    sample
        .with_variables(
            "mutation (DECLARED) { update_sample_many(updates: [{where: {id: {_eq: 5}}, _set: {GIVEN}}]) { affected_rows } }",
        )
        .await;
    let names: Vec<&str> = sample.columns.iter().map(|(name, _)| &**name).collect();
    sample
        .with_variables(&format!(
            "mutation (DECLARED) {{ insert_sample(objects: [{{id: 6, GIVEN}}, {{id: 8, GIVEN}}, {{id: 9}}],
               on_conflict: {{constraint: sample_pkey, update_columns: [{}]}}) {{ affected_rows }}
               delete_sample_by_pk(id: 9) {{ id }} }}",
            names.join(" ")
        ))
        .await;
    let engine = &sample.stack.engine;
    let update = json!({"table": "sample", "where": {"id": 7}, "$set": sample.shown});
    engine.command("update", update).await;
    let insert = json!({"table": "sample", "objects": [sample.row(10), sample.row(11)]});
    engine.command("insert", insert).await;
    for (index, (ty, value)) in VALUES.iter().enumerate() {
        // Whether the form of the value is the same, except for white space in json.
        let form = if *ty == "json" { "jsonb" } else { "text" };
        let written = format!("SELECT DISTINCT coalesce(c{index}::{form}::text, 'NULL') FROM sample");
        let written = sample.stack.column(&written).await;
        assert_eq!(written.len(), 1, "{ty} {value}: {written:?}");
    }
    assert_eq!(sample.stack.column("SELECT count(*) FROM sample").await, ["10"]);
}

#[tokio::test]
async fn every_write_takes_values_as_they_are_shown() {
    every_write_takes_shown_values(&[]).await;
}

#[tokio::test]
async fn every_write_takes_stringified_values_as_they_are_shown() {
    every_write_takes_shown_values(&["--stringify-numeric-types"]).await;
}

#[tokio::test]
async fn conditions_find_values_as_they_are_shown() {
    let sample = Sample::new(&[]).await;
    for (name, ty) in &sample.columns {
        let index: usize = name[1..].parse().unwrap();
        let (pg, _) = VALUES[index];
        if NOT_COMPARABLE.contains(&pg) {
            continue;
        }
        let value = &sample.shown[name];
        let variables = json!({"v": value, "list": [value]});
        let query = format!(
            "query ($v: {ty}, $list: [{ty}!]!) {{
               eq: sample(where: {{{name}: {{_eq: $v}}}}) {{ id }}
               in: sample(where: {{{name}: {{_in: $list}}}}) {{ id }}
               one: sample(where: {{{name}: {{_in: [$v]}}}}) {{ id }} }}"
        );
        let data = sample.stack.data(&query, variables.clone()).await;
        let found = json!([{"id": 1}]);
        assert_eq!(
            data,
            json!({"eq": found, "in": found, "one": found}),
            "{pg}: {value}"
        );
        if WITHOUT_INEQUALITY.contains(&pg) {
            continue;
        }
        let query = format!(
            "query ($v: {ty}, $list: [{ty}!]!) {{
               neq: sample(where: {{_not: {{{name}: {{_neq: $v}}}}}}) {{ id }}
               nin: sample(where: {{{name}: {{_nin: $list}}}}) {{ id }} }}"
        );
        let data = sample.stack.data(&query, variables).await;
        assert_eq!(data, json!({"neq": found, "nin": []}), "{pg}: {value}");
    }
}

/// A list may be a variable with a default value, a literal with variables inside, or a single value.
#[tokio::test]
async fn lists_are_coerced_as_in_graphql() {
    const STORED: &str = "SELECT coalesce(n::text, 'NULL') FROM list";
    let stack = TestStack::new().await;
    stack
        .engine
        .sql(
            "CREATE TYPE hue AS ENUM ('red', 'blue');
             CREATE TABLE list (id int PRIMARY KEY, n int[], b bigint[], f float8[], t text[], h hue[], ok bool[], u uuid[], d date[], num numeric[], j jsonb[])",
        )
        .await;
    stack.engine.command("track_table", json!("list")).await;
    let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    let data = stack
        .data(
            "mutation ($n: [Int!] = [1, 2], $b: [bigint!], $f: [float8!], $t: String, $h: [hue!]!, $ok: [Boolean!], $u: [uuid!], $d: [date!], $num: [numeric!], $j: [jsonb!]) {
               insert_list_one(object: {id: 1, n: $n, b: $b, f: $f, t: [$t, \"x\"], h: $h, ok: $ok, u: $u, d: $d, num: $num, j: $j}) { n b f t h ok u d num j } }",
            json!({"b": [9_007_199_254_740_993_i64], "f": [1.5, 2], "t": "v", "h": ["red"], "ok": [true, null], "u": [uuid],
                   "d": ["2026-01-02"], "num": [1, "2.50"], "j": [{"a": 1}, [2], "s"]}),
        )
        .await;
    assert_eq!(
        data["insert_list_one"],
        json!({"n": [1, 2], "b": ["9007199254740993"], "f": ["1.5", "2"], "t": ["v", "x"], "h": ["red"], "ok": [true, null],
               "u": [uuid], "d": ["2026-01-02"], "num": ["1", "2.50"], "j": [{"a": 1}, [2], "s"]})
    );
    // A null, an absent variable, an empty list and a single value are different values.
    for (given, stored) in [
        ("[]", "{}"),
        ("null", "NULL"),
        ("5", "{5}"),
        ("\"{6,7}\"", "{6,7}"),
        ("[[1, 2], [3, 4]]", "{{1,2},{3,4}}"),
    ] {
        let query =
            format!("mutation {{ update_list(where: {{}}, _set: {{n: {given}}}) {{ affected_rows }} }}");
        stack.data(&query, json!({})).await;
        assert_eq!(stack.column(STORED).await, [stored], "{given}");
    }
    for (variables, stored) in [
        (json!({}), "NULL"),
        (json!({"n": []}), "{}"),
        (json!({"n": null}), "NULL"),
        (json!({"n": 5}), "{5}"),
    ] {
        let query = "mutation ($n: [Int!]) { update_list(where: {}, _set: {n: $n}) { affected_rows } }";
        stack.data(query, variables.clone()).await;
        assert_eq!(stack.column(STORED).await, [stored], "{variables}");
    }
    for (ty, value) in [
        ("[String!]", json!(["a"])),
        ("Int", json!(1)),
        ("[[Int!]!]", json!([[1]])),
        ("[hue!]", json!(["red"])),
    ] {
        let query = format!("query ($v: {ty}) {{ list(where: {{n: {{_eq: $v}}}}) {{ id }} }}");
        let (code, _, message) = stack.error(&query, json!({"v": value})).await;
        assert_eq!(code, "validation-failed", "{ty}: {message}");
    }
    for (condition, ids) in [
        ("{h: {_contains: [red]}}", 1),
        ("{h: {_contains: \"{red,blue}\"}}", 0),
        ("{b: {_contained_in: [\"9007199254740993\", 1]}}", 1),
        ("{n: {_gt: [1]}}", 1),
        ("{j: {_is_null: true}}", 0),
        ("{u: {_in: [[\"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11\"], []]}}", 1),
    ] {
        let data = stack
            .data(&format!("{{ list(where: {condition}) {{ id }} }}"), json!({}))
            .await;
        assert_eq!(data["list"].as_array().map(Vec::len), Some(ids), "{condition}");
    }
}
