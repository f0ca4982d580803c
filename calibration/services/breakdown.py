"""Where agreement breaks: by slice, over time, and between which options."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import stats

from calibration.queries.criteria import Scale, get_version
from calibration.queries.facets import DIMENSIONS, ItemFacets, list_facets
from calibration.queries.ratings import Given, UnitTriple, stream_units
from calibration.services.rarity import RESAMPLING, count_telling
from calibration.statistics import (
    Estimate,
    Level,
    RatingMatrix,
    Resampling,
    confusion,
    krippendorff_alpha,
    percent_agreement,
    set_alpha,
)
from calibration.statistics.agreement import agreeing_share
from calibration.statistics.gathering import MISSING

Mask = npt.NDArray[np.bool_]

# Under either, a slice is shown greyed and never tested.
FEW_ITEMS = 30
FEW_RARE = 5
# The largest values of a dimension; the others are counted, not shown.
MOST_VALUES = 12
# Pairs of options that raters take for each other.
MOST_CONFUSIONS = 3
# Rated twice or more; how many make a window depends on how many there are, in
# steps, so that a window once closed stays as it is.
WINDOW_SIZES = ((1000, 100), (300, 50), (0, 20))
MOST_WINDOWS = 12
# Share of false alarms among the slices said to break.
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class Confusion:
    """Two values given to one item; or, with no second, a label given or not."""

    first: Any
    second: Any
    n_items: int
    # Of all disagreement on the criterion.
    share: float


@dataclass(frozen=True)
class Slice:
    dimension: str
    value: str
    # With two ratings or more.
    n_items: int
    # Of these, with any rating but the commonest.
    n_rare: int
    alpha: Estimate
    percent: Estimate
    is_small: bool
    # Chance of agreement as much lower than in the rest, were there no
    # difference; None where the slice is small or nothing varies.
    p: float | None
    # Whether it is lower, tested among all slices of the queue.
    is_break: bool = False


@dataclass(frozen=True)
class Window:
    """So many items in the order in which they were last judged."""

    number: int
    start: datetime
    end: datetime
    alpha: Estimate
    percent: Estimate


@dataclass(frozen=True)
class Breakdown:
    """One criterion as a whole, and where its raters part."""

    key: str
    title: str
    level: str
    # "item", or "step": then there are neither slices nor windows.
    unit: str
    # Of whole sets where a rating is a set of labels.
    alpha: Estimate
    confusions: tuple[Confusion, ...]
    slices: tuple[Slice, ...]
    windows: tuple[Window, ...]
    # Items that a window takes, and those that wait for the next one.
    window_size: int
    n_waiting: int


@dataclass(frozen=True, eq=False)
class Ratings:
    """The ratings on one criterion; sets of labels are values like others."""

    scale: Scale
    matrix: RatingMatrix

    @classmethod
    def of(cls, scale: Scale, triples: Iterable[UnitTriple]) -> Self:
        if scale.level != "multi-label":
            level, domain = Level(scale.alpha_level), scale.values or None
            return cls(
                scale, RatingMatrix.from_triples(triples, domain=domain, level=level)
            )
        sets = ((item, rater, tuple(sorted(given))) for item, rater, given in triples)
        return cls(scale, RatingMatrix.from_triples(sets))

    @classmethod
    def of_items(cls, scale: Scale, rated: Iterable[Iterable[Given]]) -> Self:
        """Item by item, for figures that need no names."""
        if scale.level != "multi-label":
            level, domain = Level(scale.alpha_level), scale.values or None
            return cls(
                scale, RatingMatrix.from_items(rated, domain=domain, level=level)
            )
        sets = (
            ((rater, tuple(sorted(given))) for rater, given in ratings)
            for ratings in rated
        )
        return cls(scale, RatingMatrix.from_items(sets))

    @property
    def resampling(self) -> Resampling:
        """Of items with all their ratings: the steps of a trace are drawn together."""
        if not self.scale.is_per_step:
            return RESAMPLING
        return replace(
            RESAMPLING, clusters={unit: unit[0] for unit in self.matrix.items}
        )

    @property
    def is_pairable(self) -> Mask:
        found: Mask = (self.matrix.codes != MISSING).sum(axis=1) > 1
        return found

    def only(self, mask: Mask) -> Self:
        codes = self.matrix.codes[mask]
        # No figure needs the names of the items.
        part = replace(self.matrix, codes=codes, items=range(len(codes)))
        return replace(self, matrix=part)

    def alpha(self) -> Estimate:
        if self.scale.level == "multi-label":
            return set_alpha(_rows(self.matrix), resampling=self.resampling)
        return krippendorff_alpha(self.matrix, resampling=self.resampling)

    def percent(self) -> Estimate:
        return percent_agreement(self.matrix, resampling=self.resampling)

    def shares(self) -> npt.NDArray[np.float64]:
        """Share of agreeing pairs in each item; NaN with fewer than two ratings."""
        pairs = self.matrix.patterns.rated_at_least(2)
        share = agreeing_share(pairs.counts, np.eye(len(self.matrix.domain)))
        return np.where(pairs.index < 0, np.nan, np.append(share, np.nan)[pairs.index])


def measure_breakdown(*, queue_id: int, version_id: int) -> tuple[Breakdown, ...]:
    facets = list_facets(queue_id=queue_id, version_id=version_id)
    found = [
        _break_down(
            Ratings.of(
                scale,
                stream_units(queue_id=queue_id, version_id=version_id, scale=scale),
            ),
            # Steps of one item are no independent cases, as the tests of slices
            # and the windows take items to be.
            [] if scale.is_per_step else facets,
        )
        for scale in get_version(version_id).measured
    ]
    return _with_breaks(found)


def _break_down(ratings: Ratings, facets: list[ItemFacets]) -> Breakdown:
    place = {item: row for row, item in enumerate(ratings.matrix.items)}
    # A judgment that came between the two readings is in one and not the other.
    known = [one for one in facets if one.item in place]
    rows = np.array([place[one.item] for one in known], dtype=np.int64)
    is_pairable = ratings.is_pairable
    paired = [one for one, row in zip(known, rows, strict=True) if is_pairable[row]]
    size = next(size for least, size in WINDOW_SIZES if len(paired) >= least)
    return Breakdown(
        key=ratings.scale.key,
        title=ratings.scale.title,
        level=ratings.scale.level,
        unit=ratings.scale.unit,
        alpha=ratings.alpha(),
        confusions=tuple(_confusions(ratings)),
        slices=tuple(_slices(ratings, known, rows)),
        windows=tuple(_windows(ratings, paired, size, place)),
        window_size=size,
        n_waiting=len(paired) % size,
    )


def _slices(
    ratings: Ratings, facets: list[ItemFacets], rows: npt.NDArray[np.int64]
) -> Iterator[Slice]:
    shares, is_pairable = ratings.shares(), ratings.is_pairable
    for number, dimension in enumerate(DIMENSIONS):
        values = np.array([one.values[number] for one in facets], dtype=np.object_)
        common = Counter(value for value in values if value is not None)
        if len(set(values)) < 2:
            continue
        for value, _ in sorted(common.most_common(MOST_VALUES)):
            mask = np.zeros(len(is_pairable), dtype=np.bool_)
            mask[rows[values == value]] = True
            yield _slice(ratings, dimension, value, mask & is_pairable, shares)


def _slice(
    ratings: Ratings,
    dimension: str,
    value: str,
    mask: Mask,
    shares: npt.NDArray[np.float64],
) -> Slice:
    part = ratings.only(mask)
    n_items, n_rare = part.matrix.n_items, count_telling(part.matrix)
    is_small = n_items < FEW_ITEMS or n_rare < FEW_RARE
    rest = shares[~mask & ~np.isnan(shares)]
    return Slice(
        dimension=dimension,
        value=value,
        n_items=n_items,
        n_rare=n_rare,
        alpha=part.alpha(),
        percent=part.percent(),
        is_small=is_small,
        p=None if is_small else _chance_of_less(shares[mask], rest),
    )


def _chance_of_less(
    mine: npt.NDArray[np.float64], rest: npt.NDArray[np.float64]
) -> float | None:
    """Welch's test, one-sided: do the items of the slice agree less than the rest?"""
    if len(rest) < FEW_ITEMS:
        return None
    # Not SciPy's: it warns where all of one side agree, which is no fault here.
    squares = [values.var(ddof=1) / len(values) for values in (mine, rest)]
    spread = sum(squares)
    if not spread:
        return None
    freedom = spread**2 / (
        squares[0] ** 2 / (len(mine) - 1) + squares[1] ** 2 / (len(rest) - 1)
    )
    return float(stats.t.cdf((mine.mean() - rest.mean()) / spread**0.5, freedom))


def _with_breaks(found: list[Breakdown]) -> tuple[Breakdown, ...]:
    """Benjamini and Hochberg (1995) over every slice tested, of all criteria."""
    tested = [one.p for each in found for one in each.slices if one.p is not None]
    if not tested:
        return tuple(found)
    adjusted = iter(stats.false_discovery_control(tested, method="bh"))
    return tuple(
        replace(
            each,
            slices=tuple(
                one
                if one.p is None
                else replace(one, is_break=bool(next(adjusted) < FALSE_DISCOVERIES))
                for one in each.slices
            ),
        )
        for each in found
    )


def _windows(
    ratings: Ratings, paired: list[ItemFacets], size: int, place: dict[str, int]
) -> Iterator[Window]:
    n_windows = len(paired) // size
    for number in range(max(0, n_windows - MOST_WINDOWS), n_windows):
        chosen = paired[number * size : (number + 1) * size]
        mask = np.zeros(ratings.matrix.n_items, dtype=np.bool_)
        mask[[place[one.item] for one in chosen]] = True
        part = ratings.only(mask)
        yield Window(
            number=number + 1,
            start=chosen[0].judged_at,
            end=chosen[-1].judged_at,
            alpha=part.alpha(),
            percent=part.percent(),
        )


def _confusions(ratings: Ratings) -> list[Confusion]:
    if ratings.scale.level == "interval":
        return []
    pairs = (
        _label_confusions(ratings)
        if ratings.scale.level == "multi-label"
        else _option_confusions(ratings.matrix)
    )
    found = [one for one in pairs if one.n_items]
    total = sum(one.share for one in found)
    found = [replace(one, share=one.share / total) for one in found]
    # Options stand in the order of the scale; of equals the earlier comes first.
    return sorted(found, key=lambda one: -one.share)[:MOST_CONFUSIONS]


def _option_confusions(matrix: RatingMatrix) -> Iterator[Confusion]:
    coincidences = confusion(matrix)
    pairs = matrix.patterns.rated_at_least(2)
    for row, first in enumerate(matrix.domain):
        for column in range(row + 1, len(matrix.domain)):
            has_both = (pairs.counts[:, row] > 0) & (pairs.counts[:, column] > 0)
            n_items = int(pairs.weights[has_both].sum())
            share = float(coincidences[row, column])
            yield Confusion(first, matrix.domain[column], n_items, share)


def _label_confusions(ratings: Ratings) -> Iterator[Confusion]:
    matrix = ratings.matrix
    for label in ratings.scale.values:
        has = np.array([label in given for given in matrix.domain], dtype=np.bool_)
        pairs = matrix.patterns.rated_at_least(2)
        votes = pairs.counts[:, has].sum(axis=1)
        is_split = (votes > 0) & (votes < pairs.sizes)
        weight = votes * (pairs.sizes - votes) / (pairs.sizes - 1)
        n_items = int(pairs.weights[is_split].sum())
        yield Confusion(label, None, n_items, float(pairs.weights @ weight))


def _rows(matrix: RatingMatrix) -> Iterator[UnitTriple]:
    for row, column in np.argwhere(matrix.codes != MISSING):
        code = matrix.codes[row, column]
        yield matrix.items[row], matrix.raters[column], matrix.domain[code]
