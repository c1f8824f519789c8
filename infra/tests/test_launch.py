"""The first launch, and what an operator has to enable."""

import json

import replacements
from templates import Template

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
        "BudgetRequiresEmail",
        "CertificateRequiresDomain",
        "DatabaseRequiresMasterSecret",
        "EngineRequiresImage",
        "HasuraRequiresTlsEndpoint",
        "PoolRequiresCertificate",
        "PoolerRequiresAddresses",
        "VpcRequiresSubnets",
        "WebRequiresHasura",
    ):
        for assertion in rules[name]["Assertions"]:
            assert len(assertion["AssertDescription"]) > 30, name


def test_a_budget_reports_the_spend_of_the_stage():
    template = Template("monitoring.yaml")
    budget = dict(template.resources())["Budget"]
    assert template.body["Conditions"]["HasBudget"] == {"Fn::And": [{"Fn::Not": [{"Fn::Equals": [{"Ref": "MonthlyBudget"}, 0]}]}, {"Condition": "HasEmail"}]}
    properties = budget["Properties"]
    # All stages have the tag, by that of the stack; a name would prevent the replacement that a change of the amount causes.
    assert properties["Budget"]["CostFilters"] == {"TagKeyValue": [{"Fn::Sub": "user:threefactor:stage$${Stage}"}]}
    assert "BudgetName" not in properties["Budget"]
    kinds = [entry["Notification"]["NotificationType"] for entry in properties["NotificationsWithSubscribers"]]
    assert (budget["Condition"], kinds) == ("HasBudget", ["FORECASTED", "ACTUAL"])


def test_replacing_properties_are_those_of_the_registry():
    """The dry run of a deployment reads them."""
    assert replacements.TARGET.read_text() == replacements.table(), "run `python infra/tests/replacements.py`"
