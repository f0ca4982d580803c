"""The log files of the programs that run beside this one."""

from pathlib import Path
from typing import BinaryIO

KEPT_BYTES = 10_000_000


def open_log(path: Path) -> BinaryIO:
    """Open for appending; one that has grown large becomes `NAME.log.1` first."""
    if path.exists() and path.stat().st_size > KEPT_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")


def last_lines(path: Path, count: int = 1) -> str:
    """The end of a log, on one line."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "no log"
    return " | ".join(line.strip() for line in text.splitlines()[-count:])
