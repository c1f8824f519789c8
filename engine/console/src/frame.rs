//! Page that loads Hasura's console from its assets.

use serde_json::json;

/// File that only the assets of Hasura's console contain.
pub(crate) const SCRIPT: &str = "versioned/main.js.gz";

/// Properties of the server that the page passes to Hasura's console.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Path of the request, such as `/console/data`.
    pub path: &'a str,
    pub admin_secret_set: bool,
    /// Version that the server reports.
    pub version: &'a str,
}

impl Frame<'_> {
    /// Returns the page. Its keys are those that Hasura's console reads.
    pub(crate) fn html(&self) -> String {
        let environment = json!({
            "consoleMode": "server",
            "consoleType": "oss",
            "urlPrefix": crate::PATH,
            "consolePath": self.path,
            "isAccessKeySet": self.admin_secret_set,
            "isAdminSecretSet": self.admin_secret_set,
            "enableTelemetry": false,
            "cdnAssets": false,
            "assetsPath": "/console/assets",
            "assetsVersion": "",
            "serverVersion": self.version,
        });
        // A path of a client is part of a script.
        let environment = environment.to_string().replace('<', "\\u003c");
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Console</title>\n\
             <script>window.__env = {environment};</script>\n\
             <link rel=\"stylesheet\" href=\"/console/assets/versioned/main.css.gz\">\n</head>\n<body>\n\
             <div id=\"content\"></div>\n\
             <script src=\"/console/assets/versioned/vendor.js.gz\" charset=\"UTF-8\"></script>\n\
             <script src=\"/console/assets/versioned/main.js.gz\" charset=\"UTF-8\"></script>\n</body>\n</html>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_cannot_end_the_script() {
        let frame = Frame {
            path: "/console/</script><script>alert(1)</script>",
            admin_secret_set: false,
            version: "v2.45.0",
        };
        let html = frame.html();
        assert!(!html.contains("</script><script>alert"), "{html}");
    }
}
