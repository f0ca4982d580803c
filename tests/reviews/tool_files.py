"""Small files in the published shapes of other tools."""

import io
import json
import struct
import zipfile
from io import BufferedReader
from typing import Any

import zstandard

from reviews.formats.items import Fault, ParsedItem
from reviews.formats.tools.catalogue import read_items, read_records
from reviews.formats.tools.found import Found, Skipped, Vote

Json = dict[str, Any]


def as_stream(data: bytes) -> BufferedReader:
    return BufferedReader(io.BytesIO(data))


def encoded(value: Any, *, lines: bool = False) -> bytes:
    if lines:
        return b"".join(json.dumps(one).encode() + b"\n" for one in value)
    return json.dumps(value).encode()


def items_of(tool: str, data: bytes) -> list[Any]:
    """Each item as a native line again; faults and reasons to skip as text."""
    found: list[Any] = []
    for one in read_items(as_stream(data), tool):
        match one:
            case ParsedItem():
                parts = ("content", "signals", "provenance")
                line = {name: json.loads(getattr(one, name)) for name in parts}
                found.append({"id": one.external_id, "kind": one.kind, **line})
            case Fault():
                found.append(str(one))
            case Skipped():
                found.append(one.reason)
    return found


def votes_of(tool: str, data: bytes) -> list[Vote]:
    return [
        vote
        for one in read_records(as_stream(data), tool)
        if not isinstance(one, Fault) and isinstance(one.found, Found)
        for vote in one.found.votes
    ]


def otlp(*spans: Json) -> Json:
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]}


def span(attributes: Json, **changes: Any) -> Json:
    ids = {"traceId": "t" * 32, "spanId": "s" * 16, "kind": 3, "name": "chat m"}
    return ids | {"attributes": attributes_of(attributes)} | changes


def attributes_of(values: Json) -> list[Json]:
    return [{"key": key, "value": typed(value)} for key, value in values.items()]


def typed(value: Any) -> Json:
    """A value as OTLP/JSON has it: an integer is text."""
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            return {"arrayValue": {"values": [typed(one) for one in value]}}
        case dict():
            return {"kvlistValue": {"values": attributes_of(value)}}
        case _:
            return {"stringValue": value}


def zstandard_zip(members: dict[str, bytes]) -> bytes:
    """An archive of method 93, which `zipfile` writes only from Python 3.14 on."""
    out, entries = b"", b""
    for name, data in members.items():
        packed = zstandard.compress(data)
        sizes = struct.pack("<3L", zipfile.crc32(data), len(packed), len(data))  # type: ignore[attr-defined]
        common = struct.pack("<5H", 20, 0, 93, 0, 33) + sizes
        names = struct.pack("<2H", len(name), 0)
        entry = b"PK\x01\x02" + struct.pack("<H", 20) + common + names
        entries += entry + struct.pack("<3H2L", 0, 0, 0, 0, len(out)) + name.encode()
        out += b"PK\x03\x04" + common + names + name.encode() + packed
    end = struct.pack(
        "<4H2LH", 0, 0, len(members), len(members), len(entries), len(out), 0
    )
    return out + entries + b"PK\x05\x06" + end
