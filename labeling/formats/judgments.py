"""Ratings made elsewhere: a CSV, read line by line."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

REQUIRED = ("item_id", "rater_id", "label")
FIELD_LIMIT = 1_000_000
ITEM_ID_LIMIT = 300
RATER_ID_LIMIT = 150
# What the column of the database holds.
LAST_STEP = 32_767


class MissingColumns(Exception):
    """The header lacks what every line needs."""


@dataclass(frozen=True)
class Fault:
    line: int
    field: str
    message: str


@dataclass(frozen=True)
class Line:
    """One rating as it stands in the file; `label` is not interpreted yet.

    A faulty line that can be told apart is a line too: it takes the rest of its
    judgment with it.
    """

    line: int
    item_id: str
    rater_id: str
    criterion: str
    label: str
    rationale: str
    rated_at: datetime | None
    fault: Fault | None
    # Of a trace, from 1; 0: the item.
    step: int = 0


def read_lines(source: Iterable[str]) -> Iterator[Line | Fault]:
    """The lines of the file in its order, good ones and faults."""
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.reader(source, strict=True)
    header = [name.strip() for name in next(reader, [])]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise MissingColumns(
            f"the header lacks {', '.join(missing)}: expected"
            " item_id,rater_id,criterion,label[,step][,rationale][,time]"
        )
    last = reader.line_num
    while True:
        start, found = last + 1, None
        try:
            found = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(start, "line", f"not CSV: {error}")
        last = reader.line_num
        if found:
            yield _line(start, header, found)


def _line(number: int, header: list[str], values: list[str]) -> Line | Fault:
    if len(values) != len(header):
        return Fault(
            number, "line", f"expected {len(header)} fields, got {len(values)}"
        )
    return make_line(number, dict(zip(header, values, strict=True)))


def make_line(number: int, row: Mapping[str, str]) -> Line:
    """A rating by the names of its columns, checked as text."""
    faults = {name: _text_fault(name, value) for name, value in row.items()}
    rated_at = None
    try:
        rated_at = _time(row.get("time", ""))
    except ValueError:
        faults["time"] = f"expected ISO 8601, got {row['time'][:40]!a}"
    step = _step(row.get("step", ""))
    if step is None:
        faults["step"] = f"expected a number from 1, got {row['step'][:40]!a}"
    bad = {name: fault for name, fault in faults.items() if fault}
    good = {name: value.strip() for name, value in row.items() if name not in bad}
    return Line(
        line=number,
        item_id=good.get("item_id", ""),
        rater_id=good.get("rater_id", ""),
        criterion=good.get("criterion", ""),
        label=good.get("label", ""),
        rationale=good.get("rationale", ""),
        rated_at=rated_at,
        fault=next((Fault(number, *one) for one in bad.items()), None),
        step=step or 0,
    )


def _step(text: str) -> int | None:
    """0 where nothing is said."""
    given = text.strip()
    if not given:
        return 0
    is_number = given.isascii() and given.isdigit() and len(given) <= 5
    number = int(given) if is_number else 0
    return number if 1 <= number <= LAST_STEP else None


def _text_fault(name: str, value: str) -> str | None:
    if "\x00" in value:
        return "expected text without NUL characters"
    if any("\ud800" <= char <= "\udfff" for char in value):
        return "expected UTF-8"
    limit = {"item_id": ITEM_ID_LIMIT, "rater_id": RATER_ID_LIMIT}.get(name)
    if limit and not 1 <= len(value.strip()) <= limit:
        return f"expected 1 to {limit} characters"
    return None


def _time(text: str) -> datetime | None:
    if not text.strip():
        return None
    time = datetime.fromisoformat(text.strip())
    return time if time.tzinfo else time.replace(tzinfo=UTC)
