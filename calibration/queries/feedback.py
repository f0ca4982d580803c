"""What a reviewer reads after a qualification. Runs with the reviewers' rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from calibration.models import Feedback
from labeling.models import Level
from labeling.queries.disputes import opening_of
from labeling.queries.rubrics import CriterionFacts, RubricFacts, get_rubric_version
from labeling.services.judgments import PLACES
from reviews.models import Qualification
from reviews.queries.presentations import (
    SIDE_NAMES,
    Presentation,
    get_presentation,
)
from reviews.queries.qualifications import Stage, find_stage


class NoFeedback(Exception):
    """Nothing was told to this person about such an item."""


@dataclass(frozen=True)
class ToldAnswer:
    """One criterion in words: what was said, and what the gold says."""

    criterion: str
    said: str
    known: str
    is_right: bool | None


@dataclass(frozen=True)
class ToldItem:
    assignment: UUID
    number: int
    opening: str
    answers: tuple[ToldAnswer, ...]
    # Why the gold is as it is, where its file says so.
    rationale: str

    @property
    def n_wrong(self) -> int:
        return sum(answer.is_right is False for answer in self.answers)


@dataclass(frozen=True)
class ToldAttempt:
    """An attempt that has its outcome."""

    number: int
    is_passed: bool
    n_answers: int
    n_right: int
    pass_share: float
    items: tuple[ToldItem, ...]
    # Of the items; an attempt may span two versions: the newer one.
    rubric: RubricFacts | None

    @property
    def percent(self) -> int:
        """Rounded; what is under the bar does not look like it."""
        share = 100 * self.n_right / (self.n_answers or 1)
        is_lifted = share < 100 * self.pass_share <= round(share)
        return int(share) if is_lifted else round(share)


@dataclass(frozen=True)
class FeedbackPage:
    stage: Stage | None
    attempt: ToldAttempt | None
    # Of all attempts that have their outcome.
    numbers: tuple[int, ...]

    @property
    def is_newest(self) -> bool:
        return self.attempt is None or self.attempt.number == max(self.numbers)

    @property
    def may_start(self) -> bool:
        """Whether a batch can be asked for now."""
        return self.stage is None or not self.stage.is_told


@dataclass(frozen=True)
class FeedbackItemPage:
    queue: str
    queue_title: str
    project: str
    item: ToldItem
    n_items: int
    presentation: Presentation
    # The addresses of the ones before and after.
    before: UUID | None
    after: UUID | None


def get_feedback_page(
    *, queue_id: int, reviewer_id: int, number: int | None = None
) -> FeedbackPage:
    """`number` asks for an earlier attempt than the newest one."""
    ended = (
        Qualification.objects.filter(queue=queue_id, reviewer=reviewer_id)
        .exclude(outcome="")
        .order_by("-number")
        .values_list("pk", "number", "outcome", "n_answers", "n_right", "pass_share")
    )
    rows = list(ended)
    shown = next((row for row in rows if number in (None, row[1])), None)
    return FeedbackPage(
        stage=find_stage(queue_id=queue_id, reviewer_id=reviewer_id),
        attempt=_attempt(*shown) if shown else None,
        numbers=tuple(sorted(row[1] for row in rows)),
    )


def get_feedback_item(*, public_id: UUID, user_id: int) -> FeedbackItemPage:
    found = (
        Feedback.objects.filter(
            assignment__public_id=public_id, assignment__reviewer__user_id=user_id
        )
        .values_list(
            "qualification_id",
            "assignment__queue__slug",
            "assignment__queue__title",
            "assignment__queue__project__slug",
        )
        .first()
    )
    if found is None:
        raise NoFeedback(str(public_id))
    qualification_id, queue, title, project = found
    items, _ = _items(qualification_id)
    place = next(
        place for place, one in enumerate(items) if one.assignment == public_id
    )
    around = [None, *(one.assignment for one in items), None]
    return FeedbackItemPage(
        queue=queue,
        queue_title=title,
        project=project,
        item=items[place],
        n_items=len(items),
        presentation=get_presentation(public_id=public_id, user_id=user_id),
        before=around[place],
        after=around[place + 2],
    )


def _attempt(
    pk: int,
    number: int,
    outcome: str,
    n_answers: int | None,
    n_right: int | None,
    pass_share: float,
) -> ToldAttempt:
    items, rubric = _items(pk)
    is_passed = outcome == "PASSED"
    return ToldAttempt(
        number, is_passed, n_answers or 0, n_right or 0, pass_share, items, rubric
    )


def _items(qualification_id: int) -> tuple[tuple[ToldItem, ...], RubricFacts | None]:
    rows = list(
        Feedback.objects.filter(qualification=qualification_id)
        .order_by("assignment__batch_id", "assignment__position")
        .values_list(
            "assignment__public_id",
            "assignment__item__presentable__content",
            "assignment__rubric_version_id",
            "answers",
            "rationale",
        )
    )
    items = tuple(
        ToldItem(
            assignment=public_id,
            number=number,
            opening=opening_of(content),
            answers=_told(get_rubric_version(version), answers),
            rationale=rationale,
        )
        for number, (public_id, content, version, answers, rationale) in enumerate(
            rows, start=1
        )
    )
    versions = [row[2] for row in rows]
    return items, get_rubric_version(max(versions)) if versions else None


def _told(
    rubric: RubricFacts, answers: Sequence[dict[str, Any]]
) -> tuple[ToldAnswer, ...]:
    criteria = {criterion.id: criterion for criterion in rubric.criteria}
    return tuple(
        ToldAnswer(
            criterion=criterion.title,
            said=_in_words(criterion, answer["said"]),
            known=_in_words(criterion, answer["known"]),
            is_right=answer["is_right"],
        )
        for answer in answers
        for criterion in (criteria[answer["criterion"]],)
    )


def _in_words(criterion: CriterionFacts, displayed: Any) -> str:
    """As it stood on the bench: the title of the option that was chosen."""
    if displayed is None:
        return "not answered"
    titles = {option.value: option.title for option in criterion.options}
    given = displayed if isinstance(displayed, list) else [displayed]
    if criterion.level == Level.PAIRWISE:
        given = [
            SIDE_NAMES[PLACES.index(one)] if one in PLACES else one for one in given
        ]
    return ", ".join(titles.get(one, str(one)) for one in given) or "none of them"
