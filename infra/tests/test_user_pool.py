"""The user pool of identity.yaml on the emulator: tokens that it issues to users of several groups."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile

import pytest

from templates import INFRA

PASSWORD = "Correct-horse-7"
CLAIMS = "https://hasura.io/jwt/claims"


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    """The AWS CLI, with an emulator behind it; returns the parsed output."""
    home = tmp_path_factory.mktemp("emulator")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    endpoint = f"http://127.0.0.1:{port}"
    bin_dir = os.path.dirname(sys.executable)
    base = {"PATH": f"{bin_dir}:/usr/bin:/bin", "HOME": str(home), "TMPDIR": str(home), "AWS_ENDPOINT_URL": endpoint}
    settings = base | {"GATEWAY_PORT": port, "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "MINISTACK_REGION": "eu-central-1"}
    with open(home / "log", "w") as log:
        emulator = subprocess.Popen([sys.executable, INFRA / "tests/emulator.py"], cwd=home, env=settings, stdout=log, stderr=log)
    try:
        wait(f"{endpoint}/_ministack/health", emulator, home / "log")
        client = base | {
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

        def run(*args):
            ran = subprocess.run([f"{bin_dir}/aws", "--output", "json", *args], cwd=home, env=client, capture_output=True, text=True)
            assert ran.returncode == 0, f"{args}: {ran.stderr}{ran.stdout}"
            # `cloudformation` prints progress instead.
            return json.loads(ran.stdout) if ran.stdout.lstrip().startswith(("{", "[")) else ran.stdout

        run.home = home
        yield run
    finally:
        emulator.terminate()
        emulator.wait(10)


def wait(url, process, log):
    """Until the emulator responds."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the emulator did not start: {log.read_text()}")


def deploy(aws, *parameters):
    """Launches or updates the template with a user pool; returns its outputs."""
    args = ["--stack-name", "identity", "--template-file", "packaged.yaml", "--capabilities", "CAPABILITY_NAMED_IAM"]
    aws("cloudformation", "deploy", *args, "--parameter-overrides", "Stage=ci", "IdentityProvider=cognito", *parameters)
    [stack] = aws("cloudformation", "describe-stacks", "--stack-name", "identity")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


@pytest.fixture(scope="module")
def outputs(aws):
    # `package` uploads the code of the login function, which is not created.
    with zipfile.ZipFile(aws.home / "bootstrap.zip", "w") as code:
        code.writestr("bootstrap", "")
    text = (INFRA / "identity.yaml").read_text().replace("../target/lambda/login/bootstrap.zip", "bootstrap.zip")
    (aws.home / "identity.yaml").write_text(text)
    aws("s3api", "create-bucket", "--bucket", "artifacts", "--create-bucket-configuration", "LocationConstraint=eu-central-1")
    aws("cloudformation", "package", "--template-file", "identity.yaml", "--s3-bucket", "artifacts", "--output-template-file", "packaged.yaml")
    return deploy(aws)


def id_token(aws, outputs, name, groups, **attributes):
    """The claims in the ID token of a new user."""
    pool = ["--user-pool-id", outputs["UserPoolId"]]
    given = {"email": name} | {f"custom:{key}": value for key, value in attributes.items()}
    pairs = [f"Name={key},Value={value}" for key, value in given.items()]
    aws("cognito-idp", "admin-create-user", *pool, "--username", name, "--user-attributes", *pairs)
    aws("cognito-idp", "admin-set-user-password", *pool, "--username", name, "--password", PASSWORD, "--permanent")
    existing = {group["GroupName"] for group in aws("cognito-idp", "list-groups", *pool)["Groups"]}
    for group in groups:
        if group not in existing:
            aws("cognito-idp", "create-group", *pool, "--group-name", group)
        aws("cognito-idp", "admin-add-user-to-group", *pool, "--username", name, "--group-name", group)
    client = ["--client-id", outputs["UserPoolClientId"], "--auth-flow", "USER_PASSWORD_AUTH"]
    given = f"USERNAME={name},PASSWORD={PASSWORD}"
    token = aws("cognito-idp", "initiate-auth", *client, "--auth-parameters", given)["AuthenticationResult"]["IdToken"]
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_no_group_gives_the_role_admin(aws, outputs):
    claims = id_token(aws, outputs, "eve@example.com", ["admin"], driver_id="7")
    hasura = json.loads(claims[CLAIMS])
    assert (hasura["x-hasura-default-role"], hasura["x-hasura-allowed-roles"]) == ("customer", ["customer"])
    assert hasura["x-hasura-user-id"] == claims["sub"]
    assert "x-hasura-driver-id" not in hasura
    assert not claims.get("cognito:groups")


def test_staff_have_the_role_and_id_of_their_group(aws, outputs):
    claims = id_token(aws, outputs, "ada@example.com", ["admin", "driver"], driver_id="7")
    assert json.loads(claims[CLAIMS]) == {
        "x-hasura-user-id": claims["sub"],
        "x-hasura-default-role": "driver",
        "x-hasura-allowed-roles": ["driver"],
        "x-hasura-driver-id": "7",
    }
    assert claims["cognito:groups"] == ["driver"]
    assert claims["aud"] == outputs["Audience"]


def test_sign_in_page_sends_users_to_the_registered_apps(aws, outputs):
    apps = ["https://shop.example.com/", "https://staff.example.com/"]
    updated = deploy(aws, f"AppUrls={','.join(apps)}")
    assert updated["Audience"] == outputs["Audience"], "the client is not replaced"
    query = ["--user-pool-id", outputs["UserPoolId"], "--client-id", outputs["UserPoolClientId"]]
    client = aws("cognito-idp", "describe-user-pool-client", *query)["UserPoolClient"]
    assert client["CallbackURLs"] == client["LogoutURLs"] == apps
    assert (client["AllowedOAuthFlows"], client["AllowedOAuthScopes"]) == (["code"], ["openid"])
