"""Setting what a reviewer's record allows: by rule, or by a lead with a reason."""

from datetime import datetime

from django.db import transaction

from calibration.models import Standing, StandingState
from calibration.queries.reviewer_work import find_pause, list_seated
from calibration.services.standing_rule import Finding
from reviews.models import Member, Queue
from reviews.services.pauses import UnknownSeat, pause_seat, resume_seat

# The only thing that a suspended reviewer reads: nothing of gold, nothing of others.
TOLD = "Your lead would like to talk with you before you go on."
# A lead's decision holds until so many more gold answers are in.
PATIENCE = 10


class UnknownReviewer(Exception):
    """Nobody of that name sits on the panel of the queue or has judged in it."""


class ReasonMissing(Exception):
    """A lead's decision needs a reason."""


@transaction.atomic
def set_standing(
    *,
    queue_id: int,
    handle: str,
    state: StandingState,
    reason: str,
    set_by_id: int,
    n_gold: int,
    now: datetime,
) -> None:
    """A lead decides, whatever the rule says."""
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise ReasonMissing("Say why: the decision stays on record.")
    if handle not in list_seated(queue_id):
        raise UnknownReviewer(f"{handle!r} is not on the panel of this queue")
    _append(queue_id, handle, state, reason, n_gold, now, set_by_id)


@transaction.atomic
def follow_rule(
    *, queue_id: int, handle: str, finding: Finding, n_gold: int, now: datetime
) -> bool:
    """Let the rule have its way, unless a lead decided lately; whether it changed."""
    # Two sweeps at once must not both append.
    Queue.objects.select_for_update().get(pk=queue_id)
    newest = (
        Standing.objects.filter(queue_id=queue_id, reviewer__handle=handle)
        .order_by("-set_at", "-pk")
        .first()
    )
    current = newest.state if newest else StandingState.CLEAR
    is_held = newest is not None and newest.set_by_id is not None
    if newest and is_held and n_gold < newest.n_gold + PATIENCE:
        return False
    if finding.state == current:
        return False
    reason = "; ".join(finding.reasons) or "nothing speaks against it any more"
    _append(queue_id, handle, finding.state, reason, n_gold, now, None)
    return True


def _append(
    queue_id: int,
    handle: str,
    state: StandingState,
    reason: str,
    n_gold: int,
    now: datetime,
    set_by_id: int | None,
) -> None:
    project_id = Queue.objects.get(pk=queue_id).project_id
    Standing.objects.create(
        queue_id=queue_id,
        reviewer=Member.objects.get(project_id=project_id, handle=handle),
        state=state,
        set_by_id=set_by_id,
        reason=reason,
        n_gold=n_gold,
        set_at=now,
    )
    _hold_seat(queue_id, handle, is_suspended=state == StandingState.SUSPENDED)


def _hold_seat(queue_id: int, handle: str, *, is_suspended: bool) -> None:
    """Stop the deal to a suspended reviewer, and undo no pause but our own."""
    try:
        if is_suspended:
            pause_seat(queue_id=queue_id, handle=handle, reason=TOLD)
        elif find_pause(queue_id=queue_id, handle=handle) == TOLD:
            resume_seat(queue_id=queue_id, handle=handle)
    except UnknownSeat:
        # An imported rater has no seat, and nothing is dealt to them.
        return
