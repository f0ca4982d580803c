"""How far reviewers are with the qualification that a queue asks for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop as _

from reviews.models import (
    HELD,
    Assignment,
    AssignmentStatus,
    Qualification,
    Queue,
    Seed,
    SeedUse,
)


class Phase(Enum):
    # Nothing is asked of them: they judged here before.
    BEFORE = _("judged here before")
    DUE = _("not begun")
    UNDER_WAY = _("under way")
    # All of it is judged; the answers are not compared yet.
    OVER = _("judged")
    PASSED = _("passed")
    FAILED = _("not passed")
    AGAIN = _("may try again")
    ADMITTED = _("admitted")

    @property
    def is_live(self) -> bool:
        """Whether live batches are dealt to them."""
        return self in (Phase.BEFORE, Phase.PASSED, Phase.ADMITTED)


@dataclass(frozen=True)
class Attempt:
    id: int
    number: int
    size: int
    pass_share: float
    outcome: str
    n_answers: int | None
    n_right: int | None
    ended_at: datetime | None
    n_judged: int
    # In hand now.
    n_live: int

    @property
    def n_missing(self) -> int:
        return max(self.size - self.n_judged - self.n_live, 0)


@dataclass(frozen=True)
class Stage:
    """Where a reviewer stands; `attempt` is the newest."""

    queue_id: int
    reviewer_id: int
    size: int
    pass_share: float
    phase: Phase
    attempt: Attempt | None

    @property
    def percent(self) -> int:
        return round(100 * self.pass_share)

    # What pages ask.
    @property
    def is_due(self) -> bool:
        return self.phase in (Phase.DUE, Phase.AGAIN)

    @property
    def is_under_way(self) -> bool:
        return self.phase == Phase.UNDER_WAY

    @property
    def is_told(self) -> bool:
        """Whether the feedback comes before anything else."""
        return self.phase in (Phase.OVER, Phase.FAILED)

    @property
    def is_admitted(self) -> bool:
        return self.phase == Phase.ADMITTED

    @property
    def has_feedback(self) -> bool:
        return self.attempt is not None and self.attempt.outcome != ""


# Of seats, under the rights of reviewers too: what the batch is for tells what was
# judged live, not the purpose of an assignment, which they may not read.
STAGES = """
SELECT seat.queue_id, seat.reviewer_id, queue.qualification_size,
    queue.qualification_pass,
    EXISTS (
        SELECT FROM reviews_qualificationdecision decision
        WHERE decision.queue_id = seat.queue_id
            AND decision.reviewer_id = seat.reviewer_id AND decision.act = 'ADMIT'
    ),
    EXISTS (
        SELECT FROM reviews_assignment given
        JOIN reviews_batch batch ON batch.id = given.batch_id
        WHERE given.queue_id = seat.queue_id
            AND given.reviewer_id = seat.reviewer_id
            AND given.status = 'SUBMITTED' AND batch.qualification_id IS NULL
    ),
    EXISTS (
        SELECT FROM reviews_qualificationdecision decision
        WHERE decision.qualification_id = attempt.id AND decision.act = 'AGAIN'
    ),
    attempt.id, attempt.number, attempt.size, attempt.pass_share, attempt.outcome,
    attempt.n_answers, attempt.n_right, attempt.ended_at, far.judged, far.live
FROM reviews_panelseat seat
JOIN reviews_queue queue ON queue.id = seat.queue_id
LEFT JOIN LATERAL (
    SELECT id, number, size, pass_share, outcome, n_answers, n_right, ended_at
    FROM reviews_qualification
    WHERE queue_id = seat.queue_id AND reviewer_id = seat.reviewer_id
    ORDER BY number DESC LIMIT 1
) attempt ON true
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE given.status = 'SUBMITTED') AS judged,
        count(*) FILTER (WHERE given.status = 'LIVE') AS live
    FROM reviews_assignment given
    JOIN reviews_batch batch ON batch.id = given.batch_id
    WHERE batch.qualification_id = attempt.id
) far
WHERE queue.qualification_size > 0 AND seat.queue_id = ANY(%s)
"""


def find_stage(*, queue_id: int, reviewer_id: int) -> Stage | None:
    """None where the queue asks for no qualification."""
    rows = _stages(" AND seat.reviewer_id = %s", [[queue_id], reviewer_id])
    return rows[0] if rows else None


def list_stages(*, queue_ids: Sequence[int], user_id: int | None = None) -> list[Stage]:
    """Of everybody who sits or sat on the panels, or of one person."""
    whose = (
        " AND seat.reviewer_id IN (SELECT id FROM reviews_member WHERE user_id = %s)"
    )
    if user_id is None:
        return _stages("", [list(queue_ids)])
    return _stages(whose, [list(queue_ids), user_id])


def count_failed(queue_ids: Sequence[int]) -> Counter[int]:
    """By queue: who sits on its panel and waits for a lead to decide."""
    stages = _stages(" AND seat.is_active", [list(queue_ids)])
    return Counter(one.queue_id for one in stages if one.phase == Phase.FAILED)


def _stages(which: str, values: list[Any]) -> list[Stage]:
    with connection.cursor() as cursor:
        cursor.execute(STAGES + which, values)
        rows = cursor.fetchall()
    return [_stage(*row) for row in rows]


def _stage(
    queue_id: int,
    reviewer_id: int,
    size: int,
    pass_share: float,
    is_admitted: bool,
    has_judged: bool,
    may_again: bool,
    *row: Any,
) -> Stage:
    attempt = Attempt(*row) if row[0] is not None else None
    if is_admitted:
        phase = Phase.ADMITTED
    elif attempt is not None and attempt.outcome == "PASSED":
        phase = Phase.PASSED
    elif has_judged and attempt is None:
        phase = Phase.BEFORE
    else:
        phase = _phase(attempt, may_again=may_again)
    return Stage(queue_id, reviewer_id, size, pass_share, phase, attempt)


def _phase(attempt: Attempt | None, *, may_again: bool) -> Phase:
    if attempt is None:
        return Phase.DUE
    if attempt.outcome:
        return Phase.AGAIN if may_again else Phase.FAILED
    is_over = attempt.n_judged >= attempt.size and not attempt.n_live
    return Phase.OVER if is_over else Phase.UNDER_WAY


def known_gold(queue: Queue) -> QuerySet[Seed]:
    """Gold that a qualification may use: its answers fit the rubric in force."""
    return Seed.objects.filter(
        queue=queue,
        is_active=True,
        item__erasure=None,
        rubric_version_id=queue.rubric_version_id,
    ).exclude(use=SeedUse.LIVE)


def new_gold(queue: Queue, reviewer_id: int) -> QuerySet[Seed]:
    """Of that, what the reviewer never had in hand, in whatever queue."""
    had = Assignment.objects.filter(reviewer_id=reviewer_id, item=OuterRef("item"))
    return known_gold(queue).filter(~Exists(had))


def list_finished() -> QuerySet[Qualification]:
    """Attempts that are judged to the end and have no outcome yet."""
    judged = Q(batches__assignments__status=AssignmentStatus.SUBMITTED)
    live = Q(batches__assignments__status=AssignmentStatus.LIVE)
    return (
        Qualification.objects.filter(outcome="")
        .alias(
            judged=Count("batches__assignments", filter=judged),
            live=Count("batches__assignments", filter=live),
        )
        .filter(live=0, judged__gte=F("size"))
        .order_by("pk")
    )


def has_room(*, qualification_id: int, item_id: int) -> bool:
    """Whether the attempt still lacks this item: as many judgments as it asks for
    are not given or in hand yet, and this item is not among them."""
    held = Assignment.objects.filter(
        batch__qualification=qualification_id, status__in=HELD
    ).values_list("item_id", flat=True)
    attempt = Qualification.objects.get(pk=qualification_id)
    return not attempt.outcome and item_id not in held and len(held) < attempt.size
