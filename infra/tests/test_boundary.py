"""The boundary of the roles of a stage: it leaves them what they need, and the pipeline can neither exceed nor remove it."""

import json
import subprocess

import pytest
import yaml

from account import Account
from boundary import ARN, REGION, Pipeline, listed
from evaluation import ACCOUNT, Refused
from matrix import GROUPS
from templates import ROOT
from test_matrix import CERTIFICATE, KEYS, MASTER, SETS, account, complete

EXISTING = [MASTER, GROUPS["database"][1]["ExistingDatabaseAuthority"]]
PIPELINE = Pipeline("dev", ExistingSecretArns=",".join(EXISTING))
BOUNDARY = ARN.format("dev")
OWN = {"aws:ResourceTag/threefactor:stage": "dev"}
# What the stage needs of the policies of AWS that its roles have.
MANAGED = {
    "service-role/AWSCodeDeployRoleForLambdaLimited": [
        ("cloudwatch:DescribeAlarms", "*"),
        ("lambda:GetAlias", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:threefactor-dev-payment"),
        ("lambda:GetProvisionedConcurrencyConfig", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:threefactor-dev-payment:live"),
        ("lambda:UpdateAlias", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:threefactor-dev-payment"),
    ],
    "AmazonSSMManagedInstanceCore": [
        ("ec2messages:GetMessages", "*"),
        ("ssm:UpdateInstanceInformation", "*"),
        ("ssmmessages:CreateControlChannel", "*"),
        ("ssmmessages:CreateDataChannel", "*"),
        ("ssmmessages:OpenControlChannel", "*"),
        ("ssmmessages:OpenDataChannel", "*"),
    ],
}


def launched(pipeline=None, where=None, **parameters):
    """The account with the stage dev."""
    where = where or account()
    where.pipeline = pipeline
    where.deploy("threefactor-dev", "main.yaml", complete({"Stage": "dev", **parameters}))
    return where


def roles(where: Account) -> dict:
    return where.stacks[REGION, "threefactor-dev"].of("AWS::IAM::Role")


def needed(role: dict):
    """The rights of a role, as (action, resource, keys of the request)."""
    for policy in role.get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] != "Allow":
                continue
            keys = {key: listed(value)[0] for pairs in statement.get("Condition", {}).values() for key, value in pairs.items()}
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    # Secrets of the stage have its tag: those of the templates, and those of `cargo xtask deploy`.
                    is_own = resource.startswith("arn:aws:secretsmanager:") and resource not in EXISTING
                    yield action, resource, keys | (OWN if is_own else {})
    for arn in role.get("ManagedPolicyArns", []):
        for action, resource in MANAGED[arn.partition(":policy/")[2]]:
            yield action, resource, {}


@pytest.mark.parametrize("number", range(len(SETS)))
def test_roles_of_a_stage_have_their_rights_within_the_boundary(number):
    given = {**SETS[number], "Stage": "dev", "PermissionsBoundary": BOUNDARY, "EnableSessionManager": "true" if number % 2 else "false"}
    found = roles(launched(**given))
    assert len(found) >= 12
    missing = set()
    for path, record in found.items():
        assert record["properties"]["PermissionsBoundary"] == BOUNDARY, path
        missing |= {(path, action, resource) for action, resource, keys in needed(record["properties"]) if not PIPELINE.permits(action, resource, keys)}
    assert missing == set()


def test_every_role_of_the_templates_is_compared():
    rights = [right for number in range(len(SETS)) for record in roles(launched(**{**SETS[number], "Stage": "dev"})).values() for right in needed(record["properties"])]
    actions = {action for action, _, _ in rights}
    assert {"secretsmanager:PutSecretValue", "ecs:RunTask", "iam:PassRole", "lambda:UpdateAlias", "cloudwatch:PutMetricData"} <= actions
    assert {resource for _, resource, _ in rights} >= {CERTIFICATE, KEYS, *EXISTING}


def arn(service, resource):
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


# A role with all rights would have these without the boundary.
BEYOND = [
    ("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/threefactor-dev-x", {}),
    ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/threefactor-dev-x", {}),
    ("iam:DeleteRolePermissionsBoundary", f"arn:aws:iam::{ACCOUNT}:role/threefactor-dev-x", {}),
    ("iam:CreatePolicyVersion", BOUNDARY, {}),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/threefactor-dev-cloudformation", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/threefactor-dev-x", {"iam:PassedToService": "ec2.amazonaws.com"}),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/administrator", {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/administrator", {}),
    ("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:other-AbCdEf"), {}),
    ("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:other-AbCdEf"), {"aws:ResourceTag/threefactor:stage": "prod"}),
    ("secretsmanager:PutSecretValue", MASTER, {}),
    ("secretsmanager:DeleteSecret", arn("secretsmanager", "secret:own-AbCdEf"), OWN),
    ("lambda:InvokeFunction", arn("lambda", "function:threefactor-prod-payment"), {}),
    ("lambda:InvokeFunction", arn("lambda", "function:threefactor-development-payment"), {}),
    ("lambda:UpdateFunctionCode", arn("lambda", "function:threefactor-dev-payment"), {}),
    ("logs:PutLogEvents", arn("logs", "log-group:/threefactor/prod/hasura:*"), {}),
    ("logs:PutLogEvents", arn("logs", "log-group:/threefactor/development/hasura:*"), {}),
    ("ecs:UpdateService", arn("ecs", "service/threefactor-development/hasura"), {}),
    ("ecs:RunTask", arn("ecs", "task-definition/other:1"), {}),
    ("ec2:RunInstances", "*", {}),
    ("ec2:DeleteNetworkInterface", "*", {"aws:ResourceTag/threefactor:stage": "prod"}),
    ("ec2:DeleteNetworkInterface", "*", {"aws:RequestedRegion": "us-east-1"}),
    ("kms:Decrypt", arn("kms", "key/1"), {}),
    ("s3:GetObject", "arn:aws:s3:::threefactor-dev-web-orders/index.html", {}),
    ("ssm:GetParameter", arn("ssm", "parameter/other"), {}),
    ("cloudformation:UpdateStack", arn("cloudformation", "stack/threefactor-dev-Pool/1"), {}),
]


@pytest.mark.parametrize(("action", "resource", "keys"), BEYOND, ids=[f"{action}-{number}" for number, (action, _, _) in enumerate(BEYOND)])
def test_boundary_permits_nothing_else(action, resource, keys):
    assert not PIPELINE.permits(action, resource, keys)


def test_own_secrets_are_readable_and_those_of_others_only_if_listed():
    master = EXISTING[0]
    assert PIPELINE.permits("secretsmanager:GetSecretValue", master, {})
    assert not Pipeline("dev").permits("secretsmanager:GetSecretValue", master, {})
    assert Pipeline("dev").permits("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:rds!db-1234-AbCdEf"), {})


@pytest.mark.parametrize("action", ["CreateRole", "PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary"])
def test_pipeline_gives_rights_to_roles_with_the_boundary_only(action):
    role = f"arn:aws:iam::{ACCOUNT}:role/threefactor-dev-Functions-ABC-Role-DEF"
    assert PIPELINE.may(f"iam:{action}", role, BOUNDARY)
    for other in (None, "arn:aws:iam::aws:policy/AdministratorAccess", ARN.format("prod")):
        assert not PIPELINE.may(f"iam:{action}", role, other), other
    assert not PIPELINE.may(f"iam:{action}", f"arn:aws:iam::{ACCOUNT}:role/threefactor-prod-Functions-ABC-Role-DEF", BOUNDARY)


def test_pipeline_neither_removes_nor_changes_the_boundary():
    role = f"arn:aws:iam::{ACCOUNT}:role/threefactor-dev-Functions-ABC-Role-DEF"
    assert not PIPELINE.may("iam:DeleteRolePermissionsBoundary", role, BOUNDARY)
    for action in ("CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "SetDefaultPolicyVersion"):
        assert not PIPELINE.may(f"iam:{action}", BOUNDARY)
    # Also if the role receives more rights, by a policy of AWS.
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    wider = Pipeline("dev")
    wider.cloudformation = [*wider.cloudformation, everything]
    assert wider.may("iam:CreateUser", "*")
    assert not wider.may("iam:DeleteRolePermissionsBoundary", role, BOUNDARY)
    assert not wider.may("iam:SetDefaultPolicyVersion", BOUNDARY)


def test_pipeline_launches_a_stage_with_the_boundary_only():
    assert roles(launched(PIPELINE, PermissionsBoundary=BOUNDARY))
    for other in ("", ARN.format("prod")):
        with pytest.raises(Refused, match="not authorized to perform iam:CreateRole"):
            launched(PIPELINE, PermissionsBoundary=other)


def test_existing_stage_gets_the_boundary_by_an_update_and_keeps_it():
    where = launched()
    before = {path: record["ref"] for path, record in roles(where).items()}
    assert not any("PermissionsBoundary" in record["properties"] for record in roles(where).values())
    launched(PIPELINE, where, PermissionsBoundary=BOUNDARY)
    assert {path: record["ref"] for path, record in roles(where).items()} == before, "no role is replaced"
    assert all(record["properties"]["PermissionsBoundary"] == BOUNDARY for record in roles(where).values())
    with pytest.raises(Refused, match="not authorized to perform iam:DeleteRolePermissionsBoundary"):
        launched(PIPELINE, where, PermissionsBoundary="")
    with pytest.raises(Refused, match="not authorized to perform iam:PutRolePermissionsBoundary"):
        launched(PIPELINE, where, PermissionsBoundary=ARN.format("prod"))


def test_policies_fit_into_the_limits_of_iam():
    """White space does not count."""
    secret = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:{}-AbCdEf"
    longest = Pipeline("abcdefghijk", ExistingSecretArns=",".join(secret.format(name * 60) for name in "abc"))
    for statements, limit in ((longest.boundary, 6144), (longest.cloudformation, 10240)):
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
        assert len(policy) < limit, len(policy)


def test_workflow_passes_the_boundary_and_stops_without_it():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "stage.yml").read_text())
    [step] = [step for step in workflow["jobs"]["deploy"]["steps"] if "--skip-build" in step.get("run", "")]
    assert step["env"] == {"BOUNDARY": "${{ vars.PERMISSIONS_BOUNDARY_ARN }}"}
    script = step["run"].replace("target/commands/local", "echo")

    def run(boundary):
        # As GitHub runs a script.
        return subprocess.run(["/bin/bash", "-e", "-c", script], env={"STAGE": "dev", "BOUNDARY": boundary}, capture_output=True, text=True)

    assert f"--set PermissionsBoundary={BOUNDARY}\n" in run(BOUNDARY).stdout
    stopped = run("")
    assert stopped.returncode != 0 and stopped.stdout == ""
    assert "set the variable PERMISSIONS_BOUNDARY_ARN" in stopped.stderr
