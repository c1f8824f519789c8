"""Rotation of the secrets (rotation.yaml): every secret is rotated by default, or its template says why not; and Hasura gets new tasks."""

import json
import sys
import tomllib
import types

import pytest

from evaluation import Scope, body
from templates import LISTED, NAMES, ROOT, Template, all_templates, walk

RESOURCES = dict(Template("rotation.yaml").resources())
SCHEDULES = {name: resource for name, resource in RESOURCES.items() if resource["Type"] == "AWS::SecretsManager::RotationSchedule"}
PARAMETERS = dict(Template("main.yaml").resources())["Rotation"]["Properties"]["Parameters"]


def scheduled() -> set[str]:
    """The outputs of secrets.yaml whose secrets have a schedule."""
    return {PARAMETERS[schedule["Properties"]["SecretId"]["Ref"]]["Fn::GetAtt"][1] for schedule in SCHEDULES.values()}


@pytest.mark.parametrize("name", NAMES)
def test_every_secret_is_rotated_or_has_a_reason(name):
    template = Template(name)
    for logical_id, secret in template.resources("AWS::SecretsManager::Secret"):
        reason = template.reason(secret["Type"])
        is_scheduled = name == "secrets.yaml" and f"Outputs.{logical_id}Arn" in scheduled()
        is_excused = reason.startswith("not rotated: ") and len(reason) > 30
        assert is_scheduled != is_excused, f"{name}: {logical_id}"


def test_rotation_is_on_by_default():
    for name in ("main.yaml", "rotation.yaml"):
        parameter = Template(name).body["Parameters"]["RotationDays"]
        assert (parameter["Default"], parameter["MinValue"]) == (30, 0)
    assert PARAMETERS["RotationDays"] == {"Ref": "RotationDays"}
    for name, schedule in SCHEDULES.items():
        assert schedule["Properties"]["RotationRules"] == {"AutomaticallyAfterDays": {"Ref": "RotationDays"}}, name
        assert schedule["Properties"]["RotationLambdaARN"] == {"Fn::GetAtt": ["RotateSecretFunction", "Arn"]}, name
        assert schedule["DependsOn"] == "RotateSecretPermission", name
        # A rotation during the launch would precede the components that read the secret.
        assert schedule["Properties"]["RotateImmediatelyOnUpdate"] is False, name


GIVEN = {
    "RotateFunctionRoles": "true",
    "ClusterName": "threefactor-dev",
    "PostgresConnectionString": "postgres://db:5432/food",
    "SubnetIds": "subnet-1,subnet-2",
    "SecurityGroupId": "sg-1",
    **{name: f"arn:aws:secretsmanager:eu-central-1:123456789012:secret:{name}-AbCdEf" for name in PARAMETERS if name.endswith("SecretArn")},
}


def existing(**given) -> set[str]:
    """The schedules with these parameters, without the end of their names."""
    scope = Scope(body("rotation.yaml"), {**GIVEN, **given}, "eu-central-1", "rotation")
    return {name.removesuffix("Rotation") for name, schedule in SCHEDULES.items() if scope.condition(schedule["Condition"])}


def test_what_nothing_would_read_again_is_not_rotated():
    """An existing pooler or Hasura, and a database whose certificate is not known."""
    of_functions = existing() - {"Hasura", "Admin", "Webhook"}
    assert len(of_functions) == sum("role" in function for function in LISTED)
    assert existing() - of_functions == {"Hasura", "Admin", "Webhook"}
    assert existing(RotationDays="0") == set()
    assert existing(ClusterName="") == of_functions
    assert existing(RotateFunctionRoles="false") == {"Hasura", "Admin", "Webhook"}
    assert existing(PostgresConnectionString="") == {"Admin", "Webhook"}
    assert PARAMETERS["RotateFunctionRoles"] == {"Fn::If": ["HasOwnPooler", "true", "false"]}
    hasura = {"Fn::GetAtt": ["Hasura", "Outputs.ClusterName"]}
    assert PARAMETERS["ClusterName"] == {"Fn::If": ["MakeHasura", hasura, ""]}


def test_rotation_connects_to_postgres_itself_and_verifies_it():
    """The pool reads a new password only after the rotation."""
    address = json.dumps(PARAMETERS["PostgresConnectionString"])
    assert "6432" not in address and address.count("sslmode=verify-full&sslrootcert=rds") == 2
    assert PARAMETERS["SecurityGroupId"] == {"Fn::GetAtt": ["Network", "Outputs.RotationSecurityGroupId"]}


def statements(role):
    [policy] = RESOURCES[role]["Properties"]["Policies"]
    return [node for _, node in walk(policy["PolicyDocument"]) if isinstance(node, dict) and "Effect" in node]


def test_function_may_change_only_what_it_rotates():
    changes = [statement for statement in statements("RotateSecretRole") if "secretsmanager" in json.dumps(statement["Action"])]
    resources = [node["Ref"] for statement in changes for _, node in walk(statement["Resource"]) if isinstance(node, dict)]
    assert sorted(resources) == sorted(schedule["Properties"]["SecretId"]["Ref"] for schedule in SCHEDULES.values())
    for statement in changes:
        assert {action.removeprefix("secretsmanager:") for action in statement["Action"]} == {
            "DescribeSecret",
            "GetSecretValue",
            "PutSecretValue",
            "UpdateSecretVersionStage",
        }
    principals = {
        resource["Properties"]["Principal"]: resource["Properties"].get("SourceAccount") or resource["Properties"]["SourceArn"]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::Lambda::Permission" and resource["Properties"]["FunctionName"] == {"Ref": "RotateSecretFunction"}
    }
    assert principals == {
        "secretsmanager.amazonaws.com": {"Ref": "AWS::AccountId"},
        "events.amazonaws.com": {"Fn::GetAtt": ["CheckRolesRule", "Arn"]},
    }


def test_roles_are_checked_by_time():
    """A task that sets the passwords of the roles may have read them before a rotation."""
    rule = RESOURCES["CheckRolesRule"]["Properties"]
    [target] = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["RotateSecretFunction", "Arn"]}
    assert json.loads(target["Input"]) == json.loads((ROOT / "functions/rotate-secret/events/check-roles.json").read_text())
    functions = sum("role" in function for function in LISTED)
    for given, expected in (
        ({}, functions + 1),
        ({"ClusterName": ""}, functions),
        ({"RotateFunctionRoles": "false"}, 1),
        ({"RotationDays": "0"}, 0),
    ):
        scope = Scope(body("rotation.yaml"), {**GIVEN, **given}, "eu-central-1", "rotation")
        scope.resources = {name: {"ref": name, "attributes": {"Arn": name}} for name in RESOURCES}
        variables = scope.properties("RotateSecretFunction")["Environment"]["Variables"]
        assert len(variables.get("CHECKED_ARNS", "").split(",")) == max(expected, 1)
        assert scope.exists("CheckRolesRule") == ("CHECKED_ARNS" in variables) == (expected > 0)


def test_cargo_and_template_agree():
    [name] = [function["name"] for function in LISTED if function["caller"] == "rotation"]
    deploy = tomllib.loads((ROOT / "functions" / name / "Cargo.toml").read_text())["package"]["metadata"]["lambda"]["deploy"]
    function = RESOURCES["RotateSecretFunction"]["Properties"]
    assert function["Code"] == f"../target/lambda/{name}/bootstrap.zip"
    assert function["FunctionName"] == {"Fn::Sub": f"threefactor-${{Stage}}-{name}"}
    assert (deploy["memory"], deploy["timeout"], deploy["runtime"]) == (function["MemorySize"], function["Timeout"], function["Runtime"])
    assert deploy["tracing"] == "passthrough" and function["TracingConfig"] == {"Mode": "PassThrough"}


def test_code_is_in_stacks_that_a_deployment_knows():
    """`--keep-code` reads the locations of the code from them."""
    source = (ROOT / "local" / "deploy" / "src" / "package.rs").read_text()
    with_code = {name for name, template in all_templates().items() if "Code: ../target/lambda/" in template.text}
    stacks = {name for name, stack in Template("main.yaml").resources("AWS::CloudFormation::Stack") if stack["Properties"]["TemplateURL"] in with_code}
    [line] = [line for line in source.splitlines() if line.startswith("const STACKS_WITH_CODE")]
    assert set(json.loads(line.partition(" = ")[2].rstrip(";"))) == stacks


# New tasks of Hasura ----------------------------------------------------------------------------------------------------------


class Cluster:
    """ECS, with one service, or none."""

    def __init__(self, tags=(), status="ACTIVE", fails=()):
        self.tags, self.status, self.fails, self.restarts = dict(tags), status, set(fails), 0
        self.deployments = [{"id": "d-0", "status": "PRIMARY", "rolloutState": "COMPLETED"}]

    def service(self):
        return {"serviceArn": "arn:service", "status": self.status, "deployments": self.deployments}

    def describe_services(self, cluster, services):
        assert (cluster, services) == ("threefactor-dev", ["hasura"])
        return {"services": [self.service()] if self.status else []}

    def end(self, state="COMPLETED"):
        """The new tasks have started, or ECS has gone back to the former ones."""
        [new, former] = self.deployments
        self.deployments = [new | {"rolloutState": "COMPLETED"}] if state == "COMPLETED" else [former | {"status": "PRIMARY"}]

    def list_tags_for_resource(self, resourceArn):
        return {"tags": [{"key": key, "value": value} for key, value in self.tags.items()]}

    def tag_resource(self, resourceArn, tags):
        if "tag" in self.fails:
            raise RuntimeError("tag")
        self.tags |= {tag["key"]: tag["value"] for tag in tags}

    def update_service(self, cluster, service, forceNewDeployment):
        assert (cluster, service, forceNewDeployment) == ("threefactor-dev", "hasura", True)
        if "update" in self.fails:
            raise RuntimeError("update")
        self.restarts += 1
        former = [deployment | {"status": "ACTIVE"} for deployment in self.deployments[:1]]
        self.deployments = [{"id": f"d-{self.restarts}", "status": "PRIMARY", "rolloutState": "IN_PROGRESS"}, *former]
        return {"service": self.service()}


@pytest.fixture
def run(monkeypatch):
    """Runs the code in the template, with these current versions of the secrets."""

    def ran(cluster, **versions):
        def describe_secret(SecretId):
            return {"VersionIdsToStages": {"p-1": ["AWSPENDING"], versions[SecretId]: ["AWSCURRENT"], "o-1": ["AWSPREVIOUS"]}}

        clients = {"ecs": cluster, "secretsmanager": types.SimpleNamespace(describe_secret=describe_secret)}
        session = types.ModuleType("botocore.session")
        session.get_session = lambda: types.SimpleNamespace(create_client=lambda service, config: clients[service])
        monkeypatch.setitem(sys.modules, "botocore.session", session)
        monkeypatch.setattr("botocore.session", session, raising=False)
        monkeypatch.setenv("CLUSTER", "threefactor-dev")
        monkeypatch.setenv("WATCHED_ARNS", ",".join(versions))
        scope = {}
        exec(compile(str(RESOURCES["RestartFunction"]["Properties"]["Code"]["ZipFile"]), "index.py", "exec"), scope)
        scope["handler"]({}, None)
        return cluster.restarts

    return ran


READ = "threefactor:secrets"


def test_hasura_restarts_once_after_each_change(run):
    cluster = Cluster()
    assert run(cluster, a="1", b="1") == 0, "a new service has read the secrets"
    assert run(cluster, a="1", b="1") == 0
    assert run(cluster, a="1", b="2") == 1
    assert run(cluster, a="1", b="2") == 1 and cluster.tags[READ] == "1/1", "the new tasks do not run yet"
    assert run(cluster, a="2", b="3") == 1, "one restart at a time"
    cluster.end()
    assert run(cluster, a="2", b="3") == 2, "two changes in a minute are one restart"
    cluster.end()
    for _ in range(2):
        assert run(cluster, a="2", b="3") == 2 and cluster.tags[READ] == "2/3"


def test_failed_restart_is_repeated(run):
    cluster = Cluster()
    run(cluster, a="1")
    cluster.fails = {"update"}
    with pytest.raises(RuntimeError):
        run(cluster, a="2")
    cluster.fails = {"tag"}
    with pytest.raises(RuntimeError):
        run(cluster, a="2")
    assert cluster.restarts == 1
    cluster.fails = set()
    cluster.end()
    assert run(cluster, a="2") == 2, "it is not known which versions the tasks have read"
    cluster.end("FAILED")
    with pytest.raises(RuntimeError, match="did not start"):
        run(cluster, a="2")
    assert cluster.restarts == 3 and cluster.tags[READ] == "1"
    cluster.end()
    assert run(cluster, a="2") == 3 and cluster.tags[READ] == "2"


@pytest.mark.parametrize("status", [None, "INACTIVE", "DRAINING"])
def test_absent_service_is_left_alone(run, status):
    cluster = Cluster(status=status)
    assert run(cluster, a="1") == 0 and cluster.tags == {}


def test_hasura_restarts_after_what_its_tasks_read_at_their_start():
    """The passwords of the functions' roles are not among them: only the first container reads those."""
    hasura = dict(Template("hasura.yaml").resources())["Task"]["Properties"]["ContainerDefinitions"][-1]
    assert hasura["Name"] == "hasura"
    read = {name for name in GIVEN if name.endswith("SecretArn") and name in json.dumps(hasura["Secrets"])}
    watched = RESOURCES["RestartFunction"]["Properties"]["Environment"]["Variables"]["WATCHED_ARNS"]["Fn::Join"][1]
    assert {entry["Ref"] for entry in watched} == read
    rights = json.dumps(statements("RestartRole"))
    assert "GetSecretValue" not in rights and "service/${ClusterName}/hasura" in rights
