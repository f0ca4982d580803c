"""The spec of a golden set: which cases it should hold, in TOML."""

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from calibration.formats.cases import (
    ADVERSARIAL,
    CORRECTED,
    INCIDENT,
    LOW_CONFIDENCE,
)
from reviews.formats.messages import explain

Text = Annotated[str, Meta(min_length=1)]
Why = Annotated[str, Meta(max_length=2000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Bucket = Literal["incident", "adversarial", "corrected", "low_confidence"]
Days = Annotated[int, Meta(ge=1, le=3660)]
Guid = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", max_length=36)
]

# A shorter window is one mood of the traffic: it needs a reason.
SHORTEST_DAYS = 14
SIZES = (200, 500)
HARD_SHARES = (0.20, 0.25)


class SpecFault(Exception):
    """The file is no spec; the message names the key and what it should be."""


class _Strict(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    pass


class Window(_Strict, frozen=True):
    """The days whose traffic the set is to stand for, both included."""

    from_: date | None = msgspec.field(default=None, name="from")
    until: date | None = None
    # The key of provenance that says when; without it, the day of ingest.
    at: Text = "created_at"
    why: Why = ""


class Size(_Strict, frozen=True):
    cases: Annotated[int, Meta(ge=1, le=1_000_000)]
    why: Why = ""


class Strata(_Strict, frozen=True):
    by: Literal["intent", "none"] = "intent"


class Hard(_Strict, frozen=True):
    """The cells that are taken more often than traffic has them, on purpose."""

    share: Share = 0.22
    buckets: tuple[Bucket, ...] = (INCIDENT, ADVERSARIAL, CORRECTED, LOW_CONFIDENCE)
    # Which flags of an item put it into the bucket.
    incident_flags: tuple[Text, ...] = (INCIDENT,)
    adversarial_flags: tuple[Text, ...] = (ADVERSARIAL,)
    why: Why = ""


class Eligible(_Strict, frozen=True):
    # None: the bar of the queue.
    agreement_bar: Share | None = None
    # In each label: its probability, or votes for it of all; adjudicated ones have it.
    min_confidence: Share = 0.0
    # None: the version that the queue is on.
    rubric_version: Annotated[int, Meta(ge=1)] | None = None
    # Whether a text in which a name was masked may be a case.
    allow_masked: bool = True


class Refresh(_Strict, frozen=True):
    every_days: Days = 90
    # How long candidates are run on the old version and on the new one.
    parallel_days: Days = 14
    # Cases that a version shares with its parent, so that scores can be bridged.
    anchors: Annotated[int, Meta(ge=0)] = 100


class Spec(_Strict, frozen=True):
    """What a set should hold. A set without one holds every labelled item."""

    queue: Text
    size: Size
    purpose: Why = ""
    licence: Why = ""
    canary: Guid | None = None
    seed: int = 0
    window: Window = Window()
    strata: Strata = Strata()
    hard: Hard = Hard()
    eligible: Eligible = Eligible()
    refresh: Refresh = Refresh()


def parse_spec(text: str) -> Spec:
    """Read a spec file. Raises SpecFault where it is not one."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecFault(f"not TOML: {error}") from None
    return read_spec(document)


def read_spec(document: Any) -> Spec:
    try:
        spec = msgspec.convert(document, Spec)
    except msgspec.ValidationError as error:
        field, expected = explain(error)
        if "Invalid enum" in str(error):
            expected = "is none of the words that may stand here"
        raise SpecFault(f"{field or 'the file'}: {expected}") from None
    for fault in _faults(spec):
        raise SpecFault(fault)
    return spec


def describe_spec(spec: Spec) -> dict[str, Any]:
    """The document that `read_spec` reads back; fractions as text, for a manifest."""
    described: dict[str, Any] = msgspec.to_builtins(spec)
    return described


def spec_text(spec: Spec) -> str:
    """The file that says so."""
    document = describe_spec(spec)
    lines = [f"{key} = {_toml(key, one)}" for key, one in _plain(document)]
    for name, table in document.items():
        if isinstance(table, dict):
            lines += ["", f"[{name}]"]
            lines += [f"{key} = {_toml(key, one)}" for key, one in _plain(table)]
    return "\n".join(lines) + "\n"


def _plain(table: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (key, value)
        for key, value in table.items()
        if value is not None and not isinstance(value, dict)
    ]


def _toml(key: str, value: Any) -> str:
    # A date is written bare; all else that a spec holds is in JSON what it is in TOML.
    return value if key in ("from", "until") else json.dumps(value)


def window_days(window: Window) -> int | None:
    if window.from_ is None or window.until is None:
        return None
    return (window.until - window.from_).days + 1


def _faults(spec: Spec) -> Iterator[str]:
    days = window_days(spec.window)
    if days is not None and days < 1:
        yield "window.until: expected a day not before window.from"
    if days is not None and days < SHORTEST_DAYS and not spec.window.why.strip():
        yield (
            f"window.why: expected a reason, since {days} days are under "
            f"{SHORTEST_DAYS}"
        )
    smallest, largest = SIZES
    if not smallest <= spec.size.cases <= largest and not spec.size.why.strip():
        yield (
            f"size.why: expected a reason, since {spec.size.cases} cases are not "
            f"{smallest} to {largest}"
        )
    low, high = HARD_SHARES
    if not low <= spec.hard.share <= high and not spec.hard.why.strip():
        yield (
            f"hard.why: expected a reason, since a share of {spec.hard.share} is not "
            f"{low:.2f} to {high:.2f}"
        )
    if len(set(spec.hard.buckets)) != len(spec.hard.buckets):
        yield "hard.buckets: a bucket stands twice"
    if spec.hard.share and not spec.hard.buckets:
        yield "hard.buckets: expected at least one, or hard.share = 0"
