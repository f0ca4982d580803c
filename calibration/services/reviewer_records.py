"""Each reviewer of a queue, read as an instrument."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from calibration.formats.judges import Failure
from calibration.queries.criteria import Scale, ScaledVersion, get_version
from calibration.queries.judge_terms import find_judge_terms
from calibration.queries.ratings import stream_ratings
from calibration.queries.reviewer_work import (
    GoldAnswer,
    Retest,
    Timed,
    list_gold_answers,
    list_retests,
    list_seated,
    list_times,
    stream_sides,
)
from calibration.services.rarity import RESAMPLING
from calibration.statistics import (
    Detection,
    Estimate,
    GoldRecord,
    LeakTest,
    Level,
    RatingMatrix,
    SequentialTest,
    Verdict,
    bernoulli_cusum,
    cusum_threshold,
    detection,
    ewma,
    fatigue,
    gold_leak,
    gold_record,
    left_right,
    majority,
    pace,
    proportion,
    relative_pace,
    retest_kappa,
    severity,
)
from calibration.statistics.leaks import Tally, leak_beside_others
from calibration.statistics.timing import Pace

TEST = SequentialTest()
# Half of all good reviewers have one false alarm in so many gold answers.
RUN_LENGTH = 200
# Gold of either kind before a lean is read from it.
LEAST_OF_A_CLASS = 10
# One of several reviewers stands out by chance more easily than one alone.
STRICTER = 0.99
ONE_CHOICE = ("nominal", "ordinal", "pairwise")


@dataclass(frozen=True)
class Drift:
    """Gold over time: the smoothed share of right answers, and whether it fell."""

    smoothed: tuple[float, ...]
    is_alarmed: bool


@dataclass(frozen=True)
class Speed:
    # Share of judgments made faster than the text can be read.
    hurried: Estimate
    # Factor on the time that the panel takes for texts of that length.
    factor: float | None


@dataclass(frozen=True)
class Sides:
    """How often a reviewer preferred what stood on the left."""

    share: Estimate
    p: float | None


@dataclass(frozen=True)
class Together:
    """A reviewer's ratings of items that others rated too, and the others' own pairs."""

    n_ratings: int
    # Sum over the ratings of the share of the others who said the same.
    agreement: float
    others_same: int
    others_pairs: int


@dataclass(frozen=True)
class ReviewerRecord:
    handle: str
    n_gold: int
    n_right: int
    gold: GoldRecord
    test: Verdict
    drift: Drift
    # Share of gold answers that is wrong more with each place in a batch.
    fatigue: Estimate
    # None without a definition of failure or with too little gold of a class.
    lean: Detection | None
    leak: LeakTest
    # Chance of as much more than what the others gain on gold; None: not to be tested.
    leak_beside_others: float | None
    # With each of the others on the same items, over all criteria.
    with_others: Estimate
    # The others among themselves.
    panel: Estimate
    # Criterion: how far above or below the others, in steps of its scale.
    severity: dict[str, Estimate]
    retests: dict[str, Estimate]
    speed: Speed
    sides: Sides | None


def measure_reviewers(*, queue_id: int, version_id: int) -> list[ReviewerRecord]:
    version = get_version(version_id)
    which = {"queue_id": queue_id, "version_id": version_id}
    terms = find_judge_terms(queue_id)
    matrices = _matrices(queue_id, version)
    live = _live([matrix for _, matrix in matrices])
    together = _together([matrix for _, matrix in matrices])
    answers = _by_handle(list_gold_answers(**which))
    tallies = _tallies(answers, live)
    retests = _by_handle(list_retests(**which))
    speeds = _speeds(list_times(**which))
    lefts = Counter(stream_sides(**which))
    severities = {
        scale.title: severity(matrix)
        for scale, matrix in matrices
        if matrix.level is not Level.NOMINAL and scale.level != "pairwise"
    }
    return [
        _record(
            handle,
            gold=answers[handle],
            live=live.get(handle, (0, 0)),
            leak_beside_others=_beside_others(handle, tallies),
            together=together,
            lean=_lean(answers[handle], terms.failure if terms else None),
            severity={
                title: found[handle]
                for title, found in severities.items()
                if handle in found
            },
            retests=_kappas(retests[handle], version),
            speed=speeds.get(handle, Speed(proportion(0, 0), None)),
            sides=_sides(lefts[handle, "LEFT"], lefts[handle, "RIGHT"]),
        )
        for handle in list_seated(queue_id)
    ]


def _record(
    handle: str,
    *,
    gold: list[GoldAnswer],
    live: tuple[int, int],
    together: dict[str, Together],
    **figures: Any,
) -> ReviewerRecord:
    rights = [answer.is_right for answer in gold]
    own = together.get(handle, Together(0, 0.0, 0, 0))
    return ReviewerRecord(
        handle=handle,
        n_gold=len(rights),
        n_right=sum(rights),
        gold=gold_record(sum(rights), len(rights)),
        test=TEST.verdict(rights),
        drift=_drift(rights),
        fatigue=_fatigue(gold),
        leak=gold_leak(sum(rights), len(rights), *live),
        with_others=proportion(
            round(own.agreement), own.n_ratings, confidence=STRICTER, n_raters=1
        ),
        panel=proportion(own.others_same, own.others_pairs, confidence=STRICTER),
        **figures,
    )


def _matrices(
    queue_id: int, version: ScaledVersion
) -> list[tuple[Scale, RatingMatrix]]:
    return [
        (
            scale,
            RatingMatrix.from_triples(
                stream_ratings(
                    queue_id=queue_id,
                    version_id=version.id,
                    criterion_id=scale.criterion_id,
                ),
                domain=scale.values or None,
                level=Level(scale.alpha_level),
            ),
        )
        for scale in version.rated
        if scale.level in (*ONE_CHOICE, "interval")
    ]


def _together(matrices: Iterable[RatingMatrix]) -> dict[str, Together]:
    n_ratings: Counter[str] = Counter()
    agreement: dict[str, float] = defaultdict(float)
    same: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for matrix in matrices:
        rated = (matrix.codes >= 0).sum(axis=1)
        for column, rater in enumerate(matrix.raters):
            own = matrix.codes[:, [column]]
            with_them = (own[:, 0] >= 0) & (rated > 1)
            equal = (matrix.codes == own).sum(axis=1)[with_them] - 1
            others = rated[with_them] - 1
            n_ratings[rater] += int(with_them.sum())
            agreement[rater] += float((equal / others).sum())
            same[rater] += int(equal.sum())
            pairs[rater] += int(others.sum())
    # Each pair was met from both of its ends.
    all_same, all_pairs = same.total() // 2, pairs.total() // 2
    return {
        rater: Together(
            n_ratings[rater],
            agreement[rater],
            all_same - same[rater],
            all_pairs - pairs[rater],
        )
        for rater in n_ratings
    }


def _live(matrices: Iterable[RatingMatrix]) -> dict[str, tuple[int, int]]:
    """How often each rater said what the majority of the others said, of how often."""
    same: Counter[str] = Counter()
    rated: Counter[str] = Counter()
    for matrix in matrices:
        for column, rater in enumerate(matrix.raters):
            codes = matrix.codes.copy()
            own = codes[:, column].copy()
            codes[:, column] = -1
            others = majority(
                RatingMatrix(
                    codes, matrix.items, matrix.raters, matrix.domain, matrix.level
                )
            ).codes
            is_both = (own >= 0) & (others >= 0)
            rated[rater] += int(is_both.sum())
            same[rater] += int((is_both & (own == others)).sum())
    return {rater: (same[rater], rated[rater]) for rater in rated}


@lru_cache(maxsize=1)
def _threshold() -> float:
    return cusum_threshold(test=TEST, run_length=RUN_LENGTH)


def _drift(rights: Sequence[bool]) -> Drift:
    chart = bernoulli_cusum(rights, test=TEST, threshold=_threshold())
    spread = (TEST.good * (1 - TEST.good)) ** 0.5
    smoothed = ewma([float(one) for one in rights], target=TEST.good, spread=spread)
    is_alarmed = bool(len(rights)) and bool(len(rights) - 1 in chart.alarms)
    return Drift(tuple(float(value) for value in smoothed.values), is_alarmed)


def _fatigue(gold: list[GoldAnswer]) -> Estimate:
    return fatigue(
        [answer.place for answer in gold],
        [not answer.is_right for answer in gold],
        confidence=STRICTER,
    )


def _lean(gold: list[GoldAnswer], failure: Failure | None) -> Detection | None:
    if failure is None:
        return None
    seen = Counter(
        (_fails(answer.known, failure), _fails(answer.value, failure))
        for answer in gold
        if answer.criterion == failure.criterion
    )
    hits, misses = seen[True, True], seen[True, False]
    alarms, rejections = seen[False, True], seen[False, False]
    if min(hits + misses, alarms + rejections) < LEAST_OF_A_CLASS:
        return None
    found = detection(hits, misses, alarms, rejections, resampling=RESAMPLING)
    if misses + alarms:
        return found
    # Every resample is as faultless: an interval without width would say too much.
    return replace(
        found,
        d_prime=_without_limits(found.d_prime),
        criterion=_without_limits(found.criterion),
    )


def _without_limits(found: Estimate) -> Estimate:
    return replace(found, low=None, high=None).noting("no interval: no mistake yet")


def _fails(value: Any, failure: Failure) -> bool:
    chosen = value if isinstance(value, list) else [value]
    return any(one in failure.values for one in chosen)


def _kappas(retests: list[Retest], version: ScaledVersion) -> dict[str, Estimate]:
    found = {}
    for scale in version.rated:
        own = [
            (one.item, one.first, one.second)
            for one in retests
            if one.criterion == scale.key
        ]
        if own and scale.level in ONE_CHOICE:
            found[scale.title] = retest_kappa(
                own, domain=scale.values, resampling=RESAMPLING
            )
    return found


def _speeds(times: list[Timed]) -> dict[str, Speed]:
    if not times:
        return {}
    factors = relative_pace(
        [one.handle for one in times],
        [one.words for one in times],
        [one.seconds for one in times],
    )
    by_handle = _by_handle(times)
    return {
        handle: Speed(
            proportion(
                sum(pace(one.words, one.seconds) is not Pace.PLAUSIBLE for one in own),
                len(own),
                confidence=STRICTER,
            ),
            factors[handle],
        )
        for handle, own in by_handle.items()
    }


def _sides(left: int, right: int) -> Sides | None:
    if not left + right:
        return None
    share, p = left_right(left, right)
    return Sides(share, p)


def _tallies(
    answers: dict[str, list[GoldAnswer]], live: dict[str, tuple[int, int]]
) -> dict[str, Tally]:
    found = {}
    for handle in {*answers, *live}:
        gold = [answer.is_right for answer in answers[handle]]
        found[handle] = Tally(sum(gold), len(gold), *live.get(handle, (0, 0)))
    return found


def _beside_others(handle: str, tallies: dict[str, Tally]) -> float | None:
    others = [tally for one, tally in tallies.items() if one != handle]
    if handle not in tallies or not others:
        return None
    return leak_beside_others(
        tallies[handle], Tally(*map(sum, zip(*others, strict=True)))
    )


def _by_handle(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.handle].append(row)
    return found
