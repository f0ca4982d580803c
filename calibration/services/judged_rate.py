"""The rate of failures that a judge implies, never as the judge gives it.

What people review is chosen, not drawn at random, so both corrections weigh each
labelled item by 1 / its chance of being labelled. The first is prediction-powered: the
judge over everything, plus the weighted difference on what people labelled, with the
power that makes the difference vary least (PPI++). The second turns the judge's rate
around by its sensitivity and specificity (Rogan and Gladen).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.formats.figures import describe
from calibration.queries.verdicts import Verdict
from calibration.statistics import Estimate, hajek, rogan_gladen

Floats = npt.NDArray[np.float64]

METHOD = "PPI++, weighted"
# Under so many labelled items the limits of a large sample mean nothing.
LEAST_LABELLED = 30


def estimate_rate(
    verdicts: list[tuple[Verdict, bool]], labels: Mapping[str, bool]
) -> dict[str, Any]:
    """Over all items with a verdict; `labels` says which items people found to fail."""
    everything = Counter(verdict.stratum for verdict, _ in verdicts)
    labelled = [
        (verdict, said)
        for verdict, said in verdicts
        if verdict.is_selected and verdict.item in labels
    ]
    seen = Counter(verdict.stratum for verdict, _ in labelled)
    covered = [said for verdict, said in verdicts if seen[verdict.stratum]]
    failed = np.array([labels[one.item] for one, _ in labelled], dtype=np.float64)
    judged = np.array([said for _, said in labelled], dtype=np.float64)
    chances = np.array(
        [seen[one.stratum] / everything[one.stratum] for one, _ in labelled]
    )
    power = _power(failed, judged, 1 / chances)
    # From [-1, 1] to [0, 1] and back: hajek cuts its limits at 0 and 1.
    gap = hajek((failed - power * judged + 1) / 2, chances).rate
    return {
        "corrected": describe(_shifted(gap, power * _mean(covered))),
        "power": power,
        "turned": describe(_turned(failed, judged, 1 / chances, covered)),
        "n_judged": len(verdicts),
        "n_labelled": len(labelled),
        "n_failing": int(failed.sum()),
        # Items of kinds and chances of which people have judged none.
        "n_unseen": sum(everything[one] for one in everything if not seen[one]),
    }


def _mean(said: list[bool]) -> float:
    return sum(said) / len(said) if said else 0.0


def _power(failed: Floats, judged: Floats, weights: Floats) -> float:
    """How far the judge is followed: not at all, 0, to wherever it goes, 1."""
    if not len(judged) or not np.ptp(judged):
        return 0.0
    total = weights.sum()
    away = judged - (weights @ judged) / total
    slope = (weights * away) @ failed / ((weights * away) @ away)
    return float(min(1.0, max(0.0, slope)))


def _shifted(gap: Estimate, judged: float) -> Estimate:
    if gap.value is None:
        return replace(gap, method=METHOD)

    def rate(half: float) -> float:
        return min(max(judged + 2 * half - 1, 0.0), 1.0)

    value = replace(gap, value=rate(gap.value), low=None, high=None, method=METHOD)
    if gap.low is None or gap.high is None or gap.n_items < LEAST_LABELLED:
        reason = f"no interval: {gap.n_items} labelled items, {LEAST_LABELLED} needed"
        return replace(value, reason=reason)
    return replace(value, low=rate(gap.low), high=rate(gap.high))


def _turned(
    failed: Floats, judged: Floats, weights: Floats, covered: list[bool]
) -> Estimate:
    """By weighted shares, each of as many items as its weights are worth (Kish)."""
    right = failed == judged
    (true_negatives, negatives), (true_positives, positives) = (
        _worth(right[of], weights[of]) for of in (failed == 0, failed == 1)
    )
    return rogan_gladen(
        sum(covered),
        len(covered),
        true_negatives=true_negatives,
        negatives=negatives,
        true_positives=true_positives,
        positives=positives,
    )


def _worth(is_right: npt.NDArray[np.bool_], weights: Floats) -> tuple[int, int]:
    if not len(weights):
        return 0, 0
    size = weights.sum() ** 2 / (weights @ weights)
    share = (weights @ is_right) / weights.sum()
    return round(share * round(size)), round(size)
