//! Files of a console below `/console`: of a directory, or those that the build has included (feature `embedded`).
//!
//! A directory with an `index.html` is a build of `apps/console`: that page is the page of each path, and its assets are in
//! `assets/`. Any other directory is taken for the assets of Hasura's console, which expects a page frame from the server
//! ([`frame`]).

mod directory;
#[cfg(any(test, feature = "embedded"))]
mod embedded;
mod files;
mod frame;
mod media_type;

pub use frame::Frame;

use bytes::Bytes;
use files::Files;
use http::{HeaderValue, Response, StatusCode, header};
use std::path::PathBuf;
use std::sync::Arc;

/// Path below which the console is served.
pub const PATH: &str = "/console";

/// The names of built files contain a hash of their content, so the content of a name never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// Page while the directory contains no console.
const MISSING: &[u8] = b"<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Console</title></head>\n<body>\n\
    <h1>The console is not there yet</h1>\n\
    <p>HASURA_GRAPHQL_CONSOLE_ASSETS_DIR contains neither an index.html nor the assets of Hasura&rsquo;s console. \
    If it is being built, reload this page in a moment; otherwise build it with \
    <code>npm run build --workspace @threefactor/console</code> in <code>apps/</code>.</p>\n</body>\n</html>\n";

/// Policy of the project's own console. `unsafe-inline` for styles: its components and its editor write style elements. The workers of
/// the editor are files.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; \
     object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

/// Policy of a console of the operator, whose sources are not known: it cannot be framed.
const FOREIGN_POLICY: HeaderValue =
    HeaderValue::from_static("frame-ancestors 'none'; object-src 'none'; base-uri 'none'");

/// Reason why there is no console.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error(
        "the console is enabled, and this engine was built without it; name a directory with HASURA_GRAPHQL_CONSOLE_ASSETS_DIR \
         (--console-assets-dir), or build the engine with the feature `console`"
    )]
    NotIncluded,
    #[error("HASURA_GRAPHQL_CONSOLE_ASSETS_DIR: {path} is not a directory that can be read: {source}")]
    Unreadable { path: String, source: std::io::Error },
}

/// A console that can be served.
#[derive(Debug, Clone)]
pub struct Console {
    files: Arc<Files>,
    directory: Option<PathBuf>,
}

impl Console {
    /// Opens the directory, or the files that the engine contains. Files may be added to the directory later.
    pub fn open(directory: Option<PathBuf>) -> Result<Self, ConsoleError> {
        let files = match &directory {
            Some(path) => {
                let unreadable = |source| ConsoleError::Unreadable {
                    path: path.display().to_string(),
                    source,
                };
                std::fs::read_dir(path).map_err(unreadable)?;
                Files::directory(path.clone())
            }
            None => Files::embedded().ok_or(ConsoleError::NotIncluded)?,
        };
        Ok(Self {
            files: Arc::new(files),
            directory,
        })
    }

    /// Directory of the files, as reported by `/v1alpha1/config`.
    pub fn directory(&self) -> Option<&str> {
        self.directory.as_deref().and_then(|path| path.to_str())
    }

    /// Returns the page of a path; status 503 if the directory contains no console.
    pub async fn page(&self, frame: &Frame<'_>) -> Response<Bytes> {
        let (status, body, policy) = if let Some(page) = self.files.read("index.html").await {
            (StatusCode::OK, page, POLICY)
        } else if self.files.read(frame::SCRIPT).await.is_some() {
            (StatusCode::OK, Bytes::from(frame.html()), FOREIGN_POLICY)
        } else {
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Bytes::from_static(MISSING),
                POLICY,
            )
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, REVALIDATE);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }

    /// Returns a file by its path below `/console/assets/`; status 404 if it does not exist. The build has compressed the files of
    /// the project's console, so that no request costs the time of a compression.
    pub async fn asset(&self, path: &str, accepts_gzip: bool) -> Response<Bytes> {
        let own = format!("assets/{path}");
        let (plain, is_gzip) = media_type::without_compression(path);
        let compressed = format!("{own}.gz");
        let mut found = None;
        if accepts_gzip && let Some(body) = self.files.read(&compressed).await {
            found = Some((body, true, IMMUTABLE));
        } else if let Some(body) = self.files.read(&own).await {
            found = Some((body, is_gzip, IMMUTABLE));
        } else if let Some(body) = self.files.read(path).await {
            found = Some((body, is_gzip, REVALIDATE));
        }
        let Some((body, is_gzip, caching)) = found else {
            let mut response = Response::new(Bytes::from_static(b"no such file"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, media_type::of(plain));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if is_gzip {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        headers.insert(header::CACHE_CONTROL, caching);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn frame() -> Frame<'static> {
        Frame {
            path: "/console/data",
            admin_secret_set: true,
            version: "v2.45.0",
        }
    }

    #[tokio::test]
    async fn own_console_is_served_with_its_page() {
        let parent = tempfile::tempdir().unwrap();
        let directory = parent.path().join("dist");
        fs::create_dir_all(directory.join("assets")).unwrap();
        fs::write(directory.join("index.html"), "<title>own</title>").unwrap();
        fs::write(directory.join("assets/a-1.js"), "1").unwrap();
        fs::write(parent.path().join("outside.js"), "secret").unwrap();
        let console = Console::open(Some(directory.clone())).unwrap();
        let page = console.page(&frame()).await;
        assert_eq!(page.body(), "<title>own</title>");
        assert!(page.headers().contains_key("content-security-policy"));
        let script = console.asset("a-1.js", false).await;
        assert_eq!(script.body(), "1");
        assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
        assert!(
            script.headers()["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        fs::write(directory.join("assets/a-1.js.gz"), "compressed").unwrap();
        let script = console.asset("a-1.js", true).await;
        assert_eq!(script.body(), "compressed");
        assert_eq!(script.headers()["content-encoding"], "gzip");
        assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
        for path in [
            "b-2.js",
            "../outside.js",
            "../../outside.js",
            "..%2foutside.js",
            "/etc/passwd",
            "",
            ".",
            "a-1.js/x",
        ] {
            assert_eq!(
                console.asset(path, true).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn embedded_files_are_served() {
        let console = Console {
            files: Arc::new(Files::Embedded),
            directory: None,
        };
        let page = console.page(&frame()).await;
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.body(), include_str!("../fixture/index.html"));
        let script = console.asset("a-1.js", false).await;
        assert_eq!(script.body(), include_str!("../fixture/assets/a-1.js"));
        assert_eq!(
            script.headers()["cache-control"],
            "public, max-age=31536000, immutable"
        );
        let script = console.asset("a-1.js", true).await;
        assert_eq!(script.headers()["content-encoding"], "gzip");
        assert_eq!(
            script.body().as_ref(),
            include_bytes!("../fixture/assets/a-1.js.gz")
        );
        // Only the variants that the engine serves are included.
        for path in ["a-1.js.br", "a-1.js.map", "../Cargo.toml"] {
            assert_eq!(
                console.asset(path, true).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn other_directories_are_served_in_hasuras_frame() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("versioned")).unwrap();
        fs::write(directory.path().join("versioned/main.js.gz"), "compressed").unwrap();
        let console = Console::open(Some(directory.path().to_owned())).unwrap();
        let page = console.page(&frame()).await;
        let html = std::str::from_utf8(page.body()).unwrap();
        assert!(html.contains("/console/assets/versioned/main.js.gz"), "{html}");
        assert!(html.contains(r#""isAdminSecretSet":true"#), "{html}");
        let script = console.asset("versioned/main.js.gz", true).await;
        assert_eq!(script.headers()["content-encoding"], "gzip");
        assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(script.headers()["cache-control"], "no-cache");
    }

    #[tokio::test]
    async fn a_directory_can_be_filled_later() {
        let directory = tempfile::tempdir().unwrap();
        let console = Console::open(Some(directory.path().to_owned())).unwrap();
        let page = console.page(&frame()).await;
        assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.headers().contains_key("retry-after"));
        fs::write(directory.path().join("index.html"), "own").unwrap();
        assert_eq!(console.page(&frame()).await.status(), StatusCode::OK);
    }

    #[test]
    fn missing_directories_are_errors_with_a_remedy() {
        let error = Console::open(Some("/does/not/exist".into()))
            .unwrap_err()
            .to_string();
        assert!(error.contains("/does/not/exist"), "{error}");
        if cfg!(not(feature = "embedded")) {
            let error = Console::open(None).unwrap_err().to_string();
            assert!(error.contains("--console-assets-dir"), "{error}");
        }
    }
}
