"""Counting ratings: never gold, never a retest, never two rubric versions in one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Collate

from calibration.queries.criteria import Scale
from labeling.models import Adjudication, Dispute, Judgment, LeftOut, Rating

CHUNK = 5000

# Item and rater by name: a figure must not depend on the ids of a database.
Triple = tuple[str, str, Any]
# What one rater gave one item.
Given = tuple[str, Any]
# What is rated: an item by its name, or a step of one by both.
Unit = str | tuple[str, int]
UnitTriple = tuple[Unit, str, Any]


@dataclass(frozen=True)
class JudgedVersion:
    """A rubric version under which a queue has counting judgments."""

    queue_id: int
    version_id: int
    number: int
    n_judgments: int


def stream_ratings(
    *, queue_id: int, version_id: int, criterion_id: int
) -> Iterator[Triple]:
    """Of items as a whole: on a criterion of steps, of those without any."""
    rows = _counting(queue_id, version_id, criterion_id).filter(step=0)
    triples = rows.values_list(
        "judgment__item__external_id", "judgment__reviewer__handle", "value"
    )
    return triples.order_by().iterator(chunk_size=CHUNK)


def stream_units(
    *, queue_id: int, version_id: int, scale: Scale
) -> Iterator[UnitTriple]:
    """Of items, or of the steps of items: never two ratings of one unit by one rater."""
    if not scale.is_per_step:
        return stream_ratings(
            queue_id=queue_id, version_id=version_id, criterion_id=scale.criterion_id
        )
    rows = _counting(queue_id, version_id, scale.criterion_id).values_list(
        "judgment__item__external_id", "step", "judgment__reviewer__handle", "value"
    )
    return (
        ((item, step), rater, value)
        for item, step, rater, value in rows.order_by().iterator(chunk_size=CHUNK)
    )


def stream_rated_items(
    *, queue_id: int, version_id: int, criterion_id: int
) -> Iterator[tuple[str, Iterable[Given]]]:
    """Item by item in the order of their names, so that one is held at a time."""
    rows = (
        _counting(queue_id, version_id, criterion_id)
        .filter(step=0)
        .annotate(name=Collate("judgment__item__external_id", "C"))
        .order_by("name")
        .values_list("name", "judgment__reviewer__handle", "value")
        .iterator(chunk_size=CHUNK)
    )
    for item, triples in groupby(rows, key=itemgetter(0)):
        yield item, ((rater, value) for _, rater, value in triples)


def _counting(queue_id: int, version_id: int, criterion_id: int) -> QuerySet[Rating]:
    return Rating.objects.filter(
        judgment__queue_id=queue_id,
        judgment__rubric_version_id=version_id,
        judgment__counts=True,
        criterion_id=criterion_id,
    )


def count_judgments(*, queue_id: int, version_id: int) -> int:
    return Judgment.objects.filter(
        queue_id=queue_id, rubric_version_id=version_id, counts=True
    ).count()


def count_taken_back(*, queue_id: int, version_id: int) -> int:
    """It only grows: where it is the same, no other count of judgments fell."""
    return Judgment.objects.filter(
        queue_id=queue_id, rubric_version_id=version_id, withdrawn_at__isnull=False
    ).count()


def count_adjudications(*, queue_id: int, version_id: int) -> int:
    return Adjudication.objects.filter(
        dispute__queue_id=queue_id, dispute__criterion__version_id=version_id
    ).count()


def count_open_disputes(*, queue_id: int, version_id: int) -> int:
    return Dispute.objects.filter(
        queue_id=queue_id,
        criterion__version_id=version_id,
        adjudication__isnull=True,
    ).count()


def count_gold_judgments(*, queue_id: int, version_id: int) -> int:
    return Judgment.objects.filter(
        queue_id=queue_id, rubric_version_id=version_id, left_out=LeftOut.GOLD
    ).count()


def list_disputed(*, queue_id: int, version_id: int) -> set[tuple[int, int, int]]:
    """Item, criterion and step of every dispute, settled or not."""
    rows = Dispute.objects.filter(queue_id=queue_id, criterion__version_id=version_id)
    return set(rows.values_list("item_id", "criterion_id", "step"))


def list_judged_versions(queue_id: int | None = None) -> list[JudgedVersion]:
    """Of one queue or of all, oldest version first."""
    judgments = Judgment.objects.filter(counts=True)
    if queue_id is not None:
        judgments = judgments.filter(queue_id=queue_id)
    rows = (
        judgments.values_list("queue_id", "rubric_version_id", "rubric_version__number")
        .annotate(n=Count("pk"))
        .order_by("queue_id", "rubric_version__number", "rubric_version_id")
    )
    return [JudgedVersion(*row) for row in rows]
