"""Where a lead moves queues to a version, and asks again for what was judged."""

from random import Random

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from labeling.services.adoption import adopt_version
from labeling.views.rubrics import find_version_document
from reviews.http import SignedInRequest, posted_from, see_other
from reviews.views.lead import find_queue, lead_access


@posted_from("labeling:rubric_version", "project", "rubric", "number")
@login_required
def rubric_adoption(
    request: SignedInRequest, project: str, rubric: str, number: int
) -> HttpResponse:
    access = lead_access(request, project)
    version = find_version_document(access, rubric, number)
    queue = find_queue(access, request.POST.get("queue", ""))
    adopted = adopt_version(
        project_id=access.project_id,
        queue_id=queue.id,
        version_id=version.version_id,
        reopens=request.POST.get("do") == "reopen",
        now=timezone.now(),
        # Where in the order of a tier an item stands; nothing hangs on it.
        rng=Random(),
    )
    words = f"{queue.title} is dealt under version {number} from now on."
    if adopted.n_reopened:
        words = (
            f"{queue.title}: {adopted.n_reopened:,} judged before wait to be judged"
            f" under version {number}."
        )
    elif not adopted.is_moved:
        words = f"{queue.title}: there was nothing to ask for again."
    messages.success(request, words)
    where = reverse("labeling:rubric_version", args=[project, rubric, number])
    return see_other(f"{where}#queues")
