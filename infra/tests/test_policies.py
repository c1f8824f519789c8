"""Every policy on every template, and for each a violation that it finds."""

import pytest

import policies
from templates import NAMES, Template


@pytest.mark.parametrize("policy", policies.ALL, ids=lambda policy: policy.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_template_keeps_policy(name, policy):
    assert policy(Template(name)) == []


def put(*path_and_value):
    """A change: the value at a path of the template's body."""
    *path, last, value = path_and_value

    def change(body):
        for step in path:
            body = body[step]
        body[last] = value

    return change


def drop(*path):
    """A change: removes the node at the path."""

    def change(body):
        for step in path[:-1]:
            body = body[step]
        del body[path[-1]]

    return change


def resource(name, *path):
    return ("Resources", name, "Properties", *path)


SSH = {"Description": "me", "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
POOL_RULE = {"Description": "pool", "IpProtocol": "tcp", "FromPort": 6432, "ToPort": 6432, "CidrIp": "0.0.0.0/0"}

# (policy, template, change, text of the finding)
MISTAKES = [
    (policies.open_to_the_world, "network.yaml", put(*resource("PoolSecurityGroup", "SecurityGroupIngress"), [SSH]), "on 22"),
    (policies.open_to_the_world, "network.yaml", put(*resource("PoolLoadBalancerSecurityGroup", "SecurityGroupIngress"), [POOL_RULE]), "on 6432"),
    (policies.open_to_the_world, "network.yaml", put(*resource("DatabaseSecurityGroup", "SecurityGroupIngress"), [SSH | {"CidrIp": None, "CidrIpv6": "::/0"}]), "on 22"),
    (policies.open_to_the_world, "network.yaml", drop(*resource("DatabaseSecurityGroup", "SecurityGroupEgress")), "defaults"),
    (policies.open_to_the_world, "network.yaml", put(*resource("FunctionsSecurityGroup", "SecurityGroupEgress"), [SSH]), "reaches the world on 22"),
    (policies.open_to_the_world, "network.yaml", put(*resource("PoolSecurityGroup", "SecurityGroupIngress"), [POOL_RULE | {"Description": "the pool's"}]), "EC2 refuses"),
    (policies.open_to_the_world, "network.yaml", put(*resource("PoolSecurityGroup", "GroupDescription"), "It's the pool"), "EC2 refuses"),
    (policies.open_to_the_world, "database.yaml", put(*resource("Database", "PubliclyAccessible"), True), "publicly"),
    (policies.open_to_the_world, "web.yaml", put(*resource("OrderAppBucket", "PublicAccessBlockConfiguration", "BlockPublicPolicy"), False), "public access"),
    (policies.open_to_the_world, "hasura.yaml", put(*resource("Distribution", "DistributionConfig", "DefaultCacheBehavior", "ViewerProtocolPolicy"), "allow-all"), "http"),
    (policies.secrets_in_the_open, "secrets.yaml", put("Outputs", "Oops", {"Value": "{{resolve:secretsmanager:x}}"}), "output Oops"),
    (policies.secrets_in_the_open, "database.yaml", put("Parameters", "MasterPassword", {"Type": "String", "Default": "hunter2"}), "MasterPassword"),
    (policies.secrets_in_the_open, "functions.yaml", put("Parameters", "PostgresConnectionString", "Default", "postgres://app:pw@h/db"), "password in its default"),
    (policies.secrets_in_the_open, "functions.yaml", put(*resource("PaymentFunction", "Environment", "Variables", "WEBHOOK_SECRET"), "text"), "WEBHOOK_SECRET"),
    (policies.secrets_in_the_open, "functions.yaml", put(*resource("PaymentFunction", "Environment", "Variables", "POSTGRES"), "{{resolve:secretsmanager:x:SecretString:password}}"), "PaymentFunction"),
    (policies.secrets_in_the_open, "pgbouncer.yaml", put(*resource("Template", "LaunchTemplateData", "UserData"), {"Fn::Base64": "{{resolve:secretsmanager:x}}"}), "UserData"),
    (policies.logs_without_an_end, "functions.yaml", drop(*resource("PaymentLog", "RetentionInDays")), "no retention period"),
    (policies.logs_without_an_end, "functions.yaml", drop(*resource("PaymentFunction", "LoggingConfig")), "not declared"),
    (policies.logs_without_an_end, "hasura.yaml", drop(*resource("Task", "ContainerDefinitions"), 0, "LogConfiguration"), "not declared"),
    (policies.data_without_a_policy, "database.yaml", put("Resources", "Database", "DeletionPolicy", "Delete"), "Database: DeletionPolicy"),
    (policies.data_without_a_policy, "database.yaml", drop("Resources", "Database", "UpdateReplacePolicy"), "Database: UpdateReplacePolicy"),
    (policies.data_without_a_policy, "database.yaml", put(*resource("Database", "StorageEncrypted"), False), "not encrypted"),
    (policies.data_without_a_policy, "web.yaml", drop("Resources", "OrderAppBucket", "DeletionPolicy"), "OrderAppBucket"),
    (policies.silent_alarms, "monitoring.yaml", drop(*resource("PaymentErrors", "TreatMissingData")), "missing data"),
    (policies.silent_alarms, "monitoring.yaml", drop(*resource("PaymentErrors", "AlarmActions")), "no action"),
    (policies.silent_alarms, "monitoring.yaml", drop(*resource("PaymentErrors", "AlarmDescription")), "no description"),
    (policies.loose_parameters, "main.yaml", drop("Parameters", "Stage", "AllowedPattern"), "Stage"),
    (policies.loose_parameters, "main.yaml", drop("Parameters", "VpcCidr", "ConstraintDescription"), "VpcCidr"),
    (policies.loose_parameters, "main.yaml", drop("Parameters", "PoolSize", "MaxValue"), "PoolSize"),
    (policies.loose_parameters, "main.yaml", put("Parameters", "Stage", "Default", "Not Good"), "its own default"),
    (policies.loose_parameters, "main.yaml", put("Parameters", "PoolTrustSecretArn", "AllowedPattern", "arn:.+"), "its own default"),
    (policies.unconditional, "network.yaml", drop("Resources", "Nat", "Condition"), "Nat "),
    (policies.roles_without_a_boundary, "versions.yaml", drop(*resource("Role", "PermissionsBoundary")), "Role has no"),
]


@pytest.mark.parametrize(("policy", "name", "change", "finding"), MISTAKES)
def test_policy_finds_violation(policy, name, change, finding):
    template = Template(name)
    change(template.body)
    found = policy(template)
    assert any(finding in line for line in found), found


def test_star_without_reason_is_found():
    template = Template("functions.yaml")
    template.lines = [line.partition("  # ")[0] for line in template.lines]
    found = policies.stars_without_a_reason(template)
    assert any("PaymentRole allows Resource *" in line for line in found), found
