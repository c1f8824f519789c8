"""Every change of a function reaches its callers, which use published versions by the alias `live`."""

import pytest

from templates import TRIGGERED, Template, walk

TEMPLATES = ["functions.yaml", "identity.yaml"]


@pytest.mark.parametrize("name", TEMPLATES)
def test_version_changes_with_code_and_settings(name):
    """CloudFormation publishes a version only if a property of it changes, and Lambda only if the function has changed, too."""
    template = Template(name)
    resources = dict(template.resources())
    versions = list(template.resources("AWS::Lambda::Version"))
    assert versions
    for logical_id, version in versions:
        prefix = logical_id.removesuffix("Version")
        properties = version["Properties"]
        # Lambda refuses another hash than that of the present code, which `cargo lambda deploy` may have uploaded.
        assert "CodeSha256" not in properties
        function = resources[properties["FunctionName"]["Ref"]]["Properties"]
        for part in ("${Release}", "${" + f"{prefix}Sha256" + "}"):
            assert part in function["Description"]["Fn::Sub"], logical_id
            assert part in properties["Description"]["Fn::Sub"], logical_id
        # Lambda accepts 256 characters.
        longest = function["Description"]["Fn::Sub"].replace("${Release}", "r" * 64).replace("${" + f"{prefix}Sha256" + "}", "h" * 44)
        assert len(longest) <= 256


@pytest.mark.parametrize("name", TEMPLATES)
def test_callers_use_the_newest_version(name):
    template = Template(name)
    versions = {version["Properties"]["FunctionName"]["Ref"] for _, version in template.resources("AWS::Lambda::Version")}
    for logical_id, alias in template.resources("AWS::Lambda::Alias"):
        prefix = logical_id.removesuffix("Alias")
        assert alias["Properties"]["FunctionVersion"] == {"Fn::GetAtt": [f"{prefix}Version", "Version"]}
        assert alias["Properties"]["FunctionName"]["Ref"] in versions


def test_main_passes_release_to_functions():
    stacks = dict(Template("main.yaml").resources("AWS::CloudFormation::Stack"))
    for name, stack in stacks.items():
        given = stack["Properties"]["Parameters"].get("Release")
        # Each release creates the database roles again, where no Hasura does: they may be those of another release.
        assert given == ({"Ref": "Release"} if name in ("Functions", "Identity", "Roles") else None), name


def test_functions_trust_a_certificate_before_the_pool_has_it():
    stacks = dict(Template("main.yaml").resources("AWS::CloudFormation::Stack"))
    trusted = {"Fn::If": ["HasPoolTrust", {"Ref": "PoolTrustSecretArn"}, {"Ref": "PoolCertificateSecretArn"}]}
    # The certificate of RDS Proxy is signed by a public authority.
    trusted = {"Fn::If": ["MakeProxy", "", trusted]}
    for name, expected in {"Functions": trusted, "Identity": trusted, "Pool": {"Ref": "PoolCertificateSecretArn"}}.items():
        assert stacks[name]["Properties"]["Parameters"]["PoolCertificateSecretArn"] == expected, name


def test_reports_of_invocations_are_logged():
    """Of the platform's log records, those with the memory and the duration of an invocation have the level INFO."""
    for name in TEMPLATES:
        for logical_id, function in Template(name).resources("AWS::Lambda::Function"):
            assert function["Properties"]["LoggingConfig"]["SystemLogLevel"] == "INFO", logical_id


def test_canary_sees_responses_with_errors():
    """The functions turn failures into responses, which Lambda does not count as errors."""
    for name in TEMPLATES:
        template = Template(name)
        resources = dict(template.resources())
        for logical_id, group in template.resources("AWS::CodeDeploy::DeploymentGroup"):
            watched = [resources[alarm["Name"]["Ref"]]["Properties"] for alarm in group["Properties"]["AlarmConfiguration"]["Alarms"]]
            route = resources[logical_id.replace("DeploymentGroup", "Route")]["Properties"]
            method, path = route["RouteKey"].split(" ")
            # A version that refuses the events is as bad. Browsers cause responses with 4xx themselves.
            expected = ["5xx", "4xx"] if path.removeprefix("/") in TRIGGERED else ["5xx"]
            assert [alarm["MetricName"] for alarm in watched] == expected, logical_id
            for alarm in watched:
                assert alarm["Namespace"] == "AWS/ApiGateway"
                dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
                assert dimensions == {"ApiId": route["ApiId"], "Stage": "$default", "Method": method, "Resource": path}
            # Metrics of routes exist only if they are enabled.
            settings = [stage["Properties"]["RouteSettings"] for _, stage in template.resources("AWS::ApiGatewayV2::Stage")]
            found = [node for routes in settings for _, node in walk(routes.get(route["RouteKey"], {})) if isinstance(node, dict)]
            limits = [node for node in found if "ThrottlingRateLimit" in node]
            assert limits and all(limit["DetailedMetricsEnabled"] for limit in limits)
