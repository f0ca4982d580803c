"""Closing the review that a paused slice asked for."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from calibration.services.rubric_reviews import (
    AlreadyClosed,
    NoteMissing,
    UnknownReview,
    close_review,
)
from calibration.views.scope import lead_or_404, queue_or_404
from reviews.http import SignedInRequest, posted_from, see_other


@posted_from("calibration:agreement", "project", "queue")
@login_required
def closure(
    request: SignedInRequest, project: str, queue: str, review_id: int
) -> HttpResponse:
    access = lead_or_404(request, project)
    facts = queue_or_404(access, queue)
    try:
        close_review(
            review_id=review_id,
            queue_id=facts.id,
            closed_by_id=access.member_id,
            note=request.POST.get("note", ""),
            now=timezone.now(),
        )
        messages.success(
            request, _("Closed. The slice is dealt again within a minute.")
        )
    except (NoteMissing, AlreadyClosed) as error:
        messages.error(request, str(error))
    except UnknownReview as error:
        raise Http404 from error
    url = reverse("calibration:agreement", args=[access.project, facts.slug])
    return see_other(f"{url}#rubric-reviews")
