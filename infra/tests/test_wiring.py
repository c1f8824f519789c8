"""Consistency of the templates with each other, the triggers, the zip files, the crates and the pool's files."""

import json
import re
import subprocess
import tomllib

import pytest

import embed
import policies
from templates import FUNCTIONS, INFRA, NAMES, ROOT, TRIGGERED, Template, all_templates, logical_name, strings, walk

# Parameters -----------------------------------------------------------------------------------------------------------


def accepts(parameter, value) -> bool:
    fits = parameter.get("MinLength", 0) <= len(value) <= parameter.get("MaxLength", 4096)
    return fits and re.fullmatch(parameter["AllowedPattern"], value) is not None


REFUSED = {
    "Stage": ["", "P", "Prod", "1st", "a", "dev-", "a" * 21, "de--v", "dev_1", "dev;rm"],
    "VpcCidr": ["10.0.0.0", "8.8.8.0/16", "10.0.0.0/8", "10.0.0.0/28", "ten"],
    "PostgresConnectionString": [
        "mysql://h/db",
        "postgres://app:password@host/db",
        "postgres://host",
        "host=h dbname=d",
        "postgres://app@host:6432/food?sslmode=verify-full password=x",
    ],
    "PoolCertificateSecretArn": ["arn:aws:secretsmanager:eu-central-1:000000000000:secret:it's"],
    "ExistingDatabaseCidr": ["10.1.0.0", "db.example.com", "10.1.0.0/33"],
    "DatabaseAuthority": ["", "none", "public", "arn:aws:s3:::bucket"],
    "ExistingDatabaseAuthority": ["", "none", "arn:aws:s3:::bucket"],
    "ExistingPrivateSubnetIds": ["subnet-0123456789abcdef0", "subnet-1,subnet-2"],
    "Release": ["two words", "x" * 65],
    "PaymentSecretArn": ["", "my-secret", "arn:aws:s3:::bucket", "arn:aws:secretsmanager:eu-central-1:12:secret:x"],
    "SigningKeysSecretArn": ["my-secret", "-----BEGIN PRIVATE KEY-----"],
    "JwtIssuer": ["", "login.example.com", "https://login.example.com//", "https://login.example.com?x=1"],
    "OidcIssuer": ["login.example.com", "https://login.example.com/a//", "https://login.example.com|", "https://u@login.example.com"],
    "OidcAudience": ["two words", "a\"b"],
    "OidcJwksUrl": ["https://login.example.com", "https://login.example.com/keys?x=1"],
    "FunctionsUrl": ["", "example.com", "https://example.com/", "ftp://example.com", "https://example.com/path"],
    "AlarmEmail": ["me", "me@home", "a b@c.de"],
    "Image": ["hasura/graphql-engine:latest", "hasura/graphql-engine", "hasura/graphql-engine:v3.0.0"],
    "HasuraImage": ["hasura/graphql-engine:latest", "hasura/graphql-engine", "hasura/graphql-engine:v3.0.0"],
    "EngineImage": ["threefactor-engine", "threefactor-engine:", "Threefactor:1", "a b:1", "engine:1@sha256:0"],
    "OtlpEndpoint": ["localhost:4318", "grpc://collector:4317", "http://collector:4318?x=1", "http://u@collector"],
    "TraceUrl": ["https://traces.example.com/", "http://traces.example.com/{trace_id}", "javascript:alert(1)//{trace_id}"],
    "ReservedConcurrency": ["0", "-1", "many", "10000"],
    "PaymentSha256": ["abc", "0" * 64],
    "HasuraDomainName": ["example", "https://example.com", "EXAMPLE.com"],
    "EngineVersion": ["12.3", "seventeen"],
    "InstanceType": ["t3.small", "t4g"],
}
ACCEPTED = {
    "Stage": ["dev", "prod", "eu-1"],
    "PostgresConnectionString": [
        "postgres://app@pool.dev.threefactor.internal:6432/food?sslmode=verify-full",
        "postgresql://h/db",
    ],
    "JwtIssuer": ["https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC", "https://tenant.auth0.example/"],
    "OidcIssuer": ["", "https://login.example.com/realms/food", "https://tenant.auth0.example/", "https://tenant.example/oauth2/"],
    "HasuraImage": ["hasura/graphql-engine:v2.46.0", f"hasura/graphql-engine:v2.46.0@sha256:{'0' * 64}"],
    "EngineImage": [
        "",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/threefactor-engine:0.1.0",
        f"registry.example.com:5000/engine:1@sha256:{'0' * 64}",
    ],
    "OtlpEndpoint": ["", "http://localhost:4318", "https://otlp.example.com/otlp"],
    "TraceUrl": [
        "",
        "https://traces.example.com/trace/{trace_id}",
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/{xray_trace_id}",
    ],
    "FunctionsUrl": ["https://abc.execute-api.eu-central-1.amazonaws.com", "http://127.0.0.1:8081"],
    "InstanceType": ["t4g.small", "c7gn.large", "m8g.xlarge"],
    "EngineVersion": ["17", "16.4"],
    "ExistingDatabaseCidr": ["", "10.1.0.0/16", "0.0.0.0/0", "192.0.2.1/32"],
    "ExistingPrivateSubnetIds": ["", "subnet-0123456789abcdef0,subnet-0123456789abcdef1"],
    "SubnetIds": ["", "subnet-0123456789abcdef0"],
}


@pytest.mark.parametrize("name", NAMES)
def test_parameters_refuse_invalid_values(name):
    for parameter, definition in Template(name).body["Parameters"].items():
        if "AllowedPattern" not in definition:
            continue
        for value in REFUSED.get(parameter, []):
            assert not accepts(definition, value), f"{parameter} takes {value!r}"
        for value in ACCEPTED.get(parameter, []):
            assert accepts(definition, value), f"{parameter} refuses {value!r}"


def test_main_passes_every_parameter():
    templates = all_templates()
    main = templates["main.yaml"]
    nested = set()
    for name, stack in main.resources("AWS::CloudFormation::Stack"):
        child = templates[stack["Properties"]["TemplateURL"]]
        nested.add(child.name)
        given = stack["Properties"]["Parameters"]
        known = child.body["Parameters"]
        assert given.keys() <= known.keys(), f"{name} gets unknown parameters"
        # Also those with defaults: an installation can be configured completely.
        assert known.keys() <= given.keys(), f"{name} does not get {known.keys() - given.keys()}"
        for key, value in given.items():
            # Passed on unchanged: then both have to accept the same values.
            source = main.body["Parameters"].get(value.get("Ref", "")) if isinstance(value, dict) else None
            if source and "AllowedPattern" in source and "AllowedPattern" in known[key]:
                optional = source["AllowedPattern"].removeprefix("|")
                assert optional == known[key]["AllowedPattern"].removeprefix("|"), f"{name}.{key}"
    assert nested == set(NAMES) - {"main.yaml"}


def test_outputs_read_by_main_exist():
    templates = all_templates()
    main = templates["main.yaml"]
    children = {name: templates[stack["Properties"]["TemplateURL"]] for name, stack in main.resources("AWS::CloudFormation::Stack")}
    reads = re.findall(r"!GetAtt (\w+)\.Outputs\.(\w+)", main.text)
    assert len(reads) > 30
    for child, output in reads:
        assert output in children[child].body["Outputs"], f"{child} has no output {output}"


# Functions ------------------------------------------------------------------------------------------------------------


def template_of(prefix) -> Template:
    """The template of a function."""
    return Template("identity.yaml" if prefix == "Login" else "functions.yaml")


def part_of(prefix):
    """The resources of one function, without its name."""
    name = FUNCTIONS[prefix]
    parts = {key.removeprefix(prefix): value for key, value in template_of(prefix).resources() if key.startswith(prefix)}
    text = json.dumps(parts).replace(name, "NAME").replace(prefix, "PREFIX")
    return json.loads(text)


def environment_of(parts):
    return parts["Function"]["Properties"]["Environment"]["Variables"]


def secrets_of(parts):
    """The secrets that a function may read."""
    return parts["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][1]["Resource"]


def test_functions_are_alike():
    model = part_of("ValidateOrder")
    for function in TRIGGERED:
        assert part_of(logical_name(function)) == model
    payment = part_of("Payment")
    # Browsers call payment: it has a preflight route, and no webhook secret.
    assert payment.keys() - model.keys() == {"PreflightRoute", "PreflightPermission"}
    # They also have different APIs, see test_apis.py.
    for part in model.keys() - {"Role", "Function", "Route", "Integration", "Permission", "CanaryAlarm", "RefusalsCanaryAlarm", "DeploymentGroup"}:
        assert payment[part] == model[part], part
    assert environment_of(payment).keys() == (environment_of(model).keys() - {"WEBHOOK_SECRET_ARN"}) | {"PAYMENT_ACCESS"}
    assert {"Ref": "WebhookSecretArn"} not in secrets_of(payment)
    for parts, api in ((payment, "Api"), (model, "EventsApi")):
        assert parts["Integration"]["Properties"]["ApiId"] == parts["Route"]["Properties"]["ApiId"] == {"Ref": api}
    assert payment["Integration"]["Properties"] | {"ApiId": None} == model["Integration"]["Properties"] | {"ApiId": None}


def test_login_is_like_the_others():
    """It also has its condition, the routes of its documents, and the signing keys."""
    payment, login = part_of("Payment"), part_of("Login")
    documents = {f"{name}{kind}" for name in ("Discovery", "Keys") for kind in ("Route", "Permission")}
    assert login.keys() - payment.keys() == documents
    for part in payment.keys() - {"Role", "Function", "Route"}:
        like = dict(login[part])
        condition = like.pop("Condition")
        if part in {"DeploymentGroup", "CanaryAlarm", "Alias"}:
            assert condition in {"WithPREFIX", "PREFIXCanary"}
            continue
        if part == "Check":
            # The condition in identity.yaml contains that of the function.
            assert condition == payment[part]["Condition"] == "WithCheck"
            continue
        assert condition == "WithPREFIX"
        assert like == payment[part], part
    more = {"LOGIN_SIGNING_KEYS_ARN", "JWT_ISSUER", "JWT_AUDIENCE", "DEMO_LOGIN"}
    assert environment_of(login).keys() == (environment_of(payment).keys() - {"PAYMENT_ACCESS"}) | more
    assert secrets_of(login) == [{"Ref": "PREFIXSecretArn"}, {"Ref": "SigningKeysSecretArn"}]


def test_payment_is_behind_the_authorizer_that_it_trusts():
    resources = dict(Template("functions.yaml").resources())
    route = resources["PaymentRoute"]["Properties"]
    assert (route["AuthorizationType"], route["AuthorizerId"]) == ("JWT", {"Ref": "CustomerAuthorizer"})
    assert resources["PaymentFunction"]["Properties"]["Environment"]["Variables"]["PAYMENT_ACCESS"] == "authorizer"
    # Only the API may invoke it, and by no other route than these two.
    permissions = [name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Permission" and name.startswith("Payment")]
    assert sorted(permissions) == ["PaymentPermission", "PaymentPreflightPermission"]
    authorizer = resources["CustomerAuthorizer"]["Properties"]
    assert authorizer["JwtConfiguration"] == {"Issuer": {"Ref": "JwtIssuer"}, "Audience": [{"Ref": "JwtAudience"}]}


def test_login_without_password_is_off_by_default():
    for name in ("identity.yaml", "main.yaml"):
        assert Template(name).body["Parameters"]["DemoLogin"]["Default"] == "false"


@pytest.mark.parametrize("name", ["identity.yaml", "main.yaml"])
def test_login_without_password_is_refused_unless_the_stage_is_a_demo(name):
    """A list of permitted names, because a production stage may have any other."""
    rule = Template(name).body["Rules"]["DemoLoginRequiresDemoStage"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "DemoLogin"}, "true"]}
    [assertion] = rule["Assertions"]
    assert assertion["Assert"] == {"Fn::Contains": [["dev", "demo", "test", "ci"], {"Ref": "Stage"}]}


def test_demo_accounts_are_not_part_of_the_schema():
    assert "INSERT INTO identity.accounts" not in (ROOT / "schema.sql").read_text()
    assert "INSERT INTO identity.accounts" in (ROOT / "demo-accounts.sql").read_text()


@pytest.mark.parametrize("name", ["hasura.yaml", "main.yaml"])
def test_requests_without_identity_are_not_admin(name):
    [assertion] = Template(name).body["Rules"]["UnauthorizedRoleIsNotAdmin"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "UnauthorizedRole"}, "admin"]}]}


@pytest.mark.parametrize("name", ["functions.yaml", "identity.yaml"])
def test_each_function_has_its_own_concurrency(name):
    """The authorizer and the trigger of the user pool too: otherwise calls of the other functions could leave them no instance."""
    reserved = {"Fn::If": ["WithReservedConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}
    for function, resource in Template(name).resources("AWS::Lambda::Function"):
        assert resource["Properties"].get("ReservedConcurrentExecutions") == reserved, function


def test_users_cannot_write_the_attributes_of_staff():
    client = dict(Template("identity.yaml").resources())["UserPoolClient"]["Properties"]
    assert not [name for name in client["WriteAttributes"] if name.startswith("custom:")]


@pytest.mark.parametrize(("prefix", "name"), FUNCTIONS.items())
def test_cargo_and_template_agree(prefix, name):
    """`cargo lambda deploy` changes only the code."""
    deploy = tomllib.loads((ROOT / "functions" / name / "Cargo.toml").read_text())["package"]["metadata"]["lambda"]["deploy"]
    properties = dict(template_of(prefix).resources())[f"{prefix}Function"]["Properties"]
    assert deploy["memory"] == properties["MemorySize"]
    assert deploy["timeout"] == properties["Timeout"]
    assert deploy["runtime"] == properties["Runtime"]
    assert properties["TracingConfig"] == {"Mode": {"Ref": "Tracing"}}
    assert deploy["tracing"].capitalize() == template_of(prefix).body["Parameters"]["Tracing"]["Default"]
    # Known only to the stack: role, network, environment, names.
    assert deploy.keys() == {"memory", "timeout", "runtime", "tracing"}
    assert properties["Code"] == f"../target/lambda/{name}/bootstrap.zip"


def test_triggers_match_routes_and_environment():
    triggers = json.loads((ROOT / "event-triggers.json").read_text())["args"]
    routes = {route["Properties"]["RouteKey"] for _, route in Template("functions.yaml").resources("AWS::ApiGatewayV2::Route")}
    task = dict(Template("hasura.yaml").resources())["Task"]["Properties"]
    hasura = next(container for container in task["ContainerDefinitions"] if container["Name"] == "hasura")
    environment = {variable["Name"] for variable in hasura["Environment"] + hasura["Secrets"]}
    assert "OPTIONS /payment" in routes and "POST /payment" in routes
    for trigger in triggers:
        assert "POST " + trigger["args"]["webhook"].removeprefix("{{FUNCTIONS_URL}}") in routes
        assert "FUNCTIONS_URL" in environment
        assert {header["value_from_env"] for header in trigger["args"]["headers"]} <= environment


@pytest.mark.parametrize("name", ["functions.yaml", "identity.yaml"])
def test_permissions_are_narrowed_to_routes(name):
    template = Template(name)
    routes = {route["Properties"]["RouteKey"].replace(" ", "") for _, route in template.resources("AWS::ApiGatewayV2::Route")}
    allowed = set()
    for _, permission in template.resources("AWS::Lambda::Permission"):
        function = permission["Properties"]["FunctionName"]["Ref"]
        if function == "WatchmanAlias":
            continue  # invoked by a rule, see test_watchman.py
        if function == "TokenFunction":
            continue  # invoked by the user pool, see test_identity.py
        arn = permission["Properties"]["SourceArn"]["Fn::Sub"]
        if function == "AuthorizerFunction":
            assert arn.endswith(":${EventsApi}/authorizers/${EventAuthorizer}")
            continue
        assert function.endswith("Alias")
        allowed.add(arn.partition("Api}/*/")[2])
    assert allowed == routes
    for _, function in template.resources("AWS::Lambda::Function"):
        assert function["Properties"]["Timeout"] * 1000 < 29000


@pytest.mark.parametrize("template", ["functions.yaml", "identity.yaml"])
def test_each_function_may_read_only_its_secrets(template):
    for name, role in Template(template).resources("AWS::IAM::Role"):
        for policy in role["Properties"].get("Policies", []):
            text = json.dumps(policy)
            reads, describes = 0 if name == "TokenRole" else 1, 1 if name == "WatchmanRole" else 0
            assert text.count("secretsmanager:GetSecretValue") == reads, name
            assert text.count("secretsmanager:DescribeSecret") == describes, name
            assert text.count("secretsmanager:") == reads + describes, name
            assert "iam:" not in text.replace(":iam:", ""), name


def test_each_function_has_its_own_database_role():
    """Secrets, Hasura's task, the pool and infra/function-roles.sql name the same roles."""
    sql = (INFRA / "function-roles.sql").read_text()
    task = dict(Template("hasura.yaml").resources())["Task"]["Properties"]
    command = task["ContainerDefinitions"][0]["Command"][0]
    resources = dict(Template("secrets.yaml").resources())
    users = set()
    for prefix in FUNCTIONS:
        template = resources[f"{prefix}Secret"]["Properties"]["GenerateSecretString"]["SecretStringTemplate"]
        user = json.loads(template)["username"]
        assert f"('{user}', ARRAY[" in sql
        assert f"ALTER ROLE {user} LOGIN PASSWORD :'{user}';" in command
        assert "${" + f"{prefix}SecretArn" + "}" in pool_arns()
        users.add(user)
    assert len(users) == len(FUNCTIONS) == sql.count("', ARRAY[")


# Security groups ----------------------------------------------------------------------------------------------------


def test_security_groups_form_a_chain():
    template = Template("network.yaml")
    chain = {}
    for name, group in template.resources("AWS::EC2::SecurityGroup"):
        for rule in policies.rules(group, "Ingress"):
            source = rule.get("SourceSecurityGroupId", {}).get("Fn::GetAtt", [None])[0] or rule.get("CidrIp") or "CloudFront"
            chain.setdefault(name.removesuffix("SecurityGroup"), set()).add((source.removesuffix("SecurityGroup"), rule["FromPort"]))
    assert chain == {
        "PoolLoadBalancer": {("Functions", 6432)},
        # From functions: to RDS Proxy, which has no load balancer.
        "Pool": {("PoolLoadBalancer", 6432), ("Functions", 5432)},
        "Database": {("Pool", 5432), ("Hasura", 5432), ("Rotation", 5432)},
        "HasuraLoadBalancer": {("0.0.0.0/0", 443), ("CloudFront", 80)},
        "Hasura": {("HasuraLoadBalancer", 8080)},
        "SecretsEndpoint": {("Functions", 443), ("Pool", 443), ("Hasura", 443), ("Rotation", 443)},
    }


# The pool ---------------------------------------------------------------------------------------------------------------


def test_pool_files_are_embedded_in_template():
    template = (INFRA / "pgbouncer.yaml").read_text()
    assert embed.embedded(template) == template, "run `python infra/tests/embed.py`"


def pool_arns() -> str:
    """The line of the user data with the pool's users."""
    data = dict(Template("pgbouncer.yaml").resources())["Template"]["Properties"]["LaunchTemplateData"]["UserData"]
    lines = "\n".join(strings(data)).split("\n")
    return next(line for line in lines if "POOL_SECRET_ARNS='" in line)


def pool_user_data() -> str:
    """As on the instance, with long values for the ids."""
    data = dict(Template("pgbouncer.yaml").resources())["Template"]["Properties"]["LaunchTemplateData"]["UserData"]
    parts = data["Fn::Base64"]["Fn::Join"][1]
    texts = [part if isinstance(part, str) else part["Fn::Sub"] for part in parts]
    texts[0] = re.sub(r"\$\{[\w:]+\}", "x" * 100, texts[0])
    return "".join(texts)


def test_user_data_fits_and_is_a_script():
    data = pool_user_data()
    assert len(data.encode()) <= 16 * 1024
    check = subprocess.run(["bash", "-n"], input=data, text=True, capture_output=True)
    assert check.returncode == 0, check.stderr
    for name in ("bootstrap.sh", "pgbouncer.ini"):
        assert embed.compact((INFRA / "pgbouncer" / name).read_text()).strip() in data


@pytest.mark.parametrize(("boot", "status"), [("true", "SUCCESS"), ("false", "FAILURE")])
def test_user_data_writes_files_and_signals_result(tmp_path, boot, status):
    """All of the script except `boot`, which installs packages; the pool's tests run the rest."""
    home = tmp_path / "pool"
    data = pool_user_data().replace("bash bootstrap.sh boot", boot)
    for command in ("mkdir -p", "cd"):
        data = data.replace(f"\n{command} /opt/3factor-pool\n", f"\n{command} {home}\n")
    stubs = tmp_path / "bin"
    stubs.mkdir()
    for name, script in {
        "curl": 'case "$*" in *api/token*) echo TOKEN ;; *"TOKEN"*instance-id) echo i-0123 ;; *) exit 1 ;; esac',
        "aws": f'echo "$@" > "{tmp_path}/told"',
    }.items():
        (stubs / name).write_text(f"#!/bin/sh\n{script}\n")
        (stubs / name).chmod(0o755)
    ran = subprocess.run(["bash", "-c", data], env={"PATH": f"{stubs}:/usr/bin:/bin"}, capture_output=True, text=True)
    assert (ran.returncode == 0) == (boot == "true"), ran.stderr
    for name in ("bootstrap.sh", "pgbouncer.ini"):
        assert (home / name).read_text().strip() == embed.compact((INFRA / "pgbouncer" / name).read_text()).strip()
    told = (tmp_path / "told").read_text()
    assert "signal-resource" in told and "--logical-resource-id Group --unique-id i-0123" in told
    assert f"--status {status}" in told


def test_pool_instances_are_closed_and_complete_after_a_query():
    resources = dict(Template("pgbouncer.yaml").resources())
    launch = resources["Template"]["Properties"]["LaunchTemplateData"]
    assert "KeyName" not in launch
    assert launch["MetadataOptions"]["HttpTokens"] == "required"
    assert all(device["Ebs"]["Encrypted"] is True for device in launch["BlockDeviceMappings"])
    group = resources["Group"]
    assert "ResourceSignal" in group["CreationPolicy"]
    assert group["UpdatePolicy"]["AutoScalingRollingUpdate"]["WaitOnResourceSignals"] is True
    listener = resources["Listener"]["Properties"]
    assert (listener["Protocol"], listener["Port"]) == ("TCP", 6432)
    assert resources["LoadBalancer"]["Properties"]["Scheme"] == "internal"


def test_main_contains_the_pools_address():
    """The functions are created before the pool, so main.yaml contains its address, which equals the pool's output."""
    output = Template("pgbouncer.yaml").body["Outputs"]["PostgresConnectionString"]["Value"]["Fn::Sub"]
    record = dict(Template("pgbouncer.yaml").resources())["Record"]["Properties"]["Name"]["Fn::Sub"]
    expected = output.replace("${Record}", record).replace("${DatabaseName}", "${Name}")
    assert expected in strings(dict(Template("main.yaml").resources())["Functions"])


# The database and the alarms ----------------------------------------------------------------------------------------------


def test_database_is_safe_by_default():
    template = Template("database.yaml")
    resources = dict(template.resources())
    parameters = resources["ParameterGroup"]["Properties"]["Parameters"]
    assert parameters["rds.force_ssl"] == "1"
    assert parameters["log_parameter_max_length"] == parameters["log_parameter_max_length_on_error"] == "0"
    assert template.body["Parameters"]["DeletionProtection"]["Default"] == "true"
    assert template.body["Parameters"]["ManagedMasterPassword"]["Default"] == "true"
    assert template.body["Parameters"]["BackupDays"]["MinValue"] >= 1


def test_each_function_has_a_share_of_the_pool():
    """Equal shares, rounded up, and a limit for their sum."""
    for size, users, share in [(15, 7, 3), (21, 7, 3), (22, 7, 4), (3, 7, 1), (20, 1, 20)]:
        script = (INFRA / "pgbouncer" / "bootstrap.sh").read_text().partition("# Values for pgbouncer.ini")[0]
        script = script.replace('here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)', "") + '\necho "$POOL_USER_SIZE"'
        env = {"POOL_SIZE": str(size), "POOL_SECRET_ARNS": " ".join(["arn"] * users), "PATH": "/usr/bin:/bin"}
        ran = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True)
        assert ran.stdout.strip() == str(share), ran.stderr
    ini = (INFRA / "pgbouncer" / "pgbouncer.ini").read_text()
    assert "default_pool_size = {POOL_USER_SIZE}\nmax_db_connections = {POOL_SIZE}\n" in ini


def test_default_pool_fits_the_smallest_database():
    """Also during an update, with another pgBouncer and another set of tasks; and its description names the shares."""
    defaults = {name: parameter.get("Default") for name, parameter in Template("main.yaml").body["Parameters"].items()}
    size, share = defaults["PoolSize"], -(-defaults["PoolSize"] // len(FUNCTIONS))
    assert defaults["DatabaseInstanceClass"] == "db.t4g.micro"
    # 80 connections, of which five are reserved for administrators.
    assert (defaults["PoolInstances"] + 1) * size + 2 * defaults["HasuraTasks"] * defaults["HasuraConnections"] <= 75
    assert Template("pgbouncer.yaml").body["Parameters"]["PoolSize"]["Default"] == size
    text = (ROOT / "docs" / "operations.md").read_text()
    words = {5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine"}
    assert f"divided by the {words[len(FUNCTIONS)]} roles, rounded up ({share} with the default)" in text


def test_each_route_has_alarms():
    """Their metrics exist only where they are enabled."""
    alarms = {name: alarm["Properties"] for name, alarm in Template("monitoring.yaml").resources("AWS::CloudWatch::Alarm")}
    stages = {}
    for name in ("functions.yaml", "identity.yaml"):
        for logical_id, stage in Template(name).resources("AWS::ApiGatewayV2::Stage"):
            stages[name, stage["Properties"]["ApiId"]["Ref"]] = stage["Properties"]
    for prefix, function in FUNCTIONS.items():
        if function == "watchman":
            continue  # it has no route
        api = ("functions.yaml", "EventsApi") if function in TRIGGERED else (template_of(prefix).name, "Api")
        given = {"EventsApi": "EventsApiId"}.get(api[1], "LoginApiId" if function == "login" else "ApiId")
        stage = stages[api]
        limits = [node for _, node in walk(stage["RouteSettings"][f"POST /{function}"]) if isinstance(node, dict) and "ThrottlingRateLimit" in node]
        assert limits and all(limit["DetailedMetricsEnabled"] is True for limit in limits)
        for kind, metric in (("Failures", "5xx"), ("Refusals", "4xx")):
            alarm = alarms[f"{prefix}{kind}"]
            dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
            assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", metric)
            assert dimensions == {"ApiId": {"Ref": given}, "Stage": stage["StageName"], "Method": "POST", "Resource": f"/{function}"}


def test_calls_of_the_cron_trigger_are_watched():
    """One call a minute: each failure counts, and so does their absence."""
    alarms = {name: alarm["Properties"] for name, alarm in Template("monitoring.yaml").resources("AWS::CloudWatch::Alarm")}
    failures, silence = alarms["ExpireOrdersFailures"], alarms["ExpireOrdersSilent"]
    assert (failures["Period"], failures["Threshold"]) == (60, 0)
    assert (silence["MetricName"], silence["TreatMissingData"]) == ("Invocations", "breaching")


def test_every_component_has_an_alarm():
    alarms = [alarm["Properties"] for _, alarm in Template("monitoring.yaml").resources("AWS::CloudWatch::Alarm")]
    watched = {(alarm["Namespace"], alarm["MetricName"], alarm.get("ExtendedStatistic", "")) for alarm in alarms}
    assert watched >= {
        ("AWS/Lambda", "Errors", ""),
        ("AWS/Lambda", "Throttles", ""),
        ("AWS/Lambda", "Duration", "p99"),
        ("AWS/ApiGateway", "5xx", ""),
        ("AWS/NetworkELB", "UnHealthyHostCount", ""),
        ("threefactor", "PoolFailures", ""),
        ("threefactor", "PoolLongestWait", ""),
        ("AWS/ApplicationELB", "UnHealthyHostCount", ""),
        ("AWS/RDS", "DatabaseConnections", ""),
    }
    for metric in ("Errors", "Throttles", "Duration"):
        names = {strings(alarm["Dimensions"])[1] for alarm in alarms if alarm["MetricName"] == metric}
        others = {"rotate-secret", "hasura-restart"} if metric == "Errors" else set()
        assert {name.removeprefix("threefactor-${Stage}-") for name in names} == set(FUNCTIONS.values()) | others


def test_each_alarm_is_documented():
    """docs/operations.md has a row for each, by the name in the mail."""
    text = (ROOT / "docs" / "operations.md").read_text()
    alarms = [alarm for name in ("monitoring.yaml", "audit.yaml") for _, alarm in Template(name).resources("AWS::CloudWatch::Alarm")]
    for alarm in alarms:
        shown = alarm["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("threefactor-${Stage}-")
        kinds = [shown, *(shown.replace(function, "*") for function in FUNCTIONS.values())]
        assert any(f"`{kind}`" in text for kind in kinds), f"docs/operations.md has no row for {shown}"
