"""PostgreSQL and Valkey as children of this program, in the data folder.

Whoever needs them says `with servers(data_dir) as urls`. The first user starts
them, later ones share them, and the last one out stops them.
"""

import fcntl
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from config.embedded import postgres, valkey
from config.embedded.account import ServersUnavailable
from config.embedded.records import HOST, Records, is_listening
from config.env import BROKER_SCHEMES, DATABASE_SCHEMES, env_url

__all__ = [
    "ServersUnavailable",
    "Urls",
    "are_reachable",
    "is_made",
    "prepare_folder",
    "quiet_signals",
    "revive",
    "servers",
]


@dataclass(frozen=True)
class Urls:
    database_url: str
    broker_url: str

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "BROKER_URL": self.broker_url}


def is_made(data_dir: Path) -> bool:
    """Whether there is a database: one elsewhere, or one in the folder."""
    cluster = data_dir / "postgres" / "PG_VERSION"
    return bool(_external()["database_url"]) or cluster.is_file()


@contextmanager
def servers(data_dir: Path, *, fsync: bool = True) -> Iterator[Urls]:
    """Addresses of a running database and broker, for as long as the block runs.

    DATABASE_URL and BROKER_URL replace the embedded servers, each its own.
    Without fsync a power cut may cost data: for tests only.
    """
    if all(_external().values()):
        yield Urls(**_external())
        return
    data_dir = data_dir.resolve()
    run_dir = prepare_folder(data_dir / "run")
    prepare_folder(data_dir / "log").chmod(0o700)
    with (run_dir / "servers.users").open("a") as users:
        try:
            with _exclusive(run_dir):
                fcntl.flock(users, fcntl.LOCK_SH)
                urls = _start_missing(data_dir, fsync=fsync)
            yield urls
        finally:
            with quiet_signals(), _exclusive(run_dir):
                _stop_unless_used(data_dir, users)


def revive(data_dir: Path) -> Urls:
    """Inside of `servers`: start again what has died since."""
    with _exclusive(data_dir.resolve() / "run"):
        return _start_missing(data_dir.resolve(), fsync=True)


def are_reachable(urls: Urls) -> bool:
    """Whether the embedded ones among the servers still listen."""
    external = _external().values()
    addresses = [urlsplit(url) for url in (urls.database_url, urls.broker_url)]
    return all(
        address.geturl() in external or is_listening(HOST, address.port or 0)
        for address in addresses
    )


def prepare_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
        (folder / ".writable").unlink()
    except OSError as error:
        raise ServersUnavailable(
            f"Cannot write to the data folder {folder.parent}: {error.strerror}."
        ) from None
    return folder


@contextmanager
def quiet_signals() -> Iterator[None]:
    """Keep a second Ctrl-C from leaving a stop half done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def _exclusive(run_dir: Path) -> Iterator[None]:
    # Starting, joining and leaving happen one at a time; the kernel lets go of
    # both locks when a process dies, however it dies.
    with (run_dir / "servers.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _external() -> dict[str, str]:
    return {
        "database_url": env_url("DATABASE_URL", schemes=DATABASE_SCHEMES),
        "broker_url": env_url("BROKER_URL", schemes=BROKER_SCHEMES),
    }


def _start_missing(data_dir: Path, *, fsync: bool) -> Urls:
    external = _external()
    records = Records.load(data_dir)
    return Urls(
        database_url=external["database_url"]
        or postgres.ensure_running(records, fsync=fsync),
        broker_url=external["broker_url"] or valkey.ensure_running(records),
    )


def _stop_unless_used(data_dir: Path, users: TextIO) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    valkey.stop(data_dir)
    postgres.stop(data_dir)
