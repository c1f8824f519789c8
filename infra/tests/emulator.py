"""Starts ministack with fixes for faults of version 1.5.33. The first two concern nested stacks: both work in a root stack, and on
AWS in either kind.

- A `{{resolve:secretsmanager:…}}` within a nested stack is not resolved.
- An update of a nested stack drops the attributes of unchanged resources, so that the next `Fn::GetAtt` fails.
- A JWT authorizer cannot fetch the keys of an issuer that is an API of the emulator (`ID.execute-api.localhost`), where the
  system does not resolve names under localhost as browsers do (RFC 6761).
- The CORS configuration of an API keeps the property names of its template, under which the API does not find it: preflight
  requests are refused. Its headers are added to those of a function, which they replace on AWS.
- `ExcludePunctuation` of a generated secret has no effect: passwords contain characters that end or change a URL.
- Debian's public parameters of images are absent.
- The secrets of a container, and the containers that it waits for, keep the property names of the template, under which no client reads
  them: the AWS CLI shows each as `{}`.
- A task that is run once does not end: there are no containers. Here it succeeds at once.
- A rotation copies the value: here the function of the schedule executes the four steps. Templates may contain the schedule.

It also refuses what AWS refuses, and ministack accepts:

- a protected database is not deleted; a deleted one leaves a snapshot, also in a nested stack;
- a nested stack whose creation failed is removed again, and one that cannot be deleted fails;
- the first cluster of an account needs the service-linked role of ECS;
- names have a limited length and a limited set of characters (names.py).

The calls of the commands that the pipeline runs are recorded (calls.py).
"""

import contextvars
import logging
import socket
import string
import sys
import threading
import time

import calls
import names
from ministack import app
from ministack.core.responses import error_response_json, json_response, new_uuid
from ministack.services import apigateway, cloudformation, ecs, iam, lambda_svc, rds, secretsmanager, ssm
from ministack.services.cloudformation import provisioners, stacks
from ministack.services.cloudformation.engine import _resolve_dynamic_references, _topological_sort

update_resource = provisioners._update_resource
provision_resource = provisioners._provision_resource


def resolved(properties):
    """The properties with resolved references. Those of a root stack are resolved already."""
    return _resolve_dynamic_references(properties)[0]


def named(resource_type, properties):
    """The properties, with the names that an API's CORS configuration has at run time."""
    cors = (properties or {}).get("CorsConfiguration")
    if resource_type != "AWS::ApiGatewayV2::Api" or not cors:
        return properties
    return {**properties, "CorsConfiguration": {key[0].lower() + key[1:]: value for key, value in cors.items()}}


def update(resource_type, physical_id, old, new, stack_name, logical_id=None, old_attrs=None):
    """As the original, but a nested stack's resource keeps the attributes of its record."""
    old, new = named(resource_type, old), named(resource_type, new)
    if old_attrs is not None:
        return update_resource(resource_type, physical_id, old, new, stack_name, logical_id, old_attrs)
    record = sys._getframe(1).f_locals.get("prev") or {}
    old_attrs = record.get("Attributes", {})
    # Unchanged properties are not resolved again either.
    wanted = new if old == new else resolved(new)
    physical_id, attrs = update_resource(resource_type, physical_id, old, wanted, stack_name, logical_id, old_attrs)
    return physical_id, {**old_attrs, **(attrs or {})}


def provision(resource_type, logical_id, properties, stack_name):
    """As the original, with dynamic references resolved, if AWS accepts the name."""
    properties = named(resource_type, resolved(properties))
    if problem := names.refused(resource_type, properties):
        raise ValueError(problem)
    return provision_resource(resource_type, logical_id, properties, stack_name)


secret_string = provisioners._sm_secret_string


def without_punctuation(properties):
    """As the original; a secret that excludes punctuation is generated without it."""
    generate = (properties or {}).get("GenerateSecretString") or {}
    if str(generate.get("ExcludePunctuation")).lower() != "true":
        return secret_string(properties)
    excluded = generate.get("ExcludeCharacters", "") + string.punctuation
    return secret_string({**properties, "GenerateSecretString": {**generate, "ExcludeCharacters": excluded}})


getaddrinfo = socket.getaddrinfo


def resolve(host, *args, **kwargs):
    """As the original; names under localhost are this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    return getaddrinfo("127.0.0.1" if name and name.endswith(".localhost") else host, *args, **kwargs)


cors_response_headers = apigateway._cors_response_headers


def lowercase_cors(configuration, origin):
    """As the original; the names are lowercase, as in the responses of functions."""
    return {name.lower(): value for name, value in cors_response_headers(configuration, origin).items()}


delete_instance = provisioners._rds_db_instance_delete


def delete_unprotected(physical_id, properties):
    """As the original; a protected database is kept, and any other leaves a snapshot."""
    instance = rds._instances.get(physical_id)
    if instance and instance["DeletionProtection"]:
        raise ValueError("Cannot delete protected DB Instance, please disable deletion protection and try again.")
    if instance:
        rds._create_snapshot_internal(f"{physical_id}-snapshot-{new_uuid()[:12]}", instance)
    delete_instance(physical_id, properties)


create_cluster = provisioners._ecs_cluster_create


def create_cluster_with_role(logical_id, properties, stack_name):
    """As the original, in an account in which ECS may act."""
    if not any(role["Path"] == "/aws-service-role/ecs.amazonaws.com/" for role in iam._roles.values()):
        raise ValueError("Unable to assume the service linked role. Please verify that the ECS service linked role exists.")
    return create_cluster(logical_id, properties, stack_name)


create_stack = provisioners._cfn_nested_stack_create


def create_nested(logical_id, properties, stack_name):
    """As the original; a failed creation removes what it has created."""
    before = set(cloudformation._stacks)
    try:
        return create_stack(logical_id, properties, stack_name)
    except Exception:
        for name in set(cloudformation._stacks) - before:
            delete_nested(name, properties)
        raise


def delete_nested(physical_id, properties):
    """Deletes the resources of a nested stack, apart from retained ones; fails if one of them cannot be deleted."""
    name = provisioners._nested_stack_lookup_name(physical_id)
    stack = cloudformation._stacks.get(name)
    if not stack:
        return
    definitions, records = stack["_template"]["Resources"], stack["_resources"]
    failed = []
    for logical_id in reversed(_topological_sort(definitions, stack["_conditions"])):
        if logical_id not in records:
            continue
        if definitions[logical_id].get("DeletionPolicy") != "Retain":
            record = records[logical_id]
            kind, resource = record["ResourceType"], record["PhysicalResourceId"]
            try:
                provisioners._delete_resource(kind, resource, record["Properties"], name, logical_id)
            except Exception as error:  # each reason is reported
                failed.append(f"{logical_id}: {error}")
                stacks._add_event(stack["StackId"], name, logical_id, kind, "DELETE_FAILED", str(error), resource)
                continue
        del records[logical_id]
    stack["StackStatus"] = "DELETE_FAILED" if failed else "DELETE_COMPLETE"
    if failed:
        raise ValueError(f"The following resource(s) failed to delete: {'; '.join(failed)}")


normalize_container_defs = provisioners._normalize_container_defs


def normalized(definitions):
    """As the original, and the entries of further lists have the names of the API."""
    containers = normalize_container_defs(definitions)
    for container in containers:
        for name in ("secrets", "dependsOn"):
            if name in container:
                container[name] = [{key[0].lower() + key[1:]: value for key, value in entry.items()} for entry in container[name]]
    return containers


run_task = ecs._run_task


def run_to_its_end(data):
    """As the original, and a task outside of a service has succeeded."""
    answer = run_task(data)
    if not data.get("group", "").startswith("service:"):
        for task in ecs._tasks.values():
            if task["lastStatus"] == "RUNNING" and not task["group"].startswith("service:"):
                task.update(lastStatus="STOPPED", desiredStatus="STOPPED", stoppedReason="Essential container in task exited")
                for container in task["containers"]:
                    container.update(lastStatus="STOPPED", exitCode=0)
    return answer


def rotate(data):
    """Starts a rotation: a version without a value becomes the pending one, and the function executes the steps."""
    _, secret = secretsmanager._resolve(data["SecretId"])
    if not secret:
        return error_response_json("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400)
    function = data.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    if not function:
        return error_response_json("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.", 400)
    secret.update(RotationEnabled=True, RotationLambdaARN=function)
    token = data.get("ClientRequestToken") or new_uuid()
    if token not in secret["Versions"]:
        secretsmanager._remove_stage_everywhere(secret, "AWSPENDING")
        secret["Versions"][token] = {"SecretString": None, "SecretBinary": None, "CreatedDate": int(time.time()), "Stages": ["AWSPENDING"]}
    # The steps call the emulator, which serves them in the thread of this call.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(execute_steps, secret, function, token), daemon=True).start()
    return json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})


def execute_steps(secret, function, token):
    record, _, _ = lambda_svc._get_func_record_for_ref(function)
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        answer = lambda_svc._execute_function(record, {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token})
        if answer.get("error"):
            logging.error("%s of %s failed: %s", step, secret["Name"], answer.get("body"))
            return
    secret["LastRotatedDate"] = int(time.time())


def schedule(logical_id, properties, stack_name):
    """A schedule that never comes: tests rotate."""
    _, secret = secretsmanager._resolve(properties["SecretId"])
    if not secret:
        raise ValueError("Secrets Manager can't find the specified secret.")
    # Parameters are texts in a template; the API returns numbers.
    rules = {name: int(value) for name, value in properties["RotationRules"].items()}
    secret.update(RotationEnabled=True, RotationLambdaARN=properties["RotationLambdaARN"], RotationRules=rules)
    return secret["ARN"], {}


def unschedule(physical_id, properties):
    _, secret = secretsmanager._resolve(physical_id)
    if secret:
        secret.update(RotationEnabled=False, RotationLambdaARN=None, RotationRules=None)


ssm._PUBLIC_AMI_PARAMETERS["/aws/service/debian/release/13/latest/arm64"] = "ami-0c2023a1b2c3d4e5f"
for kind, replaced in {
    "AWS::RDS::DBInstance": {"delete": delete_unprotected},
    "AWS::ECS::Cluster": {"create": create_cluster_with_role},
    "AWS::CloudFormation::Stack": {"create": create_nested, "delete": delete_nested},
    "AWS::SecretsManager::RotationSchedule": {
        "create": schedule,
        "update": lambda physical_id, old, new, stack_name: schedule(physical_id, new, stack_name),
        "delete": unschedule,
    },
}.items():
    provisioners._RESOURCE_HANDLERS.setdefault(kind, {}).update(replaced)
secretsmanager._rotate_secret = rotate
ecs._ACTION_MAP["RunTask"] = run_to_its_end
apigateway._cors_response_headers = lowercase_cors
provisioners._sm_secret_string = without_punctuation
provisioners._normalize_container_defs = normalized
socket.getaddrinfo = resolve
provisioners._update_resource = update
provisioners._provision_resource = provision
app.app = calls.recorded(app.app)

if __name__ == "__main__":
    sys.exit(app.main())
