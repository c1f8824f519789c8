//! Introspection of the roles of the public: on while the app is developed, off in production.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Metadata;

/// Roles that any visitor of the apps can have. Their schema describes the app to an attacker; the apps do not read it.
const PUBLIC_ROLES: [&str; 2] = ["anonymous", "customer"];

/// Disables introspection for the roles of the public, or enables it. The setting of other roles is kept.
pub async fn limit_introspection(metadata: &Metadata, is_production: bool) -> Result<()> {
    let export = metadata
        .query(&json!({"type": "export_metadata", "args": {}}))
        .await
        .context("cannot read the engine's metadata")?;
    let existing = disabled(&export);
    let wanted = wanted(&existing, is_production);
    if wanted == existing {
        return Ok(());
    }
    let args = json!({"disabled_for_roles": wanted});
    metadata
        .change(&json!({"type": "set_graphql_schema_introspection_options", "args": args}))
        .await
        .context("cannot set the roles without introspection")?;
    Ok(())
}

/// Roles without introspection in an export.
fn disabled(export: &Value) -> Vec<&str> {
    let roles = export["graphql_schema_introspection"]["disabled_for_roles"].as_array();
    roles.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn wanted<'r>(existing: &[&'r str], is_production: bool) -> Vec<&'r str> {
    let is_public = |role: &&str| PUBLIC_ROLES.contains(role);
    if is_production {
        let missing = PUBLIC_ROLES.into_iter().filter(|role| !existing.contains(role));
        existing.iter().copied().chain(missing).collect()
    } else {
        existing.iter().copied().filter(|role| !is_public(role)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_roles_of_the_public_change() {
        let export = |roles: Value| json!({"version": 3, "graphql_schema_introspection": {"disabled_for_roles": roles}});
        for (export, in_production, otherwise) in [
            (json!({"version": 3}), json!(["anonymous", "customer"]), json!([])),
            (
                export(json!(["customer"])),
                json!(["customer", "anonymous"]),
                json!([]),
            ),
            (
                export(json!(["driver", "anonymous", "customer"])),
                json!(["driver", "anonymous", "customer"]),
                json!(["driver"]),
            ),
        ] {
            let existing = disabled(&export);
            assert_eq!(json!(wanted(&existing, true)), in_production, "{export}");
            assert_eq!(json!(wanted(&existing, false)), otherwise, "{export}");
        }
    }
}
