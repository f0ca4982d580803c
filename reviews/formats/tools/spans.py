"""Spans: OTLP/JSON, and how attributes and messages are read from them."""

from collections.abc import Iterator
from typing import Any

from reviews.formats.items import MAX_DEPTH
from reviews.formats.tools.found import Json, as_list, as_table

PATHS = (
    ("resourceSpans", "*", "scopeSpans", "*", "spans", "*"),
    ("resourceSpans", "*", "instrumentationLibrarySpans", "*", "spans", "*"),
)
SCALARS = ("stringValue", "boolValue", "doubleValue", "bytesValue")


def attributes_of(span: Json) -> Json:
    """The attributes by name; of OTLP they are a list of typed values."""
    given = span.get("attributes")
    if isinstance(given, dict):
        return given
    return {
        str(one["key"]): _value(one.get("value"))
        for one in as_list(given)
        if isinstance(one, dict) and "key" in one
    }


def events_of(span: Json) -> Iterator[tuple[str, Json]]:
    for event in as_list(span.get("events")):
        if isinstance(event, dict):
            yield str(event.get("name")), attributes_of(event)


def nested(attributes: Json) -> Json:
    """`a.0.b` as a list of objects, also inside of lists."""
    root: Json = {}
    for name, value in attributes.items():
        here = root
        *way, last = name.split(".", MAX_DEPTH)
        for step in way:
            # A name may be a value and the start of others too: the others win.
            if not isinstance(here.get(step), dict):
                here[step] = {}
            here = here[step]
        found = _unflattened(value)
        if isinstance(here.get(last), dict) and not isinstance(found, dict):
            continue
        here[last] = found
    return as_table(_listed(root))


def _unflattened(value: Any) -> Any:
    if isinstance(value, list):
        return [_unflattened(one) for one in value]
    return nested(value) if isinstance(value, dict) else value


def _listed(value: Any) -> Any:
    """Objects whose keys are all numbers are lists."""
    if not isinstance(value, dict):
        return value
    listed = {key: _listed(inner) for key, inner in value.items()}
    if listed and all(key.isdecimal() for key in listed):
        return [listed[key] for key in sorted(listed, key=int)]
    return listed


def _value(value: Any) -> Any:
    found = as_table(value)
    for name in SCALARS:
        if name in found:
            return found[name]
    if "intValue" in found:
        # A 64-bit integer is text in JSON.
        text = str(found["intValue"])
        return int(text) if text.lstrip("-").isdecimal() else text
    if "arrayValue" in found:
        return [
            _value(one) for one in as_list(as_table(found["arrayValue"]).get("values"))
        ]
    if "kvlistValue" in found:
        return attributes_of(
            {"attributes": as_table(found["kvlistValue"]).get("values")}
        )
    return None
