"""One label an item from several ratings: by votes, or by a model of the raters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.statistics.gathering import MISSING
from calibration.statistics.ratings import RatingMatrix

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Nobody is so good, or known so well, that one vote should outweigh all others.
_SUREST = 0.999


@dataclass(frozen=True, eq=False)
class Consensus:
    """The consensus label of every item, with what speaks for it.

    Parameters
    ----------
    items : sequence, length n_items
        Item ids, in the order of the matrix.
    domain : tuple, length n_values
        The scale.
    posterior : ndarray of float64, shape (n_items, n_values)
        Probability of each label; share of votes for a plain majority. NaN where an
        item has no rating.
    votes : ndarray of int64, shape (n_items, n_values)
        Raw votes, never overwritten by a model.
    codes : ndarray of int64, shape (n_items,)
        Place of the label on the scale; -1 for a tie or an item without ratings.
    method : str
        How the labels were found.
    warnings : tuple of str
        What to know before relying on them.

    Examples
    --------
    >>> found = majority(RatingMatrix.from_counts([[2, 1], [1, 1]]))
    >>> found.labels, found.support.tolist()
    ([0, None], [2, 0])
    """

    items: Sequence[Any]
    domain: tuple[Any, ...]
    posterior: Floats
    votes: Ints
    codes: Ints
    method: str
    warnings: tuple[str, ...] = ()

    @property
    def labels(self) -> list[Any]:
        """The label of each item, `None` where there is none."""
        return [None if code < 0 else self.domain[code] for code in self.codes]

    @property
    def confidence(self) -> list[float | None]:
        """The probability of each item's label, `None` where there is none."""
        rows = zip(self.posterior, self.codes, strict=True)
        return [None if code < 0 else float(row[code]) for row, code in rows]

    @property
    def support(self) -> Ints:
        """Votes for each item's label, 0 where there is none; shape (n_items,)."""
        chosen = np.take_along_axis(self.votes, self.codes[:, None], axis=1)[:, 0]
        return np.where(self.codes < 0, 0, chosen)


def majority(matrix: RatingMatrix) -> Consensus:
    """Take the label with most votes; a tie has none.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.

    Returns
    -------
    Consensus
        With the share of votes for a posterior.

    Examples
    --------
    >>> majority(RatingMatrix.from_counts([[2, 1], [1, 1]])).confidence
    [0.6666666666666666, None]
    """
    votes = votes_of(matrix.codes, len(matrix.domain))
    return decided(matrix, votes.astype(np.float64), "majority")


def weighted_majority(
    matrix: RatingMatrix, accuracy: Mapping[Any, float], *, default: float
) -> Consensus:
    """Weigh each vote by what its rater's record on gold is worth.

    The weight is the log odds of a right answer, reckoned against the wrong ones being
    equally likely; a rater no better than chance has none.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    accuracy : mapping of rater to float
        Posterior mean accuracy on gold, between 0 and 1.
    default : float
        Accuracy of raters without a record, between 0 and 1; that of all raters
        together is a fair choice.

    Returns
    -------
    Consensus
        With the posterior under equal chances of all labels beforehand.

    Raises
    ------
    ValueError
        If an accuracy is not between 0 and 1.

    References
    ----------
    Nitzan and Paroush (1982), International Economic Review 23, 289-297.

    Examples
    --------
    >>> votes = RatingMatrix.from_codes([[0, 1, 1]], domain=["no", "yes"])
    >>> weighted_majority(votes, {0: 0.95, 1: 0.7, 2: 0.7}, default=0.8).labels
    ['no']
    """
    known = np.array([accuracy.get(rater, default) for rater in matrix.raters])
    if not ((known >= 0) & (known <= 1)).all():
        raise ValueError("an accuracy must lie between 0 and 1")
    size = max(len(matrix.domain), 2)
    sure = np.clip(known, 1 / size, _SUREST)
    weights = np.log(sure * (size - 1) / (1 - sure))
    scores = np.zeros((matrix.n_items, len(matrix.domain)))
    for column, weight in enumerate(weights):
        rated = np.flatnonzero(matrix.codes[:, column] != MISSING)
        scores[rated, matrix.codes[rated, column]] += weight
    likely = np.exp(scores - scores.max(axis=1, initial=0, keepdims=True))
    return decided(matrix, likely, "gold-weighted majority")


def decided(
    matrix: RatingMatrix,
    weights: Floats,
    method: str,
    warnings: tuple[str, ...] = (),
) -> Consensus:
    """Take the label with most weight; none where two are equal or nobody voted.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    weights : ndarray of float64, shape (n_items, n_values)
        What speaks for each label, not negative.
    method : str
        How the weights were found.
    warnings : tuple of str
        What to know before relying on them.

    Returns
    -------
    Consensus
        With the weights, made shares, as posterior.

    Examples
    --------
    >>> votes = RatingMatrix.from_counts([[2, 1]])
    >>> decided(votes, np.array([[1.0, 3.0]]), "by hand").labels
    [1]
    """
    votes = votes_of(matrix.codes, len(matrix.domain))
    posterior = normalised(weights)
    is_best = np.isclose(posterior, posterior.max(axis=1, initial=0, keepdims=True))
    has_one = (is_best.sum(axis=1) == 1) & (votes.sum(axis=1) > 0)
    codes = np.full(len(posterior), -1, dtype=np.int64)
    codes[has_one] = is_best[has_one].argmax(axis=1)
    posterior[votes.sum(axis=1) == 0] = np.nan
    return Consensus(
        matrix.items, matrix.domain, posterior, votes, codes, method, warnings
    )


def votes_of(codes: npt.NDArray[np.int32], n_values: int) -> Ints:
    """Count the votes for each label in each row.

    Parameters
    ----------
    codes : ndarray of int32, shape (n, n_raters)
        Places on the scale, -1 where missing.
    n_values : int
        Size of the scale.

    Returns
    -------
    ndarray of int64, shape (n, n_values)
        Votes.

    Examples
    --------
    >>> votes_of(np.array([[0, 1, 1], [-1, -1, 0]], dtype=np.int32), 2).tolist()
    [[1, 2], [1, 0]]
    """
    cells = np.arange(len(codes))[:, None] * (n_values + 1) + codes + 1
    counts = np.bincount(cells.ravel(), minlength=len(codes) * (n_values + 1))
    return counts.reshape(len(codes), n_values + 1)[:, 1:].astype(np.int64)


def normalised(weights: Floats) -> Floats:
    """Divide by the sum of the last axis; equal shares where that is 0.

    Parameters
    ----------
    weights : ndarray of float64, shape (..., n)
        Not negative.

    Returns
    -------
    ndarray of float64, shape (..., n)
        Shares.

    Examples
    --------
    >>> normalised(np.array([[1.0, 3.0], [0.0, 0.0]])).tolist()
    [[0.25, 0.75], [0.5, 0.5]]
    """
    total = weights.sum(axis=-1, keepdims=True)
    even = np.full_like(weights, 1 / max(weights.shape[-1], 1))
    np.divide(weights, total, out=even, where=total > 0)
    return even
