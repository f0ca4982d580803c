"""Pausing a queue or one reviewer's seat: nothing is dealt, work in hand goes on."""

from django.db import transaction
from django.utils.translation import gettext as _

from reviews.models import PanelSeat, Queue

REASON_LENGTH = 500


class UnknownSeat(Exception):
    """Nobody of that name sits on the panel."""


class ReasonMissing(Exception):
    """A pause tells the reviewers why."""


@transaction.atomic
def pause_queue(*, queue_id: int, reason: str) -> None:
    Queue.objects.filter(pk=queue_id).update(paused_because=_reason(reason))


@transaction.atomic
def resume_queue(*, queue_id: int) -> None:
    Queue.objects.filter(pk=queue_id).update(paused_because="")


@transaction.atomic
def pause_seat(*, queue_id: int, handle: str, reason: str) -> None:
    _update_seat(queue_id, handle, _reason(reason))


@transaction.atomic
def resume_seat(*, queue_id: int, handle: str) -> None:
    _update_seat(queue_id, handle, "")


def _update_seat(queue_id: int, handle: str, paused_because: str) -> None:
    # No handle holds a NUL, and the database would not take one.
    if "\x00" in handle:
        raise UnknownSeat("nobody of that name sits on the panel of this queue")
    seats = PanelSeat.objects.filter(
        queue_id=queue_id, reviewer__handle=handle, is_active=True
    )
    if not seats.update(paused_because=paused_because):
        raise UnknownSeat(f"{handle!r} does not sit on the panel of this queue")


def _reason(words: str) -> str:
    # The database keeps no NUL.
    reason = words.replace("\x00", "").strip()[:REASON_LENGTH]
    if not reason:
        raise ReasonMissing(_("Say why: the reviewers are told."))
    return reason
