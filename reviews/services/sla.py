"""Marking what has waited longer than its queue promises."""

from datetime import datetime, timedelta

from django.db import transaction

from reviews.models import Queue, Slot, SlotState

CHUNK = 5000


def raise_breaches(*, now: datetime) -> int:
    """Mark open and taken slots past the SLA of their tier; how many are new."""
    return sum(
        _raise(queue.pk, tier, now - timedelta(hours=hours), now)
        for queue in Queue.objects.filter(sla_hours__len=4).order_by("pk")
        for tier, hours in enumerate(queue.sla_hours)
    )


def _raise(queue_id: int, tier: int, since: datetime, now: datetime) -> int:
    """In chunks, and past the rows that are being dealt: nobody waits for a sweep."""
    marked = 0
    while True:
        with transaction.atomic():
            late = list(
                Slot.objects.filter(
                    queue_id=queue_id,
                    tier=tier,
                    state__in=[SlotState.OPEN, SlotState.TAKEN],
                    overdue_at__isnull=True,
                    opened_at__lte=since,
                )
                .order_by("opened_at", "pk")
                .select_for_update(skip_locked=True, no_key=True)
                .values_list("pk", flat=True)[:CHUNK]
            )
            Slot.objects.filter(pk__in=late).update(overdue_at=now)
        marked += len(late)
        if len(late) < CHUNK:
            return marked


def forget_breaches(*, queue_id: int) -> None:
    """After the promise changed: the next sweep says anew what is late."""
    Slot.objects.filter(
        queue_id=queue_id,
        state__in=[SlotState.OPEN, SlotState.TAKEN],
        overdue_at__isnull=False,
    ).update(overdue_at=None)
