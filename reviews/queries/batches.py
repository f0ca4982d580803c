"""A reviewer's own queues and batches: nothing about how anybody else does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, Subquery
from django.utils import timezone

from reviews.models import (
    HELD,
    Assignment,
    AssignmentStatus,
    Batch,
    PanelSeat,
    Purpose,
)


class UnknownBatch(Exception):
    """No batch with that id was dealt to this person."""


class NotOnPanel(Exception):
    """This person has no seat on the panel of such a queue."""


@dataclass(frozen=True)
class ReviewQueue:
    """A queue as its reviewer sees it on their desk."""

    project: str
    project_name: str
    slug: str
    title: str
    batch_size: int
    done_today: int
    daily_cap: int
    # The batch that waits to be finished.
    open_batch: UUID | None


@dataclass(frozen=True)
class Seat:
    queue_id: int
    reviewer_id: int


@dataclass(frozen=True)
class BatchProgress:
    """How far a reviewer is with a batch."""

    batch: UUID
    project: str
    queue: str
    queue_title: str
    size: int
    done: int
    skipped: int
    returned: int
    escalated: int
    expired: int
    next_assignment: UUID | None


def list_review_queues(*, user_id: int, now: datetime) -> list[ReviewQueue]:
    seats = list(
        PanelSeat.objects.filter(
            reviewer__user_id=user_id,
            reviewer__is_active=True,
            is_active=True,
            queue__project__retired_at__isnull=True,
        )
        .order_by("queue__title", "pk")
        .values(
            "queue_id",
            "reviewer_id",
            "queue__project__slug",
            "queue__project__name",
            "queue__slug",
            "queue__title",
            "queue__batch_size",
            "queue__daily_cap",
        )
    )
    reviewers = [seat["reviewer_id"] for seat in seats]
    done = _done_today(reviewers, now)
    open_batches = dict(
        Batch.objects.filter(
            reviewer__in=reviewers,
            assignments__status=AssignmentStatus.LIVE,
            assignments__leased_until__gt=now,
        )
        .order_by("dealt_at", "pk")
        .values_list("queue_id", "public_id")
    )
    return [
        ReviewQueue(
            project=seat["queue__project__slug"],
            project_name=seat["queue__project__name"],
            slug=seat["queue__slug"],
            title=seat["queue__title"],
            batch_size=seat["queue__batch_size"],
            done_today=done.get(seat["queue_id"], 0),
            daily_cap=seat["queue__daily_cap"],
            open_batch=open_batches.get(seat["queue_id"]),
        )
        for seat in seats
    ]


def _done_today(reviewers: Sequence[int], now: datetime) -> dict[int, int]:
    rows = (
        Assignment.objects.filter(
            reviewer__in=reviewers,
            batch__dealt_at__gte=midnight_before(now),
            status=AssignmentStatus.SUBMITTED,
        )
        .order_by()
        .values_list("queue_id")
        .annotate(done=Count("pk"))
    )
    return dict(rows)


def midnight_before(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def count_held_since(
    *, queue_id: int, since: datetime, reviewer_id: int | None = None
) -> int:
    """What a daily cap counts: dealt since then, and held or submitted."""
    held = Assignment.objects.filter(
        batch__queue_id=queue_id, batch__dealt_at__gte=since, status__in=HELD
    )
    if reviewer_id is not None:
        held = held.filter(batch__reviewer_id=reviewer_id)
    return held.count()


def is_dealt_elsewhere(
    *, queue_id: int, item_ids: Sequence[int], with_unseen: bool
) -> bool:
    """Whether some batch of the queue has just these items as its fresh ones.

    `with_unseen`: only a batch that carries gold or retests besides.
    """
    fresh = Q(assignments__purpose=Purpose.FRESH)
    shared = Assignment.objects.filter(
        queue_id=queue_id, item_id=item_ids[0], purpose=Purpose.FRESH
    )
    return (
        Batch.objects.filter(pk__in=shared.values("batch"))
        .alias(
            fresh=Count("assignments", filter=fresh),
            same=Count("assignments", filter=fresh & Q(assignments__item__in=item_ids)),
            unseen=Count("assignments", filter=~fresh),
        )
        .filter(
            fresh=len(item_ids), same=len(item_ids), unseen__gte=1 if with_unseen else 0
        )
        .exists()
    )


def get_seat(*, user_id: int, project: str, queue: str) -> Seat:
    row = (
        PanelSeat.objects.filter(
            reviewer__user_id=user_id,
            reviewer__is_active=True,
            is_active=True,
            queue__slug=queue,
            queue__project__slug=project,
            queue__project__retired_at__isnull=True,
        )
        .values_list("queue_id", "reviewer_id")
        .first()
    )
    if row is None:
        raise NotOnPanel(f"{project}/{queue}")
    return Seat(*row)


def get_batch_progress(*, batch: UUID, user_id: int) -> BatchProgress:
    """One row: this and the next item are read on every submit."""
    next_live = (
        Assignment.objects.filter(batch__public_id=batch, status=AssignmentStatus.LIVE)
        .order_by("position")
        .values("public_id")[:1]
    )
    row = (
        Batch.objects.filter(public_id=batch, reviewer__user_id=user_id)
        .values(
            project=F("queue__project__slug"),
            slug=F("queue__slug"),
            title=F("queue__title"),
            live=_count(AssignmentStatus.LIVE),
            done=_count(AssignmentStatus.SUBMITTED),
            skipped=_count(AssignmentStatus.SKIPPED),
            returned=_count(AssignmentStatus.RETURNED),
            escalated=_count(AssignmentStatus.ESCALATED),
            expired=_count(AssignmentStatus.EXPIRED),
            next_assignment=Subquery(next_live),
        )
        .first()
    )
    if row is None:
        raise UnknownBatch(str(batch))
    return BatchProgress(
        batch=batch,
        project=row["project"],
        queue=row["slug"],
        queue_title=row["title"],
        size=row["live"] + row["done"],
        done=row["done"],
        skipped=row["skipped"],
        returned=row["returned"],
        escalated=row["escalated"],
        expired=row["expired"],
        next_assignment=row["next_assignment"],
    )


def _count(status: AssignmentStatus) -> Count:
    return Count("assignments", filter=Q(assignments__status=status))
