"""What the lead's pages share: whose project, which queue."""

from django.http import Http404

from reviews.http import SignedInRequest
from reviews.queries.access import Access, NoAccess, get_lead_access
from reviews.queries.queues import QueueFacts, UnknownQueue, get_queue


def lead_or_404(request: SignedInRequest, project: str) -> Access:
    try:
        return get_lead_access(user_id=request.user.pk, project=project)
    except NoAccess as error:
        raise Http404 from error


def queue_or_404(access: Access, slug: str) -> QueueFacts:
    try:
        return get_queue(project_id=access.project_id, slug=slug)
    except UnknownQueue as error:
        raise Http404 from error
