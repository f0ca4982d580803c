"""Labels: what the judgments of each item come to, one item at a time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from statistics import median
from typing import Any

from django.db.models import F
from django.db.models.functions import Collate

from calibration.queries.criteria import Scale, ScaledVersion
from calibration.queries.ratings import CHUNK, Unit, UnitTriple
from calibration.queries.weighing import Belief, Weighing, get_weighing
from labeling.models import Adjudication, Judgment
from reviews.models import LabelMethod, Purpose

# Beside the methods that a queue may ask for.
MEDIAN, ADJUDICATED, NONE = "MEDIAN", "ADJUDICATED", "NONE"
# Items weighed in one go.
AT_ONCE = 1000


@dataclass(frozen=True)
class Vote:
    handle: str
    value: Any


@dataclass(frozen=True)
class Settlement:
    """An adjudication, as the label and its lineage need it."""

    value: Any
    reason: str
    cause: str
    handle: str


@dataclass(frozen=True)
class Label:
    """The value of one item, or of a step of it, on one criterion, and its support."""

    criterion: str
    # None where the votes do not decide it.
    value: Any
    method: str
    # Votes for the value, of all; for several labels, of the least supported.
    votes_for: int
    n_votes: int
    # How probable the value is, given the votes and what they are worth; for several
    # labels, the least sure. None where the method has no probability.
    confidence: float | None
    reason: str | None
    votes: tuple[Vote, ...]
    settlement: Settlement | None
    # Of a trace, where the criterion is rated for each step; 0: of the item.
    step: int = 0


@dataclass(frozen=True)
class LabelledItem:
    item_id: int
    external_id: str
    n_judgments: int
    is_imported: bool
    # One for each criterion that the item is rated on, whatever came of it.
    labels: tuple[Label, ...]
    # On criteria that are rated for each step: one for each step with a vote.
    step_labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class _Row:
    item_id: int
    external_id: str
    judgment_id: int
    purpose: str
    handle: str
    criterion: str | None
    step: int | None
    value: Any


# Item, criterion and step of a dispute.
Settled = Mapping[tuple[int, str, int], Settlement]


def stream_labels(
    *, queue_id: int, version: ScaledVersion, weighing: Weighing | None = None
) -> Iterator[LabelledItem]:
    """Every item with counting judgments, ordered by its id, byte by byte."""
    weighing = weighing or get_weighing(queue_id=queue_id, version=version)
    settlements = _settlements(queue_id, version)
    by_item = groupby(_rows(queue_id, version), key=lambda row: row.item_id)
    items = (_Voted(list(rows)) for _, rows in by_item)
    while chunk := list(islice(items, AT_ONCE)):
        beliefs = {
            scale.key: weighing.believe(scale, _triples(chunk, scale))
            for scale in version.measured
        }
        for item in chunk:
            yield _labelled(item, version, settlements, beliefs, weighing)


@dataclass(frozen=True)
class Weighed:
    """What a method other than counting says of one item."""

    method: str
    belief: Belief


def label_votes(
    scale: Scale,
    votes: Sequence[Vote],
    settlement: Settlement | None = None,
    weighed: Weighed | None = None,
    *,
    step: int = 0,
) -> Label:
    """Settle one criterion of one item, or of a step of it."""
    values = [vote.value for vote in votes]
    value, method, votes_for, reason = _decide(scale, values)
    confidence = None
    if settlement is not None:
        value, method, reason = _in_order(scale, settlement.value), ADJUDICATED, None
        votes_for = sum(_same(scale, vote, value) for vote in values)
    elif weighed is not None and method == LabelMethod.MAJORITY:
        # Even votes are for the adjudicator, whatever each of them weighs.
        value, method, reason = weighed.belief.value, weighed.method, None
        confidence = weighed.belief.confidence
        if value is None:
            method, reason = NONE, "tie by weight: needs adjudication"
        else:
            votes_for = _votes_for(scale, values, value)
    return Label(
        criterion=scale.key,
        value=value,
        method=method,
        votes_for=votes_for,
        n_votes=len(values),
        confidence=None if confidence is None else round(confidence, 6),
        reason=reason,
        votes=tuple(votes),
        settlement=settlement,
        step=step,
    )


Decision = tuple[Any, str, int, str | None]


def _votes_for(scale: Scale, values: list[Any], value: Any) -> int:
    if scale.level != "multi-label":
        return values.count(value)
    return min(
        sum((label in vote) == (label in value) for vote in values)
        for label in scale.values
    )


def _decide(scale: Scale, values: list[Any]) -> Decision:
    """By counting."""
    if not values:
        return None, NONE, 0, "no rating"
    if scale.level == "interval":
        middle = _whole(median(values))
        return middle, MEDIAN, values.count(middle), None
    if scale.level == "multi-label":
        return _decide_each(scale, values)
    return _plurality(values)


def _plurality(values: Iterable[Any]) -> Decision:
    ranked = Counter(values).most_common(2)
    value, votes_for = ranked[0]
    if len(ranked) > 1 and ranked[1][1] == votes_for:
        return None, NONE, votes_for, "tie: needs adjudication"
    return value, LabelMethod.MAJORITY, votes_for, None


def _decide_each(scale: Scale, values: list[list[str]]) -> Decision:
    """Each label by its own majority; one tied label leaves the item undecided."""
    n_with = {label: sum(label in value for value in values) for label in scale.values}
    tied = [label for label in scale.values if 2 * n_with[label] == len(values)]
    support = min(max(n, len(values) - n) for n in n_with.values())
    if tied:
        reason = f"tie on {', '.join(tied)}: needs adjudication"
        return None, NONE, support, reason
    chosen = [label for label in scale.values if 2 * n_with[label] > len(values)]
    return chosen, LabelMethod.MAJORITY, support, None


def _whole(number: float) -> float:
    """7 for 7.0, so that a median reads like the ratings it is of."""
    return int(number) if number == int(number) else number


def _in_order(scale: Scale, value: Any) -> Any:
    if scale.level != "multi-label":
        return value
    return [label for label in scale.values if label in value]


def _same(scale: Scale, vote: Any, value: Any) -> bool:
    if scale.level == "multi-label":
        return set(vote) == set(value)
    return bool(vote == value)


class _Voted:
    """The rows of one item, its votes by criterion and step."""

    def __init__(self, rows: list[_Row]) -> None:
        self.rows = rows
        self.item_id, self.name = rows[0].item_id, rows[0].external_id
        self.votes: dict[str | None, dict[int, list[Vote]]] = defaultdict(dict)
        for row in rows:
            of_step = self.votes[row.criterion].setdefault(row.step or 0, [])
            of_step.append(Vote(row.handle, row.value))

    def unit(self, scale: Scale, step: int) -> Unit:
        return (self.name, step) if scale.is_per_step else self.name

    def steps(self, scale: Scale) -> list[int]:
        """What of the item has a label: the item itself, or its steps with a vote."""
        return sorted(self.votes[scale.key]) if scale.is_per_step else [0]


def _triples(items: list[_Voted], scale: Scale) -> Iterator[UnitTriple]:
    for item in items:
        for step, votes in item.votes[scale.key].items():
            for vote in votes:
                yield item.unit(scale, step), vote.handle, vote.value


def _labelled(
    item: _Voted,
    version: ScaledVersion,
    settlements: Settled,
    beliefs: Mapping[str, Mapping[Unit, Belief]],
    weighing: Weighing,
) -> LabelledItem:
    def labels(scale: Scale) -> Iterator[Label]:
        for step in item.steps(scale):
            belief = beliefs[scale.key].get(item.unit(scale, step))
            yield label_votes(
                scale,
                item.votes[scale.key].get(step, []),
                settlements.get((item.item_id, scale.key, step)),
                Weighed(weighing.method_of(scale), belief) if belief else None,
                step=step,
            )

    return LabelledItem(
        item_id=item.item_id,
        external_id=item.name,
        n_judgments=len({row.judgment_id for row in item.rows}),
        is_imported=all(row.purpose == Purpose.IMPORT for row in item.rows),
        labels=tuple(one for scale in version.rated for one in labels(scale)),
        step_labels=tuple(one for scale in version.per_step for one in labels(scale)),
    )


def _rows(queue_id: int, version: ScaledVersion) -> Iterator[_Row]:
    """One row a rating, and one for a judgment without any."""
    rows = (
        Judgment.objects.filter(
            queue_id=queue_id, rubric_version_id=version.id, counts=True
        )
        # Order by bytes: that of a language differs from one machine to the next.
        .annotate(name=Collate("item__external_id", "C"))
        .order_by("name", "item_id", Collate("reviewer__handle", "C"), "pk")
        .values_list(
            "item_id",
            F("item__external_id"),
            "pk",
            "assignment__purpose",
            "reviewer__handle",
            "ratings__criterion__key",
            "ratings__step",
            "ratings__value",
        )
    )
    return (_Row(*row) for row in rows.iterator(chunk_size=CHUNK))


def _settlements(queue_id: int, version: ScaledVersion) -> Settled:
    rows = Adjudication.objects.filter(
        dispute__queue_id=queue_id, dispute__criterion__version_id=version.id
    ).values_list(
        "dispute__item_id",
        "dispute__criterion__key",
        "dispute__step",
        "value",
        "reason",
        "cause",
        "adjudicator__handle",
    )
    return {
        (item_id, key, step): Settlement(value, reason, cause, handle)
        for item_id, key, step, value, reason, cause, handle in rows
    }
