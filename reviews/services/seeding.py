"""What a batch carries unseen: gold, and items its reviewer has judged before."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from reviews.models import (
    Assignment,
    AssignmentStatus,
    Purpose,
    Queue,
    Seed,
    SeedUse,
)
from reviews.sampling import count_seeded, pick_balanced

# Of the items that are old enough, those judged last are drawn from.
RETEST_POOL = 500
LIVE = Q(status=AssignmentStatus.LIVE)
TOLD = Q(purpose=Purpose.QUALIFICATION)


def pick_gold(
    queue: Queue, reviewer_id: int, size: int, now: datetime, rng: Random
) -> list[int]:
    """Gold that this reviewer has not had of late, the bands evened out over time."""
    count = count_seeded(size, queue.gold_rate, rng)
    if count == 0:
        return []
    since = now - timedelta(days=queue.gold_period_days)
    # Of a qualification its reviewer is told the answers: gold no more, to them.
    spent = LIVE | TOLD | Q(created_at__gt=since)
    had = Assignment.objects.filter(
        spent, reviewer_id=reviewer_id, item=OuterRef("item")
    )
    ready = (
        Seed.objects.filter(
            ~Exists(had), queue=queue, is_active=True, item__erasure=None
        )
        .exclude(use=SeedUse.QUALIFICATION)
        .order_by("pk")
        .values_list("band", "item_id")
    )
    return pick_balanced(ready, count, rng, had=_count_bands(queue, reviewer_id))


def _count_bands(queue: Queue, reviewer_id: int) -> Counter[str]:
    had = Assignment.objects.filter(
        queue=queue, reviewer_id=reviewer_id, purpose=Purpose.GOLD
    )
    rows = (
        Seed.objects.filter(queue=queue, item__assignment__in=had)
        .order_by()
        .values_list("band")
        .annotate(had=Count("item__assignment"))
    )
    return Counter(dict(rows))


def pick_retests(
    queue: Queue, reviewer_id: int, size: int, now: datetime, rng: Random
) -> list[int]:
    """Items that this reviewer judged long enough ago, each retested once at most."""
    count = count_seeded(size, queue.retest_rate, rng)
    if count == 0:
        return []
    submitted = Assignment.objects.filter(
        queue=queue,
        reviewer_id=reviewer_id,
        batch__isnull=False,
        status=AssignmentStatus.SUBMITTED,
    ).order_by("-batch_id", "-pk")
    # One batch of a queue is over before the next is dealt: what stands before the
    # batch of the n-th last judgment has at least n judgments after it.
    nth = max(queue.retest_after_items, 1) - 1
    boundary = submitted.values_list("batch_id", flat=True)[nth : nth + 1]
    again = Assignment.objects.filter(
        LIVE | Q(purpose=Purpose.RETEST),
        reviewer_id=reviewer_id,
        item=OuterRef("item"),
    )
    old = submitted.filter(
        ~Exists(again),
        batch_id__lt=Subquery(boundary),
        purpose=Purpose.FRESH,
        item__erasure=None,
        rubric_version_id=queue.rubric_version_id,
        # It was judged before its lease ended.
        leased_until__lte=now - timedelta(days=queue.retest_after_days),
    ).values_list("item_id", flat=True)
    pool = list(old[:RETEST_POOL])
    return rng.sample(pool, min(count, len(pool)))
