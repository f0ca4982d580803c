"""Where a lead moves queues to a version, and asks again for what was judged."""

from random import Random

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
        messages.success(request, _in_words(queue.title, adopted, number))
    except AdoptionRefused as error:
        message = _("%(queue)s is not moved. %(reason)s")
        messages.error(request, message % {"queue": queue.title, "reason": error})
    where = reverse("labeling:rubric_version", args=[project, rubric, number])
    return see_other(f"{where}#queues")


def _in_words(queue: str, adopted: Adopted, number: int) -> str:
    said = {"queue": queue, "number": number, "n": f"{adopted.n_reopened:,}"}
    if adopted.n_reopened:
        message = ngettext(
            "%(queue)s: %(n)s judged before wait to be judged under version"
            " %(number)s.",
            "%(queue)s: %(n)s judged before wait to be judged under version"
            " %(number)s.",
            adopted.n_reopened,
        )
    elif not adopted.is_moved:
        message = _("%(queue)s: there was nothing to ask for again.")
    else:
        message = _("%(queue)s is dealt under version %(number)s from now on.")
    return message % said
