"""What a batch carries unseen: gold, and items its reviewer has judged before."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery

from reviews.models import Assignment, AssignmentStatus, Purpose
from reviews.sampling import count_seeded, pick_balanced
from reviews.services.seats import TakenSeat

# Of the items that are old enough, those judged last are drawn from.
RETEST_POOL = 500


# By band: how often its cases were gold to this reviewer, and those that are ready.
# Of a qualification its reviewer is told the answers: gold no more, to them.
GOLD = """
SELECT seed.band, sum(mine.had)::integer,
    coalesce(array_agg(seed.item_id ORDER BY seed.id) FILTER (WHERE mine.is_ready), '{}')
FROM reviews_seed seed
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE queue_id = %(queue)s AND purpose = 'GOLD') AS had,
        seed.is_active AND seed.use <> 'QUALIFICATION'
        AND NOT EXISTS (SELECT FROM reviews_erasure WHERE item_id = seed.item_id)
        AND bool_or(status = 'LIVE' OR purpose = 'QUALIFICATION'
            OR created_at > %(since)s) IS NOT TRUE AS is_ready
    FROM reviews_assignment
    WHERE reviewer_id = %(reviewer)s AND item_id = seed.item_id
) AS mine
WHERE seed.queue_id = %(queue)s
GROUP BY seed.band ORDER BY min(seed.id) FILTER (WHERE mine.is_ready)
"""


def pick_gold(seat: TakenSeat, size: int, now: datetime, rng: Random) -> list[int]:
    """Gold that this reviewer has not had of late, the bands evened out over time."""
    count = count_seeded(size, seat.gold_rate, rng)
    if count == 0:
        return []
    given: dict[str, Any] = {
        "queue": seat.queue_id,
        "reviewer": seat.reviewer_id,
        "since": now - timedelta(days=seat.gold_period_days),
    }
    with connection.cursor() as cursor:
        cursor.execute(GOLD, given)
        rows = cursor.fetchall()
    ready = [(band, item_id) for band, _, item_ids in rows for item_id in item_ids]
    return pick_balanced(ready, count, rng, had={band: had for band, had, _ in rows})


def pick_retests(seat: TakenSeat, size: int, now: datetime, rng: Random) -> list[int]:
    """Items that this reviewer judged long enough ago, each retested once at most."""
    count = count_seeded(size, seat.retest_rate, rng)
    if count == 0:
        return []
    submitted = Assignment.objects.filter(
        queue=seat.queue_id,
        reviewer_id=seat.reviewer_id,
        batch__isnull=False,
        status=AssignmentStatus.SUBMITTED,
    ).order_by("-batch_id", "-pk")
    # One batch of a queue is over before the next is dealt: what stands before the
    # batch of the n-th last judgment has at least n judgments after it.
    nth = max(seat.retest_after_items, 1) - 1
    boundary = submitted.values_list("batch_id", flat=True)[nth : nth + 1]
    again = Assignment.objects.filter(
        Q(status=AssignmentStatus.LIVE) | Q(purpose=Purpose.RETEST),
        reviewer_id=seat.reviewer_id,
        item=OuterRef("item"),
    )
    old = submitted.filter(
        ~Exists(again),
        batch_id__lt=Subquery(boundary),
        purpose=Purpose.FRESH,
        item__erasure=None,
        rubric_version_id=seat.rubric_version_id,
        # It was judged before its lease ended.
        leased_until__lte=now - timedelta(days=seat.retest_after_days),
    ).values_list("item_id", flat=True)
    pool = list(old[:RETEST_POOL])
    return rng.sample(pool, min(count, len(pool)))
