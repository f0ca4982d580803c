"""What is known of the judged items, for looking at agreement slice by slice."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max

from labeling.models import Judgment

# What items may be sliced by, in the order in which it is shown.
DIMENSIONS = ("intent", "stakes", "rule", "action", "kind")


@dataclass(frozen=True, slots=True)
class ItemFacets:
    """One item: its value in each dimension, and when it was last judged."""

    item: str
    values: tuple[str | None, ...]
    judged_at: datetime


def list_facets(*, queue_id: int, version_id: int) -> list[ItemFacets]:
    """Every item with a counting judgment, by when its last one came."""
    rows = (
        Judgment.objects.filter(
            queue_id=queue_id, rubric_version_id=version_id, counts=True
        )
        .values_list(
            F("item__external_id"),
            F("item__signals__intent"),
            F("item__signals__stakes"),
            F("item__routingdecision__rule"),
            F("item__routingdecision__action"),
            F("item__kind"),
        )
        .annotate(judged_at=Max("submitted_at"))
        .order_by("judged_at", "item__external_id")
    )
    return [
        ItemFacets(item, tuple(values), judged_at)
        for item, *values, judged_at in rows.iterator(chunk_size=5000)
    ]
