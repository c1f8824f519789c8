//! Addresses of a stack, as a table and as JSON.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use serde::{Deserialize, Serialize};

use crate::identity;

/// URLs of the services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The engine: `http://…`.
    pub engine: String,
    /// The gateway of the functions: `http://…`.
    pub functions: String,
    /// Postgres, directly: `postgres://…`.
    pub postgres: String,
    /// Postgres through pgBouncer; null without pgBouncer.
    pub pgbouncer: Option<String>,
    /// The customer's app: `http://…`; null without apps.
    pub(crate) order_app: Option<String>,
    /// The dashboard: `http://…`; null without apps.
    pub(crate) analytics_app: Option<String>,
    /// The console, which the engine serves: `http://…`; null without apps.
    pub(crate) console: Option<String>,
    /// File with the engine's admin secret; null if there is no secret, or if it comes from the environment.
    pub(crate) admin_secret_file: Option<PathBuf>,
}

impl Addresses {
    /// Reads the engine's admin secret: from its file, or from the environment of this process, which the engine inherits.
    pub fn admin_secret(&self) -> Result<Option<String>> {
        let Some(file) = &self.admin_secret_file else {
            return Ok(std::env::var("HASURA_GRAPHQL_ADMIN_SECRET").ok());
        };
        identity::read_admin_secret(file).map(Some)
    }

    /// Whether the browser apps are served.
    pub fn has_apps(&self) -> bool {
        self.order_app.is_some() && self.analytics_app.is_some()
    }

    /// Reads a file that [`Self::write`] has written.
    pub fn read(path: &Path) -> Result<Self> {
        let read = || -> Result<Self> { Ok(serde_json::from_str(&fs::read_to_string(path)?)?) };
        read().with_context(|| format!("cannot read the addresses from {}", path.display()))
    }

    /// Writes the addresses as JSON, atomically, because readers wait for the file.
    pub fn write(&self, path: &Path) -> Result<()> {
        let dir = path
            .parent()
            .filter(|dir| !dir.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let write = || -> Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(dir)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            writeln!(file)?;
            file.persist(path)?;
            Ok(())
        };
        write().with_context(|| format!("cannot write the addresses to {}", path.display()))
    }

    /// A human-readable table.
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_header(["what", "where"]);
        table.add_row(["Order app", self.order_app.as_deref().unwrap_or("left out")]);
        table.add_row(["Dashboard", self.analytics_app.as_deref().unwrap_or("left out")]);
        table.add_row(["Console", self.console.as_deref().unwrap_or("left out")]);
        table.add_row([
            "GraphQL (HTTP and WebSocket)",
            &format!("{}/v1/graphql", self.engine),
        ]);
        table.add_row(["Metadata API", &format!("{}/v1/query", self.engine)]);
        if let Some(file) = &self.admin_secret_file {
            table.add_row(["Admin secret", &format!("cat '{}'", file.display())]);
        }
        table.add_row(["Functions", &self.functions]);
        table.add_row(["Login", &format!("{}/login", self.functions)]);
        table.add_row(["Payment", &format!("{}/payment", self.functions)]);
        table.add_row(["Postgres", &self.postgres]);
        table.add_row(["pgBouncer", self.pgbouncer.as_deref().unwrap_or("left out")]);
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_file_contains_every_service() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("addresses.json");
        let addresses = Addresses {
            engine: "http://127.0.0.1:8080".into(),
            functions: "http://127.0.0.1:8081".into(),
            postgres: "postgres://127.0.0.1:15432/postgres".into(),
            pgbouncer: None,
            order_app: Some("http://127.0.0.1:3000".into()),
            analytics_app: None,
            console: None,
            admin_secret_file: Some(dir.path().join("admin-secret")),
        };
        addresses.write(&path).unwrap();
        addresses.write(&path).unwrap();
        let read: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(read["engine"], "http://127.0.0.1:8080");
        assert_eq!(read["pgbouncer"], serde_json::Value::Null);
        assert_eq!(read.as_object().unwrap().len(), 8);
        let (_, secret) = identity::admin_secret(dir.path()).unwrap();
        assert_eq!(
            addresses.admin_secret().unwrap().as_deref(),
            Some(secret.as_str())
        );
        let text = addresses.table().to_string();
        assert!(text.contains("admin-secret") && !text.contains(&secret), "{text}");
        assert!(
            addresses
                .write(Path::new("/no/such/dir/x"))
                .unwrap_err()
                .to_string()
                .contains("/no/such/dir/x")
        );
    }
}
