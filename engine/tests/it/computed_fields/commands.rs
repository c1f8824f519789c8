//! Commands for computed fields, what they refuse, and SQL that changes their functions.

use super::{Shop, definition};
use serde_json::{Value, json};

/// Adds a computed field that must be refused; returns the reason.
async fn reason(shop: &Shop, name: &str, function: &str, arguments: Value) -> String {
    let command = json!({"type": "add_computed_field", "args": definition(name, function, &arguments)});
    let (status, answer) = shop.engine.post("/v1/metadata", &[], &command).await;
    assert_eq!(
        (status, &answer["code"], &answer["path"]),
        (400, &json!("invalid-configuration"), &json!("$.args")),
        "{answer}"
    );
    let object = &answer["internal"][0];
    assert_eq!(object["type"], "computed_field");
    assert_eq!(
        object["name"],
        format!("computed_field {name} in table customer in source default")
    );
    let prefix = format!("Inconsistent object: in table \"customer\": in computed field \"{name}\": ");
    let reason = answer["error"].as_str().unwrap().strip_prefix(&prefix);
    reason.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn definitions_are_checked_against_the_function() {
    let shop = Shop::new().await;
    shop.engine
        .sql(
            "CREATE FUNCTION changing(customer) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT 1::text';
             CREATE FUNCTION nothing() RETURNS text LANGUAGE sql STABLE AS 'SELECT 1::text';
             CREATE FUNCTION simple(a int, b customer) RETURNS text LANGUAGE sql STABLE AS 'SELECT 1::text';
             CREATE FUNCTION one_row(customer) RETURNS purchase LANGUAGE sql STABLE AS 'SELECT * FROM purchase LIMIT 1';
             CREATE FUNCTION several(customer) RETURNS SETOF text LANGUAGE sql STABLE AS 'SELECT 1::text';
             CREATE TABLE hidden (id int);
             CREATE FUNCTION hiding(customer) RETURNS SETOF hidden LANGUAGE sql STABLE AS 'SELECT * FROM hidden';
             CREATE FUNCTION of_other(purchase) RETURNS text LANGUAGE sql STABLE AS 'SELECT 1::text';
             CREATE FUNCTION twice(customer) RETURNS text LANGUAGE sql STABLE AS 'SELECT 1::text';
             CREATE FUNCTION twice(customer, int) RETURNS text LANGUAGE sql STABLE AS 'SELECT 1::text';",
        )
        .await;
    let none = || json!({});
    let cannot = |because: &str| {
        format!("the computed field \"f\" cannot be added to table \"customer\" because {because}")
    };
    for (function, arguments, because) in [
        (
            "changing",
            none(),
            "the function \"changing\" is of type VOLATILE; cannot be added as a computed field",
        ),
        (
            "nothing",
            none(),
            "the function \"nothing\" has no input arguments",
        ),
        (
            "simple",
            none(),
            "first argument of the function \"simple\" is not COMPOSITE type",
        ),
        (
            "simple",
            json!({"table_argument": "a"}),
            "\"a\" argument of the function \"simple\" is not COMPOSITE type",
        ),
        (
            "simple",
            json!({"table_argument": "c"}),
            "\"c\" is not an input argument of the function \"simple\"",
        ),
        (
            "simple",
            json!({"table_argument": "b", "session_argument": "a"}),
            "\"a\" argument of the function \"simple\" is not of type JSON",
        ),
        (
            "of_other",
            none(),
            "first argument of the function \"of_other\" of type \"purchase\" is not the table to which the computed field is being added",
        ),
        (
            "one_row",
            none(),
            "the function \"one_row\" returning type purchase is not a BASE type",
        ),
        (
            "several",
            none(),
            "the function \"several\" returning set of type text is not a BASE type",
        ),
        (
            "hiding",
            none(),
            "the function \"hiding\" returning set of table \"hidden\" is not tracked or not found in database",
        ),
    ] {
        assert_eq!(reason(&shop, "f", function, arguments).await, cannot(because));
    }
    assert_eq!(
        reason(&shop, "f", "absent", none()).await,
        "no such function exists: \"absent\""
    );
    assert_eq!(
        reason(&shop, "f", "twice", none()).await,
        "function \"twice\" is overloaded. Overloaded functions are not supported"
    );
    assert_eq!(
        reason(&shop, "not valid", "full_name", none()).await,
        "the computed field \"not valid\" cannot be added to table \"customer\" because \"not valid\" is not valid GraphQL name"
    );
    assert_eq!(
        reason(&shop, "first_name", "full_name", none()).await,
        "field definition conflicts with postgres column"
    );
    // Nothing is stored.
    let metadata = shop.engine.command("export_metadata", json!({})).await;
    assert!(!metadata.to_string().contains("computed_fields"), "{metadata}");
}

#[tokio::test]
async fn commands_name_what_they_do_not_find() {
    let shop = Shop::computed().await;
    let of = |table: &str, name: &str| json!({"table": table, "name": name, "definition": {"function": "full_name"}});
    for (kind, args, expected) in [
        (
            "add_computed_field",
            of("absent", "f"),
            ("not-exists", "$.args.table"),
        ),
        (
            "drop_computed_field",
            of("absent", "f"),
            ("not-exists", "$.args.table"),
        ),
        (
            "drop_computed_field",
            of("customer", "f"),
            ("not-exists", "$.args.name"),
        ),
        (
            "add_computed_field",
            of("customer", "spent"),
            ("already-exists", "$.args.name"),
        ),
        (
            "add_computed_field",
            json!({"table": "customer", "name": "x"}),
            ("parse-failed", "$"),
        ),
    ] {
        let (_, code, path, message) = shop.engine.refused(kind, args).await;
        assert_eq!((&*code, &*path), expected, "{kind}: {message}");
    }
}

#[tokio::test]
async fn dependents_are_dropped_by_cascade_only() {
    let shop = Shop::computed().await;
    shop.permit(
        "customer",
        "user",
        json!({"columns": ["id"], "filter": {}, "computed_fields": ["full_name"]}),
    )
    .await;
    let drop = |cascade: bool| json!({"table": "customer", "name": "full_name", "cascade": cascade});
    let (_, code, path, message) = shop.engine.refused("drop_computed_field", drop(false)).await;
    assert_eq!((&*code, &*path), ("dependency-error", "$.args"));
    assert_eq!(
        message,
        "cannot drop due to the following dependent objects : permission customer.user.select in source \"default\""
    );
    shop.engine.command("drop_computed_field", drop(true)).await;
    let message = shop.message_as("user", "{ customer { id } }").await;
    assert!(message.contains("not found in type"), "{message}");
    // A table is not untracked while a field contains its rows.
    let (_, code, _, message) = shop
        .engine
        .refused("untrack_table", json!({"table": "purchase"}))
        .await;
    assert_eq!(code, "dependency-error");
    assert!(
        message.contains("computed field customer.all_purchases in source \"default\""),
        "{message}"
    );
    shop.engine
        .command("untrack_table", json!({"table": "purchase", "cascade": true}))
        .await;
    let query = "{ customer_by_pk(id: 1) { spent } }";
    assert_eq!(
        shop.data(query).await,
        json!({"customer_by_pk": {"spent": "30.50"}})
    );
}

#[tokio::test]
async fn names_of_fields_are_taken() {
    let shop = Shop::computed().await;
    let using = json!({"foreign_key_constraint_on": {"table": "purchase", "column": "customer_id"}});
    let args = json!({"table": "customer", "name": "spent", "using": using});
    let (status, ..) = shop.engine.refused("create_array_relationship", args).await;
    assert_eq!(status, 400);
    let configuration = json!({"column_config": {"first_name": {"custom_name": "full_name"}}});
    let args = json!({"table": "customer", "configuration": configuration});
    let (status, ..) = shop.engine.refused("set_table_customization", args).await;
    assert_eq!(status, 400);
    let query = "{ customer_by_pk(id: 2) { full_name spent } }";
    assert_eq!(
        shop.data(query).await,
        json!({"customer_by_pk": {"full_name": "Bo", "spent": "5"}})
    );
}

#[tokio::test]
async fn sql_cannot_break_a_field_unless_it_cascades() {
    let shop = Shop::computed().await;
    let refused = async |sql: &str| {
        let (_, code, path, message) = shop.engine.refused("run_sql", json!({"sql": sql})).await;
        assert_eq!(path, "$.args");
        (code, message)
    };
    let dependency = |message: &str| ("dependency-error".to_owned(), message.to_owned());
    let depends = "cannot drop due to the following dependent objects : computed field customer.spent in source \"default\"";
    for sql in [
        "ALTER FUNCTION spent(customer) RENAME TO paid",
        "DROP FUNCTION spent(customer)",
        "DROP FUNCTION spent(customer); CREATE FUNCTION spent(customer) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'",
    ] {
        assert_eq!(refused(sql).await, dependency(depends), "{sql}");
    }
    assert_eq!(
        refused("ALTER FUNCTION spent(customer) VOLATILE").await.1,
        "The type of function \"spent\" associated with computed field \"spent\" of table \"customer\" is being altered to \"VOLATILE\""
    );
    let overload = "CREATE FUNCTION spent(customer, int) RETURNS int LANGUAGE sql STABLE AS 'SELECT 1'";
    assert_eq!(
        refused(overload).await.1,
        "The function \"spent\" associated with computed field\"spent\" of table \"customer\" is being overloaded"
    );
    shop.engine
        .sql("CREATE OR REPLACE FUNCTION spent(person customer) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 1.5'")
        .await;
    let query = "{ customer_by_pk(id: 1) { spent full_name } }";
    assert_eq!(
        shop.data(query).await,
        json!({"customer_by_pk": {"spent": "1.5", "full_name": "Ada Lovelace"}})
    );
    let drop = json!({"sql": "DROP FUNCTION spent(customer)", "cascade": true});
    shop.engine.command("run_sql", drop).await;
    let query = "{ customer_by_pk(id: 1) { full_name } }";
    assert_eq!(
        shop.data(query).await,
        json!({"customer_by_pk": {"full_name": "Ada Lovelace"}})
    );
}

#[tokio::test]
async fn field_whose_function_is_gone_is_inconsistent_and_the_rest_is_served() {
    let shop = Shop::computed().await;
    let unchecked = json!({"sql": "DROP FUNCTION spent(customer)", "check_metadata_consistency": false});
    shop.engine.command("run_sql", unchecked).await;
    shop.engine.command("reload_metadata", json!({})).await;
    let answer = shop.engine.command("get_inconsistent_metadata", json!({})).await;
    assert_eq!(
        answer["inconsistent_objects"][0]["name"],
        "computed_field spent in table customer in source default"
    );
    let query = "{ customer_by_pk(id: 1) { full_name } }";
    assert_eq!(
        shop.data(query).await,
        json!({"customer_by_pk": {"full_name": "Ada Lovelace"}})
    );
    shop.engine
        .sql("CREATE FUNCTION spent(person customer) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 2.5'")
        .await;
    shop.engine.command("reload_metadata", json!({})).await;
    let query = "{ customer_by_pk(id: 1) { spent } }";
    assert_eq!(
        shop.data(query).await,
        json!({"customer_by_pk": {"spent": "2.5"}})
    );
    // The whole document can be imported again.
    let metadata = shop.engine.command("export_metadata", json!({})).await;
    shop.engine.command("clear_metadata", json!({})).await;
    shop.engine.command("replace_metadata", metadata).await;
    assert_eq!(
        shop.data(query).await,
        json!({"customer_by_pk": {"spent": "2.5"}})
    );
}
