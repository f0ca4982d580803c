"""Finding and ending the processes that serve a folder, and no others."""

import signal
from collections.abc import Sequence
from pathlib import Path

import psutil


def processes_in(folder: Path, name: str) -> list[psutil.Process]:
    """The processes of a program whose working directory is the folder.

    Both servers work inside their own data folder. That is a surer sign than a
    number in a file, which may long belong to a stranger.
    """
    target = str(folder.resolve())
    return [
        process
        for process in psutil.process_iter(["name"])
        if process.info["name"] == name and _working_directory(process) == target
    ]


def end(
    processes: Sequence[psutil.Process],
    *,
    number: signal.Signals = signal.SIGTERM,
    patience: float = 10,
) -> None:
    """Ask the processes to end; kill those that have not after `patience`."""
    for process in processes:
        _send(process, number)
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=patience)


def _working_directory(process: psutil.Process) -> str | None:
    try:
        return process.cwd()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
