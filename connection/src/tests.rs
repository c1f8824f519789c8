use super::*;

/// Certificate authority for this test only; its private key was deleted.
const CA: &str = include_str!("test-ca.pem");

fn parse(text: &str) -> Result<Connection, String> {
    Connection::parse(text, None).map_err(|error| error.to_string())
}

#[test]
fn tls_settings_are_extracted_at_any_position() {
    for (text, rest, mode, root) in [
        ("postgres://u:p@h:1/d", "postgres://u:p@h:1/d", None, None),
        (
            "postgres://u:p@h/d?sslmode=require",
            "postgres://u:p@h/d",
            Some("require"),
            None,
        ),
        (
            "postgresql://h/d?sslmode=verify-full&connect_timeout=3&sslrootcert=/a%20b",
            "postgresql://h/d?connect_timeout=3",
            Some("verify-full"),
            Some("/a b"),
        ),
        (
            "postgres://h?a=1&%73slmode=disable&b=2",
            "postgres://h?a=1&b=2",
            Some("disable"),
            None,
        ),
        // As in the driver: the text before the @ belongs to the password.
        (
            "postgres://u:p?sslmode=disable@h/d?sslmode=require",
            "postgres://u:p?sslmode=disable@h/d",
            Some("require"),
            None,
        ),
        ("postgres://h/d?", "postgres://h/d?", None, None),
        ("", "", None, None),
        (
            "host=h sslmode=require user=u",
            "host=h user=u ",
            Some("require"),
            None,
        ),
        (
            "  sslrootcert = '/a b/c\\'d' password='sslmode=disable' sslmode\n=\tverify-ca",
            "password='sslmode=disable' ",
            Some("verify-ca"),
            Some("/a b/c'd"),
        ),
        ("sslmode=a\\ b\\\\ host=é", "host=é ", Some("a b\\"), None),
        ("host='x'sslmode='require'", "host='x' ", Some("require"), None),
        ("host=h rubbish", "host=h rubbish", None, None),
        ("host=h sslmode='require", "host=h sslmode='require", None, None),
    ] {
        let expected = Split {
            rest: rest.to_owned(),
            sslmode: mode.map(str::to_owned),
            sslrootcert: root.map(str::to_owned),
        };
        assert_eq!(
            split(text).map_err(|error| error.to_string()),
            Ok(expected),
            "{text}"
        );
    }
}

#[test]
fn driver_receives_the_remaining_settings() {
    use tokio_postgres::config::SslMode as Driver;
    for (text, mode) in [
        ("postgres://u:p@h/d", Driver::Prefer),
        ("postgres://u:p@h/d?sslmode=disable", Driver::Disable),
        ("host=h user=u dbname=d sslmode=prefer", Driver::Prefer),
        ("postgres://u:p@h/d?sslmode=require", Driver::Require),
        (
            "postgres://u:p@h/d?sslmode=require&sslrootcert=rds",
            Driver::Require,
        ),
        (
            "host=h user=u dbname=d sslmode=verify-ca sslrootcert=rds",
            Driver::Require,
        ),
        (
            "postgres://u:p@h/d?sslmode=verify-full&sslrootcert=rds",
            Driver::Require,
        ),
        ("postgres://u:p@h/d?sslrootcert=rds", Driver::Require),
    ] {
        let connection = parse(text).unwrap();
        assert_eq!(connection.driver.get_ssl_mode(), mode, "{text}");
        assert_eq!(connection.driver.get_user(), Some("u"), "{text}");
        assert_eq!(connection.driver.get_dbname(), Some("d"), "{text}");
    }
}

#[test]
fn invalid_settings_are_rejected_with_a_message() {
    for (text, expected) in [
        ("postgres://h/d?sslmode=yes", "sslmode must be disable, prefer"),
        ("postgres://h/d?sslmode=Verify-Full", "sslmode must be"),
        ("postgres://h/d?sslmode=allow", "sslmode must be"),
        ("postgres://h/d?sslmode=", "sslmode is empty"),
        ("postgres://h/d?sslmode", "sslmode is empty"),
        (
            "sslmode=verify-full host=h sslmode=disable",
            "sslmode is given twice",
        ),
        (
            "postgres://h/d?sslmode=verify-full&%73slmode=disable",
            "sslmode is given twice",
        ),
        (
            "postgres://h/d?sslrootcert=rds&sslrootcert=rds",
            "sslrootcert is given twice",
        ),
        (
            "postgres://h/d?sslmode=disable&sslrootcert=rds",
            "sslrootcert requires sslmode=verify-full",
        ),
        (
            "postgres://h/d?sslmode=prefer&sslrootcert=rds",
            "sslrootcert requires sslmode=verify-full",
        ),
        (
            "postgres://h/d?sslmode=require&sslrootcert=system",
            "requires sslmode=verify-full",
        ),
        (
            "postgres://h/d?sslmode=verify-ca",
            "sslmode=verify-ca requires sslrootcert",
        ),
        (
            "postgres://h/d?sslrootcert=/no/such.pem",
            "cannot read /no/such.pem",
        ),
        ("postgres://h/d?sslrootcert=/dev/null", "no certificate found"),
        ("postgres://h/d?sslmode=%ff", "utf-8"),
        ("postgres://h/d?sslcert=x", "unknown option"),
        ("host=h sslmode='require", "unterminated quoted"),
        ("=", "no host is given"),
        ("sslmode", "invalid connection string"),
        ("", "no host is given"),
        ("postgres:///d", "no host is given"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn authority_may_have_any_line_breaks() {
    let text = "postgres://h/d?sslmode=verify-full";
    for pem in [
        CA.to_owned(),
        CA.replace('\n', "\r\n"),
        CA.replace('\n', " "),
        CA.replace('\n', "\\n"),
        format!("a remark\n{CA}{CA}"),
    ] {
        Connection::parse(text, Some(&pem)).unwrap();
    }
    for (pem, expected) in [
        ("rubbish".to_owned(), "no certificate found"),
        (
            CA.replace("-----END", "----- END"),
            "certificate 1 has no END line",
        ),
        (CA.replace("MII", "M!I"), "certificate 1 is not valid base64"),
        (CA.replace("MII", "AAA"), "certificate 1 is invalid"),
    ] {
        let error = Connection::parse(text, Some(&pem)).unwrap_err();
        assert!(
            matches!(&error, Error::Authority(what) if what.contains(expected)),
            "{error}"
        );
    }
}

/// Random texts: parsing does not panic, and no TLS setting reaches the driver without being extracted.
#[test]
fn driver_never_receives_tls_settings() {
    let parts = [
        "postgres://",
        "h",
        "/d",
        "?",
        "&",
        "=",
        "@",
        ":",
        "%",
        "%73",
        "sslmode",
        "sslrootcert",
        "disable",
        "verify-full",
        "rds",
        " ",
        "'",
        "\\",
        "host",
        "é",
        "\0",
        "\n",
        "#",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..200_000 {
        let mut text = String::new();
        for _ in 0..12 {
            // xorshift: the same texts in every run.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let index = usize::try_from(state % 64).unwrap_or(0);
            text.push_str(parts.get(index % (parts.len() + 1)).unwrap_or(&""));
        }
        let Ok(split) = split(&text) else { continue };
        if let Ok(driver) = split.rest.parse::<tokio_postgres::Config>() {
            // The driver's default: it has not received an sslmode.
            assert_eq!(driver.get_ssl_mode(), DriverSslMode::Prefer, "{text:?}");
        }
    }
}
