//! A stack with a database that is managed elsewhere (`cargo xtask dev --database-url`): the rights of the engine and the functions.

use local_process::logs::{Destination, Logs, OWN};
use local_services::login::{Login, as_login};
use local_stack::{Access, Database, Options, Stack};
use serde_json::json;
use tests::{database::TestDatabase, orders::ask, stack::TestStack};

/// Starts a stack with this database, and completes an order.
async fn open(url: String, restrict: bool) -> (TestStack, Logs) {
    let logs = Logs::new(Destination::Kept);
    let stack = TestStack::open_with(Options {
        database: Database::Existing {
            url,
            pool_url: None,
            restrict,
        },
        access: Access::Open,
        logs: logs.clone(),
        ..Options::for_tests().expect("the binaries")
    })
    .await;
    stack.place("o-1", &["pizza"]).await;
    stack.until("o-1", "validated").await;
    stack.pay_until_paid("o-1", 500).await;
    stack.until("o-1", "assigned").await;
    (stack, logs)
}

/// Returns the role of the engine, and whether it is a superuser.
async fn role_of_the_engine(stack: &TestStack) -> (String, bool) {
    let query = "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user";
    let command = json!({"type": "run_sql", "args": {"sql": query}});
    let (_, answer) = stack.post_with(&[], "/v2/query", &command).await;
    let row = &answer["result"][1];
    (
        row[0].as_str().expect("a name").to_owned(),
        row[1].as_str() == Some("t"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn role_of_a_superuser_is_not_used() {
    let database = TestDatabase::empty().await;
    let admin = database.connect().await;
    let name = ask(&admin, "SELECT current_database()").await.expect("its name");
    admin
        .batch_execute(&format!(
            "CREATE TABLE mine (id int PRIMARY KEY); CREATE ROLE hasura_{name}; CREATE TABLE former (id int PRIMARY KEY);
             ALTER TABLE former OWNER TO hasura_{name}"
        ))
        .await
        .expect("tables of the superuser and of the role of earlier versions");
    let (stack, logs) = open(database.direct_url(), true).await;
    let (engine, is_superuser) = role_of_the_engine(&stack).await;
    assert!(
        engine.starts_with(&format!("hasura_{name}_")) && !is_superuser,
        "{engine}"
    );
    let payment = stack.services.function_login("payment").expect("a role");
    assert_eq!(payment.user, engine.replace("hasura", "fn_payment"));
    // Its event triggers need the tables.
    let owners = "SELECT string_agg(DISTINCT tableowner::text, ',') FROM pg_tables WHERE tablename IN ('mine', 'former')";
    assert_eq!(ask(&admin, owners).await.as_ref(), Some(&engine));
    let said = logs.tail(OWN).join("\n");
    assert!(!said.contains("warning"), "{said}");
    stack.close().await;

    // The roles are reused.
    let stack = TestStack::open_with(restricted(&database)).await;
    assert_eq!(role_of_the_engine(&stack).await, (engine, false));
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn second_stack_on_a_database_is_refused() {
    let database = TestDatabase::empty().await;
    let first = TestStack::open_with(restricted(&database)).await;
    let refused = Stack::start(restricted(&database))
        .await
        .expect_err("the roles belong to the first stack")
        .to_string();
    assert!(
        refused.contains("another stack uses the database") && refused.contains("--use-url-role"),
        "{refused}"
    );
    // The passwords of the first one are still valid, also for new connections.
    let payment = first.services.function_login("payment").expect("a role");
    local_services::postgres::connect(&as_login(&database.direct_url(), payment))
        .await
        .expect("its password is valid");
    first.place("o-1", &["pizza"]).await;
    first.until("o-1", "validated").await;
    first.close().await;

    let second = TestStack::open_with(restricted(&database)).await;
    second.close().await;
}

fn restricted(database: &TestDatabase) -> Options {
    Options {
        database: Database::Existing {
            url: database.direct_url(),
            pool_url: None,
            restrict: true,
        },
        ..Options::for_tests().expect("the binaries")
    }
}

/// The owner of a database that may or may not create roles.
async fn owner(database: &TestDatabase, attributes: &str) -> String {
    let admin = database.connect().await;
    let name = ask(&admin, "SELECT current_database()").await.expect("its name");
    let login = Login {
        user: format!("owner_of_{name}"),
        password: "password".to_owned(),
    };
    admin
        .batch_execute(&format!(
            "CREATE ROLE {0} LOGIN PASSWORD 'password' {attributes}; ALTER DATABASE {name} OWNER TO {0}; \
             ALTER SCHEMA public OWNER TO {0}",
            login.user
        ))
        .await
        .expect("an owner");
    as_login(&database.direct_url(), &login)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_get_their_roles_if_these_can_be_created() {
    let database = TestDatabase::empty().await;
    let url = owner(&database, "CREATEROLE").await;
    let (stack, _) = open(url, true).await;
    let (engine, is_superuser) = role_of_the_engine(&stack).await;
    assert!(engine.starts_with("owner_of_") && !is_superuser, "{engine}");
    let payment = stack.services.function_login("payment").expect("a role");
    assert!(payment.user.starts_with("fn_payment_"), "{}", payment.user);
    stack.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn role_of_the_url_is_used_with_a_warning_if_it_cannot_create_others() {
    let database = TestDatabase::empty().await;
    let url = owner(&database, "").await;
    let (stack, logs) = open(url, true).await;
    let (engine, is_superuser) = role_of_the_engine(&stack).await;
    assert!(engine.starts_with("owner_of_") && !is_superuser, "{engine}");
    assert_eq!(stack.services.function_login("payment"), None);
    let said = logs.tail(OWN).join("\n");
    assert!(
        said.contains("warning: the engine and the functions use the role"),
        "{said}"
    );
    stack.close().await;

    // An explicit choice.
    let database = TestDatabase::empty().await;
    let (stack, logs) = open(database.direct_url(), false).await;
    assert!(role_of_the_engine(&stack).await.1);
    let said = logs.tail(OWN).join("\n");
    assert!(said.contains("can read files and run programs"), "{said}");
    stack.close().await;
}
