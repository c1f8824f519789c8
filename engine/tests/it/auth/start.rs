//! Start with settings that do not protect the engine.

use std::process::Stdio;
use testkit::TestDatabase;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

fn command(database: &TestDatabase) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_engine"));
    command
        .env("HASURA_GRAPHQL_DATABASE_URL", database.url())
        .env("HASURA_GRAPHQL_SERVER_PORT", "0")
        .env("HASURA_GRAPHQL_PG_CONNECTIONS", "2")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

#[tokio::test]
async fn ineffective_protection_prevents_the_start() {
    let database = TestDatabase::create("auth").await;
    let jwt = r#"{"type": "HS256", "key": "0123456789abcdef0123456789abcdef"}"#;
    let secret = ("HASURA_GRAPHQL_ADMIN_SECRET", "s");
    for (variables, named) in [
        (
            &[("HASURA_GRAPHQL_JWT_SECRET", jwt)][..],
            &[
                "HASURA_GRAPHQL_JWT_SECRET",
                "HASURA_GRAPHQL_ADMIN_SECRET",
                "set an admin secret",
            ][..],
        ),
        (
            &[("HASURA_GRAPHQL_AUTH_HOOK", "http://localhost:9")],
            &[
                "HASURA_GRAPHQL_AUTH_HOOK",
                "HASURA_GRAPHQL_ADMIN_SECRET",
                "set an admin secret",
            ],
        ),
        (
            &[secret, ("HASURA_GRAPHQL_UNAUTHORIZED_ROLE", "admin")],
            &["HASURA_GRAPHQL_UNAUTHORIZED_ROLE", "choose another role"],
        ),
        (
            &[secret, ("HASURA_GRAPHQL_JWT_SECRET", "")],
            &["--jwt-secret", "empty"],
        ),
    ] {
        let output = command(&database)
            .envs(variables.iter().copied())
            .output()
            .await
            .unwrap();
        assert!(!output.status.success());
        let error = String::from_utf8(output.stderr).unwrap();
        for name in named {
            assert!(error.contains(name), "{variables:?}: {error}");
        }
        assert!(!error.contains("0123456789"), "{error}");
    }
}

#[tokio::test]
async fn open_engine_listens_on_loopback_unless_told_otherwise() {
    let database = TestDatabase::create("auth").await;
    for (address, listens_on, warns) in [
        (None, "127.0.0.1:", false),
        (Some("127.0.0.1"), "127.0.0.1:", false),
        (Some("0.0.0.0"), "0.0.0.0:", true),
    ] {
        let mut command = command(&database);
        if let Some(address) = address {
            command.env("HASURA_GRAPHQL_SERVER_HOST", address);
        }
        let mut engine = command.spawn().unwrap();
        let mut lines = BufReader::new(engine.stdout.take().unwrap()).lines();
        let mut before = String::new();
        let ready = loop {
            let line = lines
                .next_line()
                .await
                .unwrap()
                .expect("the engine becomes ready");
            if line.contains("engine is ready") {
                break line;
            }
            before.push_str(&line);
        };
        assert!(ready.contains(&format!("\"address\":\"{listens_on}")), "{ready}");
        let warned = before.contains("every client that reaches this address is an administrator");
        assert_eq!(warned, warns, "{address:?}: {before}");
        engine.kill().await.unwrap();
    }
}
