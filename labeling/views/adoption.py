"""Where a lead moves queues to a version, and asks again for what was judged."""

from random import Random

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from labeling.services.adoption import Adopted, AdoptionRefused, adopt_version
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
    try:
        adopted = adopt_version(
            project_id=access.project_id,
            queue_id=queue.id,
            version_id=version.version_id,
            reopens=request.POST.get("do") == "reopen",
            now=timezone.now(),
            # Where in the order of a tier an item stands; nothing hangs on it.
            rng=Random(),
        )
        messages.success(request, f"{queue.title}{_in_words(adopted, number)}")
    except AdoptionRefused as error:
        messages.error(request, f"{queue.title} is not moved. {error}")
    where = reverse("labeling:rubric_version", args=[project, rubric, number])
    return see_other(f"{where}#queues")


def _in_words(adopted: Adopted, number: int) -> str:
    if adopted.n_reopened:
        return (
            f": {adopted.n_reopened:,} judged before wait to be judged under"
            f" version {number}."
        )
    if not adopted.is_moved:
        return ": there was nothing to ask for again."
    return f" is dealt under version {number} from now on."
