//! TLS from the functions to the pool and from the pool to Postgres: trusted and untrusted certificates.

use local_services::login::Login;
use serde_json::json;
use shared::{
    config::{Config, Variables},
    database::{Database, statement::Statement},
    http::{Handler, ValidateOrder},
};
use tests::{
    calls::post_to,
    certificates::Authority,
    deployed::Deployed,
    orders::{NewOrder, place},
};
use tokio_postgres::types::Type;

fn database(url: String, ca: Option<String>) -> (Config, Database) {
    let config = Config::from_variables(Variables {
        postgres_connection_string: Some(url),
        postgres_ca_certificate: ca,
        ..Variables::default()
    })
    .expect("a good configuration");
    let database = Database::new(&config);
    (config, database)
}

const IS_ENCRYPTED: Statement = Statement {
    lock: None,
    sql: "SELECT ssl AND $1 FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
};

/// Asks Postgres whether the connection from the pool is encrypted.
async fn ask(database: &Database) -> Result<bool, String> {
    match database.row(&IS_ENCRYPTED, &[(&true, Type::BOOL)]).await {
        Ok(row) => Ok(row.expect("one row").get(0)),
        Err(error) => Err(error.to_string()),
    }
}

const IS_PREPARED: Statement = Statement {
    lock: None,
    sql: "SELECT (count(*) > 0) = $1 FROM pg_prepared_statements WHERE name ~ '^s[0-9]+$'",
};

#[tokio::test]
async fn connections_are_encrypted_and_verified() {
    let mut deployed = Deployed::start().await;
    // Without a pool, also over TLS, the functions recognise a direct connection and prepare their statements.
    for mode in ["disable", "prefer", "require"] {
        let (_, direct) = database(format!("{}?sslmode={mode}", deployed.direct_url()), None);
        let row = direct
            .row(&IS_PREPARED, &[(&true, Type::BOOL)])
            .await
            .expect(mode);
        assert!(row.expect("one row").get::<_, bool>(0), "{mode}");
    }
    let app = deployed.login("validate-order");
    let ca = deployed.authority.pem();
    let ca_file = deployed.dir().join("ca.pem");
    std::fs::write(&ca_file, &ca).expect("writing the authority");
    // A different authority with the same name.
    let stranger = Authority::new().pem();
    let path = format!("sslmode=verify-full&sslrootcert={}", ca_file.display());
    let from_path = format!("sslrootcert={}", ca_file.display());

    for (host, settings, ca, expected) in [
        ("localhost", "sslmode=verify-full", Some(&ca), Ok(())),
        ("localhost", path.as_str(), None, Ok(())),
        ("localhost", &from_path, None, Ok(())),
        ("127.0.0.1", "sslmode=verify-ca", Some(&ca), Ok(())),
        ("127.0.0.1", "sslmode=require", None, Ok(())),
        ("127.0.0.1", "sslmode=prefer", None, Ok(())),
        ("127.0.0.1", "channel_binding=prefer", None, Ok(())),
        ("localhost", "sslmode=disable", None, Err("SSL required")),
        (
            "127.0.0.1",
            "sslmode=verify-full",
            Some(&ca),
            Err("not valid for name"),
        ),
        ("127.0.0.1", &from_path, None, Err("not valid for name")),
        (
            "localhost",
            "sslmode=verify-full",
            Some(&stranger),
            Err("BadSignature"),
        ),
        (
            "localhost",
            "sslmode=verify-ca",
            Some(&stranger),
            Err("BadSignature"),
        ),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=rds",
            None,
            Err("UnknownIssuer"),
        ),
        (
            "localhost",
            "sslmode=require&sslrootcert=rds",
            None,
            Err("UnknownIssuer"),
        ),
        // pgBouncer does not support channel binding.
        (
            "localhost",
            "sslmode=require&channel_binding=require",
            None,
            Err("channel binding"),
        ),
    ] {
        let (_, database) = database(deployed.pool_url_as(&app, host, settings), ca.cloned());
        let answer = ask(&database).await;
        match (&answer, expected) {
            (Ok(encrypted), Ok(())) => assert!(encrypted, "{host} {settings}: not encrypted to Postgres"),
            (Err(error), Err(words)) => assert!(error.contains(words), "{host} {settings}: {error}"),
            _ => panic!("{host} {settings}: {answer:?}"),
        }
    }

    let wrong_password = Login {
        password: "wrong".to_owned(),
        ..app.clone()
    };
    let (_, refused) = database(
        deployed.pool_url_as(&wrong_password, "localhost", "sslmode=verify-full"),
        Some(ca.clone()),
    );
    let error = ask(&refused).await.unwrap_err();
    assert!(error.contains("authentication failed"), "{error}");

    // Responses of the functions with these settings.
    place(&mut deployed.database, &NewOrder::default()).await;
    for (ca, status) in [(stranger, 503), (ca, 200)] {
        let (config, database) = database(
            deployed.pool_url_as(&app, "localhost", "sslmode=verify-full"),
            Some(ca),
        );
        let handler = Handler::new(&config, database, ValidateOrder::default());
        let response = post_to(&handler, &json!({"order_id": "o-1"})).await;
        assert_eq!(response.status, status, "{}", response.body);
        assert_eq!(
            response.header("retry-after"),
            (status == 503).then_some("1"),
            "{}",
            response.body
        );
    }
    deployed.stop().await;
}
