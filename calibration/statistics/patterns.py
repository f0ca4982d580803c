"""Items with equal ratings are one pattern: what makes large matrices small."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

_KEY_LIMIT = 2**62


@dataclass(frozen=True, eq=False)
class Patterns:
    """The distinct rows of a rating matrix, without regard to who rated.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_patterns, n_values)
        Ratings with each label in an item of this pattern.
    weights : ndarray of int64, shape (n_patterns,)
        Items of this pattern.
    index : ndarray of int64, shape (n_items,)
        Pattern of each item.

    Examples
    --------
    >>> rows, index = distinct_rows(np.array([[0, 1], [0, 1], [-1, 1]]))
    >>> found = Patterns.of(rows, index, n_values=2)
    >>> found.counts.tolist(), found.weights.tolist()
    ([[0, 1], [1, 1]], [1, 2])
    """

    counts: npt.NDArray[np.int64]
    weights: npt.NDArray[np.int64]
    index: npt.NDArray[np.int64]

    @classmethod
    def of(
        cls,
        rows: npt.NDArray[np.int32],
        index: npt.NDArray[np.int64],
        n_values: int,
    ) -> Self:
        """Count the labels of each distinct row.

        Parameters
        ----------
        rows : ndarray of int, shape (n_patterns, n_raters)
            Codes, -1 where missing.
        index : ndarray of int64, shape (n_items,)
            Row of each item.
        n_values : int
            Size of the scale.

        Returns
        -------
        Patterns
            In the order of `rows`.

        Examples
        --------
        >>> Patterns.of(np.array([[0, 0]]), np.array([0, 0]), 2).weights.tolist()
        [2]
        """
        # Code -1 falls into column 0, which is cut off.
        cells = np.arange(len(rows))[:, None] * (n_values + 1) + rows + 1
        counts = np.bincount(cells.ravel(), minlength=len(rows) * (n_values + 1))
        weights = np.bincount(index, minlength=len(rows))
        return cls(counts.reshape(len(rows), n_values + 1)[:, 1:], weights, index)

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Ratings in an item of each pattern, shape (n_patterns,)."""
        sizes: npt.NDArray[np.int64] = self.counts.sum(axis=1)
        return sizes

    def rated_at_least(self, ratings: int) -> Self:
        """Return the patterns of items with enough ratings.

        Parameters
        ----------
        ratings : int
            The least number of ratings.

        Returns
        -------
        Patterns
            `index` is -1 for items left out.

        Examples
        --------
        >>> rows, index = distinct_rows(np.array([[0, 1], [-1, 1]]))
        >>> pairable = Patterns.of(rows, index, n_values=2).rated_at_least(2)
        >>> pairable.counts.tolist(), pairable.index.tolist()
        ([[1, 1]], [0, -1])
        """
        kept = self.sizes >= ratings
        renumbered = np.where(kept, np.cumsum(kept) - 1, -1)
        return type(self)(self.counts[kept], self.weights[kept], renumbered[self.index])


def distinct_rows(
    matrix: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Find the distinct rows of a matrix of small integers.

    The same as ``np.unique(matrix, axis=0, return_inverse=True)``, but sorts one
    integer per row, which is many times faster on a million rows.

    Parameters
    ----------
    matrix : ndarray of int, shape (n, m)
        Values from -1 upwards.

    Returns
    -------
    rows : ndarray of int, shape (p, m)
        The distinct rows in lexicographic order.
    index : ndarray of int64, shape (n,)
        For each row of `matrix` its place in `rows`.

    Examples
    --------
    >>> rows, index = distinct_rows(np.array([[2, 0], [1, 1], [2, 0]]))
    >>> rows.tolist(), index.tolist()
    ([[1, 1], [2, 0]], [1, 0, 1])
    """
    base = int(matrix.max(initial=-1)) + 2
    keys = np.zeros(len(matrix), dtype=np.int64)
    span = 1
    for column in matrix.T:
        if span * base > _KEY_LIMIT:
            found, keys = np.unique(keys, return_inverse=True)
            span = len(found)
        keys = keys * base + (column + 1)
        span *= base
    _, first, index = np.unique(keys, return_index=True, return_inverse=True)
    return matrix[first], index.astype(np.int64, copy=False)
