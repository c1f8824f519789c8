"""Names of resources, for the longest stage and in every region."""

import re

import pytest

import names
from templates import NAMES as TEMPLATES, walk
from templates import Template

VALUES = {"Stage": "a" * 20, "AWS::Region": "ap-northeast-1", "AWS::AccountId": "123456789012"}
# Services without regions: two stages of the same name in two regions would have the same names.
GLOBAL = {
    "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CloudWatch::Dashboard",
    "AWS::IAM::Role",
    "AWS::IAM::InstanceProfile",
}


def filled(name: str) -> str:
    return re.sub(r"\$\{([\w:]+)\}", lambda found: VALUES[found[1]], name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_names_of_the_longest_stage_are_accepted(name):
    for logical_id, resource in Template(name).resources(*names.NAMES):
        properties = resource["Properties"]
        written = names.name_of(resource["Type"], properties)
        pattern = names.NAMES[resource["Type"]][1]
        for _, node in walk(written):
            if isinstance(node, dict) and "Fn::Sub" in node:
                assert re.fullmatch(pattern, filled(node["Fn::Sub"])), f"{logical_id}: {filled(node['Fn::Sub'])}"


@pytest.mark.parametrize("name", TEMPLATES)
def test_names_in_global_services_contain_the_region(name):
    for logical_id, resource in Template(name).resources(*GLOBAL):
        properties = resource["Properties"]
        written = names.name_of(resource["Type"], properties) or properties.get("RoleName") or properties.get("InstanceProfileName")
        assert written is None or "${AWS::Region}" in written["Fn::Sub"], logical_id


def test_invalid_names_are_refused():
    for kind, properties in [
        ("AWS::Lambda::Function", {"FunctionName": "f" * 65}),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", {"Name": "t" * 33}),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Name": "internal-pool"}),
        ("AWS::RDS::DBInstance", {"DBInstanceIdentifier": "1st"}),
        ("AWS::CloudFront::Function", {"Name": "a.b"}),
    ]:
        assert names.refused(kind, properties), kind
    assert names.refused("AWS::Lambda::Function", {"FunctionName": "threefactor-dev-payment"}) is None
    assert names.refused("AWS::Lambda::Function", {}) is None
    assert names.refused("AWS::S3::Bucket", {"BucketName": "?"}) is None
