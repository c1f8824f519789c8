//! Rights that the owner of the tables grants without CREATEROLE.

use local_services::login::{FunctionLogins, Login, as_login};
use local_services::{engine_role, function_roles};
use testkit::database::connect;
use tests::database::TestDatabase;
use tests::orders::ask;

/// Role of Hasura on AWS: it owns the objects, and may neither create roles nor change them, which its task does before.
#[tokio::test]
async fn owner_of_the_tables_grants_rights_without_createrole() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let suffix = format!("_granted_{name}");
    let logins = FunctionLogins::with_password("password")
        .expect("functions.json")
        .suffixed(&suffix);
    let owner = Login {
        user: format!("granting_{name}"),
        password: "password".to_owned(),
    };
    let rights = format!(
        "SELECT set_config('threefactor.role_suffix', '{suffix}', true);\n{}",
        function_roles::rights().expect("the file")
    );
    let additions = format!(
        "SELECT set_config('threefactor.role_suffix', '{suffix}', true);\n{}",
        function_roles::additions().expect("the file")
    );
    engine_role::apply(&client, &owner).await.expect("the owner");
    client
        .batch_execute(&format!(
            "GRANT ALL ON DATABASE \"{name}\" TO {0} WITH GRANT OPTION; GRANT ALL ON SCHEMA public TO {0} WITH GRANT OPTION",
            owner.user
        ))
        .await
        .expect("the grant options");
    let hasura = connect(&as_login(&database.direct_url(), &owner)).await;
    let message = async |sql: &str| {
        let error = hasura.batch_execute(sql).await.expect_err("refused");
        error
            .as_db_error()
            .expect("an error of Postgres")
            .message()
            .to_owned()
    };

    let absent = message(&rights).await;
    assert!(
        absent.contains("does not exist, and role \"granting_") && absent.contains("statement_timeout=5s"),
        "{absent}"
    );
    hasura
        .batch_execute(&additions)
        .await
        .expect("no role to add rights to");

    function_roles::apply(&client, &logins).await.expect("the roles");
    let payment = format!("fn_payment{suffix}");
    client
        .batch_execute(&format!("GRANT DELETE ON orders TO {payment}"))
        .await
        .expect("a right");
    for _ in 0..2 {
        hasura.batch_execute(&rights).await.expect("the rights");
    }
    let held = format!(
        "SELECT concat_ws(' ', has_table_privilege('{payment}', 'orders', 'DELETE'),
           has_column_privilege('{payment}', 'orders', 'payment_valid', 'UPDATE'))"
    );
    assert_eq!(ask(&client, &held).await.as_deref(), Some("f t"));

    // It neither sets a password nor a setting, and says what is missing.
    let password = message(&function_roles::sql(&logins)).await;
    assert!(
        password.contains("may not set the password of role"),
        "{password}"
    );
    for lack in ["NOLOGIN", "RESET jit"] {
        let reset = format!("ALTER ROLE {payment} {lack}");
        client.batch_execute(&reset).await.expect("changed");
        let says = message(&rights).await;
        assert!(
            says.starts_with(&format!("role \"{payment}\" lacks LOGIN or one of the settings")),
            "{says}"
        );
        hasura
            .batch_execute(&additions)
            .await
            .expect("before the next release");
        function_roles::apply(&client, &logins).await.expect("repaired");
        hasura.batch_execute(&rights).await.expect("the rights");
    }
}
