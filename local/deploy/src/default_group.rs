//! The default security group of the stage's own VPC. AWS creates it with rules that admit all traffic among its members and from
//! them to everywhere; nothing of the stage uses it, and CloudFormation cannot change it.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::aws::Aws;
use super::stack::Stack;

/// Output of the stack; absent with an existing VPC, whose groups belong to others.
const OUTPUT: &str = "DefaultSecurityGroupId";

/// Rules of one direction: their name in the description of a group, and the command that removes them.
const DIRECTIONS: [(&str, &str); 2] = [
    ("IpPermissions", "revoke-security-group-ingress"),
    ("IpPermissionsEgress", "revoke-security-group-egress"),
];

/// Removes all rules of the group. A failure is printed with the remedy and does not end the deployment: nothing uses the group.
pub(super) async fn close(aws: &Aws, stack: &Stack) {
    if let Some(group) = stack.output(OUTPUT)
        && let Err(error) = remove_rules(aws, group).await
    {
        eprintln!(
            "the default security group {group} keeps its rules: {error:#}; repeat `cargo xtask deploy` as an administrator, or with the rights \
             ec2:DescribeSecurityGroups, ec2:RevokeSecurityGroupIngress and ec2:RevokeSecurityGroupEgress"
        );
    }
}

async fn remove_rules(aws: &Aws, group: &str) -> Result<()> {
    for (command, rules) in rules(aws, group).await? {
        let rules = rules.to_string();
        aws.text(["ec2", command, "--group-id", group, "--ip-permissions", &rules])
            .await?;
        eprintln!("{command}: the default security group {group} no longer has such rules");
    }
    Ok(())
}

/// Id of the group and the number of directions for which it has rules; `None` without a VPC of the stage.
pub(super) async fn check(aws: &Aws, stack: &Stack) -> Result<Option<(String, usize)>> {
    let Some(group) = stack.output(OUTPUT) else {
        return Ok(None);
    };
    Ok(Some((group.to_owned(), rules(aws, group).await?.len())))
}

/// The commands that have rules to remove, each with these rules.
async fn rules(aws: &Aws, group: &str) -> Result<Vec<(&'static str, Value)>> {
    let described = aws
        .json(["ec2", "describe-security-groups", "--group-ids", group])
        .await
        .with_context(|| format!("cannot read the default security group {group}"))?;
    Ok(of_group(&described["SecurityGroups"][0]))
}

fn of_group(group: &Value) -> Vec<(&'static str, Value)> {
    DIRECTIONS
        .into_iter()
        .map(|(rules, command)| (command, group[rules].clone()))
        .filter(|(_, rules)| rules.as_array().is_some_and(|rules| !rules.is_empty()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_directions_with_rules_have_commands() {
        let admitted = json!([{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}]}]);
        let group = json!({"GroupId": "sg-1", "IpPermissions": admitted, "IpPermissionsEgress": []});
        assert_eq!(of_group(&group), [("revoke-security-group-ingress", admitted)]);
        assert!(of_group(&Value::Null).is_empty());
    }
}
