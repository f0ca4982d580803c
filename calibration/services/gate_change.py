"""A candidate beside an earlier one: what flipped, and whether that is a change."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from calibration.formats.figures import describe
from calibration.formats.gate_verdict import (
    BLOCKED,
    CLEAR,
    HOLD,
    OVERALL,
    outcome_of,
    percent,
)
from calibration.formats.thresholds import Thresholds
from calibration.services.gate_measures import Check
from calibration.services.gate_scores import Scored, Scoring
from calibration.statistics import Change, paired_change, pairs_to_tell

WORSE, BETTER = "worse", "better"
MOST_FLIPPED = 1000

Json = dict[str, Any]


@dataclass(frozen=True)
class Previous:
    """An earlier candidate, as it was scored."""

    name: str
    form: str
    # The release it was held against.
    cited: str
    digest: str
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Flip:
    """A case on which the two candidates came to different scores."""

    id: str
    stratum: str
    bucket: str
    before: float
    after: float
    direction: str


def describe_change(
    scoring: Scoring, previous: Previous, thresholds: Thresholds
) -> Json:
    """The paired difference over the cases that both answered, and what flipped."""
    shared = [
        (previous.scores[case], one)
        for case, one in scoring.scored.items()
        if case in previous.scores
    ]
    weights = [one.case.weight for _, one in shared]
    found = paired_change(
        [before for before, _ in shared],
        [one.score for _, one in shared],
        weights if thresholds.is_reweighted else None,
        confidence=thresholds.confidence,
    )
    flips = _flips(shared, is_share_won=scoring.form == "preferences")
    needed = _needed(found, len(shared), thresholds)
    outcome = _outcome(found, is_share_won=scoring.form == "preferences")
    return {
        "previous": previous.name,
        "release": previous.cited,
        "digest": previous.digest,
        "n_shared": len(shared),
        "difference": describe(found.difference),
        "p_value": found.p_value,
        "n_worse": sum(flip.direction == WORSE for flip in flips),
        "n_better": sum(flip.direction == BETTER for flip in flips),
        "outcome": outcome,
        "cases_to_tell": needed if outcome == "no difference" else None,
        "said": _said(found, outcome, needed),
        "flips": [asdict(flip) for flip in flips[:MOST_FLIPPED]],
    }


def check_change(change: Json, most: float, *, is_share_won: bool) -> Check:
    """Whether the candidate is worse than the earlier one by more than it may be."""
    found = change["difference"]
    if is_share_won and found["low"] is not None:
        found = found | {"low": -found["high"], "high": -found["low"]}
    outcome = outcome_of(found, most, is_most=True)
    said = {
        CLEAR: f"worse by at most {percent(most)}, whole interval",
        BLOCKED: f"worse by more than {percent(most)}, whole interval",
        HOLD: f"{percent(most)} lies within the interval",
    }
    return Check(
        name=f'change since "{change["previous"]}"',
        measure="change",
        scope=OVERALL,
        of="",
        bar=most,
        is_most=True,
        outcome=outcome,
        said=f"{points(change['difference'])}: {said[outcome]}",
        cases_to_tell=None,
    )


def points(found: Json) -> str:
    """A difference of shares in points: "+2.1 points (-0.3 to +4.5)"."""
    if found["value"] is None:
        return f"none: {found['reason']}"
    text = f"{100 * found['value']:+.1f} points"
    if found["low"] is None:
        return text
    return f"{text} ({100 * found['low']:+.1f} to {100 * found['high']:+.1f})"


def _flips(shared: list[tuple[float, Scored]], *, is_share_won: bool) -> list[Flip]:
    flips = [
        Flip(
            id=one.case.id,
            stratum=one.case.stratum,
            bucket=one.case.bucket,
            before=before,
            after=one.score,
            direction=BETTER if (one.score > before) is is_share_won else WORSE,
        )
        for before, one in shared
        if one.score != before
    ]
    # The worse ones first: they are what somebody has to look at.
    return sorted(flips, key=lambda flip: (flip.direction != WORSE, flip.id))


def _outcome(found: Change, *, is_share_won: bool) -> str:
    low, high = found.difference.low, found.difference.high
    if low is None or high is None:
        return "cannot be said"
    if low <= 0 <= high:
        return "no difference"
    return BETTER if (low > 0) is is_share_won else WORSE


def _needed(found: Change, n: int, thresholds: Thresholds) -> int | None:
    value = found.difference.value
    if value is None or found.p_value is None or not n:
        return None
    changed = max((found.rose + found.fell) / n, abs(value))
    return pairs_to_tell(changed, value, confidence=thresholds.confidence)


def _said(found: Change, outcome: str, needed: int | None) -> str:
    figure = points(describe(found.difference))
    if outcome == "no difference":
        told = f"; about {needed:,} shared cases would tell" if needed else ""
        return f"no difference: {figure} is within what chance gives{told}"
    return f"{outcome}: {figure}"
