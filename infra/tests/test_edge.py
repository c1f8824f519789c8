"""The public edge of Hasura: what it admits, and what is logged."""

import json
import shutil
import subprocess

from templates import ROOT, Template

RESOURCES = dict(Template("hasura.yaml").resources())


def admitted(admins, address, *paths):
    """Which of the paths the function at CloudFront's edge admits, executed by Node.js."""
    code = RESOURCES["AdminPaths"]["Properties"]["FunctionCode"]["Fn::Sub"][0].replace("${Admins}", admins)
    events = [{"request": {"uri": path, "headers": {}}, "viewer": {"ip": address}} for path in paths]
    script = f"{code}\nconsole.log(JSON.stringify({json.dumps(events)}.map(event => handler(event).statusCode !== 403)));"
    installed = sorted(ROOT.glob(".local/node/node_modules/node-*/bin/node"))
    node = shutil.which("node") or next(map(str, installed), None)
    assert node, "Node.js is neither on the PATH nor in .local/node"
    ran = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


PUBLIC = ["/v1/graphql", "/v1beta1/relay", "/v1/version", "/healthz", "/api/rest/orders"]
ADMIN = ["/v1/metadata", "/v2/query", "/v1/query", "/console", "/console/data", "/v1alpha1/pg_dump", "/v1/graphql/explain", "/", "/v1/GRAPHQL", "//v1/metadata", "/api/restx"]


def test_only_administrators_reach_metadata_and_sql():
    assert admitted("", "192.0.2.7", *PUBLIC) == [True] * len(PUBLIC)
    assert admitted("", "192.0.2.7", *ADMIN) == [False] * len(ADMIN)
    for admins in ("192.0.2.7/32", "10.0.0.0/8,192.0.2.0/24", "0.0.0.0/0"):
        assert admitted(admins, "192.0.2.7", *ADMIN) == [True] * len(ADMIN), admins
    for address in ("192.0.3.7", "191.255.255.255", "2001:db8::1", "192.0.2"):
        assert admitted("192.0.2.0/24", address, "/v1/metadata") == [False], address


def test_load_balancer_admits_the_same_paths():
    listener = RESOURCES["ListenerOfTheWorld"]["Properties"]
    assert [action["Type"] for action in listener["DefaultActions"]] == ["fixed-response"]
    api, admins = RESOURCES["OnlyTheApi"]["Properties"], RESOURCES["ForAdministrators"]["Properties"]
    [condition] = api["Conditions"]
    values = condition["PathPatternConfig"]["Values"]
    assert [value.removesuffix("*") for value in values] == [path.removesuffix("orders") for path in PUBLIC[:4] + PUBLIC[4:]]
    # A rule has at most five values.
    assert len(values) <= 5
    assert admins["Conditions"] == [{"Field": "source-ip", "SourceIpConfig": {"Values": {"Ref": "AdminCidrs"}}}]
    assert RESOURCES["ForAdministrators"]["Condition"] == "AdminsAtTheLoadBalancer"


def test_every_request_passes_the_edge():
    behaviour = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    [association] = behaviour["FunctionAssociations"]
    assert association == {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["AdminPaths", "FunctionARN"]}}
    assert "CacheBehaviors" not in RESOURCES["Distribution"]["Properties"]["DistributionConfig"]


def test_private_origin_has_no_public_address():
    balancer = RESOURCES["LoadBalancer"]["Properties"]
    assert balancer["Scheme"] == {"Fn::If": ["WithPrivateOrigin", "internal", "internet-facing"]}
    # A load balancer cannot change its scheme, nor two share a name or a target group.
    names = [RESOURCES[name]["Properties"]["Name"]["Fn::If"][1:] for name in ("LoadBalancer", "TargetGroup")]
    assert all(private != public for private, public in names)


def test_production_has_a_protected_origin():
    rule = Template("main.yaml").body["Rules"]["ProductionRequiresProtectedOrigin"]
    assert "HasuraCertificateArn" in str(rule["Assertions"]) and "PrivateOrigin" in str(rule["Assertions"])


def test_firewall_counts_requests_of_clients():
    rules = {rule["Name"]: rule for rule in RESOURCES["Firewall"]["Properties"]["Rules"]}
    certificate, cloudfront = rules["requests-of-an-address"]["Statement"]["RateBasedStatement"]["Fn::If"][1:]
    assert certificate["AggregateKeyType"] == "IP"
    # Behind CloudFront the sender is CloudFront.
    assert cloudfront["AggregateKeyType"] == "FORWARDED_IP"
    assert cloudfront["ForwardedIPConfig"] == {"HeaderName": "x-client-ip", "FallbackBehavior": "MATCH"}


def test_pages_with_a_domain_require_tls_1_2():
    web = dict(Template("web.yaml").resources())
    for app in ("OrderApp", "AnalyticsApp"):
        distribution = web[f"{app}Distribution"]["Properties"]["DistributionConfig"]
        condition, certificate, default = distribution["ViewerCertificate"]["Fn::If"]
        assert (condition, default) == ("HasCertificate", {"Ref": "AWS::NoValue"})
        assert (certificate["MinimumProtocolVersion"], certificate["SslSupportMethod"]) == ("TLSv1.2_2021", "sni-only")
        assert distribution["Aliases"] == {"Fn::If": ["HasCertificate", [{"Ref": f"{app}Domain"}], {"Ref": "AWS::NoValue"}]}
    assert "WebCertificateRequiresDomains" in Template("main.yaml").body["Rules"]


def test_refused_connections_are_logged_with_the_requests():
    network = dict(Template("network.yaml").resources())
    assert network["FlowLog"]["Properties"]["TrafficType"] == "REJECT"
    given = dict(Template("main.yaml").resources())["Network"]["Properties"]["Parameters"]
    assert given["EnableFlowLogs"] == {"Ref": "EnableAccessLogs"}


def test_logs_of_requests_outlive_the_stage_and_expire():
    bucket = RESOURCES["AccessLogs"]
    assert bucket["DeletionPolicy"] == "Retain"
    [rule] = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == {"Ref": "LogRetentionDays"}
