"""Reviewers at work while web workers, Celery and PostgreSQL are killed with -9.

    python benchmarks/faults.py --minutes 3
    python benchmarks/faults.py --minutes 1 --no-kills

Starts bin/up's supervisor on a throw-away folder, with fsync on, and lets it revive
what dies. Reviewers repeat what was not answered. Afterwards every judgment that was
acknowledged has to be in the database once. Exits with 1 where it is not.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

import psutil
from django.db import connection
from django.db.utils import OperationalError

CHECKOUT = Path(__file__).parent.parent
sys.path.insert(0, str(CHECKOUT))

from benchmarks.review_server import (  # noqa: E402
    HOST,
    START_SECONDS,
    play,
    postmaster,
    set_up,
)
from config import embedded  # noqa: E402
from config.children import MARK  # noqa: E402
from config.embedded.records import free_port, is_listening  # noqa: E402

PROMISES = ("over_assigned", "same_reviewer_twice", "lost", "duplicated")
PAUSES = (4.0, 10.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--reviewers", type=int, default=32)
    parser.add_argument("--overlap", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-kills", dest="kills", action="store_false")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="touchstone-") as folder:
        os.environ["TOUCHSTONE_DATA"] = folder
        with embedded.servers(Path(folder)) as urls:
            result = run(options, Path(folder), urls)
    report(result, as_json=options.json)
    broken = (*PROMISES, "acknowledged_twice", "errors")
    return 1 if any(result[name] for name in broken) else 0


def run(
    options: argparse.Namespace, folder: Path, urls: embedded.Urls
) -> dict[str, Any]:
    set_up(urls)
    # Only now: it needs the settings.
    from benchmarks import review_queue  # noqa: PLC0415

    queue = review_queue.make_review_queue(
        n_items=options.items, n_reviewers=options.reviewers, overlap=options.overlap
    )
    review_queue.analyse(review_queue.FILLED)
    seconds = 60 * options.minutes
    with supervised(folder) as port:
        killer = Killer(folder, seconds if options.kills else 0, Random(options.seed))
        killer.start()
        played = play(
            {
                **asdict(queue),
                "host": HOST,
                "port": port,
                "seconds": seconds,
                "is_patient": True,
                # So that the queue lasts until the end, and not longer.
                "thinks_seconds": seconds
                * options.reviewers
                / (options.items * options.overlap),
            }
        )
        killer.join()
        reconnect()
        found = review_queue.check(played["acknowledged"])
    return {
        "minutes": options.minutes,
        "reviewers": options.reviewers,
        "items": options.items,
        "killed": dict(killer.killed),
        "repeated_requests": played["retries"],
        "errors": sum(played["errors"].values()),
        "error_messages": played["errors"],
        "cycles_per_second": round(len(played["acknowledged"]) / played["seconds"], 1),
        **found,
    }


@contextmanager
def supervised(folder: Path) -> Iterator[int]:
    """bin/up, on the servers that run already; the port on which it serves."""
    port = free_port(0)
    command = ["-m", "config.up", "--no-sample", f"--port={port}", f"--data={folder}"]
    up = subprocess.Popen([sys.executable, *command], cwd=CHECKOUT, env=environment())
    try:
        deadline = time.monotonic() + START_SECONDS
        while not is_listening(HOST, port):
            if up.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("bin/up does not start")
            time.sleep(0.2)
        yield port
    finally:
        up.send_signal(signal.SIGINT)
        up.wait()


def environment() -> dict[str, str]:
    # Without the addresses, so that it takes the servers for its own to revive.
    mine = {"DATABASE_URL", "BROKER_URL"}
    return {name: value for name, value in os.environ.items() if name not in mine}


class Killer(threading.Thread):
    """Kills one process of the folder at random moments, and knows no others."""

    def __init__(self, folder: Path, seconds: float, rng: Random) -> None:
        super().__init__()
        self.folder = folder
        self.deadline = time.monotonic() + seconds
        self.rng = rng
        self.killed: Counter[str] = Counter()

    def run(self) -> None:
        while True:
            pause = self.rng.uniform(*PAUSES)
            # The last victim has time to come back before the reviewers stop.
            if time.monotonic() + pause > self.deadline - PAUSES[1]:
                return
            time.sleep(pause)
            kind = self.rng.choice(["web", "celery", "postgres"])
            victims = self._victims(kind)
            if victims:
                with suppress(psutil.NoSuchProcess):
                    self.rng.choice(victims).kill()
                    self.killed[kind] += 1

    def _victims(self, kind: str) -> list[psutil.Process]:
        if kind == "postgres":
            with suppress(OSError, psutil.NoSuchProcess):
                server = postmaster(self.folder)
                # The server, or one of its backends: both end every connection.
                return [server, *server.children()]
            return []
        word = "granian" if kind == "web" else "worker"
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if self._is_leader(process, word):
                    return [process, *process.children()]
        return []

    def _is_leader(self, process: psutil.Process, word: str) -> bool:
        return (
            process.environ().get(MARK) == str(self.folder)
            and word in process.cmdline()
            and os.getsid(process.pid) == process.pid
        )


def reconnect() -> None:
    """The connection of this process died with the database, perhaps many times."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        connection.close()
        try:
            connection.ensure_connection()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def report(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name.replace('_', ' '):<26} {value}")


if __name__ == "__main__":
    sys.exit(main())
