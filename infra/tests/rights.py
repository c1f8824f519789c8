"""Compares recorded calls (calls.py) with the rights of the pipeline's role: `rights.py FILE STAGE REGION`. Fails if the role lacks one."""

import fnmatch
import json
import sys
from pathlib import Path

from templates import Template

# IAM asks for no right.
FREE = {"sts:GetCallerIdentity"}
# Only an administrator has these: nothing restricts them to the group of a stage. `deploy` continues without them.
ADMINISTRATORS = {"ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"}
# Actions of IAM whose operations have other names.
RENAMED = {"s3:HeadBucket": "s3:ListBucket", "s3:ListObjectsV2": "s3:ListBucket", "s3:ListObjects": "s3:ListBucket", "s3:HeadObject": "s3:GetObject"}
# Calls whose actions the emulator does not know.
UNKNOWN = {"lambda GET /2016-08-19/account-settings": {"action": "lambda:GetAccountSettings", "resource": "*", "role": None}}


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def resolved(resource, values: dict) -> str:
    """The ARN of a statement. A reference to another resource of the template matches its name."""
    if isinstance(resource, str):
        return resource
    [(function, text)] = resource.items()
    if function != "Fn::Sub":
        return "*"
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    assert "${" not in text, text
    return text


def permits(statement: dict, call: dict, values: dict) -> bool:
    """Whether a statement permits a call. Conditions on tags are not evaluated: the emulator does not know the tags."""
    action = RENAMED.get(call["action"], call["action"])
    if statement["Effect"] != "Allow" or action not in listed(statement["Action"]):
        return False
    if any("cloudformation:RoleArn" in names for names in statement.get("Condition", {}).values()) and not call["role"]:
        return False
    # A resource that the emulator does not know.
    if call["resource"] == "*":
        return True
    return any(fnmatch.fnmatchcase(call["resource"], resolved(resource, values)) for resource in listed(statement["Resource"]))


def refused(calls: list, stage: str, region: str, account: str = "000000000000") -> list:
    """The calls that the role does not permit, each once."""
    values = {"AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": account, "Stage": stage}
    [policy] = dict(Template("pipeline/roles.yaml").resources())["Deploy"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    found = []
    for call in calls:
        call = UNKNOWN.get(call.get("unknown"), call)
        is_known = "action" in call
        if is_known and (call["action"] in FREE | ADMINISTRATORS or any(permits(statement, call, values) for statement in statements)):
            continue
        if call not in found:
            found.append(call)
    return found


if __name__ == "__main__":
    file, stage, region = sys.argv[1:]
    calls = [json.loads(line) for line in Path(file).read_text().splitlines()]
    problems = refused(calls, stage, region)
    for problem in problems:
        print("no right for", json.dumps(problem))
    print(len(calls), "calls of", len({call.get("action") for call in calls}), "actions")
    sys.exit(1 if problems else 0)
