"""Names that AWS accepts, by type and property. Neither cfn-lint nor ministack checks all of them."""

import re

NAMES = {
    "AWS::CloudFront::Function": ("Name", r"[A-Za-z0-9_-]{1,64}"),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig.Name", r".{1,64}"),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig.Name", r"[A-Za-z0-9_-]{1,128}"),
    "AWS::CloudFront::VpcOrigin": ("VpcOriginEndpointConfig.Name", r".{1,64}"),
    "AWS::CloudTrail::Trail": ("TrailName", r"[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]"),
    "AWS::CloudWatch::Alarm": ("AlarmName", r".{1,255}"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", r"[A-Za-z0-9_-]{1,255}"),
    "AWS::Cognito::UserPoolDomain": ("Domain", r"(?!.*(aws|amazon|cognito))[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"),
    "AWS::ECS::Cluster": ("ClusterName", r"[A-Za-z0-9_-]{1,255}"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Name", r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Name", r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?"),
    "AWS::Lambda::Function": ("FunctionName", r"[A-Za-z0-9_-]{1,64}"),
    "AWS::Logs::LogGroup": ("LogGroupName", r"[A-Za-z0-9_/.#-]{1,512}"),
    "AWS::RDS::DBProxy": ("DBProxyName", r"[A-Za-z](-?[A-Za-z0-9]){0,62}"),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier", r"[a-z](-?[a-z0-9]){0,62}"),
    "AWS::WAFv2::WebACL": ("Name", r"[A-Za-z0-9_-]{1,128}"),
    "AWS::SNS::Topic": ("TopicName", r"[A-Za-z0-9_-]{1,256}"),
}


def name_of(kind: str, properties: dict):
    """The name in the properties of a resource; None if AWS generates it."""
    node = properties
    for step in NAMES.get(kind, ("",))[0].split("."):
        node = node.get(step) if isinstance(node, dict) else None
    return node


def refused(kind: str, properties: dict) -> str | None:
    """Returns why AWS refuses the name of a resource."""
    name = name_of(kind, properties)
    if name is None or re.fullmatch(NAMES[kind][1], str(name)):
        return None
    return f"{kind}: invalid name {name!r}; it should match {NAMES[kind][1]}"
