"""An automatic judge against the consensus, beside human against human."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.statistics.alpha import krippendorff_alpha
from calibration.statistics.coefficients import Weights
from calibration.statistics.cohen import cohen_kappa, mean_pairwise_kappa
from calibration.statistics.consensus import majority
from calibration.statistics.estimates import Estimate
from calibration.statistics.intervals import Resampling
from calibration.statistics.proportions import proportion
from calibration.statistics.ratings import RatingMatrix
from calibration.statistics.scales import UnknownLabel, listed

CONSENSUS, JUDGE = "consensus", "judge"


@dataclass(frozen=True, slots=True)
class JudgeRecord:
    """A judge against the majority of the humans, and the humans on the same items.

    Parameters
    ----------
    accuracy : Estimate
        Share of items on which the judge gave the majority label.
    kappa : Estimate
        Cohen's kappa of judge and majority.
    alpha : Estimate
        Krippendorff's alpha of judge and majority.
    human_kappa, human_alpha : Estimate
        Mean pairwise kappa, and alpha, of the humans on these items.
    ties_left_out : int
        Judged items without a majority.

    Examples
    --------
    >>> votes = RatingMatrix.from_counts([[2, 0], [0, 2], [1, 1]])
    >>> judge_record(votes, {0: 0, 1: 1, 2: 1}).ties_left_out
    1
    """

    accuracy: Estimate
    kappa: Estimate
    alpha: Estimate
    human_kappa: Estimate
    human_alpha: Estimate
    ties_left_out: int


def judge_record(
    matrix: RatingMatrix,
    verdicts: Mapping[Any, Any],
    *,
    weights: Weights = Weights.NONE,
    resampling: Resampling | None = None,
) -> JudgeRecord:
    """Compare a judge with the majority of the humans.

    Parameters
    ----------
    matrix : RatingMatrix
        Human ratings.
    verdicts : mapping of item to label
        The judge's; items without human ratings are left out.
    weights : Weights
        For the kappas.
    resampling : Resampling, optional
        How to find the intervals; the accuracy has Wilson limits anyway.

    Returns
    -------
    JudgeRecord
        Each figure undefined where it cannot be had.

    Raises
    ------
    UnknownLabel
        If a verdict on a rated item is not on the scale.

    References
    ----------
    Cohen (1960); Krippendorff (2011).

    Examples
    --------
    >>> votes = RatingMatrix.from_counts([[3, 0], [0, 3], [2, 1], [0, 3]])
    >>> found = judge_record(votes, {0: 0, 1: 1, 2: 1, 3: 1})
    >>> found.accuracy.value, found.kappa.value
    (0.75, 0.5)
    """
    judged = judged_codes(matrix, verdicts)
    humans = _selected(matrix, judged >= 0)
    consensus = majority(humans).codes
    has_majority = consensus >= 0
    mine = judged[judged >= 0]
    pair = RatingMatrix(
        np.column_stack([consensus, mine])[has_majority].astype(np.int32),
        [item for item, is_in in zip(humans.items, has_majority, strict=True) if is_in],
        (CONSENSUS, JUDGE),
        matrix.domain,
        matrix.level,
    )
    right = int((pair.codes[:, 0] == pair.codes[:, 1]).sum())
    return JudgeRecord(
        accuracy=proportion(
            right,
            pair.n_items,
            confidence=resampling.confidence if resampling else 0.95,
            n_raters=matrix.n_raters,
        ),
        kappa=cohen_kappa(
            pair, CONSENSUS, JUDGE, weights=weights, resampling=resampling
        ),
        alpha=krippendorff_alpha(pair, resampling=resampling),
        human_kappa=mean_pairwise_kappa(humans, weights=weights, resampling=resampling),
        human_alpha=krippendorff_alpha(humans, resampling=resampling),
        ties_left_out=int((~has_majority & (humans.codes >= 0).any(axis=1)).sum()),
    )


def judged_codes(
    matrix: RatingMatrix, verdicts: Mapping[Any, Any]
) -> npt.NDArray[np.int64]:
    """Return the place on the scale of each item's verdict.

    Parameters
    ----------
    matrix : RatingMatrix
        Human ratings.
    verdicts : mapping of item to label
        The judge's; items without human ratings are left out.

    Returns
    -------
    ndarray of int64, shape (n_items,)
        -1 where there is no verdict.

    Raises
    ------
    UnknownLabel
        If a verdict on a rated item is not on the scale.

    Examples
    --------
    >>> judged_codes(RatingMatrix.from_counts([[2, 0], [0, 2]]), {1: 0}).tolist()
    [-1, 0]
    """
    code_of = {label: code for code, label in enumerate(matrix.domain)}
    codes = np.full(matrix.n_items, -1, dtype=np.int64)
    for place, item in enumerate(matrix.items):
        if item not in verdicts:
            continue
        if verdicts[item] not in code_of:
            raise UnknownLabel(
                f"verdict {verdicts[item]!r} on item {item!r} is not on the scale: "
                + listed(matrix.domain)
            )
        codes[place] = code_of[verdicts[item]]
    return codes


def _selected(matrix: RatingMatrix, is_in: npt.NDArray[np.bool_]) -> RatingMatrix:
    items = [item for item, kept in zip(matrix.items, is_in, strict=True) if kept]
    return RatingMatrix(
        matrix.codes[is_in], items, matrix.raters, matrix.domain, matrix.level
    )
