"""The gold file: one JSON object a line with the known ratings of an item."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

KEYS = {"id", "ratings", "rationale", "use"}
# What a case is for; left out, it is for both.
USES = ("live", "qualification", "both")


@dataclass(frozen=True)
class GoldLine:
    number: int
    item: str
    ratings: dict[str, Any]
    rationale: str
    # None: the file does not say.
    use: str | None = None


@dataclass(frozen=True)
class GoldFault:
    line: int
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.problem}"

    @property
    def parts(self) -> tuple[str, str]:
        """The field, "" for the whole line, and what was expected of it."""
        field, colon, expected = self.problem.partition(": ")
        return (field, expected) if colon else ("", self.problem)


def read_gold(lines: Iterable[bytes]) -> Iterator[GoldLine | GoldFault]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _read(number, line)


def _read(number: int, line: bytes) -> GoldLine | GoldFault:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        return GoldFault(number, "not JSON")
    problem = _problem(parsed)
    if problem is not None:
        return GoldFault(number, problem)
    return GoldLine(
        number,
        parsed["id"],
        parsed["ratings"],
        parsed.get("rationale", ""),
        parsed.get("use"),
    )


def _problem(parsed: Any) -> str | None:
    if not isinstance(parsed, dict):
        return "expected an object with id and ratings"
    unknown = sorted(parsed.keys() - KEYS)
    if unknown:
        return f"{unknown[0]}: unknown key; expected id, ratings, rationale, use"
    if not isinstance(parsed.get("id"), str) or not parsed["id"]:
        return "id: expected the id of an item"
    if not isinstance(parsed.get("ratings"), dict) or not parsed["ratings"]:
        return "ratings: expected an object of criterion and value"
    if not isinstance(parsed.get("rationale", ""), str):
        return "rationale: expected text"
    if parsed.get("use", "both") not in USES:
        return f"use: expected one of {', '.join(USES)}"
    if "\x00" in parsed["id"] + parsed.get("rationale", ""):
        return "expected text without NUL characters"
    return None
