"""Taking back the last judgment of a batch that is still open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from labeling.models import Draft, Judgment, LeftOut, Recheck
from reviews.models import Assignment, AssignmentStatus, Batch
from reviews.services.leases import SlotGone, hand_out_again


class NothingToTakeBack(Exception):
    """No judgment can be taken back here; the message says why."""


OVER = "The batch is over: what was judged in it stands."
NOT_NOW = "This item is not judged any more at present: the judgment stands."
NONE_YET = "There is no judgment to take back: this is the first item of the batch."


@transaction.atomic
def take_back(*, batch_id: int, now: datetime) -> UUID:
    """Put the item judged last back into its reviewer's hand, with what was typed.

    The judgment stays and counts nowhere. Gives the public id of the assignment
    under which the item is judged anew.
    """
    held = list(
        Assignment.objects.select_for_update(of=("self", "reviewer"), no_key=True)
        .select_related("reviewer")
        .filter(batch_id=batch_id)
        .order_by("pk")
    )
    leases = [
        one.leased_until
        for one in held
        if one.status == AssignmentStatus.LIVE
        and one.leased_until is not None
        and one.leased_until > now
    ]
    if not leases:
        raise NothingToTakeBack(OVER)
    judgment = (
        Judgment.objects.filter(assignment__in=held, withdrawn_at__isnull=True)
        .order_by("-pk")
        .first()
    )
    if judgment is None:
        raise NothingToTakeBack(NONE_YET)
    old = next(one for one in held if one.pk == judgment.assignment_id)
    batch = Batch.objects.get(pk=batch_id)
    try:
        return _replace(judgment, old, batch, until=max(leases), now=now)
    except SlotGone as gone:
        raise NothingToTakeBack(NOT_NOW) from gone


def _replace(
    judgment: Judgment, old: Assignment, batch: Batch, *, until: datetime, now: datetime
) -> UUID:
    typed = _typed(judgment, old)
    if judgment.counts:
        # What it started may have to be looked at again.
        Recheck.objects.get_or_create(queue_id=old.queue_id, item_id=old.item_id)
    judgment.counts = False
    judgment.left_out = LeftOut.WITHDRAWN
    judgment.withdrawn_at = now
    judgment.save(update_fields=["counts", "left_out", "withdrawn_at"])
    old.status = AssignmentStatus.WITHDRAWN
    old.save(update_fields=["status"])
    again = hand_out_again(old, batch, slot=old.slot, until=until, now=now)
    assignment = Assignment.objects.get(public_id=again)
    Draft.objects.create(assignment=assignment, answers=typed, saved_at=now)
    return again


def _typed(judgment: Judgment, old: Assignment) -> dict[str, list[str]]:
    """The form as it was sent, but for the marks in the text."""
    typed: dict[str, list[str]] = {}
    for rating in judgment.ratings.select_related("criterion"):
        key, shown = rating.criterion.key, rating.displayed
        typed[f"value-{key}"] = [str(one) for one in _listed(shown)]
        if rating.rationale:
            typed[f"rationale-{key}"] = [rating.rationale]
    for correction in judgment.corrections.all():
        place = old.response_order.index(correction.response - 1) + 1
        typed[f"correction-{place}"] = [correction.text]
    tags = judgment.failure_tags.values_list("tag", flat=True)
    found = {
        "tags": ", ".join(tags),
        "comment": judgment.comment,
        "disposition": judgment.disposition,
        "could_tell": "on" if judgment.could_tell else "",
    }
    return typed | {name: [text] for name, text in found.items() if text}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
