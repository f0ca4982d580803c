"""What a lead sees of a project and its queues.

The tables here are grouped on the spot, each by one pass over one index. That
holds for some hundred thousand items; beyond, they belong in a snapshot.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q

from reviews.models import (
    Action,
    Assignment,
    AssignmentStatus,
    Batch,
    Item,
    ItemKind,
    PanelSeat,
    Purpose,
    Queue,
    RoutingDecision,
    Slot,
    SlotState,
)
from reviews.queries.access import Access, list_access
from reviews.queries.qualifications import count_failed
from reviews.queries.queues import QueueFacts
from reviews.triage import stakes_of


@dataclass(frozen=True)
class QueueName:
    slug: str
    title: str


@dataclass(frozen=True)
class LeadNavigation:
    projects: tuple[Access, ...]
    queues: tuple[QueueName, ...]
    sits_on_panel: bool


@dataclass(frozen=True)
class SlotCounts:
    """Judgments a queue asks for: each slot is room for one."""

    open: int = 0
    taken: int = 0
    filled: int = 0
    # Of paused slices.
    held: int = 0

    @property
    def total(self) -> int:
        return self.open + self.taken + self.filled + self.held

    @property
    def percent(self) -> int:
        """Rounded down: 100 means done."""
        return 100 * self.filled // self.total if self.total else 0


@dataclass(frozen=True)
class QueueRow:
    slug: str
    title: str
    rubric: str
    overlap: int
    reviewers: int
    paused_because: str
    overdue: int
    escalated: int
    # Reviewers who wait for the lead, their qualification not passed.
    unqualified: int
    slots: SlotCounts


@dataclass(frozen=True)
class RuleRow:
    """What one rule of one policy version did."""

    policy: int
    rule: str
    action: str
    queue: str | None
    inclusion_probability: float
    items: int
    selected: int


@dataclass(frozen=True)
class ItemCounts:
    single: int
    pair: int
    trace: int
    undecided: int

    @property
    def total(self) -> int:
        return self.single + self.pair + self.trace


@dataclass(frozen=True)
class Work:
    """How much somebody has done, never how well."""

    judged: int = 0
    seeded: int = 0
    in_hand: int = 0
    skipped: int = 0
    escalated: int = 0
    returned: int = 0
    expired: int = 0
    last_batch_at: datetime | None = None


@dataclass(frozen=True)
class SeatRow:
    handle: str
    is_active: bool
    is_backup: bool
    paused_because: str
    work: Work


@dataclass(frozen=True)
class TierRow:
    tier: int
    stakes: str
    slots: SlotCounts
    overdue: int
    # What has waited longest, and when it is to be judged by.
    oldest_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True)
class BatchRow:
    batch: UUID
    handle: str
    dealt_at: datetime
    size: int
    submitted: int
    live: int


def get_lead_navigation(*, user_id: int, project: str) -> LeadNavigation:
    queues = Queue.objects.filter(project__slug=project).order_by("title", "pk")
    return LeadNavigation(
        projects=tuple(access for access in list_access(user_id) if access.is_lead),
        queues=tuple(QueueName(*row) for row in queues.values_list("slug", "title")),
        sits_on_panel=PanelSeat.objects.filter(
            reviewer__user_id=user_id, reviewer__is_active=True, is_active=True
        ).exists(),
    )


def list_queue_rows(project_id: int) -> list[QueueRow]:
    queues = (
        Queue.objects.filter(project_id=project_id)
        .order_by("title", "pk")
        .values_list(
            "pk",
            "slug",
            "title",
            "rubric_version__rubric__slug",
            "rubric_version__number",
            "overlap",
            "paused_because",
        )
        .annotate(reviewers=Count("panel", filter=Q(panel__is_active=True)))
    )
    slots = _count_slots(project_id)
    failed = count_failed([pk for pk, *_ in queues])
    return [
        QueueRow(
            slug=slug,
            title=title,
            rubric=f"{rubric}@{number}",
            overlap=overlap,
            reviewers=reviewers,
            paused_because=paused,
            overdue=late,
            escalated=escalated,
            unqualified=failed[pk],
            slots=counts,
        )
        for pk, slug, title, rubric, number, overlap, paused, reviewers in queues
        for counts, late, escalated in (slots.get(pk, (SlotCounts(), 0, 0)),)
    ]


def _count_slots(project_id: int) -> dict[int, tuple[SlotCounts, int, int]]:
    rows = (
        Slot.objects.filter(queue__project_id=project_id)
        .order_by()
        .values_list("queue_id")
        .annotate(**SLOT_COUNTS, overdue=OVERDUE, escalated=ESCALATED)
    )
    return {
        queue: (SlotCounts(*counts), late, escalated)
        for queue, *counts, late, escalated in rows
    }


def count_items(project_id: int) -> ItemCounts:
    kinds = {kind.lower(): Count("pk", filter=Q(kind=kind)) for kind in ItemKind.values}
    # An anti-join in two counts: a decision is made once for an item.
    decided = RoutingDecision.objects.filter(item__project_id=project_id).count()
    counts = Item.objects.filter(project_id=project_id).aggregate(**kinds)
    return ItemCounts(undecided=sum(counts.values()) - decided, **counts)


def list_rule_rows(project_id: int) -> list[RuleRow]:
    """By rule, the newest policy first; what it sends to people first."""
    rows = (
        RoutingDecision.objects.filter(item__project_id=project_id)
        .order_by(
            "-policy__number",
            "action",
            F("items").desc(),
            "rule",
            "inclusion_probability",
        )
        .values_list("policy__number", "rule", "action", "inclusion_probability")
        .annotate(
            items=Count("pk"),
            selected=Count("pk", filter=Q(is_selected=True)),
            to=Max("queue__title"),
        )
        .order_by(
            "-policy__number",
            "action",
            F("items").desc(),
            "rule",
            "inclusion_probability",
        )
    )
    return [
        RuleRow(
            policy=policy,
            rule=rule,
            action=Action(action).label,
            queue=queue,
            inclusion_probability=probability,
            items=items,
            selected=selected,
        )
        for policy, rule, action, probability, items, selected, queue in rows
    ]


def list_seat_rows(queue_id: int) -> list[SeatRow]:
    """The panel, and whoever sat on it before and left judgments."""
    work = _count_work(queue_id)
    seats = (
        PanelSeat.objects.filter(queue_id=queue_id)
        .order_by("-is_active", "is_backup", "reviewer__handle", "pk")
        .values_list(
            "reviewer_id",
            "reviewer__handle",
            "is_active",
            "is_backup",
            "paused_because",
        )
    )
    return [
        SeatRow(handle, is_active, is_backup, paused, work.get(pk, Work()))
        for pk, handle, is_active, is_backup, paused in seats
    ]


def _count_work(queue_id: int) -> dict[int, Work]:
    submitted = Q(status=AssignmentStatus.SUBMITTED)
    rows = (
        Assignment.objects.filter(queue_id=queue_id, batch__isnull=False)
        .order_by()
        .values_list("reviewer_id")
        .annotate(
            judged=Count("pk", filter=submitted & Q(purpose=Purpose.FRESH)),
            seeded=Count("pk", filter=submitted & Q(purpose__in=SEEDED)),
            in_hand=Count("pk", filter=Q(status=AssignmentStatus.LIVE)),
            skipped=Count("pk", filter=Q(status=AssignmentStatus.SKIPPED)),
            escalated=Count("pk", filter=Q(status=AssignmentStatus.ESCALATED)),
            returned=Count("pk", filter=Q(status=AssignmentStatus.RETURNED)),
            expired=Count("pk", filter=Q(status=AssignmentStatus.EXPIRED)),
            last_batch_at=Max("batch__dealt_at"),
        )
    )
    return {reviewer: Work(*counts) for reviewer, *counts in rows}


def list_tier_rows(queue: QueueFacts) -> list[TierRow]:
    rows = (
        Slot.objects.filter(queue_id=queue.id)
        .exclude(state=SlotState.WITHDRAWN)
        .order_by("tier")
        .values_list("tier")
        .annotate(**SLOT_COUNTS, overdue=OVERDUE, oldest=Min("opened_at", filter=WAITS))
    )
    return [
        TierRow(
            tier,
            stakes_of(tier),
            SlotCounts(*counts),
            overdue,
            oldest,
            _due(queue, tier, oldest),
        )
        for tier, *counts, overdue, oldest in rows
    ]


def _due(queue: QueueFacts, tier: int, oldest: datetime | None) -> datetime | None:
    if oldest is None or not queue.sla_hours:
        return None
    return oldest + timedelta(hours=queue.sla_hours[tier])


def list_latest_batches(queue_id: int, *, limit: int = 8) -> list[BatchRow]:
    """Live ones: of a qualification all is gold, which a lead may be dealt as well."""
    rows = (
        Batch.objects.filter(queue_id=queue_id, qualification__isnull=True)
        .order_by("-dealt_at", "-pk")
        .values_list("public_id", "reviewer__handle", "dealt_at", "size")
        .annotate(
            submitted=Count(
                "assignments", filter=Q(assignments__status=AssignmentStatus.SUBMITTED)
            ),
            live=Count(
                "assignments", filter=Q(assignments__status=AssignmentStatus.LIVE)
            ),
        )
    )
    return [BatchRow(*row) for row in rows[:limit]]


def get_rubric_name(queue_id: int) -> str:
    slug, number = (
        Queue.objects.filter(pk=queue_id)
        .values_list("rubric_version__rubric__slug", "rubric_version__number")
        .get()
    )
    return f"{slug}@{number}"


SEEDED = [Purpose.GOLD, Purpose.RETEST]
WAITS = Q(state__in=[SlotState.OPEN, SlotState.TAKEN])
OVERDUE = Count("pk", filter=WAITS & Q(overdue_at__isnull=False))
ESCALATED = Count("pk", filter=Q(state=SlotState.ESCALATED))
SLOT_COUNTS = {
    "open": Count("pk", filter=Q(state=SlotState.OPEN)),
    "taken": Count("pk", filter=Q(state=SlotState.TAKEN)),
    "filled": Count("pk", filter=Q(state=SlotState.FILLED)),
    "held": Count("pk", filter=Q(state=SlotState.HELD)),
}
