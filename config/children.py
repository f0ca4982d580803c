"""The programs that bin/up starts beside the servers, and ending all of them."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.embedded import Urls
from config.embedded.logs import open_log
from config.embedded.processes import end
from config.env import CHECKOUT

# Every child carries it, and whatever it starts inherits it. After a kill -9
# of bin/up they are found by this mark, and no stranger can be taken for one.
MARK = "TOUCHSTONE_STARTED_BY_UP_ON"

# On one port, each with a socket of its own, over which the kernel spreads those who
# connect. The workers of one server share a socket: whichever is awake takes nearly
# everybody, and whoever is connected stays.
WEB_SERVERS = 2

STOP_SECONDS = 6
LONGEST_PAUSE = 30
HEALTHY_SECONDS = 60


@dataclass
class Child:
    name: str
    command: list[str]
    data: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    pause: float = 1
    due_at: float = 0

    @property
    def log(self) -> Path:
        return self.data / "log" / f"{self.name.replace(' ', '-')}.log"

    def start(self, urls: Urls) -> None:
        with open_log(self.log) as output:
            self.process = subprocess.Popen(  # noqa: S603
                self.command,
                env=environment(self.data, urls),
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.started_at = time.monotonic()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def restart_if_dead(self, urls: Urls) -> None:
        """Start again after a pause that doubles while the child keeps dying."""
        now = time.monotonic()
        if self.process is None and now >= self.due_at:
            self.start(urls)
        elif self.process is not None and (code := self.process.poll()) is not None:
            if now - self.started_at > HEALTHY_SECONDS:
                self.pause = 1
            sys.stderr.write(
                f"The {self.name} ended with code {code}: starting it again in "
                f"{self.pause:.0f} s (see {self.log}).\n"
            )
            # Its own children may live on, and still hold the port.
            end_leftovers(self.data, session=self.process.pid)
            self.process = None
            self.due_at = now + self.pause
            self.pause = min(2 * self.pause, LONGEST_PAUSE)


def programs(data: Path, *, host: str, port: int) -> list[Child]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "config"]
    schedule = data / "run" / "beat-schedule"
    granian = [
        *python,
        "granian",
        "--interface=wsgi",
        f"--host={host}",
        f"--port={port}",
        "--workers=1",
        "--blocking-threads=4",
        "--workers-kill-timeout=3",
        "--respawn-failed-workers",
        "--respawn-interval=1",
        "--no-ws",
        "config.wsgi:application",
    ]
    worker = [
        *(*celery, "worker", "--concurrency=2", "--loglevel=info"),
        *("--without-gossip", "--without-mingle"),
    ]
    beat = [*celery, "beat", f"--schedule={schedule}", "--loglevel=info"]
    webs = [
        Child(f"web server {number}", granian, data)
        for number in range(1, WEB_SERVERS + 1)
    ]
    return [*webs, Child("worker", worker, data), Child("schedule", beat, data)]


def environment(data: Path, urls: Urls) -> dict[str, str]:
    return {**os.environ, **urls.environment(), MARK: str(data)}


def stop(data: Path, children: list[Child]) -> None:
    """Ask every child to end its own children; then end whatever is left."""
    leaders = [child.process for child in children if child.process is not None]
    for leader in leaders:
        leader.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for leader in leaders:
        try:
            leader.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            leader.kill()
            leader.wait()
    for child in children:
        child.process = None
    end_leftovers(data)


def end_leftovers(data: Path, *, session: int | None = None) -> None:
    """End all that bin/up has started on the folder, or one child's session of it."""
    found = [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid()
        and _mark_of(process) == str(data)
        and session in (None, _session_of(process))
    ]
    end(found, patience=5)


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _session_of(process: psutil.Process) -> int | None:
    try:
        return os.getsid(process.pid)
    except ProcessLookupError:
        return None
