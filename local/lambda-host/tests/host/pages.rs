//! Web pages that send requests to the gateway or to the Runtime API.

use http::Method;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::fixture::{APP, Host, options};

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let host = Host::start(options(1)).await;
    let json = ("content-type", "application/json");
    let port = host.functions.url().rsplit(':').next().unwrap().to_owned();
    let own = format!("http://127.0.0.1:{port}");
    let rebound = format!("rebinding.test:{port}");
    let rebound_origin = format!("http://{rebound}");
    for (headers, expected) in [
        (vec![("origin", APP), json], 200),
        (vec![("origin", own.as_str()), json], 200),
        (vec![("sec-fetch-site", "cross-site"), json], 200),
        (vec![("host", "localhost")], 200),
        (vec![("origin", APP)], 415),
        (vec![("origin", APP), ("content-type", "text/plain")], 415),
        (vec![("sec-fetch-site", "cross-site")], 415),
        (
            vec![
                ("sec-fetch-site", "same-site"),
                ("content-type", "multipart/form-data"),
            ],
            415,
        ),
        (vec![("origin", "null"), json], 403),
        (vec![("origin", "https://localhost:3000"), json], 403),
        (vec![("origin", "http://localhost:30000"), json], 403),
        (vec![("origin", "http://localhost:3000.evil.test"), json], 403),
        (vec![("origin", "https://evil.test"), json], 403),
        (vec![("origin", APP), ("origin", "https://evil.test"), json], 403),
        (vec![("origin", APP), json, ("content-type", "text/plain")], 415),
        (vec![("host", rebound.as_str()), json], 403),
        (
            vec![
                ("host", rebound.as_str()),
                ("origin", rebound_origin.as_str()),
                json,
            ],
            403,
        ),
    ] {
        let response = host.post_as_page(&headers, "echo").await;
        assert_eq!(response.status(), expected, "{headers:?}");
        let readable = response.headers().get("access-control-allow-origin");
        let page = headers.iter().find(|(name, _)| *name == "origin");
        let page = page.map(|(_, origin)| *origin).filter(|_| expected != 403);
        assert_eq!(readable.map(|value| value.to_str().unwrap()), page, "{headers:?}");
    }
    // A preflight request is refused as well, and answered without CORS headers.
    let preflight = host
        .client
        .request(Method::OPTIONS, format!("{}/misbehave", host.functions.url()))
        .header("origin", "https://evil.test")
        .header("access-control-request-method", "POST");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.status(), 403);
    assert!(!response.headers().contains_key("access-control-allow-origin"));
    host.functions.stop().await;
}

/// The refusal does not wait for a body that the page never sends completely.
#[tokio::test]
async fn pages_are_refused_before_the_body_is_read() {
    let host = Host::start(options(1)).await;
    let address = host.functions.url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /misbehave HTTP/1.1\r\nhost: {address}\r\norigin: https://evil.test\r\n\
         content-type: application/json\r\ncontent-length: 1000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.unwrap();
    assert!(line.starts_with("HTTP/1.1 403 "), "{line}");
    host.functions.stop().await;
}

/// A process finds the Runtime API in its environment; a page of any origin could guess its port.
#[tokio::test]
async fn pages_cannot_use_the_runtime_api() {
    let host = Host::start(options(1)).await;
    let (_, api) = host.status_and_text("env AWS_LAMBDA_RUNTIME_API").await;
    let url = format!("{api}/2018-06-01/runtime/invocation/next");
    for (name, value) in [
        ("origin", "https://evil.test"),
        ("sec-fetch-site", "cross-site"),
        ("host", "rebinding.test"),
    ] {
        let response = host.client.get(&url).header(name, value).send().await.unwrap();
        assert_eq!(response.status(), 403, "{name}");
    }
    assert_eq!(host.post("echo").await.status(), 200);
    host.functions.stop().await;
}
