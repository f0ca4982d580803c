"""What a lead does with an item that a reviewer escalated."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from reviews.models import AssignmentStatus, Slot, SlotState


class UnknownEscalation(Exception):
    """No reviewer of this queue escalated such an assignment."""


class Settled(Enum):
    BACK = _("Back in the queue: another reviewer gets it.")
    WITHDRAWN = _("Withdrawn: nobody is asked about this item here any more.")
    BEYOND = _("Not asked for any more: the overlap of the queue is lower now.")
    BEFORE = _("This was settled already.")

    @property
    def words(self) -> str:
        return gettext(self.value)


@transaction.atomic
def settle_escalation(
    *, queue_id: int, assignment: UUID, is_kept: bool, now: datetime
) -> Settled:
    """Open the escalated slot again, or withdraw whatever of the item still waits."""
    slot = (
        Slot.objects.select_for_update(of=("self",), no_key=True)
        .select_related("queue")
        .filter(
            queue_id=queue_id,
            assignment__public_id=assignment,
            assignment__status=AssignmentStatus.ESCALATED,
        )
        .first()
    )
    if slot is None:
        raise UnknownEscalation(str(assignment))
    if slot.state != SlotState.ESCALATED:
        return Settled.BEFORE
    return _put_back(slot) if is_kept else _withdraw(slot, now)


def _put_back(slot: Slot) -> Settled:
    others = Slot.objects.filter(queue=slot.queue, item_id=slot.item_id)
    others = others.exclude(pk=slot.pk).exclude(state=SlotState.WITHDRAWN)
    is_wanted = others.count() < slot.queue.overlap
    slot.state = SlotState.OPEN if is_wanted else SlotState.WITHDRAWN
    slot.save(update_fields=["state"])
    return Settled.BACK if is_wanted else Settled.BEYOND


def _withdraw(slot: Slot, now: datetime) -> Settled:
    """What others hold they may finish; if they do not, it is not dealt again."""
    slots = Slot.objects.filter(queue=slot.queue, item_id=slot.item_id)
    slots.exclude(state=SlotState.FILLED).update(closed_at=now)
    waiting = [SlotState.OPEN, SlotState.HELD, SlotState.ESCALATED]
    slots.filter(state__in=waiting).update(state=SlotState.WITHDRAWN)
    return Settled.WITHDRAWN
