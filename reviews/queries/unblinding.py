"""What a lead may know of an item before and after it was unblinded for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from reviews.models import Erasure, Item, Presentable, Unblinding


class UnknownItem(Exception):
    """There is no such item in this project."""


@dataclass(frozen=True)
class Mask:
    """A name that reviewers do not see, as it is written in the item."""

    text: str
    count: int


@dataclass(frozen=True)
class UnblindingRow:
    """One entry of the record: who was shown it, when and why."""

    handle: str
    revealed_at: datetime
    reason: str
    is_of_batch: bool


@dataclass(frozen=True)
class ErasureRow:
    """Who erased what the item said, when and why."""

    # None: from the command line.
    handle: str | None
    erased_at: datetime
    reason: str


@dataclass(frozen=True)
class Origin:
    """Where an item came from, and what triage read."""

    external_id: str
    provenance: Any
    signals: Any


@dataclass(frozen=True)
class ItemFacts:
    id: int
    kind: str
    ingested_at: datetime
    # None until the lead who asks was shown it, by a recorded act of their own.
    origin: Origin | None
    masks: tuple[Mask, ...]
    unblindings: tuple[UnblindingRow, ...]
    erasure: ErasureRow | None


def get_item(*, project_id: int, item_id: int, lead_id: int) -> ItemFacts:
    item = Item.objects.filter(project_id=project_id, pk=item_id).first()
    if item is None:
        raise UnknownItem(str(item_id))
    found = Unblinding.objects.filter(item=item)
    is_revealed = found.filter(lead_id=lead_id).exists()
    return ItemFacts(
        id=item.pk,
        kind=item.kind,
        ingested_at=item.ingested_at,
        origin=_origin(item) if is_revealed else None,
        masks=_masks(item.pk),
        unblindings=_rows(found),
        erasure=_erasure(item),
    )


def _erasure(item: Item) -> ErasureRow | None:
    found = Erasure.objects.filter(item=item).select_related("lead").first()
    if found is None:
        return None
    handle = found.lead.handle if found.lead else None
    return ErasureRow(handle, found.erased_at, found.reason)


def _origin(item: Item) -> Origin:
    return Origin(item.external_id, item.provenance, item.signals)


def _masks(item_id: int) -> tuple[Mask, ...]:
    masks = Presentable.objects.filter(pk=item_id).values_list("masks", flat=True)
    return tuple(Mask(one["text"], one["count"]) for one in masks.first() or [])


def _rows(found: QuerySet[Unblinding]) -> tuple[UnblindingRow, ...]:
    rows = found.order_by("revealed_at", "pk").values_list(
        "lead__handle", "revealed_at", "reason", "batch_id"
    )
    return tuple(
        UnblindingRow(handle, at, reason, batch is not None)
        for handle, at, reason, batch in rows
    )
