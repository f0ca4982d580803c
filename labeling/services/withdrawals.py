"""Taking back the last judgment of a batch that is still open."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from labeling.formats.field_names import rationale_name, value_name
from labeling.models import Draft, Judgment, LeftOut, Recheck
from reviews.models import Assignment, AssignmentStatus, Batch
from reviews.services.leases import hand_out_again


class NothingToTakeBack(Exception):
    """No judgment can be taken back here; the message says why."""


OVER = _("The batch is over: what was judged in it stands.")
NONE_YET = _("There is no judgment to take back: this is the first item of the batch.")
OFTEN = _("This item was judged anew already: the judgment stands.")
REVISED = _(
    "The rubric has been revised since: what was judged under the old one stands."
)
# An item can be judged so often in one batch.
MOST = 3


@transaction.atomic
def take_back(*, assignment_id: int, now: datetime) -> UUID:
    """Put the item judged last back into its reviewer's hand, with what was typed.

    Asked for with the assignment whose page is open. The judgment stays and counts
    nowhere. Gives the public id of the assignment under which the item is judged
    anew; asked again from the same page, it gives the same one. Nothing here may
    hang on what kind of item it is.
    """
    batch = Batch.objects.get(assignments=assignment_id)
    held, until = _lock_batch(batch, now)
    again = _taken_back(held)
    if again is not None and again.pk != assignment_id:
        return again.public_id
    judgment = (
        Judgment.objects.filter(assignment__in=held, withdrawn_at__isnull=True)
        .order_by("-pk")
        .first()
    )
    if judgment is None:
        raise NothingToTakeBack(NONE_YET)
    old = next(one for one in held if one.pk == judgment.assignment_id)
    if sum(one.item_id == old.item_id for one in held) >= MOST:
        raise NothingToTakeBack(OFTEN)
    if old.rubric_version_id != old.queue.rubric_version_id:
        raise NothingToTakeBack(REVISED)
    return _replace(judgment, old, batch, until=until, now=now)


def _lock_batch(batch: Batch, now: datetime) -> tuple[list[Assignment], datetime]:
    """The assignments of the batch, and until when it is in hand."""
    held = list(
        # The reviewer first, as where a lapsed item is taken again.
        Assignment.objects.select_for_update(of=("reviewer", "self"), no_key=True)
        .select_related("reviewer", "queue", "slot")
        .filter(batch=batch)
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
    return held, max(leases)


def _taken_back(held: list[Assignment]) -> Assignment | None:
    """What was taken back before and is not judged again yet."""
    times = set(
        Judgment.objects.filter(
            assignment__in=held, withdrawn_at__isnull=False
        ).values_list("withdrawn_at", flat=True)
    )
    waiting = [
        one
        for one in held
        if one.status == AssignmentStatus.LIVE and one.created_at in times
    ]
    return waiting[-1] if waiting else None


def _replace(
    judgment: Judgment, old: Assignment, batch: Batch, *, until: datetime, now: datetime
) -> UUID:
    typed = _typed(judgment, old)
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
        typed[value_name(key, rating.step)] = [str(one) for one in _listed(shown)]
        if rating.rationale:
            typed[rationale_name(key, rating.step)] = [rating.rationale]
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
