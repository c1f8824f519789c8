"""The check of a new version before callers receive it (versions.yaml), and where the templates use it."""

import base64
import io
import json
import sys
import types

import pytest

from templates import FUNCTIONS, Template


class Functions:
    """Lambda, whose versions answer with these responses; the last one repeats."""

    def __init__(self, *answers):
        self.answers, self.events = list(answers), []

    def invoke(self, FunctionName, Payload):
        self.events.append(json.loads(Payload))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def response(status, code=None):
    body = {"error": {"code": code}} if code else {}
    return {"Payload": io.BytesIO(json.dumps({"statusCode": status, "body": json.dumps(body)}).encode())}


def crash():
    return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "exit status 1"}')}


def template_of(function):
    return Template("identity.yaml" if function == "Login" else "functions.yaml")


@pytest.fixture
def run(monkeypatch):
    """Runs the code in the template; returns the answer to CloudFormation, and Lambda."""

    def ran(*answers, function="validate-order", kind="Update", check="order"):
        functions = Functions(*answers)
        secrets = types.SimpleNamespace(get_secret_value=lambda SecretId: {"SecretString": '{"secret": "hunter2"}'})
        clients = {"lambda": functions, "secretsmanager": secrets}
        session = types.ModuleType("botocore.session")
        session.get_session = lambda: types.SimpleNamespace(create_client=lambda service, config: clients[service])
        monkeypatch.setitem(sys.modules, "botocore.session", session)
        monkeypatch.setattr("botocore.session", session, raising=False)
        monkeypatch.setenv("WEBHOOK_SECRET_ARN", "arn")
        code = dict(Template("versions.yaml").resources())["Function"]["Properties"]["Code"]["ZipFile"]
        scope = {}
        exec(compile(str(code), "index.py", "exec"), scope)
        scope["time"] = types.SimpleNamespace(sleep=lambda seconds: None)
        sent = []

        def urlopen(request, timeout):
            sent.append((request.full_url, json.loads(request.data)))
            return io.BytesIO()

        monkeypatch.setattr("urllib.request.urlopen", urlopen)
        event = {
            "RequestType": kind,
            "ResponseURL": "https://cloudformation.example.com/",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "ValidateOrderCheck",
            "ResourceProperties": {"Function": function, "Version": "arn:function:2", "Check": check},
        }
        scope["handler"](event, None)
        [(url, answer)] = sent
        assert url == event["ResponseURL"]
        return answer, functions

    return ran


def test_a_version_that_answers_from_the_database_is_given_to_callers(run):
    for answer in (response(200), response(404, "order_not_found")):
        said, _ = run(answer)
        assert said["Status"] == "SUCCESS" and said["Data"]["Result"], said


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (response(500, "internal_error"), "status 500"),
        (response(401, "unauthorized"), "status 401"),
        (response(404, "path_not_found"), "path_not_found"),
        (crash(), "exit status 1"),
        ({"Payload": io.BytesIO(b"null")}, "no status"),
        (ConnectionError("unreachable"), "unreachable"),
    ],
)
def test_a_version_that_cannot_serve_is_refused(run, answer, says):
    said, _ = run(answer)
    assert said["Status"] == "FAILED"
    for text in ("validate-order", says, "VersionCheck=off"):
        assert text in said["Reason"], said


def test_a_transient_error_is_repeated(run):
    said, functions = run(response(503, "database_unavailable"), response(200))
    assert said["Status"] == "SUCCESS" and len(functions.events) == 2
    said, functions = run(*[response(503, "database_unavailable") for _ in range(4)])
    assert said["Status"] == "FAILED" and len(functions.events) == 3


def test_the_first_version_only_has_to_run(run):
    """The database does not exist yet."""
    for more in ({"kind": "Create"}, {"check": "start"}):
        assert run(response(503, "database_unavailable"), **more)[0]["Status"] == "SUCCESS"
        assert run(crash(), **more)[0]["Status"] == "FAILED"


def test_deletion_calls_nothing(run):
    said, functions = run(crash(), kind="Delete")
    assert said["Status"] == "SUCCESS" and functions.events == []
    assert said["PhysicalResourceId"] == "ValidateOrderCheck", "the same after each update: another id would be a replacement"


def test_requests_are_those_of_callers(run):
    event = run(response(200))[1].events[0]
    assert (event["rawPath"], event["headers"]["x-webhook-secret"]) == ("/validate-order", "hunter2")
    event = run(response(404, "order_not_found"), function="payment")[1].events[0]
    assert "x-webhook-secret" not in event["headers"]
    claims = json.loads(base64.urlsafe_b64decode(event["headers"]["authorization"].split(".")[1] + "=="))
    assert claims["sub"] == event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    event = run(response(200), function="login")[1].events[0]
    assert (event["requestContext"]["http"]["method"], event["rawPath"]) == ("GET", "/.well-known/jwks.json")


def test_each_alias_waits_for_the_check_of_its_version():
    for prefix, function in FUNCTIONS.items():
        resources = dict(template_of(prefix).resources())
        check = resources[f"{prefix}Check"]
        assert check["Type"] == "Custom::VersionCheck"
        properties = check["Properties"]
        assert (properties["Function"], properties["Version"]) == (function, {"Ref": f"{prefix}Version"})
        waits = {"Fn::If": ["WithCheck", {"Fn::GetAtt": [f"{prefix}Check", "Result"]}, {"Ref": "AWS::NoValue"}]}
        assert resources[f"{prefix}Alias"]["Properties"]["Description"] == waits


def test_a_new_schema_that_follows_the_functions_is_not_required_by_the_check():
    main = Template("main.yaml")
    follows = main.body["Conditions"]["SchemaFollows"]
    assert follows == {"Fn::And": [{"Fn::Equals": [{"Ref": "NewSchema"}, "true"]}, {"Fn::Equals": [{"Ref": "VersionCheck"}, "order"]}]}
    for name in ("Functions", "Identity"):
        given = dict(main.resources())[name]["Properties"]["Parameters"]["VersionCheck"]
        assert given == {"Fn::If": ["SchemaFollows", "start", {"Ref": "VersionCheck"}]}


def test_the_check_may_call_published_versions_only():
    role = dict(Template("versions.yaml").resources())["Role"]["Properties"]
    [statement] = [one for one in role["Policies"][0]["PolicyDocument"]["Statement"] if "lambda" in str(one["Action"])]
    assert statement["Resource"]["Fn::Sub"].endswith(":function:threefactor-${Stage}-*:*")
