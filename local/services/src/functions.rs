//! The functions of the checkout: `functions/functions.json` and `infra/function-roles.sql`, read when they are first needed, so
//! that a new function needs no change of this code.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, ensure};
use local_process::dirs;
use serde::Deserialize;

/// List of the functions, relative to the project's root.
const LIST: &str = "functions/functions.json";
/// Their database roles, relative to the project's root.
const ROLES: &str = "infra/function-roles.sql";

/// Start of the name of each function's role.
pub const FUNCTION_ROLE_PREFIX: &str = "fn_";

/// Kind of client that calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Caller {
    /// A browser, from another origin.
    Browser,
    /// An event trigger or a cron trigger.
    Trigger,
    /// A schedule: a cron trigger on this machine, a rule of `EventBridge` on AWS.
    Schedule,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Name of the crate and of the path.
    pub name: String,
    /// Database role.
    pub role: String,
    pub caller: Caller,
}

impl Function {
    /// Prefix of the function's names in the templates of infra/, for example `ValidateOrder`.
    pub fn logical_name(&self) -> String {
        let words = self.name.split('-').map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        });
        words.collect()
    }

    /// Name of the output of infra/main.yaml with the ARN of the function's secret.
    pub fn secret_output(&self) -> String {
        self.logical_name() + "SecretArn"
    }

    /// Parameter of infra/main.yaml for the hash of the function's zip.
    pub fn hash_parameter(&self) -> String {
        self.logical_name() + "Sha256"
    }
}

/// The functions, and the SQL that creates their roles.
#[derive(Debug)]
pub struct Functions {
    pub all: Vec<Function>,
    pub(crate) roles_sql: String,
}

impl Functions {
    /// Reads the files of a checkout.
    fn read(root: &Path) -> Result<Self> {
        let text =
            |file: &str| fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"));
        let all: Vec<Function> = serde_json::from_str(&text(LIST)?)
            .with_context(|| format!("{LIST} is not a list of functions"))?;
        for (index, function) in all.iter().enumerate() {
            let earlier = &all[..index];
            let is_new = |other: &Function| other.name != function.name && other.role != function.role;
            ensure!(
                earlier.iter().all(is_new),
                "{LIST}: the name or the role of \"{}\" is listed twice",
                function.name
            );
            ensure!(
                function.role.starts_with(FUNCTION_ROLE_PREFIX),
                "{LIST}: the role \"{}\" must start with \"{FUNCTION_ROLE_PREFIX}\"",
                function.role
            );
        }
        Ok(Self {
            all,
            roles_sql: text(ROLES)?,
        })
    }
}

/// Returns the functions of the checkout.
pub fn functions() -> Result<&'static Functions> {
    static FUNCTIONS: OnceLock<Functions> = OnceLock::new();
    if let Some(functions) = FUNCTIONS.get() {
        return Ok(functions);
    }
    let read = Functions::read(&dirs::root())?;
    Ok(FUNCTIONS.get_or_init(|| read))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> Result<Functions> {
        let dir = tempfile::tempdir().unwrap();
        for (file, content) in [(LIST, list), (ROLES, "SELECT 1")] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Functions::read(dir.path())
    }

    #[test]
    fn names_in_the_templates_follow_from_the_name() {
        let function = &functions().unwrap().all[1];
        assert_eq!(function.name, "validate-order");
        assert_eq!(function.secret_output(), "ValidateOrderSecretArn");
        assert_eq!(function.hash_parameter(), "ValidateOrderSha256");
    }

    #[test]
    fn invalid_lists_are_refused() {
        let one = r#"{"name": "a", "role": "fn_a", "caller": "trigger"}"#;
        assert_eq!(read(&format!("[{one}]")).unwrap().all.len(), 1);
        for (list, reason) in [
            ("{}", "functions/functions.json is not a list"),
            (&*format!("[{one}, {one}]"), "\"a\" is listed twice"),
            (
                r#"[{"name": "a", "role": "fn_a", "caller": "engine"}]"#,
                "not a list",
            ),
            (
                r#"[{"name": "a", "role": "a", "caller": "trigger"}]"#,
                "must start with \"fn_\"",
            ),
        ] {
            let error = format!("{:#}", read(list).unwrap_err());
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn each_function_is_a_crate() {
        for function in &functions().unwrap().all {
            let manifest = dirs::root()
                .join("functions")
                .join(&function.name)
                .join("Cargo.toml");
            assert!(manifest.is_file(), "{}", manifest.display());
        }
    }
}
