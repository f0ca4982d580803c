"""Where a lead looks at one item or one batch, and may unblind it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from labeling.queries.items import (
    DealtBatch,
    ItemPage,
    get_dealt_batch,
    get_item_page,
)
from reviews.forms import UnblindForm
from reviews.http import SignedInRequest, posted_from, see_other
from reviews.queries.access import Access, NoAccess, get_lead_access
from reviews.queries.batches import UnknownBatch
from reviews.queries.unblinding import UnknownItem
from reviews.services.unblinding import unblind_batch, unblind_item


@require_safe
@login_required
def item(request: SignedInRequest, project: str, item_id: int) -> HttpResponse:
    access = _lead_access(request, project)
    return _show_item(request, access, _get_item(access, item_id), UnblindForm())


@posted_from("labeling:item", "project", "item_id")
@login_required
def item_unblinding(
    request: SignedInRequest, project: str, item_id: int
) -> HttpResponse:
    access = _lead_access(request, project)
    page = _get_item(access, item_id)
    form = UnblindForm(request.POST)
    if not form.is_valid():
        return _show_item(request, access, page, form, status=422)
    unblind_item(
        item_id=page.item.id,
        lead_id=access.member_id,
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    messages.success(
        request, _("Revealed. Later judgments of this item will not count.")
    )
    return see_other(reverse("labeling:item", args=[project, item_id]))


@require_safe
@login_required
def batch(
    request: SignedInRequest, project: str, queue: str, public_id: UUID
) -> HttpResponse:
    access = _lead_access(request, project)
    page = _get_batch(access, queue, public_id)
    return _show_batch(request, access, page, UnblindForm())


@posted_from("labeling:dealt_batch", "project", "queue", "public_id")
@login_required
def batch_unblinding(
    request: SignedInRequest, project: str, queue: str, public_id: UUID
) -> HttpResponse:
    access = _lead_access(request, project)
    page = _get_batch(access, queue, public_id)
    form = UnblindForm(request.POST)
    if not form.is_valid():
        return _show_batch(request, access, page, form, status=422)
    count = unblind_batch(
        batch_id=page.id,
        lead_id=access.member_id,
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    message = ngettext(
        "Revealed %(n)s item. Later judgments do not count.",
        "Revealed %(n)s items. Later judgments do not count.",
        count,
    )
    messages.success(request, message % {"n": count})
    return see_other(reverse("labeling:dealt_batch", args=[project, queue, public_id]))


def _lead_access(request: SignedInRequest, project: str) -> Access:
    try:
        return get_lead_access(user_id=request.user.pk, project=project)
    except NoAccess as error:
        raise Http404 from error


def _get_item(access: Access, item_id: int) -> ItemPage:
    try:
        return get_item_page(
            project_id=access.project_id, item_id=item_id, lead_id=access.member_id
        )
    except UnknownItem as error:
        raise Http404 from error


def _get_batch(access: Access, queue: str, public_id: UUID) -> DealtBatch:
    try:
        return get_dealt_batch(
            project_id=access.project_id,
            queue=queue,
            public_id=public_id,
            lead_id=access.member_id,
        )
    except UnknownBatch as error:
        raise Http404 from error


def _show_item(
    request: SignedInRequest,
    access: Access,
    page: ItemPage,
    form: UnblindForm,
    status: int = 200,
) -> HttpResponse:
    context = {"access": access, "active": "item", "page": page, "form": form}
    return render(request, "labeling/item.html", context, status=status)


def _show_batch(
    request: SignedInRequest,
    access: Access,
    page: DealtBatch,
    form: UnblindForm,
    status: int = 200,
) -> HttpResponse:
    context = {"access": access, "active": "queues", "batch": page, "form": form}
    context["queue"] = {"slug": page.queue}
    return render(request, "labeling/dealt_batch.html", context, status=status)
