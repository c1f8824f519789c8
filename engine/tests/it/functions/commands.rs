//! Commands that track functions, what they refuse, and SQL that changes tracked functions.

use super::Library;
use serde_json::{Value, json};

/// Tracks a function that must be refused; returns the reason.
async fn reason(library: &Library, function: &str, configuration: Value) -> String {
    let args = json!({"function": function, "configuration": configuration});
    let (status, answer) = library
        .engine
        .post(
            "/v1/metadata",
            &[],
            &json!({"type": "pg_track_function", "args": args}),
        )
        .await;
    assert_eq!(
        (status, &answer["code"], &answer["path"]),
        (400, &json!("invalid-configuration"), &json!("$.args")),
        "{answer}"
    );
    let object = &answer["internal"][0];
    assert_eq!(object["type"], "function");
    assert_eq!(object["name"], format!("function {function} in source default"));
    assert_eq!(
        object["definition"],
        json!({"schema": "public", "name": function})
    );
    assert_eq!(object["reason"], answer["error"]);
    let prefix = format!("Inconsistent object: in function \"{function}\": ");
    let reason = answer["error"].as_str().unwrap().strip_prefix(&prefix);
    reason.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn functions_that_cannot_be_fields_are_refused() {
    let library = Library::new(&[]).await;
    library
        .engine
        .sql(
            "CREATE FUNCTION twice(int) RETURNS SETOF book LANGUAGE sql STABLE AS 'SELECT * FROM book';
             CREATE FUNCTION twice(text) RETURNS SETOF book LANGUAGE sql STABLE AS 'SELECT * FROM book';
             CREATE FUNCTION several(VARIADIC numbers int[]) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
             CREATE TYPE pair AS (a int, b int);
             CREATE FUNCTION paired() RETURNS pair LANGUAGE sql STABLE AS 'SELECT 1, 2';
             CREATE TABLE hidden (id int);
             CREATE FUNCTION hiding() RETURNS SETOF hidden LANGUAGE sql STABLE AS 'SELECT * FROM hidden';
             CREATE FUNCTION odd(\"the number\" int) RETURNS SETOF book LANGUAGE sql STABLE AS 'SELECT * FROM book';",
        )
        .await;
    let cannot = |function: &str, because: &str| {
        format!("the function \"{function}\" cannot be tracked because {because}")
    };
    let none = || json!({});
    assert_eq!(
        reason(&library, "absent", none()).await,
        "no such function exists: \"absent\""
    );
    assert_eq!(
        reason(&library, "twice", none()).await,
        "function \"twice\" is overloaded. Overloaded functions are not supported"
    );
    assert_eq!(
        reason(&library, "several", none()).await,
        "the function \"several\" cannot be tracked for the following reasons:\n  • function with \"VARIADIC\" parameters are not \
         supported\n  • the function does not return a \"COMPOSITE\" type\n"
    );
    assert_eq!(
        reason(&library, "paired", none()).await,
        cannot("paired", "the function does not return a table")
    );
    assert_eq!(
        reason(&library, "hiding", none()).await,
        "table \"hidden\" is not tracked"
    );
    assert_eq!(
        reason(&library, "odd", none()).await,
        cannot(
            "odd",
            "the function arguments the number are not in compliance with GraphQL spec"
        )
    );
    assert_eq!(
        reason(&library, "all_books", json!({"custom_name": "all books"})).await,
        cannot("all_books", "function name is not a legal GraphQL identifier")
    );
    assert_eq!(
        reason(&library, "my_books", json!({"session_argument": "suffix"})).await,
        cannot(
            "my_books",
            "given session argument \"suffix\" is not of type json"
        )
    );
    let taken = reason(&library, "all_books", json!({"custom_name": "book"})).await;
    assert!(
        taken.contains("\"book\" is also one of table \"book\""),
        "{taken}"
    );
    // Nothing is stored.
    let metadata = library.engine.command("export_metadata", json!({})).await;
    assert_eq!(metadata["sources"][0].get("functions"), None);
}

#[tokio::test]
async fn names_of_fields_can_be_replaced() {
    let library = Library::new(&[]).await;
    library
        .track("all_books", json!({"custom_name": "everything"}))
        .await;
    let query = "{ everything { id } everything_aggregate { aggregate { count } } }";
    assert_eq!(
        library.data(query).await["everything_aggregate"],
        json!({"aggregate": {"count": 3}})
    );
    let configuration = json!({"custom_root_fields": {"function": "a", "function_aggregate": "b"}});
    let args = json!({"function": "all_books", "configuration": configuration});
    library.engine.command("set_function_customization", args).await;
    let query = "{ a(limit: 1) { id } b { aggregate { count } } }";
    assert_eq!(
        library.data(query).await,
        json!({"a": [{"id": 1}], "b": {"aggregate": {"count": 3}}})
    );
    // The names are taken for tables, and those of a table for functions.
    library.engine.sql("CREATE TABLE a (id int)").await;
    let (_, code, ..) = library.engine.refused("track_table", json!("a")).await;
    assert_eq!(code, "unexpected");
    assert_eq!(library.data(query).await["a"], json!([{"id": 1}]));
    let clash = json!({"function": "long_books", "configuration": {"custom_name": "b"}});
    let (_, code, _, message) = library.engine.refused("pg_track_function", clash).await;
    assert_eq!(code, "invalid-configuration", "{message}");
    let missing = json!({"function": "long_books", "configuration": {}});
    let (_, code, _, message) = library
        .engine
        .refused("set_function_customization", missing)
        .await;
    assert_eq!(
        (&*code, &*message),
        ("not-exists", "function \"long_books\" not found in the cache")
    );
}

#[tokio::test]
async fn table_of_a_function_is_untracked_with_it() {
    let library = Library::new(&[]).await;
    library.engine.command("track_function", json!("all_books")).await;
    let (_, code, _, message) = library
        .engine
        .refused("untrack_table", json!({"table": "book"}))
        .await;
    assert_eq!(
        (&*code, &*message),
        (
            "dependency-error",
            "cannot drop due to the following dependent objects : function all_books in source \"default\""
        )
    );
    library
        .engine
        .command("untrack_table", json!({"table": "book", "cascade": true}))
        .await;
    let metadata = library.engine.command("export_metadata", json!({})).await;
    assert_eq!(metadata["sources"][0].get("functions"), None);
}

#[tokio::test]
async fn sql_cannot_make_a_tracked_function_unusable() {
    let library = Library::tracked(&[]).await;
    let refused = async |sql: &str| {
        let args = json!({"sql": sql});
        let (_, code, path, message) = library.engine.refused("run_sql", args).await;
        (code, path, message)
    };
    assert_eq!(
        refused(
            "CREATE FUNCTION all_books(int) RETURNS SETOF book LANGUAGE sql STABLE AS 'SELECT * FROM book'"
        )
        .await,
        super::error(
            "not-supported",
            "$.args",
            "the following tracked function(s) cannot be overloaded: all_books"
        )
    );
    assert_eq!(
        refused("ALTER FUNCTION all_books() VOLATILE").await,
        super::error(
            "not-supported",
            "$.args",
            "type of function \"all_books\" is altered to \"VOLATILE\" which is not supported now"
        )
    );
    // Arguments may change, and a dropped function is untracked.
    library
        .engine
        .sql(
            "DROP FUNCTION book_of; DROP FUNCTION long_books;
             CREATE FUNCTION long_books(longer_than int) RETURNS SETOF book LANGUAGE sql STABLE AS
               'SELECT * FROM book WHERE pages > longer_than'",
        )
        .await;
    assert_eq!(
        library
            .data("{ long_books(args: {longer_than: 200}) { id } }")
            .await,
        json!({"long_books": [{"id": 3}]})
    );
    let answer = library
        .engine
        .command("get_inconsistent_metadata", json!({}))
        .await;
    assert_eq!(answer["is_consistent"], true);
    let metadata = library.engine.command("export_metadata", json!({})).await;
    let functions = metadata["sources"][0]["functions"].as_array().unwrap();
    assert!(
        !functions
            .iter()
            .any(|entry| entry["function"]["name"] == "book_of")
    );
}

#[tokio::test]
async fn function_that_is_lost_is_inconsistent_and_the_rest_is_served() {
    let library = Library::tracked(&[]).await;
    let client = library.database.connect().await;
    client
        .batch_execute("ALTER FUNCTION all_books() RENAME TO some_books")
        .await
        .unwrap();
    let answer = library.engine.command("reload_metadata", json!({})).await;
    assert_eq!(answer["is_consistent"], false);
    assert_eq!(
        answer["inconsistent_objects"][0]["reason"],
        "Inconsistent object: in function \"all_books\": no such function exists: \"all_books\""
    );
    assert_eq!(library.error("{ all_books { id } }").await.0, "validation-failed");
    assert_eq!(
        library
            .data("{ book_of(args: {wanted: 1}) { id } book(limit: 1) { id } }")
            .await,
        json!({"book_of": {"id": 1}, "book": [{"id": 1}]})
    );
    client
        .batch_execute("ALTER FUNCTION some_books() RENAME TO all_books")
        .await
        .unwrap();
    let answer = library.engine.command("reload_metadata", json!({})).await;
    assert_eq!(answer["is_consistent"], true);
    library.data("{ all_books { id } }").await;
    client.batch_execute("DROP FUNCTION all_books()").await.unwrap();
    library.engine.command("reload_metadata", json!({})).await;
    library
        .engine
        .command("drop_inconsistent_metadata", json!({}))
        .await;
    let answer = library
        .engine
        .command("get_inconsistent_metadata", json!({}))
        .await;
    assert_eq!(answer, json!({"is_consistent": true, "inconsistent_objects": []}));
}
