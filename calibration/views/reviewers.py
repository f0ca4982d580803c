"""Each reviewer of a queue as an instrument; never shown to reviewers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from calibration.forms import StandingForm
from calibration.queries.reviewers_page import find_gold_count, get_reviewers_page
from calibration.services.standing import UnknownReviewer, set_standing
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest, posted_from, see_other
from reviews.queries.access import Access
from reviews.queries.queues import QueueFacts


@require_GET
@login_required
def reviewers(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_or_404(request, project)
    return _render(request, access, queue_or_404(access, queue), StandingForm())


@posted_from("calibration:reviewers", "project", "queue")
@login_required
def standings(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    """A lead's own decision about one reviewer."""
    access = lead_or_404(request, project)
    facts = queue_or_404(access, queue)
    form = StandingForm(request.POST)
    if form.is_valid():
        try:
            set_standing(
                queue_id=facts.id,
                set_by_id=access.member_id,
                n_gold=find_gold_count(facts, form.cleaned_data["handle"]),
                now=timezone.now(),
                **form.cleaned_data,
            )
        except UnknownReviewer as error:
            form.add_error(None, str(error))
        else:
            said = {"handle": form.cleaned_data["handle"]}
            messages.success(request, _("%(handle)s: decided.") % said)
            return see_other(
                reverse("calibration:reviewers", args=[access.project, facts.slug])
            )
    return _render(request, access, facts, form, status=422)


def _render(
    request: SignedInRequest,
    access: Access,
    queue: QueueFacts,
    form: StandingForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "access": access,
        "active": "reviewers",
        "queue": queue,
        "page": get_reviewers_page(queue),
        "form": form,
    }
    return render(request, "calibration/reviewers.html", context, status=status)
