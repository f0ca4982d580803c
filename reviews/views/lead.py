"""What a lead looks at: the project and its queues."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reviews.http import SignedInRequest
from reviews.queries import cover, overview
from reviews.queries.access import Access, NoAccess, get_lead_access
from reviews.queries.qualifying_panel import get_qualifying_panel
from reviews.queries.queues import QueueFacts, UnknownQueue, get_queue


@require_safe
@login_required
def project(request: SignedInRequest, project: str) -> HttpResponse:
    access = lead_access(request, project)
    queues = overview.list_queue_rows(access.project_id)
    context = {
        "access": access,
        "active": "overview",
        "items": overview.count_items(access.project_id),
        "queues": queues,
        "n_escalated": sum(queue.escalated for queue in queues),
        "n_overdue": sum(queue.overdue for queue in queues),
        "n_unqualified": sum(queue.unqualified for queue in queues),
        "rules": overview.list_rule_rows(access.project_id),
    }
    return render(request, "reviews/project.html", context)


@require_safe
@login_required
def queue(request: SignedInRequest, project: str, queue: str) -> HttpResponse:
    access = lead_access(request, project)
    facts = find_queue(access, queue)
    now = timezone.now()
    seats = overview.list_seat_rows(facts.id)
    context = {
        "access": access,
        "active": "queues",
        "queue": facts,
        "now": now,
        "rubric": overview.get_rubric_name(facts.id),
        "seats": seats,
        "can_pause": any(seat.is_active and not seat.paused_because for seat in seats),
        "qualifying": get_qualifying_panel(facts.id),
        "tiers": overview.list_tier_rows(facts),
        "batches": overview.list_latest_batches(facts.id),
        "escalations": cover.list_escalations(facts.id, now=now),
    }
    return render(request, "reviews/queue.html", context)


def lead_access(request: SignedInRequest, project: str) -> Access:
    try:
        return get_lead_access(user_id=request.user.pk, project=project)
    except NoAccess as error:
        raise Http404 from error


def find_queue(access: Access, slug: str) -> QueueFacts:
    try:
        return get_queue(project_id=access.project_id, slug=slug)
    except UnknownQueue as error:
        raise Http404 from error
