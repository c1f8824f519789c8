//! The roles of the functions (`infra/function-roles.sql`). All other tests of the steps use them through the pool and prove that
//! their privileges suffice; these tests prove that they have no others: not for the statements of other functions (here), nor
//! for any other ([`rights`]). [`upgrades`] and [`other_roles`] apply the roles to existing ones, [`events`] captures events.

mod events;
mod other_roles;
mod owner;
mod rights;
mod upgrades;

use local_services::function_roles;
use local_services::functions::functions;
use local_services::login::FunctionLogins;
use tests::{database::TestDatabase, orders::ask};
use tokio_postgres::{
    Client, NoTls,
    error::SqlState,
    types::{ToSql, Type},
};

/// Creates roles for this test: roles belong to the whole server, and concurrent changes of one role fail.
async fn own_roles(database: &TestDatabase, client: &Client) -> FunctionLogins {
    let name = ask(client, "SELECT current_database()").await.expect("its name");
    let logins = FunctionLogins::with_password("it's a p\\ssword")
        .expect("functions.json")
        .suffixed(&format!("_of_{name}"));
    function_roles::apply(client, &logins).await.expect("the roles");
    for login in logins.all() {
        let mut config: tokio_postgres::Config = database.direct_url().parse().expect("a connection string");
        config.user(&login.user).password(&login.password);
        drop(config.connect(NoTls).await.expect("the role can log in"));
    }
    logins
}

async fn as_function(database: &TestDatabase, function: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.pool_url(function), NoTls)
        .await
        .expect("the pool");
    tokio::spawn(connection);
    client
}

/// Asserts that a role lacks the privilege for a statement.
async fn assert_denied(client: &Client, role: &str, statement: &str) {
    let error = client.batch_execute(statement).await.expect_err(statement);
    assert_eq!(
        error.code(),
        Some(&SqlState::INSUFFICIENT_PRIVILEGE),
        "{role}: {statement}: {error}"
    );
}

/// A statement of a function, with the types of its parameters.
struct StepStatement {
    /// Functions that run it.
    functions: &'static [&'static str],
    file: &'static str,
    sql: &'static str,
    types: &'static [Type],
}

macro_rules! statement {
    ($($function:literal)|+, $file:literal, [$($kind:ident),*]) => {
        StepStatement {
            functions: &[$($function),+],
            file: $file,
            sql: include_str!(concat!("../../../shared/src/", $file)),
            types: &[$(Type::$kind),*],
        }
    };
}

const STATEMENTS: &[StepStatement] = &[
    statement!("login", "steps/login.sql", [TEXT]),
    statement!(
        "validate-order",
        "steps/validate_order.sql",
        [TEXT, TEXT, INT4, BOOL, TEXT]
    ),
    statement!(
        "payment",
        "steps/payment_claim.sql",
        [
            TEXT, INT8, TEXT, UUID, FLOAT8, TEXT, TEXT, INT4, FLOAT8, INT4, FLOAT8
        ]
    ),
    statement!(
        "payment" | "refund-payment",
        "steps/payment_settle.sql",
        [INT4, TEXT, TEXT, TEXT, INT4, FLOAT8, TEXT]
    ),
    statement!(
        "payment" | "refund-payment",
        "steps/payment_release.sql",
        [INT4, UUID]
    ),
    statement!(
        "payment",
        "gateway/simulated_charge.sql",
        [TEXT, INT4, TEXT, TEXT, TEXT]
    ),
    statement!(
        "payment" | "refund-payment",
        "gateway/simulated_result.sql",
        [TEXT]
    ),
    statement!(
        "restaurant-approval",
        "steps/restaurant_approval.sql",
        [TEXT, TEXT, INT4, TEXT]
    ),
    statement!(
        "agent-assignment",
        "steps/agent_assignment.sql",
        [TEXT, TEXT, INT4, TEXT]
    ),
    statement!("refund-payment", "steps/refund_payment.sql", [TEXT, FLOAT8]),
    statement!("refund-payment", "steps/refund_settle.sql", [INT4, TEXT, INT4]),
    statement!(
        "refund-payment",
        "gateway/simulated_refund.sql",
        [TEXT, TEXT, INT4]
    ),
    statement!(
        "expire-orders",
        "steps/expire_orders.sql",
        [INT4, FLOAT8, TEXT_ARRAY, BOOL]
    ),
    statement!(
        "expire-orders",
        "steps/expire_assignments.sql",
        [INT4, BOOL, TEXT_ARRAY, BOOL]
    ),
    statement!(
        "expire-orders",
        "steps/expire_payments.sql",
        [INT4, FLOAT8, TEXT_ARRAY, BOOL]
    ),
    statement!("expire-orders", "steps/expire_figures.sql", []),
    statement!("watchman", "steps/watchman_orders.sql", [FLOAT8]),
    statement!("watchman", "steps/watchman_events.sql", []),
    // The rights of expire-orders for the figures of past hours suffice for it.
    statement!("watchman" | "expire-orders", "steps/watchman_business.sql", []),
];

/// Runs a statement without values for its parameters; returns the error code.
async fn run(client: &Client, statement: &StepStatement) -> Option<SqlState> {
    let none: Option<&str> = None;
    let none_uuid: Option<uuid::Uuid> = None;
    let (none_integer, none_bigint, none_double): (Option<i32>, Option<i64>, Option<f64>) =
        (None, None, None);
    let (none_boolean, none_texts): (Option<bool>, Option<Vec<String>>) = (None, None);
    let params: Vec<(&(dyn ToSql + Sync), Type)> = statement
        .types
        .iter()
        .map(|kind| {
            let value: &(dyn ToSql + Sync) = match *kind {
                Type::UUID => &none_uuid,
                Type::INT4 => &none_integer,
                Type::INT8 => &none_bigint,
                Type::FLOAT8 => &none_double,
                Type::BOOL => &none_boolean,
                Type::TEXT_ARRAY => &none_texts,
                _ => &none,
            };
            (value, kind.clone())
        })
        .collect();
    let result = client.query_typed(statement.sql, &params).await;
    result.err().and_then(|error| error.code().cloned())
}

#[tokio::test]
async fn each_role_may_run_the_statements_of_its_own_function_only() {
    let database = TestDatabase::new().await;
    let mut faults = Vec::new();
    for function in &functions().expect("functions.json").all {
        let (function, role) = (function.name.as_str(), function.role.as_str());
        let client = as_function(&database, function).await;
        assert_eq!(ask(&client, "SELECT current_user").await.as_deref(), Some(role));
        for statement in STATEMENTS {
            let code = run(&client, statement).await;
            let is_refused = code == Some(SqlState::INSUFFICIENT_PRIVILEGE);
            if is_refused == statement.functions.contains(&function) {
                faults.push(format!("{role} and {}: {code:?}", statement.file));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
