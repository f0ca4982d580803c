"""Which lines of a file are not those that its index of hashes names."""

import contextlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from os import SEEK_END
from pathlib import Path

from calibration.formats.erasure import Erased, read_erased
from calibration.formats.release import index_line, sha256

DIFFERS = "the bytes differ from those released"
HASH_LENGTH = 64


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was released."""

    file: str
    problem: str
    line: int | None = None
    case: str | None = None

    def __str__(self) -> str:
        where = self.file
        if self.line is not None:
            where += f" line {self.line}"
        if self.case is not None:
            where += f", case {self.case}"
        return f"{where}: {self.problem}"


@dataclass(frozen=True)
class _Entry:
    """What the index says of one line."""

    sha256: str
    case: str


def check_lines(
    folder: Path, name: str, index: str, *, is_intact: bool, index_intact: bool
) -> Iterator[Fault]:
    """Compare each line of `name` with its hash in `index`.

    Whether each file as a whole has the hash of the manifest is known already.
    """
    if not index_intact:
        yield from _check_index(folder, name, index, is_intact)
    if is_intact and not index_intact:
        return
    if is_intact and _is_told(folder / name, folder / index):
        return
    if index_intact and _is_told(folder / name, folder / index, may_be_erased=True):
        yield from _check_last(folder / name, name)
        return
    entries = [_entry(line) for line in _lines(folder / index)]
    faults = list(_compare(name, list(_lines(folder / name)), entries))
    if not faults and not is_intact:
        faults = [Fault(name, "the line ends differ from those released")]
    yield from faults


def find_erased(path: Path, index: Path) -> Iterator[Erased]:
    """The cases that are gone from a file, each under the hash its index has."""
    hash_of = {entry.case: entry.sha256 for entry in map(_entry, _lines(index))}
    for line in _lines(path):
        found = read_erased(line)
        if found is not None and hash_of.get(found.case) == found.sha256:
            yield found


def _is_told(path: Path, index: Path, *, may_be_erased: bool = False) -> bool:
    """Whether each line has the hash at its place, one line held at a time."""
    pairs = zip_longest(_lines(path), _lines(index))
    return all(
        line is not None
        and entry is not None
        and (
            entry.startswith(sha256(line).encode() + b"  ")
            or (may_be_erased and _is_erased(line, _entry(entry)))
        )
        for line, entry in pairs
    )


def _is_erased(line: bytes, entry: _Entry) -> bool:
    found = read_erased(line)
    return found is not None and (found.sha256, found.case) == (
        entry.sha256,
        entry.case,
    )


def _check_last(path: Path, name: str) -> Iterator[Fault]:
    with path.open("rb") as stream:
        stream.seek(-1, SEEK_END)
        is_ended = stream.read() == b"\n"
    if not is_ended:
        yield Fault(name, "the line ends differ from those released")


def _check_index(
    folder: Path, name: str, index: str, is_intact: bool
) -> Iterator[Fault]:
    faults = []
    if is_intact:
        wanted = [index_line(line, _case(line) or "") for line in _lines(folder / name)]
        for number, (found, expected) in enumerate(
            zip(_lines(folder / index), wanted, strict=False), start=1
        ):
            if found != expected:
                faults.append(Fault(index, DIFFERS, number, _entry(expected).case))
    yield from faults or [Fault(index, DIFFERS)]


def _compare(
    name: str, lines: Sequence[bytes], entries: Sequence[_Entry]
) -> Iterator[Fault]:
    places = _match(lines, entries)
    for number, (line, place) in enumerate(zip(lines, places, strict=True), start=1):
        if place is None:
            yield Fault(name, "is not in the release", number, _case(line))
        elif sha256(line) != entries[place].sha256 and not _is_erased(
            line, entries[place]
        ):
            yield Fault(name, DIFFERS, number, entries[place].case)
    found = set(places)
    for place, entry in enumerate(entries):
        if place not in found:
            problem = f"is missing; it was line {place + 1}"
            yield Fault(name, problem, case=entry.case)
    for number in _moved(places):
        place = places[number]
        if place is not None:
            problem = f"is out of order; it was line {place + 1}"
            yield Fault(name, problem, number + 1, entries[place].case)


def _match(lines: Sequence[bytes], entries: Sequence[_Entry]) -> list[int | None]:
    """The entry that each line stands for: by hash, else by id, else by place."""
    by_hash = {entry.sha256: place for place, entry in enumerate(entries)}
    by_case = {entry.case: place for place, entry in enumerate(entries)}
    places: list[int | None] = [None] * len(lines)
    free = set(range(len(entries)))

    def claim(number: int, place: int | None) -> None:
        if places[number] is None and place in free:
            places[number] = place
            free.discard(place)

    for number, line in enumerate(lines):
        claim(number, by_hash.get(sha256(line)))
    unmatched = [number for number, place in enumerate(places) if place is None]
    for number in unmatched:
        claim(number, by_case.get(_case(lines[number]) or ""))
    for number in unmatched:
        before = places[number - 1] if number else -1
        claim(number, None if before is None else before + 1)
    return places


def _moved(places: Sequence[int | None]) -> list[int]:
    """The fewest lines whose removal leaves the others in order."""
    kept = [number for number, place in enumerate(places) if place is not None]
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in kept:
        place = places[number] or 0
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [number]
        before[number] = ends[at - 1] if at else None
    in_order = set()
    last = ends[-1] if ends else None
    while last is not None:
        in_order.add(last)
        last = before[last]
    return [number for number in kept if number not in in_order]


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        for line in stream:
            yield line.removesuffix(b"\n")


def _entry(line: bytes) -> _Entry:
    text = line.decode("utf-8", "replace")
    digest, case = text[:HASH_LENGTH], text[HASH_LENGTH + 2 :]
    # Where the index was edited, the text as it stands names the case.
    with contextlib.suppress(ValueError):
        case = json.loads(f'"{case}"')
    return _Entry(digest, case)


def _case(line: bytes) -> str | None:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        return None
    case = parsed.get("id") if isinstance(parsed, dict) else None
    return case if isinstance(case, str) else None
