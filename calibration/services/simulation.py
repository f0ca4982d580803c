"""Simulated reviewers: people that the sample project makes up, and marks as such.

They go the way of everybody else: a batch is dealt to them, they judge what it
holds through the same service, and they err with a character of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from labeling.models import Level
from labeling.queries.rubrics import CriterionFacts, RubricFacts
from labeling.services.judgments import PLACES, Answer, Submission, submit_judgment
from reviews.models import Assignment, Batch
from reviews.queries.presentations import SIDE_NAMES, Hand
from reviews.services.batches import NothingLeft, deal_batch

LEAN = {"lenient": 1, "strict": -1, "none": 0}
SECONDS_FLOOR = 8


@dataclass(frozen=True)
class Truth:
    """What the author of the sample holds to be right about one item."""

    ratings: Mapping[str, Any]
    difficulty: float
    why: str


@dataclass(frozen=True)
class Character:
    """How a simulated reviewer judges."""

    handle: str
    accuracy: float
    lean: str
    left_bias: float
    seconds_per_word: float

    def errs(self, difficulty: float, rng: Random) -> bool:
        chance = difficulty * (1.5 - self.accuracy) + (1 - self.accuracy) * 0.3
        return rng.random() < min(chance, 0.9)


@dataclass(frozen=True)
class SimulatedReviewer:
    member_id: int
    character: Character


def review_until_nothing_left(
    *,
    queue_id: int,
    rubric: RubricFacts,
    reviewers: Sequence[SimulatedReviewer],
    truths: Mapping[str, Truth],
    start: datetime,
    rng: Random,
) -> datetime:
    """Let the reviewers take batches by turns; when the last one was done."""
    clock = start
    waiting = list(reviewers)
    while waiting:
        reviewer = waiting.pop(0)
        try:
            batch = deal_batch(
                queue_id=queue_id,
                reviewer_id=reviewer.member_id,
                now=clock,
                seed=f"{rng.getrandbits(128):032x}",
            )
        except NothingLeft:
            continue
        clock = _judge(batch, rubric, reviewer.character, truths, clock, rng)
        clock += timedelta(minutes=rng.uniform(20, 160))
        waiting.append(reviewer)
    return clock


def _judge(
    batch: UUID,
    rubric: RubricFacts,
    character: Character,
    truths: Mapping[str, Truth],
    clock: datetime,
    rng: Random,
) -> datetime:
    """Judge a whole batch; when it was done."""
    given = Assignment.objects.filter(
        batch=Batch.objects.get(public_id=batch)
    ).select_related("item")
    for assignment in given.order_by("position"):
        truth = truths[assignment.item.external_id]
        seconds = _seconds(assignment.item.content, character, rng)
        clock += timedelta(seconds=seconds)
        order = assignment.response_order
        submission = Submission(
            answers=tuple(
                _answer(criterion, truth, character, order, rng)
                for criterion in rubric.criteria
                if criterion.is_required or criterion.key in truth.ratings
            ),
            comment="",
            active_seconds=seconds,
            typed={},
        )
        submit_judgment(hand=_hand(assignment, batch), submission=submission, now=clock)
    return clock


def _hand(assignment: Assignment, batch: UUID) -> Hand:
    return Hand(
        assignment_id=assignment.pk,
        public_id=assignment.public_id,
        batch_id=assignment.batch_id or 0,
        batch=batch,
        rubric_version_id=assignment.rubric_version_id,
        response_order=tuple(assignment.response_order),
        status=assignment.status,
        leased_until=assignment.leased_until,
    )


def _seconds(content: Any, character: Character, rng: Random) -> int:
    words = len(str(content).split())
    spread = rng.lognormvariate(0, 0.3)
    return min(240, int(SECONDS_FLOOR + words * character.seconds_per_word * spread))


def _answer(
    criterion: CriterionFacts,
    truth: Truth,
    character: Character,
    order: Sequence[int],
    rng: Random,
) -> Answer:
    right = truth.ratings.get(criterion.key, [])
    value = right
    if character.errs(truth.difficulty, rng):
        value = _wrong(criterion, right, character, rng)
    displayed = _as_displayed(criterion, value, order)
    if criterion.level == Level.PAIRWISE and rng.random() < character.left_bias:
        displayed = PLACES[0]
    asked = {one.value for one in criterion.options if one.requires_rationale}
    if value not in asked if isinstance(value, str) else not asked.intersection(value):
        return Answer(criterion, displayed)
    rationale = truth.why if value == right else "This goes further than it may."
    return Answer(criterion, displayed, rationale)


def _wrong(
    criterion: CriterionFacts, right: Any, character: Character, rng: Random
) -> Any:
    values = list(criterion.values)
    if criterion.level == Level.MULTI_LABEL:
        # Something is overseen, or something is seen that is not there.
        return right[1:] if right else [rng.choice(values)]
    if criterion.level == Level.ORDINAL:
        place = values.index(right)
        step = LEAN[character.lean] or rng.choice((-1, 1))
        if not 0 <= place + step < len(values):
            step = -step
        return values[place + step]
    return rng.choice([value for value in values if value != right])


def _as_displayed(criterion: CriterionFacts, value: Any, order: Sequence[int]) -> Any:
    if criterion.level != Level.PAIRWISE or value not in SIDE_NAMES:
        return value
    return PLACES[list(order).index(SIDE_NAMES.index(value))]
