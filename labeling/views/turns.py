"""Ending a turn at the bench without a judgment."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse

from reviews.http import SignedInRequest, posted_from, reviewer_page, see_other
from reviews.queries.batches import get_batch_progress
from reviews.queries.presentations import UnknownAssignment, get_hand
from reviews.services.turns import escalate_assignment


@posted_from("labeling:bench", "public_id")
@reviewer_page
def escalation(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    try:
        hand = get_hand(public_id=public_id, user_id=request.user.pk)
    except UnknownAssignment as error:
        raise Http404 from error
    if "ESCALATE" not in hand.authority:
        raise Http404
    # The database keeps no NUL.
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    if not reason:
        messages.error(request, "Not escalated yet: say what the lead should look at.")
        return see_other(reverse("labeling:bench", args=[public_id]))
    if escalate_assignment(assignment_id=hand.assignment_id, reason=reason):
        messages.success(request, "Escalated: the lead looks at it.")
    else:
        messages.info(request, "This item was done with already.")
    progress = get_batch_progress(batch=hand.batch, user_id=request.user.pk)
    if progress.next_assignment is None:
        return see_other(reverse("reviews:batch", args=[hand.batch]))
    return see_other(reverse("labeling:bench", args=[progress.next_assignment]))
