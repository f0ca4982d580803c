"""Control charts, which tell when a reviewer has changed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calibration.statistics.gold import SequentialTest

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ControlChart:
    """A smoothed series with its limits.

    Parameters
    ----------
    values, low, high : ndarray of float64, shape (n,)
        The chart and its limits, in the unit of the observations.

    Examples
    --------
    >>> ewma([50.0, 60.0], target=50, spread=2).alarms.tolist()
    [1]
    """

    values: Floats
    low: Floats
    high: Floats

    @property
    def alarms(self) -> npt.NDArray[np.intp]:
        """Places at which the chart lies outside its limits."""
        return np.flatnonzero((self.values < self.low) | (self.values > self.high))


def ewma(
    observations: npt.ArrayLike,
    *,
    target: float,
    spread: float,
    weight: float = 0.3,
    width: float = 3.0,
) -> ControlChart:
    """Chart an exponentially weighted moving average.

    Parameters
    ----------
    observations : array_like of float, shape (n,)
        In the order of time.
    target, spread : float
        Mean and standard deviation while all is well.
    weight : float
        Of the newest observation, in (0, 1].
    width : float
        Of the limits, in standard deviations of the chart.

    Returns
    -------
    ControlChart
        Empty if there are no observations.

    Raises
    ------
    ValueError
        If the weight is not in (0, 1] or the spread is negative.

    References
    ----------
    Roberts (1959), Technometrics 1, 239-250; NIST/SEMATECH e-Handbook 6.3.2.4.

    Examples
    --------
    >>> ewma([52.0, 47.0], target=50, spread=2.0539).values.round(2).tolist()
    [50.6, 49.52]
    """
    if not 0 < weight <= 1 or spread < 0:
        raise ValueError("weight must lie in (0, 1] and spread be at least 0")
    series = np.asarray(observations, dtype=np.float64)
    values = np.empty_like(series)
    level = target
    for place, observation in enumerate(series):
        level = weight * observation + (1 - weight) * level
        values[place] = level
    steps = np.arange(1, len(series) + 1)
    grown = weight / (2 - weight) * (1 - (1 - weight) ** (2 * steps))
    reach = width * spread * np.sqrt(grown)
    return ControlChart(values, target - reach, target + reach)


def bernoulli_cusum(
    answers: Sequence[bool], *, test: SequentialTest, threshold: float
) -> ControlChart:
    """Chart the evidence that a reviewer has gone from good to bad.

    Parameters
    ----------
    answers : sequence of bool
        Whether each gold case was answered rightly, in the order of time.
    test : SequentialTest
        Which gives what an answer adds.
    threshold : float
        From which there is an alarm; see `cusum_threshold`.

    Returns
    -------
    ControlChart
        Never below 0.

    References
    ----------
    Reynolds and Stoumbos (1999), Journal of Quality Technology 31, 87-108.

    Examples
    --------
    >>> chart = bernoulli_cusum(
    ...     [True, False, False, False], test=SequentialTest(), threshold=3.5
    ... )
    >>> chart.values.round(2).tolist(), chart.alarms.tolist()
    ([0.0, 1.39, 2.77, 4.16], [3])
    """
    values = np.empty(len(answers))
    level = 0.0
    for place, is_right in enumerate(answers):
        level = max(0.0, level + (test.right_step if is_right else test.wrong_step))
        values[place] = level
    # The chart alarms above its limit, the test at it.
    limit = np.full(len(values), np.nextafter(threshold, -math.inf))
    return ControlChart(values, np.zeros(len(values)), limit)


def cusum_threshold(
    *, test: SequentialTest, run_length: int, seed: int = 0, runs: int = 2000
) -> float:
    """Find the threshold at which a good reviewer is alarmed about only rarely.

    Parameters
    ----------
    test : SequentialTest
        Which gives what an answer adds, and how good is good.
    run_length : int
        Gold cases until half of all good reviewers had a false alarm.
    seed : int
        The same seed gives the same threshold.
    runs : int
        Reviewers simulated.

    Returns
    -------
    float
        The median, over simulated reviewers, of the highest point the chart reaches.

    Examples
    --------
    >>> round(cusum_threshold(test=SequentialTest(), run_length=200), 2)
    2.77
    """
    rng = np.random.default_rng(seed)
    level, highest = np.zeros(runs), np.zeros(runs)
    for _ in range(run_length):
        is_right = rng.random(runs) < test.good
        level = np.maximum(
            0, level + np.where(is_right, test.right_step, test.wrong_step)
        )
        highest = np.maximum(highest, level)
    return float(np.median(highest))
