"""The native line: what it may hold, and its canonical stored form."""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from reviews.formats.hazards import (
    find_hazards,
    find_repeated_key,
    has_extremes,
    has_nul,
)
from reviews.formats.items import MAX_ID_LENGTH, MAX_NUMBER, InvalidItem, ParsedItem
from reviews.formats.messages import explain

KIND = {"single": "SINGLE", "pair": "PAIR", "trace": "TRACE"}
N_RESPONSES = {"single": (1, 1), "pair": (2, 8), "trace": (0, 1)}
RESPONSES_OF = {
    "single": "exactly 1 response for a single",
    "pair": "2 to 8 responses for a pair",
    "trace": "at most 1 response for a trace",
}
Complaint = tuple[str, str]
NO_TEXT = "expected text, found nothing but blanks"

Text = Annotated[str, Meta(min_length=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Score = Annotated[float, Meta(ge=-MAX_NUMBER, le=MAX_NUMBER)]


class _Strict(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Fields stand in alphabetical order, so that the encoded form is canonical."""


class Message(_Strict, kw_only=True):
    content: str
    role: Literal["system", "user", "assistant", "tool"]


class Document(_Strict, kw_only=True):
    text: Text
    title: str | None = None


class Response(_Strict, kw_only=True):
    # Saying nothing is an answer too, and a reviewer has to see it.
    text: str


class Step(_Strict, kw_only=True):
    arguments: Any = None
    name: str | None = None
    role: str | None = None
    text: str | None = None
    type: Literal["message", "tool_call", "tool_result", "error"]


class Content(_Strict, kw_only=True):
    context: list[Document] | None = None
    messages: list[Message] | None = None
    prompt: Text | None = None
    responses: list[Response | str] | None = None
    steps: list[Step] | None = None


class Verdict(_Strict, kw_only=True):
    judge: Text
    rationale: str | None = None
    score: Score | None = None
    verdict: Text


class Signals(_Strict, kw_only=True):
    confidence: Share | None = None
    flags: list[Text] | None = None
    intent: Text | None = None
    judges: list[Verdict] | None = None
    stakes: Literal["low", "medium", "high", "critical"] | None = None


class Line(_Strict, kw_only=True):
    content: Content
    id: Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH)]
    kind: Literal["single", "pair", "trace"]
    provenance: dict[str, Any] | None = None
    signals: Signals | None = None


class _Id(msgspec.Struct):
    id: str | None = None


CANONICAL = b'{"content":%b,"id":%b,"kind":"%b","provenance":%b,"signals":%b}'

_decoder = msgspec.json.Decoder(Line)
_id_decoder = msgspec.json.Decoder(_Id)
_signals_decoder = msgspec.json.Decoder(Signals)
_encoder = msgspec.json.Encoder(order="deterministic")


def parse_line(number: int, raw: bytes) -> ParsedItem:
    """One line of JSON as the item it says, or `InvalidItem`."""
    try:
        line = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidItem([explain(error)], _peek_id(raw)) from None
    item, n_quotes = _store(number, line)
    # The decoder keeps the last of two equal keys. A line that lost none has as
    # many quotes as its canonical form, unless it writes them as an escape.
    if raw.count(b'"') != n_quotes or (b"\\" in raw and b"\\u0022" in raw):
        repeated = find_repeated_key(raw)
        if repeated is not None:
            raise InvalidItem([repeated], line.id)
    return item


def add_flags(item: ParsedItem, flags: Sequence[str]) -> ParsedItem:
    """The item as if its line had these flags too."""
    signals = _signals_decoder.decode(item.signals)
    signals.flags = list(dict.fromkeys([*(signals.flags or ()), *flags]))
    encoded = _encoder.encode(signals)
    canonical = CANONICAL % (
        item.content,
        _encoder.encode(item.external_id),
        item.kind.lower().encode(),
        item.provenance,
        encoded,
    )
    fingerprint = hashlib.sha256(canonical).digest()
    return msgspec.structs.replace(item, signals=encoded, fingerprint=fingerprint)


def parse_object(number: int, value: object, unit: str = "line") -> ParsedItem:
    """The same for a value that is already read, by a mapping for example."""
    try:
        line = msgspec.convert(value, Line)
    except (msgspec.ValidationError, RecursionError) as error:
        raise InvalidItem([explain(error)], _id_of(value)) from None
    return _store(number, line, unit)[0]


def _store(number: int, line: Line, unit: str = "line") -> tuple[ParsedItem, int]:
    """The item, and how many quotes a line that says it has."""
    faults = _check_content(line.kind, line.content)
    if line.provenance:
        faults += _check_provenance(line.provenance, line.content)
    n_added = _normalise(line.content)
    # Absent and empty are the same to the fingerprint.
    n_added += 2 * (line.signals is None) + 2 * (line.provenance is None)
    content = _encoder.encode(line.content)
    signals = _encoder.encode(line.signals) if line.signals else b"{}"
    provenance = _encoder.encode(line.provenance) if line.provenance else b"{}"
    external_id = _encoder.encode(line.id)
    canonical = CANONICAL % (
        content,
        external_id,
        line.kind.encode(),
        provenance,
        signals,
    )
    # Any JSON may stand in these two, and only there.
    free = content + provenance if line.content.steps else provenance
    if has_nul(canonical) or has_extremes(free):
        faults += _find_hazards(line)
    if faults:
        raise InvalidItem(faults, line.id)
    fingerprint = hashlib.sha256(canonical).digest()
    kind = KIND[line.kind]
    parts = (content, signals, provenance, fingerprint)
    return (
        ParsedItem(number, line.id, kind, *parts, unit),
        canonical.count(b'"') - n_added,
    )


def _find_hazards(line: Line) -> list[tuple[str, str]]:
    return [
        fault
        for part in ("id", "content", "signals", "provenance")
        for fault in find_hazards(part, getattr(line, part))
    ]


def _normalise(content: Content) -> int:
    """Give every item a list of objects as responses; how many quotes that adds."""
    responses = content.responses
    if responses is None:
        content.responses = []
        return 2
    n_bare = sum(type(response) is str for response in responses)
    if n_bare:
        content.responses = [
            Response(text=response) if isinstance(response, str) else response
            for response in responses
        ]
    return 2 * n_bare


def _check_content(kind: str, content: Content) -> list[Complaint]:
    faults: list[Complaint] = []
    least, most = N_RESPONSES[kind]
    n_responses = len(content.responses or ())
    if not least <= n_responses <= most:
        message = f"expected {RESPONSES_OF[kind]}, found {n_responses}"
        faults.append(("content.responses", message))
    faults += _check_question(kind, content)
    for place, document in enumerate(content.context or ()):
        if _is_blank(document.text):
            faults.append((f"content.context[{place}].text", NO_TEXT))
    if kind == "trace":
        faults += _check_steps(content.steps or [])
    elif content.steps is not None:
        faults.append(("content.steps", f"expected no steps for a {kind}"))
    return faults


def _check_question(kind: str, content: Content) -> list[Complaint]:
    prompt, messages = content.prompt, content.messages
    if prompt is not None and messages is not None:
        return [("content", "expected prompt or messages, found both")]
    if prompt is not None:
        return [("content.prompt", NO_TEXT)] if _is_blank(prompt) else []
    if messages is not None:
        if all(_is_blank(message.content) for message in messages):
            return [("content.messages", "expected at least one message with text")]
        return []
    if kind == "trace":
        return []
    return [("content", "expected prompt or messages, found neither")]


def _check_steps(steps: list[Step]) -> list[Complaint]:
    if not steps:
        return [("content.steps", "expected at least 1 step for a trace, found none")]
    return [
        (f"content.steps[{place}]", "expected text, name or arguments")
        for place, step in enumerate(steps)
        if step.text is None and step.name is None and step.arguments is None
    ]


def _check_provenance(provenance: dict[str, Any], content: Content) -> list[Complaint]:
    """Each response has its origin in the same place, or the blame is misplaced."""
    origins = provenance.get("responses")
    if origins is None:
        return []
    field = "provenance.responses"
    n_responses = max(1, len(content.responses or ()))
    if not isinstance(origins, list) or len(origins) != n_responses:
        found = len(origins) if isinstance(origins, list) else "something else"
        expected = f"expected a list of {n_responses}, one for each response"
        return [(field, f"{expected}, found {found}")]
    faults: list[Complaint] = []
    for place, origin in enumerate(origins):
        if not isinstance(origin, dict):
            faults.append((f"{field}[{place}]", "expected an object"))
        elif not isinstance(origin.get("model") or "", str):
            faults.append((f"{field}[{place}].model", "expected text"))
    return faults


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _peek_id(raw: bytes) -> str | None:
    try:
        return _id_decoder.decode(raw).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _id_of(value: object) -> str | None:
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None
