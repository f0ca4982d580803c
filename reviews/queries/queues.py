"""Queues as the other parts know them."""

from dataclasses import dataclass

from django.utils.translation import gettext

from reviews.models import LabelMethod, Queue


class UnknownQueue(Exception):
    """There is no queue of that name, or more than one."""


@dataclass(frozen=True)
class QueueFacts:
    id: int
    project_id: int
    project: str
    slug: str
    title: str
    rubric_version_id: int
    kinds: tuple[str, ...]
    overlap: int
    batch_size: int
    gold_rate: float
    lease_minutes: int
    daily_cap: int
    agreement_bar: float
    label_method: str
    label_confidence_floor: float
    # None: no slice pauses itself.
    slice_floor: float | None
    slice_minimum: int
    reliable_bar: float
    queue_daily_cap: int | None
    gold_period_days: int
    retest_rate: float
    retest_after_days: int
    retest_after_items: int
    # By tier; empty: no promise.
    sla_hours: tuple[int, ...]
    qualification_size: int
    qualification_pass: float
    paused_because: str

    @property
    def label_method_words(self) -> str:
        return gettext(LabelMethod(self.label_method).label).capitalize()


def list_queues(project_id: int) -> list[QueueFacts]:
    queues = Queue.objects.filter(project_id=project_id).select_related("project")
    return [_facts(queue) for queue in queues.order_by("title", "pk")]


def get_queue(*, project_id: int, slug: str) -> QueueFacts:
    # No name holds a NUL, and the database would not take one.
    if "\x00" in slug:
        raise UnknownQueue("there is no such queue in this project")
    queue = (
        Queue.objects.filter(project_id=project_id, slug=slug)
        .select_related("project")
        .first()
    )
    if queue is None:
        raise UnknownQueue(f"there is no queue {slug!r} in this project")
    return _facts(queue)


def find_queue(*, name: str, project: str | None = None) -> QueueFacts:
    """The queue that a command line means: SLUG, or PROJECT/SLUG where two share one."""
    if "/" in name:
        project, name = name.split("/", 1)
    queues = Queue.objects.filter(
        slug=name, project__retired_at__isnull=True
    ).select_related("project")
    if project is not None:
        queues = queues.filter(project__slug=project)
    found = list(queues.order_by("project__slug"))
    if not found:
        where = f" in project {project!r}" if project else ""
        raise UnknownQueue(f"there is no queue {name!r}{where}")
    if len(found) > 1:
        names = ", ".join(f"{queue.project.slug}/{name}" for queue in found)
        raise UnknownQueue(f"more than one queue is called {name!r}: say {names}")
    return _facts(found[0])


def _facts(queue: Queue) -> QueueFacts:
    return QueueFacts(
        id=queue.pk,
        project_id=queue.project_id,
        project=queue.project.slug,
        slug=queue.slug,
        title=queue.title,
        rubric_version_id=queue.rubric_version_id,
        kinds=tuple(queue.kinds),
        overlap=queue.overlap,
        batch_size=queue.batch_size,
        gold_rate=queue.gold_rate,
        lease_minutes=queue.lease_minutes,
        daily_cap=queue.daily_cap,
        agreement_bar=queue.agreement_bar,
        label_method=queue.label_method,
        label_confidence_floor=queue.label_confidence_floor,
        slice_floor=queue.slice_floor,
        slice_minimum=queue.slice_minimum,
        reliable_bar=queue.reliable_bar,
        queue_daily_cap=queue.queue_daily_cap,
        gold_period_days=queue.gold_period_days,
        retest_rate=queue.retest_rate,
        retest_after_days=queue.retest_after_days,
        retest_after_items=queue.retest_after_items,
        sla_hours=tuple(queue.sla_hours),
        qualification_size=queue.qualification_size,
        qualification_pass=queue.qualification_pass,
        paused_because=queue.paused_because,
    )
