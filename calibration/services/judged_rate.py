"""The rate of failures that a judge implies, never as the judge gives it.

What people review is chosen, not drawn at random, so the correction weighs each
labelled item by 1 / its chance of being labelled: the difference estimator, which is
prediction-powered inference with weights and a power of 1.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from calibration.formats.figures import describe
from calibration.queries.verdicts import Verdict
from calibration.statistics import Estimate, hajek

METHOD = "weighted difference (prediction-powered)"
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
    unseen = sum(everything[one] for one in everything if not seen[one])
    gaps = hajek(
        # From [-1, 1] to [0, 1] and back: hajek cuts its limits at 0 and 1.
        [(labels[verdict.item] - said + 1) / 2 for verdict, said in labelled],
        [
            seen[verdict.stratum] / everything[verdict.stratum]
            for verdict, _ in labelled
        ],
    ).rate
    covered = [said for verdict, said in verdicts if seen[verdict.stratum]]
    corrected = _shifted(gaps, sum(covered) / len(covered) if covered else 0.0)
    return {
        "corrected": describe(corrected),
        "n_judged": len(verdicts),
        "n_labelled": len(labelled),
        "n_failing": sum(labels[verdict.item] for verdict, _ in labelled),
        # Items of kinds and chances of which people have judged none.
        "n_unseen": unseen,
    }


def _shifted(gap: Estimate, judged: float) -> Estimate:
    if gap.value is None:
        return replace(gap, method=METHOD)

    def rate(half: float) -> float:
        return min(max(judged + 2 * half - 1, 0.0), 1.0)

    if gap.low is None or gap.high is None or gap.n_items < LEAST_LABELLED:
        reason = f"no interval: {gap.n_items} labelled items, {LEAST_LABELLED} needed"
        return replace(
            gap,
            value=rate(gap.value),
            low=None,
            high=None,
            method=METHOD,
            reason=reason,
        )
    return replace(
        gap,
        value=rate(gap.value),
        low=rate(gap.low),
        high=rate(gap.high),
        method=METHOD,
    )
