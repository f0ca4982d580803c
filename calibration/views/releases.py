"""Golden sets and their releases."""

import tempfile
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
)

from calibration.forms import FreezeForm, NewSetForm, SpecForm
from calibration.queries.erasures import list_erased_cases
from calibration.queries.golden_set_page import (
    get_composed,
    get_freeze_request,
    get_preview,
    get_references,
    get_refresh,
    get_spec_text,
    list_release_rows,
)
from calibration.queries.releases import (
    ReleaseFacts,
    SetFacts,
    UnknownRelease,
    get_golden_set,
    get_release,
    list_golden_sets,
)
from calibration.services.folders import write_archive
from calibration.views.confirmations import take_step
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest, posted_from
from reviews.queries.access import Access
from reviews.queries.queues import list_queues

# An archive up to this size is not written to disk before it is sent.
SPOOL = 16 << 20


@require_http_methods(["GET", "POST"])
@login_required
def golden_sets(request: SignedInRequest, project: str) -> HttpResponse:
    access = lead_or_404(request, project)
    queues = list_queues(access.project_id)
    form = NewSetForm(queues, request.POST if request.method == "POST" else None)
    if form.is_valid():
        [queue] = [one for one in queues if one.slug == form.cleaned_data["queue"]]
        step = take_step(request, access, form, form.cleaned_data["name"], queue)
        if step is not None:
            return step
    context = {
        "access": access,
        "active": "golden-sets",
        "sets": list_golden_sets(access.project_id),
        "form": form,
        "has_queues": bool(queues),
    }
    status = 422 if form.errors else 200
    return render(request, "calibration/golden_sets.html", context, status=status)


@require_GET
@login_required
def golden_set(request: SignedInRequest, project: str, golden_set: str) -> HttpResponse:
    access = lead_or_404(request, project)
    found = set_or_404(access, golden_set)
    return render_golden_set(request, access, found, FreezeForm())


@posted_from("calibration:golden_set", "project", "golden_set")
@login_required
def releases(request: SignedInRequest, project: str, golden_set: str) -> HttpResponse:
    access = lead_or_404(request, project)
    found = set_or_404(access, golden_set)
    form = FreezeForm(request.POST)
    if form.is_valid():
        queue = queue_or_404(access, found.queue)
        step = take_step(request, access, form, found.slug, queue)
        if step is not None:
            return step
    status = 422 if form.errors else 200
    return render_golden_set(request, access, found, form, status=status)


@require_GET
@login_required
def download(
    request: SignedInRequest, project: str, golden_set: str, version: str
) -> FileResponse:
    access = lead_or_404(request, project)
    release = _release_or_404(set_or_404(access, golden_set), version)
    # The response closes it, and with it goes the file.
    archive = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115
    write_archive(release, archive)
    archive.seek(0)
    return FileResponse(
        archive,
        as_attachment=True,
        filename=f"{release.golden_set}-{release.version}.zip",
        content_type="application/zip",
    )


@require_GET
@login_required
def erased(
    request: SignedInRequest, project: str, golden_set: str, version: str
) -> HttpResponse:
    access = lead_or_404(request, project)
    found = set_or_404(access, golden_set)
    release = _release_or_404(found, version)
    context = {
        "access": access,
        "active": "golden-sets",
        "set": found,
        "release": release,
        "cases": list_erased_cases(release.id),
    }
    return render(request, "calibration/erased_cases.html", context)


def _release_or_404(found: SetFacts, version: str) -> ReleaseFacts:
    try:
        return get_release(golden_set_id=found.id, version=version)
    except UnknownRelease as error:
        raise Http404 from error


def render_golden_set(
    request: SignedInRequest,
    access: Access,
    found: SetFacts,
    form: FreezeForm,
    spec_form: SpecForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "access": access,
        "active": "golden-sets",
        "set": found,
        "releases": list_release_rows(found.id),
        "refresh": get_refresh(found.id, timezone.now()),
        "preview": get_preview(queue_or_404(access, found.queue)),
        "composed": get_composed(found.id),
        "references": get_references(found.id),
        "request_": get_freeze_request(access.project_id, found.slug),
        "form": form,
        "spec_form": spec_form or SpecForm({"spec": get_spec_text(found)}),
    }
    return render(request, "calibration/golden_set.html", context, status=status)


def set_or_404(access: Access, slug: str) -> SetFacts:
    try:
        return get_golden_set(project_id=access.project_id, slug=slug)
    except UnknownRelease as error:
        raise Http404 from error
