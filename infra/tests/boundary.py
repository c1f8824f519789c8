"""Evaluates requests by policies as IAM does: an explicit Deny decides, then an Allow, of the boundary as well as of the role."""

import fnmatch

from evaluation import ACCOUNT, Scope, body

REGION = "eu-central-1"
ARN = f"arn:aws:iam::{ACCOUNT}:policy/threefactor-{{}}-boundary"


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


class Pipeline:
    """The policies of infra/pipeline/roles.yaml, for one stage."""

    def __init__(self, stage: str, **parameters):
        scope = Scope(body("pipeline/roles.yaml"), {"Stage": stage, "Repository": "example/3factor", **parameters}, REGION, f"pipeline-{stage}")
        self.arn = ARN.format(stage)
        scope.resources["Boundary"] = {"ref": self.arn, "attributes": {}}
        self.boundary = scope.properties("Boundary")["PolicyDocument"]["Statement"]
        [policy] = scope.value(scope.template["Resources"]["CloudFormation"]["Properties"]["Policies"])
        self.cloudformation = policy["PolicyDocument"]["Statement"]

    def may(self, action: str, role: str, boundary=None) -> bool:
        """Whether the pipeline may do that to a role that has, or receives, this boundary."""
        return permits(self.cloudformation, action, role, {"iam:PermissionsBoundary": boundary} if boundary else {})

    def permits(self, action: str, resource: str, context: dict) -> bool:
        """Whether a role with the boundary can have this right."""
        return permits(self.boundary, action, resource, context)


def holds(condition: dict, context: dict) -> bool:
    """Whether a condition holds for a request with these keys. A key that the request lacks satisfies only a negated operator."""
    for operator, keys in condition.items():
        for key, expected in keys.items():
            value = context.get(key)
            match operator:
                case "Null":
                    result = (value is None) == (expected == "true")
                case "StringEquals" | "ForAnyValue:StringEquals":
                    result = value in listed(expected)
                case "StringNotEquals":
                    result = value not in listed(expected)
                case "ArnEquals":
                    result = value is not None and any(fnmatch.fnmatchcase(value, pattern) for pattern in listed(expected))
                case _:
                    raise AssertionError(f"{operator} is not supported")
            if not result:
                return False
    return True


def matches(statement: dict, action: str, resource: str, context: dict) -> bool:
    return (
        any(fnmatch.fnmatchcase(action, pattern) for pattern in listed(statement["Action"]))
        and any(fnmatch.fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))
        and holds(statement.get("Condition", {}), context)
    )


def permits(statements: list, action: str, resource: str, context: dict) -> bool:
    """Whether the statements permit an action on a resource, in a request with these keys and in the region of the stage."""
    context = {"aws:RequestedRegion": REGION, **context}
    effects = {statement["Effect"] for statement in statements if matches(statement, action, resource, context)}
    return effects == {"Allow"}
