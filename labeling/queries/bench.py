"""The page on which one reviewer judges one item."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from django.db import connection

from labeling.queries.rubrics import RubricFacts, get_rubric_version
from reviews.models import AssignmentStatus, Authority
from reviews.queries.presentations import (
    PIECES,
    Hand,
    Presentation,
    UnknownAssignment,
    make_presentation,
    read_pieces,
)
from reviews.rendering.pieces import made_with

# What was typed: the names of form fields and their values.
Typed = Mapping[str, list[str]]


@dataclass(frozen=True)
class Progress:
    """How far the reviewer is with the batch, and nothing about anybody else."""

    queue_title: str
    size: int
    done: int


@dataclass(frozen=True)
class OfferedMode:
    """A failure mode that a reviewer may choose: a name and what it means."""

    name: str
    description: str


@dataclass(frozen=True)
class BenchPage:
    """All that a reviewer is shown. The assignment's id is the form's token: it
    takes one judgment, however often it is sent."""

    presentation: Presentation
    rubric: RubricFacts
    progress: Progress
    is_lapsed: bool
    draft: Typed
    # To whoever judges by them for the first time.
    opens_guidelines: bool
    # What the queue grants besides rating.
    authority: tuple[str, ...]
    # By name, so that their order tells nothing.
    offered: tuple[OfferedMode, ...]

    @property
    def may_escalate(self) -> bool:
        return Authority.ESCALATE in self.authority

    @property
    def number(self) -> int:
        return min(self.progress.done + 1, self.progress.size)


def is_lapsed(hand: Hand, now: datetime) -> bool:
    """Whether the lease ran out before a judgment came."""
    if hand.status == AssignmentStatus.EXPIRED:
        return True
    return (
        hand.status == AssignmentStatus.LIVE
        and hand.leased_until is not None
        and hand.leased_until <= now
    )


def is_over(hand: Hand) -> bool:
    """Whether the assignment is judged or given back, so that the next one is due."""
    return hand.status not in (AssignmentStatus.LIVE, AssignmentStatus.EXPIRED)


def is_judged(hand: Hand) -> bool:
    return hand.status == AssignmentStatus.SUBMITTED


# Read on every click, so that it is one statement, written out. Whose it is was asked
# when the hand was read. The batch is gone through once: how far it is, and what is
# next in it.
SHOWN = f"""
SELECT assignment.id, assignment.public_id, assignment.rubric_version_id,
    assignment.response_order, assignment.status, assignment.leased_until,
    draft.answers, far.size, far.done,
    far.done = 0 AND NOT EXISTS (
        SELECT FROM reviews_batch its
        JOIN reviews_batch former ON former.reviewer_id = its.reviewer_id
            AND former.queue_id = its.queue_id AND former.id < its.id
        WHERE its.id = assignment.batch_id
    ),
    ARRAY(
        SELECT ARRAY[mode.name, mode.description] FROM labeling_failuremode mode
        WHERE mode.project_id = %s AND mode.is_offered
        ORDER BY lower(mode.name), mode.id
    ),
    {PIECES}
FROM (
    SELECT batch_id,
        count(*) FILTER (WHERE status IN ('LIVE', 'SUBMITTED')) AS size,
        count(*) FILTER (WHERE status = 'SUBMITTED') AS done,
        min(position) FILTER (WHERE status = 'LIVE') AS next
    FROM reviews_assignment WHERE batch_id = %s GROUP BY batch_id
) AS far
JOIN reviews_assignment assignment ON assignment.batch_id = far.batch_id
JOIN reviews_presentable presentable ON presentable.item_id = assignment.item_id
LEFT JOIN labeling_draft draft ON draft.assignment_id = assignment.id
"""  # noqa: S608
IN_HAND = "WHERE assignment.id = %s"
NEXT_OF_BATCH = "WHERE assignment.position = far.next"


def get_bench(*, hand: Hand, now: datetime) -> BenchPage:
    """The page of what is in hand."""
    page = _get_page(IN_HAND, [hand.assignment_id], hand, now)
    if page is None:
        raise UnknownAssignment(str(hand.public_id))
    return page


def get_next_bench(*, hand: Hand, now: datetime) -> BenchPage | None:
    """The page of what comes next in the batch; None at its end."""
    return _get_page(NEXT_OF_BATCH, [], hand, now)


def _get_page(
    which: str, key: list[int], former: Hand, now: datetime
) -> BenchPage | None:
    """Of an assignment in the batch of `former`, or of that one."""
    with connection.cursor() as cursor:
        cursor.execute(
            SHOWN + which,
            [former.project_id, made_with(), former.batch_id, *key],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    assignment_id, public_id, version_id, order, status, leased_until = row[:6]
    answers, size, done, opens_guidelines, offered, *pieces = row[6:]
    hand = replace(
        former,
        assignment_id=assignment_id,
        public_id=public_id,
        rubric_version_id=version_id,
        response_order=tuple(order),
        status=status,
        leased_until=leased_until,
    )
    return BenchPage(
        presentation=make_presentation(hand, read_pieces(pieces)),
        rubric=get_rubric_version(version_id),
        progress=Progress(queue_title=hand.queue_title, size=size, done=done),
        is_lapsed=is_lapsed(hand, now),
        draft=MappingProxyType(json.loads(answers) if answers else {}),
        opens_guidelines=opens_guidelines,
        authority=hand.authority,
        offered=tuple(OfferedMode(*mode) for mode in offered),
    )


STEPS = """
SELECT jsonb_array_length(coalesce(presentable.content -> 'steps', '[]'))
FROM reviews_assignment assignment
JOIN reviews_presentable presentable ON presentable.item_id = assignment.item_id
WHERE assignment.id = %s
"""


def count_steps(hand: Hand) -> int:
    """How many steps there are to rate; 0 without asking where the rubric rates none."""
    if not get_rubric_version(hand.rubric_version_id).has_per_step:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(STEPS, [hand.assignment_id])
        return int(cursor.fetchone()[0])
