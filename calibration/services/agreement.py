"""How far the raters of a queue agree, criterion by criterion."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from calibration.queries.criteria import Scale, get_version
from calibration.queries.ratings import (
    count_judgments,
    stream_rated_items,
    stream_units,
)
from calibration.services.breakdown import Ratings
from calibration.services.rarity import Rarity, find_rarity
from calibration.statistics import (
    Estimate,
    Level,
    RatingMatrix,
    Resampling,
    Weights,
    cohen_kappa,
    gwet_ac,
    krippendorff_alpha,
    mean_pairwise_kappa,
    percent_agreement,
)
from calibration.statistics.gathering import MISSING

# Kappas of so many pairs of raters are read by nobody and cost minutes.
MOST_PAIRS = 1000
# Up to so many each has its interval, and so has their mean.
MOST_PAIRS_WITH_INTERVAL = 30


@dataclass(frozen=True)
class PairKappa:
    raters: tuple[str, str]
    kappa: Estimate


@dataclass(frozen=True)
class CriterionAgreement:
    """The coefficients of one criterion, or of one label of a multi-label one."""

    key: str
    title: str
    level: str
    alpha_level: str
    weights: str
    # What is rated, and counted as n_items below: an item, or a step of one.
    unit: str
    n_items: int
    n_ratings: int
    n_raters: int
    percent: Estimate
    alpha: Estimate
    kappas: tuple[PairKappa, ...]
    mean_kappa: Estimate
    # Gwet's AC1, or AC2 where kappa is weighted.
    ac: Estimate
    rarity: Rarity | None
    # A label of a multi-label criterion that nobody has ever chosen.
    is_unused_label: bool = False


@dataclass(frozen=True)
class Agreement:
    """All coefficients of a queue under one rubric version."""

    rubric: str
    rubric_version: int
    n_judgments: int
    criteria: tuple[CriterionAgreement, ...]
    # Criteria without coefficients: free text.
    left_out: tuple[str, ...]


def measure_agreement(*, queue_id: int, version_id: int) -> Agreement:
    version = get_version(version_id)
    n_judgments = count_judgments(queue_id=queue_id, version_id=version_id)
    return Agreement(
        rubric=version.rubric.slug,
        rubric_version=version.rubric.number,
        n_judgments=n_judgments,
        criteria=tuple(
            measured
            for scale in version.measured
            for measured in _measure(_ratings(queue_id, version_id, scale))
        ),
        left_out=tuple(scale.key for scale in version.scales if not scale.is_rated),
    )


def _ratings(queue_id: int, version_id: int, scale: Scale) -> Ratings:
    which = {"queue_id": queue_id, "version_id": version_id}
    if scale.is_per_step:
        # By name: the steps of one item are drawn together.
        return Ratings.of(scale, stream_units(**which, scale=scale))
    items = stream_rated_items(**which, criterion_id=scale.criterion_id)
    return Ratings.of_items(scale, (given for _, given in items))


def _measure(ratings: Ratings) -> Iterator[CriterionAgreement]:
    scale = ratings.scale
    if scale.level == "multi-label":
        yield from _measure_labels(ratings)
    else:
        yield _coefficients(ratings, key=scale.key, title=scale.title)


def _measure_labels(ratings: Ratings) -> Iterator[CriterionAgreement]:
    """Each label is a question of its own: chosen or not."""
    scale, sets = ratings.scale, ratings.matrix
    for label in scale.values:
        has = [label in given for given in sets.domain]
        chosen = replace(
            sets,
            # What is missing is the last of these, by its code of -1.
            codes=np.array([*has, MISSING], dtype=np.int32)[sets.codes],
            domain=(False, True),
        )
        yield _coefficients(
            replace(ratings, matrix=chosen),
            key=f"{scale.key}/{label}",
            title=f"{scale.title}: {label}",
            is_unused_label=not any(has),
        )


def _coefficients(
    ratings: Ratings,
    *,
    key: str,
    title: str,
    is_unused_label: bool = False,
) -> CriterionAgreement:
    scale, matrix, drawn = ratings.scale, ratings.matrix, ratings.resampling
    weights = Weights.NONE if matrix.level is Level.NOMINAL else Weights.QUADRATIC
    n_pairs = matrix.n_raters * (matrix.n_raters - 1) // 2
    resampling = drawn if n_pairs <= MOST_PAIRS_WITH_INTERVAL else None
    reason = _no_kappa(scale, matrix)
    return CriterionAgreement(
        key=key,
        title=title,
        level=scale.level,
        alpha_level=str(matrix.level),
        weights=str(weights),
        unit=scale.unit,
        n_items=matrix.n_items,
        n_ratings=matrix.n_ratings,
        n_raters=matrix.n_raters,
        percent=percent_agreement(matrix, resampling=drawn),
        alpha=krippendorff_alpha(matrix, resampling=drawn),
        kappas=() if reason else _kappas(matrix, weights, resampling),
        mean_kappa=(
            matrix.basis("mean pairwise Cohen's kappa").undefined(reason)
            if reason
            else mean_pairwise_kappa(matrix, weights=weights, resampling=resampling)
        ),
        ac=gwet_ac(matrix, weights=weights, resampling=drawn),
        rarity=find_rarity(matrix, resampling=drawn),
        is_unused_label=is_unused_label,
    )


def _kappas(
    matrix: RatingMatrix, weights: Weights, resampling: Resampling | None
) -> tuple[PairKappa, ...]:
    return tuple(
        PairKappa(
            (first, second),
            cohen_kappa(matrix, first, second, weights=weights, resampling=resampling),
        )
        for first, second in combinations(matrix.raters, 2)
    )


def _no_kappa(scale: Scale, matrix: RatingMatrix) -> str | None:
    if scale.level == "interval" and not scale.values:
        return "the scale has more than 1000 steps: see alpha"
    n_pairs = matrix.n_raters * (matrix.n_raters - 1) // 2
    if n_pairs > MOST_PAIRS:
        return f"{matrix.n_raters} raters make {n_pairs} pairs: see alpha"
    return None
