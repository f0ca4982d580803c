"""What a lead sees of a project and its queues."""

from dataclasses import dataclass

from reviews.models import PanelSeat, Queue
from reviews.queries.access import Access, list_access


@dataclass(frozen=True)
class QueueName:
    slug: str
    title: str


@dataclass(frozen=True)
class LeadNavigation:
    projects: tuple[Access, ...]
    queues: tuple[QueueName, ...]
    sits_on_panel: bool


def get_lead_navigation(*, user_id: int, project: str) -> LeadNavigation:
    queues = Queue.objects.filter(project__slug=project).order_by("title", "pk")
    return LeadNavigation(
        projects=tuple(access for access in list_access(user_id) if access.is_lead),
        queues=tuple(QueueName(*row) for row in queues.values_list("slug", "title")),
        sits_on_panel=PanelSeat.objects.filter(
            reviewer__user_id=user_id, reviewer__is_active=True, is_active=True
        ).exists(),
    )
