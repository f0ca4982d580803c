"""How far the reviewers of a queue agree."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calibration.queries.agreement_page import UnknownPage, get_agreement_page
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest


@require_GET
@login_required
def agreement(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_or_404(request, project)
    facts = queue_or_404(access, queue)
    number = request.GET.get("version", "")
    try:
        page = get_agreement_page(facts, int(number) if number.isdecimal() else None)
    except UnknownPage as error:
        raise Http404 from error
    context = {"access": access, "active": "agreement", "queue": facts, "page": page}
    return render(request, "calibration/agreement.html", context)
