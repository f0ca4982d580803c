"""Erasing the text of an item; what was decided about it stays."""

from datetime import datetime

from django.db import transaction

from reviews.erasing import without_origin, without_rationales, without_text
from reviews.models import (
    Assignment,
    Erasure,
    Item,
    Presentable,
    Slot,
    SlotState,
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
    item = Item.objects.select_for_update(no_key=True).get(pk=item_id)
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
    Assignment.objects.filter(item=item).exclude(ended_because="").update(
        ended_because="[erased]"
    )
    waiting = [SlotState.OPEN, SlotState.HELD, SlotState.ESCALATED]
    Slot.objects.filter(item=item, state__in=waiting).update(
        state=SlotState.WITHDRAWN, closed_at=now
    )
    return erasure
