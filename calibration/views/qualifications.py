"""What a reviewer is told after a qualification: the answers, beside the gold."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from calibration.queries.feedback import (
    NoFeedback,
    get_feedback_item,
    get_feedback_page,
)
from calibration.services.qualifications import settle_own
from reviews.http import SignedInRequest, as_number, reviewer_page, see_other
from reviews.queries.batches import NotOnPanel, Seat, get_seat


@require_safe
@login_required
def qualification(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    """Whoever asks need not wait for the sweep; what is shown is read as a reviewer."""
    try:
        seat = get_seat(user_id=request.user.pk, project=project, queue=queue)
    except NotOnPanel as error:
        raise Http404 from error
    settle_own(queue_id=seat.queue_id, reviewer_id=seat.reviewer_id, now=timezone.now())
    return _show(request, project, queue, seat)


@reviewer_page
def _show(
    request: SignedInRequest, project: str, queue: str, seat: Seat
) -> HttpResponse:
    page = get_feedback_page(
        queue_id=seat.queue_id,
        reviewer_id=seat.reviewer_id,
        number=as_number(request.GET.get("attempt", "")),
    )
    if page.stage is None and not page.numbers:
        return see_other(reverse("reviews:desk"))
    context = {"page": page, "seat": seat, "project": project, "queue": queue}
    return render(request, "calibration/qualification.html", context)


@require_safe
@reviewer_page
def feedback(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    try:
        page = get_feedback_item(public_id=public_id, user_id=request.user.pk)
    except NoFeedback as error:
        raise Http404 from error
    return render(request, "calibration/feedback.html", {"page": page})
