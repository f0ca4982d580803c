"""Time and tiredness: active time against reading speed, errors over a batch."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.estimates import Basis, Estimate


class Pace(StrEnum):
    """How the active time on an item compares with reading it."""

    PLAUSIBLE = "plausible"
    FAST = "fast"
    IMPOSSIBLE = "impossible"


# Words a minute: most adults read 175 to 300 (Brysbaert 2019).
FAST_READING = 400
IMPOSSIBLE_READING = 600


def pace(words: int, active_seconds: float) -> Pace:
    """Compare active time with the time that reading takes.

    Parameters
    ----------
    words : int
        Words shown.
    active_seconds : float
        Time in the focused tab, idle time left out.

    Returns
    -------
    Pace
        Fast under words/400 minutes, impossible under words/600.

    References
    ----------
    Brysbaert (2019), Journal of Memory and Language 109, 104047.

    Examples
    --------
    >>> pace(300, 40), pace(300, 20)
    (<Pace.FAST: 'fast'>, <Pace.IMPOSSIBLE: 'impossible'>)
    """
    minutes = active_seconds / 60
    if minutes < words / IMPOSSIBLE_READING:
        return Pace.IMPOSSIBLE
    return Pace.FAST if minutes < words / FAST_READING else Pace.PLAUSIBLE


def relative_pace(
    raters: Sequence[Any], words: npt.ArrayLike, active_seconds: npt.ArrayLike
) -> dict[Any, float]:
    """Compare each rater's time with that of all raters on texts of that length.

    Parameters
    ----------
    raters : sequence, length n
        Who judged.
    words : array_like of float, shape (n,)
        Words shown, above 0.
    active_seconds : array_like of float, shape (n,)
        Above 0.

    Returns
    -------
    dict of rater to float
        Factor on the usual time: 0.5 is twice as fast. In the order of their names.

    Raises
    ------
    ValueError
        If words or seconds are not above 0.

    Examples
    --------
    >>> relative_pace(["a", "b"] * 2, [100, 100, 200, 200], [10, 40, 20, 80])
    {'a': 0.5, 'b': 2.0}
    """
    length = np.asarray(words, dtype=np.float64)
    times = np.asarray(active_seconds, dtype=np.float64)
    if (length <= 0).any() or (times <= 0).any():
        raise ValueError("words and seconds must be above 0")
    centred = np.log(length) - np.log(length).mean()
    slope = centred @ np.log(times) / (centred @ centred) if centred.any() else 0.0
    residual = np.log(times) - np.log(times).mean() - slope * centred
    names = np.array([str(rater) for rater in raters])
    return {
        rater: round(float(np.exp(np.median(residual[names == str(rater)]))), 6)
        for rater in sorted(set(raters), key=str)
    }


def fatigue(
    positions: npt.ArrayLike, errors: npt.ArrayLike, *, confidence: float = 0.95
) -> Estimate:
    """Estimate how the error rate on gold grows over a batch.

    Parameters
    ----------
    positions : array_like of float, shape (n,)
        Place of each gold case in its batch.
    errors : array_like of bool, shape (n,)
        Whether it was answered wrongly.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Slope of a straight line, in error rate per place. Undefined with fewer than
        three answers or all at one place.

    References
    ----------
    Angrist and Pischke (2009), Mostly Harmless Econometrics, ch. 3 (linear
    probability).

    Examples
    --------
    >>> round(fatigue(range(8), [0, 0, 0, 0, 1, 0, 1, 1]).value, 3)
    0.155
    """
    place = np.asarray(positions, dtype=np.float64)
    wrong = np.asarray(errors, dtype=np.float64)
    basis = Basis(len(place), len(place), 1, "slope of errors")
    if len(place) < 3:
        return basis.undefined("fewer than three answers")
    if np.ptp(place) == 0:
        return basis.undefined("all answers at one place of the batch")
    line = stats.linregress(place, wrong)
    estimate = basis.defined(float(line.slope))
    if np.ptp(wrong) == 0:
        return estimate.noting("no interval: the answers do not vary")
    reach = float(stats.t.ppf((1 + confidence) / 2, len(place) - 2) * line.stderr)
    value = float(line.slope)
    return estimate.with_limits(value - reach, value + reach, "least squares")
