"""Installations with each pair of parameter values: created, updated to each other, failed, repeated and deleted in an account that
refuses what AWS refuses (account.py)."""

import json

import pytest

from account import Account
from evaluation import Refused, Scope, body
from matrix import pairwise
from reachability import Network
from templates import INFRA

HOSTS = {"db.example.com": "192.0.2.10", "pooler.example.com": "198.51.100.7"}
CERTIFICATE = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:pool-AbCdEf"
KEYS = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-AbCdEf"
MASTER = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:master-AbCdEf"
# What the deployment adds.
ADDED = {"PoolCertificateSecretArn": CERTIFICATE, "SigningKeysSecretArn": KEYS, "CloudFrontPrefixListId": "pl-12345678"}
REGION = "eu-central-1"
# Parameters without which a new stage is needed: a database cannot be moved.
FIXED = ("Stage",)


def account():
    new = Account()
    new.secrets |= {CERTIFICATE: {"certificate", "key", "ca"}, KEYS: set(), MASTER: {"username", "password"}}
    return new


def is_accepted(given):
    """Whether the rules of the template permit a set."""
    try:
        Scope(body("main.yaml"), {**ADDED, **given}, REGION, "threefactor")
    except Refused as refused:
        assert str(refused).startswith("Rule "), f"{given}: {refused}"
        return False
    return True


SETS, EXCLUDED = pairwise(is_accepted)


def complete(given):
    """All parameters of a set, so that a later set does not keep values of an earlier one."""
    defaults = {name: str(parameter.get("Default", "")) for name, parameter in body("main.yaml")["Parameters"].items()}
    defaults = {name: {"True": "true", "False": "false"}.get(value, value) for name, value in defaults.items()}
    return {**defaults, **ADDED, **given}


class Launched:
    """A stage of an account."""

    def __init__(self, given, where=None):
        self.account = where or account()
        self.given, self.releases = complete(given), 0
        self.name = f"threefactor-{given['Stage']}"

    @property
    def stack(self):
        return self.account.stacks[REGION, self.name]

    def apply(self, given):
        """As `cargo xtask deploy`: with a new release, and a new database is protected when everything exists."""
        self.releases += 1
        has_database = (REGION, self.name) in self.account.stacks and self.stack.of("AWS::RDS::DBInstance")
        given = {**given, "Release": str(self.releases), "FirstLaunch": "false" if has_database else "true"}
        self.account.deploy(self.name, "main.yaml", given)
        self.account.deploy(self.name, "main.yaml", {**given, "FirstLaunch": "false"})
        self.given = given
        self.check()

    def launch(self):
        self.apply(self.given)

    def unprotect(self):
        """As `cargo xtask destroy`, which changes the instance and not the stack."""
        for record in self.stack.of("AWS::RDS::DBInstance").values():
            record["properties"]["DeletionProtection"] = "false"

    def check(self):
        """Callers use the newest settings, and each component reaches what it is configured with."""
        functions = {record["ref"]: record["properties"] for record in self.stack.of("AWS::Lambda::Function").values()}
        for path, alias in self.stack.of("AWS::Lambda::Alias").items():
            name, version = alias["properties"]["FunctionName"], int(alias["properties"]["FunctionVersion"])
            assert self.account.versions[REGION, name][version] == functions[name], path
        assert Network(self.stack, HOSTS).blocked() == []


def test_matrix_contains_what_the_parameters_permit():
    """Each excluded pair is one that a rule names."""
    assert 12 <= len(SETS) <= 40
    for left, right in EXCLUDED:
        names = left.keys() | right.keys()
        assert any(
            pair <= names
            for pair in (
                {"HasuraCertificateArn", "PrivateOrigin"},
                {"ExistingDatabaseHost", "Pooler"},
                {"DemoLogin", "Stage"},
            )
        ), (left, right)


@pytest.mark.parametrize("number", range(len(SETS)))
def test_installation_lives(number):
    """Create, update to the next set, fail, repeat, delete."""
    given, later = SETS[number], SETS[(number + 1) % len(SETS)]
    stage = Launched(given)
    stage.launch()
    before = dict(stage.stack.everything())
    following = complete({**later, **{name: given[name] for name in FIXED}})
    if not is_accepted({name: value for name, value in following.items() if name not in ADDED}):
        following = {**following, "DemoLogin": "false", "PrivateOrigin": "true" if not following["HasuraCertificateArn"] else "false"}
    # Fails at the last resource, when everything else is changed; the state is that of before.
    stage.account.fail = f"{stage.name}-Monitoring/Dashboard"
    with pytest.raises(Refused, match="injected"):
        stage.apply(following)
    assert {path: record["properties"] for path, record in stage.stack.everything()} == {
        path: record["properties"] for path, record in before.items()
    }
    stage.check()
    stage.account.fail = None
    stage.releases -= 1
    stage.apply(following)
    stage.unprotect()
    stage.account.destroy(stage.name)
    # A protected database that is replaced by an existing one remains.
    assert all("protected DB Instance" in orphan for orphan in stage.account.orphans)
    if not stage.account.orphans:
        assert stage.account.taken == {}, "names are released"


@pytest.mark.parametrize("number", range(0, len(SETS), 3))
def test_failed_first_launch_leaves_nothing(number):
    stage = Launched(SETS[number])
    for path in (f"{stage.name}-Monitoring/Dashboard", f"{stage.name}-Functions/PaymentAlias"):
        stage.account.fail = path
        with pytest.raises(Refused, match="injected"):
            stage.apply(stage.given)
        assert stage.account.taken == {} and stage.account.versions == {}
        del stage.account.stacks[REGION, stage.name]
    stage.account.fail = None
    stage.launch()


def test_the_same_stage_exists_in_two_regions():
    stage = Launched({"Stage": "dev"})
    stage.launch()
    stage.account.deploy(stage.name, "main.yaml", {**stage.given, "Release": "1"}, region="us-east-1")


def test_stages_share_an_account():
    stage = Launched({"Stage": "dev"})
    stage.launch()
    Launched({"Stage": "demo"}, stage.account).launch()


# Each refusal is found ------------------------------------------------------------------------------------------------------------


def refused(stage, **parameters):
    with pytest.raises(Refused) as refusal:
        stage.apply({**stage.given, **parameters})
    return str(refusal.value)


def test_a_new_account_needs_the_role_of_ecs():
    stage = Launched({"Stage": "dev"})
    stage.account.roles.clear()
    assert "service linked role" in refused(stage)


def test_protected_databases_are_not_deleted():
    stage = Launched({"Stage": "dev"})
    stage.launch()
    with pytest.raises(Refused, match="Cannot delete protected DB Instance"):
        stage.account.destroy(stage.name)
    assert stage.stack.status == "DELETE_FAILED"


def test_a_failed_launch_with_a_protected_database_cannot_be_repeated():
    """Why FirstLaunch exists."""
    stage = Launched({"Stage": "dev"})
    stage.account.fail = f"{stage.name}-Monitoring/Dashboard"
    for says in ("the rollback failed", "already exists"):
        with pytest.raises(Refused, match=says):
            stage.account.deploy(stage.name, "main.yaml", {**stage.given, "FirstLaunch": "false", "Release": "1"})


def test_unchanged_versions_are_refused():
    """Without a new release, a change of a setting would not reach the callers."""
    stage = Launched({"Stage": "dev"})
    stage.launch()
    stage.releases -= 1
    with pytest.raises(AssertionError):
        stage.apply({**stage.given, "LogLevel": "DEBUG"})


def test_missing_secrets_and_fields_are_refused():
    stage = Launched({"Stage": "dev"})
    stage.account.secrets[CERTIFICATE].discard("ca")
    assert "JSONKey ca" in refused(stage)
    del stage.account.secrets[CERTIFICATE]
    assert "can't find the specified secret" in refused(stage)


def test_unreachable_hosts_are_found():
    """Another range than that of the host, and a public host without NAT."""
    database = {
        "ExistingDatabaseHost": "db.example.com",
        "ExistingDatabaseCidr": "203.0.113.0/24",
        "ExistingMasterSecretArn": MASTER,
    }
    stage = Launched({"Stage": "dev", **database})
    with pytest.raises(AssertionError, match="no rule for outbound traffic to db.example.com:5432"):
        stage.launch()
    pooler = {
        "ExistingConnectionString": "postgres://public.example.com/food",
        "ExistingPoolerCidr": "8.8.8.8/32",
        "ExistingPoolerPort": "5432",
        "EnableNat": "false",
    }
    stage = Launched({"Stage": "dev", **pooler})
    stage.account.deploy(stage.name, "main.yaml", stage.given)
    blocked = Network(stage.stack, {"public.example.com": "8.8.8.8"}).blocked()
    assert blocked and all("no route to public.example.com" in line for line in blocked)


def test_names_that_are_taken_are_refused():
    stage = Launched({"Stage": "dev"})
    stage.launch()
    other = Launched({"Stage": "dev"}, stage.account)
    other.name = "another-stack"
    assert "already exists" in refused(other)


@pytest.mark.parametrize("size", ["1 order/s", "10 orders/s", "1000 orders/s"])
def test_sizes_of_the_price_table_launch(size):
    """docs/costs.md computes with them."""
    sizes = json.loads((INFRA / "sizes.json").read_text())
    [found] = [entry for entry in sizes if entry["name"] == size]
    stage = Launched({"Stage": "dev", **found["parameters"]})
    stage.launch()


# The public edge ------------------------------------------------------------------------------------------------------------------


def test_only_a_load_balancer_with_a_certificate_is_public():
    for given in SETS:
        stage = Launched(given)
        stage.launch()
        expected = [("Network/HasuraLoadBalancerSecurityGroup", 443)] if given.get("HasuraCertificateArn") else []
        assert Network(stage.stack, HOSTS).public() == expected
        for balancer in stage.stack.of("AWS::ElasticLoadBalancingV2::LoadBalancer").values():
            properties = balancer["properties"]
            is_public = properties["Type"] == "application" and given.get("PrivateOrigin") != "true"
            assert (properties["Scheme"] == "internet-facing") == is_public
