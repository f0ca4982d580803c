"""Ratings gathered as they come: three numbers each, and every name held once."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.statistics.scales import Level, UnknownLabel, finite, listed, scale_of

MISSING = -1

Codes = npt.NDArray[np.int32]


class DuplicateRating(ValueError):
    """One rater rated one item twice."""


class Gathered:
    """Ratings of numbered items, in any order.

    A rating takes twelve bytes, whatever its item, rater and label are called.

    Examples
    --------
    >>> found = Gathered()
    >>> found.add(0, "bob", "no")
    >>> found.add(0, "ann", "yes")
    >>> codes, raters, domain = found.coded(["item"], None, Level.NOMINAL)
    >>> codes.tolist(), raters, domain
    ([[1, 0]], ('ann', 'bob'), ('no', 'yes'))
    """

    def __init__(self) -> None:
        """Begin with no ratings."""
        self._raters: dict[Any, int] = {}
        self._labels: dict[Any, int] = {}
        self._rows, self._columns, self._given = array("i"), array("i"), array("i")

    def add(self, row: int, rater: Any, label: Any) -> None:
        """Take one rating of the item with this number.

        Parameters
        ----------
        row : int
            Number of the item.
        rater, label : hashable
            Who rated, and what was given.
        """
        self._rows.append(row)
        self._columns.append(self._raters.setdefault(rater, len(self._raters)))
        self._given.append(self._labels.setdefault(label, len(self._labels)))

    def coded(
        self,
        items: Sequence[Any],
        domain: Iterable[Any] | None,
        level: Level,
        places: npt.NDArray[np.int64] | None = None,
    ) -> tuple[Codes, tuple[Any, ...], tuple[Any, ...]]:
        """Return the matrix of all that was gathered, its raters and its scale.

        Parameters
        ----------
        items : sequence
            The names of the items, by row of the matrix.
        domain : iterable of label or None
            The whole scale; what was found if not given.
        level : Level
            How labels may be compared.
        places : ndarray of int64, optional
            The row of each number of an item; the number itself if not given.

        Returns
        -------
        codes : ndarray of int32, shape (n_items, n_raters)
            Index into the scale, -1 where there is no rating.
        raters, scale : tuple
            Columns and codes by name.

        Raises
        ------
        DuplicateRating, UnknownLabel, UnorderedScale
            As `RatingMatrix.from_triples` says.
        """
        rows = np.array(self._rows, dtype=np.int64)
        if places is not None:
            rows = places[rows]
        raters = tuple(sorted(self._raters, key=sort_key))
        found = list(self._labels)
        if level.is_numeric:
            found = [self._number(label, rows, items) for label in found]
        scale = scale_of(found, level, domain)
        code_of = {label: code for code, label in enumerate(scale)}
        for place, label in enumerate(found):
            if label not in code_of:
                raise UnknownLabel(
                    f"{self._told(place, label, rows, items)} is not on the scale: "
                    f"{listed(scale)}"
                )
        column_of = {rater: column for column, rater in enumerate(raters)}
        columns = _mapped(self._columns, [column_of[rater] for rater in self._raters])
        given = _mapped(self._given, [code_of[label] for label in found])
        codes = np.full((len(items), len(raters)), MISSING, dtype=np.int32)
        codes[rows, columns] = given
        if np.count_nonzero(codes != MISSING) < len(rows):
            _refuse_twice(rows, columns, items, raters)
        return codes, raters, scale

    def _number(
        self, label: Any, rows: npt.NDArray[Any], items: Sequence[Any]
    ) -> float:
        try:
            return finite(label)
        except (TypeError, ValueError):
            told = self._told(self._labels[label], label, rows, items)
            raise UnknownLabel(
                f"{told} is not a number, which an interval or ratio scale needs"
            ) from None

    def _told(
        self, place: int, label: Any, rows: npt.NDArray[Any], items: Sequence[Any]
    ) -> str:
        """Say where a label was first met."""
        first = self._given.index(place)
        rater = list(self._raters)[self._columns[first]]
        return f"label {label!r} of item {items[rows[first]]!r} by rater {rater!r}"


def sort_key(value: Any) -> tuple[str, Any]:
    """Order names of one type among themselves.

    Parameters
    ----------
    value : hashable
        A name.

    Returns
    -------
    tuple
        Its type, then itself.

    Examples
    --------
    >>> sorted([2, "a", 1], key=sort_key)
    [1, 2, 'a']
    """
    return type(value).__name__, value


def _mapped(numbers: "array[int]", names: Sequence[int]) -> Codes:
    """Look every number up in a short table."""
    table = np.array(names, dtype=np.int32)
    return table[np.array(numbers, dtype=np.int32)]


def _refuse_twice(
    rows: npt.NDArray[Any], columns: Codes, items: Sequence[Any], raters: Sequence[Any]
) -> None:
    cells = rows.astype(np.int64) * len(raters) + columns
    order = np.argsort(cells, kind="stable")
    is_again = cells[order][1:] == cells[order][:-1]
    again = order[1:][is_again].min()
    rater, item = raters[columns[again]], items[rows[again]]
    raise DuplicateRating(f"rater {rater!r} rated item {item!r} twice")
