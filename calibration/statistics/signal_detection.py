"""Skill and lean in finding defects, told apart by signal detection."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.estimates import Basis, Estimate
from calibration.statistics.intervals import Resampling

Floats = npt.NDArray[np.float64]

FEWEST_GOLD_PER_CLASS = 10


class RateCorrection(StrEnum):
    """How shares of 0 and 1 are kept finite."""

    LOG_LINEAR = "log-linear"
    CLIP = "clipped at 1/(2N)"


@dataclass(frozen=True, slots=True)
class Detection:
    """Skill and lean in finding defects.

    Parameters
    ----------
    d_prime : Estimate
        Skill, in standard deviations; 0 is chance.
    criterion : Estimate
        Lean: above 0 the reviewer is lenient and misses defects.
    log_beta : float or None
        Log likelihood ratio at the criterion.
    hit_rate, false_alarm_rate : float or None
        After the correction.

    Examples
    --------
    >>> found = detection(50, 0, 17, 8, correction=RateCorrection.CLIP)
    >>> round(found.d_prime.value, 4), round(found.criterion.value, 4)
    (1.8586, -1.397)
    """

    d_prime: Estimate
    criterion: Estimate
    log_beta: float | None
    hit_rate: float | None
    false_alarm_rate: float | None


def detection(
    hits: int,
    misses: int,
    false_alarms: int,
    rejections: int,
    *,
    correction: RateCorrection = RateCorrection.LOG_LINEAR,
    resampling: Resampling | None = None,
) -> Detection:
    """Tell skill from lean on gold with and without a defect.

    Parameters
    ----------
    hits, misses : int
        Defective gold flagged, and not.
    false_alarms, rejections : int
        Sound gold flagged, and not.
    correction : RateCorrection
        Log-linear (+0.5 of +1 on both) by default.
    resampling : Resampling, optional
        Draws gold cases anew within each class; needs ten of each.

    Returns
    -------
    Detection
        Undefined if there was no gold of one of the classes.

    Raises
    ------
    ValueError
        If a count is negative.

    References
    ----------
    Stanislaw and Todorov (1999), Behavior Research Methods 31, 137-149; Hautus (1995)
    for the log-linear correction.

    Examples
    --------
    >>> round(detection(9, 1, 2, 8).d_prime.value, 2)
    1.84
    """
    if min(hits, misses, false_alarms, rejections) < 0:
        raise ValueError("counts cannot be negative")
    defects, sound = hits + misses, false_alarms + rejections
    basis = Basis(defects + sound, defects + sound, 1, f"d' ({correction})")
    lean = Basis(defects + sound, defects + sound, 1, f"c ({correction})")
    if not (defects and sound):
        reason = f"no {'sound' if defects else 'defective'} gold was answered"
        return Detection(
            basis.undefined(reason), lean.undefined(reason), None, None, None
        )
    hit = _rate(np.array([hits]), defects, correction)
    alarm = _rate(np.array([false_alarms]), sound, correction)
    d_prime, criterion = (float(x[0]) for x in sensitivity(hit, alarm))
    skill, leaning = basis.defined(d_prime), lean.defined(criterion)
    if resampling is not None:
        counts = ((hits, defects), (false_alarms, sound))
        skill, leaning = _with_limits((skill, leaning), counts, correction, resampling)
    return Detection(
        skill, leaning, d_prime * criterion, float(hit[0]), float(alarm[0])
    )


def _with_limits(
    estimates: tuple[Estimate, Estimate],
    counts: tuple[tuple[int, int], tuple[int, int]],
    correction: RateCorrection,
    resampling: Resampling,
) -> tuple[Estimate, Estimate]:
    skill, leaning = estimates
    few = min(total for _, total in counts)
    if few < FEWEST_GOLD_PER_CLASS:
        reason = f"too few gold cases of a class for an interval: {few}, 10 needed"
        return skill.noting(reason), leaning.noting(reason)
    rng = np.random.default_rng(resampling.seed)
    hit, alarm = (
        _rate(rng.binomial(n, k / n, resampling.resamples), n, correction)
        for k, n in counts
    )
    tails = [resampling.tail, 1 - resampling.tail]
    drawn = [np.quantile(values, tails) for values in sensitivity(hit, alarm)]
    method = "bootstrap over gold cases"
    return (
        skill.with_limits(float(drawn[0][0]), float(drawn[0][1]), method),
        leaning.with_limits(float(drawn[1][0]), float(drawn[1][1]), method),
    )


def sensitivity(
    hit: npt.ArrayLike, false_alarm: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Return d' and c of given rates.

    Parameters
    ----------
    hit, false_alarm : float or ndarray of float64
        Rates strictly between 0 and 1, of one shape.

    Returns
    -------
    tuple of two ndarray of float64
        d' and c, of that shape.

    References
    ----------
    Green and Swets (1966), Signal Detection Theory and Psychophysics.

    Examples
    --------
    >>> d_prime, c = sensitivity(0.70, 0.10)
    >>> round(float(d_prime), 3), round(float(c), 4)
    (1.806, 0.3786)
    """
    z_hit, z_alarm = (stats.norm.ppf(np.asarray(rate)) for rate in (hit, false_alarm))
    return np.asarray(z_hit - z_alarm), np.asarray(-(z_hit + z_alarm) / 2)


def _rate(
    count: npt.NDArray[np.int64], total: int, correction: RateCorrection
) -> Floats:
    if correction is RateCorrection.LOG_LINEAR:
        return (count + 0.5) / (total + 1)
    return np.clip(count / total, 0.5 / total, 1 - 0.5 / total)
