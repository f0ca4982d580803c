"""Forms made from a rubric: plain ones, with no default choice."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from labeling.queries.bench import Typed
from labeling.queries.disputes import CAUSES
from labeling.queries.rubrics import CriterionFacts, Level, OptionFacts, RubricFacts
from labeling.services.judgments import PLACES, Answer, Submission
from reviews.queries.presentations import SIDE_NAMES

TEXT_LIMIT = 20_000
LONGEST_SITTING = 24 * 3600


@dataclass(frozen=True)
class Choice:
    """One option of a criterion as it stands on the screen."""

    id: str
    value: str
    option: OptionFacts
    # The digit that chooses it; "" beyond the ninth.
    key: str
    is_chosen: bool


@dataclass(frozen=True)
class Question:
    """One criterion of the form, ready to be laid out."""

    criterion: CriterionFacts
    field: forms.BoundField
    rationale: forms.BoundField | None
    choices: tuple[Choice, ...]

    @property
    def is_many(self) -> bool:
        return self.criterion.level == Level.MULTI_LABEL

    @property
    def shows_rationale(self) -> bool:
        if self.rationale is None:
            return False
        return bool(
            self.rationale.errors
            or self.rationale.value()
            or any(c.is_chosen and c.option.requires_rationale for c in self.choices)
        )


class JudgmentForm(forms.Form):
    """The criteria of a rubric version over the responses of one item."""

    comment = forms.CharField(
        required=False,
        max_length=TEXT_LIMIT,
        label="Comment",
        widget=forms.Textarea(attrs={"rows": 2, "class": "input"}),
    )
    could_tell = forms.BooleanField(required=False, label="I could tell who wrote this")
    active_seconds = forms.IntegerField(
        required=False, min_value=0, widget=forms.HiddenInput()
    )

    def __init__(
        self,
        rubric: RubricFacts,
        n_responses: int,
        typed: Typed | None = None,
        draft: Typed | None = None,
        token: str | None = None,
    ) -> None:
        # Ids are new each time: htmx gives the focus back to the id that had it,
        # which after a swap is a field of another item.
        self.token = token or secrets.token_hex(4)
        super().__init__(data=_as_data(rubric, typed), auto_id=f"q{self.token}_%s")
        self.rubric = rubric
        self.n_responses = n_responses
        for criterion in rubric.criteria:
            self.fields[_name(criterion)] = field_for(
                criterion, _options(criterion, n_responses)
            )
            if criterion.level != Level.TEXT:
                self.fields[_rationale(criterion)] = _rationale_field()
        self.initial = _as_data(rubric, draft) or {}

    @property
    def questions(self) -> list[Question]:
        return [self._question(criterion) for criterion in self.rubric.criteria]

    def _question(self, criterion: CriterionFacts) -> Question:
        rationale = _rationale(criterion)
        return Question(
            criterion=criterion,
            field=self[_name(criterion)],
            rationale=self[rationale] if rationale in self.fields else None,
            choices=choices_of(
                self[_name(criterion)], _options(criterion, self.n_responses)
            ),
        )

    def clean(self) -> dict[str, Any]:
        for criterion in self.rubric.criteria:
            chosen = self.cleaned_data.get(_name(criterion))
            asks = {
                value
                for value, option in _options(criterion, self.n_responses)
                if option.requires_rationale
            }
            given = chosen if isinstance(chosen, list) else [chosen]
            name = _rationale(criterion)
            if asks.intersection(given) and not self.cleaned_data.get(name):
                self.add_error(name, "This choice needs a reason.")
            elif _is_number(self.cleaned_data.get(name, "")):
                self.add_error(name, "Give the reason in words.")
        return self.cleaned_data

    def submission(self) -> Submission:
        seconds = self.cleaned_data["active_seconds"]
        return Submission(
            answers=tuple(
                Answer(
                    criterion,
                    displayed,
                    self.cleaned_data.get(_rationale(criterion), ""),
                )
                for criterion in self.rubric.criteria
                if (displayed := self._displayed(criterion)) is not None
            ),
            comment=self.cleaned_data["comment"],
            active_seconds=None if seconds is None else min(seconds, LONGEST_SITTING),
            typed=self.typed(),
            could_tell=self.cleaned_data["could_tell"],
        )

    def typed(self) -> dict[str, list[str]]:
        """Every field as it came in, for a draft: also what is not valid (yet)."""
        found = {name: _listed(self.data.get(name)) for name in self.fields}
        return {name: values for name, values in found.items() if any(values)}

    def _displayed(self, criterion: CriterionFacts) -> Any:
        """The value for storage; None where an optional question is left open."""
        value = self.cleaned_data[_name(criterion)]
        if criterion.level == Level.MULTI_LABEL:
            # In the order of the rubric; no label is an answer too.
            return [label for label in criterion.values if label in value]
        if criterion.level == Level.INTERVAL:
            return plain_number(value)
        return value or None


class SkipForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        label="Why can you not judge this item?",
        error_messages={"required": "Say why you skip this item."},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


class AdjudicationForm(forms.Form):
    """The adjudicator's decision on one criterion, in canonical order."""

    reason = forms.CharField(
        max_length=TEXT_LIMIT,
        label="Why",
        error_messages={"required": "Say why: the decision is kept with its reason."},
        widget=forms.Textarea(attrs={"rows": 3, "class": "input"}),
    )
    cause = forms.ChoiceField(
        choices=[(cause, words.capitalize()) for cause, words in CAUSES],
        label="What caused the dispute",
        error_messages={"required": "Say what caused the dispute."},
        widget=forms.RadioSelect,
    )
    guideline_gap = forms.CharField(
        required=False,
        max_length=2000,
        label="Guideline gap",
        help_text="What the guidelines do not say and should. It is listed with the "
        "rubric.",
        widget=forms.Textarea(attrs={"rows": 1, "class": "input"}),
    )

    def __init__(
        self, criterion: CriterionFacts, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data=data)
        self.criterion = criterion
        self.options = [(option.value, option) for option in criterion.options]
        self.fields["value"] = field_for(criterion, self.options)
        self.fields["value"].required = criterion.level != Level.MULTI_LABEL

    @property
    def choices(self) -> tuple[Choice, ...]:
        return choices_of(self["value"], self.options)

    def decision(self) -> dict[str, Any]:
        names = ("value", "reason", "cause", "guideline_gap")
        given = {name: self.cleaned_data[name] for name in names}
        if self.criterion.level == Level.INTERVAL:
            given["value"] = plain_number(given["value"])
        return given


def field_for(
    criterion: CriterionFacts, options: list[tuple[str, OptionFacts]]
) -> forms.Field:
    field = _bare_field(criterion, options)
    field.label = criterion.title
    field.required = criterion.is_required
    field.error_messages["required"] = MISSING.get(
        Level(criterion.level), "Choose one."
    )
    return field


MISSING = {
    Level.TEXT: "Fill this in.",
    Level.INTERVAL: "Give a number.",
    Level.MULTI_LABEL: "Choose at least one.",
}


def _bare_field(
    criterion: CriterionFacts, options: list[tuple[str, OptionFacts]]
) -> forms.Field:
    pairs = [(value, option.title) for value, option in options]
    match criterion.level:
        case Level.TEXT:
            rows = forms.Textarea(attrs={"rows": 3, "class": "input"})
            return forms.CharField(max_length=TEXT_LIMIT, widget=rows)
        case Level.INTERVAL:
            return _number_field(criterion)
        case Level.MULTI_LABEL:
            boxes = forms.CheckboxSelectMultiple
            return forms.MultipleChoiceField(choices=pairs, widget=boxes)
        case _:
            return forms.ChoiceField(choices=pairs, widget=forms.RadioSelect)


def _number_field(criterion: CriterionFacts) -> forms.Field:
    attrs = {"class": "input", "step": str(criterion.step), "autocomplete": "off"}
    return forms.DecimalField(
        max_digits=12,
        decimal_places=4,
        min_value=criterion.minimum,
        max_value=criterion.maximum,
        widget=forms.NumberInput(attrs=attrs),
        validators=[_on_step(criterion)],
    )


def _on_step(criterion: CriterionFacts) -> Callable[[Decimal], None]:
    def check(value: Decimal) -> None:
        if not criterion.has(value):
            raise forms.ValidationError(f"Give {criterion.expected}.")

    return check


def _is_number(text: str) -> bool:
    """Digits in a reason were meant for the options below it."""
    return "".join(text.split()).isdigit()


def _rationale_field() -> forms.Field:
    return forms.CharField(
        required=False,
        max_length=TEXT_LIMIT,
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2, "class": "input"}),
    )


def choices_of(
    field: forms.BoundField, options: list[tuple[str, OptionFacts]]
) -> tuple[Choice, ...]:
    chosen = _listed(field.value())
    return tuple(
        Choice(
            id=f"{field.auto_id}-{place}",
            value=value,
            option=option,
            key=str(place) if place <= 9 else "",
            is_chosen=value in chosen,
        )
        for place, (value, option) in enumerate(options, start=1)
    )


def plain_number(value: Any) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _options(
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


def _name(criterion: CriterionFacts) -> str:
    return f"value-{criterion.key}"


def _rationale(criterion: CriterionFacts) -> str:
    return f"rationale-{criterion.key}"


def _as_data(rubric: RubricFacts, typed: Typed | None) -> dict[str, Any] | None:
    """Lists of strings as the widgets of this rubric want them."""
    if typed is None:
        return None
    many = {_name(c) for c in rubric.criteria if c.level == Level.MULTI_LABEL}
    return {
        name: list(values) if name in many else values[-1]
        for name, values in typed.items()
        if values
    }


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    # The database keeps no NUL.
    return [str(one).replace("\x00", "") for one in values]
