"""What reviewers may be shown, made ready before they see it."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from reviews.blinding import mask_content
from reviews.models import Item, Presentable
from reviews.rendering.pieces import made_with, make_pieces

PIECES = ("opening", "responses", "n_passages", "n_steps", "made_with")


READY = """
SELECT item_id, cardinality(responses) FROM reviews_presentable
WHERE item_id = ANY (%s) AND made_with = %s
"""


def make_ready(*, item_ids: list[int], now: datetime) -> dict[int, int]:
    """How many responses each item has, once all of them can be shown."""
    ready = _read_ready(item_ids)
    if len(ready) < len(item_ids):
        prepare_presentables(item_ids=item_ids, now=now)
        ready = _read_ready(item_ids)
    return ready


def _read_ready(item_ids: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(READY, [item_ids, made_with()])
        return dict(cursor.fetchall())


@transaction.atomic
def prepare_presentables(*, item_ids: Iterable[int], now: datetime) -> None:
    """Mask the content of the items that have no masked content yet, and make the
    pieces of those that have none, or none of today's making."""
    item_ids = list(item_ids)
    items = Item.objects.filter(pk__in=item_ids, presentable__isnull=True)
    items = items.select_for_update(no_key=True, of=("self",))  # an erasure waits
    Presentable.objects.bulk_create(
        [_presentable(item, now) for item in items.order_by("pk")],
        ignore_conflicts=True,
    )
    old = Presentable.objects.filter(pk__in=item_ids).exclude(made_with=made_with())
    for stale in old.select_for_update().order_by("pk"):
        _with_pieces(stale).save(update_fields=PIECES)


def _presentable(item: Item, now: datetime) -> Presentable:
    masked = mask_content(item.content, item.provenance, settings.MASKED_NAMES)
    return _with_pieces(
        Presentable(
            item=item,
            content=masked.content,
            masks=[
                {"text": text, "count": count}
                for text, count in sorted(masked.found.items())
            ],
            prepared_at=now,
        )
    )


def _with_pieces(presentable: Presentable) -> Presentable:
    for name, value in asdict(make_pieces(presentable.content)).items():
        setattr(presentable, name, value)
    presentable.made_with = made_with()
    return presentable
