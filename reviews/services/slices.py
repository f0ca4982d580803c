"""Slices of a queue that are paused: held by triggers, swept for what was open before."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from reviews.models import Queue, SlicePause, Slot, SlotState
from reviews.services.routing import lock_routing

CHUNK = 5000
BECAUSE_LENGTH = 500

HOLD = """
UPDATE reviews_slot SET state = 'HELD'
WHERE id = ANY(%s) AND state = 'OPEN'
    AND touchstone_slice_is_paused_v1(queue_id, item_id)
"""
RELEASE = """
UPDATE reviews_slot SET state = 'OPEN'
WHERE id = ANY(%s) AND state = 'HELD'
    AND NOT touchstone_slice_is_paused_v1(queue_id, item_id)
"""


@transaction.atomic
def pause_slice(
    *, queue_id: int, dimension: str, value: str, because: str, now: datetime
) -> bool:
    """Deal nothing fresh of it any more; False where it is paused already.

    From the commit on nothing more of it opens; the sweep holds what is open.
    """
    # A routing under way that does not see the pause is in before it is made.
    lock_routing(Queue.objects.get(pk=queue_id).project_id)
    _, is_new = SlicePause.objects.get_or_create(
        queue_id=queue_id,
        dimension=dimension,
        value=value,
        resumed_at=None,
        defaults={"because": because[:BECAUSE_LENGTH], "paused_at": now},
    )
    return is_new


@transaction.atomic
def resume_slice(*, queue_id: int, dimension: str, value: str, now: datetime) -> bool:
    """Let it be dealt again once the sweep has come by; False where it was not paused."""
    pauses = SlicePause.objects.filter(
        queue_id=queue_id, dimension=dimension, value=value, resumed_at=None
    )
    return bool(pauses.update(resumed_at=now))


def settle_slices(*, now: datetime) -> int:
    """Hold what new pauses found open, release what resumed ones held; how many slots.

    The marks are set last: a worker that dies leaves the rest to the next.
    """
    return _hold_new(now) + _release_resumed()


def _hold_new(now: datetime) -> int:
    pauses = list(SlicePause.objects.filter(held_at=None, resumed_at=None))
    queues = sorted({pause.queue_id for pause in pauses})
    n_moved = sum(_move(queue, SlotState.OPEN, HOLD) for queue in queues)
    SlicePause.objects.filter(pk__in=[pause.pk for pause in pauses]).update(held_at=now)
    return n_moved


def _release_resumed() -> int:
    pauses = list(SlicePause.objects.filter(resumed_at__isnull=False))
    queues = sorted({pause.queue_id for pause in pauses})
    n_moved = sum(_move(queue, SlotState.HELD, RELEASE) for queue in queues)
    SlicePause.objects.filter(pk__in=[pause.pk for pause in pauses]).delete()
    return n_moved


def _move(queue_id: int, state: SlotState, statement: str) -> int:
    n_moved = 0
    for ids in _chunks(queue_id, state):
        # Autocommitted, chunk by chunk: a deal waits for none of it.
        with connection.cursor() as cursor:
            cursor.execute(statement, [ids])
            n_moved += cursor.rowcount
    return n_moved


def _chunks(queue_id: int, state: SlotState) -> Iterator[list[int]]:
    last = 0
    slots = Slot.objects.filter(queue_id=queue_id, state=state).order_by("pk")
    while ids := list(slots.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        yield ids
        last = ids[-1]
