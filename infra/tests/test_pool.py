"""The instances of the pool: their image, their permissions and their replacement."""

import json

from templates import Template, strings

TEMPLATE = Template("pgbouncer.yaml")
RESOURCES = dict(TEMPLATE.resources())
LAUNCH = RESOURCES["Template"]["Properties"]["LaunchTemplateData"]


def user_data() -> str:
    return "\n".join(strings(LAUNCH["UserData"]))


def test_image_has_a_pgbouncer_with_prepared_statements():
    """Debian 12 has version 1.18, Debian 13 has 1.24; prepared statements in transaction mode need 1.21."""
    for template, parameter in ((TEMPLATE, "ImageId"), (Template("main.yaml"), "PoolImage")):
        assert template.body["Parameters"][parameter]["Default"] == "/aws/service/debian/release/13/latest/arm64"


def test_instance_waits_for_the_load_balancer_before_its_signal():
    """A network load balancer takes minutes until it uses a new target; an update removes the previous instance after the signal."""
    assert "POOL_TARGET_GROUP='${TargetGroup}'" in user_data()
    statements = RESOURCES["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    allowed = {action for statement in statements for action in strings(statement["Action"])}
    assert "elasticloadbalancing:DescribeTargetHealth" in allowed
    update = RESOURCES["Group"]["UpdatePolicy"]["AutoScalingRollingUpdate"]
    assert update["MinInstancesInService"] == {"Ref": "Instances"}
    # With this process suspended, new instances would not be registered.
    assert "AddToLoadBalancer" not in update["SuspendProcesses"]


def test_instances_are_replaced_each_month_without_a_gap():
    group = RESOURCES["Group"]["Properties"]
    assert group["MaxInstanceLifetime"] == 30 * 24 * 60 * 60
    assert group["InstanceMaintenancePolicy"] == {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200}
    assert group["HealthCheckType"] == "ELB"


def test_clients_may_use_the_database_of_the_app_only():
    assert "POOL_DATABASES='${DatabaseName}'" in user_data()


def test_shell_is_permitted_by_parameter_only():
    assert TEMPLATE.body["Parameters"]["EnableSessionManager"]["Default"] == "false"
    condition, with_shell, without = RESOURCES["Role"]["Properties"]["ManagedPolicyArns"]["Fn::If"]
    assert condition == "WithSessionManager" and without == {"Ref": "AWS::NoValue"}
    assert "AmazonSSMManagedInstanceCore" in json.dumps(with_shell)
    assert "POOL_SHELL='${EnableSessionManager}'" in user_data()


def test_credits_are_configured_for_burstable_types_only():
    """EC2 refuses the setting for other types."""
    condition, burstable, other = LAUNCH["CreditSpecification"]["Fn::If"]
    types = [text for text in strings(TEMPLATE.body["Conditions"][condition]) if text != "InstanceType"]
    assert types == [f"t4g.{size}" for size in ("nano", "micro", "small", "medium", "large", "xlarge", "2xlarge")]
    assert burstable == {"CpuCredits": "standard"} and other == {"Ref": "AWS::NoValue"}
