"""A reviewer's own queues and batches: nothing about how anybody else does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from reviews.models import (
    HELD,
    Assignment,
    AssignmentStatus,
    PanelSeat,
)
from reviews.queries.qualifications import Phase, Stage, list_stages


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
    # The batch that waits to be finished, and where it goes on.
    open_batch: UUID | None
    next_assignment: UUID | None
    # None: live batches are all there is.
    qualification: Stage | None = None


@dataclass(frozen=True)
class Seat:
    queue_id: int
    reviewer_id: int
    queue_title: str


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
    # Its reviewer is told about it afterwards.
    is_qualification: bool


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
            "queue__qualification_size",
        )
    )
    reviewers = [seat["reviewer_id"] for seat in seats]
    done = _done_today(reviewers, now)
    places = _open_places(reviewers, now)
    stages = _stages(
        [seat["queue_id"] for seat in seats if seat["queue__qualification_size"]],
        user_id,
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
            open_batch=batch,
            next_assignment=assignment,
            qualification=stages.get((seat["queue_id"], seat["reviewer_id"])),
        )
        for seat in seats
        for batch, assignment in (places.get(seat["queue_id"], (None, None)),)
    ]


def _stages(queue_ids: list[int], user_id: int) -> dict[tuple[int, int], Stage]:
    if not queue_ids:
        return {}
    stages = list_stages(queue_ids=queue_ids, user_id=user_id)
    return {
        (one.queue_id, one.reviewer_id): one
        for one in stages
        if one.phase != Phase.BEFORE
    }


def _open_places(
    reviewers: Sequence[int], now: datetime
) -> dict[int, tuple[UUID, UUID]]:
    """By queue, the last batch with work in it and its next assignment."""
    rows = (
        Assignment.objects.filter(
            batch__reviewer__in=reviewers,
            status=AssignmentStatus.LIVE,
            leased_until__gt=now,
        )
        .order_by("batch__dealt_at", "batch_id", "-position", "-pk")
        .values_list("batch__queue_id", "batch__public_id", "public_id")
    )
    return {queue: (batch, assignment) for queue, batch, assignment in rows}


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


@dataclass(frozen=True)
class OpenBatch:
    """A batch with work in it, and where that goes on."""

    public_id: UUID
    next_assignment: UUID


@dataclass(frozen=True)
class Standing:
    """Where a reviewer stands in a queue when they ask for a batch."""

    # Something in hand, in whatever queue, has run out and is to be swept first.
    has_lapsed: bool
    # No less than is held of it: what comes back into a batch was given up first.
    dealt_today: int
    # The batch that is not finished.
    open_batch: OpenBatch | None


STANDING = """
SELECT EXISTS (
    SELECT FROM reviews_assignment
    WHERE reviewer_id = %(reviewer)s AND status = 'LIVE' AND leased_until <= %(now)s
), (
    SELECT coalesce(sum(size), 0)::integer FROM reviews_batch
    WHERE reviewer_id = %(reviewer)s AND queue_id = %(queue)s
        AND dealt_at >= %(midnight)s
), (
    SELECT ARRAY[batch.public_id, live.public_id] FROM reviews_assignment live
    JOIN reviews_batch batch ON batch.id = live.batch_id
    WHERE live.reviewer_id = %(reviewer)s AND live.queue_id = %(queue)s
        AND live.status = 'LIVE'
    ORDER BY batch.dealt_at DESC, batch.id, live.position LIMIT 1
)
"""


def get_standing(*, queue_id: int, reviewer_id: int, now: datetime) -> Standing:
    given: dict[str, Any] = {
        "queue": queue_id,
        "reviewer": reviewer_id,
        "now": now,
        "midnight": midnight_before(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(STANDING, given)
        has_lapsed, dealt_today, place = cursor.fetchone()
    return Standing(has_lapsed, dealt_today, OpenBatch(*place) if place else None)


def count_held_today(
    *, queue_id: int, now: datetime, reviewer_id: int | None = None
) -> int:
    """What daily caps count: dealt today, and held or submitted."""
    held = Assignment.objects.filter(
        batch__queue_id=queue_id,
        batch__dealt_at__gte=midnight_before(now),
        status__in=HELD,
    )
    if reviewer_id is not None:
        held = held.filter(batch__reviewer_id=reviewer_id)
    return held.count()


# Of the batches with the first of the items: in them are all, and no other fresh one.
ELSEWHERE = """
SELECT EXISTS (
    SELECT FROM reviews_assignment shared
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE purpose = 'FRESH') AS fresh,
            count(*) FILTER (WHERE purpose = 'FRESH' AND item_id = ANY (%(items)s))
                AS same,
            count(*) FILTER (WHERE purpose <> 'FRESH') AS unseen
        FROM reviews_assignment WHERE batch_id = shared.batch_id
    ) AS dealt
    WHERE shared.queue_id = %(queue)s AND shared.item_id = %(first)s
        AND shared.purpose = 'FRESH'
        AND dealt.fresh = %(count)s AND dealt.same = %(count)s
        AND dealt.unseen >= %(least)s
)
"""


def is_dealt_elsewhere(
    *, queue_id: int, item_ids: Sequence[int], with_unseen: bool
) -> bool:
    """Whether some batch of the queue has just these items as its fresh ones.

    `with_unseen`: only a batch that carries gold or retests besides.
    """
    given: dict[str, Any] = {
        "queue": queue_id,
        "items": list(item_ids),
        "first": item_ids[0],
        "count": len(item_ids),
        "least": 1 if with_unseen else 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(ELSEWHERE, given)
        return bool(cursor.fetchone()[0])


# Asked at every deal, so that it is written out.
SEAT = """
SELECT seat.queue_id, seat.reviewer_id, queue.title
FROM reviews_panelseat seat
JOIN reviews_member member ON member.id = seat.reviewer_id
JOIN reviews_queue queue ON queue.id = seat.queue_id
JOIN reviews_project project ON project.id = queue.project_id
WHERE project.slug = %s AND project.retired_at IS NULL AND queue.slug = %s
    AND member.user_id = %s AND member.is_active AND seat.is_active
"""


def get_seat(*, user_id: int, project: str, queue: str) -> Seat:
    with connection.cursor() as cursor:
        cursor.execute(SEAT, [project, queue, user_id])
        row = cursor.fetchone()
    if row is None:
        raise NotOnPanel(f"{project}/{queue}")
    return Seat(*row)


# Read on every click, so that it is one statement, written out.
PROGRESS = """
SELECT project.slug, queue.slug, queue.title, ended.*
FROM reviews_batch batch
JOIN reviews_member member ON member.id = batch.reviewer_id
JOIN reviews_queue queue ON queue.id = batch.queue_id
JOIN reviews_project project ON project.id = queue.project_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status IN ('LIVE', 'SUBMITTED')) AS size,
        count(*) FILTER (WHERE status = 'SUBMITTED') AS done,
        count(*) FILTER (WHERE status = 'SKIPPED') AS skipped,
        count(*) FILTER (WHERE status = 'RETURNED') AS returned,
        count(*) FILTER (WHERE status = 'ESCALATED') AS escalated,
        count(*) FILTER (WHERE status = 'EXPIRED') AS expired,
        (array_agg(public_id ORDER BY position)
            FILTER (WHERE status = 'LIVE'))[1] AS next_assignment,
        batch.qualification_id IS NOT NULL AS is_qualification
    FROM reviews_assignment WHERE batch_id = batch.id
) AS ended
WHERE batch.public_id = %s AND member.user_id = %s
"""


def get_batch_progress(*, batch: UUID, user_id: int) -> BatchProgress:
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, [batch, user_id])
        row = cursor.fetchone()
    if row is None:
        raise UnknownBatch(str(batch))
    return BatchProgress(batch, *row)
