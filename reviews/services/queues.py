"""Setting up queues and their panels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from django.db import connection, transaction

from reviews.models import (
    Member,
    PanelSeat,
    Queue,
    Seed,
    Slot,
    SlotState,
)
from reviews.services.queue_files import NUMBERS, QueueFault, QueueSpec
from reviews.services.sla import forget_breaches


@dataclass(frozen=True)
class AppliedQueue:
    queue_id: int
    created: bool
    changed: tuple[str, ...]


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
        "sla_hours": list(spec.sla_hours),
        "guess_systems": list(spec.guess_systems),
        "plain_text": spec.plain_text,
        "authority": list(spec.authority),
        "label_method": spec.label_method,
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
        _seat_panel(queue, spec)
        return AppliedQueue(queue.pk, True, ())
    changed = [key for key, value in values.items() if getattr(queue, key) != value]
    for key in changed:
        setattr(queue, key, values[key])
    queue.save(update_fields=changed)
    if "overlap" in changed:
        fit_slots(queue, now, rng)
    if "sla_hours" in changed:
        forget_breaches(queue_id=queue.pk)
    changed += _seat_panel(queue, spec)
    return AppliedQueue(queue.pk, False, tuple(changed))


def _seat_panel(queue: Queue, spec: QueueSpec) -> list[str]:
    """Seat exactly these reviewers and backups; the keys that changed anything."""
    wanted = {
        **_find_members(queue, "reviewers", spec.reviewers),
        **_find_members(queue, "backups", spec.backups),
    }
    active = queue.panel.filter(is_active=True)
    seated = dict(active.values_list("reviewer_id", "is_backup"))
    queue.panel.exclude(reviewer_id__in=wanted).update(is_active=False)
    PanelSeat.objects.bulk_create(
        [
            PanelSeat(queue=queue, reviewer_id=reviewer, is_backup=is_backup)
            for reviewer, is_backup in sorted(wanted.items())
        ],
        update_conflicts=True,
        unique_fields=["queue", "reviewer"],
        update_fields=["is_active", "is_backup"],
    )
    return [
        key
        for key, is_backup in (("reviewers", False), ("backups", True))
        if _seats(seated, is_backup) != _seats(wanted, is_backup)
    ]


def _seats(panel: Mapping[int, bool], is_backup: bool) -> set[int]:
    return {reviewer for reviewer, backs_up in panel.items() if backs_up == is_backup}


def _find_members(queue: Queue, key: str, handles: tuple[str, ...]) -> dict[int, bool]:
    members = dict(
        Member.objects.filter(
            project_id=queue.project_id, handle__in=handles, is_active=True
        ).values_list("handle", "pk")
    )
    for handle in handles:
        if handle not in members:
            raise QueueFault(
                f"{key}: {handle!r} is not a member of the project: add them with"
                f" `bin/touchstone member add {handle} --role reviewer --project ...`"
            )
    return dict.fromkeys(members.values(), key == "backups")


# Slots from this number on are of judgments that a later rubric version superseded.
SUPERSEDED = 100

# What is in hand or filled stands first and stays; then what is open or of a paused
# slice, then what was withdrawn, up to the overlap. Known items and what a lead
# withdrew stay out, and what was judged under a rubric that was superseded
# (see reviews.services.relabeling). A trigger keeps the slots of a paused slice from opening.
FIT = """
UPDATE reviews_slot slot SET state = fitting.state
FROM (
    SELECT id, CASE WHEN row_number() OVER (
            PARTITION BY item_id ORDER BY
                array_position(ARRAY['OPEN', 'HELD', 'WITHDRAWN'], state::text)
                    NULLS FIRST,
                number
        ) <= %(overlap)s THEN 'OPEN' ELSE 'WITHDRAWN' END AS state
    FROM reviews_slot WHERE queue_id = %(queue)s AND number < %(superseded)s
        AND item_id NOT IN (
        SELECT item_id FROM reviews_seed WHERE queue_id = %(queue)s AND is_active
        UNION SELECT item_id FROM reviews_slot
            WHERE queue_id = %(queue)s AND closed_at IS NOT NULL)
) fitting
WHERE slot.id = fitting.id AND slot.state <> fitting.state
    AND slot.state IN ('OPEN', 'HELD', 'WITHDRAWN')
"""


def fit_slots(queue: Queue, now: datetime, rng: Random) -> None:
    """After the overlap changed: an item is to have as many judgments as it says.

    A slot that is held or filled stays, whatever the overlap is now.
    """
    with connection.cursor() as cursor:
        values = {"overlap": queue.overlap, "superseded": SUPERSEDED}
        cursor.execute(FIT, {"queue": queue.pk, **values})
    seeds = Seed.objects.filter(queue=queue, is_active=True)
    closed = Slot.objects.filter(queue=queue, closed_at__isnull=False)
    firsts = (
        Slot.objects.filter(queue=queue, number=1)
        .exclude(item__in=seeds.values("item"))
        .exclude(item__in=closed.values("item"))
        .values_list("item_id", "tier")
    )
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
            for item_id, tier in list(firsts)
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
                SELECT item_id, count(*) AS judged FROM reviews_assignment given
                WHERE queue_id = %(queue)s AND purpose = 'IMPORT' AND (
                    rubric_version_id = (
                        SELECT rubric_version_id FROM reviews_queue
                        WHERE id = %(queue)s)
                    OR NOT EXISTS (
                        SELECT FROM reviews_slot other
                        WHERE other.queue_id = given.queue_id
                            AND other.item_id = given.item_id
                            AND other.number >= %(superseded)s))
                GROUP BY item_id
            ) elsewhere
            WHERE slot.queue_id = %(queue)s AND slot.item_id = elsewhere.item_id
                AND slot.state IN ('OPEN', 'HELD')
                AND slot.number <= elsewhere.judged
            """,
            {"queue": queue_id, "superseded": SUPERSEDED},
        )
        return int(cursor.rowcount)


def seed_item(
    *,
    queue_id: int,
    item_id: int,
    band: str,
    now: datetime,
    rubric_version_id: int | None = None,
    use: str | None = None,
) -> None:
    """Let batches of the queue carry this item unseen, balanced within `band`.

    What is known need not be judged: the item no longer waits for fresh judgments.
    `rubric_version_id`: under which its ratings are known. `use`: none keeps what is.
    """
    Slot.objects.filter(
        queue_id=queue_id,
        item_id=item_id,
        state__in=[SlotState.OPEN, SlotState.HELD],
    ).update(state=SlotState.WITHDRAWN)
    known: dict[str, Any] = {
        "band": band[:40],
        "rubric_version_id": rubric_version_id,
    }
    if use is not None:
        known["use"] = use
    Seed.objects.update_or_create(
        queue_id=queue_id,
        item_id=item_id,
        defaults=known | {"is_active": True},
        create_defaults=known | {"created_at": now},
    )


def use_seed(*, queue_id: int, item_id: int, use: str) -> bool:
    """Keep gold for one use, or give it free for both; whether that changed it."""
    seed = Seed.objects.filter(queue_id=queue_id, item_id=item_id)
    return bool(seed.exclude(use=use).update(use=use))
