"""A reviewer beside the others, and beside their own earlier answers."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.statistics.coefficients import Weights
from calibration.statistics.cohen import cohen_kappa
from calibration.statistics.estimates import Basis, Estimate
from calibration.statistics.gathering import MISSING
from calibration.statistics.intervals import Resampling
from calibration.statistics.ratings import RatingMatrix
from calibration.statistics.scales import Level, UnorderedScale

Floats = npt.NDArray[np.float64]


def severity(matrix: RatingMatrix, *, confidence: float = 0.95) -> dict[Any, Estimate]:
    """Estimate how far each rater rates above or below the others on the same items.

    Mean signed deviation from the mean of the others, shrunk towards 0 by how much
    raters differ at all (empirical Bayes), so that few ratings claim little.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings on an ordinal (by position), interval or ratio scale.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    dict of rater to Estimate
        In units of the scale; below 0 the rater is lower than the others. Undefined
        with fewer than two shared items.

    Raises
    ------
    UnorderedScale
        If the scale is nominal.

    References
    ----------
    Morris (1983), Journal of the American Statistical Association 78, 47-55.

    Examples
    --------
    >>> rows = [[0, 0, 1], [1, 1, 2], [2, 2, 2], [0, 1, 1], [1, 1, 2]]
    >>> votes = RatingMatrix.from_codes(rows, domain=range(3), level=Level.ORDINAL)
    >>> [round(found.value, 2) for found in severity(votes).values()]
    [-0.45, -0.17, 0.59]
    """
    if matrix.level is Level.NOMINAL:
        raise UnorderedScale("severity needs an ordered scale, not a nominal one")
    deviations = [_deviations(matrix, column) for column in range(matrix.n_raters)]
    enough = [own for own in deviations if len(own) > 1]
    errors = [own.var(ddof=1) / len(own) for own in enough]
    means = [own.mean() for own in enough]
    between = (
        max(0.0, float(np.mean(np.square(means)) - np.mean(errors))) if enough else 0
    )
    z = float(stats.norm.ppf((1 + confidence) / 2))
    return {
        rater: _shrunk(own, between, z)
        for rater, own in zip(matrix.raters, deviations, strict=True)
    }


def _deviations(matrix: RatingMatrix, column: int) -> Floats:
    rated = matrix.codes != MISSING
    numbers = np.where(rated, np.append(matrix.values, 0)[matrix.codes], 0)
    others = rated.sum(axis=1) - rated[:, column]
    shared = rated[:, column] & (others > 0)
    total = numbers.sum(axis=1) - numbers[:, column]
    deviations: Floats = numbers[shared, column] - total[shared] / others[shared]
    return deviations


def _shrunk(own: Floats, between: float, z: float) -> Estimate:
    basis = Basis(len(own), len(own), 1, "severity, shrunk")
    if len(own) < 2:
        return basis.undefined("fewer than two items shared with others")
    error = float(own.var(ddof=1)) / len(own)
    trust = between / (between + error) if between + error else 0.0
    value, reach = trust * float(own.mean()), z * math.sqrt(trust * error)
    estimate = basis.defined(value)
    if not reach:
        return estimate.noting("no interval: raters do not differ reliably")
    return estimate.with_limits(value - reach, value + reach, "normal")


def retest_kappa(
    answers: Iterable[tuple[Any, Any, Any]],
    *,
    domain: Sequence[Any],
    level: Level = Level.NOMINAL,
    weights: Weights = Weights.NONE,
    resampling: Resampling | None = None,
) -> Estimate:
    """Compute a reviewer's agreement with their own earlier answers.

    It is the ceiling of what the reviewer's agreement with others can be.

    Parameters
    ----------
    answers : iterable of (item, first label, second label)
        One per retest.
    domain : sequence of label
        The whole scale in its order.
    level, weights, resampling
        As in `cohen_kappa`.

    Returns
    -------
    Estimate
        Cohen's kappa of first and second answers.

    Raises
    ------
    UnknownLabel
        If a label is not on the scale.

    References
    ----------
    Abercrombie et al. (2023), arXiv 2301.10684.

    Examples
    --------
    >>> answers = [(1, "no", "no"), (2, "yes", "yes"), (3, "yes", "no")]
    >>> round(retest_kappa(answers, domain=["no", "yes"]).value, 2)
    0.4
    """
    rows = [
        (item, occasion, label)
        for item, *labels in answers
        for occasion, label in enumerate(labels)
    ]
    matrix = RatingMatrix.from_triples(rows, domain=domain, level=level)
    if not rows:
        return Basis(0, 0, 1, "retest kappa").undefined("no item was rated again")
    return cohen_kappa(matrix, 0, 1, weights=weights, resampling=resampling)
