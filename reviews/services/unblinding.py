"""Unblinding: a lead looks at where an item came from, and says why."""

from datetime import datetime

from django.db import transaction

from reviews.models import Assignment, Unblinding


def unblind_item(*, item_id: int, lead_id: int, reason: str, now: datetime) -> None:
    """Record that the lead is shown where the item came from.

    Judgments that come later are marked by the trigger on judgments, whoever
    makes them: nobody can say who heard of it.
    """
    Unblinding.objects.create(
        item_id=item_id, lead_id=lead_id, reason=reason, revealed_at=now
    )


@transaction.atomic
def unblind_batch(*, batch_id: int, lead_id: int, reason: str, now: datetime) -> int:
    """The same for every item of a batch; how many there were."""
    items = Assignment.objects.filter(batch_id=batch_id).order_by("item_id")
    made = Unblinding.objects.bulk_create(
        Unblinding(
            item_id=item_id,
            batch_id=batch_id,
            lead_id=lead_id,
            reason=reason,
            revealed_at=now,
        )
        for item_id in items.values_list("item_id", flat=True).distinct()
    )
    return len(made)
