//! What the database contains, tracked or not.

use super::{engine, tracked};
use serde_json::json;

#[tokio::test]
async fn tables_are_listed_and_described() {
    let (_database, engine) = engine().await;
    engine
        .sql("COMMENT ON TABLE author IS 'writes'; CREATE VIEW names AS SELECT name FROM author")
        .await;
    let tables = engine
        .command("pg_get_source_tables", json!({"source": "default"}))
        .await;
    assert_eq!(
        tables,
        json!([
            {"schema": "other", "name": "note"},
            {"schema": "public", "name": "article"},
            {"schema": "public", "name": "author"},
            {"schema": "public", "name": "names"},
        ])
    );
    let args = json!({"source": "default", "table": {"schema": "public", "name": "article"}});
    let article = engine.command("get_table_info", args).await;
    assert_eq!(article["type"], "table");
    assert_eq!(article["primary_key"], json!(["id"]));
    assert_eq!(
        article["columns"][2],
        json!({"name": "author_id", "type": "int4", "nullable": true, "insertable": true, "updatable": true})
    );
    assert_eq!(
        article["foreign_keys"]["article_author_id_fkey"],
        json!({"foreign_table": {"schema": "public", "name": "author"}, "column_mapping": {"author_id": "id"}})
    );
    let author = engine.command("get_table_info", json!({"table": "author"})).await;
    assert_eq!(author["description"], "writes");
    let names = engine.command("get_table_info", json!({"table": "names"})).await;
    assert_eq!(names["type"], "view");
    let (status, code, ..) = engine
        .refused("get_table_info", json!({"table": "missing"}))
        .await;
    assert_eq!((status, code.as_str()), (400, "not-exists"));
    let (status, code, ..) = engine
        .refused("pg_get_source_tables", json!({"source": "other"}))
        .await;
    assert_eq!((status, code.as_str()), (400, "not-exists"));
}

#[tokio::test]
async fn only_untracked_objects_can_be_tracked() {
    let (_database, engine) = tracked().await;
    engine
        .sql(
            "CREATE FUNCTION found() RETURNS SETOF author LANGUAGE sql STABLE AS 'SELECT * FROM author';
             CREATE FUNCTION changed() RETURNS author LANGUAGE sql AS 'SELECT * FROM author LIMIT 1';
             CREATE FUNCTION number() RETURNS int LANGUAGE sql AS 'SELECT 1';
             CREATE FUNCTION twice(int) RETURNS SETOF author LANGUAGE sql AS 'SELECT * FROM author';
             CREATE FUNCTION twice(text) RETURNS SETOF author LANGUAGE sql AS 'SELECT * FROM author';",
        )
        .await;
    engine.command("track_function", json!("found")).await;
    let trackables = engine
        .command("pg_get_source_trackables", json!({"source": "default"}))
        .await;
    assert_eq!(
        trackables,
        json!({
            "tables": [{"name": {"schema": "other", "name": "note"}}],
            "functions": [{"name": {"schema": "public", "name": "changed"}, "volatility": "VOLATILE"}],
        })
    );
}

#[tokio::test]
async fn postgres_is_the_only_kind_of_source() {
    let (_database, engine) = engine().await;
    let kinds = engine.command("list_source_kinds", json!({})).await;
    assert_eq!(kinds["sources"][0]["kind"], "pg");
    assert_eq!(kinds["sources"].as_array().unwrap().len(), 1);
}
