"""Queue files: what a queue is to be, in TOML."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from reviews.models import Authority, ItemKind, LabelMethod


class QueueFault(Exception):
    """The queue cannot be set up so; the message names the key."""


@dataclass(frozen=True)
class QueueSpec:
    """What a queue file says; the defaults suit a small team."""

    queue: str
    rubric: str
    project: str = ""
    title: str = ""
    kinds: tuple[str, ...] = tuple(ItemKind.values)
    reviewers: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()
    overlap: int = 2
    batch_size: int = 10
    gold_rate: float = 0.1
    lease_minutes: int = 60
    daily_cap: int = 200
    queue_daily_cap: int | None = None
    agreement_bar: float = 0.667
    label_method: str = LabelMethod.WEIGHTED
    label_confidence_floor: float = 0.8
    slice_floor: float | None = None
    slice_minimum: int = 30
    reliable_bar: float = 0.8
    gold_period_days: int = 90
    retest_rate: float = 0.0
    retest_after_days: int = 7
    retest_after_items: int = 50
    # Hours by tier, the most urgent first; none: no promise.
    sla_hours: tuple[int, ...] = ()
    guess_systems: tuple[str, ...] = ()
    plain_text: bool = False
    authority: tuple[str, ...] = (Authority.ESCALATE.value,)
    qualification_size: int = 0
    qualification_pass: float = 0.8


# Key: type, least, most.
NUMBERS: Mapping[str, tuple[type[int] | type[float], float, float]] = {
    "overlap": (int, 1, 20),
    "batch_size": (int, 1, 200),
    "gold_rate": (float, 0, 0.5),
    "lease_minutes": (int, 1, 7 * 24 * 60),
    "daily_cap": (int, 1, 100_000),
    "queue_daily_cap": (int, 1, 10_000_000),
    "agreement_bar": (float, 0, 1),
    "label_confidence_floor": (float, 0, 0.999),
    "slice_floor": (float, 0.001, 0.999),
    "slice_minimum": (int, 10, 100_000),
    "reliable_bar": (float, 0, 1),
    "gold_period_days": (int, 1, 3650),
    "retest_rate": (float, 0, 0.5),
    "retest_after_days": (int, 0, 3650),
    "retest_after_items": (int, 1, 100_000),
    "qualification_size": (int, 0, 100),
    "qualification_pass": (float, 0.01, 1),
}
# In the order of the tiers.
STAKES = ("critical", "high", "medium", "low")
LONGEST_SLA = 24 * 365
MOST_SYSTEMS = 8
# Of a batch, gold and retests together: the rest is work.
MOST_UNSEEN = 0.5


def parse_queue(text: str) -> QueueSpec:
    """Read a queue file. Raises QueueFault where it is not one."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise QueueFault(f"not TOML: {error}") from None
    known = [field.name for field in fields(QueueSpec)]
    for key in document:
        if key not in known:
            raise QueueFault(
                f"unknown key {key!r}: expected one of {', '.join(sorted(known))}"
            )
    for key in ("queue", "rubric"):
        if key not in document:
            raise QueueFault(f"{key} is missing: expected a name")
    spec = QueueSpec(**{key: _value(key, value) for key, value in document.items()})
    _check_together(spec)
    return spec


def _check_together(spec: QueueSpec) -> None:
    if not leaves_a_choice(spec.authority):
        raise QueueFault(
            "authority: expected approve beside reject and revise: without it a good"
            " answer has no decision"
        )
    for handle in spec.backups:
        if handle in spec.reviewers:
            raise QueueFault(f"backups: {handle!r} is one of the reviewers already")
    if spec.gold_rate + spec.retest_rate > MOST_UNSEEN:
        raise QueueFault(
            f"retest_rate: expected at most {MOST_UNSEEN} together with gold_rate"
        )


def leaves_a_choice(authority: Collection[str]) -> bool:
    """Whether a good answer can be decided on, where decisions are asked for."""
    asks = {Authority.REJECT, Authority.REVISE} & set(authority)
    return not asks or Authority.APPROVE in authority


def _value(key: str, value: Any) -> Any:
    if key in NUMBERS:
        return _number(key, value)
    if key in ("kinds", "reviewers", "backups", "guess_systems", "authority"):
        return _words(key, value)
    if key == "sla_hours":
        return _hours(value)
    if key == "plain_text":
        return _yes_or_no(key, value)
    if key == "label_method":
        return _label_method(value)
    return _text(key, value)


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise QueueFault(f"{key}: expected text")
    if key == "queue":
        try:
            validate_slug(value)
        except ValidationError:
            raise QueueFault(
                f"queue: {value!r} is not a name: expected letters, digits and -"
            ) from None
    return value


def _number(key: str, value: Any) -> float:
    kind, least, most = NUMBERS[key]
    fits = isinstance(value, int) or (kind is float and isinstance(value, float))
    if isinstance(value, bool) or not fits or not least <= value <= most:
        what = "a whole number" if kind is int else "a number"
        raise QueueFault(f"{key}: expected {what} from {least} to {most}")
    return kind(value)


def _words(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise QueueFault(f"{key}: expected a list of words")
    if key == "guess_systems":
        return _systems(tuple(value))
    if key == "authority":
        given = _chosen(key, value, Authority.values)
        return tuple(one for one in Authority.values if one in given)
    if key != "kinds":
        return tuple(value)
    if not value:
        raise QueueFault("kinds: expected at least one")
    return _chosen(key, value, ItemKind.values)


def _chosen(key: str, words: list[str], known: list[str]) -> tuple[str, ...]:
    for word in words:
        if word.upper() not in known:
            expected = ", ".join(one.lower() for one in known)
            raise QueueFault(f"{key}: {word!r} is not one of {expected}")
    return tuple(word.upper() for word in words)


def _yes_or_no(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise QueueFault(f"{key}: expected true or false")
    return value


def _hours(value: Any) -> tuple[int, ...]:
    expected = (
        f"sla_hours: expected {{ {', '.join(f'{one} = ...' for one in STAKES)} }}"
    )
    if not isinstance(value, dict) or set(value) != set(STAKES):
        raise QueueFault(expected)
    for stakes, hours in value.items():
        is_whole = isinstance(hours, int) and not isinstance(hours, bool)
        if not is_whole or not 1 <= hours <= LONGEST_SLA:
            raise QueueFault(
                f"sla_hours: {stakes}: expected whole hours from 1 to {LONGEST_SLA}"
            )
    return tuple(value[stakes] for stakes in STAKES)


def _label_method(value: Any) -> str:
    known = {name.lower().replace("_", "-"): name for name in LabelMethod.values}
    if not isinstance(value, str) or value not in known:
        raise QueueFault(f"label_method: expected one of {', '.join(known)}")
    return known[value]


def _systems(names: tuple[str, ...]) -> tuple[str, ...]:
    """Options of a guess: one alone, or one named twice, would be no question."""
    if len(names) == 1 or len(names) > MOST_SYSTEMS or len(set(names)) < len(names):
        raise QueueFault(
            f"guess_systems: expected 2 to {MOST_SYSTEMS} different names, or none"
        )
    for name in names:
        if not 1 <= len(name) <= 80:
            raise QueueFault("guess_systems: expected names of 1 to 80 characters")
    return names
