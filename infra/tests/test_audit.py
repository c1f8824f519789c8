"""Alarms for unusual reads of secrets (audit.yaml): the filter patterns are applied to events of CloudTrail."""

import re

import pytest

from evaluation import Scope, body
from templates import Template

ACCOUNT = "arn:aws:iam::123456789012"
RESOURCES = dict(Template("audit.yaml").resources())
PARAMETERS = dict(Template("main.yaml").resources())["Audit"]["Properties"]["Parameters"]


def arn(name):
    return f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}-AbCdEf"


# As CloudFormation names the secrets of nested stacks, with the longest stage.
NAMES = {name: f"{name.removesuffix('Arn')}-0123456789Ab" for name in PARAMETERS if name.endswith("SecretArn") and name != "MasterSecretArn"}
GIVEN = {
    "Stage": "a" * 20,
    "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
    "MasterSecretArn": arn("rds!db-01234567-0123-0123-0123-0123456789ab"),
    **{parameter: arn(name) for parameter, name in NAMES.items()},
}


def patterns(**given):
    """The patterns of each metric."""
    scope = Scope(body("audit.yaml"), {**GIVEN, **given}, "eu-central-1", "audit")
    scope.resources = {"TrailLog": {"ref": "log", "attributes": {}}}
    found = {}
    for logical_id, resource in RESOURCES.items():
        if resource["Type"] == "AWS::Logs::MetricFilter":
            properties = scope.properties(logical_id)
            [transformation] = properties["MetricTransformations"]
            found.setdefault(transformation["MetricName"].removeprefix(GIVEN["Stage"] + "-"), []).append(properties["FilterPattern"])
    return found


def matches(pattern, event):
    """Whether a pattern selects an event. A comparison with a field that does not exist is false."""

    def field(path):
        node = event
        for step in path.split("."):
            node = node.get(step) if isinstance(node, dict) else None
        return node

    def compared(path, operator, wanted):
        value = field(path)
        if value is None:
            return False
        regex = ".*".join(map(re.escape, wanted.split("*")))
        return bool(re.fullmatch(regex, value)) == (operator == "=")

    text = pattern.strip().removeprefix("{").removesuffix("}")
    text = re.sub(r"\(\$\.([\w.]+) NOT EXISTS\)", r"(field('\1') is None)", text)
    text = re.sub(r'\(\$\.([\w.]+) (=|!=) "([^"]*)"\)', r"compared('\1', '\2', '\3')", text)
    text = text.replace("&&", "and").replace("||", "or").replace("\n", " ")
    assert "$" not in text, text
    return eval(text, {"field": field, "compared": compared})


def read(secret, role=None, **more):
    session = {"sessionContext": {"sessionIssuer": {"arn": f"{ACCOUNT}:role/{role}"}}} if role else {}
    return {
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "userIdentity": {"type": "AssumedRole" if role else "IAMUser", **session},
        "requestParameters": {"secretId": secret},
        **more,
    }


def counted(event, metric="secret-reads", **given):
    return any(matches(pattern, event) for pattern in patterns(**given)[metric])


def test_patterns_fit():
    longest = {"SecretReaderArn": f"{ACCOUNT}:role/{'r' * 100}"}
    for listed in patterns(**longest).values():
        for pattern in listed:
            assert len(pattern) <= 1024, len(pattern)


def test_each_secret_is_audited():
    """By ARN and by name, of a role of another application, a user, and the root."""
    secrets = [name for name in NAMES.values()] + [f"threefactor/{GIVEN['Stage']}/signing-keys/1"]
    for secret in secrets:
        for caller in ("other-role", None):
            assert counted(read(arn(secret), caller)), secret
            assert counted(read(secret, caller)), secret
    assert counted(read(GIVEN["MasterSecretArn"], "other-role"))
    assert {f"Outputs.{logical_id}Arn" for logical_id, _ in Template("secrets.yaml").resources("AWS::SecretsManager::Secret")} == {
        value["Fn::GetAtt"][1] for name, value in PARAMETERS.items() if name in NAMES
    }


def test_usual_reads_are_not_counted():
    stage = GIVEN["Stage"]
    payment = arn(NAMES["PaymentSecretArn"])
    assert not counted(read(payment, f"threefactor-{stage}-Functions-ABC-PaymentRole-DEF"))
    assert counted(read(payment, "threefactor-other-Functions-ABC-PaymentRole-DEF"))
    assert not counted(read(arn("another-application"), "other-role"))
    assert not counted(read(payment, "other-role", eventName="DescribeSecret"))
    assert not counted(read(payment, "operators"), SecretReaderArn=f"{ACCOUNT}:role/operators")
    assert not counted(read(payment, "operators-of-1"), SecretReaderArn=f"{ACCOUNT}:role/operators-*")
    assert counted(read(payment, None), SecretReaderArn=f"{ACCOUNT}:role/operators")
    # A function whose name is the beginning of another one's.
    assert not counted(read(arn("PaymentSecret-ba9876543210"), "other-role"))


def test_refused_reads_are_counted_by_themselves():
    refused = read(None, f"threefactor-{GIVEN['Stage']}-Functions-ABC-PaymentRole-DEF", errorCode="AccessDeniedException")
    assert counted(refused, "secret-reads-denied") and not counted(refused)
    assert not counted(read(arn("x"), "other-role"), "secret-reads-denied")


@pytest.mark.parametrize("group", ["", "aws-cloudtrail-logs"])
def test_filters_read_the_log_of_the_trail(group):
    scope = Scope(body("audit.yaml"), {**GIVEN, "TrailLogGroup": group}, "eu-central-1", "audit")
    trail = [name for name, resource in RESOURCES.items() if resource.get("Condition") == "MakeTrail"]
    assert "Trail" in trail and all(scope.exists(name) == (group == "") for name in trail)
    for logical_id, resource in RESOURCES.items():
        if resource["Type"] == "AWS::Logs::MetricFilter":
            assert resource["Properties"]["LogGroupName"] == {"Fn::If": ["MakeTrail", {"Ref": "TrailLog"}, {"Ref": "TrailLogGroup"}]}


def test_audit_is_a_choice():
    """CloudTrail charges each further copy of an event."""
    main = Template("main.yaml").body
    assert main["Parameters"]["AuditSecretReads"]["Default"] == "false"
    assert main["Resources"]["Audit"]["Condition"] == "MakeAudit"
