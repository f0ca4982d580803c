"""Coefficients as functions of sums over items, so that any weighting is cheap.

Every coefficient of agreement depends on the items only through sums of a few numbers
per item. Items with equal ratings add the same numbers, so a resample needs only how
often each distinct pattern was drawn: one matrix product evaluates thousands.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from calibration.statistics.ratings import RatingMatrix
from calibration.statistics.scales import Level, UnorderedScale

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# From sums, shape (n_resamples, n_sums), to values, shape (n_resamples,).
Finish = Callable[[Floats], Floats]


class Weights(StrEnum):
    """How much a disagreement counts in a weighted coefficient."""

    NONE = "unweighted"
    LINEAR = "linear"
    QUADRATIC = "quadratic"

    def matrix(self, n_values: int) -> Floats:
        """Return the agreement weights, by position on the scale.

        Parameters
        ----------
        n_values : int
            Size of the scale.

        Returns
        -------
        ndarray of float64, shape (n_values, n_values)
            1 on the diagonal, falling to 0 between the ends of the scale.

        References
        ----------
        Cohen (1968), Psychological Bulletin 70, 213-220.

        Examples
        --------
        >>> Weights.LINEAR.matrix(3).tolist()
        [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
        """
        if self is Weights.NONE or n_values < 2:
            return np.eye(n_values)
        places = np.arange(n_values)
        distance = np.abs(places[:, None] - places) / (n_values - 1)
        agreement: Floats = 1 - distance ** (1 if self is Weights.LINEAR else 2)
        return agreement

    def check(self, level: Level) -> None:
        """Refuse weights that a nominal scale has no order for.

        Parameters
        ----------
        level : Level
            Level of the scale.

        Raises
        ------
        UnorderedScale
            If the level is nominal and the weights are not `NONE`.

        Examples
        --------
        >>> Weights.NONE.check(Level.NOMINAL)
        """
        if level is Level.NOMINAL and self is not Weights.NONE:
            raise UnorderedScale(
                f"{self} weights need an ordered scale, not a nominal one"
            )


@dataclass(frozen=True, eq=False)
class Coefficient:
    """A coefficient, taken apart into what each pattern of ratings adds to it.

    Parameters
    ----------
    rows : ndarray of float64, shape (n_patterns, n_sums)
        What one item of each pattern adds to the sums.
    weights : ndarray of int64, shape (n_patterns,)
        Items of each pattern.
    index : ndarray of int64, shape (n_items,)
        Pattern of each item, -1 where the item does not enter.
    is_telling : ndarray of bool, shape (n_patterns,)
        Whether the pattern holds any other value than the commonest one.
    conflict : ndarray of float64, shape (n_sums,)
        What an item would add whose raters split between the two commonest values.
    finish : callable
        From sums, shape (n_resamples, n_sums), to values, shape (n_resamples,); NaN
        where undefined.
    floor : float
        The least value: 0 for a share, -1 for what is corrected for chance.

    Examples
    --------
    >>> votes = RatingMatrix.from_counts([[2, 0], [1, 1]])
    >>> used = over_items(
    ...     votes, 2, lambda counts: counts * 1.0, lambda sums: sums[:, 0]
    ... )
    >>> used.value
    3.0
    """

    rows: Floats
    weights: Ints
    index: Ints
    is_telling: npt.NDArray[np.bool_]
    conflict: Floats
    finish: Finish
    floor: float = -1.0

    @property
    def value(self) -> float:
        """The coefficient of the data as they are; NaN where undefined."""
        return float(self.finish((self.weights @ self.rows)[None, :])[0])


def over_items(
    matrix: RatingMatrix,
    least: int,
    rows: Callable[[Ints], Floats],
    finish: Finish,
    *,
    floor: float = -1.0,
) -> Coefficient:
    """Build a coefficient for which it does not matter who gave which rating.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    least : int
        Ratings that an item needs to enter.
    rows : callable
        From counts of values, shape (n, n_values), to addends, shape (n, n_sums).
    finish : callable
        As in `Coefficient`.
    floor : float
        As in `Coefficient`.

    Returns
    -------
    Coefficient
        Over the distinct patterns of the matrix.

    Examples
    --------
    >>> votes = RatingMatrix.from_counts([[2, 0], [2, 0], [1, 1]])
    >>> over_items(votes, 2, lambda n: n * 1.0, lambda s: s[:, 0]).weights.tolist()
    [2, 1]
    """
    patterns = matrix.patterns.rated_at_least(least)
    commonest, second = two_commonest(patterns.weights @ patterns.counts)
    most = int(patterns.sizes.max(initial=2))
    conflict = np.zeros((1, len(matrix.domain)), dtype=np.int64)
    conflict[0, commonest] += most - most // 2
    conflict[0, second] += most // 2
    return Coefficient(
        rows=rows(patterns.counts),
        weights=patterns.weights,
        index=patterns.index,
        is_telling=patterns.counts[:, commonest] < patterns.sizes,
        conflict=rows(conflict)[0],
        finish=finish,
        floor=floor,
    )


def two_commonest(used: Ints) -> tuple[int, int]:
    """Find the two values used most; of equals the one earlier on the scale.

    Parameters
    ----------
    used : ndarray of int64, shape (n_values,)
        Ratings with each value; at least one value.

    Returns
    -------
    tuple of two int
        Places on the scale; the same twice if it has one value.

    Examples
    --------
    >>> two_commonest(np.array([2, 5, 2]))
    (1, 0)
    """
    order = np.argsort(-used, kind="stable")
    return int(order[0]), int(order[min(1, len(order) - 1)])


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with NaN instead of a warning where the denominator is zero.

    Parameters
    ----------
    numerator, denominator : ndarray of float64
        Of one shape.

    Returns
    -------
    ndarray of float64
        The quotients.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    quotient = np.full(np.broadcast(numerator, denominator).shape, np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient
