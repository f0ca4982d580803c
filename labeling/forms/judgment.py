"""The form of a judgment, made from a rubric: plain, with no default choice."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms

from labeling.formats.findings import (
    LONGEST_CORRECTION,
    LONGEST_TAG,
    MOST_TAGS,
    Findings,
    FindingsRefused,
)
from labeling.formats.typed_findings import read_findings
from labeling.forms.fields import (
    TEXT_LIMIT,
    Choice,
    choices_of,
    field_for,
    listed,
    plain_number,
)
from labeling.queries.bench import OfferedMode, Typed
from labeling.queries.rubrics import CriterionFacts, Level, OptionFacts, RubricFacts
from labeling.services.findings import check_findings
from labeling.services.judgments import PLACES, Answer, Submission
from reviews.queries.presentations import SIDE_NAMES

TAGS_LIMIT = MOST_TAGS * (LONGEST_TAG + 2)
LONGEST_SITTING = 24 * 3600
REVISED = "REVISE"
DISPOSITIONS = (
    ("APPROVE", "Approve", "It may go out as it is."),
    ("REJECT", "Reject", "It must not go out."),
    (REVISED, "Revise", "It may go out as you correct it below."),
)


@dataclass(frozen=True)
class AskedOnlyIf:
    """An earlier question and the answers to it after which this one is asked."""

    criterion: str
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
        return bool(
            self.criterion.rationale == "required"
            or self.rationale.errors
            or self.rationale.value()
            or any(c.is_chosen and c.option.requires_rationale for c in self.choices)
        )


@dataclass(frozen=True)
class DispositionChoice:
    value: str
    title: str
    meaning: str
    is_chosen: bool

    @property
    def asks_for_correction(self) -> bool:
        return self.value == REVISED


@dataclass(frozen=True)
class OfferedChoice:
    name: str
    meaning: str
    is_chosen: bool


class JudgmentForm(forms.Form):
    """The criteria of a rubric version over the responses of one item."""

    comment = forms.CharField(
        required=False,
        max_length=TEXT_LIMIT,
        label="Comment",
        widget=forms.Textarea(attrs={"rows": 2, "class": "input"}),
    )
    could_tell = forms.BooleanField(required=False, label="I could tell who wrote this")
    tags = forms.CharField(
        required=False,
        max_length=TAGS_LIMIT,
        label="What went wrong",
        help_text="In words of your own, with commas between: wrong date, invented fact",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    # Names of failure modes. What a lead renamed or withheld meanwhile still counts.
    offered = forms.Field(required=False, widget=forms.SelectMultiple())
    spans = forms.CharField(required=False, widget=forms.HiddenInput())
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
        authority: Collection[str] = (),
        offered: Sequence[OfferedMode] = (),
    ) -> None:
        # Ids are new each time: htmx gives the focus back to the id that had it,
        # which after a swap is a field of another item.
        self.token = token or secrets.token_hex(4)
        super().__init__(data=_as_data(rubric, typed), auto_id=f"q{self.token}_%s")
        self.rubric = rubric
        self.n_responses = n_responses
        self.modes = offered
        self.fields.update(_fields_of(rubric, n_responses))
        if any(value in authority for value, _, _ in DISPOSITIONS):
            self.fields["disposition"] = _disposition_field(authority)
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
            condition=_condition(self.rubric, criterion),
        )

    @property
    def disposition_choices(self) -> list[DispositionChoice]:
        """Empty where the queue grants none."""
        if "disposition" not in self.fields:
            return []
        field = self["disposition"]
        granted = dict(self.fields["disposition"].choices)  # type: ignore[attr-defined]
        return [
            DispositionChoice(value, title, meaning, field.value() == value)
            for value, title, meaning in DISPOSITIONS
            if value in granted
        ]

    @property
    def corrections(self) -> list[forms.BoundField]:
        places = range(1, self.n_responses + 1)
        return [self[_correction(place)] for place in places]

    @property
    def offered_choices(self) -> list[OfferedChoice]:
        """By name; also what was chosen while it was offered."""
        chosen = listed(self["offered"].value())
        meanings = {mode.name: mode.description for mode in self.modes}
        return [
            OfferedChoice(name, meanings.get(name, ""), name in chosen)
            for name in dict.fromkeys((*meanings, *filter(None, chosen)))
        ]

    @property
    def shows_findings(self) -> bool:
        fields = [self["tags"], self["offered"], *self.corrections]
        return any(field.errors or field.value() for field in fields)

    def clean(self) -> dict[str, Any]:
        for criterion in self.rubric.criteria:
            if not self._is_asked(criterion):
                self._leave_out(criterion)
                continue
            if criterion.is_required and self._displayed(criterion) in (None, []):
                self._miss(criterion)
            self._check_rationale(criterion)
        self._check_revised()
        return self.cleaned_data

    def _check_revised(self) -> None:
        names = [_correction(place) for place in range(1, self.n_responses + 1)]
        is_corrected = any(self.cleaned_data.get(name) for name in names)
        has_error = any(name in self.errors for name in names)
        if self.cleaned_data.get("disposition") != REVISED or is_corrected or has_error:
            return
        self.add_error(names[0], "Revise means: give the text as it should be.")

    def _is_asked(self, criterion: CriterionFacts) -> bool:
        """Whether what it waits for was answered; it looks back only."""
        waits_for = criterion.only_if
        if waits_for is None:
            return True
        given = self.cleaned_data.get(f"value-{waits_for.criterion}")
        return given is not None and waits_for.is_met(given)

    def _leave_out(self, criterion: CriterionFacts) -> None:
        """What stands in a question that is not asked is no answer."""
        for name in (_name(criterion), _rationale(criterion)):
            self.cleaned_data.pop(name, None)
            self.errors.pop(name, None)

    def _miss(self, criterion: CriterionFacts) -> None:
        name = _name(criterion)
        if criterion.only_if is not None and name not in self.errors:
            self.add_error(name, self.fields[name].error_messages["required"])

    def _check_rationale(self, criterion: CriterionFacts) -> None:
        chosen = self.cleaned_data.get(_name(criterion))
        given = chosen if isinstance(chosen, list) else [chosen]
        asks = {
            value
            for value, option in _options(criterion, self.n_responses)
            if option.requires_rationale
        }
        name = _rationale(criterion)
        reason = self.cleaned_data.get(name, "")
        is_answered = chosen not in (None, "", [])
        if name not in self.fields or name in self.errors:
            return
        if not reason and asks.intersection(given):
            self.add_error(name, "This choice needs a reason.")
        elif not reason and is_answered and criterion.rationale == "required":
            self.add_error(name, "Give your reason: it is asked for here.")
        elif _is_number(reason):
            self.add_error(name, "Give the reason in words.")

    def takes_findings(self, assignment_id: int) -> bool:
        """Whether what was found can be kept; where not, the form says why."""
        try:
            check_findings(assignment_id=assignment_id, findings=self._findings())
        except FindingsRefused as refused:
            for part, message in refused.faults:
                self.add_error(
                    _correction(1) if part == "corrections" else part, message
                )
        return not self.errors

    def _findings(self) -> Findings:
        corrections = {
            place: self.cleaned_data[_correction(place)]
            for place in range(1, self.n_responses + 1)
        }
        return read_findings(
            tags=self.cleaned_data["tags"],
            offered=listed(self.cleaned_data["offered"]),
            corrections=corrections,
            spans=self.cleaned_data["spans"],
        )

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
            findings=self._findings(),
            disposition=self.cleaned_data.get("disposition", ""),
        )

    def typed(self) -> dict[str, list[str]]:
        """Every field as it came in, for a draft: also what is not valid (yet)."""
        found = {name: listed(self.data.get(name)) for name in self.fields}
        return {name: values for name, values in found.items() if any(values)}

    def _displayed(self, criterion: CriterionFacts) -> Any:
        """The value for storage; None where an optional question is left open."""
        value = self.cleaned_data.get(_name(criterion))
        if not self._is_asked(criterion):
            return None
        if criterion.level == Level.MULTI_LABEL and value is not None:
            # In the order of the rubric; no label is an answer too.
            return [label for label in criterion.values if label in value]
        if criterion.level == Level.INTERVAL:
            return plain_number(value)
        return value or None


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


def _disposition_field(authority: Collection[str]) -> forms.Field:
    return forms.ChoiceField(
        choices=[
            (value, title) for value, title, _ in DISPOSITIONS if value in authority
        ],
        label="Decision",
        error_messages={"required": "Decide on it."},
        widget=forms.RadioSelect,
    )


@lru_cache(maxsize=256)
def _fields_of(rubric: RubricFacts, n_responses: int) -> dict[str, forms.Field]:
    """Made once for all forms alike: no form changes its fields."""
    fields: dict[str, forms.Field] = {}
    for criterion in rubric.criteria:
        options = _options(criterion, n_responses)
        fields[_name(criterion)] = field_for(criterion, options)
        if criterion.level != Level.TEXT and criterion.rationale != "never":
            fields[_rationale(criterion)] = _rationale_field()
    for place in range(1, n_responses + 1):
        fields[_correction(place)] = _correction_field(place, n_responses)
    return fields


def _condition(rubric: RubricFacts, criterion: CriterionFacts) -> AskedOnlyIf | None:
    if criterion.only_if is None:
        return None
    earlier = rubric.criterion(criterion.only_if.criterion)
    if earlier is None:
        return None
    values = criterion.only_if.values
    titles = [one.title for one in earlier.options if one.value in values]
    return AskedOnlyIf(earlier.key, values, earlier.title, " or ".join(titles))


def _correction_field(place: int, n_responses: int) -> forms.Field:
    of = f" of response {SIDE_NAMES[place - 1]}" if n_responses > 1 else ""
    return forms.CharField(
        required=False,
        max_length=LONGEST_CORRECTION,
        label=f"Corrected text{of}",
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
    )


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


def _correction(place: int) -> str:
    return f"correction-{place}"


def _as_data(rubric: RubricFacts, typed: Typed | None) -> dict[str, Any] | None:
    """Lists of strings as the widgets of this rubric want them."""
    if typed is None:
        return None
    many = {_name(c) for c in rubric.criteria if c.level == Level.MULTI_LABEL}
    many.add("offered")
    return {
        name: list(values) if name in many else values[-1]
        for name, values in typed.items()
        if values
    }
