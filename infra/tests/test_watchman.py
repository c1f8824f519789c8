"""The watchman: its rule, its metrics and their alarms."""

import json
import re

from templates import ROOT, Template

FUNCTIONS = dict(Template("functions.yaml").resources())


def test_watchman_runs_without_hasura():
    """A rule calls it each minute; a trigger of Hasura would not report that Hasura is down."""
    rule = FUNCTIONS["WatchmanRule"]["Properties"]
    assert (rule["ScheduleExpression"], rule["State"]) == ("cron(* * * * ? *)", "ENABLED")
    [target] = rule["Targets"]
    assert target["Arn"] == {"Ref": "WatchmanAlias"}
    assert json.loads(target["Input"]) == json.loads((ROOT / "functions/watchman/events/schedule.json").read_text())
    routes = [resource["Properties"]["RouteKey"] for resource in FUNCTIONS.values() if resource["Type"] == "AWS::ApiGatewayV2::Route"]
    assert not [route for route in routes if "watchman" in route]


def test_only_the_rule_may_invoke_it():
    """So it needs no webhook secret."""
    permissions = [
        resource["Properties"]
        for resource in FUNCTIONS.values()
        if resource["Type"] == "AWS::Lambda::Permission" and resource["Properties"]["FunctionName"]["Ref"].startswith("Watchman")
    ]
    [permission] = permissions
    assert permission["Principal"] == "events.amazonaws.com"
    assert permission["SourceArn"] == {"Fn::GetAtt": ["WatchmanRule", "Arn"]}
    assert FUNCTIONS["WatchmanFunction"]["Properties"]["Environment"]["Variables"]["WEBHOOK_SECRET"] == "none"


def test_each_function_writes_metrics_of_its_stage():
    for name in ("functions.yaml", "identity.yaml"):
        for logical_id, function in Template(name).resources("AWS::Lambda::Function"):
            variables = function["Properties"].get("Environment", {}).get("Variables", {})
            if function["Properties"]["Runtime"] == "provided.al2023":
                assert variables["METRICS_STAGE"] == {"Ref": "Stage"}, logical_id


def written() -> set[str]:
    """The metrics that the watchman writes."""
    source = (ROOT / "shared/src/http/watchman.rs").read_text()
    names = set(re.findall(r'Metric::(?:new|of_values)\(\s*"(\w+)"', source))
    assert len(names) == 10
    return names


def test_each_fault_that_it_finds_has_an_alarm():
    alarms = [alarm["Properties"] for _, alarm in Template("monitoring.yaml").resources("AWS::CloudWatch::Alarm")]
    own = {alarm["MetricName"]: alarm for alarm in alarms if alarm["Namespace"] == "threefactor" and not alarm["MetricName"].startswith("Pool")}
    assert own.keys() == {"StuckOrders", "FailedEvents", "OldestEventAge", "CertificateDaysLeft", "OldestSecretDays"}
    assert own.keys() <= written()
    for name, alarm in own.items():
        assert alarm["TreatMissingData"] == "breaching", name
        assert alarm["Dimensions"] == [{"Name": "Stage", "Value": {"Ref": "Stage"}}], name


def test_watchman_reports_the_age_of_every_secret():
    """It may describe them, not read them. RDS rotates the password of the master."""
    secrets = {str(name) for name, _ in Template("secrets.yaml").resources("AWS::SecretsManager::Secret")}
    given = dict(Template("main.yaml").resources())["Functions"]["Properties"]["Parameters"]["WatchedSecretArns"]
    separator, listed = given["Fn::Join"]
    assert separator == ","
    assert {entry["Fn::GetAtt"][1] for entry in listed} == {f"Outputs.{name}Arn" for name in secrets}
    assert FUNCTIONS["WatchmanFunction"]["Properties"]["Environment"]["Variables"]["WATCHED_ARNS"]["Fn::If"][1] == {
        "Fn::Join": [",", {"Ref": "WatchedSecretArns"}]
    }


def test_dashboard_shows_what_is_written():
    body = dict(Template("monitoring.yaml").resources())["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[\w:]+\}", "x", body))["widgets"]
    shown = {metric[1] for widget in widgets for metric in widget["properties"]["metrics"] if metric[0] == "threefactor"}
    assert {name for name in shown if not name.startswith("Pool")} == written() - {"CertificateDaysLeft", "OldestSecretDays"}
    places = [(widget["x"], widget["y"]) for widget in widgets]
    assert len(places) == len(set(places))
