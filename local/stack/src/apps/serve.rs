//! Web server of the apps: compression, cache headers, and a content security policy that forbids framing and foreign
//! scripts. `/config.json` contains the backend's addresses. A path without a dot in its last segment is a page of the app and
//! returns the page; any other path that is not a file is a 404, as in `infra/web.yaml`.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use axum::routing::get;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_http::services::{ServeDir, ServeFile};

use super::Built;
use crate::stack::Access;

/// Time for open connections to complete when the apps stop.
const GRACE: Duration = Duration::from_millis(500);

/// The names of built files contain a hash of their content, so the content of a name never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Other files are revalidated each time, with 304 if unchanged.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The running web servers.
#[derive(Debug)]
pub struct Apps {
    addresses: [SocketAddr; 2],
    stopping: CancellationToken,
    tasks: TaskTracker,
}

/// Addresses of the backend, as browsers see them.
#[derive(Debug, Clone)]
pub struct Backend {
    /// The engine's base URL.
    pub(crate) engine: String,
    /// The gateway's base URL.
    pub(crate) functions: String,
    /// Whether the apps send the tokens of their users.
    pub(crate) access: Access,
    /// See [`crate::Options::trace_url`].
    pub(crate) trace_url: Option<String>,
}

impl Apps {
    /// Serves both apps at this address.
    pub(crate) async fn start(
        built: &Built,
        host: IpAddr,
        ports: [u16; 2],
        backend: &Backend,
    ) -> Result<Self> {
        let stopping = CancellationToken::new();
        let tasks = TaskTracker::new();
        let mut addresses = Vec::with_capacity(2);
        for (dist, port) in built.dists.iter().zip(ports) {
            let address = SocketAddr::new(host, port);
            let listener = TcpListener::bind(address)
                .await
                .with_context(|| format!("cannot listen on {address} for the apps"))?;
            addresses.push(listener.local_addr()?);
            let served = axum::serve(listener, router(dist, backend)?)
                .with_graceful_shutdown(stopping.clone().cancelled_owned());
            tasks.spawn(async move { served.await });
        }
        tasks.close();
        Ok(Self {
            addresses: addresses.try_into().ok().context("expected two apps")?,
            stopping,
            tasks,
        })
    }

    /// Base URLs, in the order of [`super::NAMES`].
    pub(crate) fn urls(&self) -> [String; 2] {
        self.addresses.map(|address| format!("http://{address}"))
    }

    pub(crate) async fn stop(&self) {
        self.stopping.cancel();
        // Browsers keep idle connections open.
        let _ = timeout(GRACE, self.tasks.wait()).await;
    }
}

impl Drop for Apps {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

fn router(dist: &Path, backend: &Backend) -> Result<Router> {
    let graphql = format!("{}/v1/graphql", backend.engine);
    let socket = format!("ws{}", graphql.strip_prefix("http").unwrap_or(&graphql));
    let access = match backend.access {
        Access::Open => "open",
        Access::Secured => "secured",
    };
    let mut config = json!({
        "graphqlUrl": graphql,
        "graphqlWsUrl": socket,
        "functionsUrl": backend.functions,
        "loginUrl": format!("{}/login", backend.functions),
        "access": access,
    });
    if let Some(address) = &backend.trace_url {
        config["traceUrl"] = address.as_str().into();
    }
    let config = config.to_string();
    // 'unsafe-inline' for styles: the component library writes its variables into style elements.
    let policy = format!(
        "default-src 'self'; connect-src 'self' {graphql} {socket} {}/; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        backend.functions
    );
    let policy = HeaderValue::from_str(&policy).context("backend address is not a valid URL")?;
    let security = move |request: Request, next: Next| {
        let policy = policy.clone();
        let is_asset = request.uri().path().starts_with("/assets/");
        async move {
            let mut response = next.run(request).await;
            let found = !response.status().is_client_error();
            let headers = response.headers_mut();
            headers.insert(CONTENT_SECURITY_POLICY, policy);
            headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            headers.insert(
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            );
            let cache = if is_asset && found { IMMUTABLE } else { REVALIDATE };
            headers.insert(CACHE_CONTROL, cache);
            response
        }
    };
    // The build writes a .br and a .gz beside each file that benefits from it.
    let files = |dir: &Path| ServeDir::new(dir).precompressed_br().precompressed_gzip();
    let page = Router::new()
        .fallback_service(
            ServeFile::new(dist.join("index.html"))
                .precompressed_br()
                .precompressed_gzip(),
        )
        .layer(from_fn(async |request: Request, next: Next| {
            if is_page(request.uri().path()) {
                next.run(request).await
            } else {
                StatusCode::NOT_FOUND.into_response()
            }
        }));
    let answer = move || async move {
        (
            [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            config,
        )
            .into_response()
    };
    Ok(Router::new()
        .route("/config.json", get(answer))
        // A missing asset is a 404, never the page.
        .nest_service("/assets", files(&dist.join("assets")))
        .fallback_service(files(dist).fallback(page))
        .layer(from_fn(security)))
}

/// Whether a path that is not a file belongs to the router of the app. Ids of orders contain no dots.
fn is_page(path: &str) -> bool {
    !path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use axum::http::HeaderMap;

    use super::*;

    struct Site {
        _dir: tempfile::TempDir,
        apps: Apps,
        http: reqwest::Client,
    }

    impl Site {
        async fn open() -> Self {
            Self::open_at("127.0.0.1").await
        }

        async fn open_at(host: &str) -> Self {
            let dir = tempfile::tempdir().unwrap();
            let built = Built::within(dir.path());
            for dist in &built.dists {
                fs::create_dir_all(dist.join("assets")).unwrap();
                fs::write(dist.join("index.html"), "<title>page</title>").unwrap();
                fs::write(dist.join("assets/a-1.js"), "plain").unwrap();
                fs::write(dist.join("assets/a-1.js.br"), "brotli").unwrap();
                fs::write(dist.join("assets/a-1.js.gz"), "gzip").unwrap();
            }
            let backend = Backend {
                engine: format!("http://{host}:8080"),
                functions: format!("http://{host}:8081"),
                access: Access::Open,
                trace_url: None,
            };
            let apps = Apps::start(&built, host.parse().unwrap(), [0, 0], &backend)
                .await
                .unwrap();
            let http = local_process::http_client().unwrap();
            Self {
                _dir: dir,
                apps,
                http,
            }
        }

        async fn get(&self, path: &str, encoding: &str) -> (StatusCode, HeaderMap, String) {
            let [url, _] = self.apps.urls();
            let request = self
                .http
                .get(format!("{url}{path}"))
                .header("accept-encoding", encoding);
            let answer = request.send().await.unwrap();
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, answer.text().await.unwrap())
        }
    }

    #[tokio::test]
    async fn paths_without_a_file_return_the_page() {
        let site = Site::open().await;
        for path in ["/", "/orders", "/orders/1234"] {
            let (status, headers, body) = site.get(path, "").await;
            assert_eq!(
                (status, body.as_str()),
                (StatusCode::OK, "<title>page</title>"),
                "{path}"
            );
            assert!(
                headers["content-type"].to_str().unwrap().starts_with("text/html"),
                "{path}"
            );
            assert_eq!(headers["cache-control"], "no-cache", "{path}");
            assert!(headers.contains_key("content-security-policy"), "{path}");
            assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        }
        site.apps.stop().await;
    }

    #[tokio::test]
    async fn missing_files_are_404() {
        let site = Site::open().await;
        for path in [
            "/robots.txt",
            "/favicon.ico",
            "/nonexistent.js",
            "/orders/icon.svg",
        ] {
            let (status, headers, body) = site.get(path, "").await;
            assert_eq!((status, body.as_str()), (StatusCode::NOT_FOUND, ""), "{path}");
            assert!(headers.contains_key("content-security-policy"), "{path}");
        }
        site.apps.stop().await;
    }

    #[tokio::test]
    async fn assets_are_compressed_and_immutable_and_missing_ones_404() {
        let site = Site::open().await;
        for (encoding, body) in [("br, gzip", "brotli"), ("gzip", "gzip"), ("", "plain")] {
            let (status, headers, got) = site.get("/assets/a-1.js", encoding).await;
            assert_eq!((status, got.as_str()), (StatusCode::OK, body));
            assert!(headers["content-type"].to_str().unwrap().contains("javascript"));
            assert!(headers["cache-control"].to_str().unwrap().contains("immutable"));
        }
        let (status, headers, _) = site.get("/assets/b-2.js", "").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(headers["cache-control"], "no-cache");
    }

    #[tokio::test]
    async fn config_and_policy_name_only_the_backend() {
        let site = Site::open().await;
        let (_, headers, body) = site.get("/config.json", "").await;
        assert_eq!(headers["content-type"], "application/json");
        let config: serde_json::Value = serde_json::from_str(&body).unwrap();
        let expected = json!({
            "graphqlUrl": "http://127.0.0.1:8080/v1/graphql",
            "graphqlWsUrl": "ws://127.0.0.1:8080/v1/graphql",
            "functionsUrl": "http://127.0.0.1:8081",
            "loginUrl": "http://127.0.0.1:8081/login",
            "access": "open",
        });
        assert_eq!(config, expected);
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains(
                "connect-src 'self' http://127.0.0.1:8080/v1/graphql ws://127.0.0.1:8080/v1/graphql \
                 http://127.0.0.1:8081/;"
            ),
            "{policy}"
        );
    }

    // Linux has all of 127.0.0.0/8 on loopback.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn apps_at_another_address_name_it() {
        let site = Site::open_at("127.0.0.2").await;
        assert!(
            site.apps
                .urls()
                .iter()
                .all(|url| url.starts_with("http://127.0.0.2:"))
        );
        let (_, _, body) = site.get("/config.json", "").await;
        let config: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(config["graphqlWsUrl"], "ws://127.0.0.2:8080/v1/graphql");
        assert_eq!(config["loginUrl"], "http://127.0.0.2:8081/login");
        site.apps.stop().await;
    }
}
