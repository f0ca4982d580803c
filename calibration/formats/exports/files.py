"""Writing files of any size, and counting what a format has no place for."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec

# Some readers end a line at these, and JSON may hold them as they are.
_LINE_ENDS = (
    (b"\xc2\x85", rb"\u0085"),
    (b"\xe2\x80\xa8", rb"\u2028"),
    (b"\xe2\x80\xa9", rb"\u2029"),
)


class Losses(Counter[str]):
    """In how many cases a thing did not fit the format; told after the export."""


class Write(Protocol):
    def __call__(self, value: Any, /) -> None: ...


@contextmanager
def json_lines(path: Path) -> Iterator[Write]:
    with path.open("wb") as stream:
        yield lambda value: _write(stream.write, encode(value), b"\n")


@contextmanager
def json_array(path: Path) -> Iterator[Write]:
    """One array, a value a line."""
    with path.open("wb") as stream:
        separator = b"[\n"

        def write(value: Any) -> None:
            nonlocal separator
            _write(stream.write, separator, encode(value))
            separator = b",\n"

        yield write
        stream.write(b"[\n]\n" if separator == b"[\n" else b"\n]\n")


def encode(value: Any) -> bytes:
    data = msgspec.json.encode(value)
    for raw, escaped in _LINE_ENDS:
        if raw in data:
            data = data.replace(raw, escaped)
    return data


def _write(write: Any, *parts: bytes) -> None:
    write(b"".join(parts))


def write_json(path: Path, value: Any) -> None:
    path.write_bytes(msgspec.json.format(encode(value), indent=2) + b"\n")


def yaml_text(value: str) -> str:
    """A scalar of YAML: a string of JSON is one, whatever stands in it."""
    return encode(value).decode()
