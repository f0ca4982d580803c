"""The page on which one reviewer judges one item."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
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
    make_hand,
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


# Read on every click, so that it is one statement, written out.
SHOWN = f"""
SELECT assignment.id, assignment.public_id, batch.id, batch.public_id,
    assignment.rubric_version_id, assignment.response_order, assignment.status,
    assignment.leased_until, queue.authority,
    item.kind, assignment.position, batch.size, draft.answers,
    far.done = 0 AND NOT EXISTS (
        SELECT FROM reviews_batch former
        WHERE former.reviewer_id = batch.reviewer_id
            AND former.queue_id = batch.queue_id AND former.id < batch.id
    ),
    queue.plain_text, queue.title, far.size, far.done,
    ARRAY(
        SELECT ARRAY[mode.name, mode.description] FROM labeling_failuremode mode
        WHERE mode.project_id = queue.project_id AND mode.is_offered
        ORDER BY lower(mode.name), mode.id
    ),
    {PIECES}
FROM reviews_assignment assignment
JOIN reviews_batch batch ON batch.id = assignment.batch_id
JOIN reviews_queue queue ON queue.id = batch.queue_id
JOIN reviews_item item ON item.id = assignment.item_id
JOIN reviews_presentable presentable ON presentable.item_id = item.id
LEFT JOIN labeling_draft draft ON draft.assignment_id = assignment.id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status IN ('LIVE', 'SUBMITTED')) AS size,
        count(*) FILTER (WHERE status = 'SUBMITTED') AS done
    FROM reviews_assignment WHERE batch_id = batch.id
) AS far
"""  # noqa: S608
# Whose it is was asked when the hand was read; it is asked here once more.
IN_HAND = """
WHERE assignment.id = %s
    AND batch.reviewer_id IN (SELECT id FROM reviews_member WHERE user_id = %s)
"""
NEXT_OF_BATCH = """
WHERE assignment.id = (
        SELECT id FROM reviews_assignment
        WHERE batch_id = %s AND status = 'LIVE' ORDER BY position LIMIT 1
    )
    AND batch.reviewer_id IN (SELECT id FROM reviews_member WHERE user_id = %s)
"""


def get_bench(*, hand: Hand, user_id: int, now: datetime) -> BenchPage:
    """The page of what is in hand."""
    page = _get_page(IN_HAND, hand.assignment_id, user_id, now)
    if page is None:
        raise UnknownAssignment(str(hand.public_id))
    return page


def get_next_bench(*, hand: Hand, user_id: int, now: datetime) -> BenchPage | None:
    """The page of what comes next in the batch; None at its end."""
    return _get_page(NEXT_OF_BATCH, hand.batch_id, user_id, now)


def _get_page(which: str, key: int, user_id: int, now: datetime) -> BenchPage | None:
    with connection.cursor() as cursor:
        cursor.execute(SHOWN + which, [made_with(), key, user_id])
        row = cursor.fetchone()
    if row is None:
        return None
    hand = make_hand(row)
    kind, position, batch_size, answers, is_first, is_plain = row[9:15]
    return BenchPage(
        presentation=make_presentation(
            hand,
            kind=kind,
            position=position,
            batch_size=batch_size,
            pieces=read_pieces(row[19:]),
            is_plain=is_plain,
        ),
        rubric=get_rubric_version(hand.rubric_version_id),
        progress=Progress(*row[15:18]),
        is_lapsed=is_lapsed(hand, now),
        draft=MappingProxyType(json.loads(answers) if answers else {}),
        opens_guidelines=is_first,
        authority=hand.authority,
        offered=tuple(OfferedMode(*mode) for mode in row[18]),
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
