"""What freezing reads of items."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from labeling.models import Judgment
from reviews.models import Item, ItemKind, Slot, SlotState


@dataclass(frozen=True)
class Source:
    """An item as ingested."""

    kind: str
    content: dict[str, Any]
    signals: dict[str, Any]
    provenance: dict[str, Any]
    fingerprint: str


def get_sources(item_ids: Collection[int]) -> dict[int, Source]:
    return {
        item.pk: Source(
            kind=ItemKind(item.kind).label,
            content=item.content,
            signals=item.signals,
            provenance=item.provenance,
            fingerprint=bytes(item.fingerprint).hex(),
        )
        for item in Item.objects.filter(pk__in=item_ids)
    }


def count_not_judged(*, queue_id: int, version_id: int) -> int:
    """Items of the queue without one judgment that counts under this version."""
    judged = Judgment.objects.filter(
        queue_id=queue_id, rubric_version_id=version_id, counts=True
    ).values("item_id")
    waiting = Slot.objects.filter(
        ~Q(state=SlotState.WITHDRAWN), queue_id=queue_id
    ).values_list("item_id", flat=True)
    earlier = Judgment.objects.filter(queue_id=queue_id, counts=True).values_list(
        "item_id", flat=True
    )
    return (
        Item.objects.filter(Q(pk__in=waiting) | Q(pk__in=earlier))
        .exclude(pk__in=judged)
        .count()
    )
