"""The page on which one reviewer judges one item."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.db import connection

from labeling.queries.rubrics import RubricFacts, get_rubric_version
from reviews.models import AssignmentStatus
from reviews.queries.batches import BatchProgress, get_batch_progress
from reviews.queries.presentations import (
    Hand,
    Presentation,
    UnknownAssignment,
    make_hand,
    make_presentation,
)

# What was typed: the names of form fields and their values.
Typed = Mapping[str, list[str]]


@dataclass(frozen=True)
class BenchPage:
    """All that a reviewer is shown. The assignment's id is the form's token: it
    takes one judgment, however often it is sent."""

    presentation: Presentation
    rubric: RubricFacts
    progress: BatchProgress
    is_lapsed: bool
    draft: Typed
    is_first_batch: bool

    @property
    def number(self) -> int:
        return min(self.progress.done + 1, self.progress.size)

    @property
    def opens_guidelines(self) -> bool:
        """For whoever judges by them for the first time."""
        return self.is_first_batch and self.progress.done == 0


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
SHOWN = """
SELECT assignment.id, assignment.public_id, batch.public_id,
    assignment.rubric_version_id, assignment.response_order, assignment.status,
    assignment.leased_until,
    item.kind, assignment.position, batch.size, presentable.content, draft.answers,
    NOT EXISTS (
        SELECT FROM reviews_batch former
        WHERE former.reviewer_id = batch.reviewer_id
            AND former.queue_id = batch.queue_id AND former.id < batch.id
    )
FROM reviews_assignment assignment
JOIN reviews_batch batch ON batch.id = assignment.batch_id
JOIN reviews_member member ON member.id = assignment.reviewer_id
JOIN reviews_item item ON item.id = assignment.item_id
JOIN reviews_presentable presentable ON presentable.item_id = item.id
LEFT JOIN labeling_draft draft ON draft.assignment_id = assignment.id
WHERE assignment.public_id = %s AND member.user_id = %s
"""


def get_bench(
    *,
    public_id: UUID,
    user_id: int,
    now: datetime,
    progress: BatchProgress | None = None,
) -> BenchPage:
    """The page; `progress` spares a query where the caller has it."""
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, [public_id, user_id])
        row = cursor.fetchone()
    if row is None:
        raise UnknownAssignment(str(public_id))
    hand = make_hand(row)
    kind, position, batch_size, content, answers, is_first_batch = row[7:]
    if progress is None:
        progress = get_batch_progress(batch=hand.batch, user_id=user_id)
    return BenchPage(
        presentation=make_presentation(
            hand,
            kind=kind,
            position=position,
            batch_size=batch_size,
            content=json.loads(content),
        ),
        rubric=get_rubric_version(hand.rubric_version_id),
        progress=progress,
        is_lapsed=is_lapsed(hand, now),
        draft=MappingProxyType(json.loads(answers) if answers else {}),
        is_first_batch=is_first_batch,
    )
