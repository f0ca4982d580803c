"""The embedded servers: shared, stopped by the last user, recovered after a crash."""

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from config.embedded.processes import processes_in
from tests.config.processes import (
    next_line,
    run_module,
    run_with_servers,
    start_module,
)

SHOW_DATABASE = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print(*connection.execute({query!r}).fetchone())
"""

LOOK_BACK = SHOW_DATABASE.format(query="SELECT count(*) FROM kept")

KEEP_A_ROW_AND_WAIT = """
import os, psycopg, time
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS number")
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """One data folder for the module: making a cluster is the slow part."""
    folder = tmp_path_factory.mktemp("embedded") / "data with space"
    yield folder
    for process in servers_of(folder):
        process.kill()


def servers_of(data: Path) -> list[psutil.Process]:
    return [
        *processes_in(data / "postgres", "postgres"),
        *processes_in(data / "valkey", "valkey-server"),
    ]


def start_user(data: Path, code: str) -> subprocess.Popen[str]:
    command = ["run", "--data", str(data), "--", sys.executable, "-c", code]
    return start_module("config.embedded", *command)


def finish(process: subprocess.Popen[str], number: signal.Signals) -> int:
    process.send_signal(number)
    process.communicate(timeout=30)
    return process.returncode


def test_the_program_is_no_superuser_but_may_create_roles_and_databases(data):
    query = (
        "SELECT rolsuper, rolcreaterole, rolcreatedb, current_database() "
        "FROM pg_roles WHERE rolname = current_user"
    )

    shown = run_with_servers(data, SHOW_DATABASE.format(query=query))

    assert shown == "False True True touchstone"


def test_the_broker_wants_its_password(data):
    code = """
import os, redis, urllib.parse
url = urllib.parse.urlsplit(os.environ["BROKER_URL"])
for password in (url.password, None):
    try:
        print(redis.Redis(port=url.port, password=password, retry=None).ping())
    except redis.AuthenticationError:
        print("refused")
"""

    assert run_with_servers(data, code).split() == ["True", "refused"]


def test_the_last_user_stops_the_servers(data):
    run_with_servers(data, "print('done')")

    assert servers_of(data) == []


def test_passwords_are_for_the_owner_only(data):
    run_with_servers(data, "print('done')")

    assert stat.S_IMODE((data / "servers.json").stat().st_mode) == 0o600


def test_a_second_user_shares_and_leaves_them_to_the_first(data):
    query = "SELECT pg_postmaster_start_time()"
    code = SHOW_DATABASE.format(query=query)
    first = start_user(data, f"{code}\nprint(flush=True)\nimport time; time.sleep(60)")
    started_at = next_line(first)

    seen_by_second = run_with_servers(data, code)
    remaining = servers_of(data)
    code_of_first = finish(first, signal.SIGTERM)

    assert seen_by_second == started_at
    assert remaining != []
    assert code_of_first == 130
    assert servers_of(data) == []


@pytest.mark.parametrize("victims", ["user", "everything", "postmaster"])
def test_rows_survive_a_kill(data, victims):
    user = start_user(data, KEEP_A_ROW_AND_WAIT)
    assert next_line(user) == "ready"
    people = [psutil.Process(user.pid), *psutil.Process(user.pid).children()]
    killed = {
        "user": people,
        "everything": [*people, *servers_of(data)],
        "postmaster": [postmaster(data), *people],
    }

    for process in killed[victims]:
        process.kill()
    user.communicate(timeout=30)
    rows = run_with_servers(data, LOOK_BACK)

    assert rows == "1"
    assert servers_of(data) == []


def postmaster(data: Path) -> psutil.Process:
    number = (data / "postgres" / "postmaster.pid").read_text().split("\n")[0]
    return psutil.Process(int(number))


def test_a_stale_pid_file_kills_no_stranger(data):
    port = run_with_servers(data, SHOW_DATABASE.format(query="SHOW port"))
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
    ) as stranger:
        for name in ("postmaster.pid", f".s.PGSQL.{port}.lock"):
            (data / "postgres" / name).write_text(f"{stranger.pid}\n")

        shown = run_with_servers(data, SHOW_DATABASE.format(query="SELECT 'works'"))

        is_alive = stranger.poll() is None
        stranger.kill()
    assert (shown, is_alive) == ("works", True)


OVER_TCP = SHOW_DATABASE.format(query="SELECT inet_server_addr() IS NOT NULL")


def test_the_database_is_reached_by_its_socket(data):
    assert run_with_servers(data, OVER_TCP) == "False"


def test_where_the_path_is_too_long_for_a_socket_the_database_is_reached_by_tcp(
    tmp_path,
):
    assert run_with_servers(tmp_path / ("long" * 25), OVER_TCP) == "True"


def test_a_port_that_was_taken_meanwhile_is_given_up(data):
    code = "import os; print(os.environ['DATABASE_URL'].rpartition(':')[2])"
    before = run_with_servers(data, code)
    port = int(before.partition("/")[0])

    with socket.create_server(("127.0.0.1", port)):
        after = run_with_servers(data, code)

    assert after != before


def test_the_exit_code_of_the_command_is_passed_on(data):
    code = "import sys; sys.exit(7)"
    command = ["run", "--data", str(data), "--", sys.executable, "-c", code]

    assert run_module("config.embedded", *command).returncode == 7


def test_external_addresses_start_nothing(tmp_path):
    urls = {
        "DATABASE_URL": "postgresql://me@db.example/work",
        "BROKER_URL": "redis://broker.example/0",
    }
    code = "import os; print(os.environ['DATABASE_URL'], os.environ['BROKER_URL'])"
    command = [
        "run",
        "--data",
        str(tmp_path / "data"),
        "--",
        sys.executable,
        "-c",
        code,
    ]

    done = run_module("config.embedded", *command, **urls)

    assert done.stdout.split() == list(urls.values())
    assert not (tmp_path / "data").exists()


def test_a_temporary_folder_is_removed_when_interrupted(tmp_path):
    process = start_module(
        "config.embedded",
        *("run", "--temporary", "--no-fsync", "--"),
        *(sys.executable, "-c", "print(1, flush=True); import time; time.sleep(60)"),
        TMPDIR=str(tmp_path),
    )
    assert next_line(process) == "1"
    [folder] = tmp_path.iterdir()

    finish(process, signal.SIGINT)

    assert list(tmp_path.iterdir()) == []
    assert servers_of(folder) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs them as somebody else")
def test_root_runs_them_below_a_closed_folder_without_opening_it(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data = closed / "data"
    above = [closed, *closed.parents]
    modes = [(folder.stat().st_mode, folder.stat().st_uid) for folder in above]
    user = start_user(data, "print('ready', flush=True); import time; time.sleep(60)")

    assert next_line(user) == "ready"
    owners = {process.uids().effective for process in servers_of(data)}
    finish(user, signal.SIGTERM)

    assert owners
    assert 0 not in owners
    assert modes == [(folder.stat().st_mode, folder.stat().st_uid) for folder in above]


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()
    data = tmp_path / "file" / "data"

    done = run_module("config.embedded", "run", "--data", str(data), "--", "true")

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"Cannot write to the data folder {data}: Not a directory."
    ]
