"""The parts of a mapping: each reads one value out of a row, or None."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

import msgspec

from reviews.formats.items import InvalidItem
from reviews.formats.paths import Path, get_at

SHOWN = 40

Row = Mapping[str, Any]


class Source(Protocol):
    def read(self, row: Row) -> Any: ...

    def paths(self) -> Iterator[Path]:
        """The fields that it takes as a whole."""
        ...


@dataclass(frozen=True)
class Literal:
    value: Any

    def read(self, row: Row) -> Any:
        return self.value

    def paths(self) -> Iterator[Path]:
        return iter(())


@dataclass(frozen=True)
class Field:
    """A field of the row; `target` is what it becomes, for messages."""

    target: str
    path: Path
    form: str = ""
    separator: str = "|"
    default: Any = None
    map: Mapping[str, Any] | None = None
    # An empty answer is an answer; any other empty text is nothing.
    keeps_empty: bool = False

    def read(self, row: Row) -> Any:
        value = get_at(row, self.path)
        if value is None or (value == "" and not self.keeps_empty):
            return self.default
        if self.map is None:
            return self._convert(value)
        key = as_text(value)
        if key not in self.map:
            self._refuse(f"one of {', '.join(self.map)}", value)
        return self.map[key]

    def paths(self) -> Iterator[Path]:
        yield self.path

    def _convert(self, value: Any) -> Any:
        if self.form == "text":
            if isinstance(value, dict | list):
                self._refuse("text", value)
            return as_text(value)
        if not self.form or not isinstance(value, str):
            return value
        if self.form == "list":
            parts = [part.strip() for part in value.split(self.separator)]
            return [part for part in parts if part]
        return self._decode(value)

    def _decode(self, value: str) -> Any:
        expected = "JSON" if self.form == "json" else "a number"
        try:
            decoded = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            self._refuse(expected, value)
        if self.form == "number" and type(decoded) not in (int, float):
            self._refuse(expected, value)
        return decoded

    def _refuse(self, expected: str, value: Any) -> NoReturn:
        message = f"expected {expected} in field {self.path.name!r}"
        found = as_text(value)
        shown = found if len(found) <= SHOWN else f"{found[:SHOWN]}..."
        raise InvalidItem([(self.target, f"{message}, found {shown!r}")])


@dataclass(frozen=True)
class Join:
    """The parts that hold something, with a separator between them."""

    parts: tuple[Source, ...]
    separator: str = "\n\n"

    def read(self, row: Row) -> str | None:
        values = [part.read(row) for part in self.parts]
        texts = [as_text(value) for value in values if value is not None]
        return self.separator.join(filter(None, texts)) or None

    def paths(self) -> Iterator[Path]:
        for part in self.parts:
            yield from part.paths()


@dataclass(frozen=True)
class Paragraph:
    """Text with fields in it; nothing when all of its fields are empty."""

    parts: tuple[Source, ...]

    def read(self, row: Row) -> str | None:
        values = [(part, part.read(row)) for part in self.parts]
        fields = [value for part, value in values if isinstance(part, Field)]
        if fields and all(value is None for value in fields):
            return None
        return "".join(as_text(value) for _, value in values if value is not None)

    def paths(self) -> Iterator[Path]:
        for part in self.parts:
            yield from part.paths()


@dataclass(frozen=True)
class Record:
    """An object; nothing when no field of the row says anything about it."""

    members: Mapping[str, Source]

    def read(self, row: Row) -> dict[str, Any] | None:
        values = {name: source.read(row) for name, source in self.members.items()}
        values = {name: value for name, value in values.items() if value is not None}
        is_said = any(
            name in values
            for name, source in self.members.items()
            if not isinstance(source, Literal)
        )
        is_fixed = all(isinstance(source, Literal) for source in self.members.values())
        return values if is_said or is_fixed else None

    def paths(self) -> Iterator[Path]:
        for source in self.members.values():
            yield from source.paths()


@dataclass(frozen=True)
class Listed:
    """A list written out in the mapping."""

    elements: tuple[Source, ...]
    # Of responses each keeps its place: their origins stand in the same order.
    keeps_places: bool = False

    def read(self, row: Row) -> list[Any] | None:
        values = [element.read(row) for element in self.elements]
        if self.keeps_places:
            return values
        return [value for value in values if value is not None] or None

    def paths(self) -> Iterator[Path]:
        for element in self.elements:
            yield from element.paths()


@dataclass(frozen=True)
class Each:
    """One object for each element of a list in the row."""

    target: str
    path: Path
    member: Record

    def read(self, row: Row) -> list[Any] | None:
        found = get_at(row, self.path)
        if found is None or found == "":
            return None
        if not isinstance(found, list):
            raise InvalidItem(
                [(self.target, f"expected a list in field {self.path.name!r}")]
            )
        return [
            self.member.read(element) if isinstance(element, dict) else element
            for element in found
        ]

    def paths(self) -> Iterator[Path]:
        return iter(())


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
