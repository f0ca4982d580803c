"""Start pages: the reviewer's desk and the lead's overview."""

import secrets
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reviews.http import SignedInRequest, reviewer_page
from reviews.queries import overview
from reviews.queries.access import Access, NoAccess, get_lead_access, list_access
from reviews.queries.batches import (
    NotOnPanel,
    UnknownBatch,
    get_batch_progress,
    get_seat,
    list_review_queues,
)
from reviews.queries.queues import UnknownQueue, get_queue
from reviews.services.batches import NothingLeft, deal_batch


@require_safe
@login_required
def home(request: SignedInRequest) -> HttpResponse:
    accesses = list_access(request.user.pk)
    leading = [access for access in accesses if access.is_lead]
    if len(leading) == 1:
        return redirect("reviews:project", leading[0].project)
    if leading:
        return render(request, "reviews/projects.html", {"projects": leading})
    if accesses:
        return redirect("reviews:desk")
    return render(request, "reviews/no_project.html")


@require_safe
@reviewer_page
def desk(request: SignedInRequest) -> HttpResponse:
    queues = list_review_queues(user_id=request.user.pk, now=timezone.now())
    return render(request, "reviews/desk.html", {"queues": queues})


@require_http_methods(["GET", "POST"])
@login_required
def batches(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    if request.method == "GET":
        # Whoever had to sign in between the click and the deal comes back so.
        return redirect("reviews:desk")
    try:
        seat = get_seat(user_id=request.user.pk, project=project, queue=queue)
        batch = deal_batch(
            queue_id=seat.queue_id,
            reviewer_id=seat.reviewer_id,
            now=timezone.now(),
            seed=secrets.token_hex(16),
        )
    except NotOnPanel as error:
        raise Http404 from error
    except NothingLeft as reason:
        messages.info(request, str(reason))
        return _see_other(reverse("reviews:desk"))
    progress = get_batch_progress(batch=batch, user_id=request.user.pk)
    return _see_other(reverse("labeling:bench", args=[progress.next_assignment]))


@require_safe
@reviewer_page
def batch(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    try:
        progress = get_batch_progress(batch=public_id, user_id=request.user.pk)
    except UnknownBatch as error:
        raise Http404 from error
    return render(request, "reviews/batch.html", {"progress": progress})


@require_safe
@login_required
def project(request: SignedInRequest, project: str) -> HttpResponse:
    access = _lead_access(request, project)
    context = {
        "access": access,
        "active": "overview",
        "items": overview.count_items(access.project_id),
        "queues": overview.list_queue_rows(access.project_id),
        "rules": overview.list_rule_rows(access.project_id),
    }
    return render(request, "reviews/project.html", context)


@require_safe
@login_required
def queue(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = _lead_access(request, project)
    try:
        facts = get_queue(project_id=access.project_id, slug=queue)
    except UnknownQueue as error:
        raise Http404 from error
    context = {
        "access": access,
        "active": "queues",
        "queue": facts,
        "rubric": overview.get_rubric_name(facts.id),
        "seats": overview.list_seat_rows(facts.id),
        "tiers": overview.list_tier_rows(facts.id),
        "batches": overview.list_latest_batches(facts.id),
    }
    return render(request, "reviews/queue.html", context)


def _lead_access(request: SignedInRequest, project: str) -> Access:
    try:
        return get_lead_access(user_id=request.user.pk, project=project)
    except NoAccess as error:
        raise Http404 from error


def _see_other(address: str) -> HttpResponse:
    """A redirect after a POST that every client follows with a GET."""
    return HttpResponseRedirect(address, status=303)
