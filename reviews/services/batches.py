"""Dealing: a short, shuffled run of assignments for one reviewer."""

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.models import Batch, PanelSeat, Purpose, Queue
from reviews.queries.batches import (
    Standing,
    count_held_today,
    get_standing,
    is_dealt_elsewhere,
)
from reviews.queries.cover import are_backups_needed
from reviews.sampling import order_responses
from reviews.services.claims import claim_slots, has_free_slot
from reviews.services.leases import expire_leases
from reviews.services.presentations import make_ready
from reviews.services.qualifying import Qualifying, pick_qualification
from reviews.services.seeding import pick_gold, pick_retests

TRIES = 5
NO_GOLD = gettext_lazy(
    "It begins with a qualification, for which the lead has to add cases first."
    " Your lead sees that you wait."
)


class NothingLeft(Exception):
    """There is nothing to deal; the message says why, in words for the reviewer."""


class LastItemsHeld(Exception):
    """What is open is being dealt to others this very moment, and may come back."""


@dataclass(frozen=True)
class Dealt:
    item_id: int
    purpose: Purpose
    slot_id: int | None


def deal_batch(*, queue_id: int, reviewer_id: int, now: datetime, seed: str) -> UUID:
    """Deal a batch, or give back the one that is still open.

    The seed decides everything that is left to chance here and is kept, so that
    the order, the gold positions and the sides can be audited.
    """
    for attempt in range(TRIES):
        try:
            return _deal(queue_id, reviewer_id, now, seed)
        except LastItemsHeld:
            time.sleep(0.02 * (attempt + 1))
    raise NothingLeft(
        _("Others are taking the last items here. Try again in a moment.")
    )


@transaction.atomic
def _deal(queue_id: int, reviewer_id: int, now: datetime, seed: str) -> UUID:
    seat = _take_seat(queue_id, reviewer_id)
    queue = seat.queue
    expire_leases(now=now, reviewer_id=reviewer_id)
    standing = get_standing(queue_id=queue_id, reviewer_id=reviewer_id, now=now)
    if standing.open_batch is not None:
        return standing.open_batch
    _check_pauses(seat)
    left = _left_today(queue, standing, now)
    rng = Random(seed)
    qualifying = pick_qualification(queue, reviewer_id, left, now, rng)
    if qualifying is not None:
        dealt = _gold_alone(qualifying)
    elif seat.is_backup and not are_backups_needed(queue=queue, now=now):
        raise NothingLeft(_("You are a backup here: the panel is at work."))
    else:
        dealt = _pick(queue, reviewer_id, min(queue.batch_size, left), now, rng)
    batch = Batch.objects.create(
        queue=queue,
        reviewer_id=reviewer_id,
        seed=seed,
        seed_hash=hashlib.sha256(seed.encode()).hexdigest(),
        size=len(dealt),
        qualification_id=qualifying.qualification_id if qualifying else None,
        dealt_at=now,
    )
    # A stream of its own: the sides do not hang on how the items were found.
    _assign(batch, dealt, now, Random(f"{seed} sides"))
    return batch.public_id


def _take_seat(queue_id: int, reviewer_id: int) -> PanelSeat:
    """The seat, with the reviewer locked: two tabs deal one after the other."""
    seat = (
        PanelSeat.objects.select_for_update(of=("reviewer",), no_key=True)
        .select_related("queue", "reviewer")
        .filter(queue_id=queue_id, reviewer_id=reviewer_id, is_active=True)
        .first()
    )
    if seat is None:
        raise NothingLeft(_("You are not on the panel of this queue."))
    return seat


def _check_pauses(seat: PanelSeat) -> None:
    if seat.queue.paused_because:
        message = _("This queue is paused: %(reason)s")
        raise NothingLeft(message % {"reason": seat.queue.paused_because})
    if seat.paused_because:
        message = _("You are paused on this queue: %(reason)s")
        raise NothingLeft(message % {"reason": seat.paused_because})


def _left_today(queue: Queue, standing: Standing, now: datetime) -> int:
    left = queue.daily_cap - standing.held_today
    if left <= 0:
        raise NothingLeft(_("You have reached your daily limit on this queue."))
    if queue.queue_daily_cap is None:
        return left
    # Two who deal at once must not both take the last places of the day.
    Queue.objects.select_for_update(no_key=True).get(pk=queue.pk)
    left_to_all = queue.queue_daily_cap - count_held_today(queue_id=queue.pk, now=now)
    if left_to_all <= 0:
        raise NothingLeft(_("This queue has reached its limit for today."))
    return min(left, left_to_all)


def _gold_alone(qualifying: Qualifying) -> list[Dealt]:
    if not qualifying.item_ids:
        raise NothingLeft(NO_GOLD)
    return [
        Dealt(item_id, Purpose.QUALIFICATION, None) for item_id in qualifying.item_ids
    ]


def _pick(
    queue: Queue, reviewer_id: int, size: int, now: datetime, rng: Random
) -> list[Dealt]:
    """What the batch holds, in its order. Raises NothingLeft without fresh items."""
    gold = pick_gold(queue, reviewer_id, size, now, rng)
    retests = pick_retests(queue, reviewer_id, size, now, rng)
    unseen = [Dealt(item_id, Purpose.GOLD, None) for item_id in gold]
    unseen += [
        Dealt(item_id, Purpose.RETEST, None)
        for item_id in retests
        if item_id not in gold
    ]
    rng.shuffle(unseen)
    wanted = max(size - len(unseen), 1)
    fresh = _pick_fresh(queue, reviewer_id, wanted, rng)
    if not fresh and has_free_slot(queue=queue, reviewer_id=reviewer_id):
        raise LastItemsHeld
    if not fresh:
        raise NothingLeft(_("You have judged everything that waits here for you."))
    # At the end of a queue too, gold stays a share of the batch.
    dealt = fresh + unseen[: len(unseen) * len(fresh) // wanted]
    dealt = _tell_apart(queue, dealt)
    rng.shuffle(dealt)
    return dealt


def _tell_apart(queue: Queue, dealt: list[Dealt]) -> list[Dealt]:
    """Gold must not be all in which this batch differs from another.

    Two reviewers who compare batches of the same fresh items would know it: the
    later of the two gets a fresh item fewer. One item alone comes without gold.
    """
    fresh = [one for one in dealt if one.purpose == Purpose.FRESH]
    unseen = [one for one in dealt if one.purpose != Purpose.FRESH]
    while len(fresh) > 1 and is_dealt_elsewhere(
        queue_id=queue.pk,
        item_ids=[one.item_id for one in fresh],
        with_unseen=not unseen,
    ):
        fresh.pop()
    return fresh + unseen if len(fresh) > 1 else fresh


def _pick_fresh(queue: Queue, reviewer_id: int, count: int, rng: Random) -> list[Dealt]:
    claims = claim_slots(queue=queue, reviewer_id=reviewer_id, count=count, rng=rng)
    return [Dealt(one.item_id, Purpose.FRESH, one.slot_id) for one in claims]


# All of a batch at once: what they share, and in arrays what they do not.
ASSIGN = """
INSERT INTO reviews_assignment (
    public_id, batch_id, queue_id, reviewer_id, item_id, slot_id, rubric_version_id,
    purpose, position, response_order, status, ended_because, leased_until, created_at
)
SELECT public_id, %(batch)s, %(queue)s, %(reviewer)s, item_id, slot_id, %(version)s,
    purpose, position, response_order::smallint[], 'LIVE', '', %(until)s, %(now)s
FROM unnest(
    %(public_ids)s::uuid[], %(items)s::bigint[], %(slots)s::bigint[],
    %(purposes)s::text[], %(orders)s::text[]
) WITH ORDINALITY
    AS dealt (public_id, item_id, slot_id, purpose, response_order, position)
"""


def _assign(batch: Batch, dealt: list[Dealt], now: datetime, rng: Random) -> None:
    counts = make_ready(item_ids=[one.item_id for one in dealt], now=now)
    orders = order_responses([counts[one.item_id] for one in dealt], rng)
    given: dict[str, Any] = {
        "batch": batch.pk,
        "queue": batch.queue_id,
        "reviewer": batch.reviewer_id,
        "version": batch.queue.rubric_version_id,
        "until": now + timedelta(minutes=batch.queue.lease_minutes),
        "now": now,
        "public_ids": [uuid4() for _ in dealt],
        "items": [one.item_id for one in dealt],
        "slots": [one.slot_id for one in dealt],
        "purposes": [str(one.purpose) for one in dealt],
        "orders": [f"{{{','.join(map(str, order))}}}" for order in orders],
    }
    with connection.cursor() as cursor:
        cursor.execute(ASSIGN, given)
