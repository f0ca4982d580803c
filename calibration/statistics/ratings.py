"""Who rated what: the matrix every coefficient of this library starts from."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from calibration.statistics.estimates import Basis
from calibration.statistics.gathering import MISSING, Codes, Gathered, sort_key
from calibration.statistics.patterns import Patterns, distinct_rows
from calibration.statistics.scales import Level, listed

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RatingMatrix:
    """Ratings of items by raters on one ordered domain of labels.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_items, n_raters)
        Index into `domain` of each rating; -1 where the rater did not rate the item.
    items : sequence, length n_items
        Item ids, one per row.
    raters : sequence, length n_raters
        Rater ids, one per column.
    domain : tuple, length n_values
        The *whole* scale in its order, used or not: chance agreement and weights
        depend on it.
    level : Level
        How labels may be compared.

    Raises
    ------
    ValueError
        If shapes do not fit or a code is outside the domain.

    See Also
    --------
    RatingMatrix.from_triples : the usual way in.

    Examples
    --------
    >>> rows = [("i1", "ann", "pass"), ("i1", "bob", "fail"), ("i2", "ann", "pass")]
    >>> matrix = RatingMatrix.from_triples(rows)
    >>> matrix.n_items, matrix.n_raters, matrix.n_ratings, matrix.domain
    (2, 2, 3, ('fail', 'pass'))
    >>> matrix.codes.tolist()
    [[1, 0], [1, -1]]
    """

    codes: Codes
    items: Sequence[Any]
    raters: Sequence[Any]
    domain: tuple[Any, ...]
    level: Level

    def __post_init__(self) -> None:
        """Refuse a matrix whose parts do not fit together."""
        if self.codes.shape != (len(self.items), len(self.raters)):
            raise ValueError(
                f"codes have shape {self.codes.shape}, expected one row for each of "
                f"{len(self.items)} items and one column for each of "
                f"{len(self.raters)} raters"
            )
        if self.codes.size and not (
            self.codes.min() >= MISSING and self.codes.max() < len(self.domain)
        ):
            raise ValueError(
                f"codes must lie in -1 (missing) to {len(self.domain) - 1}"
            )
        if len(set(self.domain)) != len(self.domain):
            raise ValueError(f"the scale names a label twice: {listed(self.domain)}")
        if self.level is Level.RATIO and any(value < 0 for value in self.domain):
            raise ValueError("a ratio scale starts at zero: negative value in domain")

    @classmethod
    def from_triples(
        cls,
        triples: Iterable[tuple[Any, Any, Hashable]],
        *,
        domain: Iterable[Hashable] | None = None,
        level: Level = Level.NOMINAL,
    ) -> Self:
        """Build the matrix from (item, rater, label) in any order.

        Items and raters are sorted, so the order of rows never changes a result.

        Parameters
        ----------
        triples : iterable of (item, rater, label)
            One per rating; a missing rating has no triple. Labels of interval and
            ratio scales are numbers or text that reads as one.
        domain : iterable of label, optional
            The whole scale in its order. Without it the labels found are the scale:
            numeric labels in numeric order, others sorted if the level is nominal.
        level : Level
            How labels may be compared.

        Returns
        -------
        RatingMatrix
            One row per item, one column per rater.

        Raises
        ------
        DuplicateRating
            If a rater rated an item twice.
        UnknownLabel
            If a label is not in `domain`, is `None`, or is not a number where the
            level needs one.
        UnorderedScale
            If the level is ordinal, no domain is given and the labels are not numbers.

        Examples
        --------
        >>> rows = [(1, "a", "high"), (1, "b", "low"), (2, "a", "low")]
        >>> RatingMatrix.from_triples(
        ...     rows, domain=["low", "mid", "high"], level=Level.ORDINAL
        ... ).codes.tolist()
        [[2, 0], [0, -1]]
        """
        level = Level(level)
        gathered, number_of = Gathered(), dict[Any, int]()
        for item, rater, label in triples:
            gathered.add(number_of.setdefault(item, len(number_of)), rater, label)
        items = tuple(sorted(number_of, key=sort_key))
        places = np.empty(len(items), dtype=np.int64)
        places[[number_of[item] for item in items]] = np.arange(len(items))
        codes, raters, scale = gathered.coded(items, domain, level, places)
        return cls(codes, items, raters, scale, level)

    @classmethod
    def from_items(
        cls,
        rated: Iterable[Iterable[tuple[Any, Hashable]]],
        *,
        domain: Iterable[Hashable] | None = None,
        level: Level = Level.NOMINAL,
    ) -> Self:
        """Build the matrix item by item, with numbers for their ids.

        No figure needs to know what items are called, and a million names take more
        memory than all that was said of them.

        Parameters
        ----------
        rated : iterable of iterable of (rater, label)
            The ratings of one item after the other.
        domain, level
            As for `from_triples`.

        Returns
        -------
        RatingMatrix
            One row per item, in the order given; one column per rater.

        Raises
        ------
        DuplicateRating, UnknownLabel, UnorderedScale
            As for `from_triples`.

        Examples
        --------
        >>> rated = [[("bob", "no"), ("ann", "yes")], [("ann", "no")]]
        >>> RatingMatrix.from_items(rated).codes.tolist()
        [[1, 0], [0, -1]]
        """
        level = Level(level)
        gathered, n_items = Gathered(), 0
        for row, ratings in enumerate(rated):
            n_items = row + 1
            for rater, label in ratings:
                gathered.add(row, rater, label)
        items = range(n_items)
        codes, raters, scale = gathered.coded(items, domain, level)
        return cls(codes, items, raters, scale, level)

    @classmethod
    def from_codes(
        cls,
        codes: npt.ArrayLike,
        *,
        domain: Iterable[Hashable],
        level: Level = Level.NOMINAL,
    ) -> Self:
        """Build the matrix from coded ratings, with numbers for ids.

        Parameters
        ----------
        codes : array_like of int, shape (n_items, n_raters)
            Index into `domain` of each rating, -1 where there is none.
        domain : iterable of label
            The whole scale in its order; numbers for interval and ratio.
        level : Level
            How labels may be compared.

        Returns
        -------
        RatingMatrix
            Items and raters are called 0, 1, 2 and so on.

        Raises
        ------
        ValueError
            If `codes` is not a matrix or a code is outside the domain.

        Examples
        --------
        >>> RatingMatrix.from_codes([[0, 1], [1, -1]], domain=["no", "yes"]).n_ratings
        3
        """
        array = np.asarray(codes, dtype=np.int32)
        if array.ndim != 2:
            raise ValueError(f"codes have {array.ndim} dimensions, expected 2")
        n_items, n_raters = array.shape
        return cls(array, range(n_items), range(n_raters), tuple(domain), Level(level))

    @classmethod
    def from_counts(
        cls,
        counts: npt.ArrayLike,
        *,
        domain: Iterable[Hashable] | None = None,
        level: Level = Level.NOMINAL,
    ) -> Self:
        """Build the matrix from how many raters gave each item each label.

        Who gave which rating is not known from such a table, so only coefficients
        that do not ask (all but Cohen's) mean anything.

        Parameters
        ----------
        counts : array_like of int, shape (n_items, n_values)
            Ratings of each item with each label.
        domain : iterable of label, optional
            The scale; 0, 1, 2 and so on if not given.
        level : Level
            How labels may be compared.

        Returns
        -------
        RatingMatrix
            As many columns as the largest number of ratings of one item.

        Examples
        --------
        >>> RatingMatrix.from_counts([[2, 0], [1, 2]]).codes.tolist()
        [[0, 0, -1], [0, 1, 1]]
        """
        table = np.asarray(counts, dtype=np.int64)
        width = int(table.sum(axis=1).max(initial=0))
        codes = np.full((len(table), width), MISSING, dtype=np.int32)
        for row, votes in zip(codes, table, strict=True):
            row[: votes.sum()] = np.repeat(np.arange(len(votes)), votes)
        scale = range(table.shape[1]) if domain is None else domain
        return cls.from_codes(codes, domain=scale, level=level)

    @classmethod
    def from_table(
        cls,
        table: npt.ArrayLike,
        *,
        domain: Iterable[Hashable] | None = None,
        level: Level = Level.NOMINAL,
    ) -> Self:
        """Build the matrix of two raters from their contingency table.

        Parameters
        ----------
        table : array_like of int, shape (n_values, n_values)
            Items to which rater 0 gave the row's label and rater 1 the column's.
        domain : iterable of label, optional
            The scale; 0, 1, 2 and so on if not given.
        level : Level
            How labels may be compared.

        Returns
        -------
        RatingMatrix
            Two columns.

        Examples
        --------
        >>> RatingMatrix.from_table([[1, 1], [0, 2]]).codes.tolist()
        [[0, 0], [0, 1], [1, 1], [1, 1]]
        """
        cells = np.asarray(table, dtype=np.int64)
        codes = np.repeat(np.argwhere(np.ones_like(cells)), cells.ravel(), axis=0)
        scale = range(len(cells)) if domain is None else domain
        return cls.from_codes(codes, domain=scale, level=level)

    @property
    def n_items(self) -> int:
        """Number of items, rated twice or not."""
        return len(self.items)

    @property
    def n_raters(self) -> int:
        """Number of raters."""
        return len(self.raters)

    @cached_property
    def n_ratings(self) -> int:
        """Number of ratings."""
        return int((self.codes != MISSING).sum())

    @cached_property
    def values(self) -> Floats:
        """The scale as numbers, shape (n_values,); positions unless numeric."""
        if self.level.is_numeric:
            return np.array([float(value) for value in self.domain])
        return np.arange(len(self.domain), dtype=np.float64)

    @cached_property
    def patterns(self) -> Patterns:
        """The distinct ways in which items were rated, whoever gave the ratings."""
        rows, index = distinct_rows(np.sort(self.codes, axis=1))
        return Patterns.of(rows, index, len(self.domain))

    def basis(self, method: str, *, least: int = 2) -> Basis:
        """Say what a coefficient of this matrix rests on.

        Parameters
        ----------
        method : str
            The coefficient.
        least : int
            Ratings that an item needs to enter it.

        Returns
        -------
        Basis
            Items that enter, their ratings, and all raters of the matrix.

        Examples
        --------
        >>> RatingMatrix.from_counts([[2, 0], [1, 0]]).basis("kappa").n_items
        1
        """
        entering = self.patterns.rated_at_least(least)
        n_ratings = int(entering.weights @ entering.sizes)
        return Basis(int(entering.weights.sum()), n_ratings, self.n_raters, method)

    def table(self, first: Any, second: Any) -> npt.NDArray[np.int64]:
        """Count the items by the labels two raters gave them.

        Parameters
        ----------
        first, second : rater id
            The raters in rows and in columns.

        Returns
        -------
        ndarray of int64, shape (n_values, n_values)
            Items rated by both.

        Raises
        ------
        ValueError
            If a rater is not in the matrix.

        Examples
        --------
        >>> matrix = RatingMatrix.from_table([[2, 1], [0, 3]])
        >>> matrix.table(0, 1).tolist()
        [[2, 1], [0, 3]]
        """
        size = len(self.domain)
        rows = self.codes[:, self._column(first)]
        columns = self.codes[:, self._column(second)]
        both = (rows != MISSING) & (columns != MISSING)
        cells = rows[both].astype(np.int64) * size + columns[both]
        return np.bincount(cells, minlength=size * size).reshape(size, size)

    def _column(self, rater: Any) -> int:
        try:
            return self.raters.index(rater)
        except ValueError:
            raise ValueError(f"no rater {rater!r} in this matrix") from None
