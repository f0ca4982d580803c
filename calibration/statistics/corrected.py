"""Rates corrected for a judge's errors: a raw judge rate is never reported."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.estimates import Basis, Estimate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PredictionPowered:
    """A mean from many judged and few human-rated items.

    Parameters
    ----------
    rate : Estimate
        The mean with its limits.
    power : float
        Weight given to the judge, 0 (ignored) to 1 (trusted as it errs).

    Examples
    --------
    >>> prediction_powered([1, 0], [1, 0], [1, 1, 0, 0], power=1.0).rate.value
    0.5
    """

    rate: Estimate
    power: float


def prediction_powered(
    labels: npt.ArrayLike,
    judged: npt.ArrayLike,
    judged_only: npt.ArrayLike,
    *,
    power: float | None = None,
    confidence: float = 0.95,
) -> PredictionPowered:
    """Estimate a mean by PPI++: the judge on all items, corrected by the human ones.

    The human-rated items must be a random sample of the same traffic.

    Parameters
    ----------
    labels : array_like of float, shape (n,)
        Human ratings.
    judged : array_like of float, shape (n,)
        The judge on the same items.
    judged_only : array_like of float, shape (m,)
        The judge on items without a human rating.
    power : float, optional
        Weight of the judge from 0 to 1; that of least variance if not given.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    PredictionPowered
        Normal limits. Undefined with fewer than two items of either kind.

    Raises
    ------
    ValueError
        If `labels` and `judged` differ in shape, or the power is not in [0, 1].

    References
    ----------
    Angelopoulos, Duchi and Zrnic (2023), PPI++, arXiv 2311.01453.

    Examples
    --------
    >>> human = [1, 1, 0, 1, 0, 1, 1, 0, 1, 1]
    >>> judge = [1, 1, 1, 1, 0, 1, 0, 0, 1, 1]
    >>> found = prediction_powered(human, judge, [1] * 70 + [0] * 30)
    >>> round(found.rate.low, 5), round(found.rate.high, 5)
    (0.45393, 0.94607)
    """
    y, f, rest = (
        np.asarray(x, dtype=np.float64) for x in (labels, judged, judged_only)
    )
    if y.shape != f.shape or y.ndim != 1:
        raise ValueError(f"labels {y.shape} and judged {f.shape} do not match")
    if power is not None and not 0 <= power <= 1:
        raise ValueError(f"power {power} is not between 0 and 1")
    n, m = len(y), len(rest)
    basis = Basis(n + m, n, 0, "PPI++")
    if n < 2 or m < 2:
        few = basis.undefined(f"too few items: {n} with and {m} without human rating")
        return PredictionPowered(few, 0.0)
    weight = _best_power(y, f, rest) if power is None else power
    value = float(weight * rest.mean() + (y - weight * f).mean())
    variance = weight**2 * rest.var() / m + (y - weight * f).var() / n
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * math.sqrt(variance)
    estimate = basis.defined(value)
    if not reach:
        reason = "no interval: the ratings do not vary"
        return PredictionPowered(estimate.noting(reason), weight)
    limited = estimate.with_limits(value - reach, value + reach, f"{confidence:.0%}")
    return PredictionPowered(limited, weight)


def _best_power(y: Floats, f: Floats, rest: Floats) -> float:
    spread = float(np.concatenate([f, rest]).var(ddof=1))
    if not spread:
        return 0.0
    shared = float(np.mean((y - y.mean()) * (f - f.mean())))
    return min(1.0, max(0.0, shared / ((1 + len(y) / len(rest)) * spread)))


def rogan_gladen(
    flagged: int,
    judged: int,
    *,
    true_negatives: int,
    negatives: int,
    true_positives: int,
    positives: int,
    confidence: float = 0.95,
) -> Estimate:
    """Correct a judge's rate by its sensitivity and specificity on calibration items.

    For when only a fixed calibration set exists; both must hold for the traffic too.

    Parameters
    ----------
    flagged, judged : int
        Items the judge called positive, and judged.
    true_negatives, negatives : int
        Calibration items rightly called negative, and truly negative.
    true_positives, positives : int
        Calibration items rightly called positive, and truly positive.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        True rate, cut at 0 and 1, with limits from smoothed counts. Undefined without
        items of each kind, or if the judge is no better than chance.

    Raises
    ------
    ValueError
        If a count exceeds its total.

    References
    ----------
    Rogan and Gladen (1978), American Journal of Epidemiology 107, 71-76; Lee et al.
    (2025), arXiv 2511.21140, for the limits.

    Examples
    --------
    >>> found = rogan_gladen(
    ...     400, 1000, true_negatives=140, negatives=200,
    ...     true_positives=180, positives=200,
    ... )
    >>> round(found.value, 6), round(found.low, 6), round(found.high, 6)
    (0.166667, 0.056351, 0.262733)
    """
    pairs = (
        (flagged, judged),
        (true_negatives, negatives),
        (true_positives, positives),
    )
    if any(not 0 <= count <= total for count, total in pairs):
        raise ValueError("a count must lie between 0 and its total")
    basis = Basis(judged, judged, 0, "Rogan-Gladen")
    if not (judged and negatives and positives):
        return basis.undefined("judged, negative and positive items are all needed")
    p, q0, q1 = (count / total for count, total in pairs)
    if q0 + q1 <= 1:
        return basis.undefined("the judge is no better than chance")
    value = min(1.0, max(0.0, (p + q0 - 1) / (q0 + q1 - 1)))
    z = float(stats.norm.ppf((1 + confidence) / 2))
    return _smoothed_limits(basis.defined(value), pairs, z)


def _smoothed_limits(
    estimate: Estimate, pairs: tuple[tuple[int, int], ...], z: float
) -> Estimate:
    """Add z squared pseudo items to the rate, two to each calibration share."""
    (flagged, judged), *calibration = pairs
    n = judged + z**2
    p = (flagged + z**2 / 2) / n
    (q0, m0), (q1, m1) = (
        ((count + 1) / (total + 2), total + 2) for count, total in calibration
    )
    gain = q0 + q1 - 1
    theta = (p + q0 - 1) / gain
    # The shift that the smoothing of the calibration shares makes is taken back.
    shift = 2 * z**2 * (-(1 - theta) * q0 * (1 - q0) / m0 + theta * q1 * (1 - q1) / m1)
    variance = (
        p * (1 - p) / n
        + (1 - theta) ** 2 * q0 * (1 - q0) / m0
        + theta**2 * q1 * (1 - q1) / m1
    ) / gain**2
    reach = z * math.sqrt(variance)
    low, high = (min(1.0, max(0.0, theta + shift + by)) for by in (-reach, reach))
    return estimate.with_limits(low, high, "Lee et al.")
