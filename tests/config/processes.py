"""Running the project's own programs in tests, apart from the test's own servers."""

import os
import subprocess
import sys
from pathlib import Path

from config.env import CHECKOUT

PATIENCE = 60


def clean_environment(**extra: str) -> dict[str, str]:
    """What a fresh login has: no addresses of servers, no data folder."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": str(CHECKOUT),
        **extra,
    }


def start_module(module: str, *arguments: str, **extra: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env=clean_environment(**extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_module(
    module: str, *arguments: str, **extra: str
) -> subprocess.CompletedProcess[str]:
    with start_module(module, *arguments, **extra) as process:
        output, errors = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess([module], process.returncode, output, errors)


def run_with_servers(data: Path, code: str) -> str:
    """The output of Python code that runs beside the servers of a data folder."""
    done = run_module(
        "config.embedded",
        *("run", "--no-fsync", "--data", str(data), "--"),
        *(sys.executable, "-c", code),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def next_line(process: subprocess.Popen[str]) -> str:
    """What the process prints next; its errors when it ends without a word."""
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout.readline().strip() or process.stderr.read()
