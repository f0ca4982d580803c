"""The candidate file: what a candidate came to, case by case, in JSONL or CSV."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Any, NoReturn

import msgspec

from reviews.formats.hazards import find_repeated_key
from reviews.formats.items import Fault
from reviews.formats.lines import BoundedLines, ByteStream, LineTooLong
from reviews.formats.messages import explain
from reviews.formats.tables import InvalidTable, read_table, too_long

LIMIT = 4 << 20
HEAD_KEYS = {"candidate", "created_at", "judge"}
KEYS = {"id", "run", "output", "verdicts", "judge", "recorded", "outcome"}
OUTCOMES = ("win", "tie", "loss")
NAME_LIMIT = 200
MOST_RUN = 10_000

Json = dict[str, Any]


class CandidateFault(Exception):
    """Nothing in the file can be read; the message says why."""


class _LineFault(Exception):
    """One line cannot be read: the field, and what was expected."""


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """What one line says of one case."""

    number: int
    id: str
    run: int | None = None
    output: str | None = None
    # By criterion; null where there is no verdict.
    verdicts: Json = field(default_factory=dict)
    # Who gave the verdicts, if it was not people or the candidate itself.
    judge: str | None = None
    # The same judge's verdicts on the recorded output of the case.
    recorded: Json = field(default_factory=dict)
    # Of the candidate against another, as people or a judge saw it.
    outcome: str | None = None

    @property
    def form(self) -> str:
        return "preferences" if self.outcome is not None else "answers"


@dataclass
class CandidateFile:
    name: str | None = None
    created_at: datetime | None = None
    # Where the two stand.
    head_line: int | None = None
    lines: list[CandidateLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def form(self) -> str:
        """What kind of candidate it is: answers, preferences or runs."""
        if self.lines and self.lines[0].run is not None:
            return "runs"
        return self.lines[0].form if self.lines else "answers"


def read_candidate(stream: ByteStream, *, is_csv: bool) -> CandidateFile:
    """Every good line, and a fault for each other. Raises CandidateFault."""
    found = CandidateFile()
    rows = _csv_rows(stream) if is_csv else _json_rows(stream)
    seen: dict[tuple[str, int | None], int] = {}
    judge = None
    for place, (number, row) in enumerate(rows):
        if isinstance(row, Fault):
            found.faults.append(row)
            continue
        try:
            if place == 0 and not is_csv and "id" not in row:
                found.head_line = number
                judge = _read_head(row, found)
                continue
            line = _read_line(number, row, judge)
            _check_place(line, found, seen)
        except _LineFault as fault:
            name = row.get("id")
            known = name if isinstance(name, str) else None
            found.faults.append(Fault(number, fault.args[0], fault.args[1], known))
            continue
        found.lines.append(line)
    if not found.lines and not found.faults:
        raise CandidateFault("there is no line of a case in it")
    return found


def _check_place(
    line: CandidateLine,
    found: CandidateFile,
    seen: dict[tuple[str, int | None], int],
) -> None:
    first = found.lines[0] if found.lines else line
    if (line.run is None) != (first.run is None):
        _refuse(
            "run", f"expected on every line or on none; line {first.number} differs"
        )
    if line.form != first.form:
        _refuse("outcome", "expected on every line or on none")
    before = seen.setdefault((line.id, line.run), line.number)
    if before != line.number:
        what = "this case" if line.run is None else f"run {line.run} of this case"
        _refuse("id", f"expected each case once; {what} is on line {before} too")


def _json_rows(stream: ByteStream) -> Iterator[tuple[int, Json | Fault]]:
    lines = BoundedLines(stream, LIMIT)
    while True:
        try:
            raw = next(lines).strip(b" \t\r\n")
        except StopIteration:
            return
        except LineTooLong:
            yield lines.number, Fault(lines.number, "", too_long(LIMIT))
            continue
        if raw:
            yield lines.number, _parse(lines.number, raw)


def _parse(number: int, raw: bytes) -> Json | Fault:
    try:
        row = msgspec.json.decode(raw, type=dict[str, Any])
        repeated = find_repeated_key(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Fault(number, *explain(error))
    return row if repeated is None else Fault(number, *repeated)


def _csv_rows(stream: ByteStream) -> Iterator[tuple[int, Json | Fault]]:
    try:
        names, rows = read_table(BoundedLines(stream, LIMIT), ",", LIMIT)
    except InvalidTable as error:
        raise CandidateFault(str(error)) from None
    for name in names:
        group, dot, key = name.partition(".")
        is_group = group in {"verdicts", "recorded"}
        if is_group != bool(dot and key) or group not in KEYS:
            raise CandidateFault(
                f"column {name}: expected id, run, output, judge, outcome, "
                "verdicts.CRITERION or recorded.CRITERION"
            )
    if "id" not in names:
        raise CandidateFault("column id: is required and missing")
    for row in rows:
        if isinstance(row, Fault):
            yield row.line, row
        else:
            yield row[0], _nested(row[1])


def _nested(cells: dict[str, str | None]) -> Json:
    """A row as the object that a line of JSON would be."""
    row: Json = {}
    for name, cell in cells.items():
        group, dot, key = name.partition(".")
        if dot:
            row.setdefault(group, {})[key] = cell
        elif cell is not None:
            row[name] = cell
    if re.fullmatch(r"[0-9]{1,9}", row.get("run", "")):
        row["run"] = int(row["run"])
    return row


def _read_head(row: Json, found: CandidateFile) -> str | None:
    _check_keys(row, HEAD_KEYS, "expected a head, or a line with the id of a case")
    found.name = _text(row, "candidate", NAME_LIMIT)
    created_at = _text(row, "created_at", 40)
    if created_at is not None:
        try:
            found.created_at = datetime.fromisoformat(created_at)
        except ValueError:
            found.created_at = None
        if found.created_at is None or found.created_at.tzinfo is None:
            _refuse("created_at", "expected a time with its zone, as ISO 8601 has it")
    return _text(row, "judge", NAME_LIMIT)


def _read_line(number: int, row: Json, judge: str | None) -> CandidateLine:
    _check_keys(row, KEYS, "is not a field of the format")
    name = _text(row, "id", LIMIT)
    if name is None:
        _refuse("id", "is required and missing")
    outcome = row.get("outcome")
    if outcome is not None and outcome not in OUTCOMES:
        _refuse("outcome", f"expected one of {', '.join(OUTCOMES)}")
    line = CandidateLine(
        number=number,
        id=name,
        run=_run(row.get("run")),
        output=_output(row.get("output")),
        verdicts=_verdicts(row, "verdicts"),
        judge=_judge(row) or judge,
        recorded=_verdicts(row, "recorded"),
        outcome=outcome,
    )
    if not row.keys() & {"output", "verdicts", "outcome"}:
        _refuse("", "expected output, verdicts or outcome")
    if outcome is not None and row.keys() & {"output", "verdicts", "run"}:
        _refuse("outcome", "expected alone, without output, verdicts or run")
    return line


def _judge(row: Json) -> str | None:
    name = _text(row, "judge", NAME_LIMIT)
    return None if name is None else intern(name)


def _check_keys(row: Json, known: set[str], problem: str) -> None:
    for key in row:
        if key not in known:
            _refuse(key, problem)


def _run(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MOST_RUN:
        _refuse("run", f"expected a whole number from 0 to {MOST_RUN}")
    return int(value)


def _output(value: Any) -> str | None:
    if type(value) in (int, float):
        return repr(value)
    if value is not None and not isinstance(value, str):
        _refuse("output", "expected text or a number")
    return None if value is None else str(value)


def _verdicts(row: Json, name: str) -> Json:
    value = row.get(name)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        _refuse(name, "expected an object of criterion and value")
    if all(type(one) is str for one in value.values()):
        return _shared(tuple(value.items()))
    return dict(value)


@lru_cache(maxsize=4096)
def _shared(verdicts: tuple[tuple[str, str], ...]) -> Json:
    """The same verdicts are held once, however many lines give them."""
    return dict(verdicts)


def _text(row: Json, name: str, limit: int) -> str | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        _refuse(name, f"expected text of 1 to {limit} characters")
    if "\x00" in value:
        _refuse(name, "expected text without NUL characters")
    return value


def _refuse(name: str, expected: str) -> NoReturn:
    raise _LineFault(name, expected)
