"""Mapping files: how a foreign row reads as a native line. See docs/ingest.md."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import msgspec

from reviews.formats.items import InvalidItem
from reviews.formats.native import KIND
from reviews.formats.paths import InvalidPath, Path, parse_path
from reviews.formats.sources import (
    Each,
    Field,
    Join,
    Listed,
    Literal,
    Paragraph,
    Record,
    Row,
    Source,
)

FORMATS = ("jsonl", "csv")
FORMS = ("text", "number", "json", "list")
ORIGINS = ("from", "literal", "join", "template")
OPTIONS = {
    "from": {"as", "separator", "default", "map"},
    "literal": set(),
    "join": {"with"},
    "template": set(),
}
# Lists of objects: their members and the form in which each is read.
SHAPES = {
    "content.responses": {"text": "text"},
    "content.context": {"text": "text", "title": "text"},
    "content.messages": {"content": "text", "role": "text"},
    "content.steps": dict.fromkeys(("type", "role", "name", "text"), "text")
    | {"arguments": ""},
    "signals.judges": dict.fromkeys(("judge", "verdict", "rationale"), "text")
    | {"score": "number"},
}
SIGNALS = {"confidence": "number", "stakes": "text", "intent": "text", "flags": "list"}


class InvalidMapping(ValueError):
    """The mapping file is not one; the message names the key."""


@dataclass(frozen=True)
class MappingFile:
    """A mapping, ready to read rows."""

    format: str | None
    delimiter: str | None
    head: Mapping[str, Source]
    content: Mapping[str, Source]
    signals: Mapping[str, Source]
    provenance: Mapping[str, Source]
    taken: frozenset[str]

    def read(self, row: Row) -> dict[str, Any]:
        """The native line that the row says; it is still to be validated."""
        line: dict[str, Any] = _read_all(self.head, row)
        content = _read_all(self.content, row)
        provenance = self._read_provenance(row)
        _close_responses(content, provenance)
        line["content"] = content
        line["signals"] = _read_all(self.signals, row)
        line["provenance"] = provenance
        return line

    def _read_provenance(self, row: Row) -> dict[str, Any]:
        provenance = _read_all(self.provenance, row)
        for name, value in row.items():
            if name in self.taken or value is None:
                continue
            if name in self.provenance:
                message = (
                    f"field {name!r} of the row has no place in the mapping, and the "
                    "mapping makes another value of that name"
                )
                raise InvalidItem([(f"provenance.{name}", message)])
            provenance[name] = value
        return provenance


def parse_mapping(text: str) -> MappingFile:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidMapping(f"not valid TOML: {error}") from None
    _check_keys(
        "",
        table,
        {"format", "delimiter", "id", "kind", "content", "signals", "provenance"},
    )
    sections = {
        name: _section(name, table.get(name, {}))
        for name in ("content", "signals", "provenance")
    }
    head = {"id": _source("id", _need(table, "id"), "text"), "kind": _kind(table)}
    sources = [*head.values()]
    for section in sections.values():
        sources += section.values()
    return MappingFile(
        format=_choice(table, "format", FORMATS),
        delimiter=_delimiter(table),
        head=head,
        taken=frozenset(_taken(sources)),
        **sections,
    )


def _read_all(sources: Mapping[str, Source], row: Row) -> dict[str, Any]:
    values = {name: source.read(row) for name, source in sources.items()}
    return {name: value for name, value in values.items() if value is not None}


def _close_responses(content: dict[str, Any], provenance: dict[str, Any]) -> None:
    """A row with fewer responses than the mapping has places ends earlier."""
    listed = content.get("responses")
    while isinstance(listed, list) and listed and listed[-1] is None:
        listed.pop()
    origins = provenance.get("responses")
    if isinstance(origins, list):
        n_responses = len(content.get("responses") or ()) or 1
        del origins[n_responses:]
        origins[:] = [origin or {} for origin in origins]


def _taken(sources: list[Source]) -> Iterator[str]:
    """The fields of which nothing is left over for provenance."""
    for source in sources:
        for path in source.paths():
            yield path.name


def _section(name: str, table: Any) -> dict[str, Source]:
    if not isinstance(table, dict):
        _refuse(name, "expected a table")
    if name == "content":
        members = {"prompt", "messages", "context", "responses", "steps"}
        _check_keys("content", table, members)
    if name == "signals":
        _check_keys("signals", table, {*SIGNALS, "judges"})
    return {
        key: _member(name, f"{name}.{key}", key, spec) for key, spec in table.items()
    }


def _member(section: str, key: str, name: str, spec: Any) -> Source:
    if key in SHAPES:
        return _list(key, spec, SHAPES[key])
    if key == "provenance.responses":
        return _origins(key, spec)
    if key == "signals.flags" and isinstance(spec, list):
        return Listed(tuple(_source(key, part, "text") for part in spec))
    if section == "provenance":
        return _source(key, spec, "")
    return _source(key, spec, SIGNALS.get(name, "text"))


def _kind(table: Mapping[str, Any]) -> Source:
    spec = _need(table, "kind")
    if isinstance(spec, str):
        if spec not in KIND:
            _refuse("kind", 'expected "single", "pair", "trace" or {from = "..."}')
        return Literal(spec)
    return _source("kind", spec, "text")


def _source(key: str, spec: Any, form: str) -> Source:
    if isinstance(spec, str):
        return _field(key, {"from": spec}, form)
    if isinstance(spec, list):
        return Join(_parts(key, spec))
    if not isinstance(spec, dict):
        _refuse(key, 'expected "field", ["field", ...] or a table')
    origins = [name for name in ORIGINS if name in spec]
    if len(origins) != 1:
        _refuse(key, f"expected exactly one of {', '.join(ORIGINS)}")
    origin = origins[0]
    _check_keys(key, spec, {origin, *OPTIONS[origin]})
    if origin == "literal":
        return Literal(_json(f"{key}.literal", spec["literal"]))
    if origin == "template":
        return _template(key, spec["template"])
    if origin == "join":
        return Join(_parts(key, spec["join"]), _text(key, spec, "with", "\n\n"))
    return _field(key, spec, form)


def _field(key: str, spec: Mapping[str, Any], form: str) -> Field:
    mapped = _json(f"{key}.map", spec.get("map"))
    if mapped is not None and not isinstance(mapped, dict):
        _refuse(f"{key}.map", 'expected a table such as {"1" = "low"}')
    return Field(
        target=key,
        path=_path(key, spec["from"]),
        form=_choice(spec, "as", FORMS, key) or form,
        separator=_text(key, spec, "separator", "|"),
        default=_json(f"{key}.default", spec.get("default")),
        map=mapped,
        keeps_empty=key.startswith("content.responses"),
    )


def _template(key: str, spec: Any) -> Source:
    if not isinstance(spec, str):
        _refuse(f"{key}.template", "expected text")
    paragraphs = spec.split("\n\n")
    return Join(tuple(_paragraph(f"{key}.template", text) for text in paragraphs))


def _paragraph(key: str, text: str) -> Source:
    parts: list[Source] = []
    try:
        for literal, name, form, conversion in string.Formatter().parse(text):
            parts.append(Literal(literal))
            if name is not None:
                if form or conversion:
                    _refuse(key, f"expected a field alone in {{{name}}}")
                parts.append(Field(key, _path(key, name), "text"))
    except ValueError as error:
        _refuse(key, str(error))
    return Paragraph(tuple(parts))


def _parts(key: str, spec: Any) -> tuple[Source, ...]:
    if not isinstance(spec, list) or not spec:
        _refuse(key, "expected a list of fields")
    return tuple(_source(key, part, "text") for part in spec)


def _list(key: str, spec: Any, shape: Mapping[str, str]) -> Source:
    if isinstance(spec, list):
        return Listed(
            tuple(
                _element(f"{key}[{place}]", part, shape)
                for place, part in enumerate(spec)
            ),
            keeps_places=key == "content.responses",
        )
    if isinstance(spec, dict) and "each" in spec:
        return _each(key, spec, shape)
    return _source(key, spec, "json")


def _each(key: str, spec: Mapping[str, Any], shape: Mapping[str, str] | None) -> Each:
    members = {name: part for name, part in spec.items() if name != "each"}
    return Each(key, _path(f"{key}.each", spec["each"]), _record(key, members, shape))


def _element(key: str, spec: Any, shape: Mapping[str, str]) -> Source:
    if isinstance(spec, dict) and not any(name in spec for name in ORIGINS):
        return _record(key, spec, shape)
    return _source(key, spec, "text")


def _record(key: str, spec: Any, shape: Mapping[str, str] | None) -> Record:
    if not isinstance(spec, dict) or not spec:
        _refuse(key, "expected a table that says where each member comes from")
    if shape is not None:
        _check_keys(key, spec, set(shape))
    return Record(
        {
            name: _source(f"{key}.{name}", part, (shape or {}).get(name, ""))
            for name, part in spec.items()
        }
    )


def _origins(key: str, spec: Any) -> Source:
    """Where the responses come from: by response, or by member."""
    if isinstance(spec, list):
        return Listed(
            tuple(
                _record(f"{key}[{place}]", part, None)
                for place, part in enumerate(spec)
            ),
            keeps_places=True,
        )
    if not isinstance(spec, dict):
        _refuse(key, "expected a table such as {model = [...]}")
    if "each" in spec:
        return _each(key, spec, None)
    sizes = {len(part) for part in spec.values() if isinstance(part, list)}
    if len(sizes) != 1:
        _refuse(key, "expected lists of one length, a place for each response")
    records = []
    for place in range(sizes.pop()):
        parts = {
            name: part[place] if isinstance(part, list) else part
            for name, part in spec.items()
        }
        records.append(_record(key, parts, None))
    return Listed(tuple(records), keeps_places=True)


def _need(table: Mapping[str, Any], key: str) -> Any:
    if key not in table:
        _refuse(key, "is required and missing")
    return table[key]


def _path(key: str, spec: Any) -> Path:
    try:
        return parse_path(spec)
    except (InvalidPath, TypeError):
        _refuse(key, f"expected the name of a field such as a.b[0].c, found {spec!r}")


def _json(key: str, value: Any) -> Any:
    """The value, if JSON can say it; TOML also knows dates, nan and inf."""
    if msgspec.json.decode(msgspec.json.encode(value)) != value:
        _refuse(key, "expected a value that JSON can say: text, number, list, table")
    return value


def _text(key: str, spec: Mapping[str, Any], name: str, default: str) -> str:
    value = spec.get(name, default)
    if not isinstance(value, str) or not value:
        _refuse(f"{key}.{name}", "expected text")
    return value


def _choice(
    spec: Mapping[str, Any], name: str, choices: tuple[str, ...], key: str = ""
) -> str | None:
    value = spec.get(name)
    if value is not None and value not in choices:
        where = f"{key}.{name}" if key else name
        _refuse(where, f"expected one of {', '.join(choices)}, found {value!r}")
    return value


def _delimiter(table: Mapping[str, Any]) -> str | None:
    value = table.get("delimiter")
    if value is None:
        return None
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n':
        _refuse("delimiter", "expected one character")
    return value


def _check_keys(key: str, table: Mapping[str, Any], known: set[str]) -> None:
    for name in table:
        if name not in known:
            where = f"{key}.{name}" if key else name
            _refuse(where, f"is not a key here; expected {', '.join(sorted(known))}")


def _refuse(key: str, message: str) -> NoReturn:
    raise InvalidMapping(f"{key}: {message}")
