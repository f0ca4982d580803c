"""Agreement where a rating is a set of labels."""

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any

import numpy as np

from calibration.statistics.alpha import alpha_sums, krippendorff_alpha
from calibration.statistics.estimates import NO_PAIRS, NO_VARIATION, Estimate
from calibration.statistics.intervals import Resampling, with_interval
from calibration.statistics.ratings import RatingMatrix

Labels = frozenset[Any]
Distance = Callable[[Labels, Labels], float]
Row = tuple[Any, Any, Collection[Hashable]]


def jaccard_distance(first: Labels, second: Labels) -> float:
    """Return the share of labels of either set that are not in both.

    Parameters
    ----------
    first, second : frozenset of label
        Two ratings.

    Returns
    -------
    float
        0 for equal sets (two empty ones too) to 1 for disjoint ones.

    References
    ----------
    Jaccard (1912), New Phytologist 11, 37-50.

    Examples
    --------
    >>> jaccard_distance(frozenset({1, 2}), frozenset({1, 2, 3, 4}))
    0.5
    """
    either = first | second
    return 1 - len(first & second) / len(either) if either else 0.0


def masi_distance(first: Labels, second: Labels) -> float:
    """Return the Jaccard distance, milder where one set contains the other.

    Parameters
    ----------
    first, second : frozenset of label
        Two ratings.

    Returns
    -------
    float
        0 for equal sets to 1 for disjoint ones.

    References
    ----------
    Passonneau (2006), LREC: Measuring Agreement on Set-valued Items (MASI).

    Examples
    --------
    >>> round(masi_distance(frozenset({1, 2}), frozenset({1, 2, 3, 4})), 6)
    0.666667
    >>> round(masi_distance(frozenset({1, 2}), frozenset({2, 3})), 6)
    0.888889
    """
    if first == second:
        return 0.0
    if first <= second or second <= first:
        kinship = 2 / 3
    else:
        kinship = 1 / 3 if first & second else 0.0
    return 1 - (1 - jaccard_distance(first, second)) * kinship


def set_alpha(
    rows: Iterable[Row],
    *,
    distance: Distance = masi_distance,
    resampling: Resampling | None = None,
) -> Estimate:
    """Compute Krippendorff's alpha of ratings that are sets of labels.

    The distance enters as it is, not squared.

    Parameters
    ----------
    rows : iterable of (item, rater, labels)
        One per rating, in any order; an empty set is a rating.
    distance : callable
        Of two frozensets; MASI or Jaccard.
    resampling : Resampling, optional
        How to find the interval; none is computed without it.

    Returns
    -------
    Estimate
        Undefined if no item has two ratings or all of them are one set.

    Raises
    ------
    DuplicateRating
        If a rater rated an item twice.

    References
    ----------
    Passonneau (2006); Artstein and Poesio (2008), Computational Linguistics 34,
    555-596.

    Examples
    --------
    >>> votes = [(1, "a", {"x"}), (1, "b", {"x", "y"}), (2, "a", {"z"}), (2, "b", {"z"})]
    >>> round(set_alpha(votes).value, 4)
    0.5714
    """
    sets = [(item, rater, frozenset(labels)) for item, rater, labels in rows]
    found = {labels for _, _, labels in sets}
    # Sets have no order of their own; their sorted labels give one that lasts.
    domain = sorted(found, key=lambda labels: sorted(map(repr, labels)))
    matrix = RatingMatrix.from_triples(sets, domain=domain)
    pairs = matrix.patterns.rated_at_least(2)
    name = getattr(distance, "__name__", "distance").removesuffix("_distance")
    basis = matrix.basis(f"Krippendorff's alpha of sets ({name})")
    if not basis.n_items:
        return basis.undefined(NO_PAIRS)
    if np.count_nonzero(pairs.weights @ pairs.counts) < 2:
        return basis.undefined(NO_VARIATION)
    metric = np.array([[distance(one, other) for other in domain] for one in domain])
    coefficient = alpha_sums(matrix, metric)
    estimate = basis.defined(coefficient.value)
    return with_interval(estimate, coefficient, matrix.items, resampling)


def label_alphas(
    rows: Iterable[Row], *, resampling: Resampling | None = None
) -> dict[Any, Estimate]:
    """Compute one alpha for each label: was it given or not.

    What a lead can act on: it names the label on which raters differ.

    Parameters
    ----------
    rows : iterable of (item, rater, labels)
        One per rating, in any order.
    resampling : Resampling, optional
        How to find the intervals.

    Returns
    -------
    dict of label to Estimate
        In the order of the labels' names.

    Raises
    ------
    DuplicateRating
        If a rater rated an item twice.

    Examples
    --------
    >>> votes = [(1, "a", {"x"}), (1, "b", {"x", "y"}), (2, "a", {"z"}), (2, "b", {"z"})]
    >>> {label: found.value for label, found in label_alphas(votes).items()}
    {'x': 1.0, 'y': 0.0, 'z': 1.0}
    """
    kept = [(item, rater, frozenset(labels)) for item, rater, labels in rows]
    labels = sorted({label for _, _, given in kept for label in given}, key=repr)
    return {
        label: krippendorff_alpha(
            RatingMatrix.from_triples(
                ((item, rater, label in given) for item, rater, given in kept),
                domain=(False, True),
            ),
            resampling=resampling,
        )
        for label in labels
    }
