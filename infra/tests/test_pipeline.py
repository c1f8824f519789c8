"""The workflow of GitHub Actions and its roles: least privilege, and no right is missing."""

import re

import pytest
import yaml

from policies import stars_without_a_reason
from templates import NAMES, ROOT, Template

ROLES = Template("pipeline/roles.yaml")
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github" / "workflows").glob("*.yml")}
JOBS = [(name, job, body) for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()]

# Actions that IAM checks for a command of the AWS CLI, where they have other names.
ACTIONS = {
    "cloudformation deploy": ["CreateChangeSet", "DescribeChangeSet", "DescribeStacks", "GetTemplateSummary", "s3:PutObject"],
    "cloudformation package": ["s3:ListBucket", "s3:GetObject", "s3:PutObject"],
    "s3 sync": ["s3:ListBucket", "s3:PutObject", "s3:DeleteObject"],
    "s3 cp": ["s3:PutObject"],
    "s3 rm": ["s3:ListBucket", "s3:DeleteObject"],
    "s3api head-bucket": ["s3:ListBucket"],
    "s3api put-public-access-block": ["s3:PutBucketPublicAccessBlock"],
    "s3api put-bucket-lifecycle-configuration": ["s3:PutLifecycleConfiguration"],
    # With tags.
    "secretsmanager create-secret": ["CreateSecret", "TagResource"],
    "rds describe-db-instances": ["DescribeDBInstances"],
    "rds describe-db-snapshots": ["DescribeDBSnapshots"],
    "rds modify-db-instance": ["ModifyDBInstance"],
    "rds delete-db-snapshot": ["DeleteDBSnapshot"],
    # Everyone may.
    "sts get-caller-identity": [],
    "configure get": [],
}
# Of `cargo xtask destroy`, which the pipeline does not run.
OF_DESTROY = {"secretsmanager delete-secret", "s3 rm", "ssm delete-parameter"}
# Not in a command: passing the role, and the tag of the stack.
IMPLIED = {"iam:PassRole", "cloudformation:TagResource"}


def commands():
    """Commands of the AWS CLI in the code of deploy and doctor."""
    found = set()
    for path in (ROOT / "local" / "deploy" / "src").rglob("*.rs"):
        text = path.read_text().partition("#[cfg(test)]")[0]
        services = "cloudformation|cloudfront|cloudwatch|configure|ec2|iam|lambda|rds|s3|secretsmanager|ssm|sts"
        found |= {" ".join(pair) for pair in re.findall(rf'"({services})",\s*"([a-z][a-z-]+)"', text)}
        # Helpers whose callers name the command.
        if path.name == "bucket.rs":
            found |= {f"s3api {name}" for name in re.findall(r'"((?:get|put|head|create)-[a-z-]*(?:bucket|block)[a-z-]*)"', text)}
        if path.name == "stored.rs":
            found |= {f"secretsmanager {name}" for name in re.findall(r'"([a-z]+-secret[a-z-]*)"', text)}
    return found


def actions(command):
    service, name = command.split()
    service = "s3" if service == "s3api" else service
    names = ACTIONS.get(command, ["".join(word.capitalize() for word in name.split("-"))])
    return {action if ":" in action else f"{service}:{action}" for action in names}


def statements(role):
    [policy] = dict(ROLES.resources())[role]["Properties"]["Policies"]
    return policy["PolicyDocument"]["Statement"]


def allowed(role):
    found = set()
    for statement in statements(role):
        if statement["Effect"] == "Allow":
            listed = statement["Action"]
            found |= set(listed if isinstance(listed, list) else [listed])
    return found


def test_role_may_do_what_the_commands_call_and_nothing_else():
    called = commands()
    assert {"cloudformation deploy", "lambda get-function-configuration", "ssm get-parameter", "s3api put-bucket-policy"} <= called
    needed = set().union(*(actions(command) for command in called - OF_DESTROY)) | IMPLIED
    assert needed - allowed("Deploy") == set(), "missing rights"
    assert allowed("Deploy") - needed == set(), "rights that nothing needs"


def test_cloudformation_may_create_every_type_of_the_templates():
    names = {"apigatewayv2": "apigateway", "applicationautoscaling": "application-autoscaling", "cognito": "cognito-idp", "elasticloadbalancingv2": "elasticloadbalancing"}
    services = {action.split(":")[0] for action in allowed("CloudFormation")}
    for name in NAMES:
        for logical_id, resource in Template(name).resources():
            if resource["Type"].startswith("Custom::"):
                continue  # invokes a function of the stage
            service = resource["Type"].split("::")[1].lower()
            assert names.get(service, service) in services, f"{name}: {logical_id}"


def test_role_is_assumed_only_for_the_environment_of_the_stage():
    [statement] = dict(ROLES.resources())["Deploy"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    condition = statement["Condition"]
    assert condition.keys() == {"StringEquals"}
    prefix = "token.actions.githubusercontent.com"
    assert condition["StringEquals"] == {
        f"{prefix}:aud": "sts.amazonaws.com",
        f"{prefix}:sub": {"Fn::Sub": "repo:${Repository}:environment:${Stage}"},
    }


def test_pipeline_cannot_change_its_own_roles():
    deny = next(statement for statement in statements("CloudFormation") if statement["Effect"] == "Deny")
    own = {role["Properties"]["RoleName"]["Fn::Sub"] for _, role in ROLES.resources("AWS::IAM::Role")}
    assert {resource["Fn::Sub"].rpartition("/")[2] for resource in deny["Resource"]} == own


def test_wildcards_have_reasons():
    assert stars_without_a_reason(ROLES) == []


@pytest.mark.parametrize(("name", "job", "body"), JOBS, ids=[f"{name}:{job}" for name, job, _ in JOBS])
def test_jobs_pin_actions_and_have_few_rights(name, job, body):
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    permissions = body.get("permissions", {})
    assert permissions in ({}, {"contents": "read", "id-token": "write"})
    # Only a job of an environment, or one that calls it, can get a token for a role.
    if "id-token" in permissions:
        assert "environment" in body or body["uses"] == "./.github/workflows/stage.yml"
    for step in body.get("steps", []):
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"]), step
        # Values of the caller are passed in variables: in a script they could be code.
        assert "${{" not in step.get("run", ""), step
    if "steps" in body:
        assert body["timeout-minutes"] <= 120


def test_commands_of_the_workflow_exist():
    helped = (ROOT / "xtask" / "src" / "main.rs").read_text()
    runs = [step["run"] for _, _, body in JOBS for step in body.get("steps", []) if "run" in step]
    used = {name for run in runs for name in re.findall(r"cargo xtask ([a-z-]+)", run)}
    assert used == {"build", "deploy", "doctor", "demo"}
    for name in used:
        assert re.search(rf"^  {name} ", helped, re.M), name
    assert (ROOT / ".ci" / "run").is_file() and ".ci/run" in runs


def test_production_is_deployed_after_the_checks_of_dev():
    jobs = WORKFLOWS["deploy.yml"]["jobs"]
    assert (jobs["build"]["needs"], jobs["dev"]["needs"], jobs["prod"]["needs"]) == ("check", "build", "dev")
    assert jobs["dev"]["with"] == {"stage": "dev", "demo": True}
    assert jobs["prod"]["with"] == {"stage": "prod", "demo": False}
