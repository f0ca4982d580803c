"""Krippendorff's alpha: any number of raters, gaps, and four levels."""

from typing import Any

import krippendorff
import numpy as np
import numpy.typing as npt

from calibration.statistics.coefficients import Coefficient, over_items, ratio
from calibration.statistics.estimates import NO_PAIRS, NO_VARIATION, Estimate
from calibration.statistics.intervals import Resampling, with_interval
from calibration.statistics.patterns import Patterns
from calibration.statistics.ratings import RatingMatrix
from calibration.statistics.scales import Level

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# krippendorff.alpha holds several arrays of n_items * n_values**2 numbers. Beyond this
# many the same sums are taken over the distinct patterns instead.
_LIBRARY_CELLS = 100_000


def krippendorff_alpha(
    matrix: RatingMatrix, *, resampling: Resampling | None = None
) -> Estimate:
    """Compute Krippendorff's alpha at the level of the matrix.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings, gaps allowed; items with fewer than two ratings are left out.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        At most 1; 0 is agreement by chance. Undefined if no item has two ratings or
        all ratings of such items are equal.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability. The value is that
    of the package ``krippendorff``; where its arrays would be too large, the same
    sums are taken over the distinct patterns.

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[5, 3], [1, 1]])
    >>> round(krippendorff_alpha(votes).value, 6)
    0.095238
    """
    pairs = matrix.patterns.rated_at_least(2)
    basis = matrix.basis(f"Krippendorff's alpha ({matrix.level})")
    if not basis.n_items:
        return basis.undefined(NO_PAIRS)
    if np.count_nonzero(pairs.weights @ pairs.counts) < 2:
        return basis.undefined(NO_VARIATION)
    coefficient = alpha_sums(matrix)
    if basis.n_items * len(matrix.domain) ** 2 > _LIBRARY_CELLS:
        estimate = basis.defined(coefficient.value)
    else:
        estimate = basis.defined(_library_alpha(matrix, pairs))
    return with_interval(estimate, coefficient, matrix.items, resampling)


def _library_alpha(matrix: RatingMatrix, pairs: Patterns) -> float:
    level: Any = str(matrix.level)
    return krippendorff.alpha(
        value_counts=np.repeat(pairs.counts, pairs.weights, axis=0),
        value_domain=matrix.values,
        level_of_measurement=level,
    )


def alpha_sums(matrix: RatingMatrix, metric: Floats | None = None) -> Coefficient:
    """Take Krippendorff's alpha apart.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    metric : ndarray of float64, shape (n_values, n_values), optional
        Disagreement between two values; that of the level if not given.

    Returns
    -------
    Coefficient
        Over the items with two ratings.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[5, 3], [1, 1]])
    >>> round(alpha_sums(votes).value, 6)
    0.095238
    """
    if metric is None and matrix.level is Level.ORDINAL:
        return _ordinal_alpha(matrix)
    fixed = distances(matrix) if metric is None else metric

    def rows(counts: Ints) -> Floats:
        observed = ((counts @ fixed) * counts).sum(axis=1) / (counts.sum(axis=1) - 1)
        return np.column_stack([observed, counts])

    def finish(sums: Floats) -> Floats:
        used = sums[:, 1:]
        expected = ((used @ fixed) * used).sum(axis=1)
        return 1 - ratio((used.sum(axis=1) - 1) * sums[:, 0], expected)

    return over_items(matrix, 2, rows, finish)


def distances(matrix: RatingMatrix) -> Floats:
    """Return the disagreement between the values of a scale that is not ordinal.

    Parameters
    ----------
    matrix : RatingMatrix
        Nominal, interval or ratio; on an ordinal scale the distance depends on how
        often the values between were used.

    Returns
    -------
    ndarray of float64, shape (n_values, n_values)
        Zero on the diagonal.

    Examples
    --------
    >>> distances(RatingMatrix.from_table([[1, 0], [0, 1]])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    values = matrix.values
    difference: Floats = values[:, None] - values
    if matrix.level is Level.NOMINAL:
        difference = np.where(difference == 0, 0.0, 1.0)
    if matrix.level is Level.RATIO:
        total = values[:, None] + values
        difference = np.divide(
            difference, total, out=np.zeros_like(total), where=total != 0
        )
    squared: Floats = difference**2
    return squared


def _ordinal_alpha(matrix: RatingMatrix) -> Coefficient:
    """Sum the uses of each value, then the coincidences of each pair of values.

    The ordinal distance of two values is that of their mean ranks, squared.
    """
    size = len(matrix.domain)
    low, high = np.triu_indices(size, k=1)

    def rows(counts: Ints) -> Floats:
        pairs = counts[:, low] * counts[:, high]
        return np.hstack([counts, pairs / (counts.sum(axis=1, keepdims=True) - 1)])

    def finish(sums: Floats) -> Floats:
        used, pairs = sums[:, :size], sums[:, size:]
        rank = np.cumsum(used, axis=1) - used / 2
        apart = (rank[:, low] - rank[:, high]) ** 2
        observed = (pairs * apart).sum(axis=1)
        expected = (used[:, low] * used[:, high] * apart).sum(axis=1)
        return 1 - ratio((used.sum(axis=1) - 1) * observed, expected)

    return over_items(matrix, 2, rows, finish)
