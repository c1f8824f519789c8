"""The database roles of an installation without a Hasura of its own (roles.yaml)."""

import io
import json
import re
import subprocess
import sys
import types

import pytest

from templates import INFRA, Template


def containers(name):
    return dict(Template(name).resources())["Task"]["Properties"]["ContainerDefinitions"]


def test_the_task_is_the_first_container_of_hasura():
    [roles], hasura = containers("roles.yaml"), containers("hasura.yaml")[0]
    for key in ("Name", "Image", "LinuxParameters", "ReadonlyRootFilesystem", "MountPoints", "EntryPoint", "Command", "Environment", "Secrets"):
        assert roles[key] == hasura[key], key
    assert roles["Essential"] is True


def test_hasura_cannot_create_roles():
    sql = containers("hasura.yaml")[0]["Command"][0]
    assert "ALTER ROLE hasura LOGIN NOCREATEROLE" in sql and "ADMIN OPTION" not in sql
    assert not re.search(r"(?<!NO)CREATEROLE", sql)


def test_the_task_makes_the_settings_that_the_rights_require():
    """Hasura's role may not set them: function-roles.sql refuses a role without one of them."""
    sql, rights = containers("hasura.yaml")[0]["Command"][0], (INFRA / "function-roles.sql").read_text()
    [made] = re.findall(r"\(VALUES ([^;]*?)\) AS settings \(setting, value\)", sql[sql.rindex("AS functions (name),") :])
    [required] = re.findall(r"settings CONSTANT text\[\] := ARRAY\[(.*?)\];", rights, re.DOTALL)
    made = {f"{name}={value}" for name, value in re.findall(r"\('(\w+)', '(\w+)'\)", made)}
    assert made == set(re.findall(r"'(\w+=\w+)'", required)) and len(made) == 5


def test_the_server_is_verified():
    """By the roles' task, by Hasura and by the engine: with an authority that only the first container may write."""
    for name in ("hasura.yaml", "roles.yaml"):
        roles = containers(name)[0]
        environment = {entry["Name"]: entry["Value"] for entry in roles["Environment"]}
        assert environment["PGSSLMODE"] == "verify-full" and environment["PGSSLROOTCERT"] == "/authority/ca.pem"
        assert roles["MountPoints"] == [{"SourceVolume": "authority", "ContainerPath": "/authority"}]
        assert dict(Template(name).resources())["Task"]["Properties"]["Volumes"] == [{"Name": "authority"}]
    hasura = containers("hasura.yaml")[1]
    assert '?sslmode=verify-full&sslrootcert=$PGSSLROOTCERT"' in hasura["Command"][0]
    assert {"Name": "PGSSLROOTCERT", "Value": "/authority/ca.pem"} in hasura["Environment"]
    assert hasura["MountPoints"] == [{"SourceVolume": "authority", "ContainerPath": "/authority", "ReadOnly": True}]
    assert {"ContainerName": "roles", "Condition": "SUCCESS"} in hasura["DependsOn"]


@pytest.mark.parametrize(
    ("authority", "downloads", "stored"),
    [
        ("rds", ["", "BEGIN CERTIFICATE of RDS"], "BEGIN CERTIFICATE of RDS"),
        ("rds", [""] * 5, None),
        ("rds", ["interrupted BEGIN CERTIFICATE"] * 5, None),
        ("rds", ["a page of a proxy"], None),
        ("arn:aws:secretsmanager:…", [], "BEGIN CERTIFICATE of ours"),
    ],
)
def test_the_authority_is_stored_before_the_first_connection(tmp_path, authority, downloads, stored):
    """Runs the container's command; wget fails for an empty download."""
    programs = {
        "wget": f"""n=$(cat {tmp_path}/n 2>/dev/null || echo 0); echo $((n + 1)) > {tmp_path}/n
[ -s {tmp_path}/download$n ] || exit 1
while [ "$1" != -O ]; do shift; done; cp {tmp_path}/download$n $2
! grep -q interrupted $2""",
        "psql": f"cat > {tmp_path}/sql",
        "sleep": "",
    }
    (tmp_path / "bin").mkdir()
    for name, code in programs.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{code}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    for number, text in enumerate(downloads):
        (tmp_path / f"download{number}").write_text(text)
    given = {
        "PATH": f"{tmp_path}/bin:/usr/bin:/bin",
        "PGSSLROOTCERT": str(tmp_path / "ca.pem"),
        "DATABASE_AUTHORITY": authority,
        "DATABASE_CA": "BEGIN CERTIFICATE of ours",
    }
    ran = subprocess.run(["/bin/sh", "-c", containers("hasura.yaml")[0]["Command"][0]], env=given, capture_output=True, text=True)
    if stored:
        assert ran.returncode == 0, ran.stderr
        assert (tmp_path / "ca.pem").read_text().strip() == stored
        assert "CREATE ROLE" in (tmp_path / "sql").read_text()
    else:
        assert ran.returncode == 1 and "DatabaseAuthority" in ran.stderr
        assert not (tmp_path / "sql").exists()


def test_containers_have_no_capabilities():
    for container in containers("roles.yaml") + containers("hasura.yaml"):
        assert container["LinuxParameters"] == {"Capabilities": {"Drop": ["ALL"]}}, container["Name"]


def test_containers_write_no_files_but_the_authority():
    for name in ("roles.yaml", "hasura.yaml"):
        for container in containers(name):
            assert container["ReadonlyRootFilesystem"] is True, container["Name"]
            writable = [mount["ContainerPath"] for mount in container["MountPoints"] if not mount.get("ReadOnly")]
            assert writable == (["/authority"] if container["Name"] == "roles" else []), container["Name"]
    # The first container is root, which owns the volume, without capabilities; the one that serves requests is not.
    assert containers("hasura.yaml")[1]["User"] == "65534"


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
