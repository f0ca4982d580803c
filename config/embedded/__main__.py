"""Run a command with the embedded servers: `python -m config.embedded run -- CMD`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.embedded import ServersUnavailable, quiet_signals, servers
from config.env import data_dir

STOP_SECONDS = 10


def main() -> int:
    options = parse()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with folder(options) as data:
            os.environ["TOUCHSTONE_DATA"] = str(data)
            with servers(data, fsync=options.fsync) as urls:
                return run(options.command, {**os.environ, **urls.environment()})
    except ServersUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="config.embedded", description=__doc__)
    parser.add_argument("verb", choices=["run"])
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--data", type=Path, metavar="DIR", help="the data folder")
    where.add_argument(
        "--temporary", action="store_true", help="a new folder, removed at the end"
    )
    parser.add_argument(
        "--no-fsync", dest="fsync", action="store_false", help="fast; for tests only"
    )
    parser.add_argument("command", nargs="+", metavar="CMD")
    return parser.parse_args()


@contextmanager
def folder(options: argparse.Namespace) -> Iterator[Path]:
    if not options.temporary:
        yield options.data or data_dir()
        return
    path = Path(tempfile.mkdtemp(prefix="touchstone-"))
    try:
        yield path
    finally:
        with quiet_signals():
            shutil.rmtree(path)


def run(command: list[str], environment: dict[str, str]) -> int:
    process = subprocess.Popen(command, env=environment)  # noqa: S603
    try:
        return process.wait()
    except KeyboardInterrupt:
        # From a terminal the command got the signal too, else it needs it.
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


if __name__ == "__main__":
    sys.exit(main())
