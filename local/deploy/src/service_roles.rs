//! Roles with which AWS services act in an account. Some services create theirs on first use, but too late for CloudFormation: in a new
//! account the first `AWS::ECS::Cluster` fails.

use anyhow::{Context as _, Result};

use super::aws::{Aws, message};

/// Services whose resources the templates contain.
const SERVICES: [&str; 5] = [
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "rds.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "autoscaling.amazonaws.com",
];

/// Creates the roles that do not exist.
pub(super) async fn ensure(aws: &Aws) -> Result<()> {
    for service in SERVICES {
        let created = aws
            .text(["iam", "create-service-linked-role", "--aws-service-name", service])
            .await;
        match created {
            Ok(_) => eprintln!("created the service-linked role of {service}"),
            Err(error) if exists(&error) => {}
            // Perhaps an administrator has created it; otherwise the stack fails and says so.
            Err(error) if is_denied(&error) => {
                eprintln!(
                    "not permitted to create the service-linked role of {service}; assuming that it exists"
                );
            }
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot create the service-linked role of {service}"));
            }
        }
    }
    Ok(())
}

/// AWS answers `InvalidInput`: "… has been taken in this account".
fn exists(error: &anyhow::Error) -> bool {
    let message = message(error);
    message.contains("has been taken in this account") || message.contains("EntityAlreadyExists")
}

fn is_denied(error: &anyhow::Error) -> bool {
    message(error).contains("AccessDenied")
}
