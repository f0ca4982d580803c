"""What the gate of a golden set has said of candidates."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from calibration.queries.gate_page import get_gate_page
from calibration.queries.gate_runs import get_run_chart
from calibration.queries.releases import SetFacts, UnknownRelease, get_golden_set
from calibration.views.scope import lead_or_404
from reviews.http import SignedInRequest, as_number
from reviews.queries.access import Access


@require_GET
@login_required
def gate(request: SignedInRequest, project: str, golden_set: str) -> HttpResponse:
    access = lead_or_404(request, project)
    found = _set_or_404(access, golden_set)
    try:
        # No number, no run: the newest is shown.
        page = get_gate_page(found.id, as_number(request.GET.get("run", "")))
    except UnknownRelease as error:
        raise Http404 from error
    context = {"access": access, "active": "golden-sets", "set": found, "page": page}
    return render(request, "calibration/gate.html", context)


@require_GET
@login_required
def chart(
    request: SignedInRequest, project: str, golden_set: str, name: str
) -> HttpResponse:
    """A picture of all runs, drawn when the newest was kept."""
    access = lead_or_404(request, project)
    found = _set_or_404(access, golden_set)
    svg = get_run_chart(golden_set_id=found.id, name=name)
    if svg is None:
        raise Http404
    return HttpResponse(svg, content_type="image/svg+xml")


def _set_or_404(access: Access, slug: str) -> SetFacts:
    try:
        return get_golden_set(project_id=access.project_id, slug=slug)
    except UnknownRelease as error:
        raise Http404 from error
