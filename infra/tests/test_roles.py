"""The database roles of an installation without a Hasura of its own (roles.yaml)."""

import io
import json
import sys
import types

import pytest

from templates import Template


def containers(name):
    return dict(Template(name).resources())["Task"]["Properties"]["ContainerDefinitions"]


def test_the_task_is_the_first_container_of_hasura():
    [roles], hasura = containers("roles.yaml"), containers("hasura.yaml")[0]
    for key in ("Name", "Image", "LinuxParameters", "EntryPoint", "Command", "Environment", "Secrets"):
        assert roles[key] == hasura[key], key
    assert roles["Essential"] is True


def test_containers_have_no_capabilities():
    for container in containers("roles.yaml") + containers("hasura.yaml"):
        assert container["LinuxParameters"] == {"Capabilities": {"Drop": ["ALL"]}}, container["Name"]


def test_the_pool_waits_for_the_roles():
    resources = dict(Template("main.yaml").resources())
    [tag] = resources["Pool"]["Properties"]["Tags"]
    hasura, roles = ({"Fn::GetAtt": [name, f"Outputs.{output}"]} for name, output in (("Hasura", "ClusterName"), ("Roles", "Result")))
    assert tag["Value"] == {"Fn::If": ["MakeHasura", hasura, {"Fn::If": ["MakeRoles", roles, "nothing"]}]}


class Context:
    def get_remaining_time_in_millis(self):
        return 600_000


@pytest.fixture
def run(monkeypatch):
    """Runs the code in the template, with tasks that end like this."""

    def ran(*ends, kind="Create"):
        ends = list(ends)
        started = []

        def run_task(**given):
            started.append(given)
            return {"tasks": [{"taskArn": f"arn:{len(started)}"}], "failures": []}

        def describe_tasks(cluster, tasks):
            return {"tasks": [{"lastStatus": "STOPPED", "containers": [ends.pop(0)]}]}

        client = types.SimpleNamespace(run_task=run_task, describe_tasks=describe_tasks)
        session = types.ModuleType("botocore.session")
        session.get_session = lambda: types.SimpleNamespace(create_client=lambda service, config: client)
        monkeypatch.setitem(sys.modules, "botocore.session", session)
        monkeypatch.setattr("botocore.session", session, raising=False)
        scope = {}
        code = dict(Template("roles.yaml").resources())["Runner"]["Properties"]["Code"]["ZipFile"]
        exec(compile(str(code), "index.py", "exec"), scope)
        sent = []
        monkeypatch.setattr("urllib.request.urlopen", lambda request, timeout: sent.append(json.loads(request.data)) or io.BytesIO())
        properties = {"Cluster": "c", "Task": "t", "Subnets": ["subnet-1"], "SecurityGroup": "sg-1", "AssignPublicIp": "DISABLED", "Log": "/log"}
        event = {"RequestType": kind, "ResponseURL": "https://example.com/", "StackId": "s", "RequestId": "r", "LogicalResourceId": "Roles"}
        scope["handler"](event | {"ResourceProperties": properties}, Context())
        return sent[0], started

    return ran


def test_the_stack_waits_for_the_result(run):
    said, started = run({"exitCode": 0})
    assert said["Status"] == "SUCCESS" and len(started) == 1
    assert started[0]["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] == ["sg-1"]


def test_a_failed_task_is_repeated_and_reported(run):
    said, started = run({"exitCode": 2}, {"exitCode": 0})
    assert said["Status"] == "SUCCESS" and len(started) == 2
    said, started = run(*[{"exitCode": 2, "reason": "no password"}] * 3)
    assert said["Status"] == "FAILED" and len(started) == 3
    assert "no password" in said["Reason"] and "/log" in said["Reason"]


def test_deletion_runs_nothing(run):
    said, started = run(kind="Delete")
    assert said["Status"] == "SUCCESS" and started == []
