"""The order of the steps of `bootstrap.sh boot`, with stubs that behave like Debian's commands. The script was tested once
manually on a fresh Debian 12 with systemd, see docs/deploy.md."""

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
    "curl": """while [ "$1" != -o ]; do shift; done; echo certificates >"$2" """,
    "aws": """
        case $* in
          *app*) echo '{"username": "app", "password": "s3cret"}' ;;
          *) echo '{"certificate": "-----BEGIN C", "key": "-----BEGIN K", "ca": "-----BEGIN A"}' ;;
        esac""",
    "pgbouncer": """printf 'PgBouncer %s\\nlibevent 2.1.12-stable\\n' "$VERSION" """,
    "psql": """[ -s "$STATE/listening" ] && echo 1""",
}


@pytest.fixture
def version() -> str:
    """Version of pgBouncer: Debian 12's."""
    return "1.18.0"


@pytest.fixture
def booted(tmp_path: Path, version: str) -> Path:
    """Runs `boot`; returns the directory with the results."""
    bin_dir, pool_dir = tmp_path / "bin", tmp_path / "pgbouncer"
    bin_dir.mkdir()
    pool_dir.mkdir()
    for name, body in COMMANDS.items():
        command = bin_dir / name
        command.write_text(f"#!/bin/bash\n{body}\n")
        command.chmod(0o755)
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
    }
    (tmp_path / "root/etc").mkdir(parents=True)
    command = ["bash", str(INFRA / "pgbouncer/bootstrap.sh"), "boot"]
    ran = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return tmp_path


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
    assert f"ExecStart=/bin/bash {installed}/bootstrap.sh refresh" in unit
    assert (installed / "bootstrap.sh").is_file() and (installed / "pgbouncer.ini").is_file()


def test_timer_settings_contain_no_secret(booted: Path):
    settings = (booted / "root/etc/3factor-pool.env").read_text()
    assert 'POOL_SECRET_ARNS="app"' in settings and "s3cret" not in settings
    assert (booted / "pgbouncer/userlist.txt").read_text() == '"app" "s3cret"\n'


@pytest.mark.parametrize("version", ["1.18.0", "1.20.1", "1.21.0", "1.24.1", "2.0.0"])
def test_prepared_statements_are_tracked_by_versions_that_can(booted: Path, version: str):
    lines = (booted / "pgbouncer/pgbouncer.ini").read_text().splitlines()
    expected = version not in ("1.18.0", "1.20.1")
    assert ("max_prepared_statements = 100" in lines) == expected
    assert ("max_prepared_statements" in lines[-1]) == expected
