"""What a lead does to a queue: pause, go on, settle what was escalated."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reviews.http import SignedInRequest, posted_from, see_other
from reviews.queries.access import Access
from reviews.services.escalations import UnknownEscalation, settle_escalation
from reviews.services.pauses import (
    ReasonMissing,
    UnknownSeat,
    pause_queue,
    pause_seat,
    resume_queue,
    resume_seat,
)
from reviews.views.lead import find_queue, lead_access


@posted_from("reviews:queue", "project", "queue")
@login_required
def queue_pause(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_access(request, project)
    facts = find_queue(access, queue)
    try:
        pause_queue(queue_id=facts.id, reason=request.POST.get("reason", ""))
        messages.success(request, _("Paused. What is in hand may be finished."))
    except ReasonMissing as error:
        messages.error(request, str(error))
    return _back(access, queue)


@posted_from("reviews:queue", "project", "queue")
@login_required
def queue_resumption(
    request: SignedInRequest, project: str, queue: str
) -> HttpResponse:
    access = lead_access(request, project)
    resume_queue(queue_id=find_queue(access, queue).id)
    messages.success(request, _("The queue deals again."))
    return _back(access, queue)


@posted_from("reviews:queue", "project", "queue")
@login_required
def seat_pause(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_access(request, project)
    facts = find_queue(access, queue)
    handle = request.POST.get("reviewer", "")
    try:
        pause_seat(
            queue_id=facts.id, handle=handle, reason=request.POST.get("reason", "")
        )
        words = _("%(handle)s is paused on this queue.")
        messages.success(request, words % {"handle": handle})
    except ReasonMissing as error:
        messages.error(request, str(error))
    except UnknownSeat as error:
        raise Http404 from error
    return _back(access, queue)


@posted_from("reviews:queue", "project", "queue")
@login_required
def seat_resumption(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_access(request, project)
    facts = find_queue(access, queue)
    handle = request.POST.get("reviewer", "")
    try:
        resume_seat(queue_id=facts.id, handle=handle)
    except UnknownSeat as error:
        raise Http404 from error
    messages.success(request, _("%(handle)s is dealt to again.") % {"handle": handle})
    return _back(access, queue)


@posted_from("reviews:queue", "project", "queue")
@login_required
def escalation(
    request: SignedInRequest, project: str, queue: str, public_id: UUID
) -> HttpResponse:
    access = lead_access(request, project)
    facts = find_queue(access, queue)
    is_kept = request.POST.get("decision") != "withdraw"
    try:
        settled = settle_escalation(
            queue_id=facts.id,
            assignment=public_id,
            is_kept=is_kept,
            now=timezone.now(),
        )
    except UnknownEscalation as error:
        raise Http404 from error
    messages.success(request, settled.words)
    return _back(access, queue)


def _back(access: Access, queue: str) -> HttpResponse:
    return see_other(reverse("reviews:queue", args=[access.project, queue]))
