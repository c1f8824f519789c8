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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A browser, from another origin.
    Browser,
    /// An event trigger or a cron trigger.
    Trigger,
    /// A schedule: a cron trigger on this machine, a rule of `EventBridge` on AWS.
    Schedule,
}

/// Entry of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    role: Option<String>,
    caller: ListedCaller,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ListedCaller {
    Browser,
    Trigger,
    Schedule,
    /// Secrets Manager on AWS; such a function has no route, and no role of its own.
    Rotation,
}

/// One function with a route and a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Name of the crate and of the path.
    pub name: String,
    /// Database role.
    pub role: String,
    pub caller: Caller,
}

/// Prefix of a function's names in the templates of infra/, for example `ValidateOrder`.
fn logical_name(function: &str) -> String {
    let words = function.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}

/// Parameter of infra/main.yaml for the hash of a function's zip.
pub fn hash_parameter(function: &str) -> String {
    logical_name(function) + "Sha256"
}

impl Function {
    /// Prefix of the function's names in the templates of infra/, for example `ValidateOrder`.
    pub fn logical_name(&self) -> String {
        logical_name(&self.name)
    }

    /// Name of the output of infra/main.yaml with the ARN of the function's secret.
    pub fn secret_output(&self) -> String {
        self.logical_name() + "SecretArn"
    }
}

/// The functions, and the SQL that creates their roles.
#[derive(Debug)]
pub struct Functions {
    pub all: Vec<Function>,
    /// Names of the functions without a route and a role, which exist on AWS only.
    pub on_aws: Vec<String>,
    pub(crate) roles_sql: String,
}

impl Functions {
    /// Names of the functions that are deployed.
    pub fn deployed(&self) -> impl Iterator<Item = &str> {
        let others = self.on_aws.iter().map(String::as_str);
        self.all
            .iter()
            .map(|function| function.name.as_str())
            .chain(others)
    }

    /// Reads the files of a checkout.
    fn read(root: &Path) -> Result<Self> {
        let text =
            |file: &str| fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"));
        let listed: Vec<Listed> = serde_json::from_str(&text(LIST)?)
            .with_context(|| format!("{LIST} is not a list of functions"))?;
        let (mut all, mut on_aws) = (Vec::<Function>::new(), Vec::new());
        for Listed { name, role, caller } in listed {
            let caller = match caller {
                ListedCaller::Browser => Caller::Browser,
                ListedCaller::Trigger => Caller::Trigger,
                ListedCaller::Schedule => Caller::Schedule,
                ListedCaller::Rotation => {
                    ensure!(
                        role.is_none(),
                        "{LIST}: the function \"{name}\" must have no role"
                    );
                    on_aws.push(name);
                    continue;
                }
            };
            let role = role.with_context(|| format!("{LIST}: the function \"{name}\" has no role"))?;
            all.push(Function { name, role, caller });
        }
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
            on_aws,
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
        assert_eq!(hash_parameter(&function.name), "ValidateOrderSha256");
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
            (r#"[{"name": "a", "caller": "trigger"}]"#, "\"a\" has no role"),
            (
                r#"[{"name": "a", "role": "fn_a", "caller": "rotation"}]"#,
                "\"a\" must have no role",
            ),
        ] {
            let error = format!("{:#}", read(list).unwrap_err());
            assert!(error.contains(reason), "{error}");
        }
    }

    #[test]
    fn each_function_is_a_crate() {
        for function in functions().unwrap().deployed() {
            let manifest = dirs::root().join("functions").join(function).join("Cargo.toml");
            assert!(manifest.is_file(), "{}", manifest.display());
        }
    }
}
