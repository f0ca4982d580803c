"""Leases: how long an assignment stays in a reviewer's hand."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext_lazy as _

from reviews.models import (
    HELD,
    Assignment,
    AssignmentStatus,
    Batch,
    Erasure,
    PanelSeat,
    Purpose,
    Slot,
    SlotState,
)
from reviews.queries.qualifications import find_stage, has_room

SWEEP = 1000


TAKEN = _("Somebody else has this item now.")
# Why is for the lead.
WAITS = _("This item waits, for there is a pause.")
NOT_QUALIFIED = _("Your qualification comes before this item.")
TOLD = _("You had this item in a qualification: it is not judged live any more.")
ERASED = _("What this item said was erased: nobody judges it any more.")
WENT_ON = _("Your qualification went on without this item.")


class SlotGone(Exception):
    """The item does not come back; the message says why. The draft stays."""


EXPIRE = """
UPDATE reviews_assignment SET status = 'EXPIRED'
WHERE id = ANY (ARRAY(
    SELECT id FROM reviews_assignment
    WHERE status = 'LIVE' AND leased_until <= %(now)s
        AND (%(reviewer)s::bigint IS NULL OR reviewer_id = %(reviewer)s)
    ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
))
"""


def expire_leases(*, now: datetime, reviewer_id: int | None = None) -> int:
    """End the assignments whose lease has run out, so that others get the items."""
    given: dict[str, Any] = {"now": now, "reviewer": reviewer_id, "limit": SWEEP}
    ended = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(EXPIRE, given)
            due: int = cursor.rowcount
        ended += due
        if due < SWEEP:
            return ended


@transaction.atomic
def renew_lease(*, assignment_id: int, now: datetime) -> UUID:
    """Put an item whose lease has run out back into its reviewer's hand.

    Where the sweep has not come by yet the lease is longer; where it has, the
    same reviewer is given the item anew under another id, if there is still room.
    """
    old = (
        # The reviewer first: what they are dealt elsewhere or take back waits.
        Assignment.objects.select_for_update(of=("reviewer", "self"), no_key=True)
        .select_related("queue", "batch", "reviewer")
        .get(pk=assignment_id)
    )
    if Erasure.objects.filter(item=old.item_id).exists():
        raise SlotGone(ERASED)
    until = now + timedelta(minutes=old.queue.lease_minutes)
    if old.status == AssignmentStatus.LIVE:
        old.leased_until = until
        old.save(update_fields=["leased_until"])
        return old.public_id
    if old.status != AssignmentStatus.EXPIRED or old.batch is None:
        raise SlotGone(TAKEN)
    _check_pauses(old)
    slot = None
    if old.batch.qualification_id is not None:
        _refuse_what_went_on(old, old.batch.qualification_id)
    else:
        _refuse_for_qualification(old)
        if old.slot_id is None:
            _refuse_like_fresh(old, old.batch)
        else:
            slot = _open_slot(old)
    return hand_out_again(old, old.batch, slot=slot, until=until, now=now)


def hand_out_again(
    old: Assignment, batch: Batch, *, slot: Slot | None, until: datetime, now: datetime
) -> UUID:
    """The same item for the same reviewer, in its batch, under another id."""
    last = batch.assignments.aggregate(last=Max("position"))["last"]
    again = Assignment(
        public_id=uuid4(),
        batch=batch,
        queue_id=old.queue_id,
        reviewer_id=old.reviewer_id,
        item_id=old.item_id,
        slot=slot,
        purpose=old.purpose,
        rubric_version_id=old.rubric_version_id,
        position=last + 1,
        response_order=old.response_order,
        leased_until=until,
        created_at=now,
    )
    try:
        with transaction.atomic():
            again.save(force_insert=True)
    except IntegrityError as error:
        # Dealt again in another batch meanwhile.
        raise SlotGone(TAKEN) from error
    return again.public_id


def _check_pauses(old: Assignment) -> None:
    """What was swept is dealt anew, and a pause holds for that too."""
    seats = PanelSeat.objects.filter(
        queue_id=old.queue_id, reviewer_id=old.reviewer_id
    ).values_list("paused_because", flat=True)
    reason = old.queue.paused_because or seats.first()
    if reason:
        message = _("This item waits, for there is a pause: %(reason)s")
        raise SlotGone(message % {"reason": reason})


def _refuse_like_fresh(old: Assignment, batch: Batch) -> None:
    """Gold comes back as often as the fresh items that lapsed with it, or it tells."""
    # Fresh, what came back and is judged is refused by a constraint.
    if batch.assignments.filter(item_id=old.item_id, status__in=HELD).exists():
        raise SlotGone(TAKEN)
    fresh = batch.assignments.filter(
        status=AssignmentStatus.EXPIRED, slot__isnull=False
    )
    open_slot = Slot.objects.filter(
        queue_id=old.queue_id, item_id=OuterRef("item_id"), state=SlotState.OPEN
    )
    n_fresh, n_free = fresh.count(), fresh.filter(Exists(open_slot)).count()
    # Drawn once for all: asking again draws nothing else.
    if n_fresh and Random(str(old.public_id)).random() >= n_free / n_fresh:
        raise SlotGone(TAKEN)


def _refuse_for_qualification(old: Assignment) -> None:
    """Live work waits for the qualification, and is none of what that tells."""
    stage = find_stage(queue_id=old.queue_id, reviewer_id=old.reviewer_id)
    if stage is not None and not stage.phase.is_live:
        raise SlotGone(NOT_QUALIFIED)
    told = Assignment.objects.filter(
        reviewer_id=old.reviewer_id,
        item_id=old.item_id,
        purpose=Purpose.QUALIFICATION,
    )
    if told.exists():
        raise SlotGone(TOLD)


def _refuse_what_went_on(old: Assignment, qualification_id: int) -> None:
    if not has_room(qualification_id=qualification_id, item_id=old.item_id):
        raise SlotGone(WENT_ON)


def _open_slot(old: Assignment) -> Slot:
    slot = (
        Slot.objects.filter(
            queue_id=old.queue_id, item_id=old.item_id, state=SlotState.OPEN
        )
        .order_by("number")
        .select_for_update(skip_locked=True, no_key=True)
        .first()
    )
    if slot is None:
        held = Slot.objects.filter(
            queue_id=old.queue_id, item_id=old.item_id, state=SlotState.HELD
        )
        raise SlotGone(WAITS if held.exists() else TAKEN)
    return slot
