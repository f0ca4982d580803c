"""What a judgment is asked, of an item or of each step of it, ready to be laid out."""

from collections.abc import Collection
from dataclasses import dataclass

from django import forms

from labeling.formats.field_names import rationale_name, value_name
from labeling.forms.fields import Choice
from labeling.queries.rubrics import CriterionFacts, Level, OptionFacts, RubricFacts
from labeling.services.judgments import PLACES
from reviews.queries.presentations import SIDE_NAMES


@dataclass(frozen=True)
class Asked:
    """A criterion as it is asked: of the item, or of one step of a trace."""

    criterion: CriterionFacts
    # 0: of the item.
    step: int = 0

    @property
    def name(self) -> str:
        return value_name(self.criterion.key, self.step)

    @property
    def rationale(self) -> str:
        return rationale_name(self.criterion.key, self.step)


@dataclass(frozen=True)
class AskedOnlyIf:
    """An earlier question and the answers to it after which this one is asked."""

    # The name of its field.
    field: str
    is_of_step: bool
    values: tuple[str, ...]
    title: str
    words: str

    @property
    def joined(self) -> str:
        """One value a line: a value may hold spaces."""
        return "\n".join(self.values)


@dataclass(frozen=True)
class Question:
    """One criterion of the form, ready to be laid out."""

    criterion: CriterionFacts
    # Of a trace, where it is asked for each; 0: of the item.
    step: int
    field: forms.BoundField
    rationale: forms.BoundField | None
    choices: tuple[Choice, ...]
    condition: AskedOnlyIf | None

    @property
    def is_many(self) -> bool:
        return self.criterion.level == Level.MULTI_LABEL

    @property
    def shows_rationale(self) -> bool:
        if self.rationale is None:
            return False
        # Open for every step, reasons would hide the steps: it opens with an answer.
        return bool(
            (self.criterion.rationale == "required" and not self.step)
            or self.rationale.errors
            or self.rationale.value()
            or any(c.is_chosen and c.option.requires_rationale for c in self.choices)
        )


@dataclass(frozen=True)
class StepQuestions:
    """One criterion that is asked for each step of a trace."""

    criterion: CriterionFacts
    steps: tuple[Question, ...]
    condition: AskedOnlyIf | None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The options that all of its steps have."""
        return self.steps[0].choices


def asked_of(rubric: RubricFacts, n_steps: int) -> tuple[Asked, ...]:
    """In the order of the rubric; without steps everything is asked once."""
    return tuple(
        Asked(criterion, step)
        for criterion in rubric.criteria
        for step in _steps(criterion, n_steps)
    )


def _steps(criterion: CriterionFacts, n_steps: int) -> Collection[int]:
    return range(1, n_steps + 1) if criterion.is_per_step and n_steps else (0,)


def waited_for(rubric: RubricFacts, asked: Asked) -> Asked | None:
    """What a criterion waits for: of the same step, where that is asked for each."""
    if asked.criterion.only_if is None:
        return None
    earlier = rubric.criterion(asked.criterion.only_if.criterion)
    if earlier is None:
        return None
    return Asked(earlier, asked.step if earlier.is_per_step else 0)


def condition_of(rubric: RubricFacts, asked: Asked) -> AskedOnlyIf | None:
    waits_for, earlier = asked.criterion.only_if, waited_for(rubric, asked)
    if waits_for is None or earlier is None:
        return None
    found = earlier.criterion
    titles = [one.title for one in found.options if one.value in waits_for.values]
    return AskedOnlyIf(
        field=earlier.name,
        is_of_step=bool(earlier.step),
        values=waits_for.values,
        title=found.title,
        words=" or ".join(titles),
    )


def options_of(
    criterion: CriterionFacts, n_responses: int
) -> list[tuple[str, OptionFacts]]:
    """Form values and options: of a pair, the value is the place on the screen.

    None where the item has more or fewer responses than the rubric compares: a
    side of the screen would have no value on the scale.
    """
    pairs = [(option.value, option) for option in criterion.options]
    if criterion.level != Level.PAIRWISE:
        return pairs
    if sum(value in SIDE_NAMES for value, _ in pairs) != n_responses:
        return []
    return [
        (PLACES[SIDE_NAMES.index(value)] if value in SIDE_NAMES else value, option)
        for value, option in pairs
    ]
