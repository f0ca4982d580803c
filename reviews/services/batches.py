"""Dealing: a short, shuffled run of assignments for one reviewer."""

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.models import Purpose, Queue
from reviews.queries.batches import (
    OpenBatch,
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
from reviews.services.seats import TakenSeat, take_seat
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


def deal_batch(
    *, queue_id: int, reviewer_id: int, now: datetime, seed: str
) -> OpenBatch:
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
def _deal(queue_id: int, reviewer_id: int, now: datetime, seed: str) -> OpenBatch:
    seat = take_seat(queue_id=queue_id, reviewer_id=reviewer_id)
    if seat is None:
        raise NothingLeft(_("You are not on the panel of this queue."))
    standing = _get_standing(seat, now)
    if standing.open_batch is not None:
        return standing.open_batch
    _check_pauses(seat)
    left = _left_today(seat, standing, now)
    rng = Random(seed)
    qualifying = _pick_qualification(seat, left, now, rng)
    if qualifying is not None:
        dealt = _gold_alone(qualifying)
    elif seat.is_backup and not _are_backups_needed(seat, now):
        raise NothingLeft(_("You are a backup here: the panel is at work."))
    else:
        dealt = _pick(seat, min(seat.batch_size, left), now, rng)
    qualification_id = qualifying.qualification_id if qualifying else None
    return _hand_out(seat, dealt, qualification_id, now, seed)


def _get_standing(seat: TakenSeat, now: datetime) -> Standing:
    """After what lapsed in the reviewer's hand has gone back, in whatever queue."""
    queue_id, reviewer_id = seat.queue_id, seat.reviewer_id
    standing = get_standing(queue_id=queue_id, reviewer_id=reviewer_id, now=now)
    if not standing.has_lapsed:
        return standing
    expire_leases(now=now, reviewer_id=reviewer_id)
    return get_standing(queue_id=queue_id, reviewer_id=reviewer_id, now=now)


def _check_pauses(seat: TakenSeat) -> None:
    if seat.queue_paused_because:
        message = _("This queue is paused: %(reason)s")
        raise NothingLeft(message % {"reason": seat.queue_paused_because})
    if seat.paused_because:
        message = _("You are paused on this queue: %(reason)s")
        raise NothingLeft(message % {"reason": seat.paused_because})


def _left_today(seat: TakenSeat, standing: Standing, now: datetime) -> int:
    left = seat.daily_cap - standing.dealt_today
    if left < max(seat.batch_size, seat.qualification_size):
        # Near the limit it is counted what of that is held still.
        left = seat.daily_cap - count_held_today(
            queue_id=seat.queue_id, reviewer_id=seat.reviewer_id, now=now
        )
    if left <= 0:
        raise NothingLeft(_("You have reached your daily limit on this queue."))
    if seat.queue_daily_cap is None:
        return left
    return min(left, _left_to_all(seat, seat.queue_daily_cap, now))


def _left_to_all(seat: TakenSeat, cap: int, now: datetime) -> int:
    # Two who deal at once must not both take the last places of the day.
    Queue.objects.select_for_update(no_key=True).get(pk=seat.queue_id)
    left = cap - count_held_today(queue_id=seat.queue_id, now=now)
    if left <= 0:
        raise NothingLeft(_("This queue has reached its limit for today."))
    return left


def _pick_qualification(
    seat: TakenSeat, left: int, now: datetime, rng: Random
) -> Qualifying | None:
    if not seat.qualification_size:
        return None
    queue = Queue.objects.get(pk=seat.queue_id)
    return pick_qualification(queue, seat.reviewer_id, left, now, rng)


def _are_backups_needed(seat: TakenSeat, now: datetime) -> bool:
    queue = Queue.objects.get(pk=seat.queue_id)
    return are_backups_needed(queue=queue, now=now)


def _gold_alone(qualifying: Qualifying) -> list[Dealt]:
    if not qualifying.item_ids:
        raise NothingLeft(NO_GOLD)
    return [
        Dealt(item_id, Purpose.QUALIFICATION, None) for item_id in qualifying.item_ids
    ]


def _pick(seat: TakenSeat, size: int, now: datetime, rng: Random) -> list[Dealt]:
    """What the batch holds, in its order. Raises NothingLeft without fresh items."""
    gold = pick_gold(seat, size, now, rng)
    retests = pick_retests(seat, size, now, rng)
    unseen = [Dealt(item_id, Purpose.GOLD, None) for item_id in gold]
    unseen += [
        Dealt(item_id, Purpose.RETEST, None)
        for item_id in retests
        if item_id not in gold
    ]
    rng.shuffle(unseen)
    wanted = max(size - len(unseen), 1)
    fresh = _pick_fresh(seat, wanted, rng)
    if not fresh and has_free_slot(seat=seat):
        raise LastItemsHeld
    if not fresh:
        raise NothingLeft(_("You have judged everything that waits here for you."))
    # At the end of a queue too, gold stays a share of the batch.
    dealt = fresh + unseen[: len(unseen) * len(fresh) // wanted]
    dealt = _tell_apart(seat, dealt)
    rng.shuffle(dealt)
    return dealt


def _tell_apart(seat: TakenSeat, dealt: list[Dealt]) -> list[Dealt]:
    """Gold must not be all in which this batch differs from another.

    Two reviewers who compare batches of the same fresh items would know it: the
    later of the two gets a fresh item fewer. One item alone comes without gold.
    """
    fresh = [one for one in dealt if one.purpose == Purpose.FRESH]
    unseen = [one for one in dealt if one.purpose != Purpose.FRESH]
    while len(fresh) > 1 and is_dealt_elsewhere(
        queue_id=seat.queue_id,
        item_ids=[one.item_id for one in fresh],
        with_unseen=not unseen,
    ):
        fresh.pop()
    return fresh + unseen if len(fresh) > 1 else fresh


def _pick_fresh(seat: TakenSeat, count: int, rng: Random) -> list[Dealt]:
    claims = claim_slots(seat=seat, count=count, rng=rng)
    return [Dealt(one.item_id, Purpose.FRESH, one.slot_id) for one in claims]


# The batch and all that is in it: what they share, and in arrays what they do not.
HAND_OUT = """
WITH batch AS (
    INSERT INTO reviews_batch (
        public_id, queue_id, reviewer_id, seed, seed_hash, size, qualification_id,
        dealt_at
    )
    VALUES (
        %(batch)s, %(queue)s, %(reviewer)s, %(seed)s, %(seed_hash)s, %(size)s,
        %(qualification)s, %(now)s
    )
    RETURNING id, queue_id, reviewer_id, dealt_at
)
INSERT INTO reviews_assignment (
    public_id, batch_id, queue_id, reviewer_id, item_id, slot_id, rubric_version_id,
    purpose, position, response_order, status, ended_because, leased_until, created_at
)
SELECT dealt.public_id, batch.id, batch.queue_id, batch.reviewer_id, item_id, slot_id,
    %(version)s, purpose, position, response_order::smallint[], 'LIVE', '', %(until)s,
    batch.dealt_at
FROM batch, unnest(
    %(public_ids)s::uuid[], %(items)s::bigint[], %(slots)s::bigint[],
    %(purposes)s::text[], %(orders)s::text[]
) WITH ORDINALITY
    AS dealt (public_id, item_id, slot_id, purpose, response_order, position)
"""


def _hand_out(
    seat: TakenSeat,
    dealt: list[Dealt],
    qualification_id: int | None,
    now: datetime,
    seed: str,
) -> OpenBatch:
    batch, public_ids = uuid4(), [uuid4() for _ in dealt]
    given: dict[str, Any] = {
        "batch": batch,
        "queue": seat.queue_id,
        "reviewer": seat.reviewer_id,
        "seed": seed,
        "seed_hash": hashlib.sha256(seed.encode()).hexdigest(),
        "size": len(dealt),
        "qualification": qualification_id,
        "version": seat.rubric_version_id,
        "until": now + timedelta(minutes=seat.lease_minutes),
        "now": now,
        "public_ids": public_ids,
        "items": [one.item_id for one in dealt],
        "slots": [one.slot_id for one in dealt],
        "purposes": [str(one.purpose) for one in dealt],
        "orders": _order_responses(dealt, now, seed),
    }
    with connection.cursor() as cursor:
        cursor.execute(HAND_OUT, given)
    return OpenBatch(batch, public_ids[0])


def _order_responses(dealt: list[Dealt], now: datetime, seed: str) -> list[str]:
    """As array literals, for the database has no arrays of arrays of many lengths."""
    item_ids = [one.item_id for one in dealt]
    counts = make_ready(item_ids=item_ids, now=now)
    # A stream of its own: the sides do not hang on how the items were found.
    sides = Random(f"{seed} sides")
    orders = order_responses([counts[item_id] for item_id in item_ids], sides)
    return [f"{{{','.join(map(str, order))}}}" for order in orders]
