"""How often all traffic of a project fails."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calibration.queries.traffic_page import get_traffic_page
from calibration.views.scope import lead_or_404
from reviews.http import SignedInRequest


@require_GET
@login_required
def traffic(request: SignedInRequest, project: str) -> HttpResponse:
    access = lead_or_404(request, project)
    context = {
        "access": access,
        "active": "traffic",
        "page": get_traffic_page(access.project_id),
    }
    return render(request, "calibration/traffic.html", context)
