"""Golden sets and their releases."""

import tempfile
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
)

from calibration.forms import FreezeForm, NewSetForm
from calibration.queries.golden_set_page import get_preview, list_release_rows
from calibration.queries.releases import (
    SetFacts,
    UnknownRelease,
    get_golden_set,
    get_release,
    list_golden_sets,
)
from calibration.services.folders import write_archive
from calibration.services.freezing import FreezeRefused, Frozen, freeze_release
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest, posted_from
from reviews.queries.access import Access
from reviews.queries.queues import QueueFacts, list_queues

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
        frozen = _freeze(access, form, form.cleaned_data["name"], queue)
        if frozen is not None:
            return _announce(request, access, frozen)
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
    found = _get_golden_set(access, golden_set)
    return _render_golden_set(request, access, found, FreezeForm())


@posted_from("calibration:golden_set", "project", "golden_set")
@login_required
def releases(request: SignedInRequest, project: str, golden_set: str) -> HttpResponse:
    access = lead_or_404(request, project)
    found = _get_golden_set(access, golden_set)
    form = FreezeForm(request.POST)
    if form.is_valid():
        frozen = _freeze(access, form, found.slug, queue_or_404(access, found.queue))
        if frozen is not None:
            return _announce(request, access, frozen)
    return _render_golden_set(request, access, found, form, status=422)


@require_GET
@login_required
def download(
    request: SignedInRequest, project: str, golden_set: str, version: str
) -> FileResponse:
    access = lead_or_404(request, project)
    found = _get_golden_set(access, golden_set)
    try:
        release = get_release(golden_set_id=found.id, version=version)
    except UnknownRelease as error:
        raise Http404 from error
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


def _freeze(
    access: Access, form: FreezeForm, name: str, queue: QueueFacts
) -> Frozen | None:
    try:
        return freeze_release(
            name=name,
            queue=queue,
            override=form.cleaned_data["override"],
            frozen_by_id=access.member_id,
            now=timezone.now(),
        )
    except FreezeRefused as refused:
        for block in refused.blocks:
            form.add_error(None, block)
        return None


def _announce(
    request: SignedInRequest, access: Access, frozen: Frozen
) -> HttpResponseRedirect:
    if frozen.is_new:
        said = f"{frozen.name} {frozen.version} is frozen with {frozen.n_cases} cases."
        messages.success(request, said)
    else:
        messages.info(request, f"Nothing has changed since {frozen.version}.")
    url = reverse("calibration:golden_set", args=[access.project, frozen.name])
    return HttpResponseRedirect(url, status=303)


def _render_golden_set(
    request: SignedInRequest,
    access: Access,
    found: SetFacts,
    form: FreezeForm,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "access": access,
        "active": "golden-sets",
        "set": found,
        "releases": list_release_rows(found.id),
        "preview": get_preview(queue_or_404(access, found.queue)),
        "form": form,
    }
    return render(request, "calibration/golden_set.html", context, status=status)


def _get_golden_set(access: Access, slug: str) -> SetFacts:
    try:
        return get_golden_set(project_id=access.project_id, slug=slug)
    except UnknownRelease as error:
        raise Http404 from error
