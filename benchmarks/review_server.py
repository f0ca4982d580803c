"""The programs of bin/up on a folder of their own, and reviewers who use them."""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import psutil
from django.core.management import call_command

from config import children, embedded
from config.embedded.records import free_port

HOST = "127.0.0.1"
HERE = Path(__file__).parent
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """The programs, and what they have used of the cores."""

    port: int
    programs: list[children.Child]
    database: psutil.Process

    def cpu_seconds(self) -> dict[str, float]:
        """By kind of program: the web servers are one."""
        used = defaultdict[str, float](float)
        used["database"] = cpu_seconds(self.database)
        for child in self.programs:
            if child.process is not None:
                kind = child.name.rstrip(" 0123456789").replace(" ", "_")
                used[kind] += cpu_seconds(psutil.Process(child.process.pid))
        return used


def set_up(urls: embedded.Urls) -> None:
    os.environ.update(urls.environment())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def serving(folder: Path, urls: embedded.Urls) -> Iterator[Server]:
    """The programs of bin/up, for as long as the block runs."""
    port = free_port(0)
    programs = children.programs(folder, host=HOST, port=port)
    try:
        for child in programs:
            child.start(urls)
        deadline = time.monotonic() + START_SECONDS
        while count_listeners(port) < children.WEB_SERVERS:
            if time.monotonic() > deadline or not programs[0].is_alive():
                raise SystemExit(programs[0].log.read_text())
            time.sleep(0.1)
        yield Server(port, programs, postmaster(folder))
    finally:
        children.stop(folder, programs)


def count_listeners(port: int) -> int:
    found = psutil.net_connections("tcp")
    listeners = [one for one in found if one.status == psutil.CONN_LISTEN]
    return sum(tuple(one.laddr)[1:2] == (port,) for one in listeners)


def postmaster(folder: Path) -> psutil.Process:
    text = (folder / "postgres" / "postmaster.pid").read_text()
    return psutil.Process(int(text.split("\n", 1)[0]))


def cpu_seconds(process: psutil.Process) -> float:
    """Of a process and all that it has started, also of those that have ended.

    One that ends while it is looked at has its time in its parent's.
    """
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            total += times.user + times.system
            total += times.children_user + times.children_system
    return total


def play(plan: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(HERE / "http_reviewers.py")],
        input=json.dumps(plan).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    played: dict[str, Any] = json.loads(done.stdout)
    return played
