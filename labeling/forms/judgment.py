"""The form of a judgment, made from a rubric: plain, with no default choice."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

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
    choices_of,
    field_for,
    listed,
    plain_number,
)
from labeling.forms.questions import (
    Asked,
    Question,
    StepQuestions,
    asked_of,
    condition_of,
    options_of,
    waited_for,
)
from labeling.queries.bench import OfferedMode, Typed
from labeling.queries.rubrics import Level, RubricFacts
from labeling.services.findings import check_findings
from labeling.services.judgments import Answer, Submission
from reviews.queries.presentations import SIDE_NAMES

TAGS_LIMIT = MOST_TAGS * (LONGEST_TAG + 2)
LONGEST_SITTING = 24 * 3600
REVISED = "REVISE"
DISPOSITIONS = (
    ("APPROVE", _("Approve"), _("It may go out as it is.")),
    ("REJECT", _("Reject"), _("It must not go out.")),
    (REVISED, _("Revise"), _("It may go out as you correct it below.")),
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
    """The criteria of a rubric version over the responses of one item.

    It declares no fields: Django copies those for every form (see `_layout`).
    """

    def __init__(
        self,
        rubric: RubricFacts,
        n_responses: int,
        typed: Typed | None = None,
        draft: Typed | None = None,
        token: str | None = None,
        authority: Collection[str] = (),
        offered: Sequence[OfferedMode] = (),
        n_steps: int = 0,
    ) -> None:
        # Ids are new each time: htmx gives the focus back to the id that had it,
        # which after a swap is a field of another item.
        self.token = token or secrets.token_hex(4)
        layout = _layout(rubric, n_responses, n_steps)
        self.asked = layout.asked
        data = _as_data(self.asked, typed)
        super().__init__(data=data, auto_id=f"q{self.token}_%s")
        self.rubric = rubric
        self.n_responses = n_responses
        self.modes = offered
        self.fields.update(layout.fields)
        if any(value in authority for value, _, _ in DISPOSITIONS):
            self.fields["disposition"] = _disposition_field(authority)
        self.initial = _as_data(self.asked, draft) or {}

    @property
    def questions(self) -> list[Question | StepQuestions]:
        """In the order of the rubric, whatever each is asked of."""
        return [
            _together([self._question(one) for one in asked])
            for _, asked in groupby(self.asked, key=lambda one: one.criterion.id)
        ]

    def _question(self, asked: Asked) -> Question:
        criterion, field = asked.criterion, self[asked.name]
        rationale = asked.rationale
        return Question(
            criterion=criterion,
            step=asked.step,
            field=field,
            rationale=self[rationale] if rationale in self.fields else None,
            choices=choices_of(field, options_of(criterion, self.n_responses)),
            condition=condition_of(self.rubric, asked),
        )

    @property
    def disposition_choices(self) -> list[DispositionChoice]:
        """Empty where the queue grants none."""
        if "disposition" not in self.fields:
            return []
        field = self["disposition"]
        granted = dict(self.fields["disposition"].choices)  # type: ignore[attr-defined]
        return [
            DispositionChoice(value, str(title), str(meaning), field.value() == value)
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
        for asked in self.asked:
            if not self._is_asked(asked):
                self._leave_out(asked)
                continue
            if asked.criterion.is_required and self._displayed(asked) in (None, []):
                self._miss(asked)
            self._check_rationale(asked)
        self._check_revised()
        return self.cleaned_data

    def _check_revised(self) -> None:
        names = [_correction(place) for place in range(1, self.n_responses + 1)]
        is_corrected = any(self.cleaned_data.get(name) for name in names)
        has_error = any(name in self.errors for name in names)
        if self.cleaned_data.get("disposition") != REVISED or is_corrected or has_error:
            return
        self.add_error(names[0], _("Revise means: give the text as it should be."))

    def _is_asked(self, asked: Asked) -> bool:
        """Whether what it waits for was answered; it looks back only."""
        waits_for = asked.criterion.only_if
        if waits_for is None:
            return True
        earlier = waited_for(self.rubric, asked)
        given = self.cleaned_data.get(earlier.name) if earlier else None
        return given is not None and waits_for.is_met(given)

    def _leave_out(self, asked: Asked) -> None:
        """What stands in a question that is not asked is no answer."""
        for name in (asked.name, asked.rationale):
            self.cleaned_data.pop(name, None)
            self.errors.pop(name, None)

    def _miss(self, asked: Asked) -> None:
        name = asked.name
        if asked.criterion.only_if is not None and name not in self.errors:
            self.add_error(name, self.fields[name].error_messages["required"])

    def _check_rationale(self, asked: Asked) -> None:
        criterion = asked.criterion
        chosen = self.cleaned_data.get(asked.name)
        given = chosen if isinstance(chosen, list) else [chosen]
        asks = {
            value
            for value, option in options_of(criterion, self.n_responses)
            if option.requires_rationale
        }
        name = asked.rationale
        reason = self.cleaned_data.get(name, "")
        is_answered = chosen not in (None, "", [])
        if name not in self.fields or name in self.errors:
            return
        if not reason and asks.intersection(given):
            self.add_error(name, _("This choice needs a reason."))
        elif not reason and is_answered and criterion.rationale == "required":
            self.add_error(name, _("Give your reason: it is asked for here."))
        elif _is_number(reason):
            self.add_error(name, _("Give the reason in words."))

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
                    asked.criterion,
                    displayed,
                    self.cleaned_data.get(asked.rationale, ""),
                    asked.step,
                )
                for asked in self.asked
                if (displayed := self._displayed(asked)) is not None
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

    def _displayed(self, asked: Asked) -> Any:
        """The value for storage; None where an optional question is left open."""
        criterion = asked.criterion
        value = self.cleaned_data.get(asked.name)
        if not self._is_asked(asked):
            return None
        if criterion.level == Level.MULTI_LABEL and value is not None:
            # In the order of the rubric; no label is an answer too.
            return [label for label in criterion.values if label in value]
        if criterion.level == Level.INTERVAL:
            return plain_number(value)
        return value or None


def _together(asked: list[Question]) -> Question | StepQuestions:
    """What is asked of one criterion."""
    first = asked[0]
    if not first.step:
        return first
    return StepQuestions(first.criterion, tuple(asked), first.condition)


def _is_number(text: str) -> bool:
    """Digits in a reason were meant for the options below it."""
    return "".join(text.split()).isdigit()


def _fields_of_any_item() -> dict[str, forms.Field]:
    return {
        "comment": forms.CharField(
            required=False,
            max_length=TEXT_LIMIT,
            label=_("Comment"),
            widget=forms.Textarea(attrs={"rows": 2, "class": "input"}),
        ),
        "could_tell": forms.BooleanField(
            required=False, label=_("I could tell who wrote this")
        ),
        "tags": forms.CharField(
            required=False,
            max_length=TAGS_LIMIT,
            label=_("What went wrong"),
            help_text=_(
                "In words of your own, with commas between: wrong date, invented fact"
            ),
            widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        ),
        # Names of failure modes. What a lead renamed or withheld meanwhile still
        # counts.
        "offered": forms.Field(required=False, widget=forms.SelectMultiple()),
        "spans": forms.CharField(required=False, widget=forms.HiddenInput()),
        "active_seconds": forms.IntegerField(
            required=False, min_value=0, widget=forms.HiddenInput()
        ),
    }


def _rationale_field() -> forms.Field:
    return forms.CharField(
        required=False,
        max_length=TEXT_LIMIT,
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 2, "class": "input"}),
    )


def _disposition_field(authority: Collection[str]) -> forms.Field:
    return forms.ChoiceField(
        choices=[
            (value, title) for value, title, _ in DISPOSITIONS if value in authority
        ],
        label=_("Decision"),
        error_messages={"required": _("Decide on it.")},
        widget=forms.RadioSelect,
    )


@dataclass(frozen=True)
class _Layout:
    asked: tuple[Asked, ...]
    fields: dict[str, forms.Field]


@lru_cache(maxsize=256)
def _layout(rubric: RubricFacts, n_responses: int, n_steps: int) -> _Layout:
    """Made once for all forms alike: no form changes its fields."""
    fields = _fields_of_any_item()
    all_asked = asked_of(rubric, n_steps)
    for asked in all_asked:
        criterion = asked.criterion
        options = options_of(criterion, n_responses)
        fields[asked.name] = field_for(criterion, options)
        if criterion.level != Level.TEXT and criterion.rationale != "never":
            fields[asked.rationale] = _rationale_field()
    for place in range(1, n_responses + 1):
        fields[_correction(place)] = _correction_field(place, n_responses)
    return _Layout(all_asked, fields)


def _correction_field(place: int, n_responses: int) -> forms.Field:
    label = _("Corrected text")
    if n_responses > 1:
        side = SIDE_NAMES[place - 1]
        label = format_lazy(_("Corrected text of response {name}"), name=side)
    return forms.CharField(
        required=False,
        max_length=LONGEST_CORRECTION,
        label=label,
        widget=forms.Textarea(attrs={"rows": 4, "class": "input"}),
    )


def _correction(place: int) -> str:
    return f"correction-{place}"


def _as_data(asked: Iterable[Asked], typed: Typed | None) -> dict[str, Any] | None:
    """Lists of strings as the widgets of these questions want them."""
    if typed is None:
        return None
    many = {one.name for one in asked if one.criterion.level == Level.MULTI_LABEL}
    many.add("offered")
    return {
        name: list(values) if name in many else values[-1]
        for name, values in typed.items()
        if values
    }
