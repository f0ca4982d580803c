"""Who stands in for whom, and what reviewers have put before the lead."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext

from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    PanelSeat,
    Purpose,
    Queue,
    Slot,
    SlotState,
)
from reviews.triage import stakes_of

TIERS = range(4)
# A primary who has started nothing for so long, while work waits, is absent.
ABSENT_AFTER = timedelta(days=2)
# An escalated gold case or retest has no slot to settle: it is shown for a while.
SHOWN_FOR = timedelta(days=14)
WAITING = [SlotState.OPEN, SlotState.TAKEN]


@dataclass(frozen=True)
class Escalation:
    """An item before the lead; gold and retests have no slot to settle."""

    assignment: UUID
    item: str
    tier: int | None
    handle: str
    reason: str
    purpose: str

    @property
    def stakes(self) -> str:
        return "" if self.tier is None else stakes_of(self.tier)

    @property
    def is_open(self) -> bool:
        return self.tier is not None


def are_backups_needed(*, queue: Queue, now: datetime) -> bool:
    """Whether something is late or a primary of the panel is absent."""
    late = Slot.objects.filter(
        queue=queue, state=SlotState.OPEN, overdue_at__isnull=False
    )
    if late.exists():
        return True
    primaries = PanelSeat.objects.filter(queue=queue, is_active=True, is_backup=False)
    if primaries.exclude(paused_because="").exists() or not primaries.exists():
        return True
    since = now - ABSENT_AFTER - timedelta(minutes=queue.lease_minutes)
    dealt = Batch.objects.filter(
        queue=queue, reviewer=OuterRef("reviewer"), dealt_at__gt=since
    )
    has_waited = Slot.objects.filter(
        queue=queue,
        tier__in=TIERS,
        state__in=WAITING,
        overdue_at__isnull=True,
        opened_at__lte=since,
    )
    return primaries.filter(~Exists(dealt)).exists() and has_waited.exists()


def list_escalations(
    queue_id: int, *, now: datetime, limit: int = 50
) -> list[Escalation]:
    """What waits for the lead, by tier; then gold and retests."""
    rows = (
        Assignment.objects.filter(
            Q(slot__state=SlotState.ESCALATED)
            | Q(slot__isnull=True, created_at__gt=now - SHOWN_FOR),
            queue_id=queue_id,
            status=AssignmentStatus.ESCALATED,
        )
        .order_by("slot__tier", "-pk")
        .values_list(
            "public_id",
            "item__external_id",
            "slot__tier",
            "reviewer__handle",
            "ended_because",
            "purpose",
        )
    )
    return [
        Escalation(
            public_id, item, tier, handle, reason, gettext(Purpose(purpose).label)
        )
        for public_id, item, tier, handle, reason, purpose in rows[:limit]
    ]
