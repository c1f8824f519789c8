"""Calls that one caller makes to the emulator, as IAM names them. The caller is known by AWS_EXECUTION_ENV, which the AWS CLI sends in its
user agent."""

import json
from urllib.parse import parse_qs

from ministack.core import iam_actions
from ministack.core.responses import get_account_id
from ministack.core.router import detect_service, extract_region

# Value of AWS_EXECUTION_ENV.
CALLER = "threefactor-pipeline"
# In the directory of the emulator: one JSON object per call.
FILE = "calls"


def described(scope, headers, body) -> dict | None:
    """Action and resource of a call; the resource is * where the emulator does not know it. Nothing for an unknown action."""
    method, path = scope["method"], scope["path"]
    parameters = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        parameters = {**parse_qs(body.decode(), keep_blank_values=True), **parameters}
    service = detect_service(method, path, headers, parameters)
    action = iam_actions.extract_iam_action(service, method, path, headers, body, parameters)
    if not action:
        return {"unknown": f"{service} {method} {path}"}
    region = extract_region(headers, parameters)
    resource = iam_actions.extract_resource_arn(service, method, path, headers, body, parameters, region, get_account_id())
    return {"action": action, "resource": resource, "role": parameters.get("RoleARN", [None])[0]}


def recorded(app):
    """The application, with the calls of CALLER in FILE."""

    async def wrapper(scope, receive, send):
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        if scope["type"] != "http" or f"exec-env/{CALLER}" not in headers.get("user-agent", ""):
            return await app(scope, receive, send)
        parts = []

        async def receive_and_keep():
            message = await receive()
            parts.append(message.get("body", b""))
            return message

        await app(scope, receive_and_keep, send)
        with open(FILE, "a", encoding="utf-8") as file:
            print(json.dumps(described(scope, headers, b"".join(parts))), file=file)

    return wrapper
