"""A seat taken for a deal: what it and its queue say about what is dealt."""

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class TakenSeat:
    """A seat whose reviewer is locked: two tabs deal one after the other."""

    queue_id: int
    reviewer_id: int
    is_backup: bool
    paused_because: str
    queue_paused_because: str
    rubric_version_id: int
    batch_size: int
    lease_minutes: int
    daily_cap: int
    queue_daily_cap: int | None
    qualification_size: int
    gold_rate: float
    gold_period_days: int
    retest_rate: float
    retest_after_days: int
    retest_after_items: int
    has_sla: bool


# Asked at every deal, so that it is written out.
TAKE = """
SELECT seat.queue_id, seat.reviewer_id, seat.is_backup, seat.paused_because,
    queue.paused_because, queue.rubric_version_id, queue.batch_size,
    queue.lease_minutes, queue.daily_cap, queue.queue_daily_cap,
    queue.qualification_size, queue.gold_rate, queue.gold_period_days,
    queue.retest_rate, queue.retest_after_days, queue.retest_after_items,
    queue.sla_hours <> '{}'
FROM reviews_panelseat seat
JOIN reviews_queue queue ON queue.id = seat.queue_id
JOIN reviews_member reviewer ON reviewer.id = seat.reviewer_id
WHERE seat.queue_id = %s AND seat.reviewer_id = %s AND seat.is_active
FOR NO KEY UPDATE OF reviewer
"""


def take_seat(*, queue_id: int, reviewer_id: int) -> TakenSeat | None:
    """None: nobody sits there."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [queue_id, reviewer_id])
        row = cursor.fetchone()
    return None if row is None else TakenSeat(*row)
