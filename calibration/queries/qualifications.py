"""The judgments of a qualification beside the gold."""

from dataclasses import dataclass
from typing import Any

from calibration.models import GoldCase
from calibration.queries.reviewer_work import is_same_answer
from labeling.models import Level, Rating
from labeling.services.judgments import displayed_value
from reviews.models import Assignment, AssignmentStatus


@dataclass(frozen=True)
class Compared:
    """One criterion; values as its reviewer saw them, None where nothing was said."""

    criterion_id: int
    said: Any
    known: Any
    # None: it is no answer that can be right or wrong.
    is_right: bool | None


@dataclass(frozen=True)
class ComparedItem:
    assignment_id: int
    answers: tuple[Compared, ...]
    rationale: str


def list_compared(qualification_id: int) -> list[ComparedItem]:
    """Every judged item of an attempt, in the order of its batches."""
    given = Assignment.objects.filter(
        batch__qualification=qualification_id, status=AssignmentStatus.SUBMITTED
    ).order_by("batch_id", "position")
    said: dict[int, dict[int, Rating]] = {}
    # Gold is of items: what was said of steps has nothing beside it.
    of_items = Rating.objects.filter(judgment__assignment__in=given, step=0)
    for rating in of_items.select_related("judgment"):
        ratings = said.setdefault(rating.judgment.assignment_id, {})
        ratings[rating.criterion_id] = rating
    return [_compare(one, said.get(one.pk, {})) for one in given]


def _compare(given: Assignment, said: dict[int, Rating]) -> ComparedItem:
    case = GoldCase.objects.filter(
        queue=given.queue_id,
        item=given.item_id,
        rubric_version=given.rubric_version_id,
    ).first()
    if case is None:
        return ComparedItem(given.pk, (), "")
    answers = [
        _answer(
            said.get(known.criterion_id),
            known.criterion_id,
            known.criterion.level,
            known.value,
            given.response_order,
        )
        for known in case.ratings.select_related("criterion").order_by(
            "criterion__position", "pk"
        )
    ]
    return ComparedItem(given.pk, tuple(answers), case.rationale)


def _answer(
    rating: Rating | None, criterion_id: int, level: str, known: Any, order: list[int]
) -> Compared:
    """What a reviewer was not asked, or may leave open, is neither right nor wrong."""
    is_right = None
    if rating is not None and level != Level.TEXT:
        is_right = is_same_answer(rating.value, known)
    return Compared(
        criterion_id,
        None if rating is None else rating.displayed,
        displayed_value(level, known, order),
        is_right,
    )
