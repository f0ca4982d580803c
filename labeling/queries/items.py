"""One item, and one batch, as a lead looks at them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from labeling.models import Disposition, Judgment
from labeling.queries.disputes import opening_of
from reviews.models import Assignment, AssignmentStatus, Batch
from reviews.queries.batches import UnknownBatch
from reviews.queries.presentations import ItemContent, get_item_content
from reviews.queries.unblinding import ItemFacts, get_item


@dataclass(frozen=True)
class ItemPage:
    item: ItemFacts
    content: ItemContent | None
    # How often it was decided so; none before the item was revealed to the lead.
    decisions: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class DealtRow:
    position: int
    item_id: int
    opening: str
    status: str
    is_unblinded: bool


@dataclass(frozen=True)
class DealtBatch:
    """A batch after the fact. What was gold in it stays out of it: a lead who may
    rate as well must not learn it here."""

    id: int
    public_id: UUID
    queue: str
    queue_title: str
    handle: str
    dealt_at: datetime
    # Of the seed, which decided the order, the sides and the rest.
    seed_hash: str
    rows: tuple[DealtRow, ...]


def get_item_page(*, project_id: int, item_id: int, lead_id: int) -> ItemPage:
    item = get_item(project_id=project_id, item_id=item_id, lead_id=lead_id)
    return ItemPage(
        item=item,
        content=get_item_content(item_id),
        decisions=_decisions(item_id) if item.origin else (),
    )


def _decisions(item_id: int) -> tuple[tuple[str, int], ...]:
    made = (
        Judgment.objects.filter(item_id=item_id, counts=True)
        .exclude(disposition="")
        .values_list("disposition")
        .annotate(times=Count("pk"))
        .order_by("disposition")
    )
    return tuple((Disposition(one).label.capitalize(), times) for one, times in made)


def get_dealt_batch(
    *, project_id: int, queue: str, public_id: UUID, lead_id: int
) -> DealtBatch:
    batch = (
        Batch.objects.filter(
            queue__project_id=project_id,
            queue__slug=queue,
            public_id=public_id,
            # In it all is gold.
            qualification__isnull=True,
        )
        .select_related("queue", "reviewer")
        .first()
    )
    if batch is None:
        raise UnknownBatch(str(public_id))
    return DealtBatch(
        id=batch.pk,
        public_id=public_id,
        queue=queue,
        queue_title=batch.queue.title,
        handle=batch.reviewer.handle,
        dealt_at=batch.dealt_at,
        seed_hash=batch.seed_hash,
        rows=_rows(batch, lead_id),
    )


def _rows(batch: Batch, lead_id: int) -> tuple[DealtRow, ...]:
    given = Assignment.objects.filter(batch=batch).order_by("position")
    revealed = set(
        given.filter(item__unblindings__lead_id=lead_id).values_list("pk", flat=True)
    )
    rows = given.values_list(
        "pk", "position", "item_id", "item__presentable__content", "status"
    )
    return tuple(
        DealtRow(
            position=position,
            item_id=item_id,
            opening=opening_of(content or {}),
            status=AssignmentStatus(status).label,
            is_unblinded=pk in revealed,
        )
        for pk, position, item_id, content, status in rows
    )
