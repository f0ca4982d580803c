"""What a reviewer's record allows by rule, and why, in words that a lead can repeat."""

from collections.abc import Iterator
from dataclasses import dataclass

from calibration.models import StandingState
from calibration.services.reviewer_records import TEST, ReviewerRecord
from calibration.statistics import Estimate, Verdict

# A share of hurried judgments that is no accident.
MOST_HURRIED = 0.1
# Of two tests a reviewer that nobody would miss: side and recognised gold.
RARE = 0.01
LEAST_GOLD_FOR_LEAK = 20
LEAST_GOLD_FOR_FATIGUE = 20
LEAST_RETEST = 0.6
# Before so many, haste and severity are those of a few odd items.
LEAST_TIMED = 20
LEAST_FOR_LEAN = 20
# That the reviewer is right as often as is asked for.
SURE = 0.95
# A third of a step of the scale, and surely more than none.
MOST_LEAN = 0.3


@dataclass(frozen=True)
class Finding:
    """The state by rule; without reasons and without a cleared test, nothing is known."""

    state: StandingState
    is_known: bool
    reasons: tuple[str, ...]


def find_standing(record: ReviewerRecord) -> Finding:
    reasons = tuple(_reasons(record))
    state = StandingState.WATCH if reasons else StandingState.CLEAR
    if _is_flagged(record) and (record.gold.accuracy.high or 0.0) < record.gold.bar:
        state = StandingState.SUSPENDED
    is_sure = record.test is Verdict.CLEAR or (record.gold.p_above_bar or 0.0) >= SURE
    return Finding(state, bool(reasons) or is_sure, reasons)


def _is_flagged(record: ReviewerRecord) -> bool:
    """The test stops at its first finding: later answers may have taken it back."""
    high = record.gold.accuracy.high
    return record.test is Verdict.FLAG and high is not None and high < TEST.good


def _reasons(record: ReviewerRecord) -> Iterator[str]:
    if _is_flagged(record):
        yield (
            f"gets {record.n_gold - record.n_right} of {record.n_gold} gold answers"
            " wrong, which is more like somebody 80% right than 95%"
        )
    if record.drift.is_alarmed:
        yield "does worse on the newest gold answers than before"
    tired = record.fatigue
    if record.n_gold >= LEAST_GOLD_FOR_FATIGUE and (tired.low or 0.0) > 0:
        yield (
            "gets worse over a batch: each place further on,"
            f" {_percent(tired.value)} more of the gold answers are wrong"
        )
    others, panel = record.with_others, record.panel
    # Both limits: a few pairs of the others that agree by chance are no yardstick.
    if _under(others, panel.low):
        yield (
            f"agrees with the others on {_percent(others.value)} of {others.n_items}"
            f" ratings, where they agree with each other on {_percent(panel.value)}"
        )
    hurried = record.speed.hurried
    if hurried.n_items >= LEAST_TIMED and (hurried.low or 0.0) > MOST_HURRIED:
        yield (
            f"answers faster than the text can be read in {_percent(hurried.value)} of"
            f" {hurried.n_items} judgments"
        )
    yield from _leanings(record)
    yield from _habits(record)


def _leanings(record: ReviewerRecord) -> Iterator[str]:
    for title, found in record.severity.items():
        if found.value is None or found.low is None or found.high is None:
            continue
        if found.n_items < LEAST_FOR_LEAN:
            continue
        if abs(found.value) >= MOST_LEAN and (found.low > 0 or found.high < 0):
            way = "higher" if found.value > 0 else "lower"
            yield (
                f"rates {title} {way} than the others by {abs(found.value):.1f} of a step,"
                f" over {found.n_items} items"
            )
    sides = record.sides
    if sides and sides.p is not None and sides.p < RARE and sides.share.value:
        side = "left" if sides.share.value > 0.5 else "right"
        share = max(sides.share.value, 1 - sides.share.value)
        yield (
            f"prefers what stands on the {side} in {_percent(share)} of"
            f" {sides.share.n_items} decisive comparisons"
        )


def _habits(record: ReviewerRecord) -> Iterator[str]:
    for title, kappa in record.retests.items():
        if _under(kappa, LEAST_RETEST):
            yield (
                f"contradicts own earlier answers on {title}: kappa"
                f" {kappa.value:.2f} over {kappa.n_items} items rated twice"
            )
    p = record.leak_beside_others
    if record.n_gold >= LEAST_GOLD_FOR_LEAK and p is not None and p < RARE:
        yield (
            "does far better on gold than on live items, which the others do not: gold"
            " may have been recognised"
        )


def _under(estimate: Estimate, bar: float | None) -> bool:
    return estimate.high is not None and bar is not None and estimate.high < bar


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.0%}"
