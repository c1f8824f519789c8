"""The first launch, and what an operator has to enable."""

import json
import re

from templates import ROOT, Template

MAIN = Template("main.yaml")
STACKS = {name: stack["Properties"] for name, stack in MAIN.resources("AWS::CloudFormation::Stack")}


def test_database_is_protected_after_the_first_launch():
    """CloudFormation cannot remove a failed launch with a protected database."""
    assert STACKS["Database"]["Parameters"]["DeletionProtection"] == {"Fn::If": ["ProtectDatabase", "true", "false"]}
    assert MAIN.body["Conditions"]["ProtectDatabase"] == {
        "Fn::And": [
            {"Fn::Equals": [{"Ref": "DatabaseDeletionProtection"}, "true"]},
            {"Fn::Equals": [{"Ref": "FirstLaunch"}, "false"]},
        ]
    }
    assert MAIN.body["Parameters"]["FirstLaunch"]["Default"] == "false"


def test_functions_are_created_before_the_database():
    """The database takes ten minutes; a failure of the functions is found before."""
    tags = STACKS["Database"]["Tags"]
    assert {"Key": "threefactor:after", "Value": {"Fn::GetAtt": ["Functions", "Outputs.ApiId"]}} in tags
    assert '["Database", ' not in json.dumps(STACKS["Functions"]["Parameters"])


def test_console_is_off_outside_of_demos():
    assert MAIN.body["Parameters"]["EnableConsole"]["Default"] == "auto"
    assert STACKS["Hasura"]["Parameters"]["EnableConsole"] == {"Fn::If": ["WithConsole", "true", "false"]}
    assert Template("hasura.yaml").body["Parameters"]["EnableConsole"]["Default"] == "false"


def test_impossible_combinations_are_refused_by_rules():
    rules = MAIN.body["Rules"]
    for name in (
        "CertificateRequiresDomain",
        "DatabaseRequiresMasterSecret",
        "HasuraRequiresTlsEndpoint",
        "PoolRequiresCertificate",
        "PoolerRequiresAddresses",
        "VpcRequiresSubnets",
        "WebRequiresHasura",
    ):
        for assertion in rules[name]["Assertions"]:
            assert len(assertion["AssertDescription"]) > 30, name


def test_sizes_of_the_cost_table_can_be_launched():
    """docs/costs.md computes with these; each is a value of main.yaml."""
    sizes = Template("hasura.yaml").body["Mappings"]["Sizes"]
    text = (ROOT / "docs" / "costs.md").read_text()
    for size, numbers in sizes.items():
        cpu, memory = int(numbers["Cpu"]) / 1024, int(numbers["Memory"]) // 1024
        shown = {0.5: "½"}.get(cpu, f"{cpu:.0f}")
        assert f"{shown} vCPU" in text and f"{memory} GiB" in text, size
    parameters = MAIN.body["Parameters"]
    for values in (
        {"DatabaseInstanceClass": "db.t4g.medium", "DatabaseStorage": 200, "DatabaseMaxStorage": 400, "HasuraSize": "medium"},
        {
            "DatabaseInstanceClass": "db.m7g.4xlarge",
            "DatabaseMultiAz": "true",
            "DatabaseStorage": 5120,
            "DatabaseMaxStorage": 16384,
            "HasuraSize": "large",
            "HasuraTasks": 8,
            "HasuraMaxTasks": 8,
            "PoolInstances": 4,
            "PoolInstanceType": "t4g.medium",
            "ConnectionsAlarm": 4000,
        },
    ):
        for name, value in values.items():
            definition = parameters[name]
            if "AllowedValues" in definition:
                assert value in definition["AllowedValues"], name
            elif definition["Type"] == "Number":
                assert definition["MinValue"] <= value <= definition["MaxValue"], name
            else:
                assert re.fullmatch(definition["AllowedPattern"], value), name
