"""An AWS account that refuses what AWS refuses. It executes the changes of stacks with nested ones, in milliseconds: the resources are
records. Sources of each refusal: the references of the resource types, and the errors that AWS documents.

- a name that is taken, in the account and region, or globally; of a length or with characters that the type does not accept;
- a replacement of a resource with a custom name; a version of a function that has not changed;
- a cluster before the service-linked role of ECS; the deletion of a protected database, and of a group that another one refers to;
- a target group of two load balancers, a service whose target group has no listener, settings of routes that do not exist;
- a secret, or a field of one, that does not exist; user data, environments and descriptions that are too long.

A failed creation removes what it has created, a failed update restores the existing state.
"""

import functools
import itertools
import json
import re

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

import names
from evaluation import ACCOUNT, NO_VALUE, Refused, Scope, body

NESTED = "AWS::CloudFormation::Stack"
GLOBAL = {"AWS::CloudFront::VpcOrigin", "AWS::CloudFront::Function", "AWS::CloudFront::OriginAccessControl", "AWS::CloudFront::ResponseHeadersPolicy", "AWS::IAM::Role"}
# Properties with a name that CloudFormation does not generate, apart from those of names.py.
NAMED = {
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::IAM::Role": "RoleName",
    "AWS::RDS::DBParameterGroup": "DBParameterGroupName",
    "AWS::RDS::DBProxy": "DBProxyName",
    "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::WAFv2::WebACL": "Name",
}


@functools.cache
def create_only(kind: str) -> frozenset:
    """The properties whose change replaces a resource of a type."""
    if kind.startswith("Custom::"):
        return frozenset({"ServiceToken"})
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    paths = schema.get("createOnlyProperties", [])
    return frozenset(path.removeprefix("/properties/").split("/")[0] for path in paths)


def name_of(kind: str, properties: dict):
    """The custom name in the properties of a resource."""
    return names.name_of(kind, properties) or properties.get(NAMED.get(kind, ""))


class Account:
    """The account, in one region unless a stack names another one."""

    def __init__(self, service_linked_roles=("ecs",)):
        self.roles = set(service_linked_roles)
        self.ssm = {"/aws/service/debian/release/13/latest/arm64": "ami-0c2023a1b2c3d4e5f"}
        self.secrets = {}
        self.stacks = {}
        self.taken = {}
        self.snapshots = []
        # Published versions by function: the properties of the function at that time, by number.
        self.versions = {}
        self.fail = None
        # Decides about calls for roles, if a service role changes the stacks (boundary.Pipeline); otherwise everything is permitted.
        self.pipeline = None
        # What an update could not delete.
        self.orphans = []
        self.numbers = itertools.count(1)

    def secret(self, name: str, fields=()) -> str:
        """Stores a secret; returns its ARN."""
        arn = f"arn:aws:secretsmanager:eu-central-1:{ACCOUNT}:secret:{name}-AbCdEf"
        self.secrets[arn] = set(fields)
        return arn

    # Stacks -------------------------------------------------------------------------------------------------------------

    def deploy(self, name: str, template: str, given: dict, region: str = "eu-central-1"):
        """Creates or updates a stack as `cargo xtask deploy` does. Raises Refused after the rollback."""
        stack = self.stacks.get((region, name))
        if stack is None:
            stack = self.stacks[region, name] = Stack(self, name, template, region)
        previous = {key: value for key, value in stack.given.items() if key in body(template)["Parameters"]}
        stack.change({**previous, **given})
        return stack

    def destroy(self, name: str, region: str = "eu-central-1"):
        self.stacks[region, name].delete()
        del self.stacks[region, name]

    # Names ----------------------------------------------------------------------------------------------------------------

    def key(self, kind: str, region: str, name: str) -> tuple:
        return (kind, "" if kind in GLOBAL or kind == "AWS::S3::Bucket" else region, name)

    def take(self, kind: str, region: str, name, owner: str):
        if name is None:
            return
        key = self.key(kind, region, name)
        if key in self.taken:
            raise Refused(f"{kind} {name} already exists in {self.taken[key]}")
        self.taken[key] = owner

    def release(self, kind: str, region: str, name):
        if name is not None:
            self.taken.pop(self.key(kind, region, name), None)


class Stack:
    """A stack: its resources, by logical id."""

    def __init__(self, account: Account, name: str, template: str, region: str):
        self.account, self.name, self.template, self.region = account, name, template, region
        self.id = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{next(account.numbers):08x}"
        self.given, self.records, self.outputs = {}, {}, {}
        self.status = None

    def path(self, logical_id: str) -> str:
        return f"{self.name}/{logical_id}"

    # Changes ----------------------------------------------------------------------------------------------------------------

    def change(self, given: dict):
        """Creates or updates the resources. On a refusal, everything is as before."""
        # Steps that undo what was done, and those that delete what is no longer needed. Nested stacks share them: they keep what they
        # have replaced until the change of the root stack has succeeded.
        undo, cleanup = [], []
        try:
            self.apply(given, undo, cleanup)
        except Refused as refused:
            failed = []
            for step in reversed(undo):
                try:
                    step()
                except Refused as kept:
                    failed.append(str(kept))
            if failed:
                self.status = "ROLLBACK_FAILED"
                raise Refused(f"{refused}; the rollback failed: {'; '.join(failed)}") from refused
            raise
        for step in reversed(cleanup):
            try:
                step()
            except Refused as refused:
                # CloudFormation reports success, and no longer knows the resource.
                self.account.orphans.append(str(refused))

    def apply(self, given: dict, undo: list, cleanup: list):
        before = (self.given, self.records, self.outputs, self.status)

        def restore():
            self.given, self.records, self.outputs, self.status = before

        undo.append(restore)
        scope = Scope(body(self.template), given, self.region, self.name, self.id, self.account.ssm.get)
        for logical_id in scope.order():
            scope.resources[logical_id] = self.settle(scope, logical_id, self.records.get(logical_id), undo, cleanup)
        for logical_id, old in self.records.items():
            if logical_id not in scope.resources:
                cleanup.append(lambda logical_id=logical_id, old=old: self.remove(old))
        self.given, self.records, self.outputs = given, scope.resources, scope.outputs()
        self.status = "UPDATE_COMPLETE" if before[3] else "CREATE_COMPLETE"

    def settle(self, scope: Scope, logical_id: str, old, undo: list, cleanup: list) -> dict:
        """Creates, updates or keeps one resource."""
        definition = scope.template["Resources"][logical_id]
        kind, properties = definition["Type"], scope.properties(logical_id)
        if self.account.fail == self.path(logical_id):
            raise Refused(f"{logical_id}: Resource creation failed (injected)")
        new = {"type": kind, "properties": properties, "definition": definition}
        if kind == NESTED:
            return self.nest(logical_id, new, old, undo, cleanup)
        if old and old["type"] == kind and old["properties"] == properties:
            return {**old, "definition": definition}
        name = name_of(kind, properties)
        self.check(scope, logical_id, new)
        if kind == "AWS::IAM::Role" and self.account.pipeline:
            self.authorize(logical_id, properties, old and old["properties"])
        if old and old["type"] == kind:
            changed = {key for key in old["properties"].keys() | properties.keys() if old["properties"].get(key) != properties.get(key)}
            if not changed & create_only(kind):
                return new | {"ref": old["ref"], "attributes": old["attributes"]}
            if name is not None and name == name_of(kind, old["properties"]):
                raise Refused(
                    f"{self.path(logical_id)}: CloudFormation cannot update a stack when a custom-named resource requires replacing"
                    f" ({', '.join(sorted(changed & create_only(kind)))})"
                )
            cleanup.append(lambda: self.remove(old, replaced=True))
        self.create(scope, logical_id, new, name)
        undo.append(lambda: self.remove(new, rollback=True))
        return new

    def authorize(self, logical_id: str, properties: dict, old):
        """Whether the service role may make the calls for a role that is created or updated."""
        boundary = properties.get("PermissionsBoundary")
        calls = [] if old else ["CreateRole"]
        if old and boundary != old.get("PermissionsBoundary"):
            calls.append("PutRolePermissionsBoundary" if boundary else "DeleteRolePermissionsBoundary")
        for key, call in (("Policies", "PutRolePolicy"), ("ManagedPolicyArns", "AttachRolePolicy")):
            if properties.get(key) and properties[key] != (old or {}).get(key):
                calls.append(call)
        # Names that CloudFormation generates contain the first 24 characters of the stack's.
        role = f"arn:aws:iam::{ACCOUNT}:role/{self.name[:24]}-{logical_id}"
        for call in calls:
            if not self.account.pipeline.may(f"iam:{call}", role, boundary):
                raise Refused(f"{self.path(logical_id)}: not authorized to perform iam:{call} on {role}")

    def nest(self, logical_id: str, new: dict, old, undo: list, cleanup: list) -> dict:
        properties = new["properties"]
        stack = old["stack"] if old else Stack(self.account, f"{self.name}-{logical_id}", properties["TemplateURL"], self.region)
        stack.apply(properties.get("Parameters", {}), undo, cleanup)
        return new | {"stack": stack, "ref": stack.id, "attributes": {f"Outputs.{key}": value for key, value in stack.outputs.items()}}

    def create(self, scope: Scope, logical_id: str, new: dict, name):
        kind, properties = new["type"], new["properties"]
        self.account.take(kind, self.region, name, self.path(logical_id))
        new["ref"], new["attributes"] = identity(self, logical_id, kind, properties, name, next(self.account.numbers))
        if kind == "AWS::SecretsManager::Secret":
            generated = properties.get("GenerateSecretString", {})
            fields = set(json.loads(generated.get("SecretStringTemplate", "{}"))) | {generated.get("GenerateStringKey", "")}
            self.account.secrets[new["ref"]] = fields
        if kind == "AWS::Lambda::Version":
            self.publish(scope, new)

    def publish(self, scope: Scope, new: dict):
        """A version is a snapshot of its function, and needs a change of it."""
        name = new["properties"]["FunctionName"]
        [function] = [record["properties"] for record in scope.resources.values() if record["ref"] == name]
        published = self.account.versions.setdefault((self.region, name), {})
        number = max(published, default=0)
        if published.get(number) == function:
            raise Refused(f"A version for this Lambda function exists ( {number} ). Modify the function to create a new version.")
        published[number + 1] = function
        new["attributes"] = {"Version": str(number + 1)}
        new["ref"] = f"arn:aws:lambda:{self.region}:{ACCOUNT}:function:{name}:{number + 1}"

    def delete(self):
        """Deletes all resources. Those that cannot be deleted remain, with the stack."""
        scope = Scope(body(self.template), self.given, self.region, self.name, self.id, self.account.ssm.get)
        failed = []
        for logical_id in reversed(scope.order()):
            record = self.records.get(logical_id)
            if record is None:
                continue
            try:
                self.remove(record)
                del self.records[logical_id]
            except Refused as refused:
                failed.append(f"{logical_id}: {refused}")
        if failed:
            self.status = "DELETE_FAILED"
            raise Refused(f"The following resource(s) failed to delete: {'; '.join(failed)}")
        self.status = None

    def remove(self, record: dict, replaced: bool = False, rollback: bool = False):
        kind, properties = record["type"], record["properties"]
        if kind == NESTED:
            record["stack"].delete()
            return
        policy = record["definition"].get("UpdateReplacePolicy" if replaced else "DeletionPolicy")
        if policy == "Retain" or (policy == "RetainExceptOnCreate" and not rollback):
            return
        if kind == "AWS::RDS::DBInstance":
            if str(properties.get("DeletionProtection")).lower() == "true":
                raise Refused("Cannot delete protected DB Instance, please disable deletion protection and try again.")
            if policy == "Snapshot":
                self.account.snapshots.append(record["ref"])
        self.account.release(kind, self.region, name_of(kind, properties))
        if kind == "AWS::SecretsManager::Secret":
            self.account.secrets.pop(record["ref"], None)
        if kind == "AWS::Lambda::Function":
            self.account.versions.pop((self.region, record["ref"]), None)
        if kind == "AWS::Lambda::Version":
            self.account.versions.get((self.region, properties["FunctionName"]), {}).pop(int(record["attributes"]["Version"]), None)

    # Refusals -----------------------------------------------------------------------------------------------------------------

    def check(self, scope: Scope, logical_id: str, new: dict):
        kind, properties = new["type"], new["properties"]
        if problem := names.refused(kind, properties):
            raise Refused(problem)
        if checked := CHECKS.get(kind):
            checked(self, scope, properties)
        for secret, field in re.findall(r"{{resolve:secretsmanager:(arn:[^:]+:[^:]+:[^:]+:[^:]+:secret:[^:}]+)(?::SecretString:(\w+))?}}", json.dumps(properties)):
            if secret not in self.account.secrets:
                raise Refused(f"{logical_id}: Secrets Manager can't find the specified secret {secret}")
            if field and field not in self.account.secrets[secret]:
                raise Refused(f"{logical_id}: Could not find a value associated with JSONKey {field} in SecretString")

    def everything(self, prefix: str = ""):
        """All records with those of nested stacks, by path."""
        for logical_id, record in self.records.items():
            if record["type"] == NESTED:
                yield from record["stack"].everything(f"{prefix}{logical_id}/")
            else:
                yield f"{prefix}{logical_id}", record

    def of(self, kind: str) -> dict:
        return {path: record for path, record in self.everything() if record["type"] == kind}


def identity(stack: Stack, logical_id: str, kind: str, properties: dict, name, number: int):
    """What `Ref` and `Fn::GetAtt` of a resource return: of the form that other resources and parameters accept."""
    region = stack.region
    generated = re.sub(r"[^a-z0-9-]", "", f"{stack.name}-{logical_id}".lower())[-40:].strip("-")
    name = name or generated
    hexadecimal = f"{number:017x}"

    def arn(service, resource, region=region):
        return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"

    match kind:
        case "AWS::SecretsManager::Secret":
            ref = arn("secretsmanager", f"secret:{generated}-{number:06x}")
            return ref, {"Id": ref}
        case "AWS::ApiGatewayV2::Api":
            ref = f"a{number:09d}"
            return ref, {"ApiEndpoint": f"https://{ref}.execute-api.{region}.amazonaws.com", "ApiId": ref}
        case "AWS::RDS::DBInstance":
            return name, {
                "Endpoint.Address": f"{name}.c{number}.{region}.rds.amazonaws.com",
                "Endpoint.Port": "5432",
                "MasterUserSecret.SecretArn": arn("secretsmanager", f"secret:rds!db-{number}"),
            }
        case "AWS::RDS::DBProxy":
            return name, {"Endpoint": f"{name}.proxy-c{number}.{region}.rds.amazonaws.com", "DBProxyArn": arn("rds", f"db-proxy:prx-{number}")}
        case "AWS::ElasticLoadBalancingV2::LoadBalancer":
            short = {"network": "net"}.get(properties.get("Type"), "app")
            full = f"{short}/{name}/{number:016x}"
            return arn("elasticloadbalancing", f"loadbalancer/{full}"), {
                "LoadBalancerFullName": full,
                "DNSName": f"{name}-{number}.elb.{region}.amazonaws.com",
                "CanonicalHostedZoneID": "Z215JYRZR1TBD5",
                "LoadBalancerArn": arn("elasticloadbalancing", f"loadbalancer/{full}"),
            }
        case "AWS::ElasticLoadBalancingV2::TargetGroup":
            full = f"targetgroup/{name}/{number:016x}"
            return arn("elasticloadbalancing", full), {"TargetGroupFullName": full, "TargetGroupArn": arn("elasticloadbalancing", full)}
        case "AWS::CloudFront::Distribution":
            return f"E{number:013d}", {"DomainName": f"d{number}.cloudfront.net", "Id": f"E{number:013d}"}
        case "AWS::Lambda::Function":
            return name, {"Arn": arn("lambda", f"function:{name}")}
        case "AWS::EC2::SecurityGroup":
            return f"sg-{hexadecimal}", {"GroupId": f"sg-{hexadecimal}"}
        case "AWS::EC2::Subnet":
            return f"subnet-{hexadecimal}", {"SubnetId": f"subnet-{hexadecimal}"}
        case "AWS::EC2::VPC":
            return f"vpc-{hexadecimal}", {"VpcId": f"vpc-{hexadecimal}", "DefaultSecurityGroup": f"sg-{hexadecimal}"}
        case "AWS::IAM::Role":
            return generated, {"Arn": f"arn:aws:iam::{ACCOUNT}:role/{generated}", "RoleId": f"AROA{number}"}
        case "AWS::SNS::Topic":
            return arn("sns", name), {"TopicArn": arn("sns", name), "TopicName": name}
        case "AWS::WAFv2::WebACL":
            ref = arn("wafv2", f"global/webacl/{name}/{number}")
            return ref, {"Arn": ref, "Id": str(number)}
        case "AWS::Lambda::Version":
            return "", {}
        case "AWS::S3::Bucket":
            return generated, lambda attribute: f"arn:aws:s3:::{generated}" if attribute == "Arn" else f"{generated}.s3.{region}.amazonaws.com"

    readable = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema.get("readOnlyProperties", []) if not kind.startswith("Custom::") else []
    readable = {path.removeprefix("/properties/").replace("/", ".") for path in readable} | set(properties)

    def attribute(wanted: str):
        if kind.startswith("Custom::"):
            return properties.get(wanted, f"{generated}-{wanted.lower()}")
        if wanted not in readable:
            return NO_VALUE
        value = properties.get(wanted, f"{generated}-{number}-{wanted.lower()}")
        return arn(kind.split("::")[1].lower(), f"{generated}/{number}") if wanted.endswith("Arn") else value

    return name if name != generated else f"{generated}-{number}", attribute


# Refusals by type ---------------------------------------------------------------------------------------------------------------


def cluster(stack: Stack, scope: Scope, properties: dict):
    if "ecs" not in stack.account.roles:
        raise Refused("Unable to assume the service linked role. Please verify that the ECS service linked role exists.")


def function(stack: Stack, scope: Scope, properties: dict):
    variables = properties.get("Environment", {}).get("Variables", {})
    # The value of a certificate replaces its reference, which is shorter.
    if len(json.dumps(variables)) > 3072:
        raise Refused("Lambda was unable to configure your environment variables because they exceeded the 4KB limit")
    if len(properties.get("Description", "")) > 256:
        raise Refused("Member must have length less than or equal to 256: Description")


def launch_template(stack: Stack, scope: Scope, properties: dict):
    if len(properties["LaunchTemplateData"].get("UserData", "")) > 16384 * 4 // 3 + 4:
        raise Refused("User data is limited to 16384 bytes")


def load_balancer(stack: Stack, scope: Scope, properties: dict):
    if len(set(properties["Subnets"])) < 2:
        raise Refused("At least two subnets in two different Availability Zones must be specified")


def balancers(scope: Scope) -> dict:
    """The load balancers of each target group."""
    found = {}
    listeners = {}
    for logical_id, record in scope.resources.items():
        if record["type"] == "AWS::ElasticLoadBalancingV2::Listener":
            listeners[record["ref"]] = record["properties"]["LoadBalancerArn"]
            owner = record["properties"]["LoadBalancerArn"]
            actions = record["properties"]["DefaultActions"]
        elif record["type"] == "AWS::ElasticLoadBalancingV2::ListenerRule":
            owner, actions = listeners.get(record["properties"]["ListenerArn"]), record["properties"]["Actions"]
        else:
            continue
        for action in actions:
            if "TargetGroupArn" in action:
                found.setdefault(action["TargetGroupArn"], set()).add(owner)
    return found


def service(stack: Stack, scope: Scope, properties: dict):
    attached = balancers(scope)
    for balancer in properties.get("LoadBalancers", []):
        if balancer["TargetGroupArn"] not in attached:
            raise Refused(f"The target group with targetGroupArn {balancer['TargetGroupArn']} does not have an associated load balancer.")


def listener(stack: Stack, scope: Scope, properties: dict):
    """A target group belongs to one load balancer, also while an update replaces that."""
    old = {}
    for record in stack.records.values():
        if record["type"] == "AWS::ElasticLoadBalancingV2::Listener":
            for action in record["properties"]["DefaultActions"]:
                if "TargetGroupArn" in action:
                    old[action["TargetGroupArn"]] = record["properties"]["LoadBalancerArn"]
    for action in properties["DefaultActions"]:
        group = action.get("TargetGroupArn")
        if group in old and old[group] != properties["LoadBalancerArn"]:
            raise Refused(f"The following target groups cannot be associated with more than one load balancer: {group}")


def stage(stack: Stack, scope: Scope, properties: dict):
    routes = {
        record["properties"]["RouteKey"]
        for record in scope.resources.values()
        if record["type"] == "AWS::ApiGatewayV2::Route" and record["properties"]["ApiId"] == properties["ApiId"]
    }
    if missing := properties.get("RouteSettings", {}).keys() - routes:
        raise Refused(f"Unable to find Route by key {', '.join(sorted(missing))} within the provided RouteSettings")


def proxy(stack: Stack, scope: Scope, properties: dict):
    for auth in properties["Auth"]:
        if auth["SecretArn"] not in stack.account.secrets:
            raise Refused(f"Secret {auth['SecretArn']} does not exist")


CHECKS = {
    "AWS::ApiGatewayV2::Stage": stage,
    "AWS::EC2::LaunchTemplate": launch_template,
    "AWS::ECS::Cluster": cluster,
    "AWS::ECS::Service": service,
    "AWS::ElasticLoadBalancingV2::Listener": listener,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": load_balancer,
    "AWS::Lambda::Function": function,
    "AWS::RDS::DBProxy": proxy,
}
