"""Ratings, or a judge's verdicts, from a CSV: good lines, gaps and faults."""

import csv
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from calibration.statistics import Level, UnorderedScale
from calibration.statistics.scales import finite
from reviews.formats.items import Fault

FIELD_LIMIT = 1_000_000
# Longer cells are named in a message by their beginning.
MOST_QUOTED = 40
# What other programs write where there is nothing; on a nominal scale, a label.
LOOKS_MISSING = {"na", "nan", "null", "<na>", "#n/a", "."}


class MissingColumns(ValueError):
    """The header lacks what every line needs."""


class InvalidOrder(ValueError):
    """The order given is none, or not one of this level."""


@dataclass(frozen=True)
class Scale:
    """How the labels of a file compare, and the whole scale where it is known."""

    level: Level
    order: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.order is None:
            return
        if not all(self.order) or len(self.domain or ()) < len(self.order):
            raise InvalidOrder("expected each label once, separated by commas")

    @property
    def is_numeric(self) -> bool:
        """Whether labels are read as numbers, so that 1 and 1.0 are the same."""
        by_value = self.level is Level.ORDINAL and self.order is None
        return by_value or self.level.is_numeric

    @cached_property
    def domain(self) -> dict[Hashable, None] | None:
        """The values of the order given; a dict, to look them up in their order."""
        if self.order is None:
            return None
        try:
            return dict.fromkeys(self._value(label) for label in self.order)
        except ValueError as error:
            raise InvalidOrder(str(error)) from None

    def read(self, label: str) -> Hashable:
        """The value of a label; a ValueError says what was expected instead."""
        value = self._value(label)
        if self.domain is not None and value not in self.domain:
            wanted = ", ".join(self.order or ())
            raise ValueError(f"expected one of {wanted}; found {_quoted(label)}")
        return value

    def _value(self, label: str) -> Hashable:
        if not self.is_numeric:
            return label
        try:
            number = finite(label)
        except ValueError:
            raise ValueError(
                f"expected a number on this {self.level} scale, or an empty cell for "
                f"a missing rating; found {_quoted(label)}"
            ) from None
        if self.level is Level.RATIO and number < 0:
            raise ValueError(
                f"expected 0 or more on a ratio scale; found {_quoted(label)}"
            )
        return number


# Who rated what, under which criterion ("" where the file has none).
Key = tuple[str, str, str]


@dataclass
class Ratings:
    """What a file holds, by criterion; the order of its lines leaves no trace."""

    faults: list[Fault] = field(default_factory=list)
    n_gaps: int = 0
    missing_words: set[str] = field(default_factory=set)
    has_criteria: bool = False
    by_key: dict[Key, Hashable] = field(default_factory=dict)

    @cached_property
    def by_criterion(self) -> Mapping[str, Sequence[tuple[str, str, Hashable]]]:
        """(item, rater, value) of each criterion, criteria in order of name."""
        found: dict[str, list[tuple[str, str, Hashable]]] = {}
        for (criterion, item, rater), value in sorted(
            self.by_key.items(), key=lambda entry: entry[0]
        ):
            found.setdefault(criterion, []).append((item, rater, value))
        return found


def read_ratings(
    source: Iterable[str], scale: Scale, *, rater_column: str = "rater_id"
) -> Ratings:
    """Read the columns item_id, rater_id (or judge), label and, if any, criterion.

    An empty label is a missing rating, which is counted. A rating that stands there
    twice is a fault: it counts once where both say the same, and else not at all,
    since nobody knows which of them is meant.

    Raises `MissingColumns`, and `UnorderedScale` where an ordinal scale needs its
    order because not all labels are numbers.
    """
    csv.field_size_limit(FIELD_LIMIT)
    lines = list(source)
    records = _records(lines)
    columns, width = _header(next(records, None), ("item_id", rater_column, "label"))
    found = Ratings(has_criteria="criterion" in columns)
    first_line: dict[Key, int] = {}
    contradicted: set[Key] = set()
    for number, cells in records:
        problem = cells if isinstance(cells, str) else _misfit(cells, width)
        if isinstance(cells, str) or problem:
            found.faults.append(Fault(number, "", problem))
            continue
        row = {name: cells[place].strip() for name, place in columns.items()}
        read = _read(number, row, rater_column, scale, found)
        if read is None:
            continue
        key, value = read
        if key in first_line:
            found.faults.append(_repeated(number, rater_column, first_line[key]))
            if found.by_key[key] != value:
                contradicted.add(key)
            continue
        first_line[key] = number
        found.by_key[key] = value
    for key in contradicted:
        del found.by_key[key]
    return found


def _read(
    number: int, row: Mapping[str, str], rater_column: str, scale: Scale, found: Ratings
) -> tuple[Key, Hashable] | None:
    """The rating of a row, or nothing: then the gap or the fault is noted."""
    for name in ("item_id", rater_column):
        if not row[name]:
            found.faults.append(Fault(number, name, "expected an id, found nothing"))
            return None
    label = row["label"]
    if not label:
        found.n_gaps += 1
        return None
    try:
        value = scale.read(label)
    except ValueError as error:
        if scale.is_numeric and not scale.level.is_numeric:
            raise UnorderedScale(
                f"line {number}: label: an ordinal scale of words needs its order: "
                f"{_quoted(label)} is not a number"
            ) from None
        found.faults.append(Fault(number, "label", str(error)))
        return None
    if label.lower() in LOOKS_MISSING:
        found.missing_words.add(label)
    return (row.get("criterion", ""), row["item_id"], row[rater_column]), value


def _repeated(number: int, rater_column: str, first: int) -> Fault:
    return Fault(
        number,
        f"item_id, {rater_column}",
        f"expected one label for each item; line {first} has one already",
    )


def _records(lines: Sequence[str]) -> Iterator[tuple[int, list[str] | str]]:
    """(line, cells) of each record that is not blank, or what is wrong with it.

    After a fault reading goes on at the next line, so that a quotation mark that is
    never closed takes no good lines along.
    """
    at = 0
    while at < len(lines):
        reader = csv.reader((lines[k] for k in range(at, len(lines))), strict=True)
        start = at
        try:
            for cells in reader:
                begun, start = start, at + reader.line_num
                if not all(map(_is_utf8, cells)):
                    yield begun + 1, "expected UTF-8"
                elif any(cells):
                    yield begun + 1, cells
            return
        except csv.Error as error:
            yield start + 1, f"expected a row of CSV: {error}"
            at = start + 1


def _header(
    record: tuple[int, list[str] | str] | None, required: Sequence[str]
) -> tuple[dict[str, int], int]:
    """The place of each column that is read, and the number of all."""
    cells = record[1] if record else []
    if isinstance(cells, str):
        raise MissingColumns(f"line 1: {cells}")
    names = [name.strip() for name in cells]
    missing = [name for name in required if name not in names]
    if missing:
        raise MissingColumns(
            f"the header lacks {', '.join(missing)}: expected the columns "
            f"{', '.join(required)} and, if there are several, criterion"
        )
    known = [name for name in (*required, "criterion") if name in names]
    for name in known:
        if names.count(name) > 1:
            raise MissingColumns(f"the header names {name} twice")
    return {name: names.index(name) for name in known}, len(names)


def _misfit(cells: Sequence[str], width: int) -> str:
    if len(cells) == width:
        return ""
    return f"expected {width} cells, as in the header; found {len(cells)}"


def _is_utf8(cell: str) -> bool:
    # Bytes that are none were read as lone surrogates.
    return not any("\ud800" <= char <= "\udfff" for char in cell)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= MOST_QUOTED else f"{text[:MOST_QUOTED]}...")
