"""Security groups and endpoints: each component reaches what it is configured with, and nothing else."""

import policies
from templates import Template

VPC = "10.42.0.0/16"
DATABASE = "192.0.2.0/24"
POOLER = "198.51.100.7/32"


def evaluated(node, values):
    """A property with the values of parameters and conditions."""
    if isinstance(node, dict):
        if "Ref" in node:
            return values[node["Ref"]]
        if "Fn::If" in node:
            condition, yes, no = node["Fn::If"]
            return evaluated(yes if values[condition] else no, values)
    return node


def egress(group, values):
    """Addresses and ports that a group permits."""
    resources = dict(Template("network.yaml").resources())
    return {
        (evaluated(rule["CidrIp"], values), evaluated(rule["FromPort"], values), evaluated(rule["ToPort"], values))
        for rule in policies.rules(resources[group], "Egress")
    }


def test_components_reach_the_hosts_that_they_are_given():
    values = {
        "WithProxy": False,
        "VpcCidr": VPC,
        "DatabaseCidr": DATABASE,
        "DatabasePort": 5433,
        "DatabaseInVpc": False,
        "PoolerCidr": POOLER,
        "PoolerPort": 5432,
        "PoolerInVpc": False,
    }
    for group in ("PoolSecurityGroup", "HasuraSecurityGroup", "RotationSecurityGroup"):
        assert (DATABASE, 5433, 5433) in egress(group, values)
    assert (POOLER, 5432, 5432) in egress("FunctionsSecurityGroup", values)

    values |= {"DatabaseInVpc": True, "DatabasePort": 5432, "PoolerInVpc": True, "PoolerPort": 6432}
    for group in ("PoolSecurityGroup", "HasuraSecurityGroup", "RotationSecurityGroup"):
        assert (VPC, 5432, 5432) in egress(group, values)
    assert (VPC, 6432, 6432) in egress("FunctionsSecurityGroup", values)


def test_main_gives_hosts_and_permissions_together():
    """The parameters of a host are those of its rules, and required with it."""
    main = Template("main.yaml")
    stacks = {name: stack["Properties"]["Parameters"] for name, stack in main.resources("AWS::CloudFormation::Stack")}
    for stack in ("Hasura", "Pool"):
        assert stacks[stack]["DatabaseHost"]["Fn::If"][2] == {"Ref": "ExistingDatabaseHost"}
        assert stacks[stack]["DatabasePort"]["Fn::If"][2] == {"Ref": "ExistingDatabasePort"}
    network = stacks["Network"]
    assert network["DatabaseCidr"] == {"Fn::If": ["MakeDatabase", "", {"Ref": "ExistingDatabaseCidr"}]}
    assert network["DatabasePort"] == {"Fn::If": ["MakeDatabase", 5432, {"Ref": "ExistingDatabasePort"}]}
    for given, pool, proxy in (("PoolerCidr", "", ""), ("PoolerPort", 6432, 5432)):
        existing = {"Fn::If": ["MakeProxy", proxy, {"Ref": f"Existing{given}"}]}
        assert network[given] == {"Fn::If": ["MakePool", pool, existing]}
    for rule, parameter in [("DatabaseRequiresMasterSecret", "ExistingDatabaseCidr"), ("PoolerRequiresAddresses", "ExistingPoolerCidr")]:
        asserted = [assertion["Assert"] for assertion in main.body["Rules"][rule]["Assertions"]]
        assert {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]} in asserted


def test_zones_can_be_chosen():
    """The first zones of a region may lack an instance type, for example us-east-1e all with Graviton."""
    subnets = dict(Template("network.yaml").resources("AWS::EC2::Subnet"))
    for name, subnet in subnets.items():
        parameter, index = ("FirstZone", 0) if name.endswith("A") else ("SecondZone", 1)
        default = {"Fn::Select": [index, {"Fn::GetAZs": ""}]}
        assert subnet["Properties"]["AvailabilityZone"] == {"Fn::If": ["ChoosesZones", {"Ref": parameter}, default]}, name
    assert len(subnets) == 4
    assert len(Template("main.yaml").body["Rules"]["ZonesAreTwo"]["Assertions"]) == 1


def test_existing_vpc_is_passed_on():
    main = Template("main.yaml")
    network = dict(main.resources())["Network"]["Properties"]["Parameters"]
    for parameter in ("ExistingVpcId", "ExistingPrivateSubnetIds", "ExistingPublicSubnetIds"):
        assert network[parameter] == {"Ref": parameter}


def test_every_role_of_the_account_may_read_secrets_through_the_endpoint():
    [(_, endpoint)] = Template("network.yaml").resources("AWS::EC2::VPCEndpoint")
    [statement] = endpoint["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == "*"
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}}}
    rotation = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    assert statement["Action"] == ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", *rotation]
