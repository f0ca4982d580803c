"""Opening disputes where ratings spread, and settling them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, connection, transaction

from labeling.models import Adjudication, Criterion, Dispute, Option, Rating
from labeling.queries.rubrics import get_rubric_version
from labeling.services.judgments import violated
from labeling.spread import Scale, is_disputed, share_agreeing
from reviews.models import Purpose, Queue
from reviews.services.presentations import prepare_presentables


class AlreadySettled(Exception):
    """The dispute has its adjudication, which stands."""


class OffScale(Exception):
    """The value is not on the scale of the disputed criterion."""


@dataclass(frozen=True)
class Doubt:
    """A label too doubtful to stand, and why in a few words."""

    item_id: int
    criterion_id: int
    votes: tuple[Any, ...]
    because: str
    # Of a trace, where the criterion is rated for each step; 0: the item.
    step: int = 0


@dataclass
class _Votes:
    """What an item, or a step of it, was given on one criterion of one version."""

    values: list[Any] = field(default_factory=list)
    all_imported: bool = True


# Item, criterion and step.
VoteKey = tuple[int, int, int]


@transaction.atomic
def recheck_items(*, now: datetime, limit: int) -> int:
    """Look at items whose ratings changed; how many were looked at.

    Taking a row from the outbox and what follows from it are one transaction: a
    worker that dies leaves the row to the next.
    """
    items: dict[int, list[int]] = defaultdict(list)
    taken = _take(limit)
    for queue_id, item_id in taken:
        items[queue_id].append(item_id)
    for queue in Queue.objects.filter(pk__in=items).order_by("pk"):
        _open_disputes(queue, items[queue.pk], now)
    return len(taken)


def _take(limit: int) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            # Materialized: a plan that ran the locking part again for each row
            # would take more than the limit.
            "WITH due AS MATERIALIZED (SELECT id FROM labeling_recheck"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)"
            " DELETE FROM labeling_recheck USING due"
            " WHERE labeling_recheck.id = due.id RETURNING queue_id, item_id",
            [limit],
        )
        return list(cursor.fetchall())


def _open_disputes(queue: Queue, item_ids: list[int], now: datetime) -> None:
    votes = _votes(queue.pk, item_ids)
    scales = _scales({criterion_id for _, criterion_id, _ in votes})
    disputed = [
        Doubt(item_id, criterion_id, tuple(given.values), because="", step=step)
        for (item_id, criterion_id, step), given in sorted(votes.items())
        if (len(given.values) >= queue.overlap or given.all_imported)
        and is_disputed(scales[criterion_id], given.values)
    ]
    open_disputes(queue_id=queue.pk, doubts=disputed, now=now)


@transaction.atomic
def open_disputes(*, queue_id: int, doubts: Sequence[Doubt], now: datetime) -> None:
    """One for each doubt; where one is open already, or settled, that stands."""
    Dispute.objects.bulk_create(
        [
            Dispute(
                queue_id=queue_id,
                item_id=one.item_id,
                criterion_id=one.criterion_id,
                step=one.step,
                agreement=share_agreeing(one.votes),
                because=one.because,
                opened_at=now,
                public_id=uuid4(),
            )
            for one in doubts
        ],
        ignore_conflicts=True,
    )
    # Imported items were never dealt, and are looked at now.
    prepare_presentables(item_ids={one.item_id for one in doubts}, now=now)


def _votes(queue_id: int, item_ids: list[int]) -> dict[VoteKey, _Votes]:
    rows = Rating.objects.filter(
        judgment__queue_id=queue_id,
        judgment__item_id__in=item_ids,
        judgment__counts=True,
    ).values_list(
        "judgment__item_id",
        "criterion_id",
        "step",
        "value",
        "judgment__assignment__purpose",
    )
    votes: dict[VoteKey, _Votes] = defaultdict(_Votes)
    for item_id, criterion_id, step, value, purpose in rows:
        given = votes[item_id, criterion_id, step]
        given.values.append(value)
        given.all_imported &= purpose == Purpose.IMPORT
    return votes


def _scales(criterion_ids: Iterable[int]) -> dict[int, Scale]:
    values: dict[int, list[str]] = defaultdict(list)
    options = Option.objects.filter(criterion_id__in=criterion_ids)
    for option in options.order_by("position", "pk"):
        values[option.criterion_id].append(option.value)
    return {
        one.pk: Scale(
            level=one.level,
            values=tuple(values[one.pk]),
            width=float(one.maximum - one.minimum)
            if one.maximum is not None and one.minimum is not None
            else 0.0,
        )
        for one in Criterion.objects.filter(pk__in=criterion_ids)
    }


def adjudicate(
    *,
    dispute_id: int,
    adjudicator_id: int,
    value: Any,
    reason: str,
    cause: str,
    guideline_gap: str = "",
    now: datetime,
) -> None:
    dispute = Dispute.objects.select_related("criterion").get(pk=dispute_id)
    rubric = get_rubric_version(dispute.criterion.version_id)
    criterion = rubric.criterion(dispute.criterion.key)
    if criterion is None or not criterion.has(value):
        raise OffScale(f"{value!r} is not {criterion.expected if criterion else ''}")
    try:
        with transaction.atomic():
            Adjudication.objects.create(
                dispute=dispute,
                adjudicator_id=adjudicator_id,
                value=value,
                reason=reason,
                cause=cause,
                guideline_gap=guideline_gap,
                decided_at=now,
            )
    except IntegrityError as error:
        if violated(error) == "labeling_adjudication_dispute_id_key":
            raise AlreadySettled from error
        raise
