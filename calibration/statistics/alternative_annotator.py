"""The alternative annotator test, of whether a judge may stand in for humans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.gathering import MISSING
from calibration.statistics.judges import judged_codes
from calibration.statistics.ratings import RatingMatrix

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RaterComparison:
    """The judge against one human, the other humans being the yardstick.

    Parameters
    ----------
    rater : rater id
        The human.
    n_items : int
        Items judged and rated by this human and at least one other.
    judge_advantage, human_advantage : float
        Share of these items on which the judge (the human) aligned with the other
        humans at least as well.
    p_value : float
        Of the judge being worse by epsilon or more.
    is_rejected : bool
        Whether that was rejected.

    Examples
    --------
    >>> RaterComparison("ann", 40, 0.9, 0.8, 0.001, True).n_items
    40
    """

    rater: Any
    n_items: int
    judge_advantage: float
    human_advantage: float
    p_value: float
    is_rejected: bool


@dataclass(frozen=True, slots=True)
class AlternativeAnnotator:
    """Whether a judge may stand in for the humans.

    Parameters
    ----------
    omega : float or None
        Share of humans than whom the judge does no worse; at least 0.5 passes.
    rho : float or None
        Mean advantage of the judge.
    comparisons : tuple of RaterComparison
        One for each human who could be compared.
    skipped_raters : tuple of rater id
        Humans with too few items, who are *not* in omega.
    reason : str or None
        Why there is no omega.

    Examples
    --------
    >>> AlternativeAnnotator(0.5, 0.8, (), ()).passes
    True
    """

    omega: float | None
    rho: float | None
    comparisons: tuple[RaterComparison, ...]
    skipped_raters: tuple[Any, ...]
    reason: str | None = None

    @property
    def passes(self) -> bool:
        """Whether the judge does no worse than half of the humans."""
        return self.omega is not None and self.omega >= 0.5


def alternative_annotator_test(
    matrix: RatingMatrix,
    verdicts: Mapping[Any, Any],
    *,
    epsilon: float = 0.2,
    false_discovery: float = 0.05,
    least_items: int = 30,
) -> AlternativeAnnotator:
    """Run the alternative annotator test.

    Each human is left out in turn. On every item the judge and that human are scored
    by how they align with the other humans: the share who gave the same label, or on
    ordered scales the negative root mean square difference. A one-sided t-test asks
    whether the judge falls short by epsilon; the tests are corrected together by
    Benjamini and Yekutieli's procedure.

    Parameters
    ----------
    matrix : RatingMatrix
        Human ratings.
    verdicts : mapping of item to label
        The judge's; other items are left out.
    epsilon : float
        What a judge may fall short by, being so much cheaper: 0.2 against experts,
        0.15 against skilled and 0.1 against other raters.
    false_discovery : float
        Rate for the correction.
    least_items : int
        A human with fewer is skipped, and named.

    Returns
    -------
    AlternativeAnnotator
        Omega is undefined if every human was skipped.

    Raises
    ------
    UnknownLabel
        If a verdict on a rated item is not on the scale.

    References
    ----------
    Calderon, Reichart and Dror (2025), ACL: The Alternative Annotator Test; Benjamini
    and Yekutieli (2001), Annals of Statistics 29, 1165-1188.

    Examples
    --------
    >>> votes = RatingMatrix.from_codes([[0, 0, 1], [1, 1, 1]] * 20, domain="ab")
    >>> found = alternative_annotator_test(votes, {item: "ab"[item % 2] for item in range(40)})
    >>> found.omega, round(found.rho, 2), found.skipped_raters
    (1.0, 1.0, ())
    """
    judged = judged_codes(matrix, verdicts)
    advantages = [_advantages(matrix, judged, c) for c in range(matrix.n_raters)]
    is_in = [len(judge) >= least_items for judge, _ in advantages]
    skipped = tuple(
        rater for rater, ok in zip(matrix.raters, is_in, strict=True) if not ok
    )
    kept = [
        (rater, *pair)
        for rater, pair, ok in zip(matrix.raters, advantages, is_in, strict=True)
        if ok
    ]
    if not kept:
        reason = f"no human shares {least_items} judged items with another"
        return AlternativeAnnotator(None, None, (), skipped, reason)
    p_values = [_falls_short(judge, human, epsilon) for _, judge, human in kept]
    rejected = benjamini_yekutieli(p_values, false_discovery)
    comparisons = tuple(
        RaterComparison(
            rater, len(judge), judge.mean().item(), human.mean().item(), p_value, done
        )
        for (rater, judge, human), p_value, done in zip(
            kept, p_values, rejected, strict=True
        )
    )
    rho = float(np.mean([row.judge_advantage for row in comparisons]))
    return AlternativeAnnotator(float(np.mean(rejected)), rho, comparisons, skipped)


def benjamini_yekutieli(p_values: Sequence[float], rate: float) -> list[bool]:
    """Say which hypotheses are rejected at a false discovery rate, however dependent.

    Parameters
    ----------
    p_values : sequence of float
        Between 0 and 1.
    rate : float
        False discovery rate.

    Returns
    -------
    list of bool
        In the order of the p-values.

    References
    ----------
    Benjamini and Yekutieli (2001), Annals of Statistics 29, 1165-1188.

    Examples
    --------
    >>> benjamini_yekutieli([0.001, 0.2, 0.02], 0.05)
    [True, False, False]
    """
    if not p_values:
        return []
    adjusted = stats.false_discovery_control(np.array(p_values), method="by")
    return [bool(p_value <= rate) for p_value in adjusted]


def _advantages(
    matrix: RatingMatrix, judged: npt.NDArray[np.int64], column: int
) -> tuple[Floats, Floats]:
    """Return on which items the judge, and the human, aligned at least as well."""
    own = matrix.codes[:, column]
    others = np.delete(matrix.codes, column, axis=1)
    shared = (judged >= 0) & (own != MISSING) & (others != MISSING).any(axis=1)
    judge = _alignment(matrix, judged[shared], others[shared])
    human = _alignment(matrix, own[shared], others[shared])
    return (judge >= human).astype(np.float64), (human >= judge).astype(np.float64)


def _alignment(
    matrix: RatingMatrix,
    given: npt.NDArray[np.integer[Any]],
    others: npt.NDArray[np.int32],
) -> Floats:
    rated = others != MISSING
    if matrix.level.is_ordered:
        values = matrix.values
        gap = np.where(rated, values[given][:, None] - values[others], 0.0)
        short: Floats = -np.sqrt((gap**2).sum(axis=1) / rated.sum(axis=1))
        return short
    same = rated & (others == given[:, None])
    share: Floats = same.sum(axis=1) / rated.sum(axis=1)
    return share


def _falls_short(judge: Floats, human: Floats, epsilon: float) -> float:
    """Return the p-value of the human being ahead by epsilon or more."""
    ahead = human - judge
    if np.ptp(ahead) == 0:
        return 0.0 if ahead[0] < epsilon else 1.0
    return float(stats.ttest_1samp(ahead, epsilon, alternative="less").pvalue)
