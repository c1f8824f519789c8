"""The HTTP APIs: which callers reach a function, the limit of each route, and the authorizer of the event steps."""

import json
import sys
import types

import pytest

from templates import ROOT, TRIGGERED, Template, walk

APIS = {"functions.yaml": ["Api", "EventsApi"], "identity.yaml": ["Api"]}
EVENT_ROUTES = {f"POST /{function}" for function in TRIGGERED}


def of_api(name, api, kind):
    """The resources of this kind that belong to an API."""
    for _, resource in Template(name).resources(f"AWS::ApiGatewayV2::{kind}"):
        if resource["Properties"]["ApiId"] == {"Ref": api}:
            yield resource


def routes(name, api):
    return {route["Properties"]["RouteKey"]: route["Properties"] for route in of_api(name, api, "Route")}


# Callers --------------------------------------------------------------------------------------------------------------


def test_event_steps_are_reachable_only_with_the_webhook_secret():
    authorizer = dict(Template("functions.yaml").resources())["EventAuthorizer"]["Properties"]
    assert authorizer["AuthorizerType"] == "REQUEST"
    assert authorizer["EnableSimpleResponses"] is True and authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
    # Without the header the API refuses the call and does not invoke the authorizer.
    assert authorizer["IdentitySource"] == ["$request.header.x-webhook-secret"]
    assert 0 < authorizer["AuthorizerResultTtlInSeconds"] <= 300
    assert routes("functions.yaml", "EventsApi").keys() == EVENT_ROUTES
    for route in routes("functions.yaml", "EventsApi").values():
        assert (route["AuthorizationType"], route["AuthorizerId"]) == ("CUSTOM", {"Ref": "EventAuthorizer"})
    # The functions admit the API of these routes only, and the API of payment has none of them.
    permissions = Template("functions.yaml").resources("AWS::Lambda::Permission")
    for name, permission in permissions:
        if name == "WatchmanPermission":
            continue  # a rule, see test_watchman.py
        arn = permission["Properties"]["SourceArn"]["Fn::Sub"]
        assert ("${EventsApi}" in arn) == (not name.startswith("Payment")), name
    assert routes("functions.yaml", "Api").keys() == {"POST /payment", "OPTIONS /payment"}


def test_triggers_send_the_header_of_the_authorizer():
    for trigger in json.loads((ROOT / "event-triggers.json").read_text())["args"]:
        assert [header["name"] for header in trigger["args"]["headers"]] == ["x-webhook-secret"]
    for trigger in json.loads((ROOT / "cron-triggers.json").read_text()):
        assert [header["name"] for header in trigger["headers"]] == ["x-webhook-secret"]


def test_pages_do_not_contain_the_address_of_the_event_steps():
    stacks = dict(Template("main.yaml").resources("AWS::CloudFormation::Stack"))
    assert "Functions.Outputs.EventsUrl" in json.dumps(stacks["Hasura"]).replace('", "', ".")
    assert "EventsUrl" not in json.dumps(stacks["Web"])
    assert "EventsUrl" not in (ROOT / "local/deploy/src/apps.rs").read_text()


# Limits ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "api"), [(name, api) for name, apis in APIS.items() for api in apis])
def test_each_route_has_its_own_limit(name, api):
    """A limit of the whole stage would be shared: a flood of one route would use it up for the others."""
    [stage] = of_api(name, api, "Stage")
    settings = stage["Properties"]["RouteSettings"]
    assert settings.keys() == routes(name, api).keys()
    assert "DefaultRouteSettings" not in stage["Properties"]
    sizes = {"EventsApi": [(3000, 3000), (1000, 1000)]}.get(api, [(50, 100)])
    if name == "functions.yaml" and api == "Api":
        sizes = [(1500, 3000), (250, 500), (50, 100)]
    for route, values in settings.items():
        limits = [node for _, node in walk(values) if isinstance(node, dict) and "ThrottlingRateLimit" in node]
        # From the largest ApiSize to the smallest, which is the default.
        assert [(limit["ThrottlingRateLimit"], limit["ThrottlingBurstLimit"]) for limit in limits] == sizes, route
        assert all(limit["DetailedMetricsEnabled"] is True for limit in limits), route
    # API Gateway refuses the settings of a route that does not exist yet.
    resources = dict(Template(name).resources())
    before = {resources[dependency]["Properties"]["RouteKey"] for dependency in stage["DependsOn"]}
    assert before == settings.keys()


# The authorizer -------------------------------------------------------------------------------------------------------


class Missing(Exception):
    """There is no such version."""


class Manager:
    """Secrets Manager, with one secret; counts its reads."""

    exceptions = types.SimpleNamespace(ResourceNotFoundException=Missing)

    def __init__(self, secret):
        self.secret, self.previous, self.reads = secret, None, 0

    def get_secret_value(self, SecretId, VersionStage):
        assert SecretId == "arn"
        if VersionStage == "AWSPREVIOUS":
            if self.previous is None:
                raise Missing
            return {"SecretString": self.previous}
        self.reads += 1
        if self.secret is None:
            raise ConnectionError("unavailable")
        return {"SecretString": self.secret}


@pytest.fixture
def load(monkeypatch):
    """Loads the code in the template, with this secret and a clock that the test sets."""

    def loaded(secret):
        manager = Manager(secret)
        session = types.ModuleType("botocore.session")
        session.get_session = lambda: types.SimpleNamespace(create_client=lambda service, config: manager)
        monkeypatch.setitem(sys.modules, "botocore.session", session)
        monkeypatch.setattr("botocore.session", session, raising=False)
        monkeypatch.setenv("WEBHOOK_SECRET_ARN", "arn")
        function = dict(Template("functions.yaml").resources())["AuthorizerFunction"]["Properties"]
        scope = {}
        exec(compile(str(function["Code"]["ZipFile"]), "index.py", "exec"), scope)
        clock = types.SimpleNamespace(now=0.0)
        scope["time"] = types.SimpleNamespace(monotonic=lambda: clock.now)

        def admits(sent):
            return scope["handler"]({"identitySource": [sent]}, None) == {"isAuthorized": True}

        return manager, clock, admits

    return loaded


def test_authorizer_admits_the_secret_only(load):
    for stored in ("hunter2", "hunter2\n", '{"secret": "hunter2"}'):
        _, _, admits = load(stored)
        assert admits("hunter2")
        for wrong in ("", "hunter", "hunter22", "Hunter2", "hunter2,hunter2", '{"secret": "hunter2"}', "hünter"):
            assert not admits(wrong), wrong


def test_authorizer_reads_a_rotated_secret_at_most_once_per_interval(load):
    manager, clock, admits = load("old")
    assert admits("old")
    manager.secret = "new"
    for _ in range(1000):
        assert not admits("wrong")
    assert manager.reads == 1
    clock.now = 30.0
    assert admits("new") and not admits("old")
    assert manager.reads == 2


def test_authorizer_admits_the_previous_secret_after_a_rotation(load):
    """Hasura sends it until its tasks are replaced."""
    manager, clock, admits = load("old")
    assert admits("old")
    manager.secret, manager.previous = "new", "old"
    clock.now = 30.0
    assert admits("new") and admits("old") and not admits("older")
    manager.secret, manager.previous = "newest", "new"
    clock.now = 60.0
    assert admits("newest") and admits("new") and not admits("old")


@pytest.mark.parametrize("secret", [None, "", '{"password": "x"}', "{"])
def test_authorizer_fails_closed(load, secret):
    """The API responds with 500 to an error of the authorizer, and event triggers retry."""
    manager, _, admits = load(secret)
    for _ in range(2):
        with pytest.raises((ConnectionError, ValueError, KeyError)):
            admits("")
    manager.secret = "hunter2"
    assert admits("hunter2") and not admits("")


# Logs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "api"), [(name, api) for name, apis in APIS.items() for api in apis])
def test_access_logs_name_the_source_of_a_request(name, api):
    [stage] = of_api(name, api, "Stage")
    entry = json.loads(stage["Properties"]["AccessLogSettings"]["Format"])
    assert entry["source"] == "$context.identity.sourceIp"
    assert {"requestId", "time", "route", "status", "latencyMs", "functionMs", "error"} <= entry.keys()
