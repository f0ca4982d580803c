"""One criterion as a field, and its options as they stand on the screen."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from labeling.queries.rubrics import CriterionFacts, Level, OptionFacts

TEXT_LIMIT = 20_000


@dataclass(frozen=True)
class Choice:
    """One option of a criterion as it stands on the screen."""

    id: str
    value: str
    option: OptionFacts
    # The digit that chooses it; "" beyond the ninth.
    key: str
    is_chosen: bool


def field_for(
    criterion: CriterionFacts, options: list[tuple[str, OptionFacts]]
) -> forms.Field:
    field = _bare_field(criterion, options)
    field.label = criterion.title
    # One that waits for another is asked for by the form, which knows the other.
    field.required = criterion.is_required and criterion.only_if is None
    field.error_messages["required"] = MISSING.get(
        Level(criterion.level), _("Choose one.")
    )
    return field


MISSING = {
    Level.TEXT: _("Fill this in."),
    Level.INTERVAL: _("Give a number."),
    Level.MULTI_LABEL: _("Choose at least one."),
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
            raise forms.ValidationError(
                _("Give a number from %(least)s to %(most)s in steps of %(step)s.")
                % criterion.range_in_words
            )

    return check


def choices_of(
    field: forms.BoundField, options: list[tuple[str, OptionFacts]]
) -> tuple[Choice, ...]:
    chosen = listed(field.value())
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


def listed(value: Any) -> list[str]:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    # The database keeps no NUL.
    return [str(one).replace("\x00", "") for one in values]
