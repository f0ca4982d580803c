"""What a record of another tool's file may hold."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

Json = dict[str, Any]

# Whoever was not named: one rater for all of them.
SOMEBODY = "unnamed"


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of an item; nothing of it is interpreted yet."""

    item_id: str
    rater: str
    criterion: str
    label: str
    rationale: str = ""
    time: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A native line that is still to be validated, or none, and votes."""

    line: Json | None = None
    votes: tuple[Vote, ...] = ()


class Skipped(msgspec.Struct, frozen=True):
    """A record that is well and holds no item; why."""

    reason: str


Outcome = Found | Skipped
Interpret = Callable[[Json], Iterator[Outcome]]


def label_text(value: Any) -> str:
    """A label as an import of judgments reads it: several are joined by a bar."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return "|".join(label_text(one) for one in value)
    return value if isinstance(value, str) else as_json(value)


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def decoded(value: Any) -> Any:
    """JSON that stands in a text, as it often does in an export; else the value."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
    return value


def without_nothing(values: Json) -> Json:
    """Only what is there."""
    return {
        key: value for key, value in values.items() if value not in (None, "", [], {})
    }


def as_table(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def verdict(
    judge: Any, said: Any, score: Any = None, rationale: Any = None
) -> list[Json]:
    """A signal of triage, if there is a judge and anything that it said."""
    text = label_text(said)
    if not text or not judge:
        return []
    found: Json = {"judge": str(judge), "verdict": text}
    if isinstance(score, int | float) and not isinstance(score, bool):
        found["score"] = float(score)
    if isinstance(rationale, str) and rationale:
        found["rationale"] = rationale
    return [found]
