"""What the votes on a queue's items are worth: by gold, by a model, or all alike."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from calibration.queries.criteria import Scale, ScaledVersion
from calibration.queries.ratings import Unit, stream_units
from calibration.queries.reviewer_work import GoldAnswer, list_gold_answers
from calibration.statistics import (
    Consensus,
    RatingMatrix,
    fit_dawid_skene,
    weighted_majority,
)
from reviews.formats.terminal import counted
from reviews.models import LabelMethod, Queue

# So many gold answers on a criterion make a record; with fewer a reviewer counts as
# the panel does, and without so many of the panel all votes count alike.
LEAST_GOLD = 10

# Item, or step of one, and rater by name, and the rating.
Triples = Iterable[tuple[Unit, str, Any]]


@dataclass(frozen=True)
class Belief:
    """The most probable value of one item or step; None where two are as probable."""

    value: Any
    confidence: float | None


@dataclass(frozen=True)
class Records:
    """How often the raters are right on one question, by their gold answers."""

    accuracy: Mapping[str, float]
    # Of all together, for who has no record of their own.
    panel: float

    def weigh(self, matrix: RatingMatrix) -> Consensus:
        return weighted_majority(matrix, self.accuracy, default=self.panel)


Weigh = Callable[[RatingMatrix], Consensus]


@dataclass(frozen=True)
class Weighing:
    """How each criterion of a rubric version is weighed.

    `records` holds, by criterion and (of a set of labels) label, what is known from
    gold; `fitted` what a model said of every item already.
    """

    method: str
    records: Mapping[tuple[str, Any], Records]
    fitted: Mapping[str, Mapping[Unit, Belief]]
    # What to know before relying on the labels.
    notes: tuple[str, ...]

    def method_of(self, scale: Scale) -> str:
        """The method that is used, which may be plainer than the one asked for."""
        if scale.key in self.fitted:
            return LabelMethod.DAWID_SKENE
        is_known = all(key in self.records for key in _questions(scale))
        return LabelMethod.WEIGHTED if is_known else LabelMethod.MAJORITY

    def believe(self, scale: Scale, triples: Triples) -> Mapping[Unit, Belief]:
        """The belief of each item or step; none where all votes count alike."""
        if scale.key in self.fitted:
            return self.fitted[scale.key]
        if self.method_of(scale) == LabelMethod.MAJORITY:
            return {}
        return _believe(scale, triples, lambda key: self.records[key].weigh)


def get_weighing(*, queue_id: int, version: ScaledVersion) -> Weighing:
    method = Queue.objects.values_list("label_method", flat=True).get(pk=queue_id)
    scales = [scale for scale in version.measured if scale.level != "interval"]
    if method == LabelMethod.WEIGHTED:
        return _by_gold(queue_id, version, scales)
    if method == LabelMethod.DAWID_SKENE:
        return _by_model(queue_id, version, scales)
    return Weighing(method, {}, {}, ())


def _by_gold(queue_id: int, version: ScaledVersion, scales: list[Scale]) -> Weighing:
    answers = list_gold_answers(queue_id=queue_id, version_id=version.id)
    records: dict[tuple[str, Any], Records] = {}
    notes = []
    for scale in scales:
        mine = [answer for answer in answers if answer.criterion == scale.key]
        if len(mine) >= LEAST_GOLD:
            records |= {key: _records(mine, key[1]) for key in _questions(scale)}
        else:
            notes.append(
                f"{scale.key}: {counted(len(mine), 'gold answer')}, of {LEAST_GOLD} "
                "that it takes to weigh votes: plain majority"
            )
    return Weighing(LabelMethod.WEIGHTED, records, {}, tuple(notes))


def _records(answers: list[GoldAnswer], label: Any) -> Records:
    """On one criterion, or on whether one label of it belongs."""
    by_rater: dict[str, list[bool]] = {}
    for answer in answers:
        is_right = (
            answer.is_right
            if label is None
            else (label in answer.value) == (label in answer.known)
        )
        by_rater.setdefault(answer.handle, []).append(is_right)
    everybody = [one for given in by_rater.values() for one in given]
    return Records(
        accuracy={
            rater: _accuracy(given)
            for rater, given in by_rater.items()
            if len(given) >= LEAST_GOLD
        },
        panel=_accuracy(everybody),
    )


def _accuracy(given: list[bool]) -> float:
    """Mean of the Beta posterior under a uniform prior."""
    return (1 + sum(given)) / (2 + len(given))


def _by_model(queue_id: int, version: ScaledVersion, scales: list[Scale]) -> Weighing:
    fitted = {}
    notes: list[str] = []
    for scale in scales:
        model = _Model()
        triples = stream_units(queue_id=queue_id, version_id=version.id, scale=scale)
        fitted[scale.key] = _believe(scale, triples, model.of)
        notes += [f"{scale.key}: {one}" for one in model.warnings]
    return Weighing(LabelMethod.DAWID_SKENE, {}, fitted, tuple(notes))


class _Model:
    """Dawid and Skene's, and what it warns of."""

    def __init__(self) -> None:
        # Each once: every label of a set has a model, and they warn of the same.
        self.warnings: dict[str, None] = {}

    def of(self, question: tuple[str, Any]) -> Weigh:
        """One for every question, fitted to its ratings alone."""
        return self._fit

    def _fit(self, matrix: RatingMatrix) -> Consensus:
        found = fit_dawid_skene(matrix).consensus
        self.warnings |= dict.fromkeys(found.warnings)
        return found


def _questions(scale: Scale) -> list[tuple[str, Any]]:
    """What is asked: one value of several, or of each label whether it belongs."""
    labels = scale.values if scale.level == "multi-label" else (None,)
    return [(scale.key, label) for label in labels]


def _believe(
    scale: Scale, triples: Triples, weigh: Callable[[tuple[str, Any]], Weigh]
) -> dict[Unit, Belief]:
    if scale.level != "multi-label":
        return _ask(triples, scale.values, weigh((scale.key, None)))
    given = list(triples)
    asked = {
        label: _ask(
            ((item, rater, label in labels) for item, rater, labels in given),
            (False, True),
            weigh((scale.key, label)),
        )
        for label in scale.values
    }
    return {item: _together(asked, item) for item, _, _ in given}


def _ask(
    triples: Triples, domain: tuple[Hashable, ...], weigh: Weigh
) -> dict[Unit, Belief]:
    consensus = weigh(RatingMatrix.from_triples(triples, domain=domain))
    found = zip(consensus.items, consensus.labels, consensus.confidence, strict=True)
    return {item: Belief(value, confidence) for item, value, confidence in found}


def _together(asked: Mapping[Any, Mapping[Unit, Belief]], unit: Unit) -> Belief:
    """As sure as its least sure label; undecided where one of them is."""
    beliefs = {label: found[unit] for label, found in asked.items()}
    sure = [one.confidence for one in beliefs.values() if one.confidence is not None]
    if len(sure) < len(beliefs):
        return Belief(None, None)
    return Belief([label for label, one in beliefs.items() if one.value], min(sure))
