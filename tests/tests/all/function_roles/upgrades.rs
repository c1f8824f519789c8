//! Roles that an earlier version, a later one or an administrator has changed.

use local_services::function_roles;
use tests::{database::TestDatabase, orders::ask};

use super::own_roles;

/// Steps of earlier versions created temporary functions.
#[tokio::test]
async fn temporary_privilege_of_earlier_versions_is_revoked() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let logins = own_roles(&database, &client).await;
    let name = database.name();
    let mut statements = vec![format!("REVOKE TEMPORARY ON DATABASE \"{name}\" FROM PUBLIC")];
    for login in logins.all() {
        statements.push(format!(
            "GRANT TEMPORARY ON DATABASE \"{name}\" TO \"{}\"",
            login.user
        ));
    }
    client
        .batch_execute(&statements.join("; "))
        .await
        .expect("granted");
    function_roles::apply(&client, &logins).await.expect("the roles");
    for login in logins.all() {
        let sql = format!(
            "SELECT has_database_privilege('{}', '{name}', 'TEMPORARY')",
            login.user
        );
        assert_eq!(ask(&client, &sql).await.as_deref(), Some("f"), "{}", login.user);
    }
}

#[tokio::test]
async fn reapplying_revokes_additional_grants() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let roles = own_roles(&database, &client).await;
    let user = &roles.of("payment").expect("a role").user;
    client
        .batch_execute(&format!(
            "GRANT DELETE ON orders TO {user}; GRANT UPDATE (user_id) ON orders TO {user}; \
             GRANT USAGE ON SCHEMA identity TO {user}; GRANT INSERT ON identity.accounts TO {user}"
        ))
        .await
        .unwrap();
    let more = format!(
        "SELECT has_table_privilege('{user}', 'orders', 'DELETE')
             OR has_column_privilege('{user}', 'orders', 'user_id', 'UPDATE')
             OR has_schema_privilege('{user}', 'identity', 'USAGE')"
    );
    assert_eq!(ask(&client, &more).await.as_deref(), Some("t"));
    function_roles::apply(&client, &roles).await.unwrap();
    assert_eq!(ask(&client, &more).await.as_deref(), Some("f"));
}

/// During an upgrade: the running functions keep what the next release does not need, and new roles wait for their passwords.
#[tokio::test]
async fn rights_are_added_without_a_revocation() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let logins = own_roles(&database, &client).await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let role = |function: &str| logins.of(function).expect("a role").user.clone();
    let (payment, watchman) = (role("payment"), role("watchman"));
    client
        .batch_execute(&format!(
            "GRANT SELECT ON drivers TO {payment}; GRANT USAGE ON SCHEMA identity TO {payment}; REVOKE SELECT ON payments FROM {payment}; \
             DROP OWNED BY {watchman}; DROP ROLE {watchman}"
        ))
        .await
        .unwrap();
    let suffix = format!("SELECT set_config('threefactor.role_suffix', '_of_{name}', true)");
    let additions = function_roles::additions().expect("function-roles.sql");
    client
        .batch_execute(&format!("{suffix};\n{additions}"))
        .await
        .unwrap();
    let rights = format!(
        "SELECT concat_ws(' ', has_table_privilege('{payment}', 'drivers', 'SELECT'), has_schema_privilege('{payment}', 'identity', 'USAGE'), \
                          has_table_privilege('{payment}', 'payments', 'SELECT'), to_regrole('{watchman}') IS NULL)"
    );
    assert_eq!(ask(&client, &rights).await.as_deref(), Some("t t t t"));

    function_roles::apply(&client, &logins).await.unwrap();
    assert_eq!(ask(&client, &rights).await.as_deref(), Some("f f t f"));
}

#[tokio::test]
async fn role_of_earlier_versions_cannot_log_in() {
    let database = TestDatabase::new().await;
    let client = database.connect().await;
    let name = ask(&client, "SELECT current_database()").await.expect("its name");
    let old = format!("app_of_{name}");
    client
        .batch_execute(&format!(
            "CREATE ROLE {old} LOGIN; GRANT UPDATE ON orders TO {old}; GRANT INSERT (order_id) ON payments TO {old}"
        ))
        .await
        .unwrap();
    let rights = format!(
        "SELECT concat_ws(' ', rolcanlogin, has_table_privilege('{old}', 'orders', 'UPDATE'),
           has_column_privilege('{old}', 'payments', 'order_id', 'INSERT'))
         FROM pg_roles WHERE rolname = '{old}'"
    );
    own_roles(&database, &client).await;
    assert_eq!(
        ask(&client, &rights).await.as_deref(),
        Some("t t t"),
        "a role of another application keeps its rights"
    );
    client
        .batch_execute(&format!(
            "ALTER ROLE {old} SET plan_cache_mode = 'force_generic_plan'"
        ))
        .await
        .unwrap();
    for _ in 0..2 {
        own_roles(&database, &client).await;
        assert_eq!(ask(&client, &rights).await.as_deref(), Some("f f f"));
    }
    client
        .batch_execute(&format!("DROP OWNED BY {old}; DROP ROLE {old}"))
        .await
        .unwrap();
}
