"""Agreement within each stratum of a golden set."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from calibration.queries.criteria import Scale, ScaledVersion
from calibration.queries.ratings import Given, stream_rated_items
from calibration.services.breakdown import Ratings
from calibration.statistics import Estimate

# An item outside the window has no stratum.
NOWHERE = -1


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
            scale,
            stream_rated_items(
                queue_id=queue_id,
                version_id=version.id,
                criterion_id=scale.criterion_id,
            ),
            strata,
        )
    )


def _of_each(
    scale: Scale,
    rated: Iterator[tuple[str, Iterable[Given]]],
    strata: Mapping[str, str],
) -> Iterator[StratumAgreement]:
    names = sorted(set(strata.values()))
    number_of = {name: number for number, name in enumerate(names)}
    own = array("i")

    def noted() -> Iterator[Iterable[Given]]:
        for item, given in rated:
            own.append(number_of[strata[item]] if item in strata else NOWHERE)
            yield given

    ratings = Ratings.of_items(scale, noted())
    numbers = np.array(own)
    for number, stratum in enumerate(names):
        part = ratings.only((numbers == number) & ratings.is_pairable)
        yield StratumAgreement(stratum, scale.key, part.matrix.n_items, part.alpha())
