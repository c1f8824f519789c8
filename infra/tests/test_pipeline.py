"""The workflow of GitHub Actions and its roles: least privilege, and no right is missing."""

import fnmatch
import re

import pytest
import yaml

from policies import stars_without_a_reason
from rights import resolved
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


def listed(value):
    return value if isinstance(value, list) else [value]


def holds(condition, tags):
    """Whether a condition holds for a request in the region of the stage. Others than those on tags are taken to hold; test_boundary.py
    evaluates those on the boundary."""
    for operator, keys in condition.items():
        for key, expected in keys.items():
            if not key.startswith("aws:ResourceTag/"):
                continue
            value = tags.get(key.removeprefix("aws:ResourceTag/"))
            expected = VALUES[expected["Ref"]] if isinstance(expected, dict) else expected
            result = {
                "Null": (value is None) == (expected == "true"),
                "StringEquals": value == expected,
                "StringNotEquals": value != expected,
            }[operator]
            if not result:
                return False
    return True


VALUES = {"AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "123456789012", "Stage": "dev"}


def permitted(role, action, resource, stage):
    """Whether the pipeline of dev may do that to a resource of a stage: a Deny decides, then an Allow."""
    effects = {
        statement["Effect"]
        for statement in statements(role)
        if any(fnmatch.fnmatchcase(action, pattern) for pattern in listed(statement["Action"]))
        and any(fnmatch.fnmatchcase(resource, resolved(pattern, VALUES)) for pattern in listed(statement["Resource"]))
        and holds(statement.get("Condition", {}), {"threefactor:stage": stage} if stage else {})
    }
    return effects == {"Allow"}


# An action on a resource of a stage, whose name contains that of the stage or not.
OF_A_STAGE = [
    ("apigateway:DELETE", "arn:aws:apigateway:eu-central-1::/apis/abcdef"),
    ("autoscaling:UpdateAutoScalingGroup", "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:1:autoScalingGroupName/x"),
    ("cloudformation:UpdateStack", "arn:aws:cloudformation:eu-central-1:123456789012:stack/threefactor-{}-Pool-ABC/1"),
    ("cloudfront:UpdateDistribution", "arn:aws:cloudfront::123456789012:distribution/E1"),
    ("cloudtrail:DeleteTrail", "arn:aws:cloudtrail:eu-central-1:123456789012:trail/threefactor-{}"),
    ("cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:threefactor-{}-stuck-orders"),
    ("cognito-idp:DeleteUserPool", "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_1"),
    ("ec2:AuthorizeSecurityGroupIngress", "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1"),
    ("ecs:UpdateService", "arn:aws:ecs:eu-central-1:123456789012:service/threefactor-{}/hasura"),
    ("elasticloadbalancing:ModifyRule", "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/tf-{}-hasura/1/2/3"),
    ("events:PutTargets", "arn:aws:events:eu-central-1:123456789012:rule/threefactor-{}-watchman"),
    ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/threefactor-{}-Functions-ABC-Role-DEF"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-central-1:123456789012:function:threefactor-{}-payment"),
    ("logs:DeleteLogGroup", "arn:aws:logs:eu-central-1:123456789012:log-group:/threefactor/{}/hasura"),
    ("rds:ModifyDBInstance", "arn:aws:rds:eu-central-1:123456789012:db:threefactor-{}"),
    ("s3:PutObject", "arn:aws:s3:::threefactor-{}-web-orders/index.html"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:AdminSecret-abc"),
    ("sns:DeleteTopic", "arn:aws:sns:eu-central-1:123456789012:threefactor-{}-alarms"),
]


@pytest.mark.parametrize(("action", "resource"), OF_A_STAGE, ids=[action for action, _ in OF_A_STAGE])
def test_pipeline_changes_its_own_stage_only(action, resource):
    assert permitted("CloudFormation", action, resource.format("dev"), "dev")
    for other in ("prod", "development"):
        assert not permitted("CloudFormation", action, resource.format(other), other)


def test_each_stage_has_a_prefix_in_the_bucket():
    bucket = "arn:aws:s3:::threefactor-artifacts-123456789012-eu-central-1-12345678"
    for role, actions in (("Deploy", ["s3:PutObject", "s3:GetObject"]), ("CloudFormation", ["s3:GetObject"])):
        for action in actions:
            assert permitted(role, action, f"{bucket}/stacks/dev/0123456789abcdef", None)
            assert not permitted(role, action, f"{bucket}/stacks/prod/0123456789abcdef", None)
    assert not permitted("CloudFormation", "s3:PutObject", f"{bucket}/stacks/dev/0123456789abcdef", None)


def test_pipelines_cannot_change_the_roles_of_pipelines():
    own = [role["Properties"]["RoleName"]["Fn::Sub"] for _, role in ROLES.resources("AWS::IAM::Role")]
    assert len(own) == 2
    for name in own:
        for stage in ("dev", "prod"):
            role = f"arn:aws:iam::123456789012:role/{name.replace('${Stage}', stage)}"
            for action in ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole"):
                assert not permitted("CloudFormation", action, role, None), role


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
    used = {name for run in runs for name in re.findall(r"(?:cargo xtask|commands/local) ([a-z-]+)", run)}
    assert used == {"build", "deploy", "doctor", "demo"}
    for name in used:
        assert re.search(rf"^  {name} ", helped, re.M), name
    assert (ROOT / ".ci" / "run").is_file() and ".ci/run" in runs


def test_jobs_with_a_token_compile_nothing():
    """Build scripts, macros and install scripts of dependencies could ask for the token of the job."""
    with_token = [body for _, _, body in JOBS if "id-token" in body.get("permissions", {}) and "steps" in body]
    assert len(with_token) == 1
    for body in with_token:
        for step in body["steps"]:
            run = step.get("run", "")
            assert not re.search(r"\b(cargo|rustc|npm|npx|node|pip|python3?|make|xtask)\b", run), run
    uploaded = {
        step["with"]["name"]
        for body in WORKFLOWS["deploy.yml"]["jobs"].values()
        for step in body.get("steps", [])
        if step.get("uses", "").startswith("actions/upload-artifact@")
    }
    downloaded = {step["with"]["name"] for step in with_token[0]["steps"] if step.get("uses", "").startswith("actions/download-artifact@")}
    assert downloaded == uploaded == {"build", "commands"}


def test_address_of_the_runner_is_removed_at_the_end():
    steps = WORKFLOWS["stage.yml"]["jobs"]["deploy"]["steps"]
    last = steps[-1]
    assert last["if"] == "always()"
    assert last["run"].endswith("local deploy --stage \"$STAGE\" --remove-address")
    assert 'remove_address: bool' in (ROOT / "local" / "deploy" / "src" / "plan.rs").read_text()


def test_production_is_deployed_after_the_checks_of_dev():
    jobs = WORKFLOWS["deploy.yml"]["jobs"]
    assert (jobs["build"]["needs"], jobs["commands"]["needs"]) == ("check", "check")
    assert (jobs["dev"]["needs"], jobs["prod"]["needs"]) == (["build", "commands"], "dev")
    assert jobs["dev"]["with"] == {"stage": "dev", "demo": True}
    assert jobs["prod"]["with"] == {"stage": "prod", "demo": False}
