"""Policies for every template. Each takes a template and returns its findings as text; an empty list is a success.

test_policies.py applies them, and shows for each that it finds a violation.
"""

import re

from templates import Template, strings, walk

WORLD = {"0.0.0.0/0", "::/0"}
# Characters that EC2 accepts in descriptions of groups and rules (API reference, IpRange); neither cfn-lint nor the
# emulator checks them.
DESCRIPTION = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}"
HOLDS_DATA = {
    "AWS::RDS::DBInstance": {"Snapshot", "Retain"},
    "AWS::S3::Bucket": {"Delete", "Retain"},
    "AWS::SecretsManager::Secret": {"Delete", "Retain"},
    # RetainExceptOnCreate: the version of a failed update is deleted. Otherwise Lambda refuses to publish it in the next one.
    "AWS::Lambda::Version": {"Retain", "RetainExceptOnCreate"},
}
# Types that the emulator of the launch test refuses; so each depends on a condition that its users enable.
BEHIND_A_CONDITION = {
    "AWS::Budgets::Budget",
    "AWS::EC2::EIP",
    "AWS::EC2::FlowLog",
    "AWS::EC2::NatGateway",
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::CloudFront::VpcOrigin",
    "AWS::CloudTrail::Trail",
    "AWS::RDS::DBProxyTargetGroup",
    "AWS::WAFv2::WebACLAssociation",
}


def rules(group: dict, direction: str) -> list[dict]:
    """The rules of a security group, including those of a condition."""
    listed = group["Properties"].get(f"SecurityGroup{direction}", [])
    return [node for _, node in walk(listed) if isinstance(node, dict) and "IpProtocol" in node]


def world(rule: dict) -> bool:
    """Whether a rule applies to all addresses."""
    return any(rule.get(key) in WORLD for key in ("CidrIp", "CidrIpv6") if isinstance(rule.get(key), str))


def open_to_the_world(template: Template) -> list[str]:
    """Only 443 on the public endpoint is open to the world; outbound traffic is encrypted, or signed packages."""
    found = []
    for name, group in template.resources("AWS::EC2::SecurityGroup"):
        if not re.fullmatch(DESCRIPTION, group["Properties"]["GroupDescription"]):
            found.append(f"{name} has a description that EC2 refuses")
        if "SecurityGroupIngress" not in group["Properties"] or not rules(group, "Egress"):
            found.append(f"{name} leaves its rules to defaults, which allow all outbound traffic")
        for rule in rules(group, "Ingress") + rules(group, "Egress"):
            if not rule.get("Description"):
                found.append(f"{name} has a rule without a description")
            elif not re.fullmatch(DESCRIPTION, rule["Description"]):
                found.append(f"{name} has a rule whose description EC2 refuses: {rule['Description']}")
            if rule["IpProtocol"] != "tcp" or rule["FromPort"] != rule["ToPort"]:
                found.append(f"{name} opens more than one TCP port by one rule")
        for rule in rules(group, "Ingress"):
            if world(rule) and (name != "HasuraLoadBalancerSecurityGroup" or rule["FromPort"] != 443):
                found.append(f"{name} is open to the world on {rule['FromPort']}")
        for rule in rules(group, "Egress"):
            allowed = {443, 80} if name == "PoolSecurityGroup" else {443}
            if world(rule) and rule["FromPort"] not in allowed:
                found.append(f"{name} reaches the world on {rule['FromPort']}")
    for name, _ in template.resources("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"):
        found.append(f"{name} is a rule outside its group")
    for name, resource in template.resources("AWS::RDS::DBInstance"):
        if resource["Properties"].get("PubliclyAccessible") is not False:
            found.append(f"{name} is publicly accessible")
    for name, resource in template.resources("AWS::S3::Bucket"):
        block = resource["Properties"].get("PublicAccessBlockConfiguration", {})
        if sorted(block.values()) != [True] * 4:
            found.append(f"{name} does not block public access")
    for name, resource in template.resources("AWS::CloudFront::Distribution"):
        behaviour = resource["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
        if behaviour["ViewerProtocolPolicy"] not in {"https-only", "redirect-to-https"}:
            found.append(f"{name} allows http for browsers")
    return found


def secrets_in_the_open(template: Template) -> list[str]:
    """No secret in an output, a parameter's default, an environment or user data."""
    found = []
    for name, output in template.body.get("Outputs", {}).items():
        hidden = {key for key, value in template.body.get("Parameters", {}).items() if value.get("NoEcho")}
        texts = strings(output["Value"])
        if hidden & set(texts) or any("resolve:" in text for text in texts):
            found.append(f"output {name} contains a secret")
    for name, parameter in template.body.get("Parameters", {}).items():
        secret = re.search("password|secret|token|key", name, re.I) and not name.endswith("Arn")
        if secret and parameter.get("Default") not in (None, "", "true", "false"):
            found.append(f"parameter {name} has a secret as its default")
        if re.search(r"://[^/@\s]*:[^/@\s]*@", str(parameter.get("Default", ""))):
            found.append(f"parameter {name} has a password in its default")
    for name, resource in template.resources():
        for path, node in walk(resource):
            if not path or path[-1] not in {"Environment", "UserData"}:
                continue
            for text in strings(node):
                # A CA is public; it is stored with the key of the certificate that it signed, and only the CA is read.
                text = re.sub(r"{{resolve:secretsmanager:[^}]*:SecretString:ca}}", "", text.replace("${PoolCertificateSecretArn}", "x"))
                if "resolve:" in text:
                    found.append(f"{name} has a secret in its {path[-1]}")
            if path[-1] == "Environment":
                variables = node["Variables"].items() if isinstance(node, dict) else [(v["Name"], v["Value"]) for v in node]
                for variable, value in variables:
                    if value == "none":
                        continue  # the function says that it has none
                    if re.search("PASSWORD|SECRET|TOKEN", variable) and not variable.endswith("_ARN"):
                        found.append(f"{name} has {variable} in its environment, as text")
    return found


def logs_without_an_end(template: Template) -> list[str]:
    """Each log group has a retention period, and functions and tasks write only to declared ones."""
    found = []
    groups = {name for name, _ in template.resources("AWS::Logs::LogGroup")}
    for name, group in template.resources("AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group["Properties"]:
            found.append(f"{name} has no retention period")
    for name, function in template.resources("AWS::Lambda::Function"):
        if function["Properties"].get("LoggingConfig", {}).get("LogGroup", {}).get("Ref") not in groups:
            found.append(f"{name} writes to a log group that is not declared")
    for name, task in template.resources("AWS::ECS::TaskDefinition"):
        for container in task["Properties"]["ContainerDefinitions"]:
            options = container.get("LogConfiguration", {}).get("Options", {})
            if options.get("awslogs-group", {}).get("Ref") not in groups:
                found.append(f"{name}, container {container['Name']}, writes to a log group that is not declared")
    return found


def data_without_a_policy(template: Template) -> list[str]:
    """Resources with data have policies for deletion and replacement."""
    found = []
    for name, resource in template.resources(*HOLDS_DATA):
        allowed = HOLDS_DATA[resource["Type"]]
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if resource.get(policy) not in allowed:
                found.append(f"{name}: {policy} should be {' or '.join(sorted(allowed))}")
    for name, resource in template.resources("AWS::RDS::DBInstance"):
        if resource["Properties"].get("StorageEncrypted") is not True:
            found.append(f"{name} is not encrypted")
    for name, resource in template.resources("AWS::S3::Bucket"):
        if "BucketEncryption" not in resource["Properties"]:
            found.append(f"{name} is not encrypted")
    return found


def stars_without_a_reason(template: Template) -> list[str]:
    """No `*` as an action, a resource or a principal, unless the line states a reason."""
    found = []
    for name, resource in template.resources():
        for path, node in walk(resource.get("Properties", {})):
            in_policy = any(str(step).endswith(("PolicyDocument", "Policies")) for step in path)
            if not in_policy or not isinstance(node, str):
                continue
            what = next((step for step in reversed(path) if step in {"Action", "Resource", "Principal"}), None)
            if what is None or not (node == "*" or (what == "Action" and "*" in node)):
                continue
            if len(template.reason(node)) < 10:
                found.append(f"{name} allows {what} {node} without a reason on its line ({node.start_mark.line + 1})")
    return found


def silent_alarms(template: Template) -> list[str]:
    """Each alarm has a description, an action, and a treatment of missing data with a reason."""
    found = []
    for name, alarm in template.resources("AWS::CloudWatch::Alarm"):
        properties = alarm["Properties"]
        if len(properties.get("AlarmDescription", "")) < 10:
            found.append(f"{name} has no description")
        missing = properties.get("TreatMissingData")
        if missing not in {"breaching", "notBreaching"}:
            found.append(f"{name} does not define missing data")
        elif not template.reason(missing):
            found.append(f"{name} has no reason for treating missing data as {missing}")
        # CodeDeploy polls the canary's alarms.
        if not properties.get("AlarmActions") and not name.endswith("CanaryAlarm"):
            found.append(f"{name} has no action")
    return found


def loose_parameters(template: Template) -> list[str]:
    """Each parameter has a description and refuses invalid values, with a sentence about valid ones."""
    found = []
    for name, parameter in template.body["Parameters"].items():
        if len(parameter.get("Description", "")) < 8:
            found.append(f"parameter {name} has no description")
        kind = parameter["Type"]
        if kind.startswith(("AWS::", "List<AWS::")) or "AllowedValues" in parameter:
            continue
        if kind == "Number":
            if not {"MinValue", "MaxValue"} <= parameter.keys():
                found.append(f"parameter {name} has no bounds")
            continue
        if "AllowedPattern" not in parameter or len(parameter.get("ConstraintDescription", "")) < 15:
            found.append(f"parameter {name} accepts any value, or does not describe valid ones")
        elif "Default" in parameter and not re.fullmatch(parameter["AllowedPattern"], str(parameter["Default"])):
            found.append(f"parameter {name} refuses its own default")
    grouped = [
        name
        for group in template.body.get("Metadata", {}).get("AWS::CloudFormation::Interface", {}).get("ParameterGroups", [])
        for name in group["Parameters"]
    ]
    if grouped and sorted(grouped) != sorted(template.body["Parameters"]):
        odd = set(grouped) ^ set(template.body["Parameters"])
        found.append(f"the console's groups and the parameters differ: {', '.join(sorted(odd))}")
    return found


def unconditional(template: Template) -> list[str]:
    """Resources with extra cost or without emulation depend on a condition."""
    return [
        f"{name} ({resource['Type']}) should depend on a condition"
        for name, resource in template.resources(*BEHIND_A_CONDITION)
        if "Condition" not in resource
    ]


def roles_without_a_boundary(template: Template) -> list[str]:
    """Each role has the boundary of the parameter: the pipeline may create no other ones."""
    boundary = {"Fn::If": ["WithBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}
    return [
        f"{name} has no permissions boundary"
        for name, role in template.resources("AWS::IAM::Role")
        if role["Properties"].get("PermissionsBoundary") != boundary
    ]


ALL = [
    open_to_the_world,
    secrets_in_the_open,
    logs_without_an_end,
    data_without_a_policy,
    stars_without_a_reason,
    silent_alarms,
    loose_parameters,
    unconditional,
    roles_without_a_boundary,
]
