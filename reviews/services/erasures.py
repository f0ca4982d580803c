"""Erasing the text of an item; what was decided about it stays."""

from datetime import datetime

from django.db import connection, transaction

from reviews.erasing import ERASED, without_origin, without_rationales, without_text
from reviews.models import (
    Assignment,
    AssignmentStatus,
    Erasure,
    Item,
    Presentable,
    Seed,
    Slot,
    SlotState,
    Unblinding,
)


class ErasureRefused(Exception):
    """The text cannot be erased; the message says why."""


@transaction.atomic
def erase_item(
    *, item_id: int, lead_id: int | None, reason: str, now: datetime
) -> Erasure:
    """Record it, and leave of the item its shape; it is dealt to nobody any more.

    Where the words about it stand, the services of the other rooms erase them in the
    same transaction: no later one may.
    """
    item = _lock_item(item_id)
    if Erasure.objects.filter(item=item).exists():
        raise ErasureRefused("the text of this item was erased before")
    if not reason.strip():
        raise ErasureRefused("a reason is needed: it stays for good")
    erasure = Erasure.objects.create(
        item=item, lead_id=lead_id, reason=reason.strip(), erased_at=now
    )
    item.content = without_text(item.content)
    item.provenance = without_origin(item.provenance)
    item.signals = without_rationales(item.signals)
    item.save(update_fields=["content", "provenance", "signals"])
    # It is made anew, of what is left, if anybody has to be shown it.
    Presentable.objects.filter(item=item).update(
        content=item.content,
        masks=[],
        opening="",
        responses=[],
        n_passages=0,
        n_steps=0,
        made_with="",
    )
    Unblinding.objects.filter(item=item).update(reason=ERASED)
    _end_dealing(item, now)
    return erasure


def lock_erasing(project_id: int) -> None:
    """Nothing of a project is erased while a release of it is published."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('touchstone erasing'), %s)",
            [project_id],
        )


def _lock_item(item_id: int) -> Item:
    """In the order in which a judgment does: what is being written is waited for."""
    lock_erasing(Item.objects.only("project_id").get(pk=item_id).project_id)
    for held in (Assignment, Slot):
        rows = held.objects.filter(item=item_id).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
    return Item.objects.select_for_update().get(pk=item_id)


def _end_dealing(item: Item, now: datetime) -> None:
    """What is in hand ends, and nothing of it is wanted any more."""
    given = Assignment.objects.filter(item=item)
    given.exclude(ended_because="").update(ended_because=ERASED)
    Slot.objects.filter(item=item, closed_at=None).update(closed_at=now)
    given.filter(status=AssignmentStatus.LIVE).update(status=AssignmentStatus.EXPIRED)
    waiting = [SlotState.OPEN, SlotState.HELD, SlotState.ESCALATED]
    Slot.objects.filter(item=item, state__in=waiting).update(state=SlotState.WITHDRAWN)
    Seed.objects.filter(item=item).update(is_active=False)
