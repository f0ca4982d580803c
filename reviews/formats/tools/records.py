"""The records of a file, as bytes: lines, elements of a list, members of an archive."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from typing import IO, cast

from reviews.formats.documents import EACH, BrokenDocument, Part, Path, read_parts
from reviews.formats.items import Fault
from reviews.formats.lines import BoundedLines, LineTooLong
from reviews.formats.tools.archives import BrokenArchive, read_samples

# A record of a tool holds much that no item does.
RECORD_LIMIT = 64_000_000
ZIP_MAGIC = b"PK\x03\x04"
LINE, RECORD = "line", "record"
LIST = ((EACH,),)


@dataclass(frozen=True)
class Raw:
    """The bytes of one record, or none where it is too long."""

    number: int
    unit: str
    raw: bytes | None


@dataclass(frozen=True)
class Layout:
    """Where a file has its records.

    Without paths it is a list, or has a record a line, or a list under a name.
    """

    paths: tuple[Path, ...] = ()
    wrapped: str | None = None


def read_raw(stream: BufferedReader, layout: Layout) -> Iterator[Raw | Fault]:
    head = stream.peek(4096)[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(ZIP_MAGIC):
        return _from_archive(stream)
    if head.startswith(b"["):
        return _from_document(stream, LIST)
    if layout.wrapped and _is_under(layout.wrapped, head, rb"\["):
        return _from_document(stream, ((layout.wrapped, EACH),))
    # A tool that has both kinds of file has no line that starts as the other.
    firsts = {path[0] for path in layout.paths}
    if firsts and (not layout.wrapped or any(_is_under(one, head) for one in firsts)):
        return _from_document(stream, layout.paths)
    return _from_lines(stream)


def _is_under(name: str, head: bytes, then: bytes = b"") -> bool:
    """Whether the file is an object whose first member is called `name`."""
    return re.match(rb'{\s*"%b"\s*:\s*%b' % (name.encode(), then), head) is not None


def _from_lines(stream: BufferedReader) -> Iterator[Raw | Fault]:
    lines = BoundedLines(stream, RECORD_LIMIT)
    while True:
        try:
            raw: bytes | None = next(lines).strip(b" \t\r\n")
        except StopIteration:
            return
        except LineTooLong:
            raw = None
        if raw != b"":
            yield Raw(lines.number, LINE, raw)


def _from_document(
    stream: BufferedReader, paths: tuple[Path, ...]
) -> Iterator[Raw | Fault]:
    parts = read_parts(stream, paths, RECORD_LIMIT)
    for number, part in enumerate(parts, start=1):
        match part:
            case BrokenDocument():
                yield Fault(number, "", str(part), None, RECORD)
            case Part():
                yield Raw(number, RECORD, part.raw)


def _from_archive(stream: BufferedReader) -> Iterator[Raw | Fault]:
    number = 0
    try:
        samples = read_samples(cast(IO[bytes], stream), RECORD_LIMIT)
        for number, raw in enumerate(samples, start=1):
            yield Raw(number, RECORD, raw)
    except BrokenArchive as error:
        yield Fault(number + 1, "", str(error), None, RECORD)
