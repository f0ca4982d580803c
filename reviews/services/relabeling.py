"""Asking again for what was judged under an older version of a rubric.

The judgments stay, with their assignments and slots: those slots get numbers from
SUPERSEDED on, where nothing looks for work, and their places are opened anew.
"""

from datetime import datetime
from random import Random

from django.db import connection, transaction

from reviews.models import Queue, Slot
from reviews.queries.relabeling import OUTDATED
from reviews.services.queues import SUPERSEDED, fit_slots

SUPERSEDE = f"""
UPDATE reviews_slot slot SET state = 'WITHDRAWN', number = slot.number
    + %(superseded)s * (1 + (
        SELECT max(other.number) FROM reviews_slot other
        WHERE other.queue_id = slot.queue_id AND other.item_id = slot.item_id
    ) / %(superseded)s)
FROM ({OUTDATED}) outdated
WHERE slot.id = outdated.id
RETURNING slot.item_id, slot.tier
"""  # noqa: S608


@transaction.atomic
def reopen_judged(*, queue_id: int, now: datetime, rng: Random) -> int:
    """Let every item wait again that was judged under another version than the
    queue's; how many they are. What is in hand stays in hand.
    """
    queue = Queue.objects.select_for_update().get(pk=queue_id)
    with connection.cursor() as cursor:
        values = {"superseded": SUPERSEDED, "version": queue.rubric_version_id}
        cursor.execute(SUPERSEDE, {"queue": queue_id, **values})
        tiers = dict(cursor.fetchall())
    Slot.objects.bulk_create(
        (
            Slot(
                queue=queue,
                item_id=item_id,
                number=1,
                tier=tier,
                shuffle=rng.random(),
                opened_at=now,
            )
            for item_id, tier in sorted(tiers.items())
        ),
        batch_size=5000,
        ignore_conflicts=True,
    )
    fit_slots(queue, now, rng)
    return len(tiers)
