"""What else moves a judge: order, length, kinship; and when it may decide alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.estimates import Basis, Estimate
from calibration.statistics.proportions import Limits, proportion

Floats = npt.NDArray[np.float64]

_MOST_STEPS = 50


@dataclass(frozen=True, slots=True)
class SwapRecord:
    """What a judge does when the two responses change sides.

    Parameters
    ----------
    consistency : Estimate
        Share of pairs with the same winner both ways.
    first_shown : Estimate
        Share of decisive verdicts for the response shown first; 0.5 is fair.
    p_value : float or None
        Exact two-sided test of the latter.

    Examples
    --------
    >>> swap_record(["a"], ["b"]).consistency.value
    0.0
    """

    consistency: Estimate
    first_shown: Estimate
    p_value: float | None


def swap_record(shown_ab: Sequence[str], shown_ba: Sequence[str]) -> SwapRecord:
    """Compare a judge's verdicts on the same pairs in both orders.

    Parameters
    ----------
    shown_ab, shown_ba : sequence of {"a", "b", "tie"}
        Winner when response a, and when response b, was shown first.

    Returns
    -------
    SwapRecord
        Undefined without pairs; the share shown first without decisive verdicts.

    Raises
    ------
    ValueError
        If the lengths differ or a verdict is none of the three.

    References
    ----------
    Shi et al. (2024), Judging the Judges, arXiv 2406.07791.

    Examples
    --------
    >>> found = swap_record(["a", "a", "b", "tie"], ["a", "b", "b", "tie"])
    >>> found.consistency.value, found.first_shown.value
    (0.75, 0.6666666666666666)
    """
    if len(shown_ab) != len(shown_ba):
        raise ValueError(f"{len(shown_ab)} verdicts one way, {len(shown_ba)} the other")
    for verdict in (*shown_ab, *shown_ba):
        if verdict not in ("a", "b", "tie"):
            raise ValueError(f"verdict {verdict!r} is not a, b or tie")
    same = sum(one == other for one, other in zip(shown_ab, shown_ba, strict=True))
    first = list(shown_ab).count("a") + list(shown_ba).count("b")
    last = list(shown_ab).count("b") + list(shown_ba).count("a")
    share = proportion(first, first + last, limits=Limits.CLOPPER_PEARSON)
    p_value = stats.binomtest(first, first + last).pvalue if first + last else None
    return SwapRecord(
        proportion(same, len(shown_ab)),
        share,
        None if p_value is None else float(p_value),
    )


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which confidence a judge may decide alone.

    Parameters
    ----------
    confidence : float or None
        The lowest that is safe; `None` where none is.
    coverage : float
        Share of items at or above it.
    agreement : Estimate
        With the humans among those.
    reason : str or None
        Why there is no threshold.

    Examples
    --------
    >>> guaranteed_threshold([0.9], [True], target=0.8).confidence is None
    True
    """

    confidence: float | None
    coverage: float
    agreement: Estimate
    reason: str | None = None


def guaranteed_threshold(
    confidences: npt.ArrayLike,
    agrees: npt.ArrayLike,
    *,
    target: float = 0.9,
    risk: float = 0.1,
) -> Threshold:
    """Find the lowest confidence from which a judge agrees with humans often enough.

    Thresholds are tested from the strictest on, each by an exact binomial test that
    agreement is below the target, until one fails: so the promise holds with chance
    1 - risk for all of them at once.

    Parameters
    ----------
    confidences : array_like of float, shape (n,)
        The judge's, on human-rated items drawn at random.
    agrees : array_like of bool, shape (n,)
        Whether the human agreed.
    target : float
        Agreement that is asked for among the items decided alone.
    risk : float
        Chance that the promise is broken.

    Returns
    -------
    Threshold
        Without a confidence if even the strictest threshold with enough items fails.

    Raises
    ------
    ValueError
        If shapes differ.

    References
    ----------
    Jung, Brahman and Choi (2025), Trust or Escalate, ICLR, arXiv 2407.18370.

    Examples
    --------
    >>> sure = [0.9] * 50 + [0.5] * 50
    >>> right = [True] * 49 + [False] + [True] * 25 + [False] * 25
    >>> found = guaranteed_threshold(sure, right, target=0.9)
    >>> found.confidence, found.coverage
    (0.9, 0.5)
    """
    sure = np.asarray(confidences, dtype=np.float64)
    right = np.asarray(agrees, dtype=bool)
    if sure.shape != right.shape or sure.ndim != 1:
        raise ValueError(f"confidences {sure.shape} and agrees {right.shape} differ")
    # Too few items cannot pass whatever they say; the sequence starts beyond them.
    least = math.ceil(math.log(risk) / math.log(target))
    safe = None
    for level in np.unique(sure)[::-1]:
        accepted = sure >= level
        if accepted.sum() < least:
            continue
        wrong = int((accepted & ~right).sum())
        if stats.binom.cdf(wrong, int(accepted.sum()), 1 - target) > risk:
            break
        safe = float(level)
    if safe is None:
        reason = f"no threshold promises agreement of {target:.0%}"
        return Threshold(None, 0.0, proportion(0, 0), reason)
    accepted = sure >= safe
    found = proportion(int((accepted & right).sum()), int(accepted.sum()))
    return Threshold(safe, float(accepted.mean()), found)


def length_bias(
    judge_prefers_first: npt.ArrayLike,
    human_prefers_first: npt.ArrayLike,
    length_difference: npt.ArrayLike,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate how length sways a judge beyond what humans prefer.

    Logistic regression of the judge's preference on the difference in length, the
    human preference held fixed.

    Parameters
    ----------
    judge_prefers_first, human_prefers_first : array_like of bool, shape (n,)
        Decisive verdicts on the same pairs.
    length_difference : array_like of float, shape (n,)
        Length of the first less that of the second response, in any unit.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Average change of the judge's chance to prefer the first response, per standard
        deviation of the difference in length; 0 is no bias. Undefined if a column
        does not vary or predicts the judge perfectly.

    Raises
    ------
    ValueError
        If shapes differ.

    References
    ----------
    Dubois et al. (2024), Length-Controlled AlpacaEval, arXiv 2404.04475.

    Examples
    --------
    >>> longer = [3, -2, 1, -1, 2, -3, 1, -2, 2, -1, 3, -2]
    >>> human = [1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 0]
    >>> judge = [1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0]
    >>> round(length_bias(judge, human, longer).value, 2)
    0.27
    """
    return _effect(
        judge_prefers_first,
        human_prefers_first,
        length_difference,
        "length bias (logistic)",
        confidence,
        per_deviation=True,
    )


def self_preference(
    judge_prefers_own: npt.ArrayLike,
    human_prefers_own: npt.ArrayLike,
    is_own_family: npt.ArrayLike,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate how a judge favours its own family beyond what humans prefer.

    Parameters
    ----------
    judge_prefers_own, human_prefers_own : array_like of bool, shape (n,)
        Whether each preferred the response under study over its rival.
    is_own_family : array_like of bool, shape (n,)
        Whether the author of that response is of the judge's family.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Average change of the judge's chance to prefer the response when its author is
        kin; 0 is none. Undefined as in `length_bias`.

    Raises
    ------
    ValueError
        If shapes differ.

    References
    ----------
    Spiliopoulou et al. (2025), arXiv 2508.06709.

    Examples
    --------
    >>> self_preference([1, 0, 1, 0], [1, 0, 0, 1], [1, 1, 1, 1]).reason
    'kinship or length does not vary'
    """
    return _effect(
        judge_prefers_own,
        human_prefers_own,
        is_own_family,
        "self-preference (logistic)",
        confidence,
        per_deviation=False,
    )


def _effect(
    judge: npt.ArrayLike,
    human: npt.ArrayLike,
    pull: npt.ArrayLike,
    name: str,
    confidence: float,
    *,
    per_deviation: bool,
) -> Estimate:
    y, control, x = (np.asarray(z, dtype=np.float64) for z in (judge, human, pull))
    if not y.shape == control.shape == x.shape or y.ndim != 1:
        raise ValueError(f"shapes {y.shape}, {control.shape} and {x.shape} differ")
    basis = Basis(len(y), len(y), 1, name)
    if len(y) < 4 or np.ptp(y) == 0:
        return basis.undefined("the judge's verdicts do not vary")
    if np.ptp(x) == 0:
        return basis.undefined("kinship or length does not vary")
    unit = x.std() if per_deviation else 1.0
    columns = [np.ones_like(y), (x - x.mean()) / unit]
    if np.ptp(control):
        columns.append(control - control.mean())
    fitted = _logistic(np.column_stack(columns), y)
    if fitted is None:
        return basis.undefined("the judge is predicted perfectly: no finite estimate")
    chance, slope, error = fitted
    scale = float(np.mean(chance * (1 - chance)))
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * error * scale
    value = slope * scale
    return basis.defined(value).with_limits(value - reach, value + reach, "Wald")


def _logistic(design: Floats, y: Floats) -> tuple[Floats, float, float] | None:
    """Fit by Newton's method; return chances, slope of column 1 and its error."""
    weights = np.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        chance: Floats = 1 / (1 + np.exp(-design @ weights))
        spread = chance * (1 - chance)
        if spread.min() < 1e-9:
            return None
        information = design.T @ (design * spread[:, None])
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, design.T @ (y - chance))
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            error = math.sqrt(np.linalg.inv(information)[1, 1])
            return chance, float(weights[1]), error
    return None
