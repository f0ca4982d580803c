"""Agreement within each stratum of a golden set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from calibration.queries.criteria import ScaledVersion
from calibration.queries.ratings import stream_ratings
from calibration.services.breakdown import Ratings
from calibration.statistics import Estimate


@dataclass(frozen=True)
class StratumAgreement:
    stratum: str
    criterion: str
    # With two ratings or more.
    n_items: int
    alpha: Estimate


def measure_strata(
    *, queue_id: int, version: ScaledVersion, strata: Mapping[str, str]
) -> tuple[StratumAgreement, ...]:
    """Of every criterion; `strata` says of each item, by name, where it belongs."""
    if len(set(strata.values())) < 2:
        return ()
    return tuple(
        found
        for scale in version.rated
        for found in _of_each(
            Ratings.of(
                scale,
                stream_ratings(
                    queue_id=queue_id,
                    version_id=version.id,
                    criterion_id=scale.criterion_id,
                ),
            ),
            strata,
        )
    )


def _of_each(ratings: Ratings, strata: Mapping[str, str]) -> Iterator[StratumAgreement]:
    own = np.array([strata.get(str(item)) for item in ratings.matrix.items], object)
    for stratum in sorted(set(strata.values())):
        part = ratings.only((own == stratum) & ratings.is_pairable)
        yield StratumAgreement(
            stratum, ratings.scale.key, part.matrix.n_items, part.alpha()
        )
