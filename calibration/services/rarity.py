"""Where one value dominates: what the others rest on."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from calibration.statistics import (
    Estimate,
    Level,
    RatingMatrix,
    Resampling,
    specific_agreement,
)
from calibration.statistics.coefficients import two_commonest
from calibration.statistics.gathering import MISSING

# The seed is fixed: the same judgments give the same limits, whoever asks.
RESAMPLING = Resampling(seed=0)

# Under this share of the ratings, alpha and kappa hang on a handful of items.
RARE_SHARE = 0.1


@dataclass(frozen=True)
class Rarity:
    """All values but the commonest, taken together, are rare."""

    commonest: Hashable
    n_rare: int
    n_ratings: int
    # Of the items with two ratings, those with any rare one.
    n_items: int
    # Given one rare rating, the chance that another of the item is rare too.
    agreement: Estimate


def find_rarity(
    matrix: RatingMatrix, *, resampling: Resampling = RESAMPLING
) -> Rarity | None:
    """What is rare, or None where nothing is or only one value was used."""
    pairable = matrix.patterns.rated_at_least(2)
    used = pairable.weights @ pairable.counts
    n_ratings = int(used.sum())
    if not n_ratings:
        return None
    commonest, _ = two_commonest(used)
    n_rare = n_ratings - int(used[commonest])
    if not 0 < n_rare < RARE_SHARE * n_ratings:
        return None
    other = np.where(
        matrix.codes == MISSING, MISSING, matrix.codes != commonest
    ).astype(np.int32)
    is_other = RatingMatrix(
        other, matrix.items, matrix.raters, (False, True), Level.NOMINAL
    )
    return Rarity(
        commonest=matrix.domain[commonest],
        n_rare=n_rare,
        n_ratings=n_ratings,
        n_items=count_telling(matrix),
        agreement=specific_agreement(is_other, True, resampling=resampling),
    )


def count_telling(matrix: RatingMatrix) -> int:
    """Items with two ratings and any other value than the commonest among them."""
    pairable = matrix.patterns.rated_at_least(2)
    if not len(pairable.weights):
        return 0
    commonest, _ = two_commonest(pairable.weights @ pairable.counts)
    is_telling = pairable.counts[:, commonest] < pairable.sizes
    return int(pairable.weights[is_telling].sum())
