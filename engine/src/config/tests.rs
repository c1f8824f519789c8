//! Parsing of options.

use super::{Api, Config};
use std::time::Duration;

fn parse(arguments: &[&str]) -> Result<Config, clap::Error> {
    Config::from_arguments(arguments.iter().map(|&a| a.to_owned()))
}

#[test]
fn defaults_are_hasuras() {
    let config = parse(&["engine", "--database-url", "postgres://x/y"]).unwrap();
    assert_eq!(config.server_port, 8080);
    assert_eq!(config.pg_connections, 50);
    assert!(config.serves(Api::Graphql) && config.serves(Api::Metadata));
}

#[test]
fn a_bad_value_names_its_variable() {
    let error = parse(&["engine", "--database-url", "x", "--server-port", "many"])
        .unwrap_err()
        .to_string();
    assert!(error.contains("HASURA_GRAPHQL_SERVER_PORT"), "{error}");
}

#[test]
fn zero_is_refused_where_it_would_stop_everything() {
    let error = parse(&["engine", "--database-url", "x", "--pg-connections", "0"])
        .unwrap_err()
        .to_string();
    assert!(error.contains("HASURA_GRAPHQL_PG_CONNECTIONS"), "{error}");
}

#[test]
fn timeouts_are_positive_seconds() {
    let timeout = |value: &str| {
        let config = parse(&["engine", "--database-url", "x", "--keep-alive-timeout", value]);
        config.map(|config| config.keep_alive_timeout)
    };
    assert_eq!(timeout("0.2").unwrap(), Duration::from_millis(200));
    assert_eq!(timeout("75").unwrap(), Duration::from_secs(75));
    for invalid in ["0", "NaN", "inf", "1e40", "5s", ""] {
        let error = timeout(invalid).unwrap_err().to_string();
        assert!(
            error.contains("HASURA_GRAPHQL_KEEP_ALIVE_TIMEOUT"),
            "{invalid}: {error}"
        );
    }
}

#[test]
fn roles_with_expensive_operators_are_listed() {
    let contains = |list: &str, role: &str| {
        let arguments = [
            "engine",
            "--database-url",
            "x",
            "--expensive-operators-roles",
            list,
        ];
        parse(&arguments)
            .map(|config| config.expensive_operators_roles.contains(role))
            .ok()
    };
    assert_eq!(contains("", "user"), Some(false));
    assert_eq!(contains("user, editor", "editor"), Some(true));
    assert_eq!(contains("user", "editor"), Some(false));
    assert_eq!(contains("*", "editor"), Some(true));
    assert_eq!(contains("user,,editor", "user"), None);
}

#[test]
fn unsupported_variables_are_listed() {
    let set = [
        "HASURA_GRAPHQL_ENABLE_TELEMETRY",
        "HASURA_GRAPHQL_ADMIN_SECRET",
        "HOME",
    ];
    let found = Config::unsupported_variables(set.map(ToOwned::to_owned));
    assert_eq!(found, ["HASURA_GRAPHQL_ENABLE_TELEMETRY"]);
}

#[test]
fn default_address_is_loopback_without_a_secret() {
    let open = parse(&["engine", "--database-url", "x"]).unwrap();
    assert!(open.address().ip().is_loopback());
    let secured = parse(&["engine", "--database-url", "x", "--admin-secret", "s"]).unwrap();
    assert!(secured.address().ip().is_unspecified());
}

#[test]
fn secrets_are_not_printed() {
    let config = parse(&[
        "engine",
        "--database-url",
        "postgres://u:hunter2@h/d",
        "--admin-secret",
        "s3",
    ])
    .unwrap();
    let text = format!("{config:?}");
    assert!(!text.contains("hunter2") && !text.contains("s3"), "{text}");
}
