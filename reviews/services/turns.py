"""How a reviewer ends what is in hand without judging it.

All of this runs with the rights of the reviewers' role: see `reviews.rights`.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from reviews.models import Assignment, AssignmentStatus, Batch
from reviews.queries.presentations import Hand

REASON_LENGTH = 500
# However long somebody works at a batch: so many times the lease, from dealing.
LONGEST_LEASE = 4
# Before that no lease is asked about: most signs of work cost nothing.
NEAR_THE_END = timedelta(minutes=30)


@transaction.atomic
def skip_assignment(*, assignment_id: int, reason: str) -> bool:
    """Give an item to others with a reason; whether it was still in hand."""
    return _end(assignment_id, AssignmentStatus.SKIPPED, reason)


@transaction.atomic
def escalate_assignment(*, assignment_id: int, reason: str) -> bool:
    """Put an item before the lead with a reason; whether it was still in hand."""
    return _end(assignment_id, AssignmentStatus.ESCALATED, reason)


def _end(assignment_id: int, status: AssignmentStatus, reason: str) -> bool:
    live = Assignment.objects.filter(pk=assignment_id, status=AssignmentStatus.LIVE)
    return bool(live.update(status=status, ended_because=reason[:REASON_LENGTH]))


@transaction.atomic
def return_batch(*, batch: UUID, user_id: int) -> int:
    """Give back what is left of one's batch; how many items that were."""
    mine = Batch.objects.filter(public_id=batch, reviewer__user_id=user_id)
    # What another tab judges, gives back or takes back is waited for, in one order.
    held = (
        Assignment.objects.select_for_update(no_key=True)
        .filter(batch__in=mine, status=AssignmentStatus.LIVE)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    rest = Assignment.objects.filter(pk__in=list(held))
    return rest.update(status=AssignmentStatus.RETURNED)


def keep_in_hand(*, hand: Hand, now: datetime) -> None:
    """Called at every sign of work; asks the database only near a lease's end."""
    if hand.leased_until is not None and hand.leased_until - now < NEAR_THE_END:
        extend_leases(batch=hand.batch, now=now)


# Two tabs that each hold an item of the batch must not wait for each other's: whoever
# works at an item keeps it in hand.
EXTEND = """
WITH held AS (
    SELECT assignment.id, LEAST(%(now)s + q.lease, b.dealt_at + q.longest) AS until
    FROM reviews_batch b JOIN (
        SELECT id, lease_minutes * interval '1 minute' AS lease,
            lease_minutes * %(times)s * interval '1 minute' AS longest
        FROM reviews_queue
    ) q ON q.id = b.queue_id
    JOIN reviews_assignment assignment ON assignment.batch_id = b.id
    WHERE b.public_id = %(batch)s AND assignment.status = 'LIVE'
        AND assignment.leased_until > %(now)s
        AND assignment.leased_until < %(now)s + q.lease / 2
        AND assignment.leased_until < b.dealt_at + q.longest
    FOR NO KEY UPDATE OF assignment SKIP LOCKED
)
UPDATE reviews_assignment SET leased_until = held.until
FROM held WHERE reviews_assignment.id = held.id
"""


@transaction.atomic
def extend_leases(*, batch: UUID, now: datetime) -> int:
    """While a reviewer works, keep the rest of the batch in hand; how many items.

    Only leases that run and are past their half are made longer, so that most
    calls write nothing, and none beyond LONGEST_LEASE leases from dealing.
    """
    with connection.cursor() as cursor:
        cursor.execute(EXTEND, {"now": now, "batch": batch, "times": LONGEST_LEASE})
        return int(cursor.rowcount)
