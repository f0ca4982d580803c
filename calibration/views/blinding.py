"""Could the reviewers of a queue tell who wrote what?"""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calibration.queries.blinding_page import get_blinding_page
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest


@require_GET
@login_required
def blinding(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_or_404(request, project)
    facts = queue_or_404(access, queue)
    context = {
        "access": access,
        "active": "blinding",
        "queue": facts,
        "page": get_blinding_page(facts),
    }
    return render(request, "calibration/blinding.html", context)
