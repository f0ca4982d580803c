"""Intervals by resampling items with all their ratings, at any number of items."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.coefficients import Coefficient
from calibration.statistics.estimates import Estimate

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST_UNITS = 10
FEW_UNITS = 30
FEWEST_TELLING = 5
# From here on the bootstrap covers as it says; below, the jackknife does.
BOOTSTRAP_UNITS = 50
BOOTSTRAP_TELLING = 20

_CHUNK_CELLS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Resampling:
    """How an interval is to be found.

    Parameters
    ----------
    confidence : float
        Between 0 and 1, 0.95 for a 95% interval.
    seed : int
        The same data and seed give the same interval, in any order of rows.
    resamples : int
        Bootstrap resamples; at least 1000, since the limits are percentiles.
    clusters : mapping of item to cluster, optional
        The conversation or source that items share; whole clusters are resampled.

    Raises
    ------
    ValueError
        If the confidence is not between 0 and 1 or the resamples are too few.

    Examples
    --------
    >>> Resampling(seed=7).resamples
    2000
    """

    confidence: float = 0.95
    seed: int = 0
    resamples: int = 2000
    clusters: Mapping[Any, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse what would give no interval or a rough one."""
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence {self.confidence} is not between 0 and 1")
        if self.resamples < 1000:
            raise ValueError(f"{self.resamples} resamples are too few: 1000 at least")

    @property
    def tail(self) -> float:
        """Probability left out on each side."""
        return (1 - self.confidence) / 2


@dataclass(frozen=True, eq=False)
class _Units:
    """What is resampled: items or clusters, equal ones together."""

    rows: Floats
    weights: Ints
    is_telling: npt.NDArray[np.bool_]
    noun: str

    @property
    def n(self) -> int:
        return int(self.weights.sum())

    @property
    def n_telling(self) -> int:
        return int(self.weights[self.is_telling].sum())


def with_interval(
    estimate: Estimate,
    coefficient: Coefficient,
    items: Sequence[Any],
    resampling: Resampling | None,
) -> Estimate:
    """Add an interval to an estimate, or say why there is none.

    Items are drawn with all their ratings. A multinomial over the distinct patterns
    is the same draw as one over the items, at a cost that does not grow with them.
    Percentiles are corrected for bias and acceleration. Below 50 items, or with fewer
    than 20 that hold any but the commonest value, the interval is a jackknife on
    Fisher's z scale; below 10, or below 30 with fewer than 5 such items, there is none. Where no two raters disagreed there is nothing to resample, and the
    lower limit is that of as many disagreeing items as could have been missed.

    Parameters
    ----------
    estimate : Estimate
        The point estimate; returned as it is if undefined.
    coefficient : Coefficient
        The same figure, taken apart.
    items : sequence
        The item ids of the matrix, for the clusters.
    resampling : Resampling or None
        How; `None` for no interval.

    Returns
    -------
    Estimate
        With limits, or with the reason for their absence.

    Raises
    ------
    ValueError
        If clusters are given and an item is in none.

    References
    ----------
    Zapf et al. (2016), BMC Medical Research Methodology 16:93 (bootstrap over units);
    Efron (1987), Journal of the American Statistical Association 82, 171-185 (BCa);
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 11 (jackknife).

    Examples
    --------
    >>> from calibration.statistics import RatingMatrix, krippendorff_alpha
    >>> votes = RatingMatrix.from_table([[40, 5], [5, 50]])
    >>> found = krippendorff_alpha(votes, resampling=Resampling(seed=1))
    >>> found.low < 0.8 < found.high, found.method.partition("; ")[2]
    (True, 'BCa bootstrap over 100 items, 2000 resamples')
    """
    if resampling is None or estimate.value is None:
        return estimate
    units = _units(coefficient, items, resampling.clusters)
    if units.n < FEWEST_UNITS:
        return estimate.noting(
            f"too few {units.noun} for an interval: {units.n}, {FEWEST_UNITS} needed"
        )
    if units.n < FEW_UNITS and units.n_telling < FEWEST_TELLING:
        return estimate.noting(
            f"too few {units.noun} for an interval: {units.n}, of which only "
            f"{units.n_telling} hold any but the commonest value"
        )
    if math.isclose(estimate.value, 1, abs_tol=1e-12):
        return _no_disagreement(estimate, coefficient, units, resampling)
    if units.n < BOOTSTRAP_UNITS or units.n_telling < BOOTSTRAP_TELLING:
        return _jackknife(estimate, coefficient, units, resampling)
    return _bootstrap(estimate, coefficient, units, resampling)


def _units(
    coefficient: Coefficient, items: Sequence[Any], clusters: Mapping[Any, Any] | None
) -> _Units:
    if clusters is None:
        return _Units(
            coefficient.rows, coefficient.weights, coefficient.is_telling, "items"
        )
    enters = np.flatnonzero(coefficient.index >= 0)
    patterns = coefficient.index[enters]
    cluster_of = _numbered([items[place] for place in enters.tolist()], clusters)
    n_clusters = int(cluster_of.max(initial=-1)) + 1
    addends = np.column_stack([coefficient.rows, coefficient.is_telling])
    sums = np.column_stack(
        [
            np.bincount(cluster_of, weights=column[patterns], minlength=n_clusters)
            for column in addends.T
        ]
    ).astype(np.float64)
    distinct, weights = np.unique(sums, axis=0, return_counts=True)
    return _Units(
        distinct[:, :-1], weights.astype(np.int64), distinct[:, -1] > 0, "clusters"
    )


def _numbered(items: Sequence[Any], clusters: Mapping[Any, Any]) -> Ints:
    """Return the number of each item's cluster, counted as the sorted items come."""
    numbers: dict[Any, int] = {}
    try:
        return np.array(
            [numbers.setdefault(clusters[item], len(numbers)) for item in items],
            dtype=np.int64,
        )
    except KeyError as missing:
        raise ValueError(f"item {missing.args[0]!r} is in no cluster") from None


def _bootstrap(
    estimate: Estimate, coefficient: Coefficient, units: _Units, resampling: Resampling
) -> Estimate:
    values = np.concatenate(
        [coefficient.finish(drawn @ units.rows) for drawn in _draws(units, resampling)]
    )
    is_defined = ~np.isnan(values)
    n_undefined = int((~is_defined).sum())
    counted = replace(estimate, undefined_resamples=n_undefined)
    if n_undefined > len(values) / 2:
        return counted.noting(
            f"no interval: undefined in {n_undefined} of {len(values)} resamples"
        )
    ends = _corrected_tails(
        estimate, coefficient, units, values[is_defined], resampling
    )
    low, high = np.quantile(values[is_defined], ends)
    told = f", {n_undefined} of them undefined" if n_undefined else ""
    return _limited(
        counted,
        (float(low), float(high)),
        f"BCa bootstrap over {units.n} {units.noun}, {len(values)} resamples{told}",
    )


def _corrected_tails(
    estimate: Estimate,
    coefficient: Coefficient,
    units: _Units,
    values: Floats,
    resampling: Resampling,
) -> Floats:
    """Return the two probabilities at which a BCa interval reads its percentiles."""
    value = float(estimate.value or 0)
    below = np.mean(values < value) + np.mean(values == value) / 2
    bias = stats.norm.ppf(np.clip(below, 1 / len(values), 1 - 1 / len(values)))
    influence = _influence(coefficient, units)
    spread = units.weights @ influence**2
    skew = units.weights @ influence**3
    acceleration = skew / (6 * spread**1.5) if spread else 0.0
    z = bias + stats.norm.ppf([resampling.tail, 1 - resampling.tail])
    tails: Floats = stats.norm.cdf(bias + z / (1 - acceleration * z))
    return tails


def _influence(coefficient: Coefficient, units: _Units) -> Floats:
    """Return what leaving out one unit of each row takes away; 0 where undefined."""
    values = coefficient.finish(units.weights @ units.rows - units.rows)
    is_defined = ~np.isnan(values)
    if not is_defined.any():
        return np.zeros(len(values))
    mean = np.average(values[is_defined], weights=units.weights[is_defined])
    return np.where(is_defined, mean - values, 0.0)


def _draws(units: _Units, resampling: Resampling) -> Iterator[Ints]:
    """Yield how often each row is drawn, some resamples at a time to save memory."""
    rng = np.random.default_rng(resampling.seed)
    shares = units.weights / units.n
    step = max(1, _CHUNK_CELLS // len(shares))
    for start in range(0, resampling.resamples, step):
        size = min(step, resampling.resamples - start)
        yield rng.multinomial(units.n, shares, size=size)


def _jackknife(
    estimate: Estimate, coefficient: Coefficient, units: _Units, resampling: Resampling
) -> Estimate:
    values = coefficient.finish(units.weights @ units.rows - units.rows)
    if np.isnan(values).any():
        return estimate.noting("no interval: undefined without one of the items")
    mean = np.average(values, weights=units.weights)
    error = math.sqrt((units.n - 1) / units.n * (units.weights @ (values - mean) ** 2))
    floor = coefficient.floor
    half = (1 - floor) / 2
    place = (float(estimate.value or 0) - floor) / half - 1
    if abs(place) >= 1 or not error:
        return estimate.noting("no interval: the items do not vary")
    reach = (
        stats.t.ppf(1 - resampling.tail, units.n - 1) * error / half / (1 - place**2)
    )
    z = math.atanh(place)
    low, high = (floor + half * (1 + math.tanh(z + by)) for by in (-reach, reach))
    return _limited(
        estimate, (low, high), f"Fisher-z jackknife over {units.n} {units.noun}"
    )


def _no_disagreement(
    estimate: Estimate, coefficient: Coefficient, units: _Units, resampling: Resampling
) -> Estimate:
    missed = 1 - resampling.tail ** (1 / units.n)
    total = units.weights @ units.rows
    mixed = (1 - missed) * total + missed * units.n * coefficient.conflict
    low = float(coefficient.finish(mixed[None, :])[0])
    method = f"no disagreement in {units.n} {units.noun}: at most {missed:.1%} missed"
    return _limited(estimate, (low, 1.0), method)


def _limited(estimate: Estimate, limits: tuple[float, float], method: str) -> Estimate:
    low, high = limits
    if low == high:
        return estimate.noting("no interval: the items do not vary")
    return estimate.with_limits(low, high, method)
