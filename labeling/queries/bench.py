"""The page on which one reviewer judges one item."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from labeling.models import Draft
from labeling.queries.rubrics import RubricFacts, get_rubric_version
from reviews.models import AssignmentStatus
from reviews.queries.batches import BatchProgress, get_batch_progress
from reviews.queries.presentations import Hand, Presentation, get_presentation

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


def get_bench(
    *,
    hand: Hand,
    user_id: int,
    now: datetime,
    progress: BatchProgress | None = None,
) -> BenchPage:
    """The page; `progress` spares a query where the caller has it."""
    if progress is None:
        progress = get_batch_progress(batch=hand.batch, user_id=user_id)
    return BenchPage(
        presentation=get_presentation(public_id=hand.public_id, user_id=user_id),
        rubric=get_rubric_version(hand.rubric_version_id),
        progress=progress,
        is_lapsed=is_lapsed(hand, now),
        draft=get_draft(hand),
    )


def get_draft(hand: Hand) -> Typed:
    answers = (
        Draft.objects.filter(assignment_id=hand.assignment_id)
        .values_list("answers", flat=True)
        .first()
    )
    return MappingProxyType(answers or {})
