"""Setting up queues and their panels."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from random import Random
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import connection, transaction

from reviews.models import (
    ItemKind,
    Member,
    PanelSeat,
    Queue,
    Seed,
    Slot,
    SlotState,
)


class QueueFault(Exception):
    """The queue cannot be set up so; the message names the key."""


@dataclass(frozen=True)
class QueueSpec:
    """What a queue file says; the defaults suit a small team."""

    queue: str
    rubric: str
    project: str = ""
    title: str = ""
    kinds: tuple[str, ...] = tuple(ItemKind.values)
    reviewers: tuple[str, ...] = ()
    overlap: int = 2
    batch_size: int = 10
    gold_rate: float = 0.1
    lease_minutes: int = 60
    daily_cap: int = 200
    agreement_bar: float = 0.667


@dataclass(frozen=True)
class AppliedQueue:
    queue_id: int
    created: bool
    changed: tuple[str, ...]


# Key: type, least, most.
NUMBERS: Mapping[str, tuple[type[int] | type[float], float, float]] = {
    "overlap": (int, 1, 20),
    "batch_size": (int, 1, 200),
    "gold_rate": (float, 0, 0.5),
    "lease_minutes": (int, 1, 7 * 24 * 60),
    "daily_cap": (int, 1, 100_000),
    "agreement_bar": (float, 0, 1),
}


def parse_queue(text: str) -> QueueSpec:
    """Read a queue file. Raises QueueFault where it is not one."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise QueueFault(f"not TOML: {error}") from None
    known = [field.name for field in fields(QueueSpec)]
    for key in document:
        if key not in known:
            raise QueueFault(
                f"unknown key {key!r}: expected one of {', '.join(sorted(known))}"
            )
    for key in ("queue", "rubric"):
        if key not in document:
            raise QueueFault(f"{key} is missing: expected a name")
    return QueueSpec(**{key: _value(key, value) for key, value in document.items()})


def _value(key: str, value: Any) -> Any:
    if key in NUMBERS:
        return _number(key, value)
    if key in ("kinds", "reviewers"):
        return _words(key, value)
    if not isinstance(value, str) or not value:
        raise QueueFault(f"{key}: expected text")
    if key == "queue":
        try:
            validate_slug(value)
        except ValidationError:
            raise QueueFault(
                f"queue: {value!r} is not a name: expected letters, digits and -"
            ) from None
    return value


def _number(key: str, value: Any) -> float:
    kind, least, most = NUMBERS[key]
    fits = isinstance(value, int) or (kind is float and isinstance(value, float))
    if isinstance(value, bool) or not fits or not least <= value <= most:
        what = "a whole number" if kind is int else "a number"
        raise QueueFault(f"{key}: expected {what} from {least} to {most}")
    return kind(value)


def _words(key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise QueueFault(f"{key}: expected a list of words")
    if key == "reviewers":
        return tuple(value)
    kinds = tuple(word.upper() for word in value)
    for word, kind in zip(value, kinds, strict=True):
        if kind not in ItemKind.values:
            expected = ", ".join(known.lower() for known in ItemKind.values)
            raise QueueFault(f"kinds: {word!r} is not one of {expected}")
    if not kinds:
        raise QueueFault("kinds: expected at least one")
    return kinds


@transaction.atomic
def apply_queue(
    *,
    spec: QueueSpec,
    project_id: int,
    rubric_version_id: int,
    now: datetime,
    rng: Random,
) -> AppliedQueue:
    """Make the queue what the spec says; what is under way stays under way."""
    values: dict[str, Any] = {
        "title": spec.title or spec.queue.replace("-", " ").capitalize(),
        "rubric_version_id": rubric_version_id,
        "kinds": list(spec.kinds),
        **{key: getattr(spec, key) for key in NUMBERS},
    }
    queue = (
        Queue.objects.select_for_update()
        .filter(project_id=project_id, slug=spec.queue)
        .first()
    )
    if queue is None:
        queue = Queue.objects.create(
            project_id=project_id, slug=spec.queue, created_at=now, **values
        )
        _seat_panel(queue, spec.reviewers)
        return AppliedQueue(queue.pk, True, ())
    changed = [key for key, value in values.items() if getattr(queue, key) != value]
    for key in changed:
        setattr(queue, key, values[key])
    queue.save(update_fields=changed)
    if "overlap" in changed:
        _fit_slots(queue, now, rng)
    if _seat_panel(queue, spec.reviewers):
        changed.append("reviewers")
    return AppliedQueue(queue.pk, False, tuple(changed))


def _seat_panel(queue: Queue, handles: tuple[str, ...]) -> bool:
    """Seat exactly these reviewers; whether that changed anything."""
    members = {
        member.handle: member
        for member in Member.objects.filter(
            project_id=queue.project_id, handle__in=handles, is_active=True
        )
    }
    for handle in handles:
        if handle not in members:
            raise QueueFault(
                f"reviewers: {handle!r} is not a member of the project: add them with"
                f" `bin/touchstone member add {handle} --role reviewer --project ...`"
            )
    wanted = {member.pk for member in members.values()}
    seats = dict(queue.panel.values_list("reviewer_id", "is_active"))
    seated = {reviewer for reviewer, is_active in seats.items() if is_active}
    queue.panel.exclude(reviewer_id__in=wanted).update(is_active=False)
    queue.panel.filter(reviewer_id__in=wanted).update(is_active=True)
    PanelSeat.objects.bulk_create(
        PanelSeat(queue=queue, reviewer_id=reviewer)
        for reviewer in sorted(wanted - seats.keys())
    )
    return seated != wanted


def _fit_slots(queue: Queue, now: datetime, rng: Random) -> None:
    """After the overlap changed: every item has as many slots as it says.

    A slot that is held or filled stays, whatever the overlap is now.
    """
    seeds = Seed.objects.filter(queue=queue, is_active=True)
    slots = Slot.objects.filter(queue=queue).exclude(item__in=seeds.values("item"))
    slots.filter(number__gt=queue.overlap, state=SlotState.OPEN).update(
        state=SlotState.WITHDRAWN
    )
    slots.filter(number__lte=queue.overlap, state=SlotState.WITHDRAWN).update(
        state=SlotState.OPEN
    )
    firsts = list(slots.filter(number=1).values_list("item_id", "tier"))
    Slot.objects.bulk_create(
        (
            Slot(
                queue=queue,
                item_id=item_id,
                number=number,
                tier=tier,
                shuffle=rng.random(),
                opened_at=now,
            )
            for item_id, tier in firsts
            for number in range(2, queue.overlap + 1)
        ),
        batch_size=5000,
        ignore_conflicts=True,
    )
    fill_slots(queue_id=queue.pk)


def fill_slots(*, queue_id: int) -> int:
    """Fill the open slots of items that raters elsewhere have judged already."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE reviews_slot slot SET state = 'FILLED'
            FROM (
                SELECT item_id, count(*) AS judged FROM reviews_assignment
                WHERE queue_id = %(queue)s AND purpose = 'IMPORT'
                GROUP BY item_id
            ) elsewhere
            WHERE slot.queue_id = %(queue)s AND slot.item_id = elsewhere.item_id
                AND slot.state = 'OPEN' AND slot.number <= elsewhere.judged
            """,
            {"queue": queue_id},
        )
        return int(cursor.rowcount)


def seed_item(*, queue_id: int, item_id: int, band: str, now: datetime) -> None:
    """Let batches of the queue carry this item unseen, balanced within `band`.

    What is known need not be judged: the item no longer waits for fresh judgments.
    """
    Slot.objects.filter(
        queue_id=queue_id, item_id=item_id, state=SlotState.OPEN
    ).update(state=SlotState.WITHDRAWN)
    Seed.objects.update_or_create(
        queue_id=queue_id,
        item_id=item_id,
        defaults={"band": band[:40], "is_active": True},
        create_defaults={"band": band[:40], "created_at": now},
    )
