"""What a lead decides on a reviewer who has not passed the qualification of a queue."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reviews.http import SignedInRequest, posted_from, see_other
from reviews.services.pauses import ReasonMissing, UnknownSeat
from reviews.services.qualifying import ACTS, CannotDecide, decide_qualification
from reviews.views.lead import find_queue, lead_access

WORDS = {
    "AGAIN": _("%(handle)s may try again, with other gold."),
    "ADMIT": _("%(handle)s is admitted: live batches from now on."),
}


@posted_from("reviews:queue", "project", "queue")
@login_required
def seat_qualification(
    request: SignedInRequest, project: str, queue: str
) -> HttpResponse:
    access = lead_access(request, project)
    facts = find_queue(access, queue)
    handle, act = request.POST.get("reviewer", ""), request.POST.get("act", "")
    if act not in ACTS:
        raise Http404
    try:
        decide_qualification(
            queue_id=facts.id,
            handle=handle,
            act=act,
            reason=request.POST.get("reason", ""),
            lead_id=access.member_id,
            now=timezone.now(),
        )
        messages.success(request, WORDS[act] % {"handle": handle})
    except (CannotDecide, ReasonMissing) as error:
        messages.error(request, str(error))
    except UnknownSeat as error:
        raise Http404 from error
    return see_other(reverse("reviews:queue", args=[access.project, queue]))
