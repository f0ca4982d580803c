"""Freezing from the page: ask, read, freeze for good."""

from typing import Any

from calibration.models import GoldenSet
from calibration.services.confirmations import describe_freeze
from calibration.services.freeze_requests import request_freeze
from calibration.services.previews import refresh_stale_previews
from calibration.services.snapshots import refresh_stale_queues
from reviews.models import Member, Queue
from reviews.queries.queues import get_queue
from tests.factories import NOW


def sweep() -> None:
    refresh_stale_queues(now=NOW)
    refresh_stale_previews(now=NOW)


def confirm(lead: Any, url: str, data: dict[str, str] | None = None) -> Any:
    """Both steps; what the second one answers."""
    sweep()
    asked = lead.post(url, data or {})
    return lead.post(url, (data or {}) | {"shown": asked.context["page"].shown})


def ask_for(queue: Queue, lead: Member, name: str = "gate") -> None:
    """Ask without having read: the worker finds whatever is in the way."""
    facts = get_queue(project_id=queue.project_id, slug=queue.slug)
    sweep()
    found = describe_freeze(name=name, queue=facts, override="")
    request_freeze(
        name=name,
        queue=facts,
        override="",
        confirmed=found.confirmed,
        requested_by_id=lead.pk,
        now=NOW,
    )
    assert GoldenSet.objects.filter(slug=name).exists()
