"""How far the reviewers of a queue agree."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calibration.queries.agreement_page import (
    UnknownPage,
    get_agreement_chart,
    get_agreement_page,
)
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest, as_number


@require_GET
@login_required
def agreement(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_or_404(request, project)
    facts = queue_or_404(access, queue)
    try:
        page = get_agreement_page(facts, _version(request))
    except UnknownPage as error:
        raise Http404 from error
    context = {"access": access, "active": "agreement", "queue": facts, "page": page}
    return render(request, "calibration/agreement.html", context)


@require_GET
@login_required
def chart(
    request: SignedInRequest, project: str, queue: str, name: str
) -> HttpResponse:
    """A picture of the newest measurement, drawn when that was made."""
    access = lead_or_404(request, project)
    facts = queue_or_404(access, queue)
    try:
        svg = get_agreement_chart(facts, _version(request), name)
    except UnknownPage as error:
        raise Http404 from error
    return HttpResponse(svg, content_type="image/svg+xml")


def _version(request: SignedInRequest) -> int | None:
    return as_number(request.GET.get("version", ""))
