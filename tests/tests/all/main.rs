//! Tests of the functions, the schema, the stack and the documentation, in one binary, so that it is linked once.

#![expect(
    clippy::expect_used,
    reason = "clippy knows only #[test] functions as tests, and not what they call"
)]

mod apps;
mod bad_input;
mod cargo_lambda;
mod clients;
mod deployed;
mod differences;
mod engine_tls;
mod faults;
mod function_roles;
mod guide;
mod identity;
mod launch;
mod login;
mod privileged_sql;
mod property;
mod rotation;
mod samples;
mod schema;
mod statements;
mod steps;
mod whole_stack;
