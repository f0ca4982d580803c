"""The step between asking for a release and having it: read, then freeze for good."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from calibration.forms import FreezeForm
from calibration.services.confirmations import (
    Confirmation,
    describe_freeze,
    list_changes,
)
from calibration.services.freeze_requests import request_freeze
from calibration.services.freezing import FreezeRefused
from calibration.tasks import announce_set
from reviews.http import SignedInRequest, see_other
from reviews.queries.access import Access
from reviews.queries.queues import QueueFacts


def take_step(
    request: SignedInRequest,
    access: Access,
    form: FreezeForm,
    name: str,
    queue: QueueFacts,
) -> HttpResponse | None:
    """The page that asks, or the way to the set; None: the form is to be shown."""
    if "back" in request.POST:
        return None
    override = form.cleaned_data["override"]
    try:
        found = describe_freeze(name=name, queue=queue, override=override)
    except FreezeRefused as refused:
        for block in refused.blocks:
            form.add_error(None, block)
        return None
    if "shown" not in request.POST:
        return _ask(request, access, form, found, queue)
    changes = list_changes(request.POST["shown"], found)
    if changes or not found.may_freeze:
        context = {"changes": changes}
        return _ask(request, access, form, found, queue, context, status=409)
    request_freeze(
        name=name,
        queue=queue,
        override=override,
        confirmed=found.confirmed,
        requested_by_id=access.member_id,
        now=timezone.now(),
    )
    announce_set()
    url = reverse("calibration:golden_set", args=[access.project, name])
    return see_other(url)


def _ask(
    request: SignedInRequest,
    access: Access,
    form: FreezeForm,
    found: Confirmation,
    queue: QueueFacts,
    more: Mapping[str, Any] = MappingProxyType({}),
    status: int = 200,
) -> HttpResponse:
    if not found.is_current:
        announce_set()
    context = {
        "access": access,
        "active": "golden-sets",
        "page": found,
        "queue_title": queue.title,
        "form": form,
        **more,
    }
    return render(request, "calibration/freeze.html", context, status=status)
