"""Presentations made ready before the first reviewer is dealt the item."""

from datetime import datetime

from django.core.cache import cache
from django.db import connection

from reviews.models import Slot, SlotState
from reviews.rendering.pieces import made_with
from reviews.services.presentations import prepare_presentables

CHUNK = 500


def mark() -> str:
    """Under which is kept how far the slots were gone through. Lost, it starts again
    from the first, and so it does when pieces are made in another way; what it
    misses, the deal prepares."""
    return f"reviews.prepared_until.{made_with()}"


# Gold and what is in hand has no open slot, and must not be slower to come than what
# has: a page that took longer would tell.
UNREADY = """
SELECT item_id FROM (
    SELECT item_id FROM reviews_seed WHERE is_active
    UNION SELECT item_id FROM reviews_assignment WHERE status = 'LIVE'
) AS wanted
WHERE NOT EXISTS (
    SELECT FROM reviews_presentable ready
    WHERE ready.item_id = wanted.item_id AND ready.made_with = %s
)
LIMIT %s
"""


def prepare_next(*, now: datetime) -> int:
    """Prepare gold, what is in hand and the items of the next slots; how many slots
    that were."""
    prepare_presentables(item_ids=_list_unready(), now=now)
    slots = list(
        Slot.objects.filter(pk__gt=cache.get(mark(), 0))
        .order_by("pk")
        .values_list("pk", "item_id", "state")[:CHUNK]
    )
    items = {item for _, item, state in slots if state == SlotState.OPEN}
    prepare_presentables(item_ids=items, now=now)
    if slots:
        cache.set(mark(), slots[-1][0], timeout=None)
    return len(slots)


def _list_unready() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(UNREADY, [made_with(), CHUNK])
        return [item_id for (item_id,) in cursor.fetchall()]
