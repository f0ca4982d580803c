"""Every tool whose files can be read, and what its records hold."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from itertools import chain
from typing import Any

import msgspec

from reviews.formats.hazards import find_repeated_key
from reviews.formats.items import MAX_LINE_BYTES, Fault, InvalidItem, ParsedItem
from reviews.formats.messages import explain
from reviews.formats.native import parse_object
from reviews.formats.tools import (
    argilla,
    inspect_logs,
    label_studio,
    langfuse,
    langsmith,
    openinference,
    otlp,
    promptfoo,
)
from reviews.formats.tools.found import Found, Interpret, Json, Skipped
from reviews.formats.tools.records import (
    RECORD,
    RECORD_LIMIT,
    Layout,
    Raw,
    read_raw,
)


@dataclass(frozen=True)
class Tool:
    interpret: Interpret
    layout: Layout


TOOLS = {
    "promptfoo": Tool(promptfoo.interpret, Layout(promptfoo.PATHS)),
    "inspect": Tool(inspect_logs.interpret, Layout(inspect_logs.PATHS)),
    "otlp": Tool(otlp.interpret, Layout(otlp.PATHS)),
    "openinference": Tool(
        openinference.interpret, Layout(openinference.PATHS, openinference.WRAPPED)
    ),
    "langfuse": Tool(langfuse.interpret, Layout(wrapped=langfuse.WRAPPED)),
    "langsmith": Tool(langsmith.interpret, Layout(wrapped=langsmith.WRAPPED)),
    "label-studio": Tool(label_studio.interpret, Layout()),
    "argilla": Tool(argilla.interpret, Layout()),
}


@dataclass(frozen=True)
class Numbered:
    """What one record was found to hold."""

    number: int
    unit: str
    found: Found | Skipped


def read_items(
    stream: BufferedReader, tool: str
) -> Iterator[ParsedItem | Fault | Skipped]:
    for one in read_records(stream, tool):
        if isinstance(one, Fault):
            yield one
        elif isinstance(one.found, Skipped):
            yield one.found
        elif one.found.line is None:
            yield Skipped("votes alone: import-judgments reads them")
        else:
            yield _item(one.number, one.unit, one.found.line)


def read_records(stream: BufferedReader, tool: str) -> Iterator[Numbered | Fault]:
    """Each record's outcome; a fault where it is not what the tool writes."""
    chosen = TOOLS[tool]
    raws = read_raw(stream, chosen.layout)
    first = next(raws, None)
    if first is None:
        message = f"expected a file of {tool}, found no records in it"
        yield Fault(1, "", message, None, RECORD)
        return
    for one in chain([first], raws):
        if isinstance(one, Fault):
            yield one
            continue
        try:
            for found in chosen.interpret(_decode(one)):
                yield Numbered(one.number, one.unit, found)
        except InvalidItem as error:
            yield error.at(one.number, one.unit)
        except RecursionError as error:
            yield Fault(one.number, *explain(error), None, one.unit)


def _item(number: int, unit: str, line: Json) -> ParsedItem | Fault:
    try:
        item = parse_object(number, line, unit)
    except InvalidItem as error:
        return error.at(number, unit)
    if len(item.content) + len(item.provenance) > MAX_LINE_BYTES:
        message = f"expected at most {MAX_LINE_BYTES:,} bytes in an item"
        return Fault(number, "", message, item.external_id, unit)
    return item


def _decode(record: Raw) -> Json:
    if record.raw is None:
        raise InvalidItem(
            [("", f"expected at most {RECORD_LIMIT:,} bytes in a record")]
        )
    try:
        value = msgspec.json.decode(record.raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        value = _decode_constants(record.raw, error)
    if not isinstance(value, dict):
        raise InvalidItem([("", "expected one JSON object")])
    repeated = find_repeated_key(record.raw)
    if repeated is not None:
        raise InvalidItem([repeated])
    return value


def _decode_constants(raw: bytes, error: Exception) -> Any:
    """Once more for NaN and infinities, which some tools write; they are nothing."""
    if not re.search(rb"NaN|Infinity", raw):
        raise InvalidItem([explain(error)]) from None
    try:
        return json.loads(raw, parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        raise InvalidItem([explain(error)]) from None
