"""CSV: a header row, then rows that read as objects."""

import csv
from collections.abc import Callable, Iterator
from typing import Any

from reviews.formats.items import Fault
from reviews.formats.lines import BoundedLines, LineTooLong
from reviews.formats.messages import explain
from reviews.formats.paths import InvalidPath, Path, parse_path, put_at

NUMBERS = ("signals.confidence",)
NATIVE = ("id", "kind", "content", "signals", "provenance")


# The line and its cells by column; an empty cell is nothing.
Cells = tuple[int, dict[str, str | None]]


class InvalidTable(ValueError):
    """The header cannot be read, so no row can."""


class _Text:
    """Lines as text for `csv`, which goes on after one that cannot be read."""

    def __init__(self, lines: BoundedLines) -> None:
        self.lines = lines

    def __iter__(self) -> "_Text":
        return self

    def __next__(self) -> str:
        return next(self.lines).decode()


def read_table(
    lines: BoundedLines, delimiter: str, limit: int
) -> tuple[list[str], Iterator[Cells | Fault]]:
    """The names of the columns, and (line, row) or a fault for each row."""
    csv.field_size_limit(limit)
    reader = csv.reader(_Text(lines), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
    except (csv.Error, UnicodeDecodeError, LineTooLong) as error:
        raise InvalidTable(f"line 1: {_explain(error, limit)}") from None
    names = [name.strip() for name in header]
    if not all(names) or len(set(names)) < len(names) or not names:
        raise InvalidTable("line 1: expected a header that names each column once")
    return names, _rows(reader, lines, names, limit)


def _rows(
    reader: Any, lines: BoundedLines, names: list[str], limit: int
) -> Iterator[Cells | Fault]:
    while True:
        number = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, UnicodeDecodeError, LineTooLong) as error:
            yield Fault(number, "", _explain(error, limit))
            continue
        if not any(cells):
            continue
        if len(cells) != len(names):
            message = f"expected {len(names)} cells, found {len(cells)}"
            yield Fault(number, "", message)
            continue
        yield (
            number,
            {name: cell or None for name, cell in zip(names, cells, strict=True)},
        )


def _explain(error: Exception, limit: int) -> str:
    if isinstance(error, csv.Error):
        return f"expected a row of CSV with cells of up to {limit} bytes: {error}"
    if isinstance(error, LineTooLong):
        return too_long(limit)
    return explain(error)[1]


def too_long(limit: int) -> str:
    return f"expected at most {limit} bytes in a line"


def native_columns(
    names: list[str],
) -> Callable[[dict[str, str | None]], dict[str, Any]]:
    """A reader of rows whose columns are named by their place in a native line."""
    paths = [_native_path(name) for name in names]
    try:
        _assign(paths, dict.fromkeys(names, "x"))
    except InvalidPath as error:
        raise InvalidTable(
            f"column {error}: contradicts the columns before it"
        ) from None
    return lambda row: _assign(paths, row)


def _native_path(name: str) -> Path:
    try:
        path = parse_path(name)
    except InvalidPath:
        path = Path(name, ("",))
    if path.steps[0] not in NATIVE:
        raise InvalidTable(
            f"column {name!r}: without a mapping, expected id, kind or a place in "
            "the native line such as content.prompt or content.responses[0]"
        )
    return path


def _assign(paths: list[Path], row: dict[str, str | None]) -> dict[str, Any]:
    line: dict[str, Any] = {}
    for path in paths:
        cell = row[path.name]
        if cell:
            put_at(line, path, _number(cell) if path.name in NUMBERS else cell)
    return line


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell
