//! Roles and tables that do not belong to the application.

use local_services::function_roles;
use local_services::login::FunctionLogins;
use tests::{database::TestDatabase, orders::ask};

#[tokio::test]
async fn privileged_role_is_refused() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let suffix = format!("_super_{name}");
    client
        .batch_execute(&format!("CREATE ROLE \"fn_payment{suffix}\" CREATEROLE"))
        .await
        .unwrap();
    let logins = FunctionLogins::with_password("changed")
        .expect("functions.json")
        .suffixed(&suffix);
    let error = function_roles::apply(&client, &logins).await.unwrap_err();
    let message = error.as_db_error().unwrap().message();
    assert_eq!(
        message,
        format!("role \"fn_payment{suffix}\" has more rights than a function may have; choose another name")
    );
    let others = format!("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'fn\\_%{suffix}'");
    assert_eq!(
        ask(&client, &others).await.as_deref(),
        Some("1"),
        "nothing was created"
    );
}

/// A database of the customer's: its administrator is not a superuser, and another role has a table in the same schema.
#[tokio::test]
async fn tables_of_other_roles_are_left_alone() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let logins = FunctionLogins::with_password("password")
        .expect("functions.json")
        .suffixed(&format!("_by_{name}"));
    let (administrator, other) = (format!("admin_of_{name}"), format!("other_of_{name}"));
    let prepare = format!(
        "CREATE ROLE \"{administrator}\" CREATEROLE; CREATE ROLE \"{other}\";
         GRANT ALL ON DATABASE \"{name}\" TO \"{administrator}\" WITH GRANT OPTION;
         DO $$ DECLARE object record; BEGIN
           FOR object IN SELECT oid::regclass AS relation FROM pg_class
             WHERE relnamespace IN ('public'::regnamespace, 'identity'::regnamespace, 'figures'::regnamespace) AND relkind IN ('r', 'v') LOOP
             EXECUTE format('ALTER TABLE %s OWNER TO \"{administrator}\"', object.relation);
           END LOOP;
           FOR object IN SELECT oid::regprocedure AS routine FROM pg_proc
             WHERE pronamespace IN ('public'::regnamespace, 'identity'::regnamespace, 'figures'::regnamespace) LOOP
             EXECUTE format('ALTER ROUTINE %s OWNER TO \"{administrator}\"', object.routine);
           END LOOP;
           ALTER SCHEMA public OWNER TO \"{administrator}\"; ALTER SCHEMA identity OWNER TO \"{administrator}\";
           ALTER SCHEMA figures OWNER TO \"{administrator}\";
           IF to_regnamespace('hdb_catalog') IS NOT NULL THEN
             ALTER SCHEMA hdb_catalog OWNER TO \"{administrator}\";
           END IF;
         END $$;
         CREATE TABLE public.foreign_table (id int); ALTER TABLE public.foreign_table OWNER TO \"{other}\";
         SET SESSION AUTHORIZATION \"{administrator}\""
    );
    client.batch_execute(&prepare).await.expect("the roles");
    for attempt in ["first", "second"] {
        function_roles::apply(&client, &logins)
            .await
            .unwrap_or_else(|error| panic!("the {attempt} time: {error:?}"));
    }
    let payment = logins
        .all()
        .iter()
        .find(|login| login.user.starts_with("fn_payment"));
    let payment = payment.expect("a login");
    let granted = format!(
        "RESET SESSION AUTHORIZATION; GRANT SELECT ON public.foreign_table TO \"{0}\"; GRANT DELETE ON orders TO \"{0}\";
         SET SESSION AUTHORIZATION \"{administrator}\"",
        payment.user
    );
    client.batch_execute(&granted).await.expect("the grants");
    function_roles::apply(&client, &logins).await.expect("the roles");
    for (privilege, holds) in [("SELECT', 'foreign_table", "true"), ("DELETE', 'orders", "false")] {
        let (privilege, table) = privilege.split_once("', '").expect("two parts");
        let asked = format!(
            "SELECT has_table_privilege('{}', '{table}', '{privilege}')::text",
            payment.user
        );
        assert_eq!(
            ask(&client, &asked).await.as_deref(),
            Some(holds),
            "{privilege} on {table}"
        );
    }
}
