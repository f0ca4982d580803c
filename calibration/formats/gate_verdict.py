"""The words of the gate, and the one rule by which it reads a figure."""

from typing import Any

CLEAR, HOLD, BLOCKED = "CLEAR", "HOLD", "BLOCKED"
OVERALL, HARD, STRATUM, CRITERION = "overall", "hard tail", "stratum", "criterion"
DISAGREEMENT, WIN_RATE = "disagreement", "win rate"
UNWEIGHTED = (
    "not weighted: this release has no spec, its cases are those that triage chose"
)

Json = dict[str, Any]


def outcome_of(estimate: Json, bar: float, *, is_most: bool) -> str:
    """CLEAR or BLOCKED only where the whole interval is on one side of the bar."""
    low, high = estimate["low"], estimate["high"]
    if low is None or high is None:
        return HOLD
    if is_most:
        return CLEAR if high <= bar else BLOCKED if low > bar else HOLD
    return CLEAR if low >= bar else BLOCKED if high < bar else HOLD


def percent(value: float) -> str:
    return f"{100 * value:.4g}%"


def is_weighted(report: Json) -> bool:
    """Of a run that was kept before reports said so, by what its figures came to."""
    said: bool | None = report["release"].get("weighted")
    if said is not None:
        return said
    return any(one["raw"] != one["traffic"] for one in report["figures"])


def figure_of(report: Json, measure: str, scope: str) -> Json | None:
    """The figure that the thresholds of a run are read on."""
    kind = "traffic" if report["thresholds"]["reweighted"] else "raw"
    for figure in report["figures"]:
        if figure["measure"] == measure and figure["scope"] == scope:
            found: Json = figure[kind]
            return found
    return None
