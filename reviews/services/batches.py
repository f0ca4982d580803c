"""Dealing: a short, shuffled run of assignments for one reviewer."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from reviews.models import (
    Assignment,
    AssignmentStatus,
    Batch,
    Item,
    PanelSeat,
    Purpose,
    Queue,
    Seed,
    Slot,
    SlotState,
)
from reviews.queries.batches import count_held_since, midnight_before
from reviews.sampling import count_seeded, order_responses, pick_balanced
from reviews.services.leases import expire_leases
from reviews.services.presentations import prepare_presentables

TIERS = range(4)
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
    queue = _take_seat(queue_id, reviewer_id)
    expire_leases(now=now, reviewer_id=reviewer_id)
    open_batch = _open_batch(queue_id, reviewer_id)
    if open_batch is not None:
        return open_batch
    rng = Random(seed)
    size = min(queue.batch_size, _left_today(queue, reviewer_id, now))
    seeded = _pick_seeded(queue, reviewer_id, size, rng)
    fresh = _pick_fresh(queue, reviewer_id, size - len(seeded), rng)
    if not fresh and _free_slots(queue, reviewer_id).exists():
        raise LastItemsHeld
    if not fresh:
        raise NothingLeft("You have judged everything that waits here for you.")
    dealt = seeded + fresh
    rng.shuffle(dealt)
    batch = Batch.objects.create(
        queue=queue,
        reviewer_id=reviewer_id,
        seed=seed,
        seed_hash=hashlib.sha256(seed.encode()).hexdigest(),
        size=len(dealt),
        dealt_at=now,
    )
    _assign(batch, dealt, now, rng)
    return batch.public_id


def _take_seat(queue_id: int, reviewer_id: int) -> Queue:
    """The queue, with the reviewer locked: two tabs deal one after the other."""
    seat = (
        PanelSeat.objects.select_for_update(of=("reviewer",), no_key=True)
        .select_related("queue", "reviewer")
        .filter(queue_id=queue_id, reviewer_id=reviewer_id, is_active=True)
        .first()
    )
    if seat is None:
        raise NothingLeft("You are not on the panel of this queue.")
    return seat.queue


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
    given = count_held_since(
        queue_id=queue.pk, reviewer_id=reviewer_id, since=midnight_before(now)
    )
    if given >= queue.daily_cap:
        raise NothingLeft("You have reached the daily limit of this queue.")
    return queue.daily_cap - given


def _pick_seeded(queue: Queue, reviewer_id: int, size: int, rng: Random) -> list[Dealt]:
    """Gold that this reviewer has never had, the bands by turns."""
    count = count_seeded(size, queue.gold_rate, rng)
    seen = Assignment.objects.filter(reviewer_id=reviewer_id, item=OuterRef("item"))
    unseen = (
        Seed.objects.filter(~Exists(seen), queue=queue, is_active=True)
        .order_by("pk")
        .values_list("band", "item_id")
    )
    # At least one place stays for a fresh item.
    chosen = pick_balanced(unseen, min(count, size - 1), rng)
    return [Dealt(item_id, Purpose.GOLD, None) for item_id in chosen]


def _pick_fresh(queue: Queue, reviewer_id: int, count: int, rng: Random) -> list[Dealt]:
    """Claim open slots of distinct items, the lowest tier first.

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
    """Open slots of items that this reviewer has not had; a lapsed one may return."""
    had = Assignment.objects.filter(
        reviewer_id=reviewer_id, item=OuterRef("item")
    ).exclude(status=AssignmentStatus.EXPIRED)
    return Slot.objects.filter(~Exists(had), queue=queue, state=SlotState.OPEN)


def _readings(queue: Queue, reviewer_id: int, rng: Random) -> Iterator[QuerySet[Slot]]:
    free = (
        _free_slots(queue, reviewer_id)
        .order_by("shuffle", "pk")
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
    )
    for tier in TIERS:
        start = rng.random()
        yield free.filter(tier=tier, shuffle__gte=start)
        yield free.filter(tier=tier, shuffle__lt=start)


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
