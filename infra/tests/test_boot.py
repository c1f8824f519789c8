"""The order of the steps of `bootstrap.sh boot`, with stubs that behave like Debian's commands. The script was tested once
manually on a fresh Debian 12 with systemd, see docs/deploy.md. The load balancer reports an instance as healthy at the third question."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from templates import INFRA

# apt-get starts installed services with the package's settings; a reload reads the files, but keeps the listening socket.
COMMANDS = {
    "apt-get": """[ "$1" != install ] || echo 'listen_addr = localhost' >"$STATE/listening" """,
    "systemctl": """
        case $* in
          'restart pgbouncer') grep '^listen_addr' "$POOL_DIR/pgbouncer.ini" >"$STATE/listening" ;;
        esac
        echo "$*" >>"$STATE/systemctl" """,
    "curl": """
        case $* in
          *api/token*) echo TOKEN; exit ;;
          *TOKEN*instance-id) echo i-0123; exit ;;
        esac
        while [ "$1" != -o ]; do [ $# -gt 0 ] || exit 1; shift; done
        echo "$*" >"$2" """,
    "dpkg": """echo "$*" >>"$STATE/packages" """,
    "sleep": """true""",
    "hostname": """echo ip-10-42-0-7""",
    # The newest line first, a line without text, and one that is longer than a call permits.
    "journalctl": """
        case $* in *'-u pgbouncer -u 3factor-pool -o json --cursor-file='*) ;; *) exit 1 ;; esac
        printf '%s\n' '{"__REALTIME_TIMESTAMP": "1700000002000999", "MESSAGE": "second"}' \
          '{"__REALTIME_TIMESTAMP": "1700000001000000", "MESSAGE": "first"}' \
          '{"__REALTIME_TIMESTAMP": "1700000003000000", "MESSAGE": [1, 2]}' """,
    "aws": """
        case $* in
          *describe-target-health*arn:group*Id=i-0123*)
            echo asked >>"$STATE/health"
            [ "$(wc -l <"$STATE/health")" -ge 3 ] && echo healthy || echo initial ;;
          *put-metric-data*) echo "$*" >>"$STATE/metrics" ;;
          *create-log-stream*) [ ! -e "$STATE/stream" ] && touch "$STATE/stream" ;;
          *put-log-events*) [ -e "$STATE/stream" ] && echo "$*" >>"$STATE/logs" && last=${@: -1} && cp "${last#file://}" "$STATE/events" ;;
          *app*) [ ! -e "$STATE/denied" ] && echo '{"username": "app", "password": "s3cret"}' ;;
          *) echo '{"certificate": "-----BEGIN C", "key": "-----BEGIN K", "ca": "-----BEGIN A"}' ;;
        esac""",
    "pgbouncer": """printf 'PgBouncer %s\\nlibevent 2.1.12-stable\\n' "$VERSION" """,
    # The columns of version 1.24 that matter, among others.
    "psql": """
        case "$* $PGUSER" in
          *'SHOW POOLS pgbouncer pool_monitor')
            [ -n "$PGPASSWORD" ] || exit 1
            printf '%s\\n' 'database|user|cl_active|cl_waiting|maxwait|maxwait_us|pool_mode' \\
              'food|app|4|2|1|500|transaction' 'food|other|9|3|7|2|transaction' 'pgbouncer|pgbouncer|1|0|0|0|statement' ;;
          *) [ -s "$STATE/listening" ] && echo 1 && [ ! -e "$STATE/health" ] ;;
        esac""",
}


@pytest.fixture
def version() -> str:
    """Version of pgBouncer: Debian 13's."""
    return "1.24.1"


@pytest.fixture
def settings() -> dict[str, str]:
    """Further environment variables."""
    return {}


@pytest.fixture
def booted(tmp_path: Path, version: str, settings: dict[str, str]) -> Path:
    """Runs `boot` successfully; returns the directory with the results."""
    ran = boot(tmp_path, version, settings)
    assert ran.returncode == 0, ran.stderr
    return tmp_path


def boot(tmp_path: Path, version: str, settings: dict[str, str], command: str = "boot") -> subprocess.CompletedProcess:
    bin_dir, pool_dir = tmp_path / "bin", tmp_path / "pgbouncer"
    bin_dir.mkdir(exist_ok=True)
    pool_dir.mkdir(exist_ok=True)
    for name, body in COMMANDS.items():
        stub = bin_dir / name
        stub.write_text(f"#!/bin/bash\n{body}\n")
        stub.chmod(0o755)
    env = {
        "PATH": f"{bin_dir}:{os.environ['PATH']}",
        "STATE": str(tmp_path),
        "VERSION": version,
        "POOL_ROOT": str(tmp_path / "root"),
        "POOL_DIR": str(pool_dir),
        "POOL_OWNER": "",
        "POOL_DATABASE_HOST": "db.example",
        "POOL_SECRET_ARNS": "app",
        "POOL_TLS_SECRET_ARN": "tls",
        "POOL_TLS_NAME": "pool.example",
        "POOL_CHECK_TRIES": "1",
        **settings,
    }
    (tmp_path / "root/etc").mkdir(parents=True, exist_ok=True)
    script = ["bash", str(INFRA / "pgbouncer/bootstrap.sh"), command]
    return subprocess.run(script, env=env, capture_output=True, text=True, check=False)


def test_pool_listens_on_all_addresses(booted: Path):
    assert (booted / "listening").read_text() == "listen_addr = *\n"


def test_timer_refreshes_secrets(booted: Path):
    commands = (booted / "systemctl").read_text().splitlines()
    assert "enable --now 3factor-pool.timer" in commands
    # systemd loads the unit before starting it, and the pool starts with the instance.
    assert commands.index("daemon-reload") < commands.index("enable --now 3factor-pool.timer")
    assert "enable pgbouncer" in commands
    installed = booted / "root/opt/3factor-pool"
    unit = (booted / "root/etc/systemd/system/3factor-pool.service").read_text()
    assert f"ExecStart=/bin/bash {installed}/bootstrap.sh tick" in unit
    assert (installed / "bootstrap.sh").is_file() and (installed / "pgbouncer.ini").is_file()


def test_timer_settings_contain_no_secret(booted: Path):
    settings = (booted / "root/etc/3factor-pool.env").read_text()
    assert 'POOL_SECRET_ARNS="app"' in settings and "s3cret" not in settings
    users = (booted / "pgbouncer/userlist.txt").read_text().splitlines()
    assert users[0] == '"app" "s3cret"'
    monitor = users[1].split()[1].strip('"')
    assert users[1].startswith('"pool_monitor" ') and len(monitor) == 48 and len(users) == 2
    assert monitor not in settings


@pytest.mark.parametrize("version", ["1.18.0", "1.20.1", "1.21.0", "1.24.1", "2.0.0"])
def test_prepared_statements_are_tracked_by_versions_that_can(booted: Path, version: str):
    lines = (booted / "pgbouncer/pgbouncer.ini").read_text().splitlines()
    expected = version not in ("1.18.0", "1.20.1")
    assert ("max_prepared_statements = 100" in lines) == expected
    assert ("max_prepared_statements" in lines[-1]) == expected


@pytest.mark.parametrize("settings", [{"POOL_TARGET_GROUP": "arn:group"}])
def test_instance_succeeds_after_the_load_balancer_uses_it(booted: Path):
    """The check by a query comes first: it tells the cause."""
    assert len((booted / "health").read_text().splitlines()) == 3


def test_instance_without_connections_fails(tmp_path: Path, version: str):
    ran = boot(tmp_path, version, {"POOL_TARGET_GROUP": "arn:group", "POOL_HEALTH_TRIES": "2"})
    assert ran.returncode != 0
    assert "the load balancer does not report this instance as healthy: initial" in ran.stderr


@pytest.mark.parametrize("settings", [{"POOL_DATABASES": "food"}])
def test_clients_use_the_configured_database_only(booted: Path):
    lines = (booted / "pgbouncer/pgbouncer.ini").read_text().splitlines()
    section = lines[lines.index("[databases]") + 1 : lines.index("[pgbouncer]")]
    databases = [line.split(" = ")[0] for line in section if line and not line.startswith(";")]
    assert databases == ["food"]
    # The timer renders the file again.
    assert 'POOL_DATABASES="food"' in (booted / "root/etc/3factor-pool.env").read_text()


def test_lost_clients_are_detected(booted: Path):
    settings = dict(line.split(" = ", 1) for line in (booted / "pgbouncer/pgbouncer.ini").read_text().splitlines() if " = " in line)
    idle, interval, count = (int(settings[name]) for name in ("tcp_keepidle", "tcp_keepintvl", "tcp_keepcnt"))
    assert idle + interval * count <= 120


@pytest.mark.parametrize("settings", [{"POOL_SHELL": "true", "AWS_REGION": "eu-central-1"}])
def test_session_manager_is_installed_on_request(booted: Path):
    assert (booted / "packages").read_text() == "-i /tmp/amazon-ssm-agent.deb\n"


def test_session_manager_is_not_installed_by_default(booted: Path):
    assert not (booted / "packages").exists()


def metrics_of(state: Path) -> dict[str, float]:
    """Values of the last call."""
    call = (state / "metrics").read_text().splitlines()[-1]
    assert "--namespace threefactor " in call
    published = json.loads(call.partition("--metric-data ")[2])
    assert all(metric["Dimensions"] == [{"Name": "Stage", "Value": "dev"}] for metric in published)
    return {metric["MetricName"]: metric["Value"] for metric in published}


def test_waiting_clients_and_failed_refreshes_are_published(tmp_path: Path, version: str):
    settings = {"POOL_STAGE": "dev", "POOL_RELOAD": "true"}
    assert boot(tmp_path, version, settings).returncode == 0
    assert boot(tmp_path, version, settings, "tick").returncode == 0
    assert metrics_of(tmp_path) == {"PoolFailures": 0, "PoolWaitingClients": 5, "PoolLongestWait": 7}
    (tmp_path / "denied").touch()
    assert boot(tmp_path, version, settings, "tick").returncode != 0
    assert metrics_of(tmp_path) == {"PoolFailures": 1, "PoolWaitingClients": 5, "PoolLongestWait": 7}


def test_journal_is_sent_to_cloudwatch(tmp_path: Path, version: str):
    settings = {"POOL_STAGE": "dev", "POOL_RELOAD": "true", "POOL_LOG": "/threefactor/dev/pool"}
    assert boot(tmp_path, version, settings).returncode == 0
    assert 'POOL_LOG="/threefactor/dev/pool"' in (tmp_path / "root/etc/3factor-pool.env").read_text()
    # The stream exists at the second time.
    for _ in range(2):
        assert boot(tmp_path, version, settings, "tick").returncode == 0
    calls = (tmp_path / "logs").read_text().splitlines()
    assert len(calls) == 2 and "--log-group-name /threefactor/dev/pool --log-stream-name ip-10-42-0-7 " in calls[0]
    assert json.loads((tmp_path / "events").read_text()) == [
        {"timestamp": 1700000001000, "message": "first"},
        {"timestamp": 1700000002000, "message": "second"},
    ]


def test_nothing_is_published_without_a_stage(tmp_path: Path, version: str):
    assert boot(tmp_path, version, {}).returncode == 0
    assert boot(tmp_path, version, {"POOL_RELOAD": "true"}, "tick").returncode == 0
    assert not (tmp_path / "metrics").exists()
