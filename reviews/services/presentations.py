"""What reviewers may be shown, made ready before they see it."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from reviews.blinding import mask_content
from reviews.models import Item, Presentable


def prepare_presentables(*, item_ids: Iterable[int], now: datetime) -> None:
    """Mask the content of the items that have no masked content yet."""
    items = Item.objects.filter(pk__in=item_ids, presentable__isnull=True)
    Presentable.objects.bulk_create(
        [_presentable(item, now) for item in items.order_by("pk")],
        ignore_conflicts=True,
    )


def _presentable(item: Item, now: datetime) -> Presentable:
    masked = mask_content(item.content, item.provenance, settings.MASKED_NAMES)
    return Presentable(
        item=item,
        content=masked.content,
        masks=[
            {"text": text, "count": count}
            for text, count in sorted(masked.found.items())
        ],
        prepared_at=now,
    )
