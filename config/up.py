"""bin/up: everything that Touchstone is made of, kept running in the foreground."""

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config import children, embedded
from config.children import Child
from config.embedded.logs import last_lines, open_log
from config.embedded.records import is_free, is_listening
from config.env import CHECKOUT, data_dir, folder_of

POLL_SECONDS = 0.2
SERVERS_SECONDS = 2
WEB_SECONDS = 60


class CannotStart(Exception):
    """The message is one line for the person at the terminal."""


def main() -> int:
    # Also where a shell that starts a background job has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        run(parse())
    except (CannotStart, embedded.ServersUnavailable, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/up", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=port_number, default=8000, help="default: 8000")
    parser.add_argument(
        "--data",
        default=str(data_dir()),
        metavar="DIR",
        help="where everything is kept (default: %(default)s)",
    )
    parser.add_argument(
        "--no-sample",
        dest="sample",
        action="store_false",
        help="start empty, with one administrator, instead of with the sample project",
    )
    return parser.parse_args()


def port_number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError
    return number


def run(options: argparse.Namespace) -> None:
    data = folder_of(options.data)
    os.environ["TOUCHSTONE_DATA"] = str(data)
    embedded.prepare_folder(data / "run")
    embedded.prepare_folder(data / "log").chmod(0o700)
    with only_one(data):
        children.end_leftovers(data)
        require_free(options.host, options.port)
        with embedded.servers(data) as urls:
            prepare(data, urls, sample=options.sample)
            supervise(options, data, urls)


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    with (data / "run" / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"bin/up is already running on {data}: stop it, or choose another --data."
            ) from None
        yield


def require_free(host: str, port: int) -> None:
    try:
        free = is_free(host, port)
    except OSError as error:
        raise CannotStart(
            f"Cannot listen on {host}:{port}: {error.strerror}."
        ) from None
    if not free:
        raise CannotStart(
            f"Port {port} is taken on {host}: choose another with --port."
        )


def prepare(data: Path, urls: embedded.Urls, *, sample: bool) -> None:
    """Bring the database up to date and fill an empty one."""
    sys.stderr.write("Preparing the database ...\n")
    first = not (data / "sign-in.txt").exists()
    log = data / "log" / "prepare.log"
    command = [sys.executable, "-m", "config.prepare"]
    with open_log(log) as output:
        outcome = subprocess.run(  # noqa: S603
            command if sample else [*command, "--no-sample"],
            env=children.environment(data, urls),
            stdout=output,
            stderr=output,
            cwd=CHECKOUT,
            check=False,
        )
    if outcome.returncode != 0:
        raise CannotStart(f"Preparing the database failed: {last_lines(log)} ({log}).")
    if first:
        with suppress(FileNotFoundError):
            sys.stdout.write((data / "sign-in.txt").read_text(encoding="utf-8"))


def supervise(options: argparse.Namespace, data: Path, urls: embedded.Urls) -> None:
    """Keep the children and the embedded servers alive until interrupted."""
    # Once more: preparing took a while, and two servers on one port share its visitors.
    require_free(options.host, options.port)
    programs = children.programs(data, host=options.host, port=options.port)
    try:
        for child in programs:
            child.start(urls)
        announce(options, data, programs)
        checked_at = time.monotonic()
        while True:
            time.sleep(POLL_SECONDS)
            if time.monotonic() - checked_at > SERVERS_SECONDS:
                urls = revive(data, urls, programs)
                checked_at = time.monotonic()
            for child in programs:
                child.restart_if_dead(urls)
    finally:
        with embedded.quiet_signals():
            children.stop(data, programs)


def revive(data: Path, urls: embedded.Urls, programs: list[Child]) -> embedded.Urls:
    """Start a database or broker that has died again, where it was if possible."""
    if embedded.are_reachable(urls):
        return urls
    sys.stderr.write("The embedded servers are gone: starting them again.\n")
    fresh = embedded.revive(data)
    if fresh != urls:
        # Another program took a port meanwhile: the children must hear of it.
        children.stop(data, programs)
    return fresh


def announce(options: argparse.Namespace, data: Path, programs: list[Child]) -> None:
    deadline = time.monotonic() + WEB_SECONDS
    while not is_listening(options.host, options.port):
        dead = [child for child in programs if not child.is_alive()]
        if dead or time.monotonic() > deadline:
            child = dead[0] if dead else programs[0]
            raise CannotStart(
                f"The {child.name} does not start: {last_lines(child.log)} ({child.log})."
            )
        time.sleep(POLL_SECONDS)
    sys.stdout.write(
        f"Touchstone is running at http://{options.host}:{options.port}/ "
        "(Ctrl-C stops it).\n"
    )
    if (data / "sign-in.txt").exists():
        sys.stdout.write(f"Names and passwords: {data / 'sign-in.txt'}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
