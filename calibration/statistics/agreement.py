"""Plain agreement: percent, on one value, and who confuses what with what."""

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt

from calibration.statistics.coefficients import Coefficient, over_items, ratio
from calibration.statistics.estimates import NO_PAIRS, Estimate
from calibration.statistics.intervals import Resampling, with_interval
from calibration.statistics.ratings import RatingMatrix
from calibration.statistics.scales import UnknownLabel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def percent_agreement(
    matrix: RatingMatrix, *, resampling: Resampling | None = None
) -> Estimate:
    """Compute the share of agreeing pairs of ratings, averaged over items.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings; items with fewer than two are left out.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        Share between 0 and 1; undefined if no item has two ratings.

    References
    ----------
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., ch. 2.

    Examples
    --------
    >>> round(percent_agreement(RatingMatrix.from_counts([[3, 0], [2, 1]])).value, 4)
    0.6667
    """
    basis = matrix.basis("percent agreement")
    if not basis.n_items:
        return basis.undefined(NO_PAIRS)
    coefficient = percent_sums(matrix)
    estimate = basis.defined(coefficient.value)
    return with_interval(estimate, coefficient, matrix.items, resampling)


def specific_agreement(
    matrix: RatingMatrix, label: Hashable, *, resampling: Resampling | None = None
) -> Estimate:
    """Compute the agreement on one label: given one rating of it, the chance of another.

    For two raters and two labels this is positive (or negative) agreement,
    2a / (2a + b + c). Show it where the label is rare and kappa misleads.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings; items with fewer than two are left out.
    label : label
        A value of the scale.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        Share between 0 and 1; undefined if no pairable rating has the label.

    Raises
    ------
    UnknownLabel
        If the label is not on the scale.

    References
    ----------
    Cicchetti and Feinstein (1990), Journal of Clinical Epidemiology 43, 551-558.

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[95, 4], [1, 0]], domain=["pass", "fail"])
    >>> round(specific_agreement(votes, "pass").value, 6)
    0.974359
    >>> specific_agreement(votes, "fail").value
    0.0
    """
    if label not in matrix.domain:
        raise UnknownLabel(f"label {label!r} is not on the scale")
    basis = matrix.basis(f"agreement on {label!r}")
    coefficient = specific_sums(matrix, matrix.domain.index(label))
    if np.isnan(coefficient.value):
        return basis.undefined(f"no item with two ratings has a rating {label!r}")
    estimate = basis.defined(coefficient.value)
    return with_interval(estimate, coefficient, matrix.items, resampling)


def confusion(matrix: RatingMatrix) -> Floats:
    """Count how often each two labels were given to one item by two raters.

    Krippendorff's coincidence matrix: every pairable rating counts once, whatever
    the number of raters of its item, so rows sum to the uses of each label.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings; items with fewer than two are left out.

    Returns
    -------
    ndarray of float64, shape (n_values, n_values)
        Symmetric, in the order of the domain; all zeros if nothing is pairable.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.

    Examples
    --------
    >>> confusion(RatingMatrix.from_table([[5, 3], [1, 1]])).tolist()
    [[10.0, 4.0], [4.0, 2.0]]
    """
    pairs = matrix.patterns.rated_at_least(2)
    share = pairs.weights / (pairs.sizes - 1)
    crossed: Floats = (pairs.counts * share[:, None]).T @ pairs.counts
    return crossed - np.diag(share @ pairs.counts)


def percent_sums(matrix: RatingMatrix) -> Coefficient:
    """Take percent agreement apart.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.

    Returns
    -------
    Coefficient
        Over the items with two ratings.

    Examples
    --------
    >>> percent_sums(RatingMatrix.from_counts([[2, 0], [1, 1]])).value
    0.5
    """
    identity = np.eye(len(matrix.domain))

    def rows(counts: Ints) -> Floats:
        return np.column_stack([agreeing_share(counts, identity), np.ones(len(counts))])

    return over_items(matrix, 2, rows, _share, floor=0.0)


def specific_sums(matrix: RatingMatrix, value: int) -> Coefficient:
    """Take the agreement on one value apart.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    value : int
        Place of the value on the scale.

    Returns
    -------
    Coefficient
        Over the items with two ratings.

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[95, 4], [1, 0]])
    >>> round(specific_sums(votes, 0).value, 6)
    0.974359
    """

    def rows(counts: Ints) -> Floats:
        mine = counts[:, value]
        return np.column_stack([mine * (mine - 1) / (counts.sum(axis=1) - 1), mine])

    return over_items(matrix, 2, rows, _share, floor=0.0)


def agreeing_share(counts: Ints, weights: Floats) -> Floats:
    """Return the weighted share of agreeing pairs of ratings in each item.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_items, n_values)
        Ratings with each value; at least two an item.
    weights : ndarray of float64, shape (n_values, n_values)
        Agreement weights.

    Returns
    -------
    ndarray of float64, shape (n_items,)
        Between 0 and 1.

    Examples
    --------
    >>> agreeing_share(np.array([[2, 1]]), np.eye(2)).round(4).tolist()
    [0.3333]
    """
    size = counts.sum(axis=1)
    pairs = (counts * (counts @ weights - 1)).sum(axis=1)
    share: Floats = pairs / (size * (size - 1))
    return share


def _share(sums: Floats) -> Floats:
    return ratio(sums[:, 0], sums[:, 1])
