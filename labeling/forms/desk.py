"""What an adjudicator decides."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from labeling.forms.fields import (
    TEXT_LIMIT,
    Choice,
    choices_of,
    field_for,
    plain_number,
)
from labeling.queries.disputes import CAUSES
from labeling.queries.rubrics import CriterionFacts, Level


def _causes() -> list[tuple[str, str]]:
    return [(cause, gettext(words).capitalize()) for cause, words in CAUSES]


class AdjudicationForm(forms.Form):
    """The adjudicator's decision on one criterion, in canonical order."""

    reason = forms.CharField(
        max_length=TEXT_LIMIT,
        label=_("Why"),
        error_messages={
            "required": _("Say why: the decision is kept with its reason.")
        },
        widget=forms.Textarea(attrs={"rows": 3, "class": "input"}),
    )
    cause = forms.ChoiceField(
        choices=_causes,
        label=_("What caused the dispute"),
        error_messages={"required": _("Say what caused the dispute.")},
        widget=forms.RadioSelect,
    )
    guideline_gap = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Guideline gap"),
        help_text=_(
            "What the guidelines do not say and should. It is listed with the rubric."
        ),
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
