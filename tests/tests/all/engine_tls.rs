//! TLS from the engine to Postgres: each `sslmode` against a real server, without TLS and with it.

use local_process::dirs;
use local_process::logs::{Destination, LogFormat, LogLevel, Logs};
use local_process::ports;
use local_process::watchdog::Watchdog;
use local_services::postgres;
use local_services::services::{self, Services};
use local_stack::engine::{Engine, Options};
use testkit::eventually;

#[tokio::test]
async fn engine_verifies_certificate_per_sslmode() {
    let watchdog = Watchdog::start(&dirs::bin_dir().expect("the binaries"));
    let options = services::Options {
        max_connections: 100,
        pool: None,
        fsync_off: true,
    };
    let services = Services::start(options, &watchdog).await.expect("Postgres");
    let url = services.database_url();
    let start = async |host: &str, settings: &str| {
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = format!("{}{separator}{settings}", url.replace("127.0.0.1", host));
        let options = Options {
            program: dirs::bin_dir()?.join("engine"),
            dir: services.dir().to_path_buf(),
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: ports::free()?,
            database_url: url,
            functions_url: "http://127.0.0.1:9".to_owned(),
            webhook_secret: String::new(),
            allowed_origins: Vec::new(),
            log_format: LogFormat::Text,
            log_level: LogLevel::Error,
            env: Vec::new(),
        };
        let logs = Logs::new(Destination::Kept);
        Engine::start(options, &logs, &watchdog)
            .await
            .map_err(|error| anyhow::anyhow!("{error:#}"))
    };
    let refused = async |host: &str, settings: &str, because: &str| match start(host, settings).await {
        Ok(_) => panic!("{settings} must be refused"),
        Err(error) => assert!(error.to_string().contains(because), "{settings}: {error}"),
    };

    refused("127.0.0.1", "sslmode=require", "does not support TLS").await;
    start("127.0.0.1", "sslmode=prefer")
        .await
        .expect("the engine connects without TLS")
        .stop()
        .await;

    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let client = postgres::connect(&url).await.expect("a connection");
    let (certificate, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    let path = |name: &str| services.dir().join("data").join(name).display().to_string();
    for (name, pem) in [("server.crt", &certificate), ("server.key", &key)] {
        // Written by the server, so that the file has the owner and the permissions that Postgres requires.
        let lines = pem.trim().replace('\n', "\\n");
        let sql = format!(
            "COPY (SELECT unnest(string_to_array(E'{lines}', E'\\n'))) TO PROGRAM 'umask 077; cat > {}'",
            path(name)
        );
        client
            .batch_execute(&sql)
            .await
            .expect("the server writes its file");
    }
    for (setting, value) in [
        ("ssl_cert_file", path("server.crt")),
        ("ssl_key_file", path("server.key")),
        ("ssl", "on".to_owned()),
    ] {
        let sql = format!("ALTER SYSTEM SET {setting} = '{value}'");
        client.batch_execute(&sql).await.expect("a superuser may");
    }
    client
        .batch_execute("SELECT pg_reload_conf()")
        .await
        .expect("a superuser may");
    eventually("Postgres accepts TLS", async || {
        let client = postgres::connect(&url).await.ok()?;
        let row = client.query_one("SHOW ssl", &[]).await.ok()?;
        (row.get::<_, &str>(0) == "on").then_some(())
    })
    .await;

    let root = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(root.path(), &certificate).expect("the certificate");
    let root = root.path().display().to_string();
    for (host, settings) in [
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={root}")),
        ("localhost", format!("sslmode=verify-full&sslrootcert={root}")),
        ("localhost", format!("sslrootcert={root}")),
    ] {
        let engine = start(host, &settings)
            .await
            .unwrap_or_else(|error| panic!("{settings}: {error}"));
        let sql =
            "SELECT count(*) FILTER (WHERE ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                   WHERE application_name = 'engine'";
        let row = client.query_one(sql, &[]).await.expect("statistics");
        let (encrypted, all): (i64, i64) = (row.get(0), row.get(1));
        assert!(
            all > 0 && encrypted == all,
            "{settings}: {encrypted} of {all} connections"
        );
        engine.stop().await;
    }
    refused(
        "127.0.0.1",
        &format!("sslmode=verify-full&sslrootcert={root}"),
        "certificate",
    )
    .await;
    refused("localhost", "sslmode=verify-full", "certificate").await;
    services.stop().await;
}
