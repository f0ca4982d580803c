"""Judges on trial, beside the people who judged the same items."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calibration.queries.judges_page import get_judges_page
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest


@require_GET
@login_required
def judges(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_or_404(request, project)
    facts = queue_or_404(access, queue)
    context = {
        "access": access,
        "active": "judges",
        "queue": facts,
        "page": get_judges_page(facts),
    }
    return render(request, "calibration/judges.html", context)
