//! SQL that runs as superuser in a database in which the engine's role can create objects: it executes none of them.

use local_services::login::{FunctionLogins, Login, as_login};
use local_services::{engine_role, function_roles};
use testkit::database::connect;
use tests::{database::TestDatabase, orders::ask};

/// Creates traps in the schema public: overloads of the built-in functions and operators that the files use, with argument types
/// that fit calls better than those of the built-in ones. Each fails if it is executed.
const TRAPS: &str = r#"
SET search_path = pg_catalog;
DO $do$
DECLARE
  files CONSTANT text := current_setting('test.files');
  types CONSTANT text[] := ARRAY['text', 'name', 'oid', 'boolean', 'text[]', '"char"', 'regclass'];
  trap  CONSTANT text := 'LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION ''trap executed by %'', current_user; END$$';
  named text;
  arguments text;
  symbol text;
  a text;
  b text;
BEGIN
  FOR named, arguments IN
    SELECT DISTINCT proname, list
    FROM pg_proc, LATERAL (
      SELECT x AS list FROM unnest(types) AS x
      UNION ALL SELECT concat_ws(', ', x, y) FROM unnest(types) AS x, unnest(types) AS y
      UNION ALL SELECT concat_ws(', ', x, y, z)
        FROM unnest(types[1:3]) AS x, unnest(types[1:3]) AS y, unnest(types[1:4]) AS z
    ) AS lists
    WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND strpos(files, proname || '(') > 0
  LOOP
    EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS text %s', named, arguments, trap);
  END LOOP;
  FOREACH a IN ARRAY types LOOP
    FOREACH b IN ARRAY types LOOP
      EXECUTE format('CREATE FUNCTION public.trapped(%s, %s) RETURNS boolean %s', a, b, trap);
      FOREACH symbol IN ARRAY ARRAY['=', '<>', '<', '>', '||', '~', '!~'] LOOP
        EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.trapped, LEFTARG = %s, RIGHTARG = %s)', symbol, a, b);
      END LOOP;
    END LOOP;
  END LOOP;
END $do$"#;

const FILES: [&str; 2] = [
    include_str!("../../../local/services/src/engine_role.sql"),
    include_str!("../../../infra/function-roles.sql"),
];

#[tokio::test]
async fn objects_of_the_engines_role_are_not_executed_by_a_superuser() {
    let database = TestDatabase::new().await;
    let superuser = database.connect().await;
    let name = ask(&superuser, "SELECT current_database()")
        .await
        .expect("its name");
    let engine = Login {
        user: format!("engine_of_{name}"),
        password: "password".to_owned(),
    };
    let functions = FunctionLogins::with_password("password")
        .expect("functions.json")
        .suffixed(&format!("_of_{name}"));
    engine_role::apply(&superuser, &engine)
        .await
        .expect("the engine's role");

    let attacker = connect(&as_login(&database.direct_url(), &engine)).await;
    attacker
        .execute("SELECT set_config('test.files', $1, false)", &[&FILES.concat()])
        .await
        .expect("the setting");
    attacker.batch_execute(TRAPS).await.expect("the traps");
    for unprotected in [
        "SELECT format('%s'::text, 'x'::text)",
        "SELECT 'a'::name || 'b'::name",
    ] {
        let error = superuser.batch_execute(unprotected).await;
        let error = error.expect_err("a trap");
        let message = error.as_db_error().expect("an error of Postgres").message();
        assert!(message.starts_with("trap executed by"), "{message}");
    }

    for _ in 0..2 {
        engine_role::apply(&superuser, &engine)
            .await
            .expect("the engine's role again");
        function_roles::apply(&superuser, &functions)
            .await
            .expect("the functions' roles");
    }
    // The rights are those of the built-in functions' results.
    let rights = format!(
        "SELECT pg_catalog.concat_ws(' ', rolsuper, rolcreaterole, rolcanlogin) FROM pg_catalog.pg_roles \
         WHERE rolname OPERATOR(pg_catalog.=) '{}'",
        engine.user
    );
    assert_eq!(ask(&superuser, &rights).await.as_deref(), Some("f f t"));
    let grants = "SELECT pg_catalog.has_column_privilege(pg_catalog.concat('fn_payment_of_', pg_catalog.current_database()), \
                  'public.orders', 'payment_valid', 'UPDATE')";
    assert_eq!(ask(&superuser, grants).await.as_deref(), Some("t"));
}

/// The files are also run together with other statements, for example by Hasura's `run_sql`.
#[tokio::test]
async fn search_path_of_the_transaction_is_restored() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let logins = FunctionLogins::with_password("password")
        .expect("functions.json")
        .suffixed(&format!("_of_{name}"));
    client
        .batch_execute("BEGIN; SET LOCAL search_path = identity, public")
        .await
        .expect("a transaction");
    function_roles::apply(&client, &logins)
        .await
        .expect("the functions' roles");
    let path = ask(&client, "SELECT current_setting('search_path')").await;
    assert_eq!(path.as_deref(), Some("identity, public"));
    client.batch_execute("ROLLBACK").await.expect("the end");
}
