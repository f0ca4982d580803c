"""Presentations made ready before the first reviewer is dealt the item."""

from datetime import datetime

from django.core.cache import cache

from reviews.models import Slot, SlotState
from reviews.rendering.pieces import made_with
from reviews.services.presentations import prepare_presentables

CHUNK = 500


def mark() -> str:
    """Under which is kept how far the slots were gone through. Lost, it starts again
    from the first, and so it does when pieces are made in another way; what it
    misses, the deal prepares."""
    return f"reviews.prepared_until.{made_with()}"


def prepare_next(*, now: datetime) -> int:
    """Prepare the items of the next slots; how many slots that were."""
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
