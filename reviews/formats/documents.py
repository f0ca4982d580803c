"""The parts of a JSON document of any size, one at a time, as bytes.

Only the way to the parts is read here; what stands in each is decoded by whoever
takes it, so that a part with a fault does not cost the others.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

CHUNK = 1 << 16
KEY_LIMIT = 10_000
BOM = b"\xef\xbb\xbf"
# An element of a list, in a path of keys.
EACH = "*"

_BLANKS = b" \t\r\n"
_OUTSIDE = re.compile(rb'["{}\[\]]')
# No text in JSON goes on over the end of a line: one that does was cut off.
_INSIDE = re.compile(rb'["\\\n]')
_SCALAR_END = re.compile(rb"[\s,\]}]")
_NEXT_DOCUMENT = re.compile(rb"\n(?={)")

Path = tuple[str, ...]


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class BrokenDocument(ValueError):
    """What follows cannot be told apart any more."""


class Part(NamedTuple):
    path: Path
    # None when it is longer than may be kept.
    raw: bytes | None


def read_parts(
    stream: Readable, paths: tuple[Path, ...], limit: int
) -> Iterator[Part | BrokenDocument]:
    """What stands at `paths` in each document; after a broken one, the next line on."""
    scanner = _Scanner(stream)
    while True:
        try:
            if scanner.peek() < 0:
                return
            yield from _walk(scanner, (), paths, limit)
        except BrokenDocument as error:
            yield error
            scanner.skip_to(_NEXT_DOCUMENT)


def _walk(
    scanner: "_Scanner", path: Path, paths: tuple[Path, ...], limit: int
) -> Iterator[Part]:
    first = scanner.peek()
    further = [
        one for one in paths if len(one) > len(path) and one[: len(path)] == path
    ]
    if path in paths:
        yield Part(path, scanner.value(limit))
    elif further and first == ord("{"):
        for key in scanner.members():
            yield from _walk(scanner, (*path, key), paths, limit)
    elif further and first == ord("["):
        for _ in scanner.elements():
            yield from _walk(scanner, (*path, EACH), paths, limit)
    else:
        scanner.value(0)


class _Scanner:
    """A stream of JSON; `value` and those before it stand where the last one ended."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._passed = 0
        self._at = 0
        self._buffer = stream.read(CHUNK).removeprefix(BOM)

    def peek(self) -> int:
        """The next byte that is no blank, -1 at the end."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _BLANKS:
                    return self._buffer[self._at]
                self._at += 1
            if not self._refill():
                return -1

    def members(self) -> Iterator[str]:
        """The keys of an object; what follows each is for the caller to take."""
        for _ in self._listed(b"{", b"}"):
            key = self.value(KEY_LIMIT)
            if self.peek() != ord(":") or key is None or not key.startswith(b'"'):
                raise self._broken("a key and a colon")
            self._at += 1
            yield _decode(key)

    def elements(self) -> Iterator[None]:
        return self._listed(b"[", b"]")

    def value(self, limit: int) -> bytes | None:
        """The bytes of the value that comes next, None when there are more."""
        first = self.peek()
        if first < 0 or first in b",:]}":
            raise self._broken("a value")
        kept = _Kept(limit)
        if first in b'"{[':
            self._take_nested(kept)
        else:
            self._take_scalar(kept)
        return kept.bytes

    def skip_to(self, mark: re.Pattern[bytes]) -> None:
        # The break may have been seen at the very start of what is looked for.
        self._at = max(0, self._at - 1)
        while not (found := mark.search(self._buffer, self._at)):
            self._at = max(0, len(self._buffer) - 1)
            tail = self._buffer[self._at :]
            if not self._refill():
                return
            self._buffer = tail + self._buffer
        self._at = found.end()

    def _listed(self, first: bytes, last: bytes) -> Iterator[None]:
        self._at += 1
        if self.peek() == last[0]:
            self._at += 1
            return
        while True:
            yield
            mark = self.peek()
            if mark not in (ord(","), last[0]):
                raise self._broken(f"a comma or {last.decode()}")
            self._at += 1
            if mark == last[0]:
                return

    def _take_nested(self, kept: "_Kept") -> None:
        depth, inside = 0, False
        while True:
            start = self._at
            while found := (_INSIDE if inside else _OUTSIDE).search(
                self._buffer, self._at
            ):
                mark = found[0]
                self._at = found.end()
                if inside:
                    inside = self._goes_on(mark)
                elif mark == b'"':
                    inside = True
                else:
                    depth += 1 if mark in b"{[" else -1
                if not depth and not inside:
                    kept.add(self._buffer[start : self._at])
                    return
            kept.add(self._buffer[start:])
            # An escaped character may stand at the start of what comes next.
            ahead = max(0, self._at - len(self._buffer))
            if not self._refill():
                raise self._broken("the end of a value")
            kept.add(self._buffer[:ahead])
            self._at = ahead

    def _goes_on(self, mark: bytes) -> bool:
        """Whether a text does after `mark`."""
        if mark == b"\n":
            raise self._broken("the end of a text before the end of its line")
        if mark == b"\\":
            self._at += 1
        return mark == b"\\"

    def _take_scalar(self, kept: "_Kept") -> None:
        while not (found := _SCALAR_END.search(self._buffer, self._at)):
            kept.add(self._buffer[self._at :])
            if not self._refill():
                return
        kept.add(self._buffer[self._at : found.start()])
        self._at = found.start()

    def _refill(self) -> bool:
        self._passed += len(self._buffer)
        self._buffer = self._stream.read(CHUNK)
        self._at = 0
        return bool(self._buffer)

    def _broken(self, expected: str) -> BrokenDocument:
        place = self._passed + self._at
        return BrokenDocument(f"not valid JSON at byte {place:,}: expected {expected}")


class _Kept:
    """Bytes up to a limit; over it, none."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, part: bytes) -> None:
        self._size += len(part)
        if self._size <= self._limit:
            self._parts.append(part)
        else:
            self._parts.clear()

    @property
    def bytes(self) -> bytes | None:
        return b"".join(self._parts) if self._size <= self._limit else None


def _decode(key: bytes) -> str:
    try:
        return str(json.loads(key))
    except (ValueError, RecursionError):
        return ""
