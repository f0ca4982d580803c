"""Cohen's kappa: two raters who are known by name."""

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import cohen_kappa_score

from calibration.statistics.coefficients import (
    Coefficient,
    Weights,
    ratio,
    two_commonest,
)
from calibration.statistics.estimates import NO_VARIATION, Basis, Estimate
from calibration.statistics.gathering import MISSING, Codes
from calibration.statistics.intervals import Resampling, with_interval
from calibration.statistics.patterns import distinct_rows
from calibration.statistics.ratings import RatingMatrix

Floats = npt.NDArray[np.float64]

NO_SHARED = "the two raters share no item"

# Beyond this many pairs of raters, or numbers in the sums to resample, an interval
# would take minutes or gigabytes: the point estimate stands alone and says so.
_MOST_PAIRS = 190
_MOST_CELLS = 10_000_000


def cohen_kappa(
    matrix: RatingMatrix,
    first: Any,
    second: Any,
    *,
    weights: Weights = Weights.NONE,
    resampling: Resampling | None = None,
) -> Estimate:
    """Compute Cohen's kappa of two raters over the items both rated.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings; the full scale enters the weights, used or not.
    first, second : rater id
        The two raters; which comes first does not matter.
    weights : Weights
        Unweighted, or linear or quadratic in the *position* on the scale.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        At most 1; 0 is agreement by chance, and exactly 0 when one rater is constant.
        Undefined if the raters share no item or both used one same value throughout.

    Raises
    ------
    UnorderedScale
        If weights are asked for on a nominal scale.
    ValueError
        If a rater is not in the matrix.

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20, 37-46; Cohen (1968),
    Psychological Bulletin 70, 213-220. The value is that of scikit-learn's
    ``cohen_kappa_score``, given the full scale as labels.

    Examples
    --------
    >>> votes = RatingMatrix.from_table([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
    >>> round(cohen_kappa(votes, 0, 1).value, 4)
    0.4842
    """
    weights = Weights(weights)
    weights.check(matrix.level)
    table = matrix.table(first, second)
    both = int(table.sum())
    basis = Basis(both, 2 * both, 2, f"Cohen's kappa ({weights})")
    if not both:
        return basis.undefined(NO_SHARED)
    if np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) < 2:
        return basis.undefined(NO_VARIATION)
    estimate = basis.defined(_library_kappa(table, weights))
    columns = sorted((matrix.raters.index(first), matrix.raters.index(second)))
    return _with_interval(estimate, matrix, tuple(columns), weights, resampling)


def pairwise_kappas(
    matrix: RatingMatrix,
    *,
    weights: Weights = Weights.NONE,
    resampling: Resampling | None = None,
) -> list[tuple[Any, Any, Estimate]]:
    """Compute Cohen's kappa of every pair of raters.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    weights : Weights
        As in `cohen_kappa`.
    resampling : Resampling, optional
        How to find the intervals. Beyond 190 pairs (20 raters) there are none.

    Returns
    -------
    list of (first rater, second rater, Estimate)
        Pairs in the order of the raters; also those without a common item, undefined.

    Raises
    ------
    UnorderedScale
        If weights are asked for on a nominal scale.

    References
    ----------
    Cohen (1960), Educational and Psychological Measurement 20, 37-46.

    Examples
    --------
    >>> votes = RatingMatrix.from_codes([[0, 0, 0], [1, 1, 0]], domain=["no", "yes"])
    >>> [(a, b, found.value) for a, b, found in pairwise_kappas(votes)]
    [(0, 1, 1.0), (0, 2, 0.0), (1, 2, 0.0)]
    """
    weights = Weights(weights)
    weights.check(matrix.level)
    pairs = list(combinations(matrix.raters, 2))
    if len(pairs) <= _MOST_PAIRS:
        return [
            (*pair, cohen_kappa(matrix, *pair, weights=weights, resampling=resampling))
            for pair in pairs
        ]
    agreement = weights.matrix(len(matrix.domain))
    return [
        (*pair, _without_interval(matrix, pair, weights, agreement, len(pairs)))
        for pair in pairs
    ]


def _without_interval(
    matrix: RatingMatrix,
    pair: tuple[Any, Any],
    weights: Weights,
    agreement: Floats,
    n_pairs: int,
) -> Estimate:
    """Return what `cohen_kappa` does, at a hundredth of the cost, for one of many."""
    table = matrix.table(*pair)
    both = int(table.sum())
    basis = Basis(both, 2 * both, 2, f"Cohen's kappa ({weights})")
    if not both:
        return basis.undefined(NO_SHARED)
    kappa = _kappas(table[None].astype(np.float64), agreement)[0]
    if np.isnan(kappa):
        return basis.undefined(NO_VARIATION)
    return basis.defined(kappa, note=f"no interval: one of {n_pairs:,} pairs of raters")


def _with_interval(
    estimate: Estimate,
    matrix: RatingMatrix,
    columns: tuple[int, ...],
    weights: Weights,
    resampling: Resampling | None,
) -> Estimate:
    if resampling is None:
        return estimate
    n_cells = len(columns) * (len(columns) - 1) // 2 * len(matrix.domain) ** 2
    if n_cells * min(matrix.n_items, n_cells) > _MOST_CELLS:
        return estimate.noting(
            f"no interval: too many values ({len(matrix.domain)}) or pairs of raters"
        )
    coefficient = kappa_sums(matrix, columns, weights)
    return with_interval(estimate, coefficient, matrix.items, resampling)


def _library_kappa(table: npt.NDArray[np.int64], weights: Weights) -> float:
    rows, columns = np.indices(table.shape)
    kappa: float = cohen_kappa_score(
        rows.ravel(),
        columns.ravel(),
        labels=np.arange(len(table)),
        weights=None if weights is Weights.NONE else str(weights),
        sample_weight=table.ravel(),
    )
    return kappa


def mean_pairwise_kappa(
    matrix: RatingMatrix,
    *,
    weights: Weights = Weights.NONE,
    resampling: Resampling | None = None,
) -> Estimate:
    """Average Cohen's kappa over all pairs of raters that have one.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    weights : Weights
        As in `cohen_kappa`.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        Plain mean; pairs without a kappa are left out and counted in the reason.
        Undefined if no pair has one.

    Raises
    ------
    UnorderedScale
        If weights are asked for on a nominal scale.

    References
    ----------
    Light (1971), Psychological Bulletin 76, 365-377.

    Examples
    --------
    >>> votes = RatingMatrix.from_codes(
    ...     [[0, 0, 0], [1, 1, 0], [1, 1, 1]], domain=["no", "yes"]
    ... )
    >>> round(mean_pairwise_kappa(votes).value, 4)
    0.6
    """
    weights = Weights(weights)
    weights.check(matrix.level)
    basis = matrix.basis(f"mean pairwise Cohen's kappa ({weights})")
    kappas = [found.value for _, _, found in pairwise_kappas(matrix, weights=weights)]
    found = [kappa for kappa in kappas if kappa is not None]
    if not found:
        return basis.undefined("no pair of raters has a kappa")
    left_out = len(kappas) - len(found)
    note = f"{left_out} of {len(kappas)} pairs have no kappa and are left out"
    estimate = basis.defined(np.mean(found).item(), note=note if left_out else None)
    columns = tuple(range(matrix.n_raters))
    return _with_interval(estimate, matrix, columns, weights, resampling)


def kappa_sums(
    matrix: RatingMatrix, columns: tuple[int, ...], weights: Weights
) -> Coefficient:
    """Take Cohen's kappa, averaged over all pairs of some raters, apart.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    columns : tuple of int
        Columns of the raters; two for plain Cohen's kappa.
    weights : Weights
        Agreement weights.

    Returns
    -------
    Coefficient
        Over the items that any two of the raters share. Pairs of raters without a
        kappa are left out of the mean.

    Examples
    --------
    >>> sas = RatingMatrix.from_table([[0, 4, 1], [0, 8, 0], [0, 1, 5]])
    >>> round(kappa_sums(sas, (0, 1), Weights.NONE).value, 4)
    0.4842
    """
    size = len(matrix.domain)
    agreement = weights.matrix(size)
    pairs = list(combinations(range(len(columns)), 2))

    def cells(codes: Codes) -> Floats:
        return np.hstack([_cells(codes[:, pair], size) for pair in pairs])

    def finish(sums: Floats) -> Floats:
        kappas = [
            _kappas(table.reshape(-1, size, size), agreement)
            for table in np.split(sums, len(pairs), axis=1)
        ]
        return _mean_of_defined(np.stack(kappas))

    codes = matrix.codes[:, columns]
    shared = (codes != MISSING).sum(axis=1) > 1
    distinct, place = distinct_rows(codes[shared])
    index = np.full(len(codes), -1, dtype=np.int64)
    index[shared] = place
    used = np.bincount(codes[shared][codes[shared] != MISSING], minlength=size)
    commonest, second = two_commonest(used)
    return Coefficient(
        rows=cells(distinct),
        weights=np.bincount(place, minlength=len(distinct)),
        index=index,
        is_telling=((distinct != commonest) & (distinct != MISSING)).any(axis=1),
        conflict=cells(
            np.resize(np.array([commonest, second], dtype=np.int32), (1, len(columns)))
        )[0],
        finish=finish,
    )


def _cells(codes: Codes, size: int) -> Floats:
    """Return one row per item with a 1 in the cell of its two ratings, if any."""
    both = (codes != MISSING).all(axis=1)
    cells = np.zeros((len(codes), size * size))
    cells[both, codes[both, 0] * size + codes[both, 1]] = 1
    return cells


def _kappas(tables: Floats, weights: Floats) -> Floats:
    n = tables.sum(axis=(1, 2))
    observed = ratio((tables * weights).sum(axis=(1, 2)), n)
    expected = ratio(
        ((tables.sum(axis=2) @ weights) * tables.sum(axis=1)).sum(axis=1), n**2
    )
    return ratio(observed - expected, 1 - expected)


def _mean_of_defined(values: Floats) -> Floats:
    is_defined = ~np.isnan(values)
    return ratio(
        np.where(is_defined, values, 0).sum(axis=0),
        is_defined.sum(axis=0).astype(np.float64),
    )
