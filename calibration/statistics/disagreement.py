"""How often a candidate goes wrong on chosen cases, and whether it has changed."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.estimates import Basis, Estimate

Floats = npt.NDArray[np.float64]


def weighted_share(
    scores: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    noun: str = "share",
) -> Estimate:
    """Estimate the mean of scores from 0 to 1, each counted by its weight.

    Wilson limits for as many cases as the sample is worth: the variance of the
    weighted mean, by linearisation, is set equal to that of a plain share. With equal
    weights and scores of 0 and 1 these are the Wilson limits themselves.

    Parameters
    ----------
    scores : array_like of float, shape (n_cases,)
        From 0 to 1, mostly one of the two.
    weights : array_like of float, shape (n_cases,), optional
        Above 0, in any unit; equal weights if left out.
    confidence : float
        Between 0 and 1.
    noun : str
        What the share is of, for the method.

    Returns
    -------
    Estimate
        Undefined without cases.

    Raises
    ------
    ValueError
        If shapes differ, a score is not from 0 to 1 or a weight not above 0.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, 209-212; Korn
    and Graubard (1998), Survey Methodology 24, 193-201 (effective sample size).

    Examples
    --------
    >>> plain = weighted_share([1] * 15 + [0] * 133)
    >>> round(plain.low, 4), round(plain.high, 4)
    (0.0624, 0.1605)
    >>> weighted_share([1, 0, 0], [1, 2, 5]).value
    0.125
    """
    d, w = _cases(scores, weights)
    is_weighted = bool(len(w)) and not np.allclose(w, w[0])
    method = f"{noun}, re-weighted" if is_weighted else noun
    basis = Basis(len(d), len(d), 0, method)
    if not len(d):
        return basis.undefined("there are no cases")
    p = min(1.0, max(0.0, math.fsum(w * d) / math.fsum(w)))
    n = effective_cases(d, w)
    low, high = _wilson(p, n, confidence)
    worth = f" for {n:.1f} cases' worth" if abs(n - len(d)) > 0.05 else ""
    return basis.defined(p).with_limits(
        low, high, f"{confidence:.0%} Wilson limits{worth}"
    )


def effective_cases(
    scores: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Return how many plain cases would give a share as precise.

    Parameters
    ----------
    scores, weights : array_like of float, shape (n_cases,)
        As in `weighted_share`; at least one case.

    Returns
    -------
    float
        At most the cases themselves where scores are 0 and 1. Kish's number where
        the scores do not vary.

    Raises
    ------
    ValueError
        As `weighted_share`.

    References
    ----------
    Kish (1965), Survey Sampling, sec. 8.2; Korn and Graubard (1998).

    Examples
    --------
    >>> effective_cases([0, 0, 0, 0], [1, 1, 1, 5])
    2.2857142857142856
    """
    d, w = _cases(scores, weights)
    kish = float(w.sum() ** 2 / (w**2).sum())
    p = float((w * d).sum() / w.sum())
    variance = float((w**2 * (d - p) ** 2).sum() / w.sum() ** 2)
    if variance <= 1e-15:
        return kish
    n = p * (1 - p) / variance
    if np.isin(d, (0, 1)).all():
        return min(n, float(len(d)))
    # Scores between 0 and 1 say more than a plain case; their spread is estimated.
    return n * (len(d) - 1) / len(d) if len(d) > 1 else kish


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the cases that two candidates share.

    Parameters
    ----------
    difference : Estimate
        Mean score of the second minus that of the first.
    rose, fell : int
        Cases whose score went up, and down.
    p_value : float or None
        McNemar's exact test, two-sided; `None` where scores are not 0 and 1 alone.

    Examples
    --------
    >>> paired_change([0, 0, 1, 0], [0, 1, 1, 1]).rose
    2
    """

    difference: Estimate
    rose: int
    fell: int
    p_value: float | None


def paired_change(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    confidence: float = 0.95,
) -> Change:
    """Estimate by how much scores have changed on the same cases.

    Parameters
    ----------
    before, after : array_like of float, shape (n_cases,)
        Scores from 0 to 1 of the same cases in the same order.
    weights : array_like of float, shape (n_cases,), optional
        As in `weighted_share`.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Change
        Bonett-Price limits where scores are 0 and 1, which hold for few changed
        cases too; else limits by Student's t.

    Raises
    ------
    ValueError
        As `weighted_share`.

    References
    ----------
    McNemar (1947), Psychometrika 12, 153-157; Bonett and Price (2012), Journal of
    Educational and Behavioral Statistics 37, 479-488.

    Examples
    --------
    >>> found = paired_change([0] * 20, [1] * 4 + [0] * 16)
    >>> found.difference.value, round(found.difference.low, 3), found.p_value
    (0.2, -0.023, 0.125)
    """
    first, w = _cases(before, weights)
    second, _ = _cases(after, weights)
    basis = Basis(len(first), 2 * len(first), 0, "paired difference")
    rose, fell = int((second > first).sum()), int((second < first).sum())
    if not len(first):
        nothing = basis.undefined("the two share no case")
        return Change(nothing, 0, 0, None)
    change = second - first
    value = float((w * change).sum() / w.sum())
    if np.isin(change, (-1, 0, 1)).all():
        limits = _bonett_price(change, w, confidence)
        p_value = float(stats.binomtest(rose, rose + fell).pvalue) if rose + fell else 1
        estimate = basis.defined(value).with_limits(*limits, "Bonett-Price")
        return Change(estimate, rose, fell, float(p_value))
    if len(first) < 2:
        alone = basis.defined(value).noting("no interval: one case only")
        return Change(alone, rose, fell, None)
    return Change(_student(basis, change, w, confidence), rose, fell, None)


def pass_hat_k(passed: int, runs: int, k: int) -> float:
    """Return the unbiased estimate that all of `k` fresh runs of a case would pass.

    Parameters
    ----------
    passed, runs : int
        Runs of the case that passed, and runs.
    k : int
        From 1 to `runs`.

    Returns
    -------
    float
        Share of all choices of `k` runs in which every one passed.

    Raises
    ------
    ValueError
        If the counts cannot be, or there are fewer than `k` runs.

    References
    ----------
    Yao et al. (2024), tau-bench, arXiv:2406.12045 (pass^k).

    Examples
    --------
    >>> pass_hat_k(3, 4, 2)
    0.5
    """
    if not (0 <= passed <= runs and 1 <= k <= runs):
        raise ValueError(f"{passed} of {runs} runs say nothing of {k}")
    return math.comb(passed, k) / math.comb(runs, k)


def cases_to_tell(
    share: float, bar: float, *, confidence: float = 0.95, power: float = 0.8
) -> int | None:
    """Return how many cases would tell a share from a bar.

    Parameters
    ----------
    share, bar : float
        The share as it seems to be, and the threshold, from 0 to 1.
    confidence, power : float
        Of the two-sided interval, and the chance that it leaves the bar out.

    Returns
    -------
    int or None
        Plain cases, rounded up; `None` where the two are equal, or the bar is 0 or 1.

    References
    ----------
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions,
    ch. 2.

    Examples
    --------
    >>> cases_to_tell(0.05, 0.10)
    239
    """
    if math.isclose(share, bar, abs_tol=1e-9) or not 0 < bar < 1:
        return None
    outer = float(stats.norm.ppf((1 + confidence) / 2)) * math.sqrt(bar * (1 - bar))
    inner = float(stats.norm.ppf(power)) * math.sqrt(share * (1 - share))
    return math.ceil(((outer + inner) / (share - bar)) ** 2)


def pairs_to_tell(
    changed: float, difference: float, *, confidence: float = 0.95, power: float = 0.8
) -> int | None:
    """Return how many shared cases would tell a change from none.

    Parameters
    ----------
    changed : float
        Share of the cases whose score of 0 or 1 is another one.
    difference : float
        Between the two mean scores, at most `changed` in size.
    confidence, power : float
        As in `cases_to_tell`.

    Returns
    -------
    int or None
        Cases, rounded up; `None` where there is no difference to tell.

    References
    ----------
    Connor (1987), Biometrics 43, 207-211.

    Examples
    --------
    >>> pairs_to_tell(0.10, 0.04)
    489
    """
    gap = abs(difference)
    if math.isclose(gap, 0, abs_tol=1e-9) or not gap <= changed + 1e-9:
        return None
    outer = float(stats.norm.ppf((1 + confidence) / 2)) * math.sqrt(changed)
    left = math.sqrt(max(0.0, changed - gap**2))
    return math.ceil(((outer + float(stats.norm.ppf(power)) * left) / gap) ** 2)


def _cases(
    scores: npt.ArrayLike, weights: npt.ArrayLike | None
) -> tuple[Floats, Floats]:
    d = np.asarray(scores, dtype=np.float64)
    w = np.ones_like(d) if weights is None else np.asarray(weights, dtype=np.float64)
    if d.shape != w.shape or d.ndim != 1:
        raise ValueError(f"scores {d.shape} and weights {w.shape} do not match")
    if not ((d >= 0) & (d <= 1)).all():
        raise ValueError("scores must lie from 0 to 1")
    if not ((w > 0) & np.isfinite(w)).all():
        raise ValueError("weights must be above 0")
    return d, w


def _wilson(p: float, n: float, confidence: float) -> tuple[float, float]:
    z = float(stats.norm.ppf((1 + confidence) / 2))
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low = 0.0 if p == 0 else max(0.0, middle - reach)
    return low, 1.0 if p == 1 else min(1.0, middle + reach)


def _bonett_price(change: Floats, w: Floats, confidence: float) -> tuple[float, float]:
    n = float(w.sum() ** 2 / (w**2).sum())
    rose, fell = (
        (n * float(w[change == sign].sum() / w.sum()) + 1) / (n + 2) for sign in (1, -1)
    )
    z = float(stats.norm.ppf((1 + confidence) / 2))
    middle = rose - fell
    reach = z * math.sqrt((rose + fell - middle**2) / (n + 2))
    return max(-1.0, middle - reach), min(1.0, middle + reach)


def _student(basis: Basis, change: Floats, w: Floats, confidence: float) -> Estimate:
    n = len(change)
    value = float((w * change).sum() / w.sum())
    variance = float((w**2 * (change - value) ** 2).sum() / w.sum() ** 2)
    error = math.sqrt(variance * n / (n - 1))
    reach = float(stats.t.ppf((1 + confidence) / 2, n - 1)) * error
    return basis.defined(value).with_limits(
        max(-1.0, value - reach), min(1.0, value + reach), "Student's t"
    )
