"""The desk on which a lead settles disputes, blind too."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from labeling.forms import AdjudicationForm
from labeling.queries.adjudications import list_causes, list_guideline_gaps
from labeling.queries.disputes import (
    DisputePage,
    StillOpen,
    UnknownDispute,
    count_disputes,
    get_dispute,
    get_neighbours,
    list_disputes,
)
from labeling.services.disputes import AlreadySettled, adjudicate
from reviews.http import SignedInRequest, posted_from
from reviews.queries.access import Access, NoAccess, get_lead_access
from reviews.queries.queues import list_queues
from reviews.views.lead import find_queue


@require_safe
@login_required
def disputes(request: SignedInRequest, project: str) -> HttpResponse:
    access = _get_lead_access(request, project)
    settled = request.GET.get("state") == "settled"
    slug = request.GET.get("queue")
    chosen = find_queue(access, slug).slug if slug else None
    among = partial(count_disputes, project_id=access.project_id, queue=chosen)
    context = {
        "access": access,
        "active": "disputes",
        "page": list_disputes(
            project_id=access.project_id,
            queue=chosen,
            settled=settled,
            page=request.GET.get("page", 1),
        ),
        "settled": settled,
        "n_open": among(settled=False),
        "n_settled": among(settled=True),
        "queues": list_queues(access.project_id),
        "chosen": chosen,
        "causes": list_causes(project_id=access.project_id, queue=chosen),
        "gaps": list_guideline_gaps(project_id=access.project_id, queue=chosen),
        "before": _before(request),
    }
    return render(request, "labeling/disputes.html", context)


@require_safe
@login_required
def dispute(request: SignedInRequest, project: str, public_id: UUID) -> HttpResponse:
    access = _get_lead_access(request, project)
    page = _get_dispute(access, public_id)
    return _render(request, access, page, AdjudicationForm(page.criterion))


@require_safe
@login_required
def votes(request: SignedInRequest, project: str, public_id: UUID) -> HttpResponse:
    """The dispute with the names of its voters: refused until it is settled."""
    access = _get_lead_access(request, project)
    try:
        page = _get_dispute(access, public_id, is_named=True)
    except StillOpen as error:
        raise PermissionDenied from error
    return _render(request, access, page, AdjudicationForm(page.criterion))


@posted_from("labeling:dispute", "project", "public_id")
@login_required
def adjudication(
    request: SignedInRequest, project: str, public_id: UUID
) -> HttpResponse:
    access = _get_lead_access(request, project)
    page = _get_dispute(access, public_id)
    around = get_neighbours(project_id=access.project_id, dispute=page)
    form = AdjudicationForm(page.criterion, request.POST)
    if page.decision is None and not form.is_valid():
        return _render(request, access, page, form, status=422)
    if page.decision is not None or not _settle(access, page, form):
        messages.warning(request, _("The dispute was settled already; that stands."))
        return _see_other("labeling:dispute", access.project, public_id)
    messages.success(request, _("Settled. The decision is the item's label now."))
    # From the next one, the names of this one can be seen.
    if around.following is None:
        return _see_other("labeling:disputes", access.project, settled=public_id)
    return _see_other(
        "labeling:dispute", access.project, around.following, settled=public_id
    )


def _settle(access: Access, page: DisputePage, form: AdjudicationForm) -> bool:
    """Whether this decision stands; False where another was first."""
    try:
        adjudicate(
            dispute_id=page.id,
            adjudicator_id=access.member_id,
            now=timezone.now(),
            **form.decision(),
        )
    except AlreadySettled:
        return False
    return True


def _before(request: SignedInRequest) -> UUID | None:
    """The dispute that was settled a moment ago."""
    try:
        return UUID(request.GET.get("settled", ""))
    except ValueError:
        return None


def _get_lead_access(request: SignedInRequest, project: str) -> Access:
    try:
        return get_lead_access(user_id=request.user.pk, project=project)
    except NoAccess as error:
        raise Http404 from error


def _get_dispute(
    access: Access, public_id: UUID, *, is_named: bool = False
) -> DisputePage:
    try:
        return get_dispute(
            project_id=access.project_id, public_id=public_id, is_named=is_named
        )
    except UnknownDispute as error:
        raise Http404 from error


def _render(
    request: SignedInRequest,
    access: Access,
    page: DisputePage,
    form: AdjudicationForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "access": access,
        "active": "disputes",
        "dispute": page,
        "form": form,
        "around": get_neighbours(project_id=access.project_id, dispute=page),
        "before": _before(request),
    }
    return render(request, "labeling/dispute.html", context, status=status)


def _see_other(
    name: str, *args: object, settled: UUID | None = None
) -> HttpResponseRedirect:
    query = {"settled": settled} if settled else None
    return HttpResponseRedirect(reverse(name, args=args, query=query), status=303)
