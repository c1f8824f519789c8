//! Media types of the files of a console.

use http::HeaderValue;

/// Returns the path without the extension of its compression, and whether there is one.
pub(crate) fn without_compression(path: &str) -> (&str, bool) {
    path.strip_suffix(".gz")
        .map_or((path, false), |plain| (plain, true))
}

/// Returns the media type of a file by its extension.
pub(crate) fn of(path: &str) -> HeaderValue {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    HeaderValue::from_static(match extension {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    })
}
