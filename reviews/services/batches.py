"""Dealing: a short, shuffled run of assignments for one reviewer."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    Item,
    PanelSeat,
    Purpose,
    Queue,
    Slot,
    SlotState,
)
from reviews.queries.batches import (
    count_held_since,
    is_dealt_elsewhere,
    midnight_before,
)
from reviews.queries.cover import TIERS, are_backups_needed
from reviews.sampling import order_responses
from reviews.services.leases import expire_leases
from reviews.services.presentations import prepare_presentables
from reviews.services.queues import SUPERSEDED
from reviews.services.seeding import pick_gold, pick_retests

TRIES = 5


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
    raise NothingLeft("Others are taking the last items here. Try again in a moment.")


@transaction.atomic
def _deal(queue_id: int, reviewer_id: int, now: datetime, seed: str) -> UUID:
    seat = _take_seat(queue_id, reviewer_id)
    queue = seat.queue
    expire_leases(now=now, reviewer_id=reviewer_id)
    open_batch = _open_batch(queue_id, reviewer_id)
    if open_batch is not None:
        return open_batch
    _check_pauses(seat)
    size = min(queue.batch_size, _left_today(queue, reviewer_id, now))
    if seat.is_backup and not are_backups_needed(queue=queue, now=now):
        raise NothingLeft("You are a backup here: the panel is at work.")
    dealt = _pick(queue, reviewer_id, size, now, Random(seed))
    batch = Batch.objects.create(
        queue=queue,
        reviewer_id=reviewer_id,
        seed=seed,
        seed_hash=hashlib.sha256(seed.encode()).hexdigest(),
        size=len(dealt),
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
        raise NothingLeft("You are not on the panel of this queue.")
    return seat


def _check_pauses(seat: PanelSeat) -> None:
    if seat.queue.paused_because:
        raise NothingLeft(f"This queue is paused: {seat.queue.paused_because}")
    if seat.paused_because:
        raise NothingLeft(f"You are paused on this queue: {seat.paused_because}")


def _open_batch(queue_id: int, reviewer_id: int) -> UUID | None:
    return (
        Batch.objects.filter(
            queue_id=queue_id,
            reviewer_id=reviewer_id,
            assignments__status=AssignmentStatus.LIVE,
        )
        .order_by("-dealt_at", "pk")
        .values_list("public_id", flat=True)
        .first()
    )


def _left_today(queue: Queue, reviewer_id: int, now: datetime) -> int:
    since = midnight_before(now)
    left = queue.daily_cap - count_held_since(
        queue_id=queue.pk, reviewer_id=reviewer_id, since=since
    )
    if left <= 0:
        raise NothingLeft("You have reached your daily limit on this queue.")
    if queue.queue_daily_cap is None:
        return left
    # Two who deal at once must not both take the last places of the day.
    Queue.objects.select_for_update(no_key=True).get(pk=queue.pk)
    left_to_all = queue.queue_daily_cap - count_held_since(
        queue_id=queue.pk, since=since
    )
    if left_to_all <= 0:
        raise NothingLeft("This queue has reached its limit for today.")
    return min(left, left_to_all)


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
    if not fresh and _free_slots(queue, reviewer_id).exists():
        raise LastItemsHeld
    if not fresh:
        raise NothingLeft("You have judged everything that waits here for you.")
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
    """Claim open slots of distinct items: what is late first, then by tier.

    The reading starts at a random point of each tier's order, so that reviewers
    who deal at once meet in different places, and each in an order of their own.
    """
    chosen: dict[int, Dealt] = {}
    for slots in _readings(queue, reviewer_id, rng):
        while len(chosen) < count:
            wanted = count - len(chosen)
            claimed = list(
                slots.exclude(item_id__in=chosen).values_list("pk", "item_id")[:wanted]
            )
            for slot_id, item_id in claimed:
                chosen.setdefault(item_id, Dealt(item_id, Purpose.FRESH, slot_id))
            if len(claimed) < wanted:
                break
    return list(chosen.values())


def _free_slots(queue: Queue, reviewer_id: int) -> QuerySet[Slot]:
    """Open slots of items that this reviewer has not had.

    What lapsed, was returned or was taken back may come again, and so may what was
    judged under another rubric version, after which it is asked for once more.
    """
    had = (
        Assignment.objects.filter(reviewer_id=reviewer_id, item=OuterRef("item"))
        .exclude(
            status__in=[
                AssignmentStatus.EXPIRED,
                AssignmentStatus.RETURNED,
                AssignmentStatus.WITHDRAWN,
            ]
        )
        .exclude(
            ~Q(rubric_version=queue.rubric_version_id),
            status=AssignmentStatus.SUBMITTED,
            slot__number__gte=SUPERSEDED,
        )
    )
    return Slot.objects.filter(~Exists(had), queue=queue, state=SlotState.OPEN)


def _readings(queue: Queue, reviewer_id: int, rng: Random) -> Iterator[QuerySet[Slot]]:
    free = (
        _free_slots(queue, reviewer_id)
        .order_by("shuffle", "pk")
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
    )
    late = free.filter(overdue_at__isnull=False)
    for slots in (late, free) if queue.sla_hours else (free,):
        for tier in TIERS:
            start = rng.random()
            yield slots.filter(tier=tier, shuffle__gte=start)
            yield slots.filter(tier=tier, shuffle__lt=start)


def _assign(batch: Batch, dealt: list[Dealt], now: datetime, rng: Random) -> None:
    items = Item.objects.in_bulk([one.item_id for one in dealt])
    prepare_presentables(item_ids=items, now=now)
    counts = [len(items[one.item_id].content.get("responses", [])) for one in dealt]
    orders = order_responses(counts, rng)
    until = now + timedelta(minutes=batch.queue.lease_minutes)
    Assignment.objects.bulk_create(
        Assignment(
            public_id=uuid4(),
            batch=batch,
            queue=batch.queue,
            reviewer_id=batch.reviewer_id,
            item_id=one.item_id,
            slot_id=one.slot_id,
            rubric_version_id=batch.queue.rubric_version_id,
            purpose=one.purpose,
            position=position,
            response_order=order,
            leased_until=until,
            created_at=now,
        )
        for position, (one, order) in enumerate(
            zip(dealt, orders, strict=True), start=1
        )
    )
