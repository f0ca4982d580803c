"""Simulated reviewers: people that the sample project makes up, and marks as such.

They go the way of everybody else: a batch is dealt to them, they judge what it
holds through the same service, and they err with a character of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Self
from uuid import UUID

from labeling.models import Level
from labeling.queries.rubrics import CriterionFacts, RubricFacts
from labeling.services.guesses import make_guess
from labeling.services.judgments import (
    PLACES,
    Answer,
    Submission,
    displayed_value,
    submit_judgment,
)
from reviews.models import Assignment, Batch, Slot, SlotState
from reviews.queries.presentations import Hand
from reviews.services.batches import NothingLeft, deal_batch

LEAN = {"lenient": 1, "strict": -1, "none": 0}
# Of a tenth of the items somebody is asked who wrote it, and mostly cannot tell.
ASKED, UNSURE = 0.1, 0.3
TOLD = 0.02
# A difference of kind is missed so much less often than one of degree.
MISSED = 0.4
# Places of a batch before which nobody tires.
FRESH = 5
# Of wrong choices among options without an order, those for the first other one.
USUAL = 0.7
SECONDS_FLOOR = 8


@dataclass(frozen=True)
class Truth:
    """What the author of the sample holds to be right about one item."""

    ratings: Mapping[str, Any]
    difficulty: float
    why: str
    # Criterion: what careful people say instead, and how many of them, because the
    # rubric does not decide it.
    unclear: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Character:
    """How a simulated reviewer judges."""

    handle: str
    accuracy: float
    # In the last days of the sample.
    accuracy_lately: float
    # How much likelier an error is with each place of a batch, once that is long.
    tires: float
    lean: str
    left_bias: float
    seconds_per_word: float

    def errs(self, difficulty: float, place: int, opinion: Random) -> bool:
        chance = difficulty * (1.5 - self.accuracy) + (1 - self.accuracy) * 0.3
        return opinion.random() < min(chance + self.tires * max(0, place - FRESH), 0.9)

    def lately(self) -> Self:
        return replace(self, accuracy=self.accuracy_lately)


@dataclass(frozen=True)
class SimulatedReviewer:
    member_id: int
    character: Character

    def lately(self) -> Self:
        return replace(self, character=self.character.lately())


@dataclass(frozen=True)
class View:
    """One reviewer before one item."""

    character: Character
    item: str
    place: int
    order: Sequence[int]

    def opinion(self, criterion: str) -> Random:
        """What comes back when they see it again, so that they mostly repeat it."""
        return Random(f"{self.character.handle}/{self.item}/{criterion}")


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
    open_slots = Slot.objects.filter(queue_id=queue_id, state=SlotState.OPEN)
    while waiting and open_slots.exists():
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
        clock = _judge(batch.public_id, rubric, reviewer.character, truths, clock, rng)
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
    dealt = Batch.objects.get(public_id=batch)
    given = dealt.assignments.select_related("item", "queue")
    for assignment in given.order_by("position"):
        truth = truths[assignment.item.external_id]
        seconds = _seconds(assignment.item.content, character, rng)
        clock += timedelta(seconds=seconds)
        view = View(
            character,
            assignment.item.external_id,
            assignment.position,
            assignment.response_order,
        )
        submission = Submission(
            answers=tuple(
                _answer(criterion, truth, view, rng)
                for criterion in rubric.criteria
                if criterion.is_required or criterion.key in truth.ratings
            ),
            comment="",
            active_seconds=seconds,
            typed={},
            could_tell=rng.random() < TOLD,
        )
        submit_judgment(hand=_hand(assignment, dealt), submission=submission, now=clock)
        _guess(assignment, clock, rng)
    return clock


def _guess(assignment: Assignment, clock: datetime, rng: Random) -> None:
    systems = assignment.queue.guess_systems
    if not systems or rng.random() > ASKED:
        return
    make_guess(
        assignment_id=assignment.pk,
        options=systems,
        system="" if rng.random() < UNSURE else rng.choice(systems),
        clue="",
        now=clock,
    )


def _hand(assignment: Assignment, batch: Batch) -> Hand:
    return Hand(
        assignment_id=assignment.pk,
        public_id=assignment.public_id,
        batch_id=batch.pk,
        batch=batch.public_id,
        rubric_version_id=assignment.rubric_version_id,
        response_order=tuple(assignment.response_order),
        status=assignment.status,
        leased_until=assignment.leased_until,
        project_id=assignment.queue.project_id,
        queue_title=assignment.queue.title,
        is_plain=assignment.queue.plain_text,
        authority=tuple(assignment.queue.authority),
    )


def _seconds(content: Any, character: Character, rng: Random) -> int:
    words = len(str(content).split())
    spread = rng.lognormvariate(0, 0.3)
    return min(240, int(SECONDS_FLOOR + words * character.seconds_per_word * spread))


def _answer(
    criterion: CriterionFacts,
    truth: Truth,
    view: View,
    rng: Random,
) -> Answer:
    right = truth.ratings.get(criterion.key, [])
    opinion = view.opinion(criterion.key)
    value = _preferred(right, truth.unclear.get(criterion.key, {}), opinion)
    errs = view.character.errs(truth.difficulty, view.place, opinion)
    if criterion.level in (Level.NOMINAL, Level.MULTI_LABEL):
        errs = errs and opinion.random() < MISSED
    if errs:
        value = _wrong(criterion, right, view.character, opinion)
    displayed = displayed_value(criterion.level, value, view.order)
    if criterion.level == Level.PAIRWISE and rng.random() < view.character.left_bias:
        displayed = PLACES[0]
    asked = {one.value for one in criterion.options if one.requires_rationale}
    if value not in asked if isinstance(value, str) else not asked.intersection(value):
        return Answer(criterion, displayed)
    rationale = truth.why if value == right else "This goes further than it may."
    return Answer(criterion, displayed, rationale)


def _preferred(right: Any, rivals: Mapping[str, float], opinion: Random) -> Any:
    for value, share in rivals.items():
        if opinion.random() < share:
            return value
    return right


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
    others = [value for value in values if value != right]
    return others[0] if rng.random() < USUAL else rng.choice(others)
