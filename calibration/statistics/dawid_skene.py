"""Dawid and Skene's model: labels and every rater's confusions, fitted together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from calibration.statistics.consensus import Consensus, decided, normalised, votes_of
from calibration.statistics.gathering import MISSING
from calibration.statistics.patterns import distinct_rows
from calibration.statistics.ratings import RatingMatrix

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Fewer ratings an item, or a rater, than this and a model of raters is guesswork.
THIN_PER_ITEM = 5
THIN_PER_RATER = 100
# A gain of log likelihood that is more than rounding.
_LIKELIER = 1e-3


@dataclass(frozen=True, eq=False)
class DawidSkene:
    """A fitted model of raters who confuse labels each in their own way.

    Parameters
    ----------
    consensus : Consensus
        The labels.
    prior : ndarray of float64, shape (n_values,)
        Share of each true label.
    confusion : dict of person to ndarray of float64, shape (n_values, n_values)
        Chance that the person gives the column's label where the row's is true.
    log_likelihood : float
        Of the ratings, without the smoothing.
    iterations : int
        Until it came to rest.
    has_converged : bool
        Whether it did.

    Examples
    --------
    >>> votes = RatingMatrix.from_codes([[0, 0, 0], [1, 1, 0]], domain=["no", "yes"])
    >>> fit_dawid_skene(votes).consensus.labels
    ['no', 'yes']
    """

    consensus: Consensus
    prior: Floats
    confusion: dict[Any, Floats]
    log_likelihood: float
    iterations: int
    has_converged: bool


def fit_dawid_skene(
    matrix: RatingMatrix,
    *,
    persons: Mapping[Any, Any] | None = None,
    smoothing: float = 0.01,
    starts: int = 5,
    seed: int = 0,
    tolerance: float = 1e-8,
    most_iterations: int = 1000,
) -> DawidSkene:
    """Fit every rater's confusion of labels, and the labels, by EM.

    The labels are those of the fit that starts from the shares of votes, as in the
    paper. Other starts show how far they hang on that: a likelier fit elsewhere is not
    taken, because with few ratings it is a fit of noise, but a warning says how many
    labels it would change. With two or three ratings an item the model is *worse* than
    the majority on published data, which the warnings say as well.

    Parameters
    ----------
    matrix : RatingMatrix
        Ratings.
    persons : mapping of rater to person, optional
        Which columns are one person's, where a person rated an item repeatedly.
    smoothing : float
        Added to each cell of a confusion matrix, so that no label is ruled out by a
        few ratings; 0 for maximum likelihood.
    starts : int
        How many; the first is from the votes, the others only warn.
    seed : int
        For the others.
    tolerance : float
        Change of any probability at which a start has come to rest.
    most_iterations : int
        After which a start is left as it is.

    Returns
    -------
    DawidSkene
        With an empty consensus if there are no ratings.

    References
    ----------
    Dawid and Skene (1979), Applied Statistics 28, 20-28.

    Examples
    --------
    >>> votes = RatingMatrix.from_codes([[0, 0, 0], [1, 1, 0]], domain=["no", "yes"])
    >>> fit_dawid_skene(votes).prior.round(2).tolist()
    [0.5, 0.5]
    """
    data = _Ratings.of(matrix, persons)
    shares = normalised(votes_of(data.codes, len(matrix.domain)).astype(np.float64))
    rng = np.random.default_rng(seed)
    best = _em(data, shares, smoothing, tolerance, most_iterations)
    likelier = []
    for _ in range(starts - 1):
        noise = rng.dirichlet(np.ones(shares.shape[1]), size=len(shares))
        other = _em(data, (shares + noise) / 2, smoothing, tolerance, most_iterations)
        if other.log_likelihood > best.log_likelihood + _LIKELIER:
            likelier.append(other)
    warnings = (*_thin(matrix), *_unsettled(data, best, likelier))
    consensus = decided(matrix, best.posterior[data.index], "Dawid-Skene", warnings)
    confusion = dict(zip(data.persons, best.confusion, strict=True))
    return DawidSkene(
        consensus,
        best.prior,
        confusion,
        best.log_likelihood,
        best.iterations,
        best.has_converged,
    )


@dataclass(frozen=True, eq=False)
class _Ratings:
    """Distinct rows of ratings, how often each occurs, and whose columns they are."""

    codes: npt.NDArray[np.int32]
    weights: Ints
    index: Ints
    persons: tuple[Any, ...]
    person_of: Ints
    n_values: int

    @classmethod
    def of(cls, matrix: RatingMatrix, persons: Mapping[Any, Any] | None) -> "_Ratings":
        names = [(persons or {}).get(rater, rater) for rater in matrix.raters]
        distinct = tuple(dict.fromkeys(names))
        codes, index = distinct_rows(matrix.codes)
        return cls(
            codes,
            np.bincount(index, minlength=len(codes)),
            index,
            distinct,
            np.array([distinct.index(name) for name in names], dtype=np.int64),
            len(matrix.domain),
        )


@dataclass(frozen=True, eq=False)
class _Fit:
    posterior: Floats
    prior: Floats
    confusion: Floats
    log_likelihood: float
    iterations: int
    has_converged: bool


def _em(
    data: _Ratings, start: Floats, smoothing: float, tolerance: float, most: int
) -> _Fit:
    posterior, change, iterations = start, np.inf, 0
    prior, confusion = _maximise(data, posterior, smoothing)
    joint = _joint(data, prior, confusion)
    while change > tolerance and iterations < most:
        iterations += 1
        found = normalised(np.exp(joint - joint.max(axis=1, keepdims=True)))
        change = np.abs(found - posterior).max(initial=0)
        posterior = found
        prior, confusion = _maximise(data, posterior, smoothing)
        joint = _joint(data, prior, confusion)
    top = joint.max(axis=1, initial=-np.inf)
    each = top + np.log(np.exp(joint - top[:, None]).sum(axis=1))
    likelihood = float(data.weights @ each)
    return _Fit(
        posterior, prior, confusion, likelihood, iterations, bool(change <= tolerance)
    )


def _maximise(
    data: _Ratings, posterior: Floats, smoothing: float
) -> tuple[Floats, Floats]:
    """Return the prior, and the confusion matrix of each person."""
    size = data.n_values
    weighted = posterior * data.weights[:, None]
    counts = np.full((len(data.persons), size, size), float(smoothing))
    for column, person in enumerate(data.person_of):
        given = data.codes[:, column]
        for label in range(size):
            counts[person, :, label] += weighted[given == label].sum(axis=0)
    return normalised(weighted.sum(axis=0)[None, :])[0], normalised(counts)


def _joint(data: _Ratings, prior: Floats, confusion: Floats) -> Floats:
    """Return the log probability of each row together with each true label."""
    with np.errstate(divide="ignore"):
        logs, base = np.log(confusion), np.log(prior)
    # Impossible, but finite: rows that nothing can explain still get a posterior.
    logs = np.maximum(logs, -1e6)
    joint = np.tile(np.maximum(base, -1e6), (len(data.codes), 1))
    for column, person in enumerate(data.person_of):
        given = data.codes[:, column]
        rated = given != MISSING
        joint[rated] += logs[person][:, given[rated]].T
    return joint


def _thin(matrix: RatingMatrix) -> tuple[str, ...]:
    rated = matrix.codes != MISSING
    warnings = []
    mean = rated.sum() / max(int(rated.any(axis=1).sum()), 1)
    if mean < THIN_PER_ITEM:
        warnings.append(
            f"thin overlap: {mean:.1f} ratings an item, {THIN_PER_ITEM} needed for "
            "Dawid-Skene to beat the majority"
        )
    few = int((rated.sum(axis=0) < THIN_PER_RATER).sum())
    if few:
        warnings.append(
            f"{few} of {matrix.n_raters} raters gave fewer than {THIN_PER_RATER} "
            "ratings: their confusion is hardly known"
        )
    return tuple(warnings)


def _unsettled(data: _Ratings, best: _Fit, likelier: list[_Fit]) -> tuple[str, ...]:
    warnings = () if best.has_converged else ("EM did not come to rest",)
    if not likelier:
        return warnings
    rival = max(likelier, key=lambda fit: fit.log_likelihood)
    differs = rival.posterior.argmax(axis=1) != best.posterior.argmax(axis=1)
    changed = int(data.weights[differs].sum())
    return (
        *warnings,
        f"another start fits better and would change {changed} of "
        f"{int(data.weights.sum())} labels",
    )
