"""The reviewer's desk: where everybody starts, batches, and giving them back."""

import secrets
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from reviews.http import SignedInRequest, posted_from, reviewer_page, see_other
from reviews.queries.access import list_access
from reviews.queries.batches import (
    NotOnPanel,
    UnknownBatch,
    get_batch_progress,
    get_seat,
    list_review_queues,
)
from reviews.services.batches import NothingLeft, deal_batch
from reviews.services.qualifying import QualificationOver
from reviews.services.turns import return_batch


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
    except NotOnPanel as error:
        raise Http404 from error
    try:
        batch = deal_batch(
            queue_id=seat.queue_id,
            reviewer_id=seat.reviewer_id,
            now=timezone.now(),
            seed=secrets.token_hex(16),
        )
    except QualificationOver:
        # What they are told comes before anything else is dealt.
        return see_other(reverse("calibration:qualification", args=[project, queue]))
    except NothingLeft as reason:
        words = _("No new batch of %(queue)s. %(reason)s")
        said = {"queue": seat.queue_title, "reason": reason}
        messages.info(request, words % said)
        return see_other(reverse("reviews:desk"))
    return see_other(reverse("labeling:bench", args=[batch.next_assignment]))


@require_safe
@reviewer_page
def batch(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    try:
        progress = get_batch_progress(batch=public_id, user_id=request.user.pk)
    except UnknownBatch as error:
        raise Http404 from error
    return render(request, "reviews/batch.html", {"progress": progress})


@posted_from("reviews:batch", "public_id")
@reviewer_page
def batch_return(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    count = return_batch(batch=public_id, user_id=request.user.pk)
    if count:
        words = ngettext(
            "%(n)s given back. Others get them now.",
            "%(n)s given back. Others get them now.",
            count,
        )
        messages.success(request, words % {"n": count})
    else:
        messages.info(request, _("There was nothing left to give back."))
    return see_other(reverse("reviews:desk"))
