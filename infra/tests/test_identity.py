"""The trigger of the user pool: which claims of Hasura the tokens of Cognito contain."""

import json
import re

import pytest

from templates import ROOT, Template

CLAIMS = "https://hasura.io/jwt/claims"


def resources():
    return dict(Template("identity.yaml").resources())


def issued(groups, **attributes):
    """The claims of Hasura and the groups in a token of a user."""
    scope = {}
    exec(compile(str(resources()["TokenFunction"]["Properties"]["Code"]["ZipFile"]), "index.py", "exec"), scope)
    event = {
        "triggerSource": "TokenGeneration_Authentication",
        "request": {
            "userAttributes": {"sub": "6b2d7c1e", "email": "me@example.com"} | {f"custom:{key}": value for key, value in attributes.items()},
            "groupConfiguration": {"groupsToOverride": groups},
        },
        "response": {"claimsOverrideDetails": None},
    }
    override = scope["handler"](event, None)["response"]["claimsOverrideDetails"]
    added = override["claimsToAddOrOverride"]
    assert added.keys() == {CLAIMS} and isinstance(added[CLAIMS], str)
    return json.loads(added[CLAIMS]), override["groupOverrideDetails"]["groupsToOverride"]


@pytest.mark.parametrize(
    ("groups", "roles"),
    [
        ([], ["customer"]),
        (None, ["customer"]),
        (["driver"], ["driver"]),
        (["customer", "driver"], ["driver", "customer"]),
        (["restaurant", "manager"], ["manager", "restaurant"]),
        (["admin"], ["customer"]),
        (["admin", "driver"], ["driver"]),
        (["Admin", "ADMIN", "admin ", "hasura", "anonymous", "postgres"], ["customer"]),
    ],
)
def test_only_roles_of_the_application_are_issued(groups, roles):
    claims, remaining = issued(groups)
    assert claims == {"x-hasura-user-id": "6b2d7c1e", "x-hasura-default-role": roles[0], "x-hasura-allowed-roles": roles}
    assert remaining == [role for role in roles if role in (groups or [])]


def test_ids_of_staff_are_issued_with_their_role_only():
    assert issued(["restaurant"], restaurant_id="2", driver_id="7")[0]["x-hasura-restaurant-id"] == "2"
    assert "x-hasura-driver-id" not in issued(["restaurant"], restaurant_id="2", driver_id="7")[0]
    assert issued(["driver"], driver_id="7")[0]["x-hasura-driver-id"] == "7"
    for wrong in ("", "0", "07", "-1", "1 or 2", "٣", "1\n", "9" * 10):
        assert "x-hasura-driver-id" not in issued(["driver"], driver_id=wrong)[0], wrong
    assert len(issued([], restaurant_id="2", driver_id="7")[0]) == 3


def test_roles_of_the_trigger_are_those_of_the_permissions():
    text = str(resources()["TokenFunction"]["Properties"]["Code"]["ZipFile"])
    scope = {}
    exec(compile(text, "index.py", "exec"), scope)
    commands = json.loads((ROOT / "permissions.json").read_text())
    granted = {value for value in find(commands, "role")}
    assert set(scope["ROLES"]) == granted - {"anonymous"}
    assert "admin" not in granted


def find(node, key):
    """Every value of a key."""
    if isinstance(node, dict):
        if isinstance(node.get(key), str):
            yield node[key]
        for value in node.values():
            yield from find(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from find(value, key)


def test_sign_in_page_sends_users_to_the_apps_only():
    client = resources()["UserPoolClient"]["Properties"]
    for urls in ("CallbackURLs", "LogoutURLs"):
        assert client[urls]["Fn::If"][:2] == ["HasAppUrls", {"Ref": "AppUrls"}]
    assert client["AllowedOAuthFlows"]["Fn::If"][1] == ["code"]
    assert client["GenerateSecret"] is False
    parameter = Template("identity.yaml").body["Parameters"]["AppUrls"]
    for wrong in ("https://shop.example.com", "https://*/", "https://shop.example.com/x/", "javascript:alert(1)/"):
        assert not re.fullmatch(parameter["AllowedPattern"], wrong), wrong
    assert re.fullmatch(parameter["AllowedPattern"], "https://d1.cloudfront.net/")


def test_pages_may_call_the_provider():
    """The content security policy contains the issuer and the token endpoint."""
    policy = json.dumps(dict(Template("web.yaml").resources())["Headers"])
    for source in ("LoginSource", "TokenSource"):
        assert policy.count(f'{{"Ref": "{source}"}}') == 1
    outputs = Template("identity.yaml").body["Outputs"]
    assert "amazoncognito.com" in json.dumps(outputs["TokenSource"])
    assert "cognito-idp" in json.dumps(outputs["LoginSource"])


def evaluated(node, parameters, conditions):
    """The value of an output, for the functions that the outputs use."""
    if isinstance(node, str) or not isinstance(node, dict):
        return node
    [(function, argument)] = node.items()

    def value(node):
        return evaluated(node, parameters, conditions)

    match function:
        case "Ref":
            return parameters[argument]
        case "Fn::If":
            return value(argument[1 if argument[0] in conditions else 2])
        case "Fn::Join":
            parts = argument[1] if isinstance(argument[1], list) else value(argument[1])
            return argument[0].join(value(part) for part in parts)
        case "Fn::Split":
            return value(argument[1]).split(argument[0])
        case "Fn::Sub":
            text, more = argument if isinstance(argument, list) else (argument, {})
            values = parameters | {name: value(node) for name, node in more.items()}
            return re.sub(r"\$\{(\w+)\}", lambda found: values[found[1]], text)
    raise AssertionError(function)


@pytest.mark.parametrize("path", ["", "/", "/realms/food", "/oauth2/"])
def test_issuer_with_a_slash_at_the_end_is_kept_and_its_documents_are_found(path):
    """The issuer is compared with the claim as a text; the addresses derived from it have one slash."""
    issuer = f"https://id.example.com{path}"
    origin = issuer.removesuffix("/")
    parameters = {"OidcIssuer": issuer, "OidcAudience": "apps", "OidcJwksUrl": "https://keys.example.com/jwks"}
    outputs = Template("identity.yaml").body["Outputs"]

    def output(name, *conditions):
        return evaluated(outputs[name]["Value"], parameters, conditions)

    assert output("Issuer") == issuer
    assert output("LoginSource") == f"{origin}/"
    configuration = {"issuer": issuer, "audience": "apps", "jwk_url": f"{origin}/.well-known/jwks.json"}
    assert json.loads(output("HasuraJwtConfiguration")) == configuration
    configuration["jwk_url"] = parameters["OidcJwksUrl"]
    assert json.loads(output("HasuraJwtConfiguration", "HasOidcJwksUrl")) == configuration


def test_hasura_reads_the_claims_of_the_trigger_only():
    """Not the groups of Cognito, which an administrator of the pool may name as they like."""
    output = json.dumps(Template("identity.yaml").body["Outputs"]["HasuraJwtConfiguration"])
    assert "stringified_json" in output
    assert "cognito:groups" not in output and "claims_map" not in output
    pool = resources()["UserPool"]["Properties"]
    assert pool["LambdaConfig"] == {"PreTokenGeneration": {"Fn::GetAtt": ["TokenFunction", "Arn"]}}
    permission = resources()["TokenPermission"]["Properties"]
    assert permission["Principal"] == "cognito-idp.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": ["UserPool", "Arn"]}
