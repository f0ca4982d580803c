"""Fleiss, Brennan-Prediger and Gwet: chance correction for interchangeable raters."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from calibration.statistics.agreement import agreeing_share
from calibration.statistics.coefficients import Coefficient, Weights, over_items, ratio
from calibration.statistics.estimates import NO_PAIRS, NO_VARIATION, ONE_VALUE, Estimate
from calibration.statistics.intervals import Resampling, with_interval
from calibration.statistics.ratings import RatingMatrix

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Chance(StrEnum):
    """How agreement by chance is reckoned from the shares of the values."""

    FIXED = "fixed marginals"
    FREE = "free marginals"
    GWET = "Gwet"

    def agreement(self, shares: Floats, weights: Floats) -> Floats:
        """Return the agreement expected by chance.

        Parameters
        ----------
        shares : ndarray of float64, shape (n_resamples, n_values)
            Share of each value among the ratings.
        weights : ndarray of float64, shape (n_values, n_values)
            Agreement weights.

        Returns
        -------
        ndarray of float64, shape (n_resamples,)
            Between 0 and 1.

        References
        ----------
        Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., ch. 2-3.

        Examples
        --------
        >>> Chance.FREE.agreement(np.array([[0.9, 0.1]]), np.eye(2)).tolist()
        [0.5]
        """
        size = len(weights)
        if self is Chance.FIXED:
            expected: Floats = ((shares @ weights) * shares).sum(axis=1)
            return expected
        if self is Chance.FREE:
            return np.full(len(shares), weights.sum() / size**2)
        spread = (shares * (1 - shares)).sum(axis=1)
        gwet: Floats = weights.sum() / (size * (size - 1)) * spread
        return gwet


def fleiss_kappa(
    matrix: RatingMatrix, *, resampling: Resampling | None = None
) -> Estimate:
    """Compute Fleiss' kappa, chance taken from the observed (fixed) marginals.

    With two raters this is Scott's pi. The form with free marginals is
    `brennan_prediger`.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings. Where items differ in their number of ratings, Gwet's generalisation
        applies, and the method says so.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        At most 1; 0 is agreement by chance. Undefined if no item has two ratings or
        one value only was used.

    References
    ----------
    Fleiss (1971), Psychological Bulletin 76, 378-382; Gwet (2014), ch. 2.

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[118, 5], [2, 0]])
    >>> round(fleiss_kappa(votes).value, 6)
    -0.028807
    """
    is_even = len(np.unique(matrix.patterns.sizes)) < 2
    form = (
        "fixed marginals" if is_even else "fixed marginals, unequal numbers of ratings"
    )
    name = f"Fleiss' kappa ({form})"
    return _corrected(matrix, Chance.FIXED, Weights.NONE, name, resampling)


def brennan_prediger(
    matrix: RatingMatrix,
    *,
    weights: Weights = Weights.NONE,
    resampling: Resampling | None = None,
) -> Estimate:
    """Compute the coefficient that holds every value of the scale equally likely.

    The same under four names: Brennan and Prediger's kappa, Randolph's free-marginal
    form of Fleiss' kappa, Bennett's S and, on two values, PABAK.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings; the full scale counts, used or not.
    weights : Weights
        Unweighted, or linear or quadratic in the position on the scale.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        Undefined if no item has two ratings or the scale has one value.

    Raises
    ------
    UnorderedScale
        If weights are asked for on a nominal scale.

    References
    ----------
    Brennan and Prediger (1981), Educational and Psychological Measurement 41,
    687-699; Randolph (2005); Byrt, Bishop and Carlin (1993).

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[118, 5], [2, 0]])
    >>> round(brennan_prediger(votes).value, 6)
    0.888
    """
    weights = Weights(weights)
    weights.check(matrix.level)
    name = f"Brennan-Prediger (free marginals, {weights})"
    return _corrected(matrix, Chance.FREE, weights, name, resampling)


def gwet_ac(
    matrix: RatingMatrix,
    *,
    weights: Weights = Weights.NONE,
    resampling: Resampling | None = None,
) -> Estimate:
    """Compute Gwet's AC1, or AC2 with weights.

    Stays high where one value dominates and kappa collapses; it also stays high when
    raters never find the rare value, so show both.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings; the full scale counts, used or not. Items with a single rating enter
        the shares of the values, not the agreement.
    weights : Weights
        Unweighted (AC1), or linear or quadratic (AC2) in the position on the scale.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        1 if every rating is the same value of a longer scale. Undefined if no item
        has two ratings or the scale has one value.

    Raises
    ------
    UnorderedScale
        If weights are asked for on a nominal scale.

    References
    ----------
    Gwet (2008), British Journal of Mathematical and Statistical Psychology 61, 29-48;
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., ch. 2-3.

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[118, 5], [2, 0]])
    >>> round(gwet_ac(votes).value, 6)
    0.940776
    """
    weights = Weights(weights)
    weights.check(matrix.level)
    name = "Gwet's AC1" if weights is Weights.NONE else f"Gwet's AC2 ({weights})"
    return _corrected(matrix, Chance.GWET, weights, name, resampling)


def _corrected(
    matrix: RatingMatrix,
    chance: Chance,
    weights: Weights,
    name: str,
    resampling: Resampling | None,
) -> Estimate:
    basis = matrix.basis(name)
    if not basis.n_items:
        return basis.undefined(NO_PAIRS)
    if len(matrix.domain) < 2:
        return basis.undefined(ONE_VALUE)
    coefficient = chance_sums(matrix, chance, weights)
    value = coefficient.value
    if np.isnan(value):
        return basis.undefined(NO_VARIATION)
    return with_interval(basis.defined(value), coefficient, matrix.items, resampling)


def chance_sums(matrix: RatingMatrix, chance: Chance, weights: Weights) -> Coefficient:
    """Take Fleiss' kappa, Brennan-Prediger's or Gwet's coefficient apart.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings. Items with two ratings give the agreement, all rated items the
        shares of the values, every item counting once.
    chance : Chance
        Which of the three.
    weights : Weights
        Agreement weights.

    Returns
    -------
    Coefficient
        Over the items with a rating.

    References
    ----------
    Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed., ch. 2-3.

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[118, 5], [2, 0]])
    >>> round(chance_sums(votes, Chance.GWET, Weights.NONE).value, 6)
    0.940776
    """
    agreement = weights.matrix(len(matrix.domain))

    def rows(counts: Ints) -> Floats:
        size = counts.sum(axis=1)
        is_pair = size > 1
        agreeing = np.zeros(len(counts))
        agreeing[is_pair] = agreeing_share(counts[is_pair], agreement)
        return np.column_stack(
            [agreeing, is_pair, np.ones_like(size), counts / size[:, None]]
        )

    def finish(sums: Floats) -> Floats:
        observed = ratio(sums[:, 0], sums[:, 1])
        expected = chance.agreement(sums[:, 3:] / sums[:, 2:3], agreement)
        return ratio(observed - expected, 1 - expected)

    return over_items(matrix, 1, rows, finish)
