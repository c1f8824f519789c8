//! Source of the functions' code in a deployment.

use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::plan::{Architecture, Plan};
use super::stack::Stack;
use local_process::dirs;

/// Source of the functions' code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// Build it.
    Build,
    /// Use the existing zips.
    Existing,
    /// Keep what is deployed.
    Keep,
}

impl Code {
    /// The source that the arguments name. Without one, a change of parameters keeps the code of a launched stack.
    pub(super) fn of(plan: &Plan, stack: Option<&Stack>) -> Result<Self> {
        let launched = stack.is_some_and(Stack::is_launched);
        if plan.keep_code {
            ensure!(
                launched,
                "stage \"{}\" has no deployed code to keep; omit --keep-code",
                plan.stage
            );
            return Ok(Self::Keep);
        }
        ensure!(
            launched || plan.functions.is_empty(),
            "stage \"{}\" is not launched; deploy it without --function first",
            plan.stage
        );
        Ok(if plan.skip_build {
            Self::Existing
        } else if launched && plan.only_parameters && plan.architecture.is_none() {
            Self::Keep
        } else {
            Self::Build
        })
    }
}

/// Whether pages, schema, triggers and permissions are those of this directory, as the functions are.
pub(super) fn is_complete(plan: &Plan, code: Code) -> bool {
    code != Code::Keep && plan.functions.is_empty()
}

impl Architecture {
    /// The architecture of the arguments, or else that of the stack, or else of Graviton.
    pub(super) fn of(plan: &Plan, stack: Option<&Stack>) -> Self {
        let deployed = stack.and_then(|stack| stack.parameter("Architecture"));
        plan.architecture.unwrap_or(match deployed {
            Some("x86_64") => Self::X86,
            _ => Self::Arm64,
        })
    }
}

/// Whether a stage is for production, by its name.
pub(super) fn is_production(stage: &str) -> bool {
    stage.split('-').any(|part| matches!(part, "prod" | "production"))
}

/// Returns an error if code that no commit contains would reach production.
pub(super) fn refuse_uncommitted(plan: &Plan, code: Code) -> Result<()> {
    if code == Code::Keep || plan.allow_dirty || !is_production(&plan.stage) {
        return Ok(());
    }
    let status = Command::new("git")
        .args(["status", "--porcelain"])
        .current_dir(dirs::root())
        .output()
        .context("cannot run git to find uncommitted changes; pass --allow-dirty to deploy without it")?;
    ensure!(
        status.status.success(),
        "cannot find out whether all changes are committed: {}; pass --allow-dirty to deploy without it",
        String::from_utf8_lossy(&status.stderr).trim()
    );
    if let Some(first) = String::from_utf8_lossy(&status.stdout).lines().next() {
        bail!(
            "stage \"{}\" receives committed code only, but \"{}\" is not committed; commit the changes, or pass --allow-dirty",
            plan.stage,
            first.trim()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_recognized_by_its_name() {
        for name in ["prod", "production", "eu-prod", "prod-2"] {
            assert!(is_production(name), "{name}");
        }
        for name in ["dev", "product", "preprod"] {
            assert!(!is_production(name), "{name}");
        }
    }
}
