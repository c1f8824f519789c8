//! Environment of the processes.

use crate::fixture::{Host, options};

#[tokio::test]
async fn only_listed_variables_are_inherited() {
    const SECRETS: [&str; 4] = [
        "WEBHOOK_SECRET",
        "DATABASE_URL",
        "HASURA_GRAPHQL_ADMIN_SECRET",
        "AWS_SECRET_ACCESS_KEY",
    ];
    if std::env::var_os("WEBHOOK_SECRET").is_none() {
        // Run this test again in a process that has secrets.
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "environment::only_listed_variables_are_inherited"])
            .envs(SECRETS.map(|name| (name, "s3cret")))
            .env("TOKEN_LIFETIME", "60")
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    let mut options = options(1);
    options.inherited_env = vec!["TOKEN_LIFETIME".to_owned()];
    options.env.push((
        "POSTGRES_CONNECTION_STRING".to_owned(),
        "postgres://somewhere".to_owned(),
    ));
    let host = Host::start(options).await;
    for question in [
        "env WEBHOOK_SECRET",
        "env DATABASE_URL",
        "env HASURA_GRAPHQL_ADMIN_SECRET",
        "env AWS_SECRET_ACCESS_KEY",
    ] {
        assert_eq!(
            host.status_and_text(question).await,
            (200, String::new()),
            "{question}"
        );
    }
    assert_eq!(
        host.status_and_text("env TOKEN_LIFETIME").await,
        (200, "60".to_owned())
    );
    assert_eq!(
        host.status_and_text("env AWS_LAMBDA_FUNCTION_NAME").await,
        (200, "misbehave".to_owned())
    );
    let (_, url) = host.status_and_text("env POSTGRES_CONNECTION_STRING").await;
    assert_eq!(url, "postgres://somewhere");
    host.functions.stop().await;
}
