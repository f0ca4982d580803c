"""Claiming slots: what a reviewer may be dealt, locked until it is."""

from dataclasses import dataclass
from math import inf
from random import Random
from typing import Any

from django.db import connection

from reviews.queries.cover import TIERS
from reviews.services.queues import SUPERSEDED
from reviews.services.seats import TakenSeat

# Open slots of items that this reviewer has not had. What lapsed, was returned or was
# taken back may come again, and so may what was judged under another rubric version,
# after which it is asked for once more. Of a qualification nothing comes again as live
# work, whatever became of it: its answers are told, or will be.
FREE = """
slot.queue_id = %(queue)s AND slot.state = 'OPEN'
AND NOT EXISTS (
    SELECT FROM reviews_assignment had
    LEFT JOIN reviews_slot its ON its.id = had.slot_id
    WHERE had.item_id = slot.item_id AND had.reviewer_id = %(reviewer)s
        AND (had.purpose = 'QUALIFICATION'
            OR had.status NOT IN ('EXPIRED', 'RETURNED', 'WITHDRAWN'))
        AND (its.number >= %(superseded)s AND had.status = 'SUBMITTED'
            AND had.rubric_version_id <> %(version)s) IS NOT TRUE
)
"""
# The readings one after the other, and no further than is needed: each is looked at
# when those before it have not given enough, so that no slot is locked in vain.
CLAIM = f"""
SELECT claimed.id, claimed.item_id
FROM unnest(%(tiers)s::int[], %(lows)s::float8[], %(highs)s::float8[])
    AS reading (tier, low, high)
CROSS JOIN LATERAL (
    SELECT slot.id, slot.item_id FROM reviews_slot slot
    WHERE {FREE} AND slot.tier = reading.tier
        AND slot.shuffle >= reading.low AND slot.shuffle < reading.high
        AND slot.item_id <> ALL (%(chosen)s::bigint[]) {{which}}
    ORDER BY slot.shuffle, slot.id
    LIMIT %(count)s
    FOR NO KEY UPDATE OF slot SKIP LOCKED
) AS claimed
LIMIT %(count)s
"""  # noqa: S608
EVERY = CLAIM.format(which="")
LATE = CLAIM.format(which="AND slot.overdue_at IS NOT NULL")


@dataclass(frozen=True)
class Claim:
    slot_id: int
    item_id: int


def claim_slots(*, seat: TakenSeat, count: int, rng: Random) -> list[Claim]:
    """Claim open slots of distinct items: what is late first, then by tier.

    The reading starts at a random point of each tier's order, so that reviewers
    who deal at once meet in different places, and each in an order of their own.
    """
    chosen: dict[int, Claim] = {}
    for statement in (LATE, EVERY) if seat.has_sla else (EVERY,):
        readings = _draw_readings(rng)
        is_more = True
        while is_more and len(chosen) < count:
            wanted = count - len(chosen)
            given = _given(seat) | readings
            claimed = _claim(statement, given | {"count": wanted, "chosen": [*chosen]})
            for one in claimed:
                # Of an item that is asked for more than once, one slot.
                chosen.setdefault(one.item_id, one)
            is_more = len(claimed) == wanted
    return list(chosen.values())


def has_free_slot(*, seat: TakenSeat) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM reviews_slot slot WHERE {FREE})",  # noqa: S608
            _given(seat),
        )
        return bool(cursor.fetchone()[0])


def _given(seat: TakenSeat) -> dict[str, Any]:
    return {
        "queue": seat.queue_id,
        "reviewer": seat.reviewer_id,
        "version": seat.rubric_version_id,
        "superseded": SUPERSEDED,
    }


def _draw_readings(rng: Random) -> dict[str, Any]:
    """Of each tier what stands from a random place on, then what stands before it."""
    tiers: list[int] = []
    lows: list[float] = []
    highs: list[float] = []
    for tier in TIERS:
        start = rng.random()
        tiers += [tier, tier]
        lows += [start, 0.0]
        highs += [inf, start]
    return {"tiers": tiers, "lows": lows, "highs": highs}


def _claim(statement: str, given: dict[str, Any]) -> list[Claim]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [Claim(*row) for row in cursor.fetchall()]
