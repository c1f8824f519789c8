"""Starts ministack with fixes for faults of version 1.5.33. The first two concern nested stacks: both work in a root stack, and on
AWS in either kind.

- A `{{resolve:secretsmanager:…}}` within a nested stack is not resolved.
- An update of a nested stack drops the attributes of unchanged resources, so that the next `Fn::GetAtt` fails.
- A JWT authorizer cannot fetch the keys of an issuer that is an API of the emulator (`ID.execute-api.localhost`), where the
  system does not resolve names under localhost as browsers do (RFC 6761).
- The CORS configuration of an API keeps the property names of its template, under which the API does not find it: preflight
  requests are refused. Its headers are added to those of a function, which they replace on AWS.
- `ExcludePunctuation` of a generated secret has no effect: passwords contain characters that end or change a URL.

When an update of ministack makes this file unnecessary, the launch test passes with `ministack` itself.
"""

import socket
import string
import sys

from ministack.app import main
from ministack.services import apigateway
from ministack.services.cloudformation import provisioners
from ministack.services.cloudformation.engine import _resolve_dynamic_references

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
    """As the original, with dynamic references resolved."""
    return provision_resource(resource_type, logical_id, named(resource_type, resolved(properties)), stack_name)


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


apigateway._cors_response_headers = lowercase_cors
provisioners._sm_secret_string = without_punctuation
socket.getaddrinfo = resolve
provisioners._update_resource = update
provisioners._provision_resource = provision

if __name__ == "__main__":
    sys.exit(main())
