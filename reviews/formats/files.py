"""A stream of bytes as items and faults, whatever its layout."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from reviews.formats.hazards import find_repeated_key
from reviews.formats.items import MAX_LINE_BYTES, Fault, InvalidItem, ParsedItem
from reviews.formats.lines import BoundedLines, ByteStream, LineTooLong
from reviews.formats.mapping import MappingFile
from reviews.formats.messages import explain
from reviews.formats.native import parse_line, parse_object
from reviews.formats.paths import InvalidPath
from reviews.formats.tables import Cells, native_columns, read_table, too_long

# One for each line that is not blank.
Entry = ParsedItem | Fault


def read_jsonl(
    stream: ByteStream,
    mapping: MappingFile | None = None,
    limit: int = MAX_LINE_BYTES,
) -> Iterator[Entry]:
    lines = BoundedLines(stream, limit)
    while True:
        try:
            raw = next(lines).strip(b" \t\r\n")
            if not raw:
                continue
            yield _parse(lines.number, raw, mapping)
        except StopIteration:
            return
        except LineTooLong:
            yield Fault(lines.number, "", too_long(limit))
        except InvalidItem as error:
            yield error.at(lines.number)


def read_csv(
    stream: ByteStream,
    mapping: MappingFile | None = None,
    delimiter: str = ",",
    limit: int = MAX_LINE_BYTES,
) -> Iterator[Entry]:
    """Raises `InvalidTable` at once where the header cannot be read."""
    names, rows = read_table(BoundedLines(stream, limit), delimiter, limit)
    read = mapping.read if mapping else native_columns(names)
    return _read_rows(rows, read)


def _read_rows(
    rows: Iterator[Cells | Fault],
    read: Callable[[dict[str, str | None]], dict[str, Any]],
) -> Iterator[Entry]:
    for row in rows:
        if isinstance(row, Fault):
            yield row
            continue
        number, cells = row
        try:
            yield parse_object(number, read(cells))
        except InvalidPath as error:
            message = "expected no empty cell before this one"
            yield Fault(number, str(error), message)
        except InvalidItem as error:
            yield error.at(number)


def _parse(number: int, raw: bytes, mapping: MappingFile | None) -> ParsedItem:
    if mapping is None:
        return parse_line(number, raw)
    try:
        row = msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidItem([explain(error)]) from None
    repeated = find_repeated_key(raw)
    if repeated is not None:
        raise InvalidItem([repeated])
    return parse_object(number, mapping.read(row))
