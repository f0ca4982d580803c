"""The thresholds of a golden set: what a candidate has to reach, in TOML."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KEYS = {
    "golden_set",
    "criteria",
    "confidence",
    "reweighted",
    "acceptable",
    "missing",
    "disagreement",
    "win_rate",
    "pass",
    "change",
    "agreement",
    "judge",
}
LEFT_OUT, AS_DISAGREEMENT = "left out", "disagreement"
# On the lower limit of kappa; the same bar as that of a gate candidate among judges.
JUDGE_FLOOR = 0.75
MISSING = 0.02
MOST_RUNS = 100


class ThresholdsFault(Exception):
    """The file cannot be read so; the message names the key."""


@dataclass(frozen=True)
class Bars:
    """One measure: overall, on the hard tail, and in single strata."""

    overall: float
    hard: float | None = None
    strata: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Thresholds:
    """What the file says."""

    golden_set: str | None
    # Only these are compared; none: what each case is graded by.
    criteria: tuple[str, ...]
    confidence: float
    # Whether the thresholds are read on the figures re-weighted to traffic.
    is_reweighted: bool
    # In place of the label itself, the values with which people are content.
    acceptable: Mapping[str, tuple[str, ...]]
    missing: float
    missing_as: str
    disagreement: Bars | None
    win_rate: Bars | None
    pass_rate: Bars | None
    # How many runs of a case all have to pass.
    k: int
    change: float | None
    # The lower limit of alpha at freeze; none: the bar in the manifest.
    agreement: float | None
    judge_floor: float
    sha256: str


def parse_thresholds(data: bytes) -> Thresholds:
    """Read a thresholds file. Raises ThresholdsFault where it is not one."""
    try:
        document = tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise ThresholdsFault("not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ThresholdsFault(f"not TOML: {error}") from None
    _check_keys("", document, KEYS)
    missing = _table("missing", document, {"most", "count_as"})
    passing = _table("pass", document, {"k", "overall", "hard", "strata"})
    found = Thresholds(
        golden_set=_word("golden_set", document.get("golden_set")),
        criteria=_words("criteria", document.get("criteria", [])),
        confidence=_confidence(document.get("confidence", 0.95)),
        is_reweighted=_flag("reweighted", document.get("reweighted", True)),
        acceptable=_acceptable(document),
        missing=_share("missing.most", missing.get("most", MISSING)),
        missing_as=_choice(
            "missing.count_as",
            missing.get("count_as", LEFT_OUT),
            (LEFT_OUT, AS_DISAGREEMENT),
        ),
        disagreement=_bars("disagreement", document),
        win_rate=_bars("win_rate", document),
        pass_rate=_bars("pass", document, further=frozenset({"k"})),
        k=_k(passing),
        change=_only("change", document, "most"),
        agreement=_only("agreement", document, "least", lowest=-1),
        judge_floor=_floor(_only("judge", document, "floor")),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    if not (found.disagreement or found.win_rate or found.pass_rate):
        raise ThresholdsFault("expected [disagreement], [win_rate] or [pass]")
    return found


def _bars(
    name: str, document: Mapping[str, Any], further: frozenset[str] = frozenset()
) -> Bars | None:
    if name not in document:
        return None
    table = _table(name, document, {"overall", "hard", "strata"} | further)
    if "overall" not in table:
        raise ThresholdsFault(f"{name}.overall: is required")
    hard = table.get("hard")
    strata = table.get("strata", {})
    if not isinstance(strata, Mapping):
        raise ThresholdsFault(f"{name}.strata: expected a table")
    return Bars(
        overall=_share(f"{name}.overall", table["overall"]),
        hard=None if hard is None else _share(f"{name}.hard", hard),
        strata=tuple(
            (stratum, _share(f"{name}.strata.{stratum}", bar))
            for stratum, bar in sorted(strata.items())
        ),
    )


def _only(
    name: str, document: Mapping[str, Any], key: str, lowest: float = 0
) -> float | None:
    """The one key of a table; None without the table."""
    if name not in document:
        return None
    table = _table(name, document, {key})
    if key not in table:
        raise ThresholdsFault(f"{name}.{key}: is required")
    return _share(f"{name}.{key}", table[key], lowest)


def _floor(value: float | None) -> float:
    return JUDGE_FLOOR if value is None else value


def _acceptable(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    table = document.get("acceptable", {})
    if not isinstance(table, Mapping):
        raise ThresholdsFault("acceptable: expected a table")
    found = {key: _words(f"acceptable.{key}", value) for key, value in table.items()}
    for key, values in found.items():
        if not values:
            raise ThresholdsFault(f"acceptable.{key}: expected at least one value")
    return found


def _k(table: Mapping[str, Any]) -> int:
    k = table.get("k", 1)
    if type(k) is not int or not 1 <= k <= MOST_RUNS:
        raise ThresholdsFault(f"pass.k: expected a whole number from 1 to {MOST_RUNS}")
    return k


def _confidence(value: Any) -> float:
    number = _share("confidence", value)
    if not 0.5 <= number <= 0.999:
        raise ThresholdsFault("confidence: expected a number from 0.5 to 0.999")
    return number


def _table(name: str, document: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise ThresholdsFault(f"{name}: expected a table")
    _check_keys(f"{name}.", table, known)
    return table


def _check_keys(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    for key in table:
        if key not in known:
            expected = ", ".join(sorted(known))
            raise ThresholdsFault(
                f"{where}{key}: unknown key; expected one of {expected}"
            )


def _share(where: str, value: Any, lowest: float = 0) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not lowest <= value <= 1:
        raise ThresholdsFault(f"{where}: expected a number from {lowest} to 1")
    return float(value)


def _flag(where: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ThresholdsFault(f"{where}: expected true or false")
    return value


def _choice(where: str, value: Any, known: Sequence[str]) -> str:
    if value not in known:
        raise ThresholdsFault(f"{where}: expected one of {', '.join(known)}")
    return str(value)


def _word(where: str, value: Any) -> str | None:
    if value is not None and (not isinstance(value, str) or not value):
        raise ThresholdsFault(f"{where}: expected text")
    return value


def _words(where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ThresholdsFault(f"{where}: expected a list of words")
    for one in value:
        if not isinstance(one, str) or not one:
            raise ThresholdsFault(f"{where}: expected a list of words")
    return tuple(value)
