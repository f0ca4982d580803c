"""Failure rates of all traffic from items that were chosen with known chances."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.estimates import Basis, Estimate
from calibration.statistics.proportions import Limits, proportion, upper_limit

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrafficRate:
    """A rate over all traffic.

    Parameters
    ----------
    rate : Estimate
        The rate with its limits.
    standard_error : float or None
        Of the rate; `None` where undefined.
    population : float
        Items the rate speaks of; estimated by Hajek's form.

    Examples
    --------
    >>> hajek([1, 0], [0.5, 0.5]).population
    4.0
    """

    rate: Estimate
    standard_error: float | None
    population: float


def hajek(
    values: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    *,
    confidence: float = 0.95,
) -> TrafficRate:
    """Estimate the mean of all traffic, each item weighted by 1 / its chance.

    Parameters
    ----------
    values : array_like of float, shape (n_items,)
        1 for a failure, 0 for none; any score from 0 to 1.
    probabilities : array_like of float, shape (n_items,)
        The chance with which each item was sent to review, in (0, 1].
    confidence : float
        Between 0 and 1.

    Returns
    -------
    TrafficRate
        Wald limits for Poisson sampling, cut at 0 and 1. Undefined without items.

    Raises
    ------
    ValueError
        If shapes differ or a probability is not in (0, 1]: what could never be
        chosen cannot be estimated.

    References
    ----------
    Hajek (1971); Sarndal, Swensson and Wretman (1992), Model Assisted Survey
    Sampling, ch. 5.

    Examples
    --------
    >>> found = hajek([1, 0, 1, 0, 0, 1], [0.9, 0.9, 0.5, 0.5, 0.1, 0.1])
    >>> round(found.rate.value, 4), round(found.standard_error, 4)
    (0.5, 0.2588)
    """
    y, pi = _sample(values, probabilities)
    basis = Basis(len(y), len(y), 0, "Hajek")
    if not len(y):
        return TrafficRate(basis.undefined("no item was reviewed"), None, 0.0)
    population = float((1 / pi).sum())
    mean = float((y / pi).sum()) / population
    error = math.sqrt((((1 - pi) / pi**2) * (y - mean) ** 2).sum()) / population
    return TrafficRate(_wald(basis, mean, error, confidence), error, population)


def horvitz_thompson(
    values: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    population: int,
    *,
    confidence: float = 0.95,
) -> TrafficRate:
    """Estimate the mean of all traffic where the size of the traffic is known.

    `hajek` varies less and is the default elsewhere; this is the unbiased form.

    Parameters
    ----------
    values, probabilities : array_like of float, shape (n_items,)
        As in `hajek`.
    population : int
        Items in all.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    TrafficRate
        As `hajek`.

    Raises
    ------
    ValueError
        As `hajek`; also if there are more items than `population`.

    References
    ----------
    Horvitz and Thompson (1952), Journal of the American Statistical Association 47,
    663-685.

    Examples
    --------
    >>> found = horvitz_thompson([1, 0, 1, 0, 0, 1], [0.9, 0.9, 0.5, 0.5, 0.1, 0.1], 30)
    >>> round(found.rate.value, 4), round(found.standard_error, 4)
    (0.437, 0.3199)
    """
    y, pi = _sample(values, probabilities)
    if population < len(y):
        raise ValueError(f"{len(y)} items from a population of {population}")
    basis = Basis(len(y), len(y), 0, "Horvitz-Thompson")
    if not len(y):
        reason = "no item was reviewed"
        return TrafficRate(basis.undefined(reason), None, float(population))
    mean = float((y / pi).sum()) / population
    error = math.sqrt((((1 - pi) / pi**2) * y**2).sum()) / population
    estimate = _wald(basis, mean, error, confidence)
    return TrafficRate(estimate, error, float(population))


@dataclass(frozen=True, slots=True)
class Stratum:
    """Part of the traffic that was sampled at one rate.

    Parameters
    ----------
    population, sampled, failures : int
        Items in all, items reviewed at random, and failures among these.

    Raises
    ------
    ValueError
        If the counts do not fall in this order.

    Examples
    --------
    >>> Stratum(population=9000, sampled=300, failures=6).sampled
    300
    """

    population: int
    sampled: int
    failures: int

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        if not 0 <= self.failures <= self.sampled <= self.population:
            raise ValueError(
                f"{self.failures} failures in {self.sampled} sampled of "
                f"{self.population} cannot be"
            )


def stratified(strata: Sequence[Stratum], *, confidence: float = 0.95) -> TrafficRate:
    """Estimate the failure rate of all traffic from its strata.

    Limits combine the Wilson limits of the strata (MOVER), so that they stay honest
    where a stratum shows few failures. A stratum reviewed in full adds no uncertainty.

    Parameters
    ----------
    strata : sequence of Stratum
        All of the traffic.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    TrafficRate
        Undefined if a stratum with items has no sample.

    References
    ----------
    Cochran (1977), Sampling Techniques, ch. 5; Zou and Donner (2008), Statistics in
    Medicine 27, 1693-1702 (MOVER).

    Examples
    --------
    >>> found = stratified([Stratum(1000, 1000, 180), Stratum(9000, 300, 6)])
    >>> round(found.rate.value, 4), round(1.96 * found.standard_error, 3)
    (0.036, 0.014)
    """
    filled = [stratum for stratum in strata if stratum.population]
    total = sum(stratum.population for stratum in filled)
    sampled = sum(stratum.sampled for stratum in filled)
    basis = Basis(sampled, sampled, 0, "stratified")
    if not filled:
        return TrafficRate(basis.undefined("there is no traffic"), None, 0.0)
    unseen = sum(not stratum.sampled for stratum in filled)
    if unseen:
        reason = f"{unseen} of {len(filled)} strata were not sampled"
        return TrafficRate(basis.undefined(reason), None, float(total))
    rate = below = above = variance = 0.0
    for stratum in filled:
        weight = stratum.population / total
        unsampled = 1 - stratum.sampled / stratum.population
        share = proportion(stratum.failures, stratum.sampled, confidence=confidence)
        p, low, high = share.value or 0.0, share.low or 0.0, share.high or 0.0
        rate += weight * p
        below += weight**2 * unsampled * (p - low) ** 2
        above += weight**2 * unsampled * (high - p) ** 2
        variance += weight**2 * unsampled * p * (1 - p) / max(stratum.sampled - 1, 1)
    estimate = basis.defined(rate).with_limits(
        rate - math.sqrt(below), rate + math.sqrt(above), f"{confidence:.0%} MOVER"
    )
    return TrafficRate(estimate, math.sqrt(variance), float(total))


@dataclass(frozen=True, slots=True)
class Escapes:
    """What got past the router: two different figures, and the count behind them.

    Parameters
    ----------
    escape_rate : Estimate
        Failures among auto-passed items; Wilson limits.
    guaranteed : Estimate
        The same with Clopper-Pearson limits.
    escaped : Estimate
        Failures that escaped, in items.
    miss_share : Estimate
        Escaped failures among all failures.
    at_most : float or None
        One-sided exact upper limit of the escape rate, for "none seen".

    Examples
    --------
    >>> escapes(passed=9000, audited=59, failed=0, caught=10).escape_rate.reason
    'no failure in 59 audited items: the rate may still be up to 4.95%'
    """

    escape_rate: Estimate
    guaranteed: Estimate
    escaped: Estimate
    miss_share: Estimate
    at_most: float | None


def escapes(
    *, passed: int, audited: int, failed: int, caught: int, confidence: float = 0.95
) -> Escapes:
    """Estimate what escaped from a random audit of the auto-passed items.

    Parameters
    ----------
    passed : int
        Items passed without review, audited or not.
    audited, failed : int
        Of these, items audited at random and failures among them.
    caught : int
        Failures found among the items that were routed to review.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Escapes
        All undefined if nothing was audited; the miss share also if there is no
        failure at all.

    Raises
    ------
    ValueError
        If the counts cannot be.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 857-872.

    Examples
    --------
    >>> found = escapes(passed=9000, audited=300, failed=6, caught=180)
    >>> [round(100 * x, 2) for x in (found.escape_rate.low, found.escape_rate.high)]
    [0.92, 4.29]
    >>> [round(found.escaped.low), round(found.escaped.high), found.miss_share.value]
    [83, 386, 0.5]
    """
    Stratum(passed, audited, failed)
    if caught < 0:
        raise ValueError(f"{caught} failures caught cannot be")
    rate = proportion(failed, audited, confidence=confidence)
    exact = proportion(
        failed, audited, limits=Limits.CLOPPER_PEARSON, confidence=confidence
    )
    count = Basis(audited, audited, 0, "escaped failures")
    share = Basis(audited, audited, 0, "share of failures missed")
    if rate.value is None or rate.low is None or rate.high is None:
        reason = "no auto-passed item was audited"
        nothing = Basis(0, 0, 0, rate.method).undefined(reason)
        return Escapes(
            nothing, nothing, count.undefined(reason), share.undefined(reason), None
        )
    at_most = upper_limit(failed, audited, confidence=confidence)
    if not failed:
        rate = rate.noting(
            f"no failure in {audited} audited items: the rate may still be up to "
            f"{at_most:.2%}"
        )
    value, low, high = (passed * (x or 0.0) for x in (rate.value, rate.low, rate.high))
    escaped = count.defined(value).with_limits(low, high, "Wilson")
    missed = share.undefined("no failure was found at all")
    if value + caught:
        missed = share.defined(value / (value + caught)).with_limits(
            low / (low + caught) if low else 0.0, high / (high + caught), "Wilson"
        )
    return Escapes(rate, exact, escaped, missed, at_most)


def neyman(
    populations: npt.ArrayLike, rates: npt.ArrayLike, budget: float
) -> npt.NDArray[np.float64]:
    """Share out a reviewing budget so that the overall rate varies least.

    Parameters
    ----------
    populations : array_like of float, shape (n_strata,)
        Items in each stratum.
    rates : array_like of float, shape (n_strata,)
        Expected failure rate of each.
    budget : float
        Items that can be reviewed.

    Returns
    -------
    ndarray of float64, shape (n_strata,)
        Items to review; proportional to population where no rate varies. Keep a
        floor of some 30 a stratum on top.

    References
    ----------
    Neyman (1934), Journal of the Royal Statistical Society 97, 558-625.

    Examples
    --------
    >>> neyman([5000, 3000, 2000], [0.02, 0.10, 0.40], 400).round(1).tolist()
    [108.5, 139.5, 151.9]
    """
    size = np.asarray(populations, dtype=np.float64)
    p = np.asarray(rates, dtype=np.float64)
    need = size * np.sqrt(p * (1 - p))
    if not need.any():
        need = size
    shares: Floats = budget * need / need.sum()
    return shares


def _sample(values: npt.ArrayLike, chances: npt.ArrayLike) -> tuple[Floats, Floats]:
    y = np.asarray(values, dtype=np.float64)
    pi = np.asarray(chances, dtype=np.float64)
    if y.shape != pi.shape or y.ndim != 1:
        raise ValueError(f"values {y.shape} and probabilities {pi.shape} do not match")
    if not ((pi > 0) & (pi <= 1)).all():
        raise ValueError("inclusion probabilities must lie in (0, 1]")
    return y, pi


def _wald(basis: Basis, mean: float, error: float, confidence: float) -> Estimate:
    reach = float(stats.norm.ppf((1 + confidence) / 2)) * error
    low, high = max(0.0, mean - reach), min(1.0, mean + reach)
    return basis.defined(mean).with_limits(low, high, f"{confidence:.0%} Wald")
